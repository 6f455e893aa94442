"""The right side of the page Label: actions, how many labels each has of whom, and warnings."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import words
from app.pages.label.action_dialog import ActionDialog, MergeDialog
from app.pages.label.action_table import ActionTable
from app.pages.label.warning_list import WarningList
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import IconButton, label
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.label_warnings import LabelWarning, library_warnings
from fsamt_engine.library import Action, Library
from fsamt_engine.library.labels import (
    actions,
    add_action,
    change_action,
    label_counts,
    merge_actions,
    remove_action,
)
from fsamt_engine.library.takes import participants


class ActionsPanel(QWidget):
    """Adds, changes, merges and removes actions; every change is one step that can be undone."""

    action_wanted = Signal(str)
    """The name of an action that was clicked to label with."""
    actions_changed = Signal(str)
    """What was changed, in words."""
    failed = Signal(object)
    """A `Problem`: nothing was changed."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.table = ActionTable()
        self.table.key_clicked.connect(self.action_wanted)
        self.table.change_wanted.connect(self.change)
        self.table.chosen_changed.connect(self._allow)
        self.warnings = WarningList()
        self.empty = label(
            self.tr(
                "An action is what a recogniser is to tell apart: wave, sit down, and background, "
                "which means that nothing of interest happens. A take without a label says nothing."
            ),
            quiet=True,
            wrap=True,
        )
        self.first = QPushButton(self.tr("Add an action…"))
        self.first.setToolTip(self.tr("Its name, key and colour; its key then labels"))
        self.first.clicked.connect(self.add)
        self.add_button = self._button("add", self.tr("Add an action…"), self.add)
        self.change_button = self._button("edit", self.tr("Change the chosen action…"), self.change)
        self.merge_button = self._button("merge", "", self.merge)
        self.remove_button = self._button("bin", "", self.remove)
        heading = QHBoxLayout()
        heading.setSpacing(0)
        heading.addWidget(label(self.tr("Labels of each action"), name="heading"))
        heading.addStretch(1)
        for button in (self.add_button, self.change_button, self.merge_button, self.remove_button):
            heading.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(SPACING)
        column.addLayout(heading)
        column.addWidget(self.empty)
        column.addWidget(self.first)
        column.addWidget(self.table)
        column.addWidget(self.warnings)
        column.addStretch(1)
        self.n_labels = 0
        self.read()

    def read(self) -> None:
        """Count anew."""
        library = self._studio.library
        known: list[Action] = []
        counts: dict[str, dict[str, int]] = {}
        people: list[str] = []
        warnings: tuple[LabelWarning, ...] = ()
        try:
            if library is not None:
                known, counts = actions(library), label_counts(library)
                people = participants(library)
                warnings = library_warnings(library, counts)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
        self.n_labels = sum(sum(of_action.values()) for of_action in counts.values())
        self.table.show_counts(known, counts, people)
        self.warnings.show_warnings(warnings)
        for widget in (self.empty, self.first):
            widget.setVisible(not known)
        self.table.setVisible(bool(known))
        self._allow()

    def add(self) -> None:
        """Ask for a new action, and add it."""
        dialog = ActionDialog(self.table.model.actions, None, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.add_as(dialog.action())

    def add_as(self, new: Action) -> None:
        """Add an action."""
        self._edit(
            self.tr("{action} added").format(action=new.name),
            lambda library: add_action(library, new.name, new.description, new.colour, new.key),
        )
        self.table.choose(new.name)

    def change(self, name: str = "") -> None:
        """Ask for the name, key and colour of an action (the chosen one), and change it."""
        self.table.choose(name or "")
        changed = self.table.chosen
        if changed is None:
            return
        dialog = ActionDialog(self.table.model.actions, changed, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.change_to(changed.name, dialog.action())

    def change_to(self, name: str, new: Action) -> None:
        """Give an action another name, key, colour or description."""
        self._edit(
            self.tr("{action} changed").format(action=new.name),
            lambda library: change_action(
                library,
                name,
                new_name=new.name if new.name != name else None,
                description=new.description,
                colour=new.colour,
                key=new.key,
            ),
        )
        self.table.choose(new.name)

    def merge(self) -> None:
        """Ask into which action the chosen one goes, and merge them."""
        merged = self.table.chosen
        others = [a for a in self.table.model.actions if merged and a.name != merged.name]
        if merged is None or not others:
            return
        dialog = MergeDialog(merged, others, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.merge_into(merged.name, dialog.target)

    def merge_into(self, name: str, into: str) -> None:
        """Make the labels of one action labels of another."""
        self._edit(
            self.tr("{action} merged into {into}").format(action=name, into=into),
            lambda library: merge_actions(library, [name], into),
        )
        self.table.choose(into)

    def remove(self) -> None:
        """Remove the chosen action with its labels; undone like everything else."""
        removed = self.table.chosen
        if removed is None:
            return
        said = self.tr("{action} removed, with {labels}").format(
            action=removed.name, labels=words.labels(removed.n_segments)
        )
        self._edit(said, lambda library: remove_action(library, removed.name))

    def _edit(self, said: str, change: Callable[[Library], object]) -> None:
        library = self._studio.library
        if library is None:
            return
        try:
            change(library)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return
        self.read()
        self.actions_changed.emit(said)

    def _allow(self) -> None:
        """Say of each button what it would do, or why it cannot."""
        chosen = self.table.chosen
        n_actions = len(self.table.model.actions)
        is_open = self._studio.library is not None
        for button in (self.add_button, self.first):
            button.setEnabled(is_open)
        self.change_button.setEnabled(chosen is not None)
        self.merge_button.setEnabled(chosen is not None and n_actions > 1)
        self.remove_button.setEnabled(chosen is not None)
        if chosen is None:
            for button in (self.change_button, self.merge_button, self.remove_button):
                button.say(self.tr("Choose an action in the table first"))
            return
        name = chosen.name
        self.change_button.say(self.tr("Change “{name}”: name, key, colour…").format(name=name))
        self.merge_button.say(
            self.tr("Merge “{name}” into another action…").format(name=name)
            if n_actions > 1
            else self.tr("There is no other action to merge it with")
        )
        self.remove_button.say(
            self.tr("Remove “{name}” with its {labels}").format(
                name=name, labels=words.labels(chosen.n_segments)
            )
        )

    def _button(self, icon_name: str, text: str, act: Callable[[], None]) -> IconButton:
        button = IconButton(icon_name, text, size=18)
        button.clicked.connect(lambda: act())
        return button
