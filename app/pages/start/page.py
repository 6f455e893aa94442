"""The first page: opens a library, says where it stands, and leads to what comes next."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app import words
from app.journey import Standing
from app.pages.page import Page
from app.pages.start import sayings
from app.pages.start.next_card import NextCard
from app.pages.start.next_step import NextStep
from app.pages.start.simulating import SimulatedTakes
from app.run_queue import page_of
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.journey_cards import JourneyCards
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library

_TEXT_WIDTH = 720
_RECENT_SHOWN = 5


class StartPage(Page):
    """Two sentences and one thing to do while no library is open; after that, what comes next."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, "FSAMT Studio")
        self.said = sayings.no_library()
        self._following: NextStep | None = None
        self._continues = False
        self.next_button = primary_button("")
        self.next_button.clicked.connect(self._go_on)
        self.set_primary(self.next_button)
        self.open_button = QPushButton(self.tr("Open another library…"))
        self.open_button.clicked.connect(lambda: self.page_wanted.emit("open"))
        self._intro = label(wrap=True)
        self._intro.setMaximumWidth(_TEXT_WIDTH)
        self._journey = JourneyCards()
        self.next_card = NextCard()
        self.next_card.other_button.clicked.connect(
            lambda: self.page_wanted.emit(self.said.other_page)
        )
        self.simulated = SimulatedTakes(studio)
        self.simulated.failed.connect(self.notice.show_problem)
        self.simulated.added.connect(self._say_simulated)
        self.simulated.wanted_here.connect(lambda: self.page_wanted.emit("start"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        for content in (self._intro, self._journey, self.next_card, self.simulated):
            self.body.addWidget(content)
            self.body.addSpacing(SPACING)
        self.body.addLayout(self._recent)
        self.body.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        studio.opening.connect(self._say_opening)
        studio.library_opened.connect(self._opened)
        studio.opening_failed.connect(self._opened)
        studio.library_changed.connect(self._changed)
        studio.runs.changed.connect(self._changed)
        studio.board.changed.connect(self._changed)

    def entered(self) -> None:
        """Read anew where the library stands."""
        library = self.studio.library
        standing = None
        self._following = None
        try:
            if library is not None:
                standing = Standing.of(library)
                self._following = NextStep.of(library, standing)
            self.simulated.refresh()
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        self._journey.show_standing(standing)
        if library is None:
            self._intro.setText(sayings.no_library().why)
        else:
            self._intro.setText(self.tr("Open library: {path}").format(path=_short(library.root)))
        self._say_next(standing)
        is_free = not (self.studio.is_opening or self.studio.board.running)
        self.next_button.setEnabled((is_free or library is not None) and bool(self.said.button))
        self.open_button.setEnabled(is_free)
        self.open_button.setVisible(library is not None)
        self.open_button.setToolTip(
            self.tr("Choose a library's folder, or an empty one for a new library (Ctrl+O)")
            if is_free
            else self.tr("Something is under way in this library. Pause or stop it first.")
        )
        self._list_recent(library)

    def _opened(self) -> None:
        """Show it at once, and again when nothing is being opened any more."""
        self.entered()
        QTimer.singleShot(0, self, self._changed)

    def _changed(self) -> None:
        if self.isVisible() and not self.studio.is_opening:
            self.entered()

    def _say_next(self, standing: Standing | None) -> None:
        runs = self.studio.runs
        waiting = runs.runs if runs.waits_for_user else []
        self._continues = bool(waiting) and not self.simulated.is_busy
        if self.simulated.is_busy:
            self.said = sayings.simulating()
        elif runs.running is not None:
            self.said = sayings.under_way(runs.running, page_of(runs.running.request))
        elif waiting:
            self.said = sayings.waiting(waiting, page_of(waiting[0].request))
        elif standing is not None and self._following is not None:
            self.said = sayings.said(self._following, standing)
        else:
            self.said = sayings.no_library()
        self.next_card.setVisible(bool(self.said.title))
        self.next_card.show_step(self.said)
        self.next_button.setText(self.said.button)
        self.next_button.setToolTip(self.said.title)

    def _go_on(self) -> None:
        if self._continues:
            self.studio.runs.go_on()
        if self.said.page:
            self.page_wanted.emit(self.said.page)
        elif self._following is not None and self._following.model is not None:
            self.model_wanted.emit(self._following.model.id)

    def _say_simulated(self, n_takes: int) -> None:
        self.notice.show_message(
            self.tr("Simulated: {takes}.").format(takes=words.takes(n_takes)),
            self.tr("Look at them on the page Library, or go on with a teacher."),
            "good",
        )

    def _say_opening(self, root: Path) -> None:
        self.notice.hide()
        self.open_button.setEnabled(False)
        self.next_button.setEnabled(False)
        self._intro.setText(self.tr("Opening {path}…").format(path=_short(root)))

    def _list_recent(self, library: Library | None) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        others = [
            path
            for path in self.studio.preferences.recent_libraries()
            if library is None or path != library.root
        ]
        if not others:
            return
        self._recent.addWidget(label(self.tr("Recent libraries"), name="heading"))
        for path in others[:_RECENT_SHOWN]:
            self._recent.addWidget(self._recent_button(path), 0, Qt.AlignmentFlag.AlignLeft)

    def _recent_button(self, path: Path) -> QPushButton:
        button = QPushButton(_short(path))
        button.setProperty("choice", True)
        button.setAccessibleName(self.tr("Open {path}").format(path=path))
        button.setToolTip(self.tr("Open this library"))
        button.setEnabled(not self.studio.board.running)
        button.clicked.connect(lambda: self.studio.open_library(path))
        return button


def _short(path: Path) -> str:
    """A path as people write it, from their home folder on."""
    try:
        return str("~" / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
