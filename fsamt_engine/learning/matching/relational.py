"""A loss that hands on how clips lie to each other, not where each of them lies."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.matching.base import MatchingLoss, Wanted

_ANGLE_WEIGHT = 2.0
"""Of the angles against the distances, as published for both together."""
_TINY = 1e-12


class Relational(MatchingLoss):
    """Relational knowledge distillation (Park et al., CVPR 2019): distances and angles.

    Student and teacher agree where all clips of a batch keep their distances (in units of the mean
    distance) and the angles of all triples. Embeddings of any length can be compared, and the
    student's space stays its own. Micro-batches have fewer relations: those across them are lost.

    Raises:
        FsamtError: Fewer than three clips at once.
    """

    metric = "relational"
    least_clips = 3

    def head(self, student_dim: int) -> nn.Module:
        """Nothing: no coordinates are compared."""
        return nn.Identity()

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Huber loss of the distances, and twice that of the angles' cosines."""
        if len(outputs) < self.least_clips:
            raise FsamtError(
                f"The relational loss compares {self.least_clips} clips at once, and only "
                f"{len(outputs)} of a batch fit into memory.",
                "Choose a smaller network, or the cosine loss.",
            )
        distances, angles = _relations(outputs)
        with torch.no_grad():
            wanted_distances, wanted_angles = _relations(wanted.own)
        of_distances = F.smooth_l1_loss(distances, wanted_distances)
        return of_distances + _ANGLE_WEIGHT * F.smooth_l1_loss(angles, wanted_angles)


def _relations(embeddings: Tensor) -> tuple[Tensor, Tensor]:
    """Distances (b, b) with mean 1, and the cosine of the angle at i between j and k (b, b, b).

    Out of the inner products alone; without their common part first, which rounding would feel.
    """
    centred = embeddings - embeddings.mean(0)
    products = centred @ centred.T
    squares = products.diagonal()
    apart = (squares[:, None] + squares[None, :] - 2 * products).clamp(min=0)
    others = 1 - torch.eye(len(products), device=products.device)
    lengths = torch.sqrt(apart * others + _TINY) * others
    mean = lengths.sum() / others.sum().clamp(min=1)
    # <j - i, k - i> = <j, k> - <i, j> - <i, k> + <i, i>
    inner = products[None] - products[:, :, None] - products[:, None, :] + squares[:, None, None]
    scales = others / (lengths + (1 - others))
    cosines = inner * scales[:, :, None] * scales[:, None, :]
    return lengths / (mean + _TINY), cosines
