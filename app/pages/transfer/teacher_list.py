"""The teachers of a library, one of them chosen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app import words
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library import ModelRecord
from fsamt_engine.units import format_percent

_LEAST_HEIGHT = 128
_NAMED = 20
"""Actions, where a teacher knows hundreds."""


class TeacherList(QWidget):
    """A table of teachers, and what is known of the chosen one underneath."""

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._teachers: list[ModelRecord] = []
        self._trained_on: Mapping[str, Sequence[str]] = {}
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Teachers of this library"))
        self.table.setToolTip(self.tr("Choose whose embeddings the student learns to give"))
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setMinimumHeight(_LEAST_HEIGHT)
        self.table.setHeaderLabels(
            [
                self.tr("Teacher"),
                self.tr("Sees"),
                self.tr("Knows"),
                self.tr("Right on held-out takes"),
                self.tr("Made"),
            ]
        )
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.details = label(quiet=True, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        self.table.currentItemChanged.connect(self._chosen)

    def show_teachers(
        self, teachers: Sequence[ModelRecord], trained_on: Mapping[str, Sequence[str]]
    ) -> None:
        """Offer teachers, the newest first; the chosen one stays chosen.

        Args:
            teachers: Of one library.
            trained_on: The participants of each, by its id.
        """
        before = self.chosen
        self._teachers, self._trained_on = list(teachers), trained_on
        with QSignalBlocker(self.table):
            self.table.clear()
            self.table.addTopLevelItems([self._row(teacher) for teacher in teachers])
        if teachers:
            self.choose(before.id if before else teachers[0].id)
        else:
            self._chosen()

    @property
    def teachers(self) -> tuple[ModelRecord, ...]:
        """All that are offered."""
        return tuple(self._teachers)

    @property
    def chosen(self) -> ModelRecord | None:
        """The chosen one."""
        item = self.table.currentItem()
        place = -1 if item is None else self.table.indexOfTopLevelItem(item)
        return self._teachers[place] if 0 <= place < len(self._teachers) else None

    def choose(self, teacher_id: str) -> None:
        """Choose a teacher; the newest where it is not there."""
        ids = [teacher.id for teacher in self._teachers]
        place = ids.index(teacher_id) if teacher_id in ids else 0
        item = self.table.topLevelItem(place)
        if item is not None:
            self.table.setCurrentItem(item)

    def _row(self, teacher: ModelRecord) -> QTreeWidgetItem:
        accuracy = teacher.metrics.get("validation_accuracy")
        made = datetime.fromtimestamp(teacher.created_at_us / 1e6)
        item = QTreeWidgetItem(
            [
                teacher.name,
                teacher.modality,
                words.actions(len(teacher.actions)),
                "–" if accuracy is None else format_percent(accuracy),
                f"{made:%Y-%m-%d %H:%M}",
            ]
        )
        item.setToolTip(0, teacher.id)
        item.setTextAlignment(3, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item

    def _chosen(self) -> None:
        teacher = self.chosen
        self.details.setText("" if teacher is None else self._words(teacher))
        self.chosen_changed.emit()

    def _words(self, teacher: ModelRecord) -> str:
        parts = [
            self.tr("It knows {actions}.").format(actions=words.listed(teacher.actions, _NAMED))
        ]
        people = self._trained_on.get(teacher.id, ())
        if people:
            parts.append(
                self.tr(
                    "It was trained on {people}. None of them can be tested on later: the test "
                    "would look better than it is, and is refused."
                ).format(people=", ".join(people))
            )
        return " ".join(parts)
