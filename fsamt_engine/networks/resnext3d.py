"""resnext3d_101: the paper's likely backbone, in the layout of MARS' published weights."""

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

_CARDINALITY = 32
_EXPANSION = 2


class ResNeXt3D101(ActionNetwork):
    """3D ResNeXt-101, 32 groups, 2048-d (Hara et al. CVPR 2018; Crasto et al. CVPR 2019).

    Keys and shapes are those of MARS' `resnext-101` once `module.` is stripped: conv1, bn1,
    layer1.0.conv1 to layer4.2.bn3, fc. Stages of 3, 4, 23 and 3 blocks; shortcut B.

    Args:
        in_channels: Channels of a clip.
    """

    first_convolution = "conv1.weight"

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, embedding_dim=2048)
        self.conv1 = convolution(in_channels, 64, 7, (1, 2, 2))
        self.bn1 = nn.BatchNorm3d(64)
        self.maxpool = nn.MaxPool3d(3, stride=2, padding=1)
        self.layer1 = _stage(64, 128, n_blocks=3, stride=1)
        self.layer2 = _stage(256, 256, n_blocks=4, stride=2)
        self.layer3 = _stage(512, 512, n_blocks=23, stride=2)
        self.layer4 = _stage(1024, 1024, n_blocks=3, stride=2)
        initialise_convolutions(self)
        for part in self.modules():
            if isinstance(part, _ResNeXtBlock):
                # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
                nn.init.zeros_(part.bn3.weight)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 2048) float32 of clips (B, C, T, H, W) float32."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 2048, T / 16, H / 32, W / 32) float32, rounded up."""
        x = self.maxpool(F.relu(self.bn1(self.conv1(clips)), inplace=True))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return cast(Tensor, x)


def _stage(inputs: int, planes: int, n_blocks: int, stride: int) -> nn.Sequential:
    """`n_blocks` blocks of `planes`, of which the first changes width and size."""
    blocks = [_ResNeXtBlock(inputs, planes, stride)]
    blocks += [_ResNeXtBlock(planes * _EXPANSION, planes, 1) for _ in range(n_blocks - 1)]
    return nn.Sequential(*blocks)


class _ResNeXtBlock(nn.Module):
    """1x1x1, grouped 3x3x3, 1x1x1 beside a shortcut (Xie et al. 2017)."""

    def __init__(self, inputs: int, planes: int, stride: int) -> None:
        super().__init__()
        outputs = planes * _EXPANSION
        self.conv1 = convolution(inputs, planes, 1)
        self.bn1 = nn.BatchNorm3d(planes)
        self.conv2 = convolution(planes, planes, 3, stride, groups=_CARDINALITY)
        self.bn2 = nn.BatchNorm3d(planes)
        self.conv3 = convolution(planes, outputs, 1)
        self.bn3 = nn.BatchNorm3d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        way_round = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        x = self.bn3(self.conv3(x))
        return F.relu(x + way_round, inplace=True)


NETWORKS = (
    NetworkEntry(
        NetworkSpec(
            "resnext3d_101",
            2048,
            16,
            112,
            47_477_312,
            "The paper's likely backbone; wants a GPU.",
        ),
        ResNeXt3D101,
    ),
)
