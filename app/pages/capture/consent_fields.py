"""Whether colour of a participant may be kept, and until when."""

from datetime import date

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QVBoxLayout, QWidget

from app.widgets.buttons import label
from fsamt_engine.library.consent import Consent

_NOT_NOTED, _YES, _UNTIL, _NO = range(4)


class ConsentFields(QWidget):
    """What a participant agreed to, in one choice and perhaps a date."""

    changed = Signal()
    """The user chose something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Consent to colour"))
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for words in (
            self.tr("not noted yet"),
            self.tr("may be kept"),
            self.tr("may be kept until"),
            self.tr("may not be kept"),
        ):
            self.choice.addItem(words)
        self.until = QDateEdit()
        self.until.setCalendarPopup(True)
        self.until.setAccessibleName(self.tr("Colour may be kept until"))
        self.until.setDisplayFormat("yyyy-MM-dd")
        self.until.setDate(QDate.currentDate().addYears(1))
        self.words = label(small=True, quiet=True, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.choice)
        column.addWidget(self.until)
        column.addWidget(self.words)
        self.show_consent(Consent(None, None))
        self.choice.currentIndexChanged.connect(self._choose)
        self.until.dateChanged.connect(self._choose)

    @property
    def consent(self) -> Consent:
        """What is noted here."""
        place = self.choice.currentIndex()
        if place == _NOT_NOTED:
            return Consent(None, None)
        if place == _UNTIL:
            day = self.until.date()
            return Consent(True, date(day.year(), day.month(), day.day()))
        return Consent(place == _YES, None)

    def show_consent(self, consent: Consent) -> None:
        """Show what is noted in the library."""
        with QSignalBlocker(self.choice), QSignalBlocker(self.until):
            if consent.colour_may_be_kept is None:
                place = _NOT_NOTED
            elif not consent.colour_may_be_kept:
                place = _NO
            else:
                place = _YES if consent.until is None else _UNTIL
            self.choice.setCurrentIndex(place)
            if consent.until is not None:
                until = consent.until
                self.until.setDate(QDate(until.year, until.month, until.day))
        self._explain()

    def _choose(self) -> None:
        self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        place = self.choice.currentIndex()
        self.until.setVisible(place == _UNTIL)
        words = {
            _NOT_NOTED: self.tr("Ask before the first take; it is noted with the session."),
            _NO: self.tr("Only depth is recorded: the colour stream is not opened."),
        }.get(place, "")
        self.words.setText(words)
        self.words.setVisible(bool(words))
