"""The frozen snapshot of a recogniser: what it was trained and tested on, and what made it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.model_words import kind_name
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library import BACKGROUND, ModelKind, ModelRecord, Snapshot, SnapshotItem

_ITEM = Qt.ItemDataRole.UserRole
_MAX_TABLE_PX = 240


class SnapshotCard(QFrame):
    """Facts on the left, every clip on the right; it never changes, whatever is labelled later."""

    clip_chosen = Signal(object)
    """The `SnapshotItem` that was opened by a double click or Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._is_detector = False
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(2 * SPACING)
        self._facts.setVerticalSpacing(4)
        self._facts.setColumnStretch(1, 1)
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Clips of the snapshot"))
        self.table.setHeaderLabels(
            [self.tr("Side"), self.tr("Action"), self.tr("Participant"), self.tr("Frames")]
        )
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFixedHeight(_MAX_TABLE_PX)
        self.table.setToolTip(self.tr("Enter or a double click shows the clip"))
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.itemActivated.connect(lambda item: self.clip_chosen.emit(item.data(0, _ITEM)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        layout.setSpacing(SPACING)
        layout.addWidget(label(self.tr("Snapshot and lineage"), name="heading"))
        layout.addWidget(
            label(
                self.tr(
                    "What it was trained and tested on is frozen: labels that change later do not "
                    "change what is said here."
                ),
                quiet=True,
                wrap=True,
            )
        )
        layout.addLayout(self._facts)
        layout.addWidget(self.table)

    def show_snapshot(
        self, line: Sequence[ModelRecord], snapshot: Snapshot, tested: Sequence[SnapshotItem]
    ) -> None:
        """Show what stands behind a recogniser.

        Args:
            line: The recogniser, what it was made from, and so on up to the teacher.
            snapshot: Of the recogniser.
            tested: What it was really tested on.
        """
        model = line[0]
        self._is_detector = model.kind is ModelKind.DETECTOR
        fit = model.settings.get("fit", {})
        facts = [
            (kind_name(model.kind), model.id),
            (self.tr("Made"), words.day(model.created_at_us)),
            (
                self.tr("Begins from"),
                " ← ".join(one.id for one in line[1:]) or self.tr("nothing: from scratch"),
            ),
            (self.tr("Network"), model.network),
            (
                self.tr("Training"),
                self.tr("{epochs} epochs, seed {seed}").format(
                    epochs=fit.get("epochs", "?"), seed=fit.get("seed", "?")
                ),
            ),
            (self.tr("Snapshot"), snapshot.id),
            (self.tr("Trained on"), self._side(snapshot.train)),
            (self.tr("Tested on"), self._side(tested) if tested else self.tr("nobody")),
        ]
        while (item := self._facts.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row, (name, text) in enumerate(facts):
            self._facts.addWidget(label(name, quiet=True), row, 0, Qt.AlignmentFlag.AlignTop)
            value = label(text, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(value, row, 1)
        self._list(snapshot, tested)

    def _side(self, items: Sequence[SnapshotItem]) -> str:
        people = sorted({item.participant for item in items})
        n_labels = sum(item.action != BACKGROUND for item in items)
        return self.tr("{clips} of {people}").format(
            clips=words.labels(n_labels) if self._is_detector else words.clips(len(items)),
            people=words.listed(people, 12),
        )

    def _list(self, snapshot: Snapshot, tested: Sequence[SnapshotItem]) -> None:
        self.table.clear()
        rows = []
        for side, items in (
            (self.tr("train"), snapshot.train),
            (self.tr("validation"), snapshot.validation),
            (self.tr("test"), tested),
        ):
            for one in items:
                if self._is_detector and one.action == BACKGROUND:
                    continue  # It is what is left of the takes, and nothing to look at.
                frames = f"{one.start + 1}–{one.end}"
                row = QTreeWidgetItem([side, str(one.action), one.participant, frames])
                row.setData(0, _ITEM, one)
                row.setToolTip(3, one.take_id)
                rows.append(row)
        self.table.addTopLevelItems(rows)
