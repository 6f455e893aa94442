"""What a person notes of the selected takes: a title, tags, and where the participant is."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from app.widgets.chips import Chip, Chips
from fsamt_engine.library import Take


class TakeFields(QWidget):
    """Fields at the head of the inspector, for one take or for many."""

    title_given = Signal(str)
    tags_added = Signal(tuple)
    tag_removed = Signal(str)
    region_wanted = Signal()
    region_cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title_before = ""
        self._take_id = ""
        self.heading = label(name="heading", wrap=True)
        self.title = QLineEdit()
        self.title.setAccessibleName(self.tr("Title"))
        self.title.setToolTip(self.tr("A name for this take alone; Enter keeps it (F2)"))
        self.title.editingFinished.connect(self._give_title)
        self.tags = Chips()
        self.tag = _TagField()
        self.tag.tags_typed.connect(self.tags_added)
        self.tags.removed.connect(self.tag_removed)
        self._region_words = label(small=True, quiet=True, wrap=True)
        self.draw_button = QPushButton(self.tr("Draw…"))
        self.draw_button.clicked.connect(self.region_wanted)
        self.whole_button = IconButton("close", self.tr("Use the whole picture again"), size=16)
        self.whole_button.clicked.connect(self.region_cleared)
        self._region = QWidget()
        row = QHBoxLayout(self._region)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._region_words, 1)
        row.addWidget(self.whole_button)
        row.addWidget(self.draw_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 0)
        column.setSpacing(SPACING)
        for widget in (self.heading, self.title, self.tags, self.tag, self._region):
            column.addWidget(widget)

    def show_take(self, take: Take, name: str) -> None:
        """Show one take; `name` stands for it while it has no title."""
        self.heading.hide()
        self.title.show()
        is_known = (take.id, take.title) == (self._take_id, self._title_before)
        if not (self.title.hasFocus() and is_known):
            with QSignalBlocker(self.title):
                self.title.setText(take.title)
        self._take_id, self._title_before = take.id, take.title
        self.title.setPlaceholderText(self.tr("Title, in place of {name}").format(name=name))
        self._show_tags(dict.fromkeys(take.tags, 1), 1)
        if take.region is None:
            self._show_region(self.tr("Region: automatic"), has_region=False)
        else:
            left, top, right, bottom = take.region
            shares = self.tr("{width} × {height} %").format(
                width=round(100 * (right - left)), height=round(100 * (bottom - top))
            )
            self._show_region(
                self.tr("Region: by hand, {shares}").format(shares=shares), has_region=True
            )

    def show_many(self, n_takes: int, tags: Mapping[str, int]) -> None:
        """Show several takes and how many of them have which tag."""
        self.heading.setText(self.tr("{takes} selected").format(takes=words.takes(n_takes)))
        self.heading.show()
        self.title.hide()
        self._show_tags(tags, n_takes)
        self._show_region(self.tr("Region of all"), has_region=True)

    def offer_tags(self, names: Sequence[str]) -> None:
        """Tags that are completed while typing."""
        self.tag.offer(names)

    def _show_tags(self, tags: Mapping[str, int], n_takes: int) -> None:
        chips = []
        for name, n in tags.items():
            share = "" if n == n_takes else f" · {n:,}"
            purpose = self.tr("Take the tag {tag} away from {takes}")
            chips.append(Chip(name, name + share, purpose.format(tag=name, takes=words.takes(n))))
        self.tags.show_chips(chips)

    def _show_region(self, text: str, *, has_region: bool) -> None:
        self._region_words.setText(text)
        self.whole_button.setVisible(has_region)
        self.draw_button.setToolTip(
            self.tr("Draw where the participant is, in place of finding them automatically")
        )

    def _give_title(self) -> None:
        title = self.title.text().strip()
        if title != self._title_before:
            self._title_before = title
            self.title_given.emit(title)


class _TagField(QLineEdit):
    """Enter adds what was typed; commas stand between several."""

    tags_typed = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(self.tr("Add a tag"))
        self.setAccessibleName(self.tr("Add a tag"))
        self.setToolTip(
            self.tr("A word to find takes by; Enter adds it, a comma begins another (Ctrl+T)")
        )

    def offer(self, names: Sequence[str]) -> None:
        """Complete these."""
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter adds; every other key types."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
            return
        names = tuple(dict.fromkeys(name.strip() for name in self.text().split(",")))
        if typed := tuple(name for name in names if name):
            self.clear()
            self.tags_typed.emit(typed)
