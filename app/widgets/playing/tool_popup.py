"""A button below the pictures that unfolds a small panel above itself."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import IconButton, label

_WIDTH = 304


class ToolPopup(IconButton):
    """Unfolds `panel`, which closes with Escape and with a click beside it.

    Attributes:
        rows: What the panel holds, from top to bottom.
    """

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(icon, "", parent)
        self.panel = QFrame(self, Qt.WindowType.Popup)
        self.panel.setObjectName("popup")
        self.panel.setFixedWidth(_WIDTH)
        self._title = label(name="heading")
        self.rows = QVBoxLayout(self.panel)
        self.rows.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self.rows.setSpacing(SPACING)
        self.rows.addWidget(self._title)
        self.clicked.connect(self.unfold)

    def show_title(self, title: str, text: str) -> None:
        """Say what it is for: in a few words above the panel, in a sentence as the tooltip."""
        self._title.setText(title)
        self.panel.setAccessibleName(title)
        self.say(text)

    def unfold(self) -> None:
        """Show the panel above the button, within the screen."""
        self.panel.adjustSize()
        corner = self.mapToGlobal(QPoint(0, -self.panel.height() - 4))
        room = self.screen().availableGeometry()
        x = min(max(corner.x(), room.left()), room.right() - self.panel.width())
        self.panel.move(x, max(corner.y(), room.top()))
        self.panel.show()
