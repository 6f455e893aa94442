"""2s-AGCN: graph convolution over a graph that is learned and another that each clip makes."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.skeleton_graph import (
    IN_CHANNELS,
    N_BODIES,
    N_SUBSETS,
    SkeletonNetwork,
    as_maps,
    bodies_of,
    directed_partition,
    distinct_bodies,
    initialise_graph_network,
    mean_of_bodies,
    mix_joints,
)

_TEMPORAL_KERNEL = 9
_ALMOST_NOTHING = 1e-6
"""What the learned graph and the norm behind a graph convolution start from, as published."""

# Inputs, outputs and stride over time of every block.
_PLAN = (
    (IN_CHANNELS, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 128, 1),
    (128, 256, 2),
    (256, 256, 1),
    (256, 256, 1),
)


class AGCN(SkeletonNetwork):
    """One stream of 2s-AGCN (Shi, Zhang, Cheng, Lu: CVPR 2019), 256-d: of joints, or of bones.

    Neighbourhoods are A + B + C: the body's, a learned one, and one from how alike two joints'
    features are in this clip. Keys and shapes are those of the published weights (data_bn,
    l1.gcn1.PA to l10.tcn1.bn, fc).

    Args:
        in_channels: 3.
        n_joints: Joints of a body: 25 or 20.
        of_bones: Whether a joint's place is taken from its parent in the body (the bone).
    """

    first_convolution = "l1.gcn1.conv_a.0.weight"

    def __init__(self, in_channels: int, n_joints: int, *, of_bones: bool = False) -> None:
        super().__init__(in_channels, 256, n_joints)
        self.of_bones = of_bones
        self.data_bn = nn.BatchNorm1d(N_BODIES * in_channels * n_joints)
        links = directed_partition(self.layout)
        for number, (inputs, outputs, stride) in enumerate(_PLAN, start=1):
            block = _Block(inputs, outputs, stride, links, has_shortcut=number > 1)
            self.add_module(f"l{number}", block)
        initialise_graph_network(self)
        for part in self.modules():
            if isinstance(part, _AdaptiveConvolution):
                part.start_as_the_body()

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 256) float32 of clips (B, 3, T, J, 2), the mean over both bodies.

        A body that is not there, all zeros, counts like any other, as published.
        """
        if self.of_bones:
            clips = clips - clips[:, :, :, list(self.layout.parents)]
        bodies = bodies_of(clips)
        together = bodies.reshape(len(clips), -1, bodies.shape[-1])  # one norm for both bodies
        bodies = self.data_bn(together).reshape(bodies.shape)
        if self.training:
            return mean_of_bodies(self._embed_bodies(bodies), len(clips))
        rows, places = distinct_bodies(clips)
        return mean_of_bodies(self._embed_bodies(bodies[rows])[places], len(clips))

    def _embed_bodies(self, bodies: Tensor) -> Tensor:
        """(N, 256) of normalised bodies (N, J * 3, T)."""
        x = as_maps(bodies)
        for number in range(1, len(_PLAN) + 1):
            x = self.get_submodule(f"l{number}")(x)
        return x.mean((2, 3))


class TwoStreamAGCN(SkeletonNetwork):
    """Both streams of 2s-AGCN side by side, 512-d: the joints' embedding, then the bones'.

    One linear classifier on both gives the sum of two streams' scores, which is how they are put
    together in the paper. Keys are those of one stream behind `joint.` and `bone.`.

    Args:
        in_channels: 3.
        n_joints: Joints of a body: 25 or 20.
    """

    first_convolution = f"joint.{AGCN.first_convolution}"

    def __init__(self, in_channels: int, n_joints: int) -> None:
        super().__init__(in_channels, 512, n_joints)
        self.joint = AGCN(in_channels, n_joints)
        self.bone = AGCN(in_channels, n_joints, of_bones=True)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 512) float32 of clips (B, 3, T, J, 2)."""
        return torch.cat([self.joint.embed(clips), self.bone.embed(clips)], 1)


class _AdaptiveConvolution(nn.Module):
    """A graph convolution whose neighbourhoods are A + B + C (Shi et al. 2019, 4.1)."""

    def __init__(self, inputs: int, outputs: int, links: Tensor) -> None:
        super().__init__()
        middle = outputs // 4
        self.PA = nn.Parameter(torch.empty_like(links))
        self.links: Tensor
        self.register_buffer("links", links, persistent=False)
        self.conv_a = _subsets(inputs, middle)
        self.conv_b = _subsets(inputs, middle)
        self.conv_d = _subsets(inputs, outputs)
        self.down: nn.Module | None = None
        if inputs != outputs:
            self.down = nn.Sequential(nn.Conv2d(inputs, outputs, 1), nn.BatchNorm2d(outputs))
        self.bn = nn.BatchNorm2d(outputs)
        self._split = [N_SUBSETS * middle, N_SUBSETS * middle, N_SUBSETS * outputs]

    def start_as_the_body(self) -> None:
        """Weights that learn nothing yet of other graphs, and hardly disturb the shortcut."""
        nn.init.constant_(self.PA, _ALMOST_NOTHING)
        nn.init.constant_(self.bn.weight, _ALMOST_NOTHING)
        for weight, _ in _parts(self.conv_d):
            nn.init.normal_(weight, std=math.sqrt(2 / (weight.numel() * N_SUBSETS)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, J) to (N, C', T, J)."""
        # All nine 1x1 convolutions see the same input: one convolution is several times as fast.
        weights, biases = zip(*(_parts(self.conv_a) + _parts(self.conv_b)), strict=True)
        of_values = _parts(self.conv_d)
        mixed_bias = torch.stack([bias for _, bias in of_values]).sum(0)
        weight = torch.cat([*weights, *(weight for weight, _ in of_values)])
        bias = torch.cat([*biases, mixed_bias.new_zeros(self._split[2])])
        one, other, values = torch.split(F.conv2d(x, weight, bias), self._split, 1)
        # The bias of the values belongs behind the mixing: not every column there sums to 1.
        y = mix_joints(values, self.links + self.PA + _alike(one, other))
        y = y + mixed_bias[:, None, None]
        way_round = x if self.down is None else self.down(x)
        return F.relu(self.bn(y) + way_round, inplace=True)


def _subsets(inputs: int, outputs: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Conv2d(inputs, outputs, 1) for _ in range(N_SUBSETS))


def _parts(convolutions: nn.ModuleList) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of each."""
    return [
        (cast(Tensor, convolution.weight), cast(Tensor, convolution.bias))
        for convolution in convolutions
    ]


def _alike(one: Tensor, other: Tensor) -> Tensor:
    """How alike joints are in two embeddings (N, 3 * C, T, J): (N, 3, J, J), columns sum to 1."""
    one, other = (torch.unflatten(part, 1, (N_SUBSETS, -1)) for part in (one, other))
    products = torch.einsum("nkctv,nkctw->nkvw", one, other)
    return (products / (one.shape[2] * one.shape[3])).softmax(-2)


class _TimeConvolution(nn.Module):
    """A convolution over time and its norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, (kernel, 1), (stride, 1), (kernel // 2, 0))
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, J) to (N, C', T', J)."""
        return cast(Tensor, self.bn(self.conv(x)))


class _Block(nn.Module):
    """An adaptive graph convolution, a convolution over time, and a shortcut around both."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, links: Tensor, *, has_shortcut: bool
    ) -> None:
        super().__init__()
        self.gcn1 = _AdaptiveConvolution(inputs, outputs, links)
        self.tcn1 = _TimeConvolution(outputs, outputs, _TEMPORAL_KERNEL, stride)
        self.has_shortcut = has_shortcut
        self.residual: nn.Module | None = None
        if has_shortcut and (inputs != outputs or stride != 1):
            self.residual = _TimeConvolution(inputs, outputs, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T, J) to (N, C', T', J)."""
        y = self.tcn1(self.gcn1(x))
        if self.has_shortcut:
            y = y + (x if self.residual is None else self.residual(x))
        return F.relu(y, inplace=True)


def _entries(n_joints: int, ending: str, n_parameters: int) -> tuple[NetworkEntry, ...]:
    def of_joints(channels: int) -> SkeletonNetwork:
        return AGCN(channels, n_joints)

    def of_bones(channels: int) -> SkeletonNetwork:
        return AGCN(channels, n_joints, of_bones=True)

    def of_both(channels: int) -> SkeletonNetwork:
        return TwoStreamAGCN(channels, n_joints)

    return tuple(
        NetworkEntry(
            NetworkSpec(
                f"{kind}{ending}",
                256 * n_streams,
                64,
                64,
                n_parameters * n_streams,
                summary,
                "skeleton",
                n_joints,
            ),
            make,
        )
        for kind, n_streams, summary, make in (
            ("agcn", 1, f"Adaptive graph network on {n_joints} joints.", of_joints),
            (
                "agcn_bone",
                1,
                f"Adaptive graph network on the bones of {n_joints} joints.",
                of_bones,
            ),
            ("2s_agcn", 2, f"2s-AGCN: both together, {n_joints} joints and their bones.", of_both),
        )
    )


NETWORKS = (*_entries(25, "", 3_454_090), *_entries(20, "_20", 3_447_280))
