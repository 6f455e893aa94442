"""Choosing the pairs of a transfer: participants, and which of their takes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app.widgets.buttons import label
from fsamt_engine.library import TakeRow
from fsamt_engine.units import format_duration

_TAKE = Qt.ItemDataRole.UserRole
_PARTICIPANT = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class PairCount:
    """How much was chosen.

    Attributes:
        n_depth_only: Takes of the chosen participants that have no pairs and so are left out.
    """

    n_pairs: int
    n_takes: int
    n_participants: int
    duration_us: int
    n_depth_only: int


class PairSet(QWidget):
    """Participants with their takes; what is ticked takes part."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._takes: dict[str, list[TakeRow]] = {}
        self._left_out: dict[str, set[str]] = {}
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(self.tr("Participants and their takes"))
        self.tree.setToolTip(
            self.tr(
                "Untick the people you will test on later: with their pairs in the transfer, the "
                "test looks better than it is."
            )
        )
        self.tree.setMinimumHeight(140)
        self.tree.itemChanged.connect(self._ticked)
        self.tree.itemExpanded.connect(self._fill)
        self.summary = label(small=True, quiet=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)

    def show_takes(self, rows: Sequence[TakeRow]) -> None:
        """Offer the takes of a library; what was left out before stays left out."""
        self._takes = defaultdict(list)
        for row in rows:
            self._takes[row.participant].append(row)
        before = self._left_out
        self._left_out = {
            participant: before.get(participant, set()) & {row.id for row in own}
            for participant, own in self._takes.items()
        }
        with QSignalBlocker(self.tree):
            self.tree.clear()
            for participant, own in sorted(self._takes.items()):
                self.tree.addTopLevelItem(self._participant_item(participant, own))
        self._tell()

    def take_ids(self) -> tuple[str, ...]:
        """Ids of the chosen takes, sorted."""
        return tuple(
            sorted(
                row.id
                for participant, own in self._takes.items()
                for row in own
                if row.n_pairs and row.id not in self._left_out[participant]
            )
        )

    def count(self) -> PairCount:
        """How much is chosen."""
        chosen = set(self.take_ids())
        rows = [row for own in self._takes.values() for row in own]
        taken = [row for row in rows if row.id in chosen]
        people = {row.participant for row in taken}
        depth_only = [row for row in rows if not row.n_pairs and row.participant in people]
        return PairCount(
            sum(row.n_pairs for row in taken),
            len(taken),
            len(people),
            sum(row.duration_us for row in taken),
            len(depth_only),
        )

    def _participant_item(self, participant: str, own: list[TakeRow]) -> QTreeWidgetItem:
        with_pairs = [row for row in own if row.n_pairs]
        n_pairs = sum(row.n_pairs for row in with_pairs)
        text = self.tr("{participant} · {takes} takes · {pairs} pairs").format(
            participant=participant, takes=f"{len(with_pairs):,}", pairs=f"{n_pairs:,}"
        )
        item = QTreeWidgetItem([text])
        item.setData(0, _PARTICIPANT, participant)
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        if with_pairs:
            item.setCheckState(0, self._state(participant))
        else:
            item.setDisabled(True)
            item.setToolTip(0, self.tr("All of these takes are depth only."))
        return item

    def _fill(self, item: QTreeWidgetItem) -> None:
        """Make the takes' rows of a participant when they are first looked at."""
        if item.childCount():
            return
        participant = item.data(0, _PARTICIPANT)
        with QSignalBlocker(self.tree):
            for row in self._takes[participant]:
                item.addChild(self._take_item(row))

    def _take_item(self, row: TakeRow) -> QTreeWidgetItem:
        seconds = row.duration_us / 1e6
        amount = (
            self.tr("{count} pairs").format(count=f"{row.n_pairs:,}")
            if row.n_pairs
            else self.tr("depth only, left out")
        )
        text = self.tr("take {number} · {seconds:.1f} s · {amount}").format(
            number=row.number, seconds=seconds, amount=amount
        )
        child = QTreeWidgetItem([text])
        child.setData(0, _TAKE, row.id)
        if row.n_pairs:
            left_out = row.id in self._left_out[row.participant]
            child.setCheckState(0, Qt.CheckState.Unchecked if left_out else Qt.CheckState.Checked)
        else:
            child.setDisabled(True)
        return child

    def _state(self, participant: str) -> Qt.CheckState:
        n_with_pairs = sum(row.n_pairs > 0 for row in self._takes[participant])
        n_left_out = len(self._left_out[participant])
        if n_left_out == 0:
            return Qt.CheckState.Checked
        if n_left_out == n_with_pairs:
            return Qt.CheckState.Unchecked
        return Qt.CheckState.PartiallyChecked

    def _ticked(self, item: QTreeWidgetItem) -> None:
        state = item.checkState(0)
        with QSignalBlocker(self.tree):
            parent = item.parent()
            if parent is None:
                self._tick_all(item, state)
            else:
                participant = parent.data(0, _PARTICIPANT)
                left_out = self._left_out[participant]
                take_id = item.data(0, _TAKE)
                if state == Qt.CheckState.Checked:
                    left_out.discard(take_id)
                else:
                    left_out.add(take_id)
                parent.setCheckState(0, self._state(participant))
        self._tell()

    def _tick_all(self, item: QTreeWidgetItem, state: Qt.CheckState) -> None:
        participant = item.data(0, _PARTICIPANT)
        with_pairs = {row.id for row in self._takes[participant] if row.n_pairs}
        self._left_out[participant] = set() if state == Qt.CheckState.Checked else with_pairs
        for place in range(item.childCount()):
            child = item.child(place)
            if child is not None and child.data(0, _TAKE) in with_pairs:
                child.setCheckState(0, state)

    def _tell(self) -> None:
        count = self.count()
        words = self.tr("{pairs} pairs, {time}, {takes} takes of {people} participants.").format(
            pairs=f"{count.n_pairs:,}",
            time=format_duration(count.duration_us / 1e6),
            takes=f"{count.n_takes:,}",
            people=count.n_participants,
        )
        if count.n_depth_only:
            words += " " + self.tr("{count} depth-only takes are left out.").format(
                count=f"{count.n_depth_only:,}"
            )
        self.summary.setText(words)
        self.changed.emit()
