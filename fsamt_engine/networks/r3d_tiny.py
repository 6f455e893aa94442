"""r3d_tiny: a residual 3D network of under a million parameters, for machines without a GPU."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import (
    ActionNetwork,
    convolution,
    initialise_convolutions,
    shortcut,
)


class R3DTiny(ActionNetwork):
    """Stem, three stages of full 3D convolutions, a bottleneck, and a 1x1x1 head to 256.

    Made for training on two CPU cores at 16x64x64; runs at 16x112x112 and any other size too.
    Time and space are halved together from the first stage on: a full 3x3x3 convolution is what a
    CPU does fastest per multiplication (depthwise ones ran at a fifth of its rate at best), and on
    small maps it is cheap. Weights are kept in `channels_last_3d`, which trained 1.2 to 1.4 times
    as fast on a CPU.

    Args:
        in_channels: Channels of a clip.
    """

    first_convolution = "conv1.weight"

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, embedding_dim=256)
        self.conv1 = convolution(in_channels, 24, (3, 5, 5), (1, 2, 2))
        self.bn1 = nn.BatchNorm3d(24)
        self.layer1 = _BasicBlock(24, 24, 2)
        self.layer2 = _BasicBlock(24, 48, 2)
        self.layer3 = _BasicBlock(48, 96, 2)
        self.layer4 = _Bottleneck(96, 192)
        self.conv5 = convolution(192, 256, 1)
        self.bn5 = nn.BatchNorm3d(256)
        initialise_convolutions(self)
        for block in (self.layer1, self.layer2, self.layer3, self.layer4):
            # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
            nn.init.zeros_(block.last_norm.weight)
        self.to(memory_format=torch.channels_last_3d)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 256) float32 of clips (B, C, T, H, W) float32."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 256, T / 8, H / 16, W / 16) float32, rounded up."""
        x = F.relu(self.bn1(self.conv1(clips)), inplace=True)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return F.relu(self.bn5(self.conv5(x)), inplace=True)


class _BasicBlock(nn.Module):
    """Two 3x3x3 convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3, stride)
        self.bn1 = nn.BatchNorm3d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.last_norm = nn.BatchNorm3d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.last_norm(self.conv2(x))
        return F.relu(x + way_round, inplace=True)


class _Bottleneck(nn.Module):
    """A 3x3x3 convolution of half the width between two 1x1x1 ones, beside a shortcut."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = outputs // 2
        self.conv1 = convolution(inputs, middle, 1)
        self.bn1 = nn.BatchNorm3d(middle)
        self.conv2 = convolution(middle, middle, 3)
        self.bn2 = nn.BatchNorm3d(middle)
        self.conv3 = convolution(middle, outputs, 1)
        self.last_norm = nn.BatchNorm3d(outputs)
        self.downsample = shortcut(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        x = self.last_norm(self.conv3(x))
        return F.relu(x + way_round, inplace=True)


NETWORKS = (
    NetworkEntry(
        NetworkSpec("r3d_tiny", 256, 16, 64, 852_584, "Small and quick: trains without a GPU."),
        R3DTiny,
    ),
)
