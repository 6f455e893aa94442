"""What is to be labelled, in a list that stands still while one goes through it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from fsamt_engine.library import Library, TakeFilter, TakeRow
from fsamt_engine.library.listing import row_of, take_index, takes_at
from fsamt_engine.library.suggestions import Suggestion

PAGE = 64
_LOOKED_THROUGH = 64
_PAGES_KEPT = 64

Index = QModelIndex | QPersistentModelIndex
EntryRole = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class QueueEntry:
    """A take, or a suggestion in one.

    Attributes:
        is_done: The take has a label; the suggestion was accepted or dismissed.
    """

    take_id: str
    title: str
    actions: tuple[str, ...]
    is_done: bool
    suggestion: Suggestion | None = None


class QueueModel(QAbstractListModel):
    """Takes, those without a label first where it is asked for; or suggestions.

    What gets its label stays where it is, so that one can go back to it, until the list is read
    anew.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._keys: NDArray[np.int64] = np.zeros(0, np.int64)
        self._rows: dict[int, list[TakeRow]] = {}
        self._suggestions: tuple[Suggestion, ...] | None = None
        self._open: frozenset[int] = frozenset()

    def show_takes(
        self, library: Library | None, filter: TakeFilter, *, unlabelled_first: bool
    ) -> None:
        """List the takes that pass a filter.

        Raises:
            FsamtError: The library cannot be read; the list is then empty.
        """
        self.beginResetModel()
        try:
            self._library = library
            self._suggestions = None
            self._rows.clear()
            self._keys = np.zeros(0, np.int64)
            if library is None:
                return
            self._keys = take_index(library, filter)
            if unlabelled_first:
                open_keys = take_index(library, replace(filter, labelled=False))
                is_open = np.isin(self._keys, open_keys)
                self._keys = np.concatenate([self._keys[is_open], self._keys[~is_open]])
        finally:
            self.endResetModel()

    def show_suggestions(self, suggestions: Sequence[Suggestion]) -> None:
        """List suggestions in their order."""
        self.beginResetModel()
        self._suggestions = tuple(suggestions)
        self._open = frozenset(s.id for s in suggestions)
        self.endResetModel()

    def read_anew(self, open_suggestions: Sequence[Suggestion]) -> None:
        """Takes have other labels; these suggestions are open. What is in sight is read again."""
        self._open = frozenset(s.id for s in open_suggestions)
        self._rows.clear()
        if self.rowCount():
            self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    @property
    def lists_suggestions(self) -> bool:
        """Whether suggestions are listed, not takes."""
        return self._suggestions is not None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Entries in the list."""
        if parent.isValid():
            return 0
        return len(self._keys) if self._suggestions is None else len(self._suggestions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The entry for the delegate, and its words for a screen reader."""
        if not index.isValid():
            return None
        entry = self.entry(index.row())
        if entry is None or role == EntryRole:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.title}, {self.words_of(entry)}"
        if role == Qt.ItemDataRole.ToolTipRole and entry.suggestion is not None:
            return entry.suggestion.reason
        return None

    def entry(self, number: int) -> QueueEntry | None:
        """What is in a row; None where the library has changed meanwhile."""
        if self._suggestions is not None:
            return self._suggested(self._suggestions[number])
        row = self._take_row(number)
        if row is None:
            return None
        title = row.title or self.tr("{participant} · take {number}").format(
            participant=row.participant, number=row.number
        )
        return QueueEntry(row.id, title, row.actions, bool(row.actions))

    def words_of(self, entry: QueueEntry) -> str:
        """What is known of its actions."""
        suggestion = entry.suggestion
        if suggestion is None:
            return ", ".join(entry.actions) or self.tr("no label")
        if entry.is_done:
            return self.tr("done")
        if suggestion.action is None:
            return self.tr("which action?")
        return self.tr("{action}?").format(action=suggestion.action)

    def row_of_take(self, take_id: str) -> int | None:
        """The (first) row of this take, None where it is not listed."""
        if self._suggestions is not None:
            places = [s.take_id for s in self._suggestions]
            return places.index(take_id) if take_id in places else None
        return row_of(self._library, self._keys, take_id) if self._library is not None else None

    def next_open(self, after: int) -> int | None:
        """The next row that is not done, from the top again after the last; None where all are."""
        n = self.rowCount()
        order = [*range(after + 1, n), *range(max(0, after + 1))] if n <= PAGE else []
        for number in order or range(after + 1, min(n, after + 1 + _LOOKED_THROUGH)):
            entry = self.entry(number)
            if entry is not None and not entry.is_done:
                return number
        return None if order or self._library is None else self._far_open(after)

    def _far_open(self, after: int) -> int | None:
        """The same for long lists of takes, where reading row by row would take long."""
        assert self._library is not None
        if self._suggestions is not None:
            is_open = np.array([s.id in self._open for s in self._suggestions])
        else:
            is_open = np.isin(self._keys, take_index(self._library, TakeFilter(labelled=False)))
        places = np.flatnonzero(is_open)
        later = places[places > after]
        return int(later[0]) if len(later) else int(places[0]) if len(places) else None

    def _suggested(self, suggestion: Suggestion) -> QueueEntry:
        title = self.tr("{participant} · {first}–{last}").format(
            participant=suggestion.participant, first=suggestion.start + 1, last=suggestion.end
        )
        is_done = suggestion.id not in self._open
        return QueueEntry(suggestion.take_id, title, (), is_done, suggestion)

    def _take_row(self, number: int) -> TakeRow | None:
        page, place = divmod(number, PAGE)
        if page not in self._rows:
            assert self._library is not None
            while len(self._rows) >= _PAGES_KEPT:
                del self._rows[next(iter(self._rows))]
            keys = self._keys[page * PAGE : (page + 1) * PAGE]
            self._rows[page] = takes_at(self._library, keys)
        rows = self._rows[page]
        return rows[place] if place < len(rows) else None
