"""Undo and redo of what people change in the library, the same on every page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.tasks import Problem, Task
from app.widgets.buttons import IconButton
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.bin import moves_takes
from fsamt_engine.library.history import Change, redo, redoable, undo, undoable
from fsamt_engine.progress import OnProgress, ShouldStop

if TYPE_CHECKING:
    from app.studio import Studio

_AT_ONCE = 50
"""A step that touches so many takes is done within some milliseconds."""


class Undoing(QObject):
    """Goes back and forth in the history of the open library.

    A page takes part with `page.addAction` of both actions (their keys then work on it), and calls
    `refresh` after a change of its own.

    Attributes:
        undo_action: Ctrl+Z; its words name what it would undo.
        redo_action: Ctrl+Shift+Z or Ctrl+Y.
    """

    stepping = Signal(object)
    """The `Change` that is about to be undone or done again: who has its takes open closes them."""
    stepped = Signal(object)
    """The `Change` as it is now; `is_undone` says which way it went."""
    failed = Signal(object)
    """A `Problem`: the step does not fit any more, and nothing was changed."""

    def __init__(self, studio: "Studio") -> None:
        super().__init__(studio)
        self._studio = studio
        self._back: Change | None = None
        self._forth: Change | None = None
        self._task: Task | None = None
        self.undo_action = self._action(["Ctrl+Z"], self.undo)
        self.redo_action = self._action(["Ctrl+Shift+Z", "Ctrl+Y"], self.redo)
        studio.library_opened.connect(self.refresh)
        studio.library_closing.connect(self._forget)
        studio.library_changed.connect(self.refresh)
        studio.board.changed.connect(self._show)
        self._show()

    def undo(self) -> None:
        """Take back what was changed last."""
        self._step(undo, self._back)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._step(redo, self._forth)

    def refresh(self) -> None:
        """Read what can be undone and done again; after every change by a person."""
        library = self._studio.library
        if library is None:
            self._forget()
            return
        try:
            self._back, self._forth = undoable(library), redoable(library)
        except FsamtError as error:
            self._back = self._forth = None
            self.failed.emit(Problem.of(error))
        self._show()

    def _step(self, step: Callable[[Library], Change | None], coming: Change | None) -> None:
        library = self._studio.library
        if library is None or coming is None or self._task is not None:
            return
        if not self._is_still_next(library, coming):
            return
        self.stepping.emit(coming)
        if len(coming.take_ids) > _AT_ONCE:
            self._step_behind(step, library, coming)
            return
        try:
            change = step(library)
        except FsamtError as error:
            self._refuse(Problem.of(error))
        else:
            self._tell(change)

    def _is_still_next(self, library: Library, coming: Change) -> bool:
        """Whether what the button names is what would be done: another program may have changed it.

        Where it is not, the button names what it is now, and nothing is done.
        """
        try:
            now = (redoable if coming.is_undone else undoable)(library)
        except FsamtError as error:
            self._refuse(Problem.of(error))
            return False
        if now is not None and now.id == coming.id:
            return True
        problem = Problem(
            self.tr("The library was changed elsewhere meanwhile, so nothing was done."),
            self.tr("Look at what comes next now, then try again."),
        )
        self._refuse(problem)
        return False

    def _step_behind(
        self, step: Callable[[Library], Change | None], library: Library, coming: Change
    ) -> None:
        """Many takes: in the background, so that the window does not stand still."""

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Change | None:
            return step(library)

        words = self.tr("Redoing: {change}") if coming.is_undone else self.tr("Undoing: {change}")
        task = Task(words.format(change=coming.words), work, self._studio, page="library")
        task.finished.connect(self._tell)
        task.failed.connect(self._refuse)
        task.ended.connect(self._end)
        self._task = task
        self._studio.board.add(task)
        self._show()
        task.start()

    def _tell(self, change: Change | None) -> None:
        if change is None:
            self.refresh()
        else:
            self.stepped.emit(change)
            self._studio.library_changed.emit()

    def _refuse(self, problem: Problem) -> None:
        self.refresh()
        self.failed.emit(problem)

    def _end(self) -> None:
        task, self._task = self._task, None
        self._show()
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)

    def _forget(self) -> None:
        self._back = self._forth = None
        self._show()

    def _show(self) -> None:
        # What runs may read the files of takes that a step would throw away.
        running = self._studio.board.running
        for action, change, nothing, words in (
            (self.undo_action, self._back, self.tr("Nothing to undo"), self.tr("Undo: {change}")),
            (self.redo_action, self._forth, self.tr("Nothing to redo"), self.tr("Redo: {change}")),
        ):
            is_held = change is not None and moves_takes(change) and bool(running)
            action.setEnabled(change is not None and self._task is None and not is_held)
            text = words.format(change=change.words) if change else nothing
            action.setText(
                self.tr("{step}, once nothing runs").format(step=text) if is_held else text
            )

    def _action(self, keys: list[str], act: Callable[[], None]) -> QAction:
        action = QAction(self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(act)
        return action


class UndoButtons(QWidget):
    """The two arrows; their tooltips name what they would undo or do again."""

    def __init__(self, undoing: Undoing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.undo_button = _ActionButton(undoing.undo_action, "undo")
        self.redo_button = _ActionButton(undoing.redo_action, "redo")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.undo_button)
        row.addWidget(self.redo_button)


class _ActionButton(IconButton):
    """A button that says and does what an action does, with the program's icon."""

    def __init__(self, action: QAction, icon_name: str) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        super().__init__(icon_name, action.text(), shortcut=key)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
        self.say(self._action.text())
