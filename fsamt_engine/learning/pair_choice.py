"""Which takes a transfer can use, which it leaves out, and why.

No label of a take is read. What a teacher was trained on is known from the teacher's snapshot.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fsamt_engine.library import Library, ModelRecord, QualityLevel, StreamKind
from fsamt_engine.library.compositions import composed_take_ids
from fsamt_engine.library.pair_rows import PairRow, joints_of_takes, pair_rows
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality

_LEAST_OF_A_CLIP = 0.5
"""A take that is shorter than this share of a clip would be half a still picture."""
_MOSTLY = 0.5
"""Share of a take that a teacher was trained on, from which on it is one of its own."""


TARGETS = (Modality.DEPTH, Modality.INFRARED, Modality.SKELETON)
"""What a student can receive."""


class WhyLeftOut(StrEnum):
    """Why a take is not used; where several apply, the first of these."""

    COMPOSED = "composed"
    NO_COLOUR = "no colour"
    CONSENT = "consent"
    UNSEEN = "unseen"
    NO_PAIRS = "no pairs"
    BAD = "bad"
    SHORT = "short"
    TEACHER = "teacher"


_WORDS = {
    WhyLeftOut.COMPOSED: "They were composed of other takes, whose pairs would count twice.",
    WhyLeftOut.NO_COLOUR: "They have no colour, so the teacher has nothing to see."
    " They can be labelled and tested on.",
    WhyLeftOut.UNSEEN: "They have nothing of what the student receives.",
    WhyLeftOut.CONSENT: "The participant did not allow colour, or only until a day that is past.",
    WhyLeftOut.NO_PAIRS: "They have colour, but none of the same moment as depth.",
    WhyLeftOut.BAD: "Too much of them was lost in the recording. The take's verdict says what, and"
    " what to do about it.",
    WhyLeftOut.SHORT: "They are shorter than half a clip of the network.",
    WhyLeftOut.TEACHER: "The teacher was trained on them. It knows them by heart, so its embeddings"
    " of them say little of what it sees in new takes, and a student learns worse from them.",
}


@dataclass(frozen=True)
class PairTake:
    """A take whose pairs can be used.

    Attributes:
        n_joints: Of a body, where the student receives skeletons: networks take one kind of them.
    """

    take_id: str
    participant: str
    n_pairs: int
    seconds: float
    n_joints: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """Takes that are not used, for one reason.

    Attributes:
        reason: A `WhyLeftOut`.
        words: Why, in a sentence or two that begin with "They".
    """

    reason: WhyLeftOut
    words: str
    take_ids: tuple[str, ...]


@dataclass(frozen=True)
class ParticipantPairs:
    """What the usable takes of a participant amount to."""

    participant: str
    n_takes: int
    n_pairs: int
    seconds: float


@dataclass(frozen=True)
class PairsOverview:
    """What a transfer has to choose from.

    Attributes:
        used: By participant, session and number.
        left_out: In the order of `WhyLeftOut`; reasons that no take has are absent.
        targets: What a student could receive: modalities that some takes have beside colour.
    """

    used: tuple[PairTake, ...]
    left_out: tuple[LeftOut, ...]
    targets: tuple[Modality, ...] = ()

    @property
    def by_participant(self) -> tuple[ParticipantPairs, ...]:
        """Totals of the usable takes, sorted by name."""
        own: dict[str, list[PairTake]] = defaultdict(list)
        for take in self.used:
            own[take.participant].append(take)
        return tuple(
            ParticipantPairs(
                name,
                len(own[name]),
                sum(take.n_pairs for take in own[name]),
                sum(take.seconds for take in own[name]),
            )
            for name in sorted(own)
        )


def look_at_pairs(
    library: Library,
    participants: Sequence[str] | None = None,
    teacher: ModelRecord | None = None,
    *,
    target: Modality = Modality.DEPTH,
    with_own: bool = False,
) -> PairsOverview:
    """Divide takes into those that a transfer can use and those that it should leave out.

    Args:
        library: Where the takes are.
        participants: Only takes of these; None for all.
        teacher: Leave out what it was trained on itself, and what is too short for its clips; None
            leaves out nothing of its own, and takes the usual clips.
        target: What the student receives. Without depth every frame of a take is a pair.
        with_own: Use what the teacher was trained on all the same.

    Raises:
        FsamtError: The library cannot be read, or the teacher's snapshot is gone.
    """
    span = _span(teacher)
    known = {} if with_own else _frames_known(library, teacher)
    seen = {one: set(_seen_with_colour(library, one, participants)) for one in TARGETS}
    joints = joints_of_takes(library) if target is Modality.SKELETON else {}
    composed = composed_take_ids(library)
    used: list[PairTake] = []
    left_out: dict[WhyLeftOut, list[str]] = defaultdict(list)
    for row in pair_rows(library, participants):
        why = _why_left_out(row, span, known.get(row.id, 0), row.id in seen[target])
        if row.id in composed:
            why = WhyLeftOut.COMPOSED
        if why is None:
            n_pairs = row.n_pairs or row.n_frames
            seconds = row.duration_us / 1e6
            used.append(PairTake(row.id, row.participant, n_pairs, seconds, joints.get(row.id)))
        else:
            left_out[why].append(row.id)
    return PairsOverview(
        tuple(used),
        tuple(
            LeftOut(why, _WORDS[why], tuple(left_out[why])) for why in WhyLeftOut if left_out[why]
        ),
        tuple(one for one in TARGETS if seen[one]),
    )


def _seen_with_colour(
    library: Library, target: Modality, participants: Sequence[str] | None
) -> list[str]:
    return take_ids_with(library, (StreamKind.COLOUR, *kinds_of(target)), participants)


def _why_left_out(row: PairRow, span: int, n_known: int, is_seen: bool) -> WhyLeftOut | None:
    if not row.has_colour:
        return WhyLeftOut.NO_COLOUR
    if not row.may_use_colour:
        return WhyLeftOut.CONSENT
    if not is_seen:
        return WhyLeftOut.NO_PAIRS if row.has_depth and row.n_pairs == 0 else WhyLeftOut.UNSEEN
    if row.level is QualityLevel.BAD:
        return WhyLeftOut.BAD
    if row.n_frames < _LEAST_OF_A_CLIP * span:
        return WhyLeftOut.SHORT
    if n_known > _MOSTLY * row.n_frames:
        return WhyLeftOut.TEACHER
    return None


def _span(teacher: ModelRecord | None) -> int:
    shape = teacher.settings.get("shape") if teacher else None
    return (ClipShape(**shape) if shape else ClipShape()).span


def _frames_known(library: Library, teacher: ModelRecord | None) -> dict[str, int]:
    """How many frames of each take a teacher was trained or validated on."""
    frames: dict[str, int] = defaultdict(int)
    if teacher is not None and teacher.snapshot_id is not None:
        seen = snapshot(library, teacher.snapshot_id)
        for item in {*seen.train, *seen.validation}:
            frames[item.take_id] += item.end - item.start
    return frames
