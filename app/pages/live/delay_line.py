"""Of a detector: how long after the end of an action it tells of it, tested and measured now."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.tasks import Task
from app.widgets.buttons import label
from fsamt_engine.evaluation.detection_test import Delay, kept_detection_test
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.recognition.kinds import is_detector
from fsamt_engine.recognition.state import LiveDelay

translate = QCoreApplication.translate


class DelayLine(QWidget):
    """Two lines that are there only where a detector watches."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model_id = ""
        self._tested: Delay | None = None
        self._now: LiveDelay | None = None
        self._tasks: list[Task] = []
        self.tested, self.measured = label(quiet=True), label(quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for line in (self.tested, self.measured):
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(line)
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
        self.tested.setText(words_of_test(self._tested))
        self.measured.setText(words_of_now(self._now))
        self.setToolTip(explanation(self._tested, self._now))
        self.setAccessibleName(f"{self.tested.text()} {self.measured.text()}")


def words_of_test(tested: Delay | None) -> str:
    """When a detector told of an action in its test, in one line."""
    if tested is None:
        return translate(
            "Live", "An action is known only after its end; how long after was not tested."
        )
    return translate(
        "Live",
        "In its test an action was known {median:.1f} s after its end (9 of 10 within "
        "{most:.1f} s), and computing comes on top.",
    ).format(median=tested.median_s, most=tested.ninety_s)


def words_of_now(now: LiveDelay | None) -> str:
    """The same as it is measured now, with what it is made of."""
    if now is None:
        return translate("Live", "Now: no action is over and known yet.")
    return translate(
        "Live",
        "Now it is known {median:.1f} s after its end (9 of 10 within {most:.1f} s): {waiting:.2f} "
        "s until frames have come, {computing:.2f} s to compute.",
    ).format(median=now.median_s, most=now.most_s, waiting=now.waiting_s, computing=now.computing_s)


def explanation(tested: Delay | None, now: LiveDelay | None) -> str:
    """What the numbers rest on, in sentences."""
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
                "Tested: half of {n} actions were known this soon after the end that a person "
                "labelled, or sooner. {missed} of {all} labelled actions were not told at all.",
            ).format(n=tested.n_told, missed=tested.n_truth - tested.n_told, all=tested.n_truth)
        )
    if now is not None:
        parts.append(
            translate(
                "Live",
                "Now: half of {n} were known this soon after the end that it told itself, or "
                "sooner. Computing is everything from the exposure of the newest frame to the "
                "result.",
            ).format(n=now.n)
        )
    return "\n\n".join(parts)
