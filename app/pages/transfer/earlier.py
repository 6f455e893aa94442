"""What stands under the steps: runs that are paused, and transfers that were made before."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label, separator
from fsamt_engine.library import ModelRecord

_MOST_SHOWN = 6


class EarlierTransfers(QWidget):
    """The students of a library; one that is chosen is to be shown with its health."""

    student_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Earlier transfers"))
        self.list.setToolTip(self.tr("Open a transfer to see how well it went (Enter)"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.itemActivated.connect(self._opened)
        self.list.itemClicked.connect(self._opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * SPACING, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(separator())
        column.addWidget(label(self.tr("Earlier transfers"), name="heading"))
        column.addWidget(self.list)

    def show_students(self, students: Sequence[ModelRecord]) -> None:
        """Offer students, the newest first."""
        self.setVisible(bool(students))
        with QSignalBlocker(self.list):
            self.list.clear()
            for student in students:
                made = datetime.fromtimestamp(student.created_at_us / 1e6)
                distance = student.metrics.get("validation_cosine_distance")
                words = f"{made:%Y-%m-%d %H:%M}"
                if distance is not None:
                    words += " · " + self.tr("distance {d:.3f}").format(d=distance)
                item = QListWidgetItem(words)
                item.setData(Qt.ItemDataRole.UserRole, student.id)
                item.setToolTip(f"{student.name} ({student.id})")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{student.name}, {words}")
                self.list.addItem(item)
        n_shown = min(_MOST_SHOWN, max(1, self.list.count()))
        self.list.setFixedHeight(n_shown * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth())

    def _opened(self, item: QListWidgetItem) -> None:
        self.student_wanted.emit(item.data(Qt.ItemDataRole.UserRole))
