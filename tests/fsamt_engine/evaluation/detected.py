"""Made segments and detections for tests of scores."""

import numpy as np

from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import SnapshotItem


def made(
    seed: int,
    n_takes: int = 4,
    n_actions: int = 3,
    n_people: int = 2,
    n_truth: int = 8,
    n_found: int = 30,
    n_scores: int | None = None,
) -> tuple[list[SnapshotItem], list[Detection], tuple[str, ...]]:
    """Segments, detections (half of them near a segment) and the actions.

    Args:
        n_scores: How many different scores there are, to make ties; None for any.
    """
    random = np.random.default_rng(seed)
    actions = tuple(f"action {number}" for number in range(n_actions))
    truth: list[SnapshotItem] = []
    found: list[Detection] = []
    for take in range(n_takes):
        name, who = f"t{take}", f"P{take % n_people}"
        own = []
        for _ in range(n_truth):
            start, length = (int(random.integers(*span)) for span in ((0, 1500), (20, 120)))
            action = actions[int(random.integers(n_actions))]
            own.append(SnapshotItem(name, who, start, start + length, action))
        for _ in range(n_found):
            score = float(random.random())
            if n_scores is not None:
                score = round(score * n_scores) / n_scores
            near = own[int(random.integers(n_truth))]
            start = near.start + float(random.normal(0, 12))
            end = max(start + 1, near.end + float(random.normal(0, 12)))
            if random.random() < 0.5:
                start = float(random.random() * 1500)
                end = start + float(random.integers(10, 150))
            action = str(near.action) if random.random() < 0.8 else actions[0]
            found.append(Detection(name, who, action, start, end, score))
        truth += own
    return truth, found, actions
