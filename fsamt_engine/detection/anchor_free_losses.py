"""Losses of the anchor-free head."""

import torch
import torch.nn.functional as F
from torch import Tensor


def focal_loss(logits: Tensor, truth: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Binary cross-entropy in which what is easy weighs little (Lin et al., ICCV 2017).

    Args:
        logits: Of any shape.
        truth: 0 or 1, of the same shape.

    Returns:
        Of the same shape.
    """
    likely = torch.sigmoid(logits)
    missed = torch.where(truth > 0, 1 - likely, likely)
    share = torch.where(truth > 0, alpha, 1 - alpha)
    loss = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return share * missed**gamma * loss


def distance_loss(told: Tensor, truth: Tensor) -> Tensor:
    """1 - IoU of two intervals around one point, and the squared distance of their middles.

    The DIoU loss (Zheng et al., AAAI 2020) in time: the distance counts in lengths of the shortest
    interval that holds both.

    Args:
        told: (..., 2) distances to start and end, above 0.
        truth: The same.

    Returns:
        (...,) 0 where both are the same.
    """
    shared = torch.minimum(told, truth).sum(-1)
    either = told.sum(-1) + truth.sum(-1) - shared
    around = torch.maximum(told, truth).sum(-1)
    apart = ((told[..., 1] - told[..., 0]) - (truth[..., 1] - truth[..., 0])) / 2
    return 1 - shared / either + (apart / around) ** 2
