"""r3d_tiny: a residual 3D network of under a million parameters, for machines without a GPU."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.network import ActionNetwork, convolution, initialise_convolutions


class R3DTiny(ActionNetwork):
    """Stem of 16, residual stages of 32, 64 and 128, each half the size, and a head to 256.

    Made for training on two CPU cores at 16x64x64; runs at 16x112x112 and any other size too.
    What makes it quick there, each measured: full 3x3x3 convolutions, which come nearest to the
    CPU's peak (depthwise ones reached a fifth of their rate); widths that are multiples of 16, its
    vector length; the first stage halving time along with space, for early maps cost memory traffic
    more than arithmetic; and weights in `channels_last_3d` (1.2 to 1.5 times as fast).

    Args:
        in_channels: Channels of a clip.
    """

    first_convolution = "conv1.weight"

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, embedding_dim=256)
        self.conv1 = convolution(in_channels, 16, (3, 5, 5), (1, 2, 2))
        self.bn1 = nn.BatchNorm3d(16)
        self.layer1 = _BasicBlock(16, 32)
        self.layer2 = _BasicBlock(32, 64)
        self.layer3 = _BasicBlock(64, 128)
        self.conv4 = convolution(128, 256, 1)
        self.bn4 = nn.BatchNorm3d(256)
        initialise_convolutions(self)
        for block in (self.layer1, self.layer2, self.layer3):
            # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
            nn.init.zeros_(block.bn2.weight)
        self.to(memory_format=torch.channels_last_3d)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 256) float32 of clips (B, C, T, H, W) float32."""
        x = F.relu(self.bn1(self.conv1(clips)), inplace=True)
        x = self.layer3(self.layer2(self.layer1(x)))
        x = F.relu(self.bn4(self.conv4(x)), inplace=True)
        return x.mean((2, 3, 4))


class _BasicBlock(nn.Module):
    """Two 3x3x3 convolutions beside a shortcut (He et al. 2016); halves time, height and width."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3, stride=2)
        self.bn1 = nn.BatchNorm3d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.bn2 = nn.BatchNorm3d(outputs)
        self.downsample = nn.Sequential(
            convolution(inputs, outputs, 1, stride=2), nn.BatchNorm3d(outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        way_round = self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.bn2(self.conv2(x))
        return F.relu(x + way_round, inplace=True)
