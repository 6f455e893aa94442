"""Takes in a list, the chosen one played, and what can be done with those that are selected."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.pages.library.arriving import Arriving
from app.pages.library.editing import Editing
from app.pages.library.filters import TakeFilters
from app.pages.library.inspector import TakesInspector
from app.pages.library.moving import MovingBar
from app.pages.library.organiser import Organiser
from app.pages.library.selection_actions import SelectionActions
from app.pages.library.takes_place import EmptyPage, TakesPlace
from app.pages.library.throwing import BinBar
from app.pages.page import Page
from app.settings_table import LOOP
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import primary_button
from app.widgets.drop_area import DropArea
from app.widgets.player import Player
from app.widgets.take_frames import TakeFiles
from app.widgets.take_list import TakeList
from app.widgets.thumbnails import Thumbnails
from app.widgets.undo import UndoButtons
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.compositions import composition_of
from fsamt_engine.library.history import Change
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.listing import takes_at
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.records import Region
from fsamt_engine.library.takes import count_takes, take

_PACE_MS = 60
"""A key that is held chooses 30 takes a second; only the one it stays on for a moment is opened."""


class LibraryPage(Page):
    """Browse, play and organise the takes of the open library."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Library"))
        self.player = Player()
        self.player.controls.loop.setChecked(studio.preferences.get(LOOP))
        self.filters = TakeFilters()
        self.list = TakeList(self.player)
        self.inspector = TakesInspector(studio)
        self.editing = Editing(studio, self)
        self.bin = BinBar(studio, self.editing)
        self.moving = MovingBar(studio)
        self.arriving = Arriving(studio, self, self.moving)
        self.drop_area = DropArea(
            self, self.tr("Drop takes here: a library, a data set, recordings")
        )
        self.selection_actions = SelectionActions(self, self.list)
        self.organiser = Organiser(studio, self.editing, self.list, self.player, self)
        self.takes_place = TakesPlace(self.list, self.bin)
        self.sorting = self.takes_place.sorting
        self.empty_page = EmptyPage()
        self._thumbnails: Thumbnails | None = None
        self._read_library: Library | None = None
        self._is_stale = True
        self._is_closed = False
        self._is_refreshing = False
        self._n_all = 0
        self._region: Region | None = None
        self._waiting_take: str | None = None
        self._pace = QTimer(self, singleShot=True, interval=_PACE_MS)
        self._pace.timeout.connect(self._choose_waiting)
        self.transfer_button = primary_button(self.tr("Choose pairs for a transfer"))
        self.transfer_button.clicked.connect(lambda: self.page_wanted.emit("transfer"))
        self.import_button = self.arriving.import_button()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.set_primary(self.transfer_button)
        self.add_to_header(UndoButtons(self.studio.undoing))
        self.add_to_header(self.import_button)
        self.set_inspector(self.inspector, self.tr("About the selected takes"))
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        row.addWidget(self.takes_place)
        row.addWidget(self.player, 1)
        work = QWidget()
        rows = QVBoxLayout(work)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACING)
        rows.addWidget(self.filters)
        rows.addLayout(row, 1)
        self._place = QStackedWidget()
        self._place.addWidget(work)
        self._place.addWidget(self.empty_page)
        self.body.addWidget(self.moving)
        self.body.addWidget(self._place, 1)

    def _connect(self) -> None:
        studio = self.studio
        self.filters.filter_changed.connect(self._list)
        self.sorting.order_changed.connect(self._list)
        self.takes_place.all_wanted.connect(self.filters.clear)
        self.empty_page.open_wanted.connect(lambda: self.page_wanted.emit("open"))
        self.empty_page.folder_wanted.connect(self.arriving.choose_folder)
        self.list.take_chosen.connect(self._choose)
        self.list.selection_changed.connect(self._select)
        self.list.menu_wanted.connect(self._show_menu)
        self.player.failed.connect(self._show_problem)
        self.player.opened.connect(self.inspector.one.show_opened)
        self.inspector.one.clip_wanted.connect(self.show_clip)
        self.bin.throw_away_wanted.connect(self._throw_away)
        self.bin.bin_emptied.connect(studio.library_changed)
        self.arriving.arrived.connect(studio.library_changed)
        self.moving.stopped.connect(self._stopped)
        # A full disk ends an import in the middle: what came before is there, and is shown.
        self.moving.failed.connect(lambda _: studio.library_changed.emit())
        self.arriving.labels_came.connect(self.label_files_wanted)
        self.arriving.told.connect(self.notice.show_message)
        self.organiser.told.connect(self.notice.show_message)
        self.drop_area.dropped.connect(self.notice.hide)
        self.drop_area.dropped.connect(self._take_in)
        for source in (self.bin, self.editing, self.moving, studio.undoing):
            source.failed.connect(self._show_problem)
            source.failed.connect(self._open_again)
        studio.undoing.stepping.connect(self._close_before)
        studio.undoing.stepped.connect(self._stepped)
        studio.library_changed.connect(self._library_changed)
        studio.library_closing.connect(self._let_go)
        self.organiser.connect_to(self.selection_actions, self.inspector.fields)
        self.selection_actions.export_wanted.connect(self._export)
        self.selection_actions.throw_away_wanted.connect(self._throw_away)
        self.addActions([studio.undoing.undo_action, studio.undoing.redo_action])
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)

    def entered(self) -> None:
        """Read the takes, when they were not yet or another library was opened."""
        library = self.studio.library
        if library is not self._read_library:
            self._read_library = library
            self._thumbnails = Thumbnails(library, self) if library else None
            self.list.show_thumbnails(self._thumbnails)
            self._is_stale = True
        if self._is_stale:
            self._refresh()

    def left(self) -> None:
        """Stop playing what nobody sees."""
        self.player.pause()

    def show_clip(self, take_id: str, start: int, end: int) -> None:
        """Show an interval of a take (depth frames, `end` not included), whatever is filtered."""
        if self.list.takes.row_of(take_id) is None:
            self.filters.clear()
        if self.list.takes.row_of(take_id) is None:
            self.notice.show_message(
                self.tr("This take is not in the library any more."),
                self.tr("It may be in the bin: look there, below the list."),
                "caution",
            )
            return
        self.list.choose_take(take_id)
        self._choose_waiting()
        self.player.show_interval(start, end)
        self.player.go_to(start)

    def _take_in(self, paths: list[Path]) -> None:
        """Takes come in here; a .zip is a model that somebody exported."""
        if all(path.suffix.lower() == ".zip" for path in paths):
            self.model_files_wanted.emit(tuple(paths))
        else:
            self.arriving.take_in(paths)

    def _list(self) -> None:
        """List anew; what is selected stays where it is still listed."""
        library = self.studio.library
        n_all = self._n_all
        # The list comes first, the take that it begins with a moment later.
        self._pace.start()
        try:
            self.list.show_takes(
                library, self.filters.filter, self.sorting.order, self.sorting.is_descending
            )
        except FsamtError as error:
            self._show_problem(Problem.of(error))
            return
        n_listed = self.list.takes.rowCount()
        self._is_stale = False
        self._show_places(library, n_all, n_listed)
        if not n_listed:
            self._open("")

    def _refresh(self) -> None:
        """Show the library as it is now."""
        try:
            self.filters.show_library(self.studio.library)
            self.organiser.read_names()
            self._n_all = count_takes(self.studio.library) if self.studio.library else 0
        except FsamtError as error:
            self._show_problem(Problem.of(error))
            return
        self.bin.refresh()
        self._is_refreshing = True
        self._list()
        self._is_refreshing = False
        self._select()
        chosen = self.list.chosen
        if chosen is not None:
            files = self._show_facts(chosen.id)
            # The player draws the region of the take that it was given.
            if files is not None and files.take.region != self._region:
                self._open(chosen.id)
        self._open_again()

    def _show_places(self, library: Library | None, n_all: int, n_listed: int) -> None:
        self._place.setCurrentIndex(0 if n_all or self.bin.n_takes else 1)
        self.takes_place.show_counts(n_all, n_listed)
        self.empty_page.show_library(library)
        self.import_button.setEnabled(library is not None)
        self.import_button.setVisible(n_all > 0)
        self.transfer_button.setEnabled(n_all > 0)
        self.transfer_button.setToolTip(
            "" if n_all else self.tr("A transfer needs takes with colour and depth first")
        )

    def _choose(self, take_id: str) -> None:
        """Play a take, and show what is known of it; soon, where others were chosen just now."""
        if not self._is_refreshing:
            self.notice.hide()
        if self._pace.isActive() and take_id:
            self._waiting_take = take_id
        else:
            self._open(take_id)
        self._pace.start()

    def _choose_waiting(self) -> None:
        if self._waiting_take is not None:
            self._open(self._waiting_take)

    def _open(self, take_id: str) -> None:
        self._waiting_take = None
        self._is_closed = False
        library = self.studio.library
        if library is None or not take_id:
            self.player.show_take(None)
            self.inspector.one.show_take(None, None, ())
            return
        files = self._show_facts(take_id)
        self.player.show_take(files)
        self._region = files.take.region if files is not None else None
        if files is not None:
            self.player.show_segments(segments(library, take_ids=[take_id]), actions(library))

    def _show_facts(self, take_id: str) -> TakeFiles | None:
        library = self.studio.library
        assert library is not None
        try:
            files = TakeFiles.of(library, take(library, take_id))
            quality = take_quality(library, take_id)
            labels = tuple(segments(library, take_ids=[take_id]))
            pieces = composition_of(library, take_id)
        except FsamtError as error:
            self._show_problem(Problem.of(error))
            return None
        self.inspector.one.show_take(files, quality, labels, pieces)
        return files

    def _select(self) -> None:
        """Show what is selected, one take or many."""
        numbers = self.list.selected_numbers
        chosen, library = self.list.chosen, self.studio.library
        self.bin.show_selected(len(numbers))
        self.selection_actions.show_selection(chosen, len(numbers))
        try:
            if library is not None and len(numbers) > 1:
                keys = self.list.selected_keys
                self.inspector.show_many(len(numbers), partial(takes_at, library, keys))
            else:
                self.inspector.show_one(has_take=chosen is not None)
                if chosen is not None and library is not None:
                    name = self.list.takes.plain_title(chosen)
                    self.inspector.fields.show_take(take(library, chosen.id), name)
        except FsamtError as error:
            self._show_problem(Problem.of(error))

    def _show_menu(self, place: QPoint) -> None:
        menu = self.selection_actions.menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _throw_away(self) -> None:
        numbers = self.list.selected_numbers
        if not len(numbers) or not self.bin.may_throw_away:
            return
        self._close_files()
        self.organiser.throw_away()

    def _export(self) -> None:
        self.arriving.hand_on(self.list.selected_keys)

    def _stopped(self) -> None:
        self.studio.library_changed.emit()
        if self.moving.is_paused:
            self.notice.show_message(
                self.tr("Paused."), self.tr("What came before is there; continue when you like.")
            )
            return
        self.notice.show_message(
            self.tr("Stopped."),
            self.tr("What came before stays; the same again goes on from there."),
        )

    def _close_before(self, change: Change) -> None:
        """A take that moves into the bin must not be open."""
        chosen = self.list.chosen
        if chosen is not None and chosen.id in change.take_ids:
            self._close_files()

    def _stepped(self, change: Change) -> None:
        """Show what was undone or done again."""
        if not self.isVisible():
            self._is_stale = True
            return
        self._refresh()
        self.list.choose_takes(change.take_ids)
        words_of = (
            self.tr("Undone: {change}.") if change.is_undone else self.tr("Redone: {change}.")
        )
        self.notice.show_message(words_of.format(change=change.words))

    def _close_files(self) -> None:
        self.player.close_files()
        self._is_closed = True

    def _open_again(self) -> None:
        """After a change that did not take the current take away, or failed."""
        chosen = self.list.chosen
        if self._is_closed and chosen is not None:
            self._open(chosen.id)

    def _library_changed(self) -> None:
        """Read the list anew, now or the next time that the page is shown."""
        if self.isVisible():
            self._refresh()
        else:
            self._is_stale = True

    def _show_problem(self, problem: Problem) -> None:
        if self.isVisible():
            self.notice.show_problem(problem)

    def _find(self) -> None:
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _let_go(self) -> None:
        self._pace.stop()
        self._waiting_take = None
        self.inspector.let_go()
        self.player.close_files()
        self.list.show_takes(None, self.filters.filter, self.sorting.order, False)
        self.list.show_thumbnails(None)
        if self._thumbnails is not None:
            self._thumbnails.close()
            self._thumbnails.deleteLater()
            self._thumbnails = None
        self._read_library = None
        self._is_stale = True
