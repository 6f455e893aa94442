"""Who is recorded, in which session, and what they agreed to."""

from collections.abc import Iterable
from datetime import date

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QVBoxLayout, QWidget

from app.pages.capture.consent_fields import ConsentFields
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.consent import consent, note_consent
from fsamt_engine.library.takes import participant_counts, session_counts


class NameField(QComboBox):
    """A name that was given before, or a new one."""

    name_changed = Signal()
    """Typed to the end, or chosen."""
    left = Signal()
    """Enter was pressed: the keys belong to the page again."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__()
        self.setEditable(True)
        line, completer = self.lineEdit(), self.completer()
        assert line is not None
        assert completer is not None
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        line.setPlaceholderText(placeholder)
        line.setAccessibleName(name)
        line.editingFinished.connect(self._tell)
        line.returnPressed.connect(self.left)
        self.activated.connect(self._tell)
        self._told = ""

    @property
    def name(self) -> str:
        """What is written."""
        return self.currentText().strip()

    def show_name(self, name: str) -> None:
        """Write a name."""
        self.setEditText(name)
        self._told = self.name

    def offer(self, names: Iterable[str]) -> None:
        """Offer these; what is written stays."""
        written = self.currentText()
        with QSignalBlocker(self):
            self.clear()
            self.addItems(list(names))
            self.setEditText(written)

    def settle(self) -> None:
        """Take what is written as it is, although nobody pressed Enter."""
        self._tell()

    def _tell(self) -> None:
        if self.name != self._told:
            self._told = self.name
            self.name_changed.emit()


class VisitPanel(QWidget):
    """Session, participant and consent; consent is noted in the library as soon as it is chosen."""

    changed = Signal()
    """Another session, participant or consent."""
    failed = Signal(object)
    """An `FsamtError`: the library could not be read or written."""
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self.session = NameField(self.tr("Session"), self.tr("a name for this visit"))
        self.participant = NameField(self.tr("Participant"), self.tr("who is recorded"))
        self.consent = ConsentFields()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(self.tr("Session")))
        column.addWidget(self.session)
        column.addSpacing(SPACING - 4)
        column.addWidget(label(self.tr("Participant")))
        column.addWidget(self.participant)
        column.addSpacing(SPACING - 4)
        column.addWidget(label(self.tr("Colour of this participant")))
        column.addWidget(self.consent)
        for field in (self.session, self.participant):
            field.name_changed.connect(self._read_consent)
            field.left.connect(self.left)
            field.editTextChanged.connect(self.changed)
        self.consent.changed.connect(self._note_consent)

    @property
    def obstacle(self) -> str:
        """Why nothing can be recorded yet, "" where it can."""
        if not self.session.name:
            return self.tr("Give the session a name first.")
        if not self.participant.name:
            return self.tr("Say who is recorded first: the participant has no name yet.")
        return ""

    def read_library(self, library: Library | None) -> None:
        """Offer what is in a library; a new library begins a new session.

        Raises:
            FsamtError: It cannot be read.
        """
        if library is not self._library:
            self.session.show_name(f"{date.today():%Y-%m-%d}")
            self.participant.show_name("")
        self._library = library
        self.session.offer(reversed(session_counts(library)) if library else ())
        self.participant.offer(participant_counts(library) if library else ())
        self._read_consent()

    def settle(self) -> None:
        """Take the names as they are written, and read the consent that goes with them."""
        self.session.settle()
        self.participant.settle()

    def lock(self, locked: bool) -> None:
        """Let nobody else be named while a recording is under way."""
        for field in (self.session, self.participant, self.consent):
            field.setEnabled(not locked)

    @property
    def colour_refused(self) -> str:
        """Why colour stays closed, "" where it may be opened."""
        if self.consent.consent.allows_colour:
            return ""
        return self.tr("Colour of {participant} may not be kept, so it is not even opened.").format(
            participant=self.participant.name or self.tr("this participant")
        )

    def _read_consent(self) -> None:
        if self._library is not None and not self.obstacle:
            try:
                self.consent.show_consent(
                    consent(self._library, self.session.name, self.participant.name)
                )
            except FsamtError as error:
                self.failed.emit(error)
        self.consent.setEnabled(not self.obstacle)
        self.changed.emit()

    def _note_consent(self) -> None:
        if self._library is not None and not self.obstacle:
            try:
                note_consent(
                    self._library,
                    self.session.name,
                    self.participant.name,
                    self.consent.consent,
                )
            except FsamtError as error:
                self.failed.emit(error)
        self.changed.emit()
