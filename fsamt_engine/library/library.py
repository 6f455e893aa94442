"""A library: one folder with a database, the takes, the models and what can be made again."""

import secrets
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlite_utils import Database

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import schema
from fsamt_engine.library.connections import connect, deny_labels
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.files import sync_folder
from fsamt_engine.library.migration import migrate, refuse_newer

T = TypeVar("T")

DATABASE = "library.db"
_FOLDERS = ("takes", "models", "cache", "bin")
_UNFINISHED = f"{DATABASE}.new-"


class Library:
    """An open library. Any number of threads may use it, and any number of programs its folder.

    Reading connections belong to a thread each and cannot write. One thread, started at the first
    `write`, owns the only connection that can.

    Attributes:
        root: Folder of the library.
        takes_folder: One folder a take.
        models_folder: One folder a model.
        cache_folder: Everything in it can be deleted, and comes back by itself.
        bin_folder: One folder a take that was thrown away.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.takes_folder, self.models_folder, self.cache_folder, self.bin_folder = (
            root / folder for folder in _FOLDERS
        )
        self._own = threading.local()
        self._connections: weakref.WeakSet[Database] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._writer = ThreadPoolExecutor(1, "library-writer")
        # Started now: interrupted while it starts its thread, an executor forgets that thread, and
        # starts a second writer with the next change.
        self._writer.submit(int).result()
        self._labels_hidden = 0
        self._closed = False

    @classmethod
    def create(cls, root: Path) -> Self:
        """Makes a new library in a folder that does not exist, or is empty.

        Raises:
            FsamtError: There is a library or something else already, or the disk refuses.
        """
        root = root.expanduser().absolute()
        if (root / DATABASE).exists():
            raise FsamtError(
                f"There is a library in {root} already.", "Open it, or choose another."
            )
        with environment_errors(root):
            if root.exists() and not _may_become_library(root):
                raise FsamtError(
                    f"{root} is not an empty folder.", "Choose a new or an empty folder."
                )
            root.mkdir(parents=True, exist_ok=True)
            for leftover in root.glob(f"{_UNFINISHED}*"):
                leftover.unlink(missing_ok=True)
            # Under a name of its own until complete: a library.db is never half made.
            unfinished = root / f"{_UNFINISHED}{secrets.token_hex(4)}"
            connection = connect(unfinished, foreign_keys=False)
            try:
                migrate(unfinished, connection, schema.migrations)
                connection.execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()
            unfinished.rename(root / DATABASE)
            sync_folder(root)
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> Self:
        """Opens a library, and brings an older one up to date (a copy of the database is kept).

        Raises:
            FsamtError: No library is there, it is damaged or locked, or a newer program made it.
        """
        root = root.expanduser().absolute()
        path = root / DATABASE
        if not path.is_file():
            raise FsamtError(
                f"There is no library in {root}.",
                "Choose the folder that holds library.db, or make a new library.",
            )
        with environment_errors(root):
            connection = connect(path, foreign_keys=False)
            try:
                refuse_newer(connection)
                migrate(path, connection, schema.migrations)
                connection.execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()
            for folder in _FOLDERS:
                (root / folder).mkdir(exist_ok=True)
        return cls(root)

    def close(self) -> None:
        """Ends the writer after what it has to do, and closes every connection. Twice is fine."""
        self._closed = True
        self._writer.shutdown(wait=True)
        with self._lock:
            for database in list(self._connections):
                database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def db(self) -> Database:
        """The reading connection of the calling thread; it cannot write."""
        database: Database | None = getattr(self._own, "database", None)
        if database is None:
            if self._closed:
                raise RuntimeError("the library is closed")
            with environment_errors(self.root):
                database = self._new_connection()
                database.execute("PRAGMA query_only = ON")
            self._own.database = database
        return database

    def rows(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows of a query, read on the calling thread's connection.

        Raises:
            FsamtError: The database is damaged, locked or out of reach.
        """
        with environment_errors(self.root):
            return self.db.conn.execute(sql, parameters).fetchall()

    def write(self, change: Callable[[Database], T]) -> T:
        """Runs `change` in the writing thread as one transaction, and waits for it.

        Called from within a `change`, it becomes part of that one's transaction. When it raises,
        nothing was written; an interruption by the keyboard waits for the transaction's end first.

        Raises:
            FsamtError: The disk is full, or the library locked, damaged or not to be written.
            Exception: Whatever `change` raises.
        """
        if getattr(self._own, "is_writer", False):
            return change(self._own.database)
        if self._closed:
            raise RuntimeError("the library is closed")
        future = None
        try:
            future = self._writer.submit(self._transaction, change)
            return future.result()
        except KeyboardInterrupt:
            if future is not None:
                future.cancel()
            # The interruption may come before `future` is known. There is one writer, so what is
            # submitted now ends after it.
            _settle(self._writer.submit(int))
            raise

    def absolute(self, relative: str) -> Path:
        """The place of a path that is stored in the database.

        Raises:
            FsamtError: The path leads out of the library.
        """
        path = PurePosixPath(relative)
        if path.is_absolute() or ".." in path.parts or ":" in relative or "\\" in relative:
            raise FsamtError(
                f"The library names a file outside of its folder ({relative}).",
                "Do not use this library unless you trust where it comes from.",
            )
        return self.root / path

    @contextmanager
    def labels_hidden(self) -> Iterator[None]:
        """Makes everything that people labelled unreadable through this object, in every thread.

        While the block runs, SQLite itself refuses (sqlite3.DatabaseError, "prohibited") every
        query that touches actions, segments, what is counted or guessed of them, the history of
        changes, or a take's list of actions. Other objects on the same folder are not affected.
        """
        self._hide_labels(+1)
        try:
            yield
        finally:
            self._hide_labels(-1)

    def _hide_labels(self, step: int) -> None:
        with self._lock:
            self._labels_hidden += step
            for database in list(self._connections):
                self._authorise(database)

    def _authorise(self, database: Database) -> None:
        # Setting an authorizer makes SQLite prepare cached statements anew, so none slips through.
        database.conn.set_authorizer(deny_labels if self._labels_hidden else None)

    def _new_connection(self) -> Database:
        database = Database(connect(self.root / DATABASE), execute_plugins=False)
        with self._lock:
            self._connections.add(database)
            if self._labels_hidden:
                self._authorise(database)
        # The end of a thread drops its connection: closed here, since collecting does not always.
        weakref.finalize(database, database.conn.close)
        return database

    def _transaction(self, change: Callable[[Database], T]) -> T:
        with environment_errors(self.root):
            if not getattr(self._own, "is_writer", False):
                self._own.database = self._new_connection()
                self._own.is_writer = True
            database: Database = self._own.database
            connection = database.conn
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = change(database)
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result


def _may_become_library(root: Path) -> bool:
    """Whether a folder holds nothing, or only what a broken-off `create` leaves."""
    return root.is_dir() and all(
        entry.name.startswith(_UNFINISHED)
        or (entry.name in _FOLDERS and entry.is_dir() and not any(entry.iterdir()))
        for entry in root.iterdir()
    )


def _settle(future: Future[T]) -> None:
    """Waits until the writer is done, whatever the keyboard says."""
    while not future.done():
        try:
            wait([future])
        except KeyboardInterrupt:
            continue
