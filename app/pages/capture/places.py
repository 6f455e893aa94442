"""What the page shows where nothing can be recorded: two sentences and the one thing to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.widgets.buttons import label

_TEXT_WIDTH = 560


class CapturePlaces(QStackedWidget):
    """The work, or why it cannot be done yet.

    Args:
        work: What is shown where everything is there.
    """

    library_wanted = Signal()
    simulated_wanted = Signal()

    def __init__(self, work: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.no_library_words = label(
            self.tr(
                "No library is open. Takes are recorded straight into a library: one folder that "
                "holds takes, labels and models together."
            ),
            wrap=True,
        )
        self.open_button = QPushButton(self.tr("Open or create a library…"))
        self.open_button.clicked.connect(self.library_wanted)
        self._no_library = _place(self.no_library_words, self.open_button)
        self.no_camera_words = label(wrap=True)
        self.simulated_button = QPushButton(self.tr("Use the simulated camera"))
        self.simulated_button.clicked.connect(self.simulated_wanted)
        self._no_camera = _place(self.no_camera_words, self.simulated_button)
        for place in (work, self._no_library, self._no_camera):
            self.addWidget(place)

    @property
    def is_work(self) -> bool:
        """Whether the work is shown."""
        return self.currentWidget() is self._work

    def show_work(self) -> None:
        """Show the work."""
        self.setCurrentWidget(self._work)

    def show_no_library(self) -> None:
        """Ask for a library."""
        self.setCurrentWidget(self._no_library)

    def show_no_camera(self, missing: str) -> None:
        """Ask for a camera.

        Args:
            missing: What cameras of some kind would need here, "" where nothing is missing.
        """
        self.no_camera_words.setText(
            " ".join(
                (
                    self.tr(
                        "No depth camera is connected: plug one in, and it appears here by itself."
                    ),
                    missing
                    or self.tr(
                        "Until then a simulated figure shows how everything works; its takes are "
                        "takes like any others."
                    ),
                )
            )
        )
        self.setCurrentWidget(self._no_camera)


def _place(text: QWidget, button: QPushButton) -> QWidget:
    place = QWidget()
    text.setMaximumWidth(_TEXT_WIDTH)
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(text)
    column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
    column.addStretch(1)
    return place
