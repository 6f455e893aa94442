"""Anchors of R-C3D: intervals of several lengths around every cell, and offsets from them.

Spans are (start, end) in steps, which are frames of a window: with every 4th frame of a take read,
a step is 4 main frames.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

_RATIO = 1.25
"""Of two neighbouring lengths: a segment between them overlaps one by 0.89 or more."""
_FEWEST, _MOST = 3, 20
_MARGIN = 1.15
"""People who were never seen may be that much quicker or slower than those who were."""


def anchor_lengths(segments_s: Sequence[float]) -> tuple[float, ...]:
    """Lengths of anchors, in seconds, for segments of these lengths.

    The paper states scales for each data set: K = 10 from 0.64 to 5.12 s on THUMOS'14, 20 from 2.7
    to 171 s on ActivityNet, 18 from 1.6 to 77 s on Charades. Here they follow from the labelled
    segments: a geometric series from a little below the shortest to a little above the longest.

    Args:
        segments_s: At least one, above 0.
    """
    shortest, longest = min(segments_s) / _MARGIN, max(segments_s) * _MARGIN
    n = math.ceil(math.log(longest / shortest) / math.log(_RATIO)) + 1
    n = max(_FEWEST, min(_MOST, n))
    ratio = (longest / shortest) ** (1 / (n - 1))
    return tuple(round(shortest * ratio**k, 3) for k in range(n))


def anchors(n_cells: int, stride: int, lengths: Tensor) -> Tensor:
    """All anchors of a window, (n_cells * K, 2), those of one cell together.

    Args:
        n_cells: Cells of the maps over time. Cell i looks at step i * `stride` and around it.
        stride: Steps between two cells.
        lengths: (K,) steps.
    """
    centres = torch.arange(n_cells, device=lengths.device, dtype=lengths.dtype) * stride
    halves = lengths / 2
    starts, ends = centres[:, None] - halves, centres[:, None] + halves
    return torch.stack([starts, ends], -1).reshape(-1, 2)


def offsets(spans: Tensor, references: Tensor) -> Tensor:
    """How spans lie relative to references: ((c - c') / l', log(l / l')), Xu et al. 2017, eq. 2.

    Args:
        spans: (..., 2).
        references: (..., 2), none without length.
    """
    lengths = references[..., 1] - references[..., 0]
    moved = (spans.sum(-1) - references.sum(-1)) / 2 / lengths
    grown = torch.log((spans[..., 1] - spans[..., 0]) / lengths)
    return torch.stack([moved, grown], -1)


def moved(references: Tensor, by: Tensor) -> Tensor:
    """The spans that lie so relative to the references: what `offsets` undoes."""
    lengths = references[..., 1] - references[..., 0]
    centres = references.sum(-1) / 2 + by[..., 0] * lengths
    halves = lengths * by[..., 1].clamp(max=_LARGEST_GROWTH).exp() / 2
    return torch.stack([centres - halves, centres + halves], -1)


_LARGEST_GROWTH = math.log(4.0)
"""A first guess that is wild must not become infinite."""


def overlaps(spans: Tensor, others: Tensor) -> Tensor:
    """Temporal IoU of every span with every other: (N, 2) and (M, 2) to (N, M)."""
    shared = _shared(spans, others)
    total = (spans[:, 1] - spans[:, 0])[:, None] + (others[:, 1] - others[:, 0])[None]
    return shared / (total - shared).clamp(min=1e-6)


def shares_in(spans: Tensor, others: Tensor) -> Tensor:
    """Which share of each span lies in the others, which do not overlap: (N, 2), (M, 2) to (N,)."""
    lengths = (spans[:, 1] - spans[:, 0]).clamp(min=1e-6)
    return _shared(spans, others).sum(1) / lengths


def _shared(spans: Tensor, others: Tensor) -> Tensor:
    starts = torch.maximum(spans[:, None, 0], others[None, :, 0])
    ends = torch.minimum(spans[:, None, 1], others[None, :, 1])
    return (ends - starts).clamp(min=0)
