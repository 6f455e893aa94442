"""Whether the order of a table's methods is the paper's, in words; read without PyTorch."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import stdtrit

from fsamt_engine.evaluation import summarise
from fsamt_engine.experiments.published import Claim, PublishedTable
from fsamt_engine.experiments.table import PartialTable

MIN_SEEDS = 3
"""Fewer claim nothing: two that agree by chance would."""
COVERS = (
    "The intervals cover other labels and other starts of the finetuning (the seeds), on the same "
    "test: not how other people or other takes in the test would change the difference."
)
_CONFIDENCE = 0.95


class Verdict(StrEnum):
    """What a table says of a claim of the paper."""

    AGREES = "agrees"
    DISAGREES = "does not agree"
    UNTOLD = "cannot be told"


@dataclass(frozen=True)
class Difference:
    """Two methods with one number of labels.

    Attributes:
        points: The figure (accuracy, or mAP) of the first minus that of the second, percentage
            points: the mean over the seeds that both have.
        interval: 95 % of it over the seeds (Student's t over the seeds' differences: both methods
            get the same labels in each seed), never narrower than a clip (or segment) of the test
            to both sides; None for fewer than three seeds, whose spread is not known. See `COVERS`.
        n_seeds: That both have.
    """

    n_labels: int
    points: float
    interval: tuple[float, float] | None
    n_seeds: int

    @property
    def verdict(self) -> Verdict:
        """Of the claim that the first method is better."""
        if self.interval is None:
            return Verdict.UNTOLD
        low, high = self.interval
        if low > 0:
            return Verdict.AGREES
        return Verdict.DISAGREES if high < 0 else Verdict.UNTOLD

    def __str__(self) -> str:
        """For a sentence: "+7.1 points (95 %: 2.0 to 12.2) with 5 labels"."""
        labels = f"with {self.n_labels} label{'' if self.n_labels == 1 else 's'}"
        if self.interval is None:
            return f"{self.points:+.1f} points {labels}"
        low, high = self.interval
        return f"{self.points:+.1f} points (95 %: {low:+.1f} to {high:+.1f}) {labels}"


@dataclass(frozen=True)
class Sentence:
    """What the table says of one claim, as far as one answer goes.

    Attributes:
        better: The line that the paper has in front.
        worse: The other one.
        differences: One for each number of labels for which the answer is this one.
    """

    verdict: Verdict
    better: str
    worse: str
    differences: tuple[Difference, ...]

    @property
    def words(self) -> str:
        """For people."""
        numbers = "; ".join(str(one) for one in self.differences)
        pair = f"{self.better} against {self.worse}"
        match self.verdict:
            case Verdict.AGREES:
                return f"As in the paper, {self.better} is better than {self.worse}: {numbers}."
            case Verdict.DISAGREES:
                return (
                    f"Other than in the paper, {self.better} is worse than {self.worse}: {numbers}."
                )
            case Verdict.UNTOLD:
                if all(one.interval is None for one in self.differences):
                    return (
                        f"Who is better, {pair}, cannot be told with so few seeds ({self._seeds}; "
                        f"it takes {MIN_SEEDS}): {numbers}."
                    )
                return f"At this spread it cannot be told who is better, {pair}: {numbers}."

    @property
    def _seeds(self) -> str:
        return " or ".join(str(n) for n in sorted({one.n_seeds for one in self.differences}))


def ordering(table: PartialTable, paper: PublishedTable | None) -> tuple[Sentence, ...]:
    """What a table, full or not, says of the order that the paper finds.

    Seeds of one method are compared with the same seeds of the other. What the intervals hold, and
    what they leave out, is said by `COVERS`.
    """
    if paper is None:
        return ()
    return tuple(
        sentence
        for claim in paper.claims
        for better, worse in _pairs(claim, table.methods)
        for sentence in _sentences(table, better, worse)
    )


def difference(table: PartialTable, first: str, second: str, n_labels: int) -> Difference | None:
    """Of two methods; None where they have no seed in common yet."""
    one = {cell.seed: cell.figure.value for cell in table.of(first, n_labels)}
    other = {cell.seed: cell.figure.value for cell in table.of(second, n_labels)}
    both = sorted(one.keys() & other.keys())
    if not both:
        return None
    summary = summarise([100 * (one[seed] - other[seed]) for seed in both])
    n = len(both)
    if summary.std is None or n < MIN_SEEDS:
        return Difference(n_labels, summary.mean, None, n)
    half = float(stdtrit(n - 1, (1 + _CONFIDENCE) / 2)) * summary.std / math.sqrt(n)
    # Seeds that happen to agree to the clip would claim to know it for certain.
    half = max(half, 100 / table.n_test)
    return Difference(n_labels, summary.mean, (summary.mean - half, summary.mean + half), n)


def _pairs(claim: Claim, methods: Sequence[str]) -> Iterator[tuple[str, str]]:
    for better in methods:
        name, which = _parted(better)
        if name != claim.better:
            continue
        for worse in methods:
            other, other_which = _parted(worse)
            is_meant = claim.worse in (worse, other)
            if is_meant and (which == other_which or not which or not other_which):
                yield better, worse


def _parted(line: str) -> tuple[str, str]:
    """A line's method, and what follows it: a network, or a teacher in brackets."""
    method, bracket, teacher = line.removesuffix(")").partition(" (")
    if bracket:
        return method, teacher
    method, _, which = line.partition(", ")
    return method, which


def _sentences(table: PartialTable, better: str, worse: str) -> Iterator[Sentence]:
    found = [difference(table, better, worse, n_labels) for n_labels in table.labels]
    for verdict in Verdict:
        own = tuple(one for one in found if one is not None and one.verdict is verdict)
        if own:
            yield Sentence(verdict, better, worse, own)
