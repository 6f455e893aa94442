"""Where the takes are listed, and what stands there while there is none to list."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app import words
from app.pages.library.sorting import Sorting
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.take_list import TakeList
from fsamt_engine.library import Library

LIST_WIDTH = 276


class TakesPlace(QWidget):
    """The list under how many takes there are and how they are sorted."""

    all_wanted = Signal()
    """The user asks for all takes, since no take is like that."""

    def __init__(self, takes: TakeList, below: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(LIST_WIDTH)
        self.count = label(quiet=True, small=True)
        self.sorting = Sorting()
        self.nothing_words = label(quiet=True)
        self.nothing_words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clear_button = QPushButton(self.tr("Show all takes"))
        self.clear_button.setToolTip(self.tr("Take all filters away"))
        self.clear_button.clicked.connect(self.all_wanted)
        nothing = QWidget()
        middle = QVBoxLayout(nothing)
        middle.addStretch(1)
        middle.addWidget(self.nothing_words)
        middle.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignCenter)
        middle.addStretch(2)
        self._stack = QStackedWidget()
        self._stack.addWidget(takes)
        self._stack.addWidget(nothing)
        head = QHBoxLayout()
        head.addWidget(self.count, 1)
        head.addWidget(self.sorting)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        column.addWidget(below)

    def show_counts(self, n_all: int, n_listed: int) -> None:
        """Say how many takes of how many are listed."""
        everything = words.takes(n_all)
        some = self.tr("{listed} of {takes}").format(listed=f"{n_listed:,}", takes=everything)
        self.count.setText(everything if n_listed == n_all else some)
        self._stack.setCurrentIndex(0 if n_listed else 1)
        self.clear_button.setVisible(n_all > 0)
        self.nothing_words.setText(
            self.tr("No take is like that.") if n_all else self.tr("All takes are in the bin.")
        )


class EmptyPage(QWidget):
    """Two sentences, and the one thing to do, while there is no library or no take."""

    open_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = label(wrap=True)
        self.words.setMaximumWidth(560)
        self.open_button = QPushButton(self.tr("Open or create a library…"))
        self.open_button.setToolTip(self.tr("A library is one folder (Ctrl+O)"))
        self.open_button.clicked.connect(self.open_wanted)
        self.import_button = QPushButton(self.tr("Import a folder…"))
        self.import_button.setToolTip(self.tr("A library, a data set, or a folder of recordings"))
        self.import_button.clicked.connect(self.folder_wanted)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        for button in (self.open_button, self.import_button):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_library(self, library: Library | None) -> None:
        """Explain why nothing is here."""
        self.open_button.setVisible(library is None)
        self.import_button.setVisible(library is not None)
        if library is None:
            self.words.setText(
                self.tr(
                    "No library is open. A library is one folder that holds takes, labels and "
                    "models together."
                )
            )
        else:
            self.words.setText(
                self.tr(
                    "This library has no takes yet. Record some on the page Capture, or drop a "
                    "library, a data set or recordings of a RealSense camera here."
                )
            )
