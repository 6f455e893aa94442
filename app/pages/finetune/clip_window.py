"""A window beside the page that shows the clips of a cell."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.studio import Studio
from app.theme import SPACING
from app.widgets.clip_viewer import ClipViewer, ShownClip


class ClipWindow(QDialog):
    """Stays open while one goes on choosing cells; Escape closes it."""

    clip_wanted = Signal(str, int, int)
    """A clip that is to be seen in the library: id of the take, start and end."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.viewer = ClipViewer(studio)
        self.viewer.clip_wanted.connect(self.clip_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        layout.addWidget(self.viewer)
        self.resize(920, 520)

    def show_clips(self, clips: Sequence[ShownClip], title: str) -> None:
        """Open it, or give it other clips."""
        self.setWindowTitle(title)
        self.show()
        self.raise_()
        self.activateWindow()
        self.viewer.show_clips(clips, title)

    def done(self, result: int) -> None:
        """Closed by the user: no file stays open behind it."""
        self.viewer.let_go()
        super().done(result)
