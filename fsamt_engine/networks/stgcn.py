"""ST-GCN: graph convolution over joints, then convolution over time, ten times."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.skeleton_graph import (
    N_SUBSETS,
    SkeletonNetwork,
    as_maps,
    bodies_of,
    distinct_bodies,
    initialise_graph_network,
    mean_of_bodies,
    mix_joints,
    spatial_partition,
)

_TEMPORAL_KERNEL = 9
_WIDTH = 64
_DROPOUT = 0.5


class STGCN(SkeletonNetwork):
    """Spatial temporal graph convolutional network (Yan, Xiong, Lin: AAAI 2018), 256-d.

    Spatial configuration partitioning, edge importance, dropout 0.5, three blocks of stride 1 after
    each change of width. Keys and shapes are those of the published weights (data_bn,
    st_gcn_networks.0.gcn.conv to st_gcn_networks.9.tcn.3, edge_importance.0 to .9, A) but for the
    classifier, there a 1x1 convolution `fcn`. The published graph `A` counts neighbours further
    than one step from the centre to one subset; it comes with the weights. A fresh network has the
    partition of the paper.

    Args:
        in_channels: 3.
        n_joints: Joints of a body: 25 or 20.
        width: Channels of the first stage, doubled twice; 64 as published.
        first_stride: Over time, of the first block; 1 as published.
        dropout: After every block's convolution over time.
    """

    first_convolution = "st_gcn_networks.0.gcn.conv.weight"
    published_names = (("fcn.", "fc."),)

    def __init__(
        self,
        in_channels: int,
        n_joints: int,
        *,
        width: int = _WIDTH,
        first_stride: int = 1,
        dropout: float = _DROPOUT,
    ) -> None:
        super().__init__(in_channels, 4 * width, n_joints)
        self.A: Tensor
        self.register_buffer("A", spatial_partition(self.layout))
        self.data_bn = nn.BatchNorm1d(in_channels * n_joints)
        self.st_gcn_networks = nn.ModuleList(
            _Block(inputs, outputs, stride, dropout, has_shortcut=number > 0)
            for number, (inputs, outputs, stride) in enumerate(
                _plan(in_channels, width, first_stride)
            )
        )
        self.edge_importance = nn.ParameterList(
            nn.Parameter(torch.ones_like(self.A)) for _ in self.st_gcn_networks
        )
        initialise_graph_network(self)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 4 * width) float32 of clips (B, 3, T, J, 2), the mean over both bodies.

        A body that is not there, all zeros, counts like any other, as published.
        """
        bodies = self.data_bn(bodies_of(clips))
        if self.training:
            return mean_of_bodies(self._embed_bodies(bodies), len(clips))
        rows, places = distinct_bodies(clips)
        return mean_of_bodies(self._embed_bodies(bodies[rows])[places], len(clips))

    def _embed_bodies(self, bodies: Tensor) -> Tensor:
        """(N, 4 * width) of normalised bodies (N, J * 3, T)."""
        x = as_maps(bodies)
        for block, importance in zip(self.st_gcn_networks, self.edge_importance, strict=True):
            x = block(x, self.A * importance)
        return x.mean((2, 3))


class STGCNTiny(STGCN):
    """ST-GCN at half its width and half its pace, 128-d; a body that is not there does not count.

    Of a clip in which one person moves, as in most, it takes a fifteenth of the multiplications of
    ST-GCN. At 30 Hz neighbouring frames of a skeleton tell almost the same: halving the pace at
    once halves the cost, and lost no accuracy in short trials on UTD-MHAD (participants 1 and 3
    against 5).

    Args:
        in_channels: 3.
        n_joints: Joints of a body: 25 or 20.
    """

    def __init__(self, in_channels: int, n_joints: int) -> None:
        super().__init__(in_channels, n_joints, width=_WIDTH // 2, first_stride=2, dropout=0.0)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 128) float32 of clips (B, 3, T, J, 2), the mean over bodies present."""
        is_here = (clips != 0).flatten(1, 3).any(1)
        is_here[:, 0] |= ~is_here.any(1)  # a clip without anybody still has an embedding
        here = is_here.flatten()
        found = self._embed_bodies(self.data_bn(bodies_of(clips)[here]))
        of_all = found.new_zeros(len(here), self.embedding_dim).index_put((here,), found)
        sums = of_all.reshape(len(clips), -1, self.embedding_dim).sum(1)
        return sums / is_here.sum(1, keepdim=True)


class _Block(nn.Module):
    """A graph convolution, a norm, a convolution over time and a shortcut around them."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, dropout: float, *, has_shortcut: bool
    ) -> None:
        super().__init__()
        self.gcn = nn.ModuleDict({"conv": nn.Conv2d(inputs, outputs * N_SUBSETS, 1)})
        self.tcn = nn.Sequential(
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                outputs, outputs, (_TEMPORAL_KERNEL, 1), (stride, 1), (_TEMPORAL_KERNEL // 2, 0)
            ),
            nn.BatchNorm2d(outputs),
            nn.Dropout(dropout),
        )
        self.has_shortcut = has_shortcut
        self.residual: nn.Module | None = None
        if has_shortcut and (inputs != outputs or stride != 1):
            self.residual = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, (stride, 1)), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor, links: Tensor) -> Tensor:
        """(N, C, T, J) and the graph (3, J, J) to (N, C', T', J)."""
        y = self.tcn(mix_joints(self.gcn["conv"](x), links))
        if self.has_shortcut:
            y = y + (x if self.residual is None else self.residual(x))
        return F.relu(y, inplace=True)


def _plan(in_channels: int, width: int, first_stride: int) -> list[tuple[int, int, int]]:
    """Inputs, outputs and stride over time of every block."""
    outputs = [width] * 4 + [2 * width] * 3 + [4 * width] * 3
    strides = [first_stride, 1, 1, 1, 2, 1, 1, 2, 1, 1]
    return list(zip([in_channels, *outputs], outputs, strides, strict=False))


def _entries(n_joints: int, ending: str, n_tiny: int, n_full: int) -> tuple[NetworkEntry, ...]:
    return (
        NetworkEntry(
            NetworkSpec(
                f"stgcn_tiny{ending}",
                2 * _WIDTH,
                64,
                64,
                n_tiny,
                f"Half of ST-GCN, for {n_joints} joints: trains without a GPU.",
                "skeleton",
                n_joints,
            ),
            lambda channels: STGCNTiny(channels, n_joints),
        ),
        NetworkEntry(
            NetworkSpec(
                f"stgcn{ending}",
                4 * _WIDTH,
                64,
                64,
                n_full,
                f"ST-GCN for {n_joints} joints: graph convolutions in space, then time.",
                "skeleton",
                n_joints,
            ),
            lambda channels: STGCN(channels, n_joints),
        ),
    )


NETWORKS = (*_entries(25, "", 788_276, 3_083_412), *_entries(20, "_20", 781_496, 3_076_632))
