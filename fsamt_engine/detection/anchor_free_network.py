"""The anchor-free head: from embeddings in time to how likely and how long an action is.

Ideas of ActionFormer (Zhang, Wu, Li, ECCV 2022) and TriDet (Shi et al., CVPR 2023): every moment
says whether it lies in the middle of an action and how far it is to both ends, on a pyramid over
time. What departs from them is made for a handful of labels. Neither ends nor middles depend on the
action: all actions teach one answer, and which action it is says the classifier of the backbone.
The levels of the pyramid share all weights, and few, dilated convolutions stand for transformers.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_REACH = 3.0
"""Largest natural logarithm of a distance over the usual one."""


@dataclass(frozen=True)
class HeadShape:
    """What a head is built from.

    Attributes:
        embedding_dim: Of the backbone.
        n_levels: Of the pyramid; each has half as many moments as the one below it.
        half_length: From the middle of a usual segment to its ends, in moments of its level.
        width: Channels.
        dilations: Of the convolutions, one after the other.
    """

    embedding_dim: int
    n_levels: int
    half_length: float
    width: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 8)

    @property
    def reach(self) -> int:
        """Moments before and after one that its answer depends on, at the topmost level."""
        own = sum(self.dilations) + 1
        return (own + 1) << (self.n_levels - 1)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self) | {"dilations": list(self.dilations)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "HeadShape":
        """What `to_dict` gave.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        return cls(**{**values, "dilations": tuple(int(d) for d in values["dilations"])})


@dataclass(frozen=True, eq=False)
class Told:
    """What the head says at P points: the moments of all levels, the lowest level first.

    Attributes:
        logits: (B, P) of lying in the middle of an action.
        distances: (B, 2, P) to its start and to its end, in moments of the lowest level, above 0.
    """

    logits: Tensor
    distances: Tensor


class AnchorFreeHead(nn.Module):
    """Convolutions over embeddings in time, the same at every level of the pyramid.

    Args:
        dropout: Of channels of the embeddings and inside, while it is trained.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: HeadShape, dropout: float = 0.3) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(shape.embedding_dim, 1))
        self.register_buffer("deviation", torch.ones(shape.embedding_dim, 1))
        self.drop = nn.Dropout1d(dropout)
        self.stem = nn.Conv1d(shape.embedding_dim, shape.width, 1)
        self.level = nn.Parameter(torch.zeros(shape.n_levels, shape.width))
        self.blocks = nn.Sequential(*(_Block(shape.width, d, dropout) for d in shape.dilations))
        self.norm = _ChannelNorm(shape.width)
        self.middle = _convolution(shape.width, 1)
        self.ends = _convolution(shape.width, 2)
        # Middles are rare: a head that begins by saying so learns more steadily (Lin et al. 2017).
        nn.init.constant_(_bias(self.middle), -2.0)

    def forward(self, embeddings: Tensor) -> Told:
        """What is said at the points of embeddings (B, D, N), as the backbone gives them."""
        moments = (embeddings - self.mean) / self.deviation
        logits, distances = [], []
        for level in range(self.shape.n_levels):
            stride = 2**level
            pooled = F.avg_pool1d(moments, stride, ceil_mode=True) if level else moments
            x = self.stem(self.drop(pooled)) + self.level[level][:, None]
            x = F.gelu(self.norm(self.blocks(x)))
            logits.append(self.middle(x)[:, 0])
            scale = self.shape.half_length * stride
            distances.append(scale * self.ends(x).clamp(-_REACH, _REACH).exp())
        return Told(torch.cat(logits, 1), torch.cat(distances, 2))


class _Block(nn.Module):
    """A dilated convolution beside the identity."""

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = _ChannelNorm(width)
        self.around = _convolution(width, width, dilation)
        self.mix = nn.Conv1d(width, width, 1)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.drop(self.mix(F.gelu(self.around(self.norm(x)))))
        return x + y


class _ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of (B, C, N)."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


def _convolution(inputs: int, outputs: int, dilation: int = 1) -> nn.Conv1d:
    """Three moments wide; beyond the first and the last one their values go on."""
    return nn.Conv1d(
        inputs, outputs, 3, padding=dilation, dilation=dilation, padding_mode="replicate"
    )


def _bias(convolution: nn.Conv1d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias
