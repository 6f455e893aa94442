"""3D ResNet-18, 34, 50 and 101 in the layout of 3D-ResNets-PyTorch's published weights."""

from functools import partial
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import (
    ActionNetwork,
    convolution,
    initialise_convolutions,
    shortcut,
)

_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Blocks of the four stages by depth."""

_PLANES = (64, 128, 256, 512)


class ResNet3D(ActionNetwork):
    """3D ResNet with full 3x3x3 convolutions (Hara et al. CVPR 2018; Kataoka et al. 2020).

    Keys and shapes are those of `models/resnet.py` of 3D-ResNets-PyTorch with shortcut B: conv1
    (7x7x7), bn1, layer1.0.conv1 to layer4.2.bn3, fc. Torchvision's `r3d_18` is another network: its
    stem has no pooling and its first convolution is 3x7x7.

    Args:
        in_channels: Channels of a clip.
        depth: 18 or 34 (basic blocks, 512-d), 50 or 101 (bottlenecks, 2048-d).
    """

    first_convolution = "conv1.weight"

    def __init__(self, in_channels: int, depth: int) -> None:
        block = _BasicBlock if depth < 50 else _Bottleneck
        super().__init__(in_channels, embedding_dim=_PLANES[-1] * block.expansion)
        self.conv1 = convolution(in_channels, 64, 7, (1, 2, 2))
        self.bn1 = nn.BatchNorm3d(64)
        self.maxpool = nn.MaxPool3d(3, stride=2, padding=1)
        inputs = 64
        for number, (planes, n_blocks) in enumerate(zip(_PLANES, _BLOCKS[depth], strict=True), 1):
            stage = _stage(block, inputs, planes, n_blocks, stride=1 if number == 1 else 2)
            self.add_module(f"layer{number}", stage)
            inputs = planes * block.expansion
        initialise_convolutions(self)
        for part in self.modules():
            if isinstance(part, _BasicBlock | _Bottleneck):
                # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
                nn.init.zeros_(part.last_norm.weight)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 512 or 2048) float32 of clips (B, C, T, H, W) float32."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 512 or 2048, T / 16, H / 32, W / 32) float32, rounded up."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(clips)), inplace=True))
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return cast(Tensor, x)


class _BasicBlock(nn.Module):
    """Two 3x3x3 convolutions beside a shortcut (He et al. 2016)."""

    expansion = 1

    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, planes, 3, stride)
        self.bn1 = nn.BatchNorm3d(planes)
        self.conv2 = convolution(planes, planes, 3)
        self.bn2 = nn.BatchNorm3d(planes)
        self.downsample = shortcut(inputs, planes, stride)

    @property
    def last_norm(self) -> nn.BatchNorm3d:
        """The norm before the shortcut is added."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.bn2(self.conv2(x))
        return F.relu(x + way_round, inplace=True)


class _Bottleneck(nn.Module):
    """1x1x1, 3x3x3 and 1x1x1 to four times the width, beside a shortcut."""

    expansion = 4

    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        outputs = planes * self.expansion
        self.conv1 = convolution(inputs, planes, 1)
        self.bn1 = nn.BatchNorm3d(planes)
        self.conv2 = convolution(planes, planes, 3, stride)
        self.bn2 = nn.BatchNorm3d(planes)
        self.conv3 = convolution(planes, outputs, 1)
        self.bn3 = nn.BatchNorm3d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    @property
    def last_norm(self) -> nn.BatchNorm3d:
        """The norm before the shortcut is added."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        x = self.bn3(self.conv3(x))
        return F.relu(x + way_round, inplace=True)


def _stage(
    block: type[_BasicBlock] | type[_Bottleneck],
    inputs: int,
    planes: int,
    n_blocks: int,
    stride: int,
) -> nn.Sequential:
    """`n_blocks` blocks of `planes`, of which the first changes width and size."""
    blocks = [block(inputs, planes, stride)]
    blocks += [block(planes * block.expansion, planes, 1) for _ in range(n_blocks - 1)]
    return nn.Sequential(*blocks)


NETWORKS = tuple(
    NetworkEntry(
        NetworkSpec(
            f"resnet3d_{depth}",
            512 if depth < 50 else 2048,
            16,
            112,
            n_parameters,
            f"3D ResNet-{depth} of 3D-ResNets-PyTorch.",
            is_published_only=True,
        ),
        partial(ResNet3D, depth=depth),
    )
    for depth, n_parameters in (
        (18, 33_160_000),
        (34, 63_469_632),
        (50, 46_155_072),
        (101, 85_201_216),
    )
)
