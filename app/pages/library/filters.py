"""Which takes are listed: the bar above the list, and what is active as chips."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app import words
from app.icons import icon
from app.pages.library.facet import FacetButton
from app.pages.library.more_filters import MoreFilters
from app.theme import SPACING
from app.widgets.chips import Chip, Chips
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.labels import actions
from fsamt_engine.library.organising import tags
from fsamt_engine.library.takes import participant_counts, session_counts

_TYPING_PAUSE_MS = 120
_NAMED = 3
_FIELDS = ("sessions", "participants", "actions")
_PLAIN = TakeFilter()


class TakeFilters(QWidget):
    """Search and choices above the list of takes; `filter` is what they come to."""

    filter_changed = Signal(object)
    """The `TakeFilter` to list by."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = _PLAIN
        self._library: Library | None = None
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search takes"))
        self.search.setToolTip(
            self.tr("Part of a session, participant, action, title or source (Ctrl+F)")
        )
        self.search.setAccessibleName(self.tr("Search takes"))
        self._search_mark = QAction(self)
        self.search.addAction(self._search_mark, QLineEdit.ActionPosition.LeadingPosition)
        self.facets = {
            "sessions": FacetButton(self.tr("Session"), self.tr("List takes of some sessions")),
            "participants": FacetButton(
                self.tr("Participant"), self.tr("List takes of some participants")
            ),
            "actions": FacetButton(
                self.tr("Action"), self.tr("List takes in which some actions are labelled")
            ),
        }
        self.labelled = QComboBox()
        self.labelled.addItem(self.tr("Labelled or not"), None)
        self.labelled.addItem(self.tr("Labelled"), True)
        self.labelled.addItem(self.tr("Unlabelled"), False)
        self.labelled.setAccessibleName(self.tr("Labelled or not"))
        self.labelled.setToolTip(self.tr("List takes with labels, or those that have none yet"))
        self.more = MoreFilters()
        self.chips = Chips()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._typed)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.labelled.currentIndexChanged.connect(self._labelled_chosen)
        for field, facet in self.facets.items():
            facet.unfolding.connect(lambda field=field: self._offer(field))
            facet.chosen_changed.connect(
                lambda chosen, field=field: self._set(replace(self.filter, **{field: chosen}))
            )
        self.more.unfolding.connect(self._offer_tags)
        self.more.filter_chosen.connect(self._set)
        self.chips.removed.connect(self._remove)
        self._build()

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(SPACING)
        bar.addWidget(self.search, 1)
        for facet in self.facets.values():
            bar.addWidget(facet)
        bar.addWidget(self.labelled)
        bar.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(bar)
        column.addWidget(self.chips)
        self._draw()
        self._show()

    def show_library(self, library: Library | None) -> None:
        """Offer what there is in a library; names that it does not have are chosen no more.

        Raises:
            FsamtError: The library cannot be read.
        """
        is_another = library is not self._library
        self._library = library
        if library is None or is_another:
            self._typing.stop()
            self.filter = _PLAIN
        else:
            there = {field: self._counts(field) for field in _FIELDS} | {"tags": tags(library)}
            kept: dict[str, Any] = {
                field: tuple(name for name in getattr(self.filter, field) if name in names)
                for field, names in there.items()
            }
            self.filter = replace(self.filter, **kept)
        self._show()

    def set_filter(self, filter: TakeFilter) -> None:
        """List by this, and show it."""
        self._typing.stop()
        self._set(filter)

    def clear(self) -> None:
        """List all takes again."""
        self.set_filter(_PLAIN)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        self._draw()

    def _set(self, filter: TakeFilter) -> None:
        self.filter = filter
        self._show()
        self.filter_changed.emit(filter)

    def _show(self) -> None:
        with QSignalBlocker(self.search):
            if self.search.text().strip() != self.filter.text:
                self.search.setText(self.filter.text)
        for field, facet in self.facets.items():
            facet.show_chosen(getattr(self.filter, field))
        with QSignalBlocker(self.labelled):
            self.labelled.setCurrentIndex(self.labelled.findData(self.filter.labelled))
        self.more.show_filter(self.filter)
        self.chips.show_chips(tuple(self._active()))

    def _active(self) -> Iterator[Chip]:
        """A chip for every filter that is not in sight in the bar itself."""
        filter = self.filter
        listed = self.tr("{what}: {names}")
        for field, what in (
            ("sessions", self.tr("Session")),
            ("participants", self.tr("Participant")),
            ("actions", self.tr("Action")),
            ("tags", self.tr("Tag")),
        ):
            names = getattr(filter, field)
            if names:
                text = ", ".join(names[:_NAMED])
                if len(names) > _NAMED:
                    text = self.tr("{names} and {n} more").format(names=text, n=len(names) - _NAMED)
                yield self._chip(field, listed.format(what=what, names=text))
        if filter.levels:
            levels = ", ".join(words.level(level) for level in filter.levels)
            yield self._chip("levels", listed.format(what=self.tr("Verdict"), names=levels))
        if filter.has_colour is not None:
            text = self.tr("With colour") if filter.has_colour else self.tr("Without colour")
            yield self._chip("has_colour", text)
        starts, ends = self.more.starts.day, self.more.ends.day
        if starts:
            day = starts.toString("yyyy-MM-dd")
            yield self._chip("started_from_us", self.tr("From {day}").format(day=day))
        if ends:
            day = ends.toString("yyyy-MM-dd")
            yield self._chip("started_before_us", self.tr("To {day}").format(day=day))

    def _chip(self, key: str, text: str) -> Chip:
        return Chip(key, text, self.tr("Take this filter away: {filter}").format(filter=text))

    def _remove(self, field: str) -> None:
        self._set(replace(self.filter, **{field: getattr(_PLAIN, field)}))

    def _typed(self) -> None:
        self._set(replace(self.filter, text=self.search.text().strip()))

    def _labelled_chosen(self) -> None:
        self._set(replace(self.filter, labelled=self.labelled.currentData()))

    def _offer(self, field: str) -> None:
        facet = self.facets[field]
        facet.names.offer(self._counts(field), getattr(self.filter, field))

    def _offer_tags(self) -> None:
        self.more.offer_tags(tags(self._library) if self._library else {})

    def _counts(self, field: str) -> dict[str, int]:
        """The names to choose from, with how often each occurs."""
        if self._library is None:
            return {}
        if field == "sessions":
            return session_counts(self._library)
        if field == "participants":
            return participant_counts(self._library)
        return {a.name: a.n_segments for a in actions(self._library) if a.n_segments}

    def _draw(self) -> None:
        self._search_mark.setIcon(icon("search", "quiet"))
