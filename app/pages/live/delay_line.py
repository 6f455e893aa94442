"""Of a detector: how long after the end of an action it tells of it, tested and measured now."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.tasks import Task
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.evaluation.detection_test import Delay, kept_detection_test
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.recognition.kinds import is_detector
from fsamt_engine.recognition.state import LiveDelay

translate = QCoreApplication.translate


class DelayLine(QWidget):
    """A line that is there only where a detector watches."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model_id = ""
        self._tested: Delay | None = None
        self._now: LiveDelay | None = None
        self._tasks: list[Task] = []
        self.words = label(quiet=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.words, 1)
        self.hide()

    def show_model(self, library: Library, model: ModelRecord) -> None:
        """Another model is chosen; what its test found is read in the background."""
        self.setVisible(is_detector(model))
        if not is_detector(model) or model.id == self._model_id:
            return
        self._model_id, self._tested, self._now = model.id, None, None

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Delay | None:
            test = kept_detection_test(library, model)
            return test.delay if test is not None else None

        task = Task(self.tr("Reading the detector's test"), work, self)
        task.finished.connect(lambda delay: self._show_tested(model.id, delay))
        task.ended.connect(lambda: self._ended(task))
        self._tasks.append(task)
        task.start()
        self._write()

    def show_delay(self, delay: LiveDelay | None) -> None:
        """What is measured now."""
        if delay != self._now:
            self._now = delay
            self._write()

    def let_go(self) -> None:
        """Let go of the library."""
        for task in self._tasks:
            task.wait(60_000)
        self._model_id = ""
        self.hide()

    def _ended(self, task: Task) -> None:
        self._tasks.remove(task)
        task.retire()

    def _show_tested(self, model_id: str, delay: Delay | None) -> None:
        if model_id == self._model_id:
            self._tested = delay
            self._write()

    def _write(self) -> None:
        said = delay_words(self._tested, self._now)
        self.words.setText(said)
        tip = delay_explanation(self._tested, self._now)
        self.setToolTip(tip)
        self.setAccessibleName(said)
        self.setAccessibleDescription(tip)


def delay_words(tested: Delay | None, now: LiveDelay | None) -> str:
    """When a detector tells, in one line."""
    parts = [translate("Live", "Told after an action's end")]
    if tested is not None:
        parts.append(
            translate("Live", "in its test {median:.1f} s (9 of 10 within {most:.1f} s)").format(
                median=tested.median_s, most=tested.ninety_s
            )
        )
    else:
        parts.append(translate("Live", "how long after was not tested"))
    if now is not None:
        parts.append(
            translate("Live", "here {median:.1f} s (9 of 10 within {most:.1f} s)").format(
                median=now.median_s, most=now.most_s
            )
        )
    else:
        parts.append(translate("Live", "here: none told yet"))
    return " · ".join(parts)


def delay_explanation(tested: Delay | None, now: LiveDelay | None) -> str:
    """The same in sentences, with what each number rests on."""
    parts = [
        translate(
            "Live",
            "A detector knows where an action began and ended only some time after it is over: "
            "frames have to follow before it is sure.",
        )
    ]
    if tested is not None:
        parts.append(
            translate(
                "Live",
                "In its test half of {n} actions were known {median:.2f} s after the end that a "
                "person labelled, and 9 of 10 within {most:.2f} s; the time to compute came on "
                "top. {missed} of {all} labelled actions were not told at all.",
            ).format(
                n=tested.n_told,
                median=tested.median_s,
                most=tested.ninety_s,
                missed=tested.n_truth - tested.n_told,
                all=tested.n_truth,
            )
        )
    if now is not None:
        parts.append(
            translate(
                "Live",
                "Here half of {n} were known {median:.2f} s after the end that it told itself: "
                "{waiting:.2f} s until enough frames had come, {computing:.2f} s from the newest "
                "frame's exposure to the result.",
            ).format(
                n=now.n,
                median=now.median_s,
                waiting=now.waiting_s,
                computing=now.computing_s,
            )
        )
    return "\n\n".join(parts)
