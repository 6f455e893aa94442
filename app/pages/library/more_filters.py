"""The filters that are not always in sight: verdict, colour, tags, date."""

from dataclasses import replace

from PySide6.QtCore import QDate, QDateTime, QSignalBlocker, QTimeZone, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from app import words
from app.pages.library.facet import NameList
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.popup import PopupButton
from fsamt_engine.library import QualityLevel, TakeFilter

_WIDTH = 344


class MoreFilters(PopupButton):
    """A button with a panel for what is asked for less often."""

    filter_chosen = Signal(object)
    """The `TakeFilter` with what is chosen here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self._filter = TakeFilter()
        self.setToolTip(self.tr("Filter by verdict, colour, tag and date"))
        self.levels = {level: QCheckBox(words.level(level)) for level in QualityLevel}
        self.colour = QComboBox()
        self.colour.addItem(self.tr("with colour or not"), None)
        self.colour.addItem(self.tr("with colour"), True)
        self.colour.addItem(self.tr("without colour"), False)
        self.colour.setAccessibleName(self.tr("Colour"))
        self.colour.setToolTip(self.tr("Only takes with colour can serve a transfer"))
        self.starts = _DateField(self.tr("From"), self.tr("Takes recorded on this day or later"))
        self.ends = _DateField(self.tr("To"), self.tr("Takes recorded on this day or earlier"))
        self.tags = NameList(self.tr("Tags"))
        self.no_tags = label(self.tr("No take has a tag yet."), quiet=True, small=True)
        self.clear_button = QPushButton(self.tr("Clear these"))
        self.clear_button.setToolTip(self.tr("List takes of any verdict, tag and date"))
        self._build()
        for box in self.levels.values():
            box.setToolTip(self.tr("List takes with this verdict"))
            box.toggled.connect(self._choose)
        self.colour.currentIndexChanged.connect(self._choose)
        self.starts.changed.connect(self._choose)
        self.ends.changed.connect(self._choose)
        self.tags.ticked.connect(self._choose)
        self.clear_button.clicked.connect(self._clear)
        self.show_filter(self._filter)

    def _build(self) -> None:
        verdicts = QHBoxLayout()
        verdicts.setSpacing(12)
        for box in self.levels.values():
            verdicts.addWidget(box)
        verdicts.addStretch(1)
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(12, 12, 12, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(SPACING)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(self.tr("Verdict"), quiet=True), 0, 0)
        grid.addLayout(verdicts, 0, 1)
        grid.addWidget(label(self.tr("Colour"), quiet=True), 1, 0)
        grid.addWidget(self.colour, 1, 1)
        grid.addWidget(label(self.tr("Recorded"), quiet=True), 2, 0)
        grid.addWidget(self.starts, 2, 1)
        grid.addWidget(self.ends, 3, 1)
        grid.addWidget(label(self.tr("Tags"), quiet=True), 4, 0)
        grid.addWidget(self.no_tags, 4, 1)
        grid.addWidget(self.tags, 5, 0, 1, 2)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.clear_button)
        grid.addLayout(below, 6, 0, 1, 2)
        self.panel.setFixedWidth(_WIDTH)

    def offer_tags(self, counts: dict[str, int]) -> None:
        """Show the tags that there are."""
        self.tags.offer(counts, self._filter.tags)
        self.tags.setVisible(bool(counts))
        self.no_tags.setVisible(not counts)

    def show_filter(self, filter: TakeFilter) -> None:
        """Show what is chosen; it is told nobody."""
        self._filter = filter
        for level, box in self.levels.items():
            with QSignalBlocker(box):
                box.setChecked(level in filter.levels)
        with QSignalBlocker(self.colour):
            self.colour.setCurrentIndex(self.colour.findData(filter.has_colour))
        self.starts.show_day(_day(filter.started_from_us))
        before = _day(filter.started_before_us)
        self.ends.show_day(before.addDays(-1) if before else None)
        n_chosen = sum(
            1
            for is_chosen in (
                filter.levels,
                filter.has_colour is not None,
                filter.started_from_us is not None or filter.started_before_us is not None,
                filter.tags,
            )
            if is_chosen
        )
        more = self.tr("More")
        self.show_active(f"{more} · {n_chosen}" if n_chosen else more, is_active=n_chosen > 0)
        self.setAccessibleName(self.tr("More filters"))
        self.clear_button.setEnabled(n_chosen > 0)

    def _choose(self) -> None:
        starts, ends = self.starts.day, self.ends.day
        filter = replace(
            self._filter,
            levels=tuple(level for level, box in self.levels.items() if box.isChecked()),
            has_colour=self.colour.currentData(),
            tags=self.tags.names(),
            started_from_us=midnight_us(starts) if starts else None,
            started_before_us=midnight_us(ends.addDays(1)) if ends else None,
        )
        self.show_filter(filter)
        self.filter_chosen.emit(filter)

    def _clear(self) -> None:
        with QSignalBlocker(self.tags):
            for name in self.tags.names():
                self.tags.tick(name, False)
        plain = TakeFilter()
        filter = replace(
            self._filter,
            levels=plain.levels,
            has_colour=plain.has_colour,
            tags=plain.tags,
            started_from_us=plain.started_from_us,
            started_before_us=plain.started_before_us,
        )
        self.show_filter(filter)
        self.filter_chosen.emit(filter)


class _DateField(QWidget):
    """A day that counts only while its box is ticked."""

    changed = Signal()

    def __init__(self, text: str, purpose: str) -> None:
        super().__init__()
        self.box = QCheckBox(text)
        self.box.setToolTip(purpose)
        self.field = QDateEdit(QDate.currentDate())
        self.field.setCalendarPopup(True)
        self.field.setDisplayFormat("yyyy-MM-dd")
        self.field.setToolTip(purpose)
        self.field.setAccessibleName(purpose)
        self.field.setEnabled(False)
        self.box.toggled.connect(self._toggled)
        self.field.dateChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(self.field, 2)

    @property
    def day(self) -> QDate | None:
        """The day, None while it does not count."""
        return self.field.date() if self.box.isChecked() else None

    def show_day(self, day: QDate | None) -> None:
        """Show a day without telling anybody."""
        with QSignalBlocker(self.box), QSignalBlocker(self.field):
            self.box.setChecked(day is not None)
            self.field.setEnabled(day is not None)
            if day is not None:
                self.field.setDate(day)

    def _toggled(self, ticked: bool) -> None:
        self.field.setEnabled(ticked)
        self.changed.emit()


def midnight_us(day: QDate) -> int:
    """When a day begins here, in microseconds since 1970 UTC."""
    return day.startOfDay(QTimeZone.systemTimeZone()).toMSecsSinceEpoch() * 1000


def _day(at_us: int | None) -> QDate | None:
    if at_us is None:
        return None
    return QDateTime.fromMSecsSinceEpoch(at_us // 1000).date()
