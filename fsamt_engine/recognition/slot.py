"""A queue of one between two threads: the newest wins, or the one who puts waits."""

import threading
from collections import deque
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Slot(Generic[_Item]):
    """Holds at most one item that may be replaced; marks keep their place and are never lost."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[_Item, bool]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._n_replaced = 0

    @property
    def n_replaced(self) -> int:
        """Items that nobody fetched before a newer one came."""
        return self._n_replaced

    def put(self, item: _Item) -> None:
        """Puts the newest item, in place of one that was not fetched; never waits."""
        with self._changed:
            if self._closed:
                return
            if self._waiting and not self._waiting[-1][1]:
                self._waiting.pop()
                self._n_replaced += 1
            self._add(item, is_mark=False)

    def put_waiting(self, item: _Item) -> None:
        """Puts an item as soon as the one before it was fetched, or the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._waiting)
            if not self._closed:
                self._add(item, is_mark=False)

    def mark(self, item: _Item) -> None:
        """Puts an item that no newer one replaces; never waits."""
        with self._changed:
            if not self._closed:
                self._add(item, is_mark=True)

    def get(self, timeout_s: float) -> _Item | None:
        """Fetches the oldest item; None when none comes in time, or the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._waiting), timeout_s)
            if self._closed or not self._waiting:
                return None
            item, _ = self._waiting.popleft()
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Forgets what waits; nobody waits here any more."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _add(self, item: _Item, *, is_mark: bool) -> None:
        self._waiting.append((item, is_mark))
        self._changed.notify_all()
