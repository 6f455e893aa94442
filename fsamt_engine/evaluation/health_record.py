"""What is known of how well a transfer did, and how it is kept; read without PyTorch."""

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from fsamt_engine.evaluation.health_measures import separation
from fsamt_engine.library import Library, ModelRecord, SnapshotItem

FORMAT = 1


class AdviceCode(StrEnum):
    """What to do after a transfer."""

    MORE_PAIRS = "more pairs"
    MORE_EPOCHS = "more epochs"
    CHECK_TAKES = "check these takes"
    LABEL = "go on to labelling"


@dataclass(frozen=True)
class Advice:
    """What to do, and the numbers that it follows from.

    Attributes:
        words: One or two sentences.
        take_ids: What to look at, for "check these takes".
    """

    code: AdviceCode
    words: str
    take_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Retrieval:
    """How often the right partner is among the first k candidates.

    Attributes:
        share: Of the held-out clips, in 0..1.
        chance: What guessing gives: k over the number of candidates.
        interval: 95 % Wilson interval of the share.
    """

    k: int
    share: float
    chance: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Neighbour:
    """A clip that the teacher sees as the student sees another one.

    Attributes:
        is_partner: Whether it is the very same clip.
    """

    item: SnapshotItem
    cosine: float
    is_partner: bool


@dataclass(frozen=True)
class PairHealth:
    """One clip: how the student's answer compares with the teacher's of the same moment.

    Attributes:
        item: The clip, in depth frames of its take.
        cosine: Between the two.
        rank: Of the partner among all candidates, from 1; equals share the mean of their ranks.
        neighbours: The most similar candidates, the nearest first.
        was_held_out: Whether the transfer had held it out; otherwise it was trained on.
    """

    item: SnapshotItem
    cosine: float
    rank: float
    neighbours: tuple[Neighbour, ...]
    was_held_out: bool


@dataclass(frozen=True)
class TransferHealth:
    """How well a student answers as its teacher does, on pairs that the transfer held out.

    Attributes:
        n_videos: Videos of the transfer, those held out among them.
        n_candidates: Clips among which the right partner is looked for: the held-out ones and
            others of the same transfer, one a video.
        matched: Cosines of the held-out pairs, in the order of `pairs`.
        random: Cosines of the same clips with partners of other takes.
        trained: Cosines of pairs that the student was trained on (a sample).
        retrieval: At 1, 5 and 10, as far as there are so many candidates.
        pairs: The held-out pairs.
        worst: The pairs of the lowest cosine, held out or trained on; the worst first.
        doubtful: Those of them that stand apart so far that their takes should be looked at.
        is_fitted: The student's embedding is of another length than the teacher's, or its loss
            left it a space of its own; it was brought to the teacher's by a linear map made from
            the trained pairs.
    """

    student_id: str
    teacher_id: str
    device: str
    n_videos: int
    n_candidates: int
    matched: tuple[float, ...]
    random: tuple[float, ...]
    trained: tuple[float, ...]
    retrieval: tuple[Retrieval, ...]
    pairs: tuple[PairHealth, ...]
    worst: tuple[PairHealth, ...]
    doubtful: tuple[PairHealth, ...]
    advice: Advice
    is_fitted: bool = False

    @property
    def n_held_out(self) -> int:
        """Pairs that everything here is measured on."""
        return len(self.pairs)

    @property
    def separation(self) -> float:
        """Chance that a matched pair is closer than a random one; 0.5 is guessing, NaN unknown."""
        return separation(np.asarray(self.matched), np.asarray(self.random))

    @property
    def matched_mean(self) -> float:
        """Mean cosine of the held-out pairs; NaN without any."""
        return mean(self.matched)

    @property
    def random_mean(self) -> float:
        """Mean cosine of random pairs; NaN without any."""
        return mean(self.random)

    @property
    def trained_mean(self) -> float:
        """Mean cosine of pairs that were trained on; NaN without any."""
        return mean(self.trained)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"format": FORMAT} | asdict(self)


def stored_health(library: Library, student: ModelRecord) -> TransferHealth | None:
    """The health that was measured before; None where it was not, or where its file is damaged."""
    try:
        text = health_path(library, student).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return health_from_json(text)


def health_path(library: Library, student: ModelRecord) -> Path:
    """Where a student's health is kept."""
    return library.absolute(student.path) / "health.json"


def mean(values: tuple[float, ...]) -> float:
    """The mean; NaN of nothing."""
    return math.fsum(values) / len(values) if values else math.nan


def health_from_json(text: str) -> TransferHealth | None:
    """What `to_dict` became as JSON; None for anything else."""
    try:
        content = json.loads(text)
        if content.pop("format") != FORMAT:
            return None
        advice = content["advice"]
        content |= {name: tuple(content[name]) for name in ("matched", "random", "trained")}
        content |= {
            name: tuple(_pair(one) for one in content[name])
            for name in ("pairs", "worst", "doubtful")
        }
        content["retrieval"] = tuple(
            Retrieval(**(one | {"interval": tuple(one["interval"])}))
            for one in content["retrieval"]
        )
        content["advice"] = Advice(
            AdviceCode(advice["code"]), advice["words"], tuple(advice["take_ids"])
        )
        return TransferHealth(**content)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _pair(fields: dict[str, Any]) -> PairHealth:
    neighbours = tuple(
        Neighbour(**(one | {"item": SnapshotItem(**one["item"])})) for one in fields["neighbours"]
    )
    return PairHealth(
        **(fields | {"item": SnapshotItem(**fields["item"]), "neighbours": neighbours})
    )
