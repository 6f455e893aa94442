"""What comes next, large and with its reason."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.icons import pixmap
from app.pages.start.sayings import Said
from app.theme import SPACING, theme
from app.widgets.buttons import label

_ICON_PX = 20


class NextCard(QFrame):
    """A title and one or two sentences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._arrow = QLabel()
        self.over = label(self.tr("What comes next"), quiet=True, small=True)
        self.title = label(name="bigNumber", wrap=True)
        self.why = label(wrap=True)
        self.other_button = QPushButton()
        self.other_button.setToolTip(self.tr("Another way to the same"))
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._arrow)
        top.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(SPACING)
        column.addWidget(self.over)
        column.addLayout(top)
        column.addWidget(self.why)
        column.addWidget(self.other_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._draw()

    def show_step(self, said: Said) -> None:
        """Show a next step."""
        self.title.setText(said.title)
        self.why.setText(said.why)
        self.other_button.setText(said.other)
        self.other_button.setVisible(bool(said.other))
        self.setAccessibleName(f"{said.title}. {said.why}")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the arrow anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_arrow"):
            self._draw()

    def _draw(self) -> None:
        self._arrow.setPixmap(pixmap("chevron-right", theme().palette.accent, _ICON_PX))
