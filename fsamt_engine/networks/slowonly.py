"""slowonly_50: the slow pathway of SlowFast on its own, in MMAction2's layout."""

from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import ActionNetwork, convolution, initialise_convolutions

_EXPANSION = 4
_STAGES = ((64, 3, 1), (128, 4, 1), (256, 6, 3), (512, 3, 3))
"""Planes, blocks and length in time of each block's first kernel (`inflate=(0, 0, 1, 1)`)."""


class SlowOnly50(ActionNetwork):
    """SlowOnly ResNet-50, 2048-d (Feichtenhofer et al. ICCV 2019, the slow pathway alone).

    Time is never shortened, and only the last two stages look across it. Keys and shapes are those
    of MMAction2's `ResNet3dSlowOnly` (depth 50, `conv1_kernel=(1, 7, 7)`, `with_pool2=False`) once
    `backbone.` is stripped: conv1.conv, conv1.bn, layer1.0.conv1.conv to layer4.2.conv3.bn.

    Args:
        in_channels: Channels of a clip.
    """

    first_convolution = "conv1.conv.weight"

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, embedding_dim=2048)
        self.conv1 = _ConvolutionAndNorm(in_channels, 64, (1, 7, 7), (1, 2, 2))
        self.maxpool = nn.MaxPool3d((1, 3, 3), stride=(1, 2, 2), padding=(0, 1, 1))
        inputs = 64
        for number, (planes, n_blocks, reach) in enumerate(_STAGES, 1):
            stride = 1 if number == 1 else 2
            blocks = [_Bottleneck(inputs, planes, stride, reach)]
            inputs = planes * _EXPANSION
            blocks += [_Bottleneck(inputs, planes, 1, reach) for _ in range(n_blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        initialise_convolutions(self)
        for part in self.modules():
            if isinstance(part, _Bottleneck):
                # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
                nn.init.zeros_(part.conv3.bn.weight)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 2048) float32 of clips (B, C, T, H, W) float32."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 2048, T, H / 32, W / 32) float32, rounded up."""
        x = self.maxpool(F.relu(self.conv1(clips), inplace=True))
        for number in range(1, 5):
            x = self.get_submodule(f"layer{number}")(x)
        return cast(Tensor, x)


class _ConvolutionAndNorm(nn.Module):
    """A convolution and its batch norm, named as mmcv's `ConvModule` names them."""

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int, int], stride: tuple[int, int, int]
    ) -> None:
        super().__init__()
        self.conv = convolution(inputs, outputs, kernel, stride)
        self.bn = nn.BatchNorm3d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.bn(self.conv(x)))


class _Bottleneck(nn.Module):
    """`reach`x1x1, 1x3x3 and 1x1x1 to four times the width, beside a shortcut."""

    def __init__(self, inputs: int, planes: int, stride: int, reach: int) -> None:
        super().__init__()
        outputs = planes * _EXPANSION
        in_space = (1, stride, stride)
        self.conv1 = _ConvolutionAndNorm(inputs, planes, (reach, 1, 1), (1, 1, 1))
        self.conv2 = _ConvolutionAndNorm(planes, planes, (1, 3, 3), in_space)
        self.conv3 = _ConvolutionAndNorm(planes, outputs, (1, 1, 1), (1, 1, 1))
        self.downsample = (
            None
            if inputs == outputs and stride == 1
            else _ConvolutionAndNorm(inputs, outputs, (1, 1, 1), in_space)
        )

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.conv1(x), inplace=True)
        x = F.relu(self.conv2(x), inplace=True)
        return F.relu(self.conv3(x) + way_round, inplace=True)


NETWORKS = (
    NetworkEntry(
        NetworkSpec(
            "slowonly_50",
            2048,
            8,
            224,
            31_628_224,
            "MMAction2's SlowOnly ResNet-50.",
            is_published_only=True,
        ),
        SlowOnly50,
    ),
)
