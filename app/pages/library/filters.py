"""Which takes are listed."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.icons import icon
from app.theme import SPACING
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.labels import actions
from fsamt_engine.library.takes import participant_counts, session_counts

_TYPING_PAUSE_MS = 120


class TakeFilters(QWidget):
    """Search and choices above the list of takes."""

    filter_changed = Signal(object)
    """The `TakeFilter` to list by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search takes"))
        self.search.setToolTip(self.tr("Part of a session, participant, action or source (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Search takes"))
        self._search_mark = QAction(self)
        self.search.addAction(self._search_mark, QLineEdit.ActionPosition.LeadingPosition)
        self.session = self._choice(self.tr("Session"))
        self.participant = self._choice(self.tr("Participant"))
        self.action = self._choice(self.tr("Action"))
        self.colour = self._choice(self.tr("Colour"))
        self.colour.addItem(self.tr("Colour or not"), None)
        self.colour.addItem(self.tr("With colour"), True)
        self.colour.addItem(self.tr("Depth only"), False)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._tell)
        self.search.textChanged.connect(lambda: self._typing.start())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.search, 3)
        for choice in self.choices:
            row.addWidget(choice, 2)
        self._draw()

    @property
    def choices(self) -> tuple[QComboBox, ...]:
        """The drop-down fields."""
        return (self.session, self.participant, self.action, self.colour)

    def read_choices(self, library: Library | None) -> None:
        """Offer what there is in a library; what was chosen stays where it still exists.

        Raises:
            FsamtError: The library cannot be read.
        """
        offers: tuple[tuple[QComboBox, str, Iterable[str]], ...] = (
            (self.session, self.tr("All sessions"), session_counts(library) if library else ()),
            (
                self.participant,
                self.tr("All participants"),
                participant_counts(library) if library else (),
            ),
            (
                self.action,
                self.tr("All actions"),
                (a.name for a in actions(library) if a.n_segments) if library else (),
            ),
        )
        for choice, everything, names in offers:
            chosen = choice.currentData()
            with QSignalBlocker(choice):
                choice.clear()
                choice.addItem(everything, None)
                for name in names:
                    choice.addItem(name, name)
                choice.setCurrentIndex(max(0, choice.findData(chosen)))

    def filter(self) -> TakeFilter:
        """What is chosen now."""

        def one(choice: QComboBox) -> tuple[str, ...]:
            chosen = choice.currentData()
            return () if chosen is None else (chosen,)

        return TakeFilter(
            one(self.session),
            one(self.participant),
            one(self.action),
            self.colour.currentData(),
            self.search.text().strip(),
        )

    def clear(self) -> None:
        """List all takes again."""
        self.search.clear()
        for choice in self.choices:
            with QSignalBlocker(choice):
                choice.setCurrentIndex(0)
        self._typing.stop()
        self._tell()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        self._draw()

    def _choice(self, name: str) -> QComboBox:
        choice = QComboBox()
        choice.setAccessibleName(name)
        choice.setToolTip(self.tr("List the takes by: {name}").format(name=name))
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(8)
        choice.view().setTextElideMode(Qt.TextElideMode.ElideRight)
        choice.currentIndexChanged.connect(self._tell)
        return choice

    def _tell(self) -> None:
        self.filter_changed.emit(self.filter())

    def _draw(self) -> None:
        if hasattr(self, "_search_mark"):
            self._search_mark.setIcon(icon("search", "quiet"))
