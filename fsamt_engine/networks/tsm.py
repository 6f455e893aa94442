"""TSM-MobileNetV2: an image network for telephones whose features step from frame to frame."""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import ActionNetwork

_STEM = 32
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Widening of the bottleneck, outputs, blocks and stride of the first: MobileNetV2's table 2."""

_EMBEDDING = 1280
_SHIFTED = 8
"""An eighth of the channels comes from the frame after, an eighth from the one before."""


class TSMMobileNet(ActionNetwork):
    """MobileNetV2 (Sandler et al. CVPR 2018) with temporal shifts (Lin et al. ICCV 2019), 1280-d.

    Made for devices: all convolutions are 2D, which processors, ONNX Runtime and phone chips do
    far faster than depthwise 3D ones, and time costs no multiplication. The shift stands in front
    of the first convolution of each block with a shortcut ("blockres"). Keys and shapes are those
    of the weights that TSM's authors published for `mobilenetv2` (there behind
    `module.base_model.`, and with `module.new_fc` as the classifier).

    Args:
        in_channels: Channels of a clip.
    """

    first_convolution = "features.0.0.weight"
    published_names = (("base_model.", ""), ("new_fc.", "fc."))

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, _EMBEDDING)
        blocks: list[nn.Module] = [_convolution(in_channels, _STEM, 3, 2)]
        inputs = _STEM
        for widening, outputs, n_blocks, stride in _STAGES:
            for number in range(n_blocks):
                blocks.append(_Block(inputs, outputs, widening, 1 if number else stride))
                inputs = outputs
        blocks.append(_convolution(inputs, _EMBEDDING, 1))
        self.features = nn.Sequential(*blocks)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, mode="fan_out")
        self.to(memory_format=torch.channels_last)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 1280) float32 of clips (B, C, T, H, W) float32."""
        return self._frames(clips).mean((2, 3)).reshape(-1, clips.shape[2], _EMBEDDING).mean(1)

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 1280, T, H / 32, W / 32) float32, rounded up."""
        frames = self._frames(clips)
        return frames.reshape(-1, clips.shape[2], *frames.shape[1:]).transpose(1, 2)

    def _frames(self, clips: Tensor) -> Tensor:
        """Features (B * T, 1280, H', W') of the frames of clips."""
        x = clips.transpose(1, 2)
        n_frames = x.shape[1]
        x = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        for block in self.features:
            x = block(x, n_frames) if isinstance(block, _Block) else block(x)
        return x


class _Shifted(nn.Module):
    """A convolution of a frame and of some channels of the frames beside it."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, n_frames: int) -> Tensor:
        """(B * T, C, H, W) to (B * T, C', H, W)."""
        n, width, height, breadth = x.shape
        share = width // _SHIFTED
        # The channels last: a shift is then a shift of memory, and nothing is brought into order.
        frames = x.permute(0, 2, 3, 1).reshape(-1, n_frames, height, breadth, width)
        later = F.pad(frames[:, 1:, ..., :share], (0, 0, 0, 0, 0, 0, 0, 1))
        earlier = F.pad(frames[:, :-1, ..., share : 2 * share], (0, 0, 0, 0, 0, 0, 1, 0))
        shifted = torch.cat([later, earlier, frames[..., 2 * share :]], -1)
        return cast(
            Tensor, self.net(shifted.reshape(n, height, breadth, width).permute(0, 3, 1, 2))
        )


class _Block(nn.Module):
    """A narrow layer, widened, convolved channel by channel, and narrowed again."""

    def __init__(self, inputs: int, outputs: int, widening: int, stride: int) -> None:
        super().__init__()
        middle = inputs * widening
        self.has_shortcut = stride == 1 and inputs == outputs
        widen = [] if widening == 1 else list(_convolution(inputs, middle, 1))
        if self.has_shortcut and widen:
            widen[0] = _Shifted(widen[0])
        self.conv = nn.Sequential(
            *widen,
            *_convolution(middle, middle, 3, stride, groups=middle),
            nn.Conv2d(middle, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor, n_frames: int) -> Tensor:
        y = x
        for part in self.conv:
            y = part(y, n_frames) if isinstance(part, _Shifted) else part(y)
        return x + y if self.has_shortcut else y


def _convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


NETWORKS = (
    NetworkEntry(
        NetworkSpec(
            "tsm_mobilenet",
            _EMBEDDING,
            16,
            112,
            2_223_296,
            "Made for small devices: quick in use, and trains without a GPU.",
        ),
        TSMMobileNet,
    ),
)
