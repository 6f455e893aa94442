"""Three-dimensional region pooling: features of intervals of any length, always of one size."""

import torch
from torch import Tensor


def region_weights(regions: Tensor, n_cells: int, n_bins: int) -> Tensor:
    """How much each cell counts in each part of each region.

    A region is cut into `n_bins` equal parts, and a part is the mean over its time: a cell that it
    covers half counts half. What lies beyond the cells counts for nothing.

    Args:
        regions: (N, 2) start and end in cells: cell i lasts from i to i + 1.

    Returns:
        (N, n_bins, n_cells), rows that sum to 1, or to 0 for a part that lies wholly outside.
    """
    at = torch.linspace(0, 1, n_bins + 1, device=regions.device, dtype=regions.dtype)
    edges = regions[:, :1] + (regions[:, 1:] - regions[:, :1]) * at
    cells = torch.arange(n_cells, device=regions.device, dtype=regions.dtype)
    starts = torch.maximum(edges[:, :-1, None], cells)
    ends = torch.minimum(edges[:, 1:, None], cells + 1)
    covered = (ends - starts).clamp(min=0)
    return covered / covered.sum(-1, keepdim=True).clamp(min=1e-6)


def pool_regions(maps: Tensor, owners: Tensor, regions: Tensor, n_bins: int) -> Tensor:
    """Means of maps over the parts of regions.

    The published network takes the largest value of each of 1 x 4 x 4 parts (time, height, width).

    Args:
        maps: (B, D, T', ...) float32.
        owners: (N,) int64, the window of each region, in rising order.
        regions: (N, 2) start and end in cells.
        n_bins: Parts in time.

    Returns:
        (N, D, n_bins, ...).
    """
    weights = region_weights(regions, maps.shape[2], n_bins)
    pooled = [
        torch.einsum("nbt,dt...->ndb...", weights[owners == b], maps[b]) for b in range(len(maps))
    ]
    return torch.cat(pooled)
