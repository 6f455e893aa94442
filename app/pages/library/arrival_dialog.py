"""Says what came, and asks what recordings do not tell: who is seen, and when."""

from collections.abc import Sequence

from PySide6.QtCore import QDate, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button

_WIDTH = 440


class ArrivalDialog(QDialog):
    """Before an import begins."""

    def __init__(
        self,
        what: str,
        parent: QWidget,
        *,
        needs_names: bool,
        sessions: Sequence[str],
        participants: Sequence[str],
        actions: Sequence[str],
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import takes"))
        self.setFixedWidth(_WIDTH)
        self._needs_names = needs_names
        today = QDate.currentDate().toString("yyyy-MM-dd")
        self._session = _choice(self.tr("Session"), sessions, today)
        self._session.setToolTip(self.tr("The visit to the lab; a new name makes a new session"))
        self._participant = _choice(self.tr("Participant"), participants)
        self._participant.setToolTip(
            self.tr("Who is seen; people are trained on and tested on by this name")
        )
        self._action = _choice(self.tr("Action"), actions)
        self._action.setToolTip(self.tr("Labels every recording with it; leave it empty for none"))
        self.import_button = primary_button(self.tr("Import"))
        self._build(what)
        for field in (self._session, self._participant):
            field.editTextChanged.connect(self._allow)
        self._allow()

    def _build(self, what: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        column.addWidget(label(what, name="heading", wrap=True))
        column.addWidget(
            label(
                self.tr("Takes that this library has already are left as they are."),
                quiet=True,
                wrap=True,
            )
        )
        if self._needs_names:
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(SPACING)
            grid.setColumnStretch(1, 1)
            for row, (words, field) in enumerate(
                (
                    (self.tr("Session"), self._session),
                    (self.tr("Participant"), self._participant),
                    (self.tr("Action"), self._action),
                )
            ):
                grid.addWidget(label(words, quiet=True), row, 0)
                grid.addWidget(field, row, 1)
            column.addLayout(grid)
            column.addWidget(
                label(
                    self.tr("The action is optional: it can be labelled later, too."),
                    quiet=True,
                    small=True,
                    wrap=True,
                )
            )
        column.addLayout(dialog_buttons(self, self.import_button))

    @property
    def session(self) -> str:
        """The session's name."""
        return self._session.currentText().strip()

    @property
    def participant(self) -> str:
        """The participant's name."""
        return self._participant.currentText().strip()

    @property
    def action(self) -> str:
        """The action of all recordings, empty for none."""
        return self._action.currentText().strip()

    def give_names(self, session: str, participant: str, action: str = "") -> None:
        """Fill the fields in, as a person would."""
        self._session.setEditText(session)
        self._participant.setEditText(participant)
        self._action.setEditText(action)

    def _allow(self) -> None:
        is_named = not self._needs_names or bool(self.session and self.participant)
        self.import_button.setEnabled(is_named)
        self.import_button.setToolTip(
            "" if is_named else self.tr("Say first in which session, and who is seen")
        )


def _choice(name: str, offered: Sequence[str], text: str = "") -> QComboBox:
    field = QComboBox(editable=True)
    field.addItems(list(offered))
    field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    if (completer := field.completer()) is not None:
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    field.setEditText(text)
    field.setAccessibleName(name)
    return field
