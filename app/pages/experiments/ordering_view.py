"""What a table says of the paper's order: a sentence each, with its sign."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.icons import pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import label

if TYPE_CHECKING:
    from fsamt_engine.experiments.ordering import Sentence

_MARK_PX = 16
_LOOKS = {
    "agrees": ("good", "good"),
    "does not agree": ("caution", "caution"),
    "cannot be told": ("help", "quiet"),
}
"""By verdict as the engine writes it: its module brings SciPy in, which is not for Qt's thread."""


class OrderingView(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentences: tuple[Sentence, ...] = ()
        self._marks: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(SPACING)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(label(self.tr("Is the order the paper’s?"), name="heading"))
        column.addLayout(self._grid)
        self.show_sentences(())

    def show_sentences(self, sentences: Sequence["Sentence"]) -> None:
        """Show these, those that agree first."""
        order = list(_LOOKS)
        self._sentences = tuple(sorted(sentences, key=lambda one: order.index(one.verdict)))
        while (item := self._grid.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._marks = []
        for row, sentence in enumerate(self._sentences):
            mark = QLabel()
            mark.setFixedSize(_MARK_PX, _MARK_PX)
            mark.setAccessibleName(self._spoken(sentence.verdict))
            mark.setToolTip(self._spoken(sentence.verdict))
            self._marks.append(mark)
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(label(_with_minus(sentence.words), wrap=True), row, 1)
        self._draw()
        self.setVisible(bool(self._sentences))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said."""
        return tuple(_with_minus(sentence.words) for sentence in self._sentences)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the marks anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_sentences"):
            self._draw()

    def _draw(self) -> None:
        for mark, sentence in zip(self._marks, self._sentences, strict=True):
            name, role = _LOOKS[sentence.verdict]
            mark.setPixmap(pixmap(name, getattr(theme().palette, role), _MARK_PX))

    def _spoken(self, verdict: str) -> str:
        words = {
            "agrees": self.tr("As in the paper"),
            "does not agree": self.tr("Other than in the paper"),
            "cannot be told": self.tr("Cannot be told at this spread"),
        }
        return words[verdict]


def _with_minus(words: str) -> str:
    """A minus sign before numbers; terminals, for which the words are too, may not have one."""
    return re.sub(r"(?<!\w)-(?=\d)", "−", words)
