"""Keys and shapes of published weights, written down from their definitions."""

import math

import torch
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]

TORCHVISION_TRANSFORMERS = ("mvit_v1_b", "mvit_v2_s", "swin3d_t", "swin3d_s", "swin3d_b")
_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


def mars_shapes(in_channels: int, n_actions: int) -> Shapes:
    """MARS' resnext-101 and 3D-ResNets' of 2018, after `module.`."""
    shapes: Shapes = {"conv1.weight": (64, in_channels, 7, 7, 7)} | _norm("bn1", 64)
    inputs = 64
    for layer, (n_blocks, planes) in enumerate([(3, 128), (4, 256), (23, 512), (3, 1024)], start=1):
        for block in range(n_blocks):
            at = f"layer{layer}.{block}"
            shapes[f"{at}.conv1.weight"] = (planes, inputs, 1, 1, 1)
            shapes[f"{at}.conv2.weight"] = (planes, planes // 32, 3, 3, 3)
            shapes[f"{at}.conv3.weight"] = (planes * 2, planes, 1, 1, 1)
            shapes |= _norm(f"{at}.bn1", planes) | _norm(f"{at}.bn2", planes)
            shapes |= _norm(f"{at}.bn3", planes * 2)
            if block == 0:
                shapes[f"{at}.downsample.0.weight"] = (planes * 2, inputs, 1, 1, 1)
                shapes |= _norm(f"{at}.downsample.1", planes * 2)
            inputs = planes * 2
    return shapes | {"fc.weight": (n_actions, 2048), "fc.bias": (n_actions,)}


def resnet3d_shapes(depth: int, in_channels: int, n_actions: int) -> Shapes:
    """3D-ResNets-PyTorch's `models/resnet.py` of 2020, shortcut B."""
    shapes: Shapes = {"conv1.weight": (64, in_channels, 7, 7, 7)} | _norm("bn1", 64)
    inputs, wider = 64, 1 if depth < 50 else 4
    for layer, n_blocks in enumerate(_BLOCKS[depth], start=1):
        planes = 32 * 2**layer
        for block in range(n_blocks):
            at = f"layer{layer}.{block}"
            shapes |= _norm(f"{at}.bn1", planes) | _norm(f"{at}.bn2", planes)
            if depth < 50:
                shapes[f"{at}.conv1.weight"] = (planes, inputs, 3, 3, 3)
                shapes[f"{at}.conv2.weight"] = (planes, planes, 3, 3, 3)
            else:
                shapes[f"{at}.conv1.weight"] = (planes, inputs, 1, 1, 1)
                shapes[f"{at}.conv2.weight"] = (planes, planes, 3, 3, 3)
                shapes[f"{at}.conv3.weight"] = (planes * 4, planes, 1, 1, 1)
                shapes |= _norm(f"{at}.bn3", planes * 4)
            if block == 0 and (layer > 1 or inputs != planes * wider):
                shapes[f"{at}.downsample.0.weight"] = (planes * wider, inputs, 1, 1, 1)
                shapes |= _norm(f"{at}.downsample.1", planes * wider)
            inputs = planes * wider
    return shapes | {"fc.weight": (n_actions, inputs), "fc.bias": (n_actions,)}


def slowonly_shapes(in_channels: int, n_actions: int) -> Shapes:
    """MMAction2's `Recognizer3D` of `ResNet3dSlowOnly` (depth 50) and `I3DHead`."""
    shapes = _module("backbone.conv1", 64, in_channels, (1, 7, 7))
    inputs = 64
    for layer, n_blocks in enumerate(_BLOCKS[50], start=1):
        planes, reach = 32 * 2**layer, 3 if layer > 2 else 1
        for block in range(n_blocks):
            at = f"backbone.layer{layer}.{block}"
            shapes |= _module(f"{at}.conv1", planes, inputs, (reach, 1, 1))
            shapes |= _module(f"{at}.conv2", planes, planes, (1, 3, 3))
            shapes |= _module(f"{at}.conv3", planes * 4, planes, (1, 1, 1))
            if block == 0:
                shapes |= _module(f"{at}.downsample", planes * 4, inputs, (1, 1, 1))
            inputs = planes * 4
    head = "cls_head.fc_cls"
    return shapes | {f"{head}.weight": (n_actions, inputs), f"{head}.bias": (n_actions,)}


def values(shapes: Shapes, seed: int = 0) -> dict[str, Tensor]:
    """Weights of these shapes under which numbers neither die nor grow."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for key, shape in shapes.items():
        if key.endswith("num_batches_tracked"):
            state[key] = torch.zeros((), dtype=torch.long)
        elif key.endswith("running_var"):
            state[key] = 0.5 + torch.rand(shape, generator=generator)
        elif len(shape) == 1:
            middle = 1.0 if key.endswith("weight") else 0.0
            state[key] = middle + 0.1 * torch.randn(shape, generator=generator)
        else:
            state[key] = torch.randn(shape, generator=generator) / math.sqrt(math.prod(shape[1:]))
    return state


def small(shapes: Shapes) -> dict[str, Tensor]:
    """Zeros that take no room on the disk: each is one number, seen as often as needed."""
    return {
        key: torch.zeros((), dtype=torch.long if "batches" in key else torch.float32).expand(shape)
        for key, shape in shapes.items()
    }


def _norm(key: str, width: int) -> Shapes:
    parts: Shapes = {
        f"{key}.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")
    }
    return parts | {f"{key}.num_batches_tracked": ()}


def _module(key: str, outputs: int, inputs: int, kernel: tuple[int, int, int]) -> Shapes:
    """mmcv's `ConvModule`."""
    return {f"{key}.conv.weight": (outputs, inputs, *kernel)} | _norm(f"{key}.bn", outputs)
