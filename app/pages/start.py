"""The first page: opens a library, and says where it stands."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.journey import Standing
from app.pages.page import Page
from app.studio import Studio
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library

_TEXT_WIDTH = 560
_RECENT_SHOWN = 5


class StartPage(Page):
    """Two sentences and one thing to do while no library is open; after that, what it holds."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, "FSAMT Studio")
        self.open_button = QPushButton(self.tr("Open or create a library…"))
        self.open_button.setToolTip(
            self.tr("Choose a library's folder, or an empty one for a new library (Ctrl+O)")
        )
        self.open_button.clicked.connect(lambda: self.page_wanted.emit("open"))
        self.next_button = primary_button("")
        self.next_button.clicked.connect(self._go_on)
        self.set_primary(self.next_button)
        self._intro = label(wrap=True)
        self._intro.setMaximumWidth(_TEXT_WIDTH)
        self._holdings = _Holdings()
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
        self.body.addWidget(self._holdings)
        self.body.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addSpacing(SPACING)
        self.body.addLayout(self._recent)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self._demo)
        self.body.addStretch(1)
        studio.opening.connect(self._say_opening)
        studio.library_opened.connect(self.entered)
        studio.opening_failed.connect(self.entered)

    def entered(self) -> None:
        """Read anew what the library holds."""
        library = self.studio.library
        is_free = not (self.studio.is_opening or self.studio.board.running)
        self.open_button.setEnabled(is_free)
        self.open_button.setVisible(library is not None)
        self.open_button.setText(self.tr("Open another library…"))
        self.next_button.setEnabled(is_free or library is not None)
        self.next_button.setText(self.tr("Open or create a library…"))
        self._holdings.setVisible(library is not None)
        self._demo.setVisible(library is None)
        if library is None:
            self._intro.setText(
                self.tr(
                    "FSAMT Studio teaches a network to recognise actions from depth alone, with a "
                    "handful of labels. Everything that belongs together is in one folder, the "
                    "library: takes, labels and models."
                )
            )
        else:
            self._intro.setText(self.tr("Open library: {path}").format(path=library.root))
            try:
                standing = Standing.of(library)
                self._holdings.show_standing(standing)
                self.next_button.setText(self._next_words(standing))
            except FsamtError as error:
                self.notice.show_problem(Problem.of(error))
        self._list_recent(library)

    def _next_words(self, standing: Standing) -> str:
        if not standing.n_with_pairs:
            return self.tr("Look at the takes")
        if not standing.n_teachers:
            return self.tr("Train a teacher")
        if not standing.n_students:
            return self.tr("Transfer to depth")
        return self.tr("Look at the takes")

    def _go_on(self) -> None:
        library = self.studio.library
        if library is None:
            self.page_wanted.emit("open")
            return
        standing = Standing.of(library)
        wants_transfer = standing.n_with_pairs and not (standing.n_teachers and standing.n_students)
        self.page_wanted.emit("transfer" if wants_transfer else "library")

    def _say_opening(self, root: Path) -> None:
        self.notice.hide()
        self.open_button.setEnabled(False)
        self.next_button.setEnabled(False)
        self._intro.setText(self.tr("Opening {path}…").format(path=root))

    def _list_recent(self, library: Library | None) -> None:
        while (item := self._recent.takeAt(0)) is not None:
            if widget := item.widget():
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
        button = QPushButton(f"{path.name}   {path.parent}")
        button.setProperty("choice", True)
        button.setAccessibleName(self.tr("Open {path}").format(path=path))
        button.setEnabled(not self.studio.board.running)
        button.clicked.connect(lambda: self.studio.open_library(path))
        return button


class _Holdings(QWidget):
    """Counts of what is in the library, and what comes next."""

    def __init__(self) -> None:
        super().__init__()
        self._cards = QHBoxLayout()
        self._cards.setSpacing(SPACING)
        self._next = label(wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACING)
        layout.addLayout(self._cards)
        layout.addWidget(self._next)

    def show_standing(self, standing: Standing) -> None:
        """Show one library's counts."""
        while (item := self._cards.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        for count, words in (
            (standing.n_takes, self.tr("takes")),
            (standing.n_with_pairs, self.tr("takes with pairs")),
            (standing.n_participants, self.tr("participants")),
            (standing.n_labelled_actions, self.tr("labelled actions")),
            (standing.n_teachers, self.tr("teachers")),
            (standing.n_students, self.tr("students")),
            (standing.n_recognisers, self.tr("recognisers")),
        ):
            self._cards.addWidget(_card(count, words))
        self._cards.addStretch(1)
        self._next.setText(self._next_step(standing))

    def _next_step(self, standing: Standing) -> str:
        if not standing.n_takes:
            return self.tr(
                "Next: bring in takes. For now this is done in a terminal: “fsamt import” reads "
                "published data sets."
            )
        if not standing.n_with_pairs:
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


def _card(count: int, words: str) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    card.setMinimumWidth(96)
    layout = QGridLayout(card)
    layout.setContentsMargins(12, SPACING, 12, SPACING)
    layout.setSpacing(0)
    layout.addWidget(label(f"{count:,}", name="bigNumber"), 0, 0)
    layout.addWidget(label(words, quiet=True, small=True), 1, 0)
    return card
