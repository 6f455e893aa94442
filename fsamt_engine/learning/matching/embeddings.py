"""Losses that draw each embedding of the student to the teacher's."""

import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.learning.matching.base import MatchingLoss, Wanted


def cosine_distance(outputs: Tensor, wanted: Tensor) -> Tensor:
    """Mean of 1 - cos over the rows of two (b, D): 0 (equal) to 2 (opposite)."""
    return (1 - F.cosine_similarity(outputs, wanted)).mean()


class Cosine(MatchingLoss):
    """The paper's: Thoker and Snoek, ICPR 2020."""

    metric = "cosine_distance"

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Mean cosine distance."""
        return cosine_distance(outputs, wanted.own)


class MeanSquared(MatchingLoss):
    """The feature matching of MARS (Crasto et al., CVPR 2019) without its labels.

    The paper calls the network that learns by it alone MERS. Like its published code it takes the
    mean over clips and dimensions; a weight before it would be lost on AdamW.
    """

    metric = "mean_squared_difference"

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Mean squared difference."""
        return F.mse_loss(outputs, wanted.own)

    def measure(self, outputs: Tensor, wanted: Wanted) -> dict[str, float]:
        """The cosine distance."""
        return {"cosine_distance": cosine_distance(outputs, wanted.own).item()}
