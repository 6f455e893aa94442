"""The step that says which pairs the student learns from, and which are left out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app import words
from app.engine import EngineFacts
from app.lookup import Lookup
from app.pages.transfer.left_out import LeftOutList
from app.pages.transfer.pair_set import PairCount, PairSet
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep
from fsamt_engine.library import Library, ModelRecord, TakeFilter
from fsamt_engine.library.takes import list_takes, participants
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.units import format_duration

if TYPE_CHECKING:
    from fsamt_engine.learning.pair_choice import PairsOverview

_LEFT_OUT_WIDTH = 320


class PairsStep(WizardStep):
    """How many pairs, how long, from whom; what is left out, and why."""

    problem = Signal(object)
    """A `Problem`: the pairs could not be looked at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Pairs"),
            self.tr(
                "The same moments as teacher and student see them; no label is read. People whose "
                "pairs are used cannot be tested later."
            ),
        )
        self._library: Library | None = None
        self._teacher: ModelRecord | None = None
        self._target = "depth"
        self.targets: tuple[str, ...] = ()
        """What students could receive in this library, once it was looked at."""
        self._seen: frozenset[str] = frozenset()
        self._everybody: tuple[str, ...] = ()
        self._has_engine = False
        self._known_joints: tuple[int, ...] = ()
        self._is_read = False
        self._look_up = Lookup(self.tr("Looking at the pairs"), self)
        self._look_up.found.connect(self._show)
        self._look_up.failed.connect(self._fail)
        self.pairs = PairSet(self._names_of)
        self.own_actions = QCheckBox(self.tr("Leave out the teacher’s own takes"))
        self.own_actions.setChecked(True)
        self.own_actions.setToolTip(
            self.tr(
                "Those that it was trained on. It knows them by heart: its embeddings of them say "
                "little about takes it has not seen, and students of such pairs came out worse."
            )
        )
        self.left_out = LeftOutList()
        self.for_test = label(small=True, quiet=True, wrap=True)
        self._numbers = {
            "pairs": (label(name="bigNumber"), label(self.tr("pairs"), quiet=True)),
            "time": (label(name="bigNumber"), label(self.tr("long"), quiet=True)),
            "takes": (label(name="bigNumber"), label(self.tr("takes"), quiet=True)),
            "people": (label(name="bigNumber"), label(self.tr("participants"), quiet=True)),
        }
        self._build()
        self.pairs.changed.connect(self._tell)
        self.own_actions.toggled.connect(self.look)
        self._tell()

    def _build(self) -> None:
        numbers = QHBoxLayout()
        numbers.setSpacing(4 * SPACING)
        for value, name in self._numbers.values():
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(value)
            column.addWidget(name)
            numbers.addLayout(column)
        numbers.addStretch(1)
        beside = QFrame()
        beside.setObjectName("card")
        beside.setFixedWidth(_LEFT_OUT_WIDTH)
        inside = QVBoxLayout(beside)
        inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        inside.setSpacing(SPACING)
        inside.addWidget(label(self.tr("Left out"), name="heading"))
        inside.addWidget(self.left_out, 1)
        inside.addWidget(self.own_actions)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        column = QVBoxLayout()
        column.setSpacing(SPACING)
        column.addWidget(self.pairs, 1)
        column.addWidget(self.for_test)
        row.addLayout(column, 1)
        row.addWidget(beside)
        self.body.addLayout(numbers)
        self.body.addLayout(row, 1)

    def read_library(self, library: Library) -> None:
        """Look at the pairs of a library."""
        if library is not self._library:
            self.pairs.forget_ticks()
        self._library = library
        self.look()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """The part of the engine that looks at pairs comes with PyTorch."""
        if facts is not None and not self._has_engine:
            self._has_engine = True
            self._known_joints = tuple(facts.skeleton_networks)
            self.look()

    def show_teacher(self, teacher: ModelRecord | None, seen: Iterable[str] = ()) -> None:
        """Look again for another teacher, whose own takes are left out.

        Args:
            teacher: None where none is chosen.
            seen: Whom it was trained on.
        """
        before, self._teacher = self._teacher, teacher
        self._seen = frozenset(seen)
        if (before and before.id) != (teacher and teacher.id):
            self.own_actions.setEnabled(teacher is not None)
            self.look()

    def show_target(self, modality: str) -> None:
        """Look again for a student that receives something else."""
        if modality != self._target:
            self._target = modality
            self.look()

    def choose(self, take_ids: Iterable[str]) -> None:
        """Choose exactly these takes; the teacher's own among them too."""
        self.pairs.choose_once_shown(take_ids)
        self.own_actions.setChecked(False)
        self.look()

    def look(self) -> None:
        """Look at the pairs anew, in the background: a large library has many takes."""
        library = self._library
        if library is None or not self._has_engine:
            return
        teacher, with_own = self._teacher, not self.own_actions.isChecked()
        target = self._target

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "PairsOverview":
            from fsamt_engine.learning.pair_choice import look_at_pairs
            from fsamt_engine.modalities.preparation import Modality

            return look_at_pairs(
                library, teacher=teacher, target=Modality(target), with_own=with_own
            )

        self._is_read = False
        self._look_up.ask(work)
        self.changed.emit()

    def wait(self) -> None:
        """Wait for what is read in the background, before the library is closed."""
        self._library = None
        self._look_up.drop()

    @property
    def is_reading(self) -> bool:
        """Whether the pairs are being looked at."""
        return self._look_up.is_busy

    @property
    def examples(self) -> tuple[str, ...]:
        """A few takes with pairs, to be looked at; none before they are read."""
        return self.pairs.examples if self._is_read else ()

    @property
    def count(self) -> PairCount:
        """How much is chosen."""
        return self.pairs.count

    @property
    def summary(self) -> str:
        """As "1,248 pairs, 42 s, of 3 participants"."""
        count = self.count
        return self.tr("{pairs}, {time}, of {people}").format(
            pairs=words.pairs(count.n_pairs),
            time=format_duration(count.seconds),
            people=words.participants(count.n_people),
        )

    @property
    def obstacle(self) -> str:
        """Some takes are needed: one is held out, and one is learned from; skeletons alike."""
        if not self._has_engine:
            return self.tr("PyTorch is still loading; this takes seconds.")
        if not self._is_read:
            return self.tr("The pairs are being looked at.")
        if self.count.n_takes >= 2:
            return self._obstacle_of_joints()
        if self.pairs.n_unticked:
            return self.tr("Fewer than two takes are chosen. Tick more participants or takes.")
        if self.own_actions.isChecked() and self.left_out.has("teacher"):
            return self.tr(
                "Only takes that the teacher was trained on have pairs. Take them in at the right, "
                "or record takes with colour."
            )
        return self.tr(
            "There are fewer than two takes with colour and {target}. Record or import some."
        ).format(target=self._target)

    @property
    def n_joints(self) -> int | None:
        """Of the chosen takes' skeletons; None where none counts, or they are of several kinds."""
        joints = tuple(self.pairs.joints) if self._is_read else ()
        return joints[0] if len(joints) == 1 else None

    def _obstacle_of_joints(self) -> str:
        """A network takes skeletons of one kind, and not every kind has a network."""
        joints = self.pairs.joints
        if len(joints) > 1:
            one = self.tr("{n} joints ({people})")
            kinds = [one.format(n=n, people=words.listed(who, 3)) for n, who in joints.items()]
            return self.tr(
                "The chosen takes have skeletons of {kinds}, and a network takes one kind. Untick "
                "the takes of the other."
            ).format(kinds=words.listed(kinds))
        if joints and self._known_joints and not joints.keys() & set(self._known_joints):
            return self.tr(
                "The chosen takes have skeletons of {n} joints; networks are known for {known}. "
                "Let the student see something else."
            ).format(n=next(iter(joints)), known=words.listed([str(n) for n in self._known_joints]))
        return ""

    def _show(self, overview: "PairsOverview") -> None:
        self._is_read = True
        self.targets = tuple(overview.targets)
        self.left_out.show_reasons(overview.left_out)
        self._everybody = tuple(participants(self._library)) if self._library else ()
        self.pairs.show_takes(overview.used, self._everybody, self._seen)

    def _words_of_test(self) -> str:
        """Who could still be tested after this transfer."""
        used = {*self.pairs.people(), *self._seen}
        left = [who for who in self._everybody if who not in used]
        if left:
            return self.tr(
                "Left for a test later: {people}. Whose pairs are used cannot be tested."
            ).format(people=words.listed(left, 6))
        if self.count.n_takes:
            return self.tr(
                "Nobody is left for a test later: every participant is seen by the teacher or in "
                "these pairs. Untick somebody, or train a teacher on fewer people."
            )
        return ""

    def _fail(self, problem: Problem) -> None:
        self.problem.emit(problem)

    def _names_of(self, participant: str) -> dict[str, str]:
        if self._library is None:
            return {}
        rows = list_takes(self._library, TakeFilter(participants=(participant,)))
        several = len({row.session for row in rows}) > 1
        name = self.tr("take {number}")
        return {
            row.id: (f"{row.session} · " if several else "") + name.format(number=row.number)
            for row in rows
        }

    def _tell(self) -> None:
        count = self.count
        for key, text in {
            "pairs": f"{count.n_pairs:,}",
            "time": format_duration(count.seconds),
            "takes": f"{count.n_takes:,}",
            "people": f"{count.n_people:,}",
        }.items():
            self._numbers[key][0].setText(text)
        self.for_test.setText(self._words_of_test())
        self.for_test.setVisible(bool(self.for_test.text()))
        self.changed.emit()
