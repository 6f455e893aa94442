"""What was thrown away: bringing it back, and deleting it for good."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QMessageBox, QToolButton, QWidget

from app import words
from app.icons import icon
from app.pages.library.editing import Editing
from app.studio import Studio
from app.tasks import Problem, Task
from app.theme import SPACING
from app.widgets.buttons import IconButton
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.bin import BinnedTake, empty_bin, list_bin, restore_takes
from fsamt_engine.progress import OnProgress, ShouldStop

_LISTED = 12


class BinBar(QWidget):
    """What is in the bin, and a button that throws the selected takes into it.

    Attributes:
        n_takes: Takes in the bin, when it was looked at last.
    """

    throw_away_wanted = Signal()
    """The user asks for the selected takes to be thrown away."""
    bin_emptied = Signal()
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, editing: Editing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._editing = editing
        self._n_selected = 0
        self.n_takes = 0
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
        row.addWidget(self.bin_button)
        studio.board.changed.connect(self._allow)
        self._draw()
        self.refresh()

    def show_selected(self, n_takes: int) -> None:
        """How many takes can be thrown away."""
        self._n_selected = n_takes
        self._allow()

    @property
    def may_throw_away(self) -> bool:
        """Whether takes can be thrown away now: not while something may read their files."""
        return self.bin_button.isEnabled()

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
        task.ended.connect(lambda: QTimer.singleShot(0, task, task.deleteLater))
        self._studio.board.add(task)
        task.start()

    def refresh(self) -> None:
        """Show how much is in the bin."""
        self.n_takes = len(self._content())
        self.content_button.setVisible(self.n_takes > 0)
        text = self.tr("{takes} in the bin").format(takes=words.takes(self.n_takes))
        self.content_button.setText(text)
        self._allow()

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
            action.triggered.connect(lambda _=False, take_id=take.id: self._bring_back([take_id]))
        ids = [take.id for take in content]
        if len(ids) > 1:
            text = self.tr("Bring back all {takes}").format(takes=words.takes(len(ids)))
            self.menu.addAction(icon("undo", "quiet"), text).triggered.connect(
                lambda: self._bring_back(ids)
            )
        self.menu.addSeparator()
        text = self.tr("Delete {takes} for good…").format(takes=words.takes(len(content)))
        delete = self.menu.addAction(icon("bin", "bad"), text)
        delete.triggered.connect(self.empty)
        delete.setEnabled(not self._studio.board.running)

    def _bring_back(self, take_ids: list[str]) -> None:
        self._editing.change(
            self.tr("Bringing takes back"),
            len(take_ids),
            lambda library: restore_takes(library, take_ids),
        )

    def _emptied(self) -> None:
        self.refresh()
        self.bin_emptied.emit()

    def _allow(self) -> None:
        is_busy = bool(self._studio.board.running)
        self.bin_button.setEnabled(self._n_selected > 0 and not is_busy)
        if is_busy:
            text = self.tr("Takes cannot be thrown away while something is running")
        elif self._n_selected > 1:
            takes = words.takes(self._n_selected)
            text = self.tr("Throw the selected {takes} away").format(takes=takes)
        else:
            text = self.tr("Throw the chosen take away")
        self.bin_button.say(text)
