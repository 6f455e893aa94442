"""The shell: it wires the rail, the pages and the status line together, and nothing more."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.closing import may_close
from app.journey import Standing
from app.pages import PageEntry, page_entries
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import interface_font
from app.widgets.rail import Rail
from app.widgets.status_line import StatusLine
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import model

if TYPE_CHECKING:
    from app.help import HelpWindow

_ENGINE_DELAY_MS = 100
_WITH_RESULT = (ModelKind.RECOGNISER, ModelKind.DETECTOR)


class MainWindow(QMainWindow):
    """The window of the program."""

    first_painted = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self._painted = False
        self._closing = False
        self._entries = {entry.key: entry for entry in page_entries()}
        self._pages: dict[str, Page] = {}
        self._help: HelpWindow | None = None
        self.setWindowTitle("FSAMT Studio")
        self.setMinimumSize(1024, 640)
        self.setFont(interface_font())
        self._build()
        studio.library_opened.connect(self._library_opened)
        studio.library_changed.connect(self._show_standing)
        studio.opening_failed.connect(self._show_problem)
        studio.takes_recovered.connect(self._say_recovered)
        self._restore_geometry()
        self.go_to("start")

    def _build(self) -> None:
        self.rail = Rail()
        for entry in self._entries.values():
            self.rail.add(
                entry.key,
                entry.title,
                self._tooltip(entry),
                below_line=entry.below_line,
                enabled=entry.make is not None,
            )
        self.rail.page_wanted.connect(self.go_to)
        self._stack = QStackedWidget()
        self.status_line = StatusLine(self.studio)
        self.status_line.library_clicked.connect(lambda: self.go_to("start"))
        self.status_line.run_wanted.connect(self.go_to)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self._stack, 1)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(middle, 1)
        layout.addWidget(self.status_line)
        self.setCentralWidget(central)
        QShortcut(QKeySequence.StandardKey.Open, self).activated.connect(self.choose_library)
        QShortcut(QKeySequence.StandardKey.HelpContents, self).activated.connect(self.show_help)
        QShortcut(QKeySequence.StandardKey.Quit, self).activated.connect(self.close)
        for number, entry in enumerate(self._entries.values(), start=1):
            if entry.make is not None and number <= 9:
                key = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
                key.activated.connect(lambda key=entry.key: self.go_to(key))

    def _tooltip(self, entry: PageEntry) -> str:
        if entry.make is not None:
            return entry.purpose
        return f"{entry.purpose} {self.tr('This page comes with a later version.')}"

    @property
    def current_page(self) -> Page:
        """The page that is shown."""
        page = self._stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def page(self, key: str) -> Page:
        """The page of a stage; made when it is first asked for."""
        if key not in self._pages:
            make = self._entries[key].make
            if make is None:
                raise KeyError(key)
            page = make(self.studio)
            page.page_wanted.connect(self._page_asked)
            page.clip_wanted.connect(self._show_clip)
            page.model_wanted.connect(self._show_model)
            page.export_wanted.connect(self._export_model)
            page.take_to_label_wanted.connect(self._show_take_to_label)
            page.label_files_wanted.connect(self._show_label_files)
            page.model_files_wanted.connect(self._bring_models_in)
            self._pages[key] = page
            self._stack.addWidget(page)
        return self._pages[key]

    def go_to(self, key: str) -> None:
        """Show the page of a stage."""
        page = self.page(key)
        before = self._stack.currentWidget()
        if isinstance(before, Page) and before is not page:
            before.left()
        self._stack.setCurrentWidget(page)
        self.rail.show_current(key)
        page.entered()
        focused = self.focusWidget()
        if focused is None or not (focused is page or page.isAncestorOf(focused)):
            # Its keys work at once, and Tab goes to its first control.
            page.setFocus()

    def show_help(self) -> None:
        """Open the guide where it explains the present page."""
        # Its text is laid out when it is first asked for, not when the window opens.
        from app.help import HelpWindow

        if self._help is None:
            self._help = HelpWindow(parent=self)
        key = next(key for key, page in self._pages.items() if page is self.current_page)
        self._help.show_section(self._entries[key].title)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def choose_library(self) -> None:
        """Let the user choose a library's folder, or an empty one for a new library."""
        if self.studio.board.running:
            self.current_page.notice.show_message(
                self.tr("Something is under way in this library."),
                self.tr("Pause or stop it first, then open another library."),
                "caution",
            )
            return
        recent = self.studio.preferences.recent_libraries()
        chosen = QFileDialog.getExistingDirectory(
            self,
            self.tr("Open a library, or choose an empty folder for a new one"),
            str(recent[0].parent if recent else Path.home()),
        )
        if chosen:
            self.studio.open_library(Path(chosen))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Notice the first time that the window is seen; only then does the engine load."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)
            QTimer.singleShot(_ENGINE_DELAY_MS, self.studio.engine.load)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Pause runs first, if the user agrees; they go on when they are started again."""
        if self.studio.board.running:
            event.ignore()
            if not self._closing and may_close(self, self.studio):
                self._closing = True
                self.studio.board.changed.connect(self._close_when_idle)
                self.studio.pause_runs()
                self._close_when_idle()
            return
        self.studio.preferences.geometry = self.saveGeometry()
        self.studio.close()
        super().closeEvent(event)

    def _close_when_idle(self) -> None:
        if not self.studio.board.running:
            QTimer.singleShot(0, self.close)

    def _page_asked(self, key: str) -> None:
        if key == "open":
            self.choose_library()
        elif key == "help":
            self.show_help()
        else:
            self.go_to(key)

    def _show_label_files(self, paths: tuple[Path, ...]) -> None:
        """Labels that were dropped on another page."""
        from app.pages.label import LabelPage

        self.go_to("label")
        page = self.current_page
        assert isinstance(page, LabelPage)
        page.work.files.read(paths)

    def _show_take_to_label(self, take_id: str) -> None:
        from app.pages.label import LabelPage

        self.go_to("label")
        page = self.current_page
        assert isinstance(page, LabelPage)
        page.show_take(take_id)

    def _show_clip(self, take_id: str, start: int, end: int) -> None:
        from app.pages.library import LibraryPage

        self.go_to("library")
        page = self.current_page
        assert isinstance(page, LibraryPage)
        page.show_clip(take_id, start, end)

    def _show_model(self, model_id: str) -> None:
        """What has a test with its result, a student with its health, a teacher in the steps."""
        from app.pages.finetune import FinetunePage
        from app.pages.transfer import TransferPage

        assert self.studio.library is not None
        kind = model(self.studio.library, model_id).kind
        self.go_to("finetune" if kind in _WITH_RESULT else "transfer")
        page = self.current_page
        if isinstance(page, FinetunePage):
            page.show_result(model_id)
        elif isinstance(page, TransferPage) and kind is ModelKind.STUDENT:
            page.open_transfer(model_id)
        elif isinstance(page, TransferPage):
            page.wizard.teacher.choose(model_id)

    def _bring_models_in(self, paths: tuple[Path, ...]) -> None:
        """Bundles that were dropped on another page."""
        from app.pages.models import ModelsPage

        self.go_to("models")
        page = self.current_page
        assert isinstance(page, ModelsPage)
        page.changes.take_in(paths)

    def _export_model(self, model_id: str) -> None:
        from app.pages.models import ModelsPage

        self.go_to("models")
        page = self.current_page
        assert isinstance(page, ModelsPage)
        page.export(model_id)

    def _library_opened(self, library: Library) -> None:
        self.setWindowTitle(f"{library.root.name} – FSAMT Studio")
        self._show_standing()
        self.go_to("library")

    def _say_recovered(self, n_takes: int) -> None:
        self.current_page.notice.show_message(
            self.tr("Recovered: {takes}.").format(takes=words.takes(n_takes)),
            self.tr(
                "The program had ended while it was recording. What was recorded is there, but "
                "for the last second at most."
            ),
            "good",
        )

    def _show_standing(self) -> None:
        library = self.studio.library
        try:
            self.status_line.show_library(library)
            self.rail.show_marks(Standing.of(library).rail_marks() if library else {})
        except FsamtError as error:
            self._show_problem(Problem.of(error))

    def _show_problem(self, problem: Problem) -> None:
        self.current_page.notice.show_problem(problem)

    def _restore_geometry(self) -> None:
        geometry = self.studio.preferences.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 720)
