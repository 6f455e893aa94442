"""Choosing the pairs of a transfer: participants, and which of their takes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from app import words
from fsamt_engine.evaluation.protocols import left_for_test
from fsamt_engine.units import format_duration

if TYPE_CHECKING:
    from fsamt_engine.learning.pair_choice import PairTake

_TAKE = Qt.ItemDataRole.UserRole
_PARTICIPANT = Qt.ItemDataRole.UserRole + 1
_LEAST_HEIGHT = 160
_N_EXAMPLES = 5


@dataclass(frozen=True)
class PairCount:
    """How much some takes amount to."""

    n_pairs: int = 0
    n_takes: int = 0
    seconds: float = 0.0
    n_people: int = 0

    @classmethod
    def of(cls, takes: Iterable["PairTake"]) -> "PairCount":
        """The amount of these takes."""
        n_pairs, n_takes, seconds, people = 0, 0, 0.0, set()
        for take in takes:
            n_pairs += take.n_pairs
            n_takes += 1
            seconds += take.seconds
            people.add(take.participant)
        return cls(n_pairs, n_takes, seconds, len(people))


class PairSet(QWidget):
    """Participants with their takes; what is ticked takes part.

    Args:
        names_of: Names of a participant's takes by their ids, asked when they are first looked at.
    """

    changed = Signal()

    def __init__(
        self, names_of: Callable[[str], Mapping[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._names_of = names_of
        self._own: dict[str, list[PairTake]] = {}
        self._left_out: dict[str, set[str]] = defaultdict(set)
        self._wanted: frozenset[str] | None = None
        self._is_touched = False
        self._count = PairCount()
        self._joints: dict[int, tuple[str, ...]] = {}
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(
            [self.tr("Participant"), self.tr("Takes"), self.tr("Time"), self.tr("Pairs")]
        )
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(self.tr("Participants and their takes"))
        self.tree.setToolTip(
            self.tr(
                "Untick the people you will test on later: with their pairs in the transfer, the "
                "test would look better than it is, and is refused."
            )
        )
        self.tree.setMinimumHeight(_LEAST_HEIGHT)
        self.tree.itemChanged.connect(self._ticked)
        self.tree.itemExpanded.connect(self._fill)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree)

    def show_takes(
        self, takes: Iterable["PairTake"], everybody: Sequence[str] = (), seen: Collection[str] = ()
    ) -> None:
        """Offer takes with pairs; what a person left out before stays left out.

        Until a person has ticked anything, some people are left for the test.

        Args:
            takes: All that could serve.
            everybody: The participants of the library, also those without pairs.
            seen: Whom the teacher was trained on; no test of them is possible anyway.
        """
        own: dict[str, list[PairTake]] = defaultdict(list)
        for take in takes:
            own[take.participant].append(take)
        self._own = {name: own[name] for name in sorted(own)}
        if self._wanted is not None:
            self._leave_out_others(self._wanted)
            self._wanted = None
            self._is_touched = True
        elif not self._is_touched:
            self._left_out.clear()
            for participant in self._own.keys() & left_for_test(everybody, seen):
                self._left_out[participant] = {take.take_id for take in self._own[participant]}
        with QSignalBlocker(self.tree):
            self.tree.clear()
            for participant in self._own:
                self.tree.addTopLevelItem(self._participant_item(participant))
        self._tell()

    def forget_ticks(self) -> None:
        """Another library: what was ticked means nothing there."""
        self._is_touched = False

    def choose_once_shown(self, take_ids: Iterable[str]) -> None:
        """Choose exactly these when takes are shown the next time."""
        self._wanted = frozenset(take_ids)

    def take_ids(self) -> tuple[str, ...]:
        """Ids of the chosen takes, sorted."""
        return tuple(sorted(take.take_id for take in self._chosen()))

    def people(self) -> tuple[str, ...]:
        """The participants of whom anything is chosen."""
        return tuple(sorted({take.participant for take in self._chosen()}))

    @property
    def examples(self) -> tuple[str, ...]:
        """A few of the takes that are offered, spread over all of them."""
        ids = [take.take_id for takes in self._own.values() for take in takes]
        return tuple(ids[:: max(1, len(ids) // _N_EXAMPLES)][:_N_EXAMPLES])

    @property
    def count(self) -> PairCount:
        """How much is chosen."""
        return self._count

    @property
    def joints(self) -> Mapping[int, Sequence[str]]:
        """Whose chosen takes have skeletons of how many joints; empty where no skeleton counts."""
        return self._joints

    @property
    def n_unticked(self) -> int:
        """How many takes were left out by hand."""
        return sum(len(takes) for takes in self._own.values()) - self._count.n_takes

    def tick(self, participant: str, ticked: bool) -> None:
        """Take a participant's takes in, or leave them out."""
        for place in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(place)
            if item is not None and item.data(0, _PARTICIPANT) == participant:
                state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                item.setCheckState(0, state)

    def _leave_out_others(self, wanted: frozenset[str]) -> None:
        for participant, takes in self._own.items():
            others = {take.take_id for take in takes} - wanted
            self._left_out[participant] = others

    def _chosen(self) -> Iterable["PairTake"]:
        for participant, takes in self._own.items():
            left_out = self._left_out[participant]
            for take in takes:
                if take.take_id not in left_out:
                    yield take

    def _participant_item(self, participant: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self._columns(participant, PairCount.of(self._own[participant])))
        self._align(item)
        item.setData(0, _PARTICIPANT, participant)
        item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        item.setCheckState(0, self._state(participant))
        return item

    def _columns(self, name: str, count: PairCount) -> list[str]:
        time = format_duration(count.seconds)
        return [name, f"{count.n_takes:,}", time, f"{count.n_pairs:,}"]

    def _align(self, item: QTreeWidgetItem) -> None:
        for column in (1, 2, 3):
            item.setTextAlignment(
                column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            )

    def _fill(self, item: QTreeWidgetItem) -> None:
        """Make the takes' rows of a participant when they are first looked at."""
        if item.childCount():
            return
        participant = item.data(0, _PARTICIPANT)
        names = self._names_of(participant)
        with QSignalBlocker(self.tree):
            item.addChildren([self._take_item(take, names) for take in self._own[participant]])

    def _take_item(self, take: "PairTake", names: Mapping[str, str]) -> QTreeWidgetItem:
        name = names.get(take.take_id, take.take_id)
        child = QTreeWidgetItem([name, "", f"{take.seconds:.1f} s", f"{take.n_pairs:,}"])
        self._align(child)
        child.setData(0, _TAKE, take.take_id)
        is_out = take.take_id in self._left_out[take.participant]
        child.setCheckState(0, Qt.CheckState.Unchecked if is_out else Qt.CheckState.Checked)
        return child

    def _state(self, participant: str) -> Qt.CheckState:
        own = {take.take_id for take in self._own[participant]}
        n_left_out = len(own & self._left_out[participant])
        if n_left_out == 0:
            return Qt.CheckState.Checked
        return Qt.CheckState.Unchecked if n_left_out == len(own) else Qt.CheckState.PartiallyChecked

    def _ticked(self, item: QTreeWidgetItem) -> None:
        self._is_touched = True
        state = item.checkState(0)
        with QSignalBlocker(self.tree):
            parent = item.parent()
            if parent is None:
                self._tick_all(item, state)
            else:
                left_out = self._left_out[parent.data(0, _PARTICIPANT)]
                take_id = item.data(0, _TAKE)
                if state == Qt.CheckState.Checked:
                    left_out.discard(take_id)
                else:
                    left_out.add(take_id)
                parent.setCheckState(0, self._state(parent.data(0, _PARTICIPANT)))
        self._tell()

    def _tick_all(self, item: QTreeWidgetItem, state: Qt.CheckState) -> None:
        participant = item.data(0, _PARTICIPANT)
        own = {take.take_id for take in self._own[participant]}
        if state == Qt.CheckState.Checked:
            self._left_out[participant] -= own
        else:
            self._left_out[participant] |= own
        for place in range(item.childCount()):
            child = item.child(place)
            if child is not None:
                child.setCheckState(0, state)

    def _tell(self) -> None:
        self._count = PairCount.of(self._chosen())
        people: dict[int, set[str]] = defaultdict(set)
        for take in self._chosen():
            if take.n_joints is not None:
                people[take.n_joints].add(take.participant)
        self._joints = {n: tuple(sorted(people[n])) for n in sorted(people)}
        self.changed.emit()


def count_words(count: PairCount) -> str:
    """As "1,248 pairs, 4 min, 40 takes of 3 participants"."""
    parts = (words.pairs(count.n_pairs), format_duration(count.seconds), words.takes(count.n_takes))
    return f"{parts[0]}, {parts[1]}, {parts[2]} · {words.participants(count.n_people)}"
