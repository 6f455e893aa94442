"""Takes in a list, and the chosen one played."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app import words
from app.pages.library.facts import TakeFacts
from app.pages.library.filters import TakeFilters
from app.pages.library.throwing import BinBar
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.player import Player
from app.widgets.take_frames import TakeFiles
from app.widgets.take_list import TakeList
from app.widgets.thumbnails import Thumbnails
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.labels import segments
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.takes import count_takes, take

LIST_WIDTH = 276


class LibraryPage(Page):
    """Browse and play the takes of the open library."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.tr("Library"))
        self.player = Player()
        self.filters = TakeFilters()
        self.list = TakeList(self.player)
        self.facts = TakeFacts()
        self.bin = BinBar(studio)
        self.count = label(quiet=True, small=True)
        self._thumbnails: Thumbnails | None = None
        self._read_library: Library | None = None
        self._listed: tuple[TakeFilter, int] | None = None
        self.transfer_button = primary_button(self.tr("Choose pairs for a transfer"))
        self.transfer_button.clicked.connect(lambda: self.page_wanted.emit("transfer"))
        self.set_primary(self.transfer_button)
        self._build()
        self.set_inspector(self.facts, self.tr("About the chosen take"))
        self.filters.filter_changed.connect(self._list)
        self.list.take_chosen.connect(self._choose)
        self.player.failed.connect(self._take_failed)
        self.player.opened.connect(self.facts.show_missing)
        self.bin.throw_away_wanted.connect(self._throw_away)
        self.bin.take_returned.connect(self._returned)
        self.bin.bin_emptied.connect(self._emptied)
        self.bin.failed.connect(self._take_failed)
        studio.library_changed.connect(self._forget_listed)
        studio.library_closing.connect(self._let_go)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._throw_away)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        undo.activated.connect(self.bin.undo)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)

    def _build(self) -> None:
        left = QWidget()
        left.setFixedWidth(LIST_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.count)
        self._list_place = QStackedWidget()
        self._list_place.addWidget(self.list)
        self._list_place.addWidget(self._nothing_found())
        column.addWidget(self._list_place, 1)
        column.addWidget(self.bin)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        row.addWidget(left)
        row.addWidget(self.player, 1)
        work = QWidget()
        rows = QVBoxLayout(work)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACING)
        rows.addWidget(self.filters)
        rows.addLayout(row, 1)
        self._place = QStackedWidget()
        self._place.addWidget(work)
        self._place.addWidget(self._empty_page())
        self.body.addWidget(self._place)

    def _nothing_found(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        column.addStretch(1)
        self._nothing_words = label(quiet=True)
        self._nothing_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._nothing_words)
        self.clear_button = QPushButton(self.tr("Show all takes"))
        self.clear_button.clicked.connect(self.filters.clear)
        column.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(2)
        return place

    def _empty_page(self) -> QWidget:
        place = QWidget()
        column = QVBoxLayout(place)
        self._empty_words = label(wrap=True)
        self._empty_words.setMaximumWidth(560)
        column.addWidget(self._empty_words)
        self._open_button = QPushButton(self.tr("Open or create a library…"))
        self._open_button.clicked.connect(lambda: self.page_wanted.emit("open"))
        column.addWidget(self._open_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return place

    def entered(self) -> None:
        """Read the takes, when they were not yet or another library was opened."""
        library = self.studio.library
        if library is not self._read_library:
            self._read_library = library
            self._thumbnails = Thumbnails(library, self) if library else None
            self.list.show_thumbnails(self._thumbnails)
        self.bin.refresh()
        self._read()

    def left(self) -> None:
        """Stop playing what nobody sees."""
        self.player.pause()

    def _read(self) -> None:
        try:
            self.filters.read_choices(self.studio.library)
            filter = self.filters.filter()
            listed = (
                filter,
                count_takes(self.studio.library, filter) if self.studio.library else 0,
            )
            if listed != self._listed:
                self._list(filter)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))

    def _list(self, filter: TakeFilter) -> None:
        library = self.studio.library
        before = self.list.chosen
        self._listed = None
        try:
            n_all = count_takes(library) if library else 0
            self.list.takes.show(library, filter)
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
            return
        n_listed = self.list.takes.rowCount()
        self._listed = (filter, n_listed)
        self._show_places(library, n_all, n_listed)
        everything = words.takes(n_all)
        some = self.tr("{listed} of {takes}").format(listed=f"{n_listed:,}", takes=everything)
        self.count.setText(everything if n_listed == n_all else some)
        if n_listed:
            self.list.choose_take(before.id if before else "")
        else:
            self._choose("")

    def _show_places(self, library: Library | None, n_all: int, n_listed: int) -> None:
        self._place.setCurrentIndex(0 if n_all or self.bin.n_takes else 1)
        self._nothing_words.setText(
            self.tr("No take is like that.") if n_all else self.tr("All takes are in the bin.")
        )
        self.clear_button.setVisible(n_all > 0)
        self._list_place.setCurrentIndex(0 if n_listed else 1)
        self._open_button.setVisible(library is None)
        self.transfer_button.setEnabled(n_all > 0)
        if library is None:
            self._empty_words.setText(
                self.tr(
                    "No library is open. A library is one folder that holds takes, labels and "
                    "models together."
                )
            )
        else:
            self._empty_words.setText(
                self.tr(
                    "This library has no takes yet. Record some on the page Capture, or bring some "
                    "in with “fsamt import” in a terminal; they are listed here then."
                )
            )

    def _choose(self, take_id: str) -> None:
        library = self.studio.library
        self.bin.show_chosen(bool(take_id))
        if library is None or not take_id:
            self.player.show_take(None)
            self.facts.show_take(None, None, ())
            return
        try:
            files = TakeFiles.of(library, take(library, take_id))
            quality = take_quality(library, take_id)
            labels = tuple(segments(library, take_ids=[take_id]))
        except FsamtError as error:
            self.player.show_take(None)
            self.notice.show_problem(Problem.of(error))
            return
        self.notice.hide()
        self.facts.show_take(files, quality, labels)
        self.player.show_take(files)

    def _throw_away(self) -> None:
        chosen, row = self.list.chosen, self.list.currentIndex().row()
        if chosen is None:
            return
        self.player.close_files()
        if self.bin.throw_away(chosen.id):
            self._list(self.filters.filter())
            self.list.choose(min(row, self.list.takes.rowCount() - 1))
            self.notice.show_message(
                self.tr("{take} is in the bin.").format(take=self.list.takes.title(chosen)),
                self.tr("Undo brings it back, with its labels (Ctrl+Z)."),
            )
            self.studio.library_changed.emit()
        else:
            self._choose(chosen.id)

    def _returned(self, take_id: str) -> None:
        self._list(self.filters.filter())
        self.list.choose_take(take_id)
        self.studio.library_changed.emit()

    def _emptied(self) -> None:
        self._list(self.filters.filter())
        self.studio.library_changed.emit()

    def _forget_listed(self) -> None:
        """Read the list anew the next time that the page is shown."""
        self._listed = None

    def _take_failed(self, problem: Problem) -> None:
        self.notice.show_problem(problem)

    def _find(self) -> None:
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _let_go(self) -> None:
        self.player.close_files()
        self.list.takes.show(None, TakeFilter())
        self.list.show_thumbnails(None)
        if self._thumbnails is not None:
            self._thumbnails.close()
            self._thumbnails.deleteLater()
            self._thumbnails = None
        self._read_library = None
        self._listed = None
        self.bin.forget()
