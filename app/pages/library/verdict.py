"""Whether a take can be trusted, at the head of what is known of it."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app import words
from app.icons import pixmap
from app.theme import interface_font, theme
from app.widgets.buttons import label
from fsamt_engine.library.quality import TakeQuality

_MARK_PX = 16


class Verdict(QWidget):
    """A mark and a word, the verdict, and what to do about it."""

    def __init__(self, quality: TakeQuality, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = quality.level
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        word = label(words.level(quality.level), small=True)
        word.setFont(interface_font(12, semibold=True))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0)
        grid.addWidget(word, 0, 1)
        sentence = f"{quality.verdict[:1].upper()}{quality.verdict[1:]}."
        grid.addWidget(label(sentence, small=True, wrap=True), 1, 0, 1, 2)
        for row, hint in enumerate(quality.hints, 2):
            grid.addWidget(label(hint, small=True, wrap=True, quiet=True), row, 0, 1, 2)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour = getattr(theme().palette, str(self._level))
        self._mark.setPixmap(pixmap(str(self._level), colour, _MARK_PX))
