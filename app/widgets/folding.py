"""What few people change, folded away below a button."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from app.icons import icon
from app.theme import SPACING

_ICON_PX = 16


class Folding(QWidget):
    """A button that unfolds its content, and folds it again.

    Args:
        title: On the button.
        about: What is in it, for the tooltip.
        content: Folded away at first.
    """

    def __init__(self, title: str, about: str, content: QWidget) -> None:
        super().__init__()
        self.content = content
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setAccessibleName(title)
        self.button.setToolTip(about)
        self.button.setCheckable(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIconSize(QSize(_ICON_PX, _ICON_PX))
        self.button.setMinimumHeight(28)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.toggled.connect(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(content)
        self._fold(is_open=False)

    @property
    def is_open(self) -> bool:
        """Whether its content is seen."""
        return self.button.isChecked()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _fold(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        self._draw()

    def _draw(self) -> None:
        self.button.setIcon(icon("chevron-down" if self.is_open else "chevron-right"))
