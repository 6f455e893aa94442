"""The inspector of live recognition: numbers, moments to keep, thresholds; and what they need."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.live.events_out_panel import EventsOutPanel
from app.pages.live.going_out import GoingOut
from app.pages.live.moments import Moments
from app.pages.live.numbers_panel import NumbersPanel
from app.pages.live.threshold_panel import ThresholdPanel
from app.pages.live.uncertain_panel import UncertainPanel
from app.settings_table import DEVICE
from app.studio import Studio
from app.tasks import Problem, Task
from app.widgets.buttons import label, separator
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, ShouldStop, Stop
from fsamt_engine.recognition.kinds import is_detector, usual_settings
from fsamt_engine.recognition.live_settings import store_settings
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState
from fsamt_engine.recognition.uncertainty import UncertainMoment

if TYPE_CHECKING:
    from fsamt_engine.recognition.recogniser import Recogniser


class LiveSide(QWidget):
    """Panels one below the other, each with its heading."""

    settings_changed = Signal(object)
    """The `RecognitionSettings` that hold from now on."""
    action_chosen = Signal(str)
    """The action whose thresholds are looked at."""
    label_wanted = Signal(str)
    """The id of a take that waits to be labelled."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, going_out: GoingOut, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._library: Library | None = None
        self._model: ModelRecord | None = None
        self._suggesting: Task | None = None
        self.n_kept = 0
        self.numbers = NumbersPanel()
        self.uncertain = UncertainPanel()
        self.thresholds = ThresholdPanel()
        self.events_out = EventsOutPanel(going_out)
        self.moments = Moments(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.numbers)
        for heading, panel in (
            (self.tr("Moments for labelling"), self.uncertain),
            (self.tr("When an action counts"), self.thresholds),
            (self.tr("For other programs"), self.events_out),
        ):
            column.addWidget(separator())
            column.addWidget(label(heading, name="heading"))
            column.addWidget(panel)
        column.addStretch(1)
        self._connect()

    def _connect(self) -> None:
        self.uncertain.moment_noticed.connect(self.moments.hold)
        self.uncertain.let_go.connect(self.moments.let_go)
        self.uncertain.keep_wanted.connect(self._keep)
        self.uncertain.label_wanted.connect(self.label_wanted)
        self.moments.kept.connect(self._kept)
        self.moments.failed.connect(self.uncertain.show_problem)
        self.moments.failed.connect(lambda moment, problem: self.failed.emit(problem))
        self.events_out.failed.connect(self.failed)
        self.thresholds.settings_changed.connect(self.settings_changed)
        self.thresholds.settings_settled.connect(self._store)
        self.thresholds.action_chosen.connect(self.action_chosen)
        self.thresholds.suggestion.wanted.connect(self._suggest)
        self.thresholds.suggestion.stop_wanted.connect(self._stop_suggesting)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """The pointer has left: cards may move."""
        super().leaveEvent(event)
        self.uncertain.settle()

    def show_model(
        self,
        library: Library,
        model: ModelRecord,
        colours: Mapping[str, str],
        settings: RecognitionSettings,
    ) -> None:
        """Another recogniser is chosen.

        Args:
            library: Where it is.
            model: The recogniser.
            colours: Of its actions in their order, as `#RRGGBB`.
            settings: That are kept with it.
        """
        if self._model is not None and model.id != self._model.id:
            self._stop_suggesting()
            self.thresholds.forget_reset()
        self._library, self._model = library, model
        self.thresholds.show_actions(
            colours, usual=usual_settings(library, model), of_detector=is_detector(model)
        )
        self.thresholds.show_settings(settings)
        self.uncertain.show_actions(colours)

    def begin(self, recogniser: "Recogniser | None") -> None:
        """It begins to watch."""
        self.moments.follow(recogniser)
        self.uncertain.begin()
        self.uncertain.show_possible("")

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; `now_us` by the computer's clock, since 1970 UTC."""
        self.numbers.show_state(state, now_us)
        self.uncertain.show_state(state, now_us)
        self.events_out.follow(now_us)

    def clear(self) -> None:
        """Nothing runs."""
        self.moments.follow(None)
        self.numbers.clear()
        self.uncertain.show_possible(self.tr("Nothing is being recognised"))

    def flush(self) -> None:
        """Store at once what was changed a moment ago."""
        self.thresholds.flush()

    def let_go(self) -> None:
        """Let go of the library."""
        self.thresholds.flush()
        self._stop_suggesting()
        if self._suggesting is not None:
            self._suggesting.wait(60_000)
        self.moments.close()
        self.uncertain.clear()
        self.events_out.clear()
        self._library = self._model = None

    def _keep(self, moment: UncertainMoment) -> None:
        if self._library is not None and self._model is not None:
            reason = self.uncertain.reason_of(moment)
            self.moments.keep(self._library, moment, self._model.id, reason)

    def _kept(self, moment: UncertainMoment, take_id: str) -> None:
        self.n_kept += 1
        self.uncertain.show_kept(moment, take_id)
        self._studio.library_changed.emit()

    def _store(self, settings: RecognitionSettings) -> None:
        if self._library is None or self._model is None:
            return
        try:
            store_settings(self._library, self._model, settings)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))

    def _suggest(self, false_alarms_per_minute: float) -> None:
        library, model, settings = self._library, self._model, self.thresholds.settings
        if library is None or model is None or self._suggesting is not None:
            return
        device = self._studio.preferences.get(DEVICE) or "auto"

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> object:
            from fsamt_engine.recognition.thresholds import suggest_thresholds

            return suggest_thresholds(
                library,
                model,
                false_alarms_per_minute=false_alarms_per_minute,
                settings=settings,
                device=device,
                on_progress=on_progress,
                should_stop=should_stop,
            )

        box = self.thresholds.suggestion
        task = Task(self.tr("Thresholds from labelled takes"), work, self, gentle=True, page="live")
        task.progress_changed.connect(box.show_progress)
        task.finished.connect(box.show_suggestion)
        task.failed.connect(box.show_problem)
        task.cancelled.connect(box.clear)
        task.ended.connect(self._suggested)
        self._suggesting = task
        box.show_working()
        task.start()

    def _stop_suggesting(self) -> None:
        if self._suggesting is not None:
            self._suggesting.stop(Stop.CANCEL)

    def _suggested(self) -> None:
        task, self._suggesting = self._suggesting, None
        if task is not None:
            task.retire()
