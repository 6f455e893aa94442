"""What is performed: one action at a time, or a script of takes."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.pages.capture.script_table import ScriptTable
from app.pages.capture.visit_panel import NameField
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from app.widgets.fields import Choice
from fsamt_engine.capture.script import Script, load_script, save_script
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions
from fsamt_engine.units import format_duration

SINGLE, SCRIPT = "single", "script"


class ScriptPanel(QWidget):
    """Either the action of the next take, or the steps of a script."""

    changed = Signal()
    failed = Signal(object)
    """An `FsamtError`: a script file could not be read or written."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = Choice(
            self.tr("What is recorded"),
            (
                (SINGLE, self.tr("Single takes"), self.tr("Space starts, and space stops.")),
                (
                    SCRIPT,
                    self.tr("Script"),
                    self.tr("Take after take with a countdown; nobody has to press a key."),
                ),
            ),
        )
        self.action = NameField(self.tr("Action"), self.tr("none: label it later"))
        self.table = ScriptTable()
        self.countdown = QSpinBox(minimum=1, maximum=600, value=5)
        self.countdown.setSuffix(self.tr(" s"))
        self.countdown.setAccessibleName(self.tr("Countdown"))
        self.countdown.lineEdit().setTextMargins(6, 0, 0, 0)
        self.countdown.lineEdit().returnPressed.connect(self.left)
        self.summary = label(small=True, quiet=True, wrap=True)
        self._places = QStackedWidget()
        self._places.addWidget(self._single_place())
        self._places.addWidget(self._script_place())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.kind)
        column.addWidget(self._places)
        self.kind.changed.connect(self._show_kind)
        self.action.left.connect(self.left)
        self.table.edited.connect(self._steps_edited)
        self.countdown.valueChanged.connect(self._steps_edited)
        self._show_kind()

    def _single_place(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(self.tr("Action")))
        column.addWidget(self.action)
        column.addStretch(1)
        return place

    def _script_place(self) -> QWidget:
        self.add = self._button("add", self.tr("Add a step"))
        self.remove = self._button("remove", self.tr("Remove the selected step"))
        self.open = self._button("folder", self.tr("Open a script…"))
        self.save = self._button("save", self.tr("Save this script…"))
        self.add.clicked.connect(self.table.add_step)
        self.remove.clicked.connect(self.table.remove_step)
        self.open.clicked.connect(self._choose_script)
        self.save.clicked.connect(self._choose_place)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        buttons.addWidget(self.open)
        buttons.addWidget(self.save)
        counting = QHBoxLayout()
        counting.setSpacing(SPACING)
        counting.addWidget(label(self.tr("Countdown")))
        counting.addStretch(1)
        counting.addWidget(self.countdown)
        self.table.setFixedHeight(148)
        place = QWidget()
        column = QVBoxLayout(place)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table)
        column.addLayout(buttons)
        column.addLayout(counting)
        column.addWidget(self.summary)
        column.addStretch(1)
        return place

    def read_library(self, library: Library | None) -> None:
        """Offer the actions that a library knows.

        Raises:
            FsamtError: It cannot be read.
        """
        self.action.offer(action.name for action in actions(library)) if library else None

    @property
    def is_script(self) -> bool:
        """Whether a script is to be run."""
        return self.kind.value == SCRIPT

    @property
    def obstacle(self) -> str:
        """Why the script cannot run, "" where it can."""
        if not self.is_script:
            return ""
        try:
            self.script()
        except FsamtError as error:
            return f"{error.message} {error.hint}".strip()
        return ""

    def script(self) -> Script:
        """The script that is written.

        Raises:
            FsamtError: It makes no sense; the sentence says where.
        """
        return Script(self.table.steps(), float(self.countdown.value()))

    def open_script(self, path: Path) -> None:
        """Show the script of a file."""
        try:
            script = load_script(path)
        except FsamtError as error:
            self.failed.emit(error)
            return
        self.countdown.setValue(max(1, round(script.countdown_s)))
        self.table.show_steps(script.steps)
        self.kind.choose(SCRIPT)

    def save_script(self, path: Path) -> None:
        """Write the script into a file."""
        try:
            save_script(self.script(), path)
        except FsamtError as error:
            self.failed.emit(error)

    def show_progress(self, n_begun: int) -> None:
        """Mark the step of the take after so many."""
        for row, step in enumerate(self.table.steps()):
            n_begun -= step.repetitions
            if n_begun < 0:
                self.table.show_current(row)
                return

    def lock(self, locked: bool) -> None:
        """Let nothing be changed while a recording is under way."""
        self.setEnabled(not locked)

    def _show_kind(self) -> None:
        self._places.setCurrentIndex(1 if self.is_script else 0)
        self._steps_edited()

    def _steps_edited(self) -> None:
        self.remove.setEnabled(self.table.rowCount() > 0)
        self.save.setEnabled(not self.obstacle)
        self.summary.setText(self.obstacle or self._summary())
        self.changed.emit()

    def _summary(self) -> str:
        if not self.is_script:
            return ""
        script = self.script()
        return self.tr("{takes}, {time} in all.").format(
            takes=words.takes(len(script.takes)), time=format_duration(script.seconds)
        )

    def _choose_script(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open a script"), str(Path.home()), self.tr("Scripts (*.json)")
        )
        if chosen:
            self.open_script(Path(chosen))

    def _choose_place(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Save this script"),
            str(Path.home() / "script.json"),
            self.tr("Scripts (*.json)"),
        )
        if chosen:
            self.save_script(Path(chosen))

    @staticmethod
    def _button(name: str, text: str) -> IconButton:
        return IconButton(name, text, size=18)
