"""How good a network's answers are: accuracy with its interval, F1, confusion."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fsamt_engine.errors import FsamtError


class ClipAveraging(StrEnum):
    """How the answers of a video's clips become the video's; moves numbers, so it is stored."""

    PROBABILITIES = "probabilities"
    """The mean of the clips' softmax."""
    LOGITS = "logits"
    """The softmax of the clips' mean logits, as MARS and 3D-ResNets-PyTorch score videos."""


@dataclass(frozen=True)
class ActionScore:
    """One action's scores in 0..1; 0 where there is nothing to divide by.

    Attributes:
        support: Samples that truly are of this action.
    """

    action: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class Scores:
    """The result of a test. Shares are in 0..1.

    Attributes:
        actions: In the order of the classifier.
        n: Samples (videos, as a rule).
        accuracy: Share of samples whose most probable action is the true one.
        interval: 95 % Wilson interval of the accuracy. It tells how far off a test of n independent
            samples may be; several samples of one person are less independent than it takes for
            granted, so between people the truth varies more than this.
        macro_f1: Mean of the actions' F1. Every action of the classifier counts alike, one that is
            absent from the test too (its F1 is then 0), as in scikit-learn with all labels given.
        confusion: (A, A) counts, rows the true action, columns the answer.
        per_action: One for each of `actions`.
    """

    actions: tuple[str, ...]
    n: int
    accuracy: float
    interval: tuple[float, float]
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]
    per_action: tuple[ActionScore, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers, texts, tuples and dictionaries, for JSON."""
        return asdict(self)


def score(probabilities: ArrayLike, truth: ArrayLike, actions: Sequence[str]) -> Scores:
    """Scores of answers; the answer is the most probable action, the first one where they tie.

    Args:
        probabilities: (N, A) float, or anything else that orders the actions, such as logits.
        truth: (N,) int, the true action's place in `actions`.
        actions: The A actions of the classifier, in its order.

    Raises:
        FsamtError: There is nothing to score, or the network's answers are not numbers.
        ValueError: The shapes do not fit each other, or `truth` holds no place in `actions`.
    """
    answers = np.asarray(probabilities, dtype=np.float64)
    true = np.asarray(truth, dtype=np.int64)
    if true.size == 0:
        raise FsamtError(
            "There is nothing to test on.", "Choose test participants with labelled segments."
        )
    if answers.shape != (true.size, len(actions)) or true.ndim != 1:
        raise ValueError(f"{answers.shape} answers, {true.shape} truths, {len(actions)} actions")
    if true.min() < 0 or true.max() >= len(actions):
        raise ValueError(f"truth must lie in 0..{len(actions) - 1}")
    if np.isnan(answers).any():
        raise FsamtError(
            "The network answers with numbers that are none (NaN): its training went astray.",
            "Train it again with a lower learning rate.",
        )
    confusion = _confusion(true, answers.argmax(axis=1), len(actions))
    per_action = tuple(_action_score(confusion, i, name) for i, name in enumerate(actions))
    n_right = int(confusion.trace())
    return Scores(
        actions=tuple(actions),
        n=true.size,
        accuracy=n_right / true.size,
        interval=wilson_interval(n_right, true.size),
        macro_f1=sum(one.f1 for one in per_action) / len(actions),
        confusion=tuple(tuple(int(count) for count in row) for row in confusion),
        per_action=per_action,
    )


def wilson_interval(n_right: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (JASA 22, 1927), without continuity correction.

    Unlike mean ± 1.96 standard errors it stays within 0..1 and has a width at 0 and at 100 %.

    Args:
        n_right: Successes, 0..n; of several seeds on the same test their mean.
        n: Trials, at least 1.
        confidence: Chance that such an interval holds the true share.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = n_right / n
    shrink = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if n_right == 0 else centre - half
    high = 1.0 if n_right == n else centre + half
    return low, high


def _confusion(
    true: NDArray[np.int64], answers: NDArray[np.int64], n_actions: int
) -> NDArray[np.int64]:
    cells = np.bincount(true * n_actions + answers, minlength=n_actions * n_actions)
    return cells.reshape(n_actions, n_actions)


def _action_score(confusion: NDArray[np.int64], index: int, action: str) -> ActionScore:
    right = int(confusion[index, index])
    support = int(confusion[index].sum())
    answered = int(confusion[:, index].sum())
    return ActionScore(
        action=action,
        precision=right / answered if answered else 0.0,
        recall=right / support if support else 0.0,
        f1=2 * right / (support + answered) if support + answered else 0.0,
        support=support,
    )
