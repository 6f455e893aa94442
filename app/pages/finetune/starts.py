"""What a recogniser can begin from, and what the labels of a library offer."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import ancestry, seen_participants
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.library.untrimmed import untrimmed_takes


@dataclass(frozen=True)
class StartChoice:
    """A student, a teacher whose weights are the start, or nothing.

    Attributes:
        model: None for from scratch.
        seen: Participants who took part in making it: they cannot be tested on.
        taught: Actions that its teacher was trained on.
        problem: Why nothing that begins here could be tested fairly; "" where it could.
    """

    model: ModelRecord | None = None
    seen: frozenset[str] = frozenset()
    taught: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def name(self) -> str:
        """The model's id; "" for from scratch."""
        return self.model.id if self.model else ""


SCRATCH = StartChoice()


def possible_starts(library: Library) -> list[ModelRecord]:
    """Students, then teachers, the newest of each first."""
    return [
        *list_models(library, ModelKind.STUDENT),
        *list_models(library, ModelKind.TEACHER),
    ]


def start_choice(library: Library, model: ModelRecord) -> StartChoice:
    """What is known of a model as a start."""
    try:
        seen = seen_participants(library, model)
        line = ancestry(library, model)
    except FsamtError as error:
        return StartChoice(model, problem=error.message)
    taught = frozenset(action for one in line for action in one.actions)
    return StartChoice(model, seen, taught)


@dataclass(frozen=True)
class Labels:
    """How many labels there are.

    Attributes:
        counts: By action, then by participant.
    """

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def participants(self) -> list[str]:
        """Everybody with a label."""
        return sorted({who for by_person in self.counts.values() for who in by_person})

    def n(self, actions: Collection[str], participants: Collection[str] | None = None) -> int:
        """Labels of these actions and participants (None: of all)."""
        return sum(self.of(action, participants) for action in actions)

    def of(self, action: str, participants: Collection[str] | None = None) -> int:
        """Labels of one action."""
        return sum(
            n
            for who, n in self.counts.get(action, {}).items()
            if participants is None or who in participants
        )

    def people(self, action: str) -> list[str]:
        """Who has labels of an action."""
        return sorted(who for who, n in self.counts.get(action, {}).items() if n)


@dataclass(frozen=True)
class Untrimmed:
    """What there is to learn when an action begins and ends.

    Attributes:
        labels: Of untrimmed takes, `background` aside: it is what is left of them.
        takes: How many of them each participant has.
    """

    labels: Labels = field(default_factory=Labels)
    takes: Mapping[str, int] = field(default_factory=dict)

    def n_takes(self, participants: Collection[str]) -> int:
        """Untrimmed takes of these participants."""
        return sum(self.takes.get(who, 0) for who in participants)


def untrimmed(library: Library) -> Untrimmed:
    """The untrimmed takes of a library; reads every label, so in a task.

    Raises:
        FsamtError: It cannot be read.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    takes: dict[str, set[str]] = defaultdict(set)
    for one in segments(library, take_ids=untrimmed_takes(library)):
        if one.action != BACKGROUND:
            counts[one.action][one.participant] += 1
            takes[one.participant].add(one.take_id)
    return Untrimmed(Labels(counts), {who: len(ids) for who, ids in takes.items()})


def sensible_actions(labels: Labels, start: StartChoice) -> tuple[str, ...]:
    """The actions that are ticked at first.

    Those of at least two participants, so that one can be trained on and another one tested; not
    those that the teacher was trained on, since it borrowed what it knows from their labels.
    """
    shared = [action for action in labels.counts if len(labels.people(action)) > 1]
    fresh = [action for action in shared if action not in start.taught]
    return tuple(fresh if len(fresh) > 1 else shared)


def sensible_sides(
    participants: Sequence[str], start: StartChoice
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is trained on and who is tested at first: those who were seen, and the others.

    Where nobody was seen the last third is tested; where everybody was, nobody can be.
    """
    unseen = [who for who in participants if who not in start.seen]
    if start.problem:
        return tuple(participants), ()
    if len(unseen) < len(participants):
        return tuple(who for who in participants if who in start.seen), tuple(unseen)
    n_tested = -(-len(unseen) // 3) if len(unseen) > 1 else 0
    n_trained = len(unseen) - n_tested
    return tuple(unseen[:n_trained]), tuple(unseen[n_trained:])
