"""The takes that pass a filter, for a list that reads only what is on screen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app import words
from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.listing import TakeOrder, row_of, take_index, takes_at

PAGE = 64
_PAGES_KEPT = 128

RowRole = Qt.ItemDataRole.UserRole
_WORD_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.ToolTipRole,
)
Index = QModelIndex | QPersistentModelIndex
_NONE: NDArray[np.int64] = np.zeros(0, np.int64)


class TakeListModel(QAbstractListModel):
    """Takes in an order; the rows are read a page at a time when they are looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._keys = _NONE
        self._pages: dict[int, list[TakeRow | None]] = {}

    def show(
        self,
        library: Library | None,
        filter: TakeFilter,
        order: TakeOrder = TakeOrder.SESSION,
        *,
        descending: bool = False,
    ) -> None:
        """List the takes of `library` that pass `filter`.

        Raises:
            FsamtError: The library cannot be read; the list is then empty.
        """
        self.beginResetModel()
        try:
            self._library = library
            self._pages.clear()
            self._keys = _NONE
            if library is not None:
                self._keys = take_index(library, filter, order=order, descending=descending)
        finally:
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Takes that pass the filter."""
        return 0 if parent.isValid() else len(self._keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The `TakeRow` for the delegate, and its words for a screen reader."""
        if not index.isValid():
            return None
        if role == RowRole:
            return self.row(index.row())
        if role in _WORD_ROLES:
            return self._words(self.row(index.row()))
        return None

    def row(self, number: int) -> TakeRow | None:
        """The take in a row, None where the library has changed meanwhile."""
        page, place = divmod(number, PAGE)
        if page not in self._pages:
            while len(self._pages) >= _PAGES_KEPT:
                del self._pages[next(iter(self._pages))]
            self._pages[page] = self._read(self._keys[page * PAGE : (page + 1) * PAGE])
        return self._pages[page][place]

    def rows(self, numbers: NDArray[np.int64]) -> list[TakeRow]:
        """The takes in some rows, without those that are gone."""
        if self._library is None:
            return []
        return takes_at(self._library, self._keys[numbers])

    def row_of(self, take_id: str) -> int | None:
        """The row of a take, None where it is not listed."""
        if self._library is None or not take_id:
            return None
        return row_of(self._library, self._keys, take_id)

    def keys_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """What stands for the takes in some rows, however the list changes."""
        return self._keys[numbers]

    def numbers_of(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of takes by their keys, ascending, as far as they are listed."""
        return np.flatnonzero(np.isin(self._keys, keys))

    def number_of(self, key: np.int64 | None) -> int | None:
        """The row of a take by its key, None where it is not listed."""
        found = self.numbers_of(np.array([key])) if key is not None else _NONE
        return int(found[0]) if len(found) else None

    def title(self, row: TakeRow) -> str:
        """The first line of a take."""
        return row.title or self.plain_title(row)

    def plain_title(self, row: TakeRow) -> str:
        """What a take is called while nobody gave it a title."""
        return self.tr("{participant} · take {number}").format(
            participant=row.participant, number=row.number
        )

    def details(self, row: TakeRow) -> str:
        """The last line of a take; one that was composed can never serve a transfer."""
        seconds = row.duration_us / 1e6
        use = (
            self.tr("composed")
            if row.is_composed
            else words.pairs(row.n_pairs)
            if row.n_pairs
            else self.tr("no colour")
            if not row.has_colour
            else self.tr("no pairs")
        )
        return f"{seconds:.1f} s · {use}"

    def action_words(self, row: TakeRow) -> str:
        """The second line of a take."""
        return ", ".join(row.actions) if row.actions else self.tr("no label")

    def _read(self, keys: NDArray[np.int64]) -> list[TakeRow | None]:
        assert self._library is not None
        rows: list[TakeRow | None] = list(takes_at(self._library, keys))
        # Another page, or another program, may have thrown some away.
        return rows + [None] * (len(keys) - len(rows))

    def _words(self, row: TakeRow | None) -> str:
        if row is None:
            return ""
        level = [words.level(row.level)] if row.level else []
        tags = [self.tr("tagged {tags}").format(tags=", ".join(row.tags))] if row.tags else []
        parts = (self.title(row), row.session, self.details(row), *row.actions, *level, *tags)
        return ", ".join(parts)
