"""The takes of a library in a list that stays fluid at any length."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.widgets.player import Player
from app.widgets.take_list_model import RowRole, TakeListModel
from app.widgets.take_list_row import ROW_HEIGHT, TakeDelegate
from app.widgets.thumbnails import Thumbnails
from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.listing import TakeOrder

_RUNS_KEPT = 2000
_CHOSEN_BY_ID = 200


class TakeList(QTableView):
    """The list of takes; the player's keys work while it has the focus.

    One take is current: it is played. Any number can be selected, with Shift, Ctrl and Ctrl+A.
    A table of one column, since Qt's list view asks for every row before it shows the first.
    """

    take_chosen = Signal(str)
    """The id of the take that is now current, "" for none."""
    selection_changed = Signal()
    """Other takes are selected; told once for all that changed at a time."""
    menu_wanted = Signal(QPoint)
    """By the right mouse button or the menu key; where on the screen."""

    def __init__(self, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self._told = ""
        self._listing: tuple[Library | None, TakeFilter, TakeOrder, bool] | None = None
        self.takes = TakeListModel(self)
        self._delegate = TakeDelegate(None, self)
        self.setModel(self.takes)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Takes"))
        self._telling = QTimer(self, singleShot=True, interval=0)
        self._telling.timeout.connect(self.selection_changed)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(lambda: self._telling.start())
        self.takes.modelReset.connect(lambda: self._telling.start())

    def show_thumbnails(self, thumbnails: Thumbnails | None) -> None:
        """Take the pictures from here."""
        self._delegate.thumbnails = thumbnails
        if thumbnails is not None:
            thumbnails.ready.connect(self._picture_arrived)

    def _picture_arrived(self) -> None:
        self.viewport().update()

    def show_takes(
        self, library: Library | None, filter: TakeFilter, order: TakeOrder, is_descending: bool
    ) -> None:
        """List takes; what is selected and current stays so as far as it is listed.

        Where the current take has gone from the same list, the one in its place becomes current;
        in another list the first does.

        Raises:
            FsamtError: The library cannot be read; the list is then empty.
        """
        listing = (library, filter, order, is_descending)
        numbers, current = self.selected_numbers, self.currentIndex().row()
        selected = self.takes.keys_of(numbers)
        current_key = self.takes.keys_of(np.array([current]))[0] if current >= 0 else None
        is_same, self._listing = listing == self._listing, listing
        self.takes.show(library, filter, order, descending=is_descending)
        n_rows = self.takes.rowCount()
        if not n_rows:
            self._current_changed(QModelIndex())
            return
        place = self.takes.number_of(current_key)
        if place is None:
            self.choose(min(current, n_rows - 1) if is_same and current >= 0 else 0)
        else:
            self.choose(place)
            self._select(self.takes.numbers_of(selected))
        self.scrollTo(self.currentIndex())

    def _select(self, numbers: NDArray[np.int64]) -> None:
        """Select rows besides the current one; only as many as a person can have chosen apart."""
        starts = np.flatnonzero(np.diff(numbers, prepend=-2) != 1)
        if len(starts) > _RUNS_KEPT:
            return
        chosen = QItemSelection()
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            first, last = self.takes.index(numbers[start]), self.takes.index(numbers[end - 1])
            chosen.select(first, last)
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.Select)

    def choose(self, number: int) -> None:
        """Select a row alone, and make it current."""
        # The view's own way looks at the keyboard: after Ctrl+Z it would toggle.
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(
            self.takes.index(number), flag.ClearAndSelect | flag.Rows
        )

    def choose_take(self, take_id: str) -> None:
        """Select a take where it is listed, else the first; it is brought into sight."""
        number = self.takes.row_of(take_id) or 0
        self.choose(number)
        self.scrollTo(self.takes.index(number))

    def choose_takes(self, take_ids: Sequence[str]) -> bool:
        """Select takes as far as they are listed, the uppermost of them current; False for none."""
        found = (self.takes.row_of(take_id) for take_id in take_ids[:_CHOSEN_BY_ID])
        numbers = np.array(sorted(number for number in found if number is not None), np.int64)
        if not len(numbers):
            return False
        self.choose(int(numbers[0]))
        self._select(numbers)
        self.scrollTo(self.currentIndex())
        return True

    @property
    def chosen(self) -> TakeRow | None:
        """The current take."""
        row: TakeRow | None = self.currentIndex().data(RowRole)
        return row

    @property
    def selected_numbers(self) -> NDArray[np.int64]:
        """Rows of all selected takes, ascending."""
        selection = self.selectionModel().selection()
        ranges = [
            np.arange(found.top(), found.bottom() + 1, dtype=np.int64)
            for found in (selection.at(i) for i in range(selection.count()))
        ]
        return np.unique(np.concatenate(ranges)) if ranges else np.zeros(0, np.int64)

    @property
    def selected_keys(self) -> NDArray[np.int64]:
        """What stands for the selected takes, for `takes_at`: their rows may be very many."""
        return self.takes.keys_of(self.selected_numbers)

    def selected(self) -> Sequence[TakeRow]:
        """The selected takes, in the order of the list.

        Raises:
            FsamtError: The library cannot be read.
        """
        return self.takes.rows(self.selected_numbers)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The player's keys go to the player, the others move and select in the list."""
        keypad = Qt.KeyboardModifier.KeypadModifier
        is_plain = not event.modifiers() & ~keypad
        if not (is_plain and self._player.handle_key(event)):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """What can be done with the selected takes."""
        event.accept()
        self.menu_wanted.emit(event.globalPos())

    def _current_changed(self, current: QModelIndex) -> None:
        row: TakeRow | None = current.data(RowRole) if current.isValid() else None
        take_id = row.id if row else ""
        if take_id != self._told:
            self._told = take_id
            self.take_chosen.emit(take_id)
