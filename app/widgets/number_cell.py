"""A number with a caption above it, as pages show what changes all the time."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.icons import pixmap
from app.theme import interface_font, theme
from app.widgets.buttons import label

_MARK_PX = 16


@dataclass(frozen=True)
class Number:
    """One number as it is shown.

    Attributes:
        text: With its unit.
        tone: "", "caution" or "bad"; shown as an icon beside the number.
        words: What it means now, for the tooltip.
    """

    text: str = "–"
    tone: str = ""
    words: str = ""


class NumberCell(QWidget):
    """A caption over a number."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._caption = caption
        self._number = Number()
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self._mark.hide()
        self._value = label()
        self._value.setFont(interface_font(16, semibold=True))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._mark)
        row.addWidget(self._value)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(caption, quiet=True, small=True))
        column.addLayout(row)
        self._write()

    @property
    def number(self) -> Number:
        """What is shown."""
        return self._number

    def show_number(self, number: Number) -> None:
        """Show another number."""
        if number != self._number:
            self._number = number
            self._write()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()

    def _write(self) -> None:
        tone = self._number.tone
        self._value.setText(self._number.text)
        self._mark.setVisible(bool(tone))
        if tone:
            self._mark.setPixmap(pixmap(tone, getattr(theme().palette, tone), _MARK_PX))
        self.setToolTip(self._number.words)
        self.setAccessibleName(f"{self._caption}: {self._number.text}")
        self.setAccessibleDescription(self._number.words)
