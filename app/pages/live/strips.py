"""What happened lately: the events, or the answers raw and smoothed."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.live.compare_strip import CompareStrip
from app.pages.live.event_timeline import EventTimeline
from app.theme import SPACING
from app.widgets.buttons import IconButton
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState


class Strips(QWidget):
    """One of two strips over time, and the buttons that choose it."""

    clip_wanted = Signal(str, int, int)
    """A take's id and an interval of its depth frames."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.timeline = EventTimeline()
        self.compare = CompareStrip()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.timeline)
        self._stack.addWidget(self.compare)
        self.events_button = IconButton(
            "events", self.tr("What was recognised in the last minutes"), checkable=True
        )
        self.answers_button = IconButton(
            "curves",
            self.tr("The last 20 seconds raw and smoothed, with the thresholds"),
            checkable=True,
        )
        group = QButtonGroup(self)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        for number, button in enumerate((self.events_button, self.answers_button)):
            group.addButton(button, number)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.events_button.setChecked(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self._stack, 1)
        row.addLayout(buttons)
        group.idClicked.connect(self._stack.setCurrentIndex)
        self.timeline.clip_wanted.connect(self.clip_wanted)

    def show_model(
        self,
        colours: Mapping[str, str],
        settings: RecognitionSettings,
        *,
        decides_later: bool = False,
    ) -> None:
        """Another model.

        Args:
            colours: Of its actions, in its order, as `#RRGGBB`.
            decides_later: Whether it is a detector, which has no threshold of a moment.
        """
        self.timeline.show_actions(colours)
        self.compare.show_actions(colours, decides_later=decides_later)
        self.compare.show_settings(settings)

    def show_settings(self, settings: RecognitionSettings) -> None:
        """Other thresholds hold."""
        self.compare.show_settings(settings)

    def begin(self, now_us: int, words: str) -> None:
        """A recogniser begins to watch; `words` say what."""
        self.timeline.begin(now_us, words)
        self.compare.begin()

    def end(self, now_us: int) -> None:
        """It stopped."""
        self.timeline.end(now_us)

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; `now_us` by the computer's clock, since 1970 UTC."""
        self.timeline.show_state(state, now_us)
        self.compare.show_state(state, now_us)
