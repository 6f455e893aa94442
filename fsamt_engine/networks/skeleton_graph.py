"""Skeletons as graphs: who neighbours whom, and features that flow along bones."""

from abc import abstractmethod

import torch
from torch import Tensor, nn

from fsamt_engine.networks.network import ActionNetwork
from fsamt_engine.networks.skeleton_layout import SkeletonLayout, layout_of

IN_CHANNELS = 3
"""x, y and z."""

N_BODIES = 2
"""Bodies of a clip; one that is not there is all zeros."""

N_SUBSETS = 3
"""A joint itself, its neighbours further out and its neighbours nearer the centre."""


class SkeletonNetwork(ActionNetwork):
    """A network that sees joints.

    Attributes:
        layout: Which joint is which.
    """

    def __init__(self, in_channels: int, embedding_dim: int, n_joints: int) -> None:
        if in_channels != IN_CHANNELS:
            raise ValueError(f"a skeleton has {IN_CHANNELS} channels, not {in_channels}")
        super().__init__(in_channels, embedding_dim)
        self.layout: SkeletonLayout = layout_of(n_joints)

    @abstractmethod
    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, D) float32, not below 0, of clips (B, 3, T, J, 2) float32."""


def spatial_partition(layout: SkeletonLayout) -> Tensor:
    """Neighbourhoods by spatial configuration (Yan et al. AAAI 2018, 3.3).

    Subset 0 is the joint itself, 1 its neighbours further from the centre (centrifugal), 2 those
    nearer to it (centripetal), in the order of ST-GCN's published weights. Each column of their
    sum is a mean over the joint and its neighbours.

    Returns:
        (3, J, J) float32; entry [k, v, w] is how much of joint v goes to joint w.
    """
    itself, outer, inner = _links(layout)
    n_neighbours = (itself + outer + inner).sum(0)
    return torch.stack([itself, outer, inner]) / n_neighbours


def directed_partition(layout: SkeletonLayout) -> Tensor:
    """Neighbourhoods as 2s-AGCN has them (Shi et al. CVPR 2019), each a mean of its own.

    Returns:
        (3, J, J) float32 as `spatial_partition`: a joint itself, the one towards the centre, those
        away from it.
    """
    itself, outer, inner = _links(layout)
    return torch.stack([links / links.sum(0).clamp(min=1) for links in (itself, inner, outer)])


def _links(layout: SkeletonLayout) -> tuple[Tensor, Tensor, Tensor]:
    """For itself, further out and nearer: (J, J), 1 where joint v is such a neighbour of w."""
    outer = torch.zeros(layout.n_joints, layout.n_joints)
    for joint, parent in layout.bones:
        outer[joint, parent] = 1
    return torch.eye(layout.n_joints), outer, outer.T


def mix_joints(values: Tensor, links: Tensor) -> Tensor:
    """The sum over subsets of neighbourhoods of what flows from joint to joint.

    Args:
        values: (N, K * C, T, J), the channels of one subset after those of another.
        links: (K, J, J), or (N, K, J, J) where every body has its own.

    Returns:
        (N, C, T, J), laid out in memory with the channels last: nothing is copied on the way if
        the values are laid out so.
    """
    n_subsets, n_joints = links.shape[-3:-1]
    n, channels, n_frames, _ = values.shape
    mixing = links.transpose(-3, -1).flatten(-2)
    joints = values.permute(0, 2, 3, 1).reshape(
        n, n_frames, n_joints * n_subsets, channels // n_subsets
    )
    if links.ndim == 4:
        mixing = mixing[:, None]
    return torch.matmul(mixing, joints).permute(0, 3, 1, 2)


def bodies_of(clips: Tensor) -> Tensor:
    """Clips (B, 3, T, J, M) as bodies (B * M, J * 3, T), the coordinates of a joint together."""
    return clips.permute(0, 4, 3, 1, 2).flatten(2, 3).flatten(0, 1)


def as_maps(bodies: Tensor) -> Tensor:
    """Bodies (N, J * 3, T) as maps (N, 3, T, J) with the channels last in memory."""
    maps = torch.unflatten(bodies, 1, (-1, IN_CHANNELS)).permute(0, 2, 3, 1)
    return maps.contiguous(memory_format=torch.channels_last)


def initialise_graph_network(network: nn.Module) -> None:
    """Kaiming normal for convolutions (fan out), 1 and 0 for batch norms, and channels last."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.ones_(part.weight)
            nn.init.zeros_(part.bias)
    network.to(memory_format=torch.channels_last)


def mean_of_bodies(embeddings: Tensor, n_clips: int) -> Tensor:
    """(B, D) of the embeddings (B * M, D) of bodies."""
    return torch.unflatten(embeddings, 0, (n_clips, -1)).mean(1)


def distinct_bodies(clips: Tensor) -> tuple[Tensor, Tensor]:
    """Which bodies have to be computed: of those that are not there, one stands for all.

    Behind the norm of the input, bodies that are all zeros and have the same place in their clips
    are alike, and so is what becomes of them outside of training, where nothing is drawn by lot
    and no norm depends on how many there are.

    Args:
        clips: (B, 3, T, J, M).

    Returns:
        Rows (N,) of `bodies_of(clips)`, and for each of the B * M bodies its place among them.
    """
    is_here = (clips != 0).flatten(1, 3).any(1)
    own = torch.arange(is_here.numel(), device=clips.device).reshape(is_here.shape)
    stand_ins = own.gather(0, is_here.int().argmin(0, keepdim=True))
    needed = torch.where(is_here, own, stand_ins).flatten()
    rows, places = torch.unique(needed, return_inverse=True)
    return rows, places
