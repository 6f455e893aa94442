"""Lines to be copied into a terminal or a program."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.theme import SPACING
from app.widgets.buttons import IconButton

_CODE_PX = 12


class Command(QWidget):
    """A few lines of equal-width letters, and a button that copies them.

    Args:
        name: What they are, for a screen reader.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(_CODE_PX)
        self.lines = QLabel()
        self.lines.setObjectName("code")
        self.lines.setFont(font)
        self.lines.setTextFormat(Qt.TextFormat.PlainText)
        self.lines.setAccessibleName(name)
        self.lines.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.lines.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.copy_button = IconButton("copy", self.tr("Copy these lines"), size=16)
        self.copy_button.clicked.connect(self._copy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.lines, 1)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """What would be copied."""
        return self.lines.text()

    def show_lines(self, text: str) -> None:
        """Show others."""
        self.lines.setText(text)
        self.lines.setToolTip(text)
        self.copy_button.show_icon("copy")
        self.copy_button.say(self.tr("Copy these lines"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.copy_button.show_icon("check")
        self.copy_button.say(self.tr("Copied"))
