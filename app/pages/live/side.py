"""The inspector of live recognition: numbers, uncertain moments, thresholds."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.live.numbers_panel import NumbersPanel
from app.studio import Studio
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState


class LiveSide(QWidget):
    """Panels one below the other."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = NumbersPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(self.numbers)
        column.addStretch(1)

    def show_model(
        self,
        library: Library,
        model: ModelRecord,
        colours: Mapping[str, str],
        settings: RecognitionSettings,
    ) -> None:
        """Another recogniser is chosen."""

    def begin(self) -> None:
        """It begins to watch."""

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now."""
        self.numbers.show_state(state, now_us)

    def clear(self) -> None:
        """Nothing runs."""
        self.numbers.clear()

    def let_go(self) -> None:
        """Let go of the library."""
