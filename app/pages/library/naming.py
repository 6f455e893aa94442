"""Asking for a name: of a participant, a session."""

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCompleter,
    QDialog,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button

_WIDTH = 440


class NameDialog(QDialog):
    """One name to type, with what it means, and why it will not do.

    Args:
        title: Of the window.
        sentence: What the name is for, and what follows from it.
        button: What happens.
        name: The name as it is.
        taken: Names that will not do.
        taken_words: Why, with {name} in it.
        offered: Names to choose from while typing.
    """

    def __init__(
        self,
        title: str,
        sentence: str,
        button: str,
        parent: QWidget,
        *,
        name: str = "",
        taken: Collection[str] = (),
        taken_words: str = "",
        offered: Collection[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setFixedWidth(_WIDTH)
        self._before = name
        self._taken = frozenset(taken)
        self._taken_words = taken_words
        self.field = QLineEdit(name)
        self.field.setAccessibleName(title)
        self.field.setToolTip(sentence)
        self.field.selectAll()
        if offered:
            completer = QCompleter(sorted(offered), self)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.field.setCompleter(completer)
        self.problem = label(quiet=True, small=True, wrap=True)
        self.do_button = primary_button(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(label(sentence, wrap=True))
        column.addWidget(self.field)
        column.addWidget(self.problem)
        column.addLayout(dialog_buttons(self, self.do_button))
        self.field.textChanged.connect(self._check)
        self._check()

    @property
    def name(self) -> str:
        """What was typed."""
        return self.field.text().strip()

    def _check(self) -> None:
        name = self.name
        is_taken = name in self._taken and name != self._before
        self.problem.setText(self._taken_words.format(name=name) if is_taken else "")
        self.do_button.setEnabled(bool(name) and name != self._before and not is_taken)
        self.do_button.setToolTip(
            self.problem.text()
            if is_taken
            else ""
            if self.do_button.isEnabled()
            else self.tr("Type another name first")
        )
