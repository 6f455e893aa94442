"""A panel that unfolds under a button, and closes by a click beside it or Escape."""

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QWidget

from app.icons import icon
from app.theme import CONTROL_HEIGHT, SPACING


class PopupButton(QToolButton):
    """Says what is chosen in its panel, and unfolds it.

    Attributes:
        panel: Give it a layout; made with the button, shown when it is pressed.
    """

    unfolding = Signal()
    """The panel is about to be shown: fill it."""

    def __init__(self, text: str, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel = _Panel(self)
        self.setObjectName("choiceButton")
        self.setText(text)
        self.setToolTip(purpose)
        self.setAccessibleName(text)
        self.setFixedHeight(CONTROL_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # The arrow stands behind the words, as in a drop-down field.
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIconSize(QSize(16, 16))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCheckable(True)
        self.clicked.connect(self.unfold)
        self._draw()

    def show_active(self, text: str, *, is_active: bool) -> None:
        """Say what is chosen; an active button stands out."""
        self.setText(text)
        if self.property("active") != is_active:
            self.setProperty("active", is_active)
            self.style().unpolish(self)
            self.style().polish(self)

    def unfold(self) -> None:
        """Show the panel under the button, inside of the screen."""
        self.unfolding.emit()
        self.panel.adjustSize()
        area = self.screen().availableGeometry()
        corner = self.mapToGlobal(QPoint(0, self.height() + 4))
        left = min(corner.x(), area.right() - self.panel.width() - SPACING)
        top = min(corner.y(), area.bottom() - self.panel.height() - SPACING)
        self.panel.move(max(area.left(), left), max(area.top(), top))
        self.setChecked(True)
        self.panel.show()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as every control."""
        return QSize(super().sizeHint().width(), CONTROL_HEIGHT)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the arrow anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icon("chevron-down", "quiet"))


class _Panel(QFrame):
    def __init__(self, button: PopupButton) -> None:
        super().__init__(button, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._button = button

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._button.setChecked(False)
