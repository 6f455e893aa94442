"""What the page shows where nothing can be recognised: two sentences and the one thing to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.widgets.buttons import label

_TEXT_WIDTH = 560


class LivePlaces(QStackedWidget):
    """The work, or why it cannot be done yet.

    Args:
        work: What is shown where everything is there.
    """

    page_wanted = Signal(str)
    """The key of the page on which that is done."""

    def __init__(self, work: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._page = "open"
        self.words = label(wrap=True)
        self.words.setMaximumWidth(_TEXT_WIDTH)
        self.button = QPushButton()
        self.button.clicked.connect(lambda: self.page_wanted.emit(self._page))
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.addWidget(work)
        self.addWidget(empty)
        self._empty = empty

    @property
    def is_work(self) -> bool:
        """Whether the work is shown."""
        return self.currentWidget() is self._work

    def show_work(self) -> None:
        """Show the work."""
        self.setCurrentWidget(self._work)

    def show_no_library(self) -> None:
        """Ask for a library."""
        self._say(
            "open",
            self.tr(
                "No library is open. A recogniser is kept in a library, together with the takes "
                "that it was trained on."
            ),
            self.tr("Open or create a library…"),
            self.tr("Choose its folder, or an empty one for a new library"),
        )

    def show_no_recogniser(self) -> None:
        """Ask for a recogniser."""
        self._say(
            "finetune",
            self.tr(
                "This library has no recogniser yet: a student becomes one when it is finetuned on "
                "a few labelled takes. Then it watches a camera here, and opens depth alone."
            ),
            self.tr("Finetune a student"),
            self.tr("Go to the page Finetune"),
        )

    def _say(self, page: str, text: str, button: str, tip: str) -> None:
        self._page = page
        self.words.setText(text)
        self.button.setText(button)
        self.button.setToolTip(tip)
        self.setCurrentWidget(self._empty)
