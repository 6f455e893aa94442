"""Choosing the pairs of a transfer: participants, and which of their takes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app import words
from app.widgets.buttons import label
from fsamt_engine.library import TakeRow
from fsamt_engine.units import format_duration

_TAKE = Qt.ItemDataRole.UserRole
_PARTICIPANT = Qt.ItemDataRole.UserRole + 1
_LEAST_HEIGHT = 112


@dataclass(frozen=True)
class PairCount:
    """How much some takes amount to; only takes with pairs count, but for `n_depth_only`."""

    n_pairs: int = 0
    n_takes: int = 0
    duration_us: int = 0
    n_depth_only: int = 0

    @classmethod
    def of(cls, rows: Iterable[TakeRow]) -> "PairCount":
        """The amount of these takes."""
        n_pairs = n_takes = duration_us = n_depth_only = 0
        for row in rows:
            if row.n_pairs:
                n_pairs += row.n_pairs
                n_takes += 1
                duration_us += row.duration_us
            else:
                n_depth_only += 1
        return cls(n_pairs, n_takes, duration_us, n_depth_only)


@dataclass(frozen=True)
class OwnTakes:
    """All takes of a participant, and what they amount to."""

    rows: tuple[TakeRow, ...]
    whole: PairCount


def by_participant(rows: Iterable[TakeRow]) -> dict[str, OwnTakes]:
    """Takes in the order of their participants' names; some work for a large library."""
    own: dict[str, list[TakeRow]] = defaultdict(list)
    for row in rows:
        own[row.participant].append(row)
    return {name: OwnTakes(tuple(own[name]), PairCount.of(own[name])) for name in sorted(own)}


class PairSet(QWidget):
    """Participants with their takes; what is ticked takes part."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own: Mapping[str, OwnTakes] = {}
        self._left_out: dict[str, dict[str, TakeRow]] = {}
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
        self.tree.setMinimumHeight(_LEAST_HEIGHT)
        self.tree.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.tree.itemChanged.connect(self._ticked)
        self.tree.itemExpanded.connect(self._fill)
        self.summary = label(small=True, quiet=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.summary)

    def show_takes(self, own: Mapping[str, OwnTakes]) -> None:
        """Offer the takes of a library; what was left out before stays left out."""
        before = self._left_out
        self._own = own
        self._left_out = {}
        for participant, takes in own.items():
            kept = before.get(participant, {})
            self._left_out[participant] = (
                {row.id: row for row in takes.rows if row.id in kept} if kept else {}
            )
        with QSignalBlocker(self.tree):
            self.tree.clear()
            for participant, takes in own.items():
                self.tree.addTopLevelItem(self._participant_item(participant, takes.whole))
        self._tell()

    def take_ids(self) -> tuple[str, ...]:
        """Ids of the chosen takes, sorted."""
        return tuple(
            sorted(
                row.id
                for participant, takes in self._own.items()
                for row in takes.rows
                if row.n_pairs and row.id not in self._left_out[participant]
            )
        )

    def count(self) -> PairCount:
        """How much is chosen; depth-only takes of the chosen participants are counted apart."""
        counts = self._chosen_counts().values()
        return PairCount(
            sum(count.n_pairs for count in counts),
            sum(count.n_takes for count in counts),
            sum(count.duration_us for count in counts),
            sum(count.n_depth_only for count in counts),
        )

    def _chosen_counts(self) -> dict[str, PairCount]:
        """What is chosen of each participant of whom anything is."""
        chosen = {}
        for participant, takes in self._own.items():
            less = PairCount.of(self._left_out[participant].values())
            whole = takes.whole
            if whole.n_takes > less.n_takes:
                chosen[participant] = PairCount(
                    whole.n_pairs - less.n_pairs,
                    whole.n_takes - less.n_takes,
                    whole.duration_us - less.duration_us,
                    whole.n_depth_only,
                )
        return chosen

    def _participant_item(self, participant: str, whole: PairCount) -> QTreeWidgetItem:
        text = f"{participant} · {words.takes(whole.n_takes)} · {words.pairs(whole.n_pairs)}"
        item = QTreeWidgetItem([text])
        item.setData(0, _PARTICIPANT, participant)
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        if whole.n_takes:
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
            item.addChildren([self._take_item(row) for row in self._own[participant].rows])

    def _take_item(self, row: TakeRow) -> QTreeWidgetItem:
        seconds = row.duration_us / 1e6
        amount = words.pairs(row.n_pairs) if row.n_pairs else self.tr("depth only, left out")
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
        n_left_out = len(self._left_out[participant])
        if n_left_out == 0:
            return Qt.CheckState.Checked
        if n_left_out == self._own[participant].whole.n_takes:
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
                take_id = item.data(0, _TAKE)
                if state == Qt.CheckState.Checked:
                    self._left_out[participant].pop(take_id, None)
                else:
                    rows = self._own[participant].rows
                    row = next(row for row in rows if row.id == take_id)
                    self._left_out[participant][take_id] = row
                parent.setCheckState(0, self._state(participant))
        self._tell()

    def _tick_all(self, item: QTreeWidgetItem, state: Qt.CheckState) -> None:
        participant = item.data(0, _PARTICIPANT)
        with_pairs = {row.id: row for row in self._own[participant].rows if row.n_pairs}
        self._left_out[participant] = {} if state == Qt.CheckState.Checked else with_pairs
        for place in range(item.childCount()):
            child = item.child(place)
            if child is not None and child.data(0, _TAKE) in with_pairs:
                child.setCheckState(0, state)

    def _tell(self) -> None:
        count = self.count()
        summary = self.tr("{pairs}, {time}, {takes} of {people}.").format(
            pairs=words.pairs(count.n_pairs),
            time=format_duration(count.duration_us / 1e6),
            takes=words.takes(count.n_takes),
            people=words.participants(len(self._chosen_counts())),
        )
        if count.n_depth_only:
            left_out = self.tr("Left out, since they are depth only: {takes}.")
            summary += " " + left_out.format(takes=words.takes(count.n_depth_only))
        self.summary.setText(summary)
        self.changed.emit()
