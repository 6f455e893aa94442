"""The first page: opens a library, and says where it stands."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from app.journey import Standing
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.journey_cards import JourneyCards
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library

_TEXT_WIDTH = 640
_RECENT_SHOWN = 5


class StartPage(Page):
    """Two sentences and one thing to do while no library is open; after that, what comes next."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, "FSAMT Studio")
        self._standing: Standing | None = None
        self.next_button = primary_button("")
        self.next_button.clicked.connect(self._go_on)
        self.set_primary(self.next_button)
        self.open_button = QPushButton(self.tr("Open another library…"))
        self.open_button.setToolTip(
            self.tr("Choose a library's folder, or an empty one for a new library (Ctrl+O)")
        )
        self.open_button.clicked.connect(lambda: self.page_wanted.emit("open"))
        self._intro = label(wrap=True)
        self._intro.setMaximumWidth(_TEXT_WIDTH)
        self._journey = JourneyCards()
        self._next_step = label(wrap=True)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        self._demo = label(quiet=True, wrap=True)
        self._demo.setMaximumWidth(_TEXT_WIDTH)
        self._demo.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._demo.setText(
            self.tr(
                "No recordings yet? “./studio demo” in a terminal makes a library of simulated "
                "takes, trains on it, and leaves it for you to open here."
            )
        )
        self.body.addWidget(self._intro)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self._journey)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self._next_step)
        self.body.addWidget(self._demo)
        self.body.addSpacing(SPACING)
        self.body.addLayout(self._recent)
        self.body.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        studio.opening.connect(self._say_opening)
        studio.library_opened.connect(self.entered)
        studio.opening_failed.connect(self.entered)

    def entered(self) -> None:
        """Read anew where the library stands."""
        library = self.studio.library
        self._standing = None
        try:
            self._standing = Standing.of(library) if library else None
        except FsamtError as error:
            self.notice.show_problem(Problem.of(error))
        standing = self._standing
        is_free = not (self.studio.is_opening or self.studio.board.running)
        self.next_button.setEnabled(is_free or library is not None)
        self.open_button.setEnabled(is_free)
        self.open_button.setVisible(library is not None)
        self._demo.setVisible(library is None)
        self._next_step.setVisible(standing is not None)
        self._journey.show_standing(standing)
        if library is None:
            self._intro.setText(
                self.tr(
                    "FSAMT Studio teaches a network to recognise actions from depth alone, with a "
                    "handful of labels. Everything that belongs together is in one folder, the "
                    "library: takes, labels and models."
                )
            )
            self.next_button.setText(self.tr("Open or create a library…"))
        else:
            self._intro.setText(self.tr("Open library: {path}").format(path=_short(library.root)))
        if standing is not None:
            self._next_step.setText(self._next_words(standing))
            self.next_button.setText(self._button_words(standing))
        self._list_recent(library)

    def _next_words(self, standing: Standing) -> str:
        if not standing.n_takes:
            return self.tr(
                "Next: record takes with a camera. “fsamt import” in a terminal brings in "
                "published data sets instead."
            )
        if not standing.has_pairs:
            return self.tr(
                "Next: takes with both colour and depth. Transfer learns from such pairs, and "
                "there is none yet."
            )
        if not standing.n_teachers:
            return self.tr("Next: train a teacher, on the page Transfer.")
        if not standing.n_students:
            return self.tr("Next: transfer from a teacher to a depth student.")
        if not standing.n_recognisers:
            return self.tr(
                "Next: finetune the student on a few labels. For now this is done in a terminal: "
                "“fsamt finetune”."
            )
        return self.tr("This library has a depth recogniser. More labels can make it better.")

    def _button_words(self, standing: Standing) -> str:
        if not standing.n_takes:
            return self.tr("Record takes")
        if standing.wants_teacher:
            return self.tr("Train a teacher")
        if standing.wants_transfer:
            return self.tr("Transfer to depth")
        return self.tr("Look at the takes")

    def _go_on(self) -> None:
        standing = self._standing
        if self.studio.library is None:
            self.page_wanted.emit("open")
        elif standing is not None and not standing.n_takes:
            self.page_wanted.emit("capture")
        elif standing is not None and (standing.wants_teacher or standing.wants_transfer):
            self.page_wanted.emit("transfer")
        else:
            self.page_wanted.emit("library")

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
        button.setEnabled(not self.studio.board.running)
        button.clicked.connect(lambda: self.studio.open_library(path))
        return button


def _short(path: Path) -> str:
    """A path as people write it, from their home folder on."""
    try:
        return str("~" / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
