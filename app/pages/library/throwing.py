"""Throwing takes away, bringing them back, and deleting them for good."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMessageBox, QPushButton, QToolButton, QWidget

from app import words
from app.icons import icon
from app.studio import Studio
from app.tasks import Problem, Task
from app.theme import SPACING
from app.widgets.buttons import IconButton
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.bin import BinnedTake, bin_take, empty_bin, list_bin, restore_take
from fsamt_engine.progress import OnProgress, ShouldStop

_LISTED = 12


class BinBar(QWidget):
    """A button that throws the chosen take away, undo, and what is in the bin.

    Attributes:
        n_takes: Takes in the bin, when it was looked at last.
    """

    throw_away_wanted = Signal()
    """The user asks for the chosen take to be thrown away."""
    take_returned = Signal(str)
    """The id of a take that was brought back."""
    bin_emptied = Signal()
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._thrown_away: list[str] = []
        self._has_take = False
        self.n_takes = 0
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.setToolTip(self.tr("Bring back what was thrown away last (Ctrl+Z)"))
        self.undo_button.clicked.connect(self.undo)
        self.bin_button = IconButton("bin", "", shortcut=self.tr("Delete"))
        self.bin_button.clicked.connect(self.throw_away_wanted)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.content_button = QToolButton()
        self.content_button.setMenu(self.menu)
        self.content_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.content_button.setToolTip(self.tr("Takes that were thrown away"))
        self.content_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        # Qt's own arrow lies over the words.
        self.content_button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.content_button)
        row.addStretch(1)
        row.addWidget(self.undo_button)
        row.addWidget(self.bin_button)
        studio.board.changed.connect(self._allow)
        self._draw()
        self.refresh()

    def show_chosen(self, has_take: bool) -> None:
        """Whether there is a take that can be thrown away."""
        self._has_take = has_take
        self._allow()

    def throw_away(self, take_id: str) -> bool:
        """Put a take into the bin; whether that went well. Nobody may have its files open."""
        library = self._studio.library
        if library is None or not self.bin_button.isEnabled():
            return False
        try:
            bin_take(library, take_id)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return False
        self._thrown_away.append(take_id)
        self.refresh()
        return True

    def undo(self) -> None:
        """Bring back what was thrown away last."""
        if self._thrown_away:
            self.bring_back(self._thrown_away[-1])

    def bring_back(self, take_id: str) -> None:
        """Bring one take back."""
        library = self._studio.library
        if library is None:
            return
        if take_id in self._thrown_away:
            self._thrown_away.remove(take_id)
        try:
            restore_take(library, take_id)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
        else:
            self.take_returned.emit(take_id)
        self.refresh()

    def empty(self) -> None:
        """Delete everything in the bin for good, after a question."""
        n_takes = self.n_takes
        question = QMessageBox(self)
        question.setIcon(QMessageBox.Icon.Warning)
        question.setText(self.tr("Delete {takes} for good?").format(takes=words.takes(n_takes)))
        question.setInformativeText(
            self.tr("Their files and labels cannot be brought back after that.")
        )
        delete = question.addButton(
            self.tr("Delete {takes}").format(takes=words.takes(n_takes)),
            QMessageBox.ButtonRole.DestructiveRole,
        )
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        question.exec()
        if question.clickedButton() is delete:
            self.delete_all()

    def delete_all(self) -> None:
        """Delete everything in the bin for good, in the background."""
        library = self._studio.library
        if library is None:
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> int:
            return empty_bin(library)

        task = Task(self.tr("Emptying the bin"), work, self._studio, page="library")
        task.failed.connect(self.failed)
        task.ended.connect(self._emptied)
        task.ended.connect(lambda: QTimer.singleShot(0, task.deleteLater))
        self._studio.board.add(task)
        task.start()

    def refresh(self) -> None:
        """Show how much is in the bin."""
        content = self._content()
        self.n_takes = len(content)
        in_bin = {take.id for take in content}
        self._thrown_away = [take_id for take_id in self._thrown_away if take_id in in_bin]
        self.undo_button.setVisible(bool(self._thrown_away))
        self.content_button.setVisible(bool(content))
        text = self.tr("{takes} in the bin").format(takes=words.takes(len(content)))
        self.content_button.setText(text)
        self._allow()

    def forget(self) -> None:
        """The library is being closed: there is nothing to undo any more."""
        self._thrown_away.clear()
        self.undo_button.hide()
        self.content_button.hide()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the arrow anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "content_button"):
            self._draw()

    def _draw(self) -> None:
        self.content_button.setIcon(icon("chevron-up", "quiet"))

    def _content(self) -> list[BinnedTake]:
        library = self._studio.library
        if library is None:
            return []
        try:
            return list_bin(library)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return []

    def _fill_menu(self) -> None:
        self.menu.clear()
        content = self._content()
        for take in content[:_LISTED]:
            text = self.tr("Bring back {participant} · take {number}, {session}").format(
                participant=take.participant, number=take.number, session=take.session
            )
            action = self.menu.addAction(icon("undo", "quiet"), text)
            action.triggered.connect(lambda _=False, take_id=take.id: self.bring_back(take_id))
        self.menu.addSeparator()
        text = self.tr("Delete {takes} for good…").format(takes=words.takes(len(content)))
        delete = self.menu.addAction(icon("bin", "bad"), text)
        delete.triggered.connect(self.empty)
        delete.setEnabled(not self._studio.board.running)

    def _emptied(self) -> None:
        self.refresh()
        self.bin_emptied.emit()

    def _allow(self) -> None:
        is_busy = bool(self._studio.board.running)
        self.bin_button.setEnabled(self._has_take and not is_busy)
        self.bin_button.say(
            self.tr("Takes cannot be thrown away while something is running")
            if is_busy
            else self.tr("Throw the chosen take away")
        )
