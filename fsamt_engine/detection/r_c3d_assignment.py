"""Which anchors and proposals of R-C3D are taken for an action, which for none, which for neither.

As published (Xu, Das, Saenko, ICCV 2017, 3.2 and 3.3): an anchor is an action from an overlap (IoU)
of 0.7 on, or if no other overlaps a segment more; it is none below 0.3. A proposal is the action of
the segment that it overlaps by 0.5 or more, else background. What is added: where a chosen action
may be seen whose label was not drawn, nothing is background.
"""

import torch
from torch import Tensor

from fsamt_engine.detection.r_c3d_anchors import overlaps, shares_in

POSITIVE, NEGATIVE = 0.7, 0.3
"""Overlaps from which an anchor is an action, and below which it is none."""
REGION = 0.5
"""Overlap from which a proposal is an action."""
NEITHER = -1

_MOST_IGNORED = 0.1
"""Share of a span that may lie where nothing is known, for it to count as background."""
_TIE = 1e-4


def assign_anchors(
    anchors: Tensor, truth: Tensor, ignored: Tensor, n_steps: int
) -> tuple[Tensor, Tensor]:
    """What each anchor is to learn.

    Anchors that reach beyond the window learn nothing, as in the published code: what they would
    show is not there.

    Args:
        anchors: (N, 2) steps.
        truth: (G, 2) steps, segments to be found; G may be 0.
        ignored: (I, 2) steps, stretches of which nothing is known.
        n_steps: Of the window.

    Returns:
        Labels (N,) int64: 1 an action, 0 none, -1 neither; and for each anchor the segment that it
        overlaps most, (N,) int64.
    """
    is_inside = (anchors[:, 0] >= 0) & (anchors[:, 1] <= n_steps)
    labels = anchors.new_full((len(anchors),), NEITHER, dtype=torch.int64)
    is_known = is_inside & (shares_in(anchors, ignored) <= _MOST_IGNORED)
    if len(truth) == 0:
        labels[is_known] = 0
        return labels, torch.zeros_like(labels)
    shared = overlaps(anchors, truth)
    best, owners = shared.max(1)
    labels[is_known & (best < NEGATIVE)] = 0
    shared = shared * is_inside[:, None]
    of_truth = shared.max(0).values
    is_best = (shared >= of_truth - _TIE) & (of_truth > NEGATIVE)
    labels[is_best.any(1)] = 1
    labels[is_inside & (best >= POSITIVE)] = 1
    return labels, owners


def assign_regions(
    regions: Tensor, truth: Tensor, actions: Tensor, ignored: Tensor, n_actions: int
) -> tuple[Tensor, Tensor]:
    """The action of each proposal.

    Args:
        regions: (N, 2) steps.
        truth: (G, 2) steps.
        actions: (G,) int64, of the segments.
        ignored: (I, 2) steps.
        n_actions: A; background is the one after the last, number A.

    Returns:
        Labels (N,) int64: 0..A, or -1 where nothing is known; and the segment of each, (N,) int64.
    """
    labels = regions.new_full((len(regions),), NEITHER, dtype=torch.int64)
    labels[shares_in(regions, ignored) <= _MOST_IGNORED] = n_actions
    if len(truth) == 0:
        return labels, torch.zeros_like(labels)
    best, owners = overlaps(regions, truth).max(1)
    is_action = best >= REGION
    labels[is_action] = actions[owners[is_action]]
    return labels, owners


def sample(is_positive: Tensor, is_negative: Tensor, n: int, ratio: int) -> Tensor:
    """Places of at most `n`, drawn by torch's generator: `ratio` negatives for each positive.

    Args:
        is_positive: (N,) bool.
        is_negative: (N,) bool.
        n: Where there are fewer positives than their share, negatives fill their places, as in the
            published code: otherwise a window without an action would teach nothing.
    """
    positive, negative = is_positive.nonzero()[:, 0], is_negative.nonzero()[:, 0]
    n_positive = min(len(positive), n // (ratio + 1))
    positive = positive[torch.randperm(len(positive), device=positive.device)[:n_positive]]
    n_negative = n - n_positive
    negative = negative[torch.randperm(len(negative), device=negative.device)[:n_negative]]
    return torch.cat([positive, negative])
