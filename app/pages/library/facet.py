"""A filter by names: any of those that are ticked in the panel of a button."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.popup import PopupButton

_SEARCHED_FROM = 9
_SHOWN_ROWS = 10
_ROW_PX = 28
_WIDTH = 264


class NameList(QWidget):
    """Names with how often each occurs; any number can be ticked, and many can be searched."""

    ticked = Signal(tuple)
    """The names that are ticked now, in their order."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Find a name"))
        self.search.setAccessibleName(self.tr("Find in: {what}").format(what=what))
        self.search.setToolTip(self.tr("Show the names that contain this"))
        self.search.textChanged.connect(self._narrow)
        self.list = QListWidget()
        self.list.setAccessibleName(what)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemChanged.connect(lambda: self.ticked.emit(self.names()))
        self.list.itemActivated.connect(_toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.search)
        column.addWidget(self.list)

    def offer(self, counts: Mapping[str, int], chosen: tuple[str, ...]) -> None:
        """Show names and how many takes have each; those that are chosen are ticked."""
        with QSignalBlocker(self.list):
            self.list.clear()
            for name, count in counts.items():
                item = QListWidgetItem(f"{name}  ·  {count:,}")
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setToolTip(name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                is_chosen = name in chosen
                item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
                self.list.addItem(item)
        self.search.clear()
        self.search.setVisible(len(counts) >= _SEARCHED_FROM)
        rows = min(len(counts), _SHOWN_ROWS) or 1
        self.list.setFixedHeight(rows * _ROW_PX + 4)

    def names(self) -> tuple[str, ...]:
        """The names that are ticked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return tuple(
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        )

    def tick(self, name: str, ticked: bool = True) -> None:
        """Tick a name, or take the tick away, as a click does."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(Qt.ItemDataRole.UserRole) == name:
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Down goes from the search into the list."""
        if event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            self.list.setFocus()
            self.list.setCurrentRow(max(0, self.list.currentRow()))
        else:
            super().keyPressEvent(event)

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted not in str(item.data(Qt.ItemDataRole.UserRole)).casefold())


class FacetButton(PopupButton):
    """A filter by sessions, participants, actions: none ticked lists the takes of all."""

    chosen_changed = Signal(tuple)

    def __init__(self, title: str, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(title, purpose, parent)
        self._title = title
        self.names = NameList(title)
        self.names.ticked.connect(self._ticked)
        self.all_button = QPushButton(self.tr("All"))
        self.all_button.setToolTip(self.tr("List the takes of all again"))
        self.all_button.clicked.connect(self._untick)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.all_button)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        column.addWidget(self.names)
        column.addLayout(below)
        self.panel.setFixedWidth(_WIDTH)
        self.show_chosen(())

    def show_chosen(self, chosen: tuple[str, ...]) -> None:
        """Say how many are chosen."""
        self.all_button.setEnabled(bool(chosen))
        text = f"{self._title} · {len(chosen)}" if chosen else self._title
        self.show_active(text, is_active=bool(chosen))

    def _ticked(self, chosen: tuple[str, ...]) -> None:
        self.show_chosen(chosen)
        self.chosen_changed.emit(chosen)

    def _untick(self) -> None:
        with QSignalBlocker(self.names.list):
            for name in self.names.names():
                self.names.tick(name, False)
        self._ticked(())


def _toggle(item: QListWidgetItem) -> None:
    is_checked = item.checkState() is Qt.CheckState.Checked
    item.setCheckState(Qt.CheckState.Unchecked if is_checked else Qt.CheckState.Checked)
