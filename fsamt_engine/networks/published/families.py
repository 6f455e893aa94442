"""Families of published networks: how each names its parts, and what it expects."""

import re
from collections.abc import Callable

from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.published import conventions
from fsamt_engine.networks.published.checkpoint_file import Checkpoint
from fsamt_engine.networks.published.fitting import (
    KNOWN,
    PublishedWeights,
    count,
    fit,
    published,
    renamed,
    shape,
)

_DEPTHS: dict[tuple[bool, tuple[int, ...]], int] = {
    (False, (2, 2, 2, 2)): 18,
    (False, (3, 4, 6, 3)): 34,
    (True, (3, 4, 6, 3)): 50,
    (True, (3, 4, 23, 3)): 101,
}
"""Depth of a 3D ResNet, from whether its blocks are bottlenecks and how many a stage has."""


def _resnets(checkpoint: Checkpoint) -> PublishedWeights:
    """3D-ResNets-PyTorch (Hara et al.) and MARS, which was made from it."""
    state = checkpoint.state
    n_blocks = tuple(count(state, rf"layer{n}\.(\d+)\.conv1\.weight") for n in range(1, 5))
    bottleneck = "layer1.0.conv3.weight" in state
    inner = state.get("layer1.0.conv2.weight")
    is_grouped = inner is not None and bottleneck and inner.ndim > 1 and inner.shape[1] == 4
    depth = _DEPTHS.get((bottleneck, n_blocks))
    if depth is None or (is_grouped and depth != 101):
        stages = ", ".join(str(n) for n in n_blocks)
        raise FsamtError(
            f"{checkpoint.name} holds a 3D ResNet with stages of {stages} blocks, which is not "
            "known here.",
            KNOWN,
        )
    if "layer2.0.downsample.0.weight" not in state:
        raise FsamtError(
            f"{checkpoint.name} holds a 3D ResNet-{depth} whose shortcuts have no weights (type A):"
            " layer2.0.downsample.0.weight is missing.",
            "Choose weights with shortcuts of type B; those of 2020 all have them.",
        )
    network = "resnext3d_101" if is_grouped else f"resnet3d_{depth}"
    modality = fit(checkpoint, network, "conv1.weight", state, or_flow=is_grouped)
    of_2018 = is_grouped or checkpoint.had_prefix
    if modality == "flow":
        source, convention = "MARS", conventions.MARS_FLOW
    elif is_grouped:
        source, convention = "MARS or 3D-ResNets-PyTorch (2018)", conventions.MARS_RGB
    elif of_2018:
        source, convention = "3D-ResNets-PyTorch (2018)", conventions.MARS_RGB
    else:
        source, convention = "3D-ResNets-PyTorch (2020)", conventions.RESNETS_2020
    return published(source, "MIT", network, modality, convention, state)


def _slowonly(checkpoint: Checkpoint) -> PublishedWeights:
    """MMAction2 0.x and 1.x."""
    state = {
        key.removeprefix("backbone.").replace("cls_head.fc_cls", "fc"): value
        for key, value in checkpoint.state.items()
    }
    modality = fit(checkpoint, "slowonly_50", "conv1.conv.weight", state, or_flow=True)
    n_frames, step = (_number(checkpoint.config, key) for key in ("clip_len", "frame_interval"))
    convention = conventions.slowonly(2 if modality == "flow" else 3, n_frames or 8, step or 8)
    return published("MMAction2", "Apache-2.0", "slowonly_50", modality, convention, state)


def _torchvision_resnet(checkpoint: Checkpoint) -> PublishedWeights:
    state = checkpoint.state
    name = "r3d_18"
    if "stem.3.weight" in state:
        name = "r2plus1d_18"
    elif shape(state, "layer2.0.conv1.0.weight")[2:3] == (1,):
        name = "mc3_18"
    return _torchvision(checkpoint, name, "stem.0.weight", state)


def _torchvision_s3d(checkpoint: Checkpoint) -> PublishedWeights:
    state = renamed(checkpoint.state, "classifier.1", "fc")
    weight = state.get("fc.weight")
    if weight is not None and weight.ndim == 5:
        state["fc.weight"] = weight.flatten(1)
    return _torchvision(checkpoint, "s3d", "features.0.0.0.weight", state)


def _torchvision_mvit(checkpoint: Checkpoint) -> PublishedWeights:
    name = "mvit_v2_s" if "blocks.0.attn.rel_pos_h" in checkpoint.state else "mvit_v1_b"
    state = renamed(checkpoint.state, "head.1", "fc")
    return _torchvision(checkpoint, name, "conv_proj.weight", state)


def _torchvision_swin(checkpoint: Checkpoint) -> PublishedWeights:
    state = renamed(checkpoint.state, "head", "fc")
    is_deep = count(state, r"features\.4\.(\d+)\.norm1\.weight") > 6
    name = "swin3d_s" if is_deep else "swin3d_t"
    if shape(state, "patch_embed.proj.weight")[:1] == (128,):
        name = "swin3d_b"
    return _torchvision(checkpoint, name, "patch_embed.proj.weight", state)


def _torchvision(
    checkpoint: Checkpoint, name: str, first: str, state: dict[str, Tensor]
) -> PublishedWeights:
    modality = fit(checkpoint, name, first, state)
    licence = "BSD-3-Clause; trained on Kinetics, whose videos have terms of their own"
    convention = conventions.torchvision(name)
    return published("torchvision", licence, name, modality, convention, state)


def _number(config: str, key: str) -> int | None:
    found = re.search(rf"\b{key}\b['\"]?\s*[=:]\s*(\d+)", config)
    return int(found[1]) if found else None


FAMILIES: tuple[tuple[str, Callable[[Checkpoint], PublishedWeights]], ...] = (
    ("backbone.conv1.conv.weight", _slowonly),
    ("stem.0.weight", _torchvision_resnet),
    ("features.0.0.0.weight", _torchvision_s3d),
    ("conv_proj.weight", _torchvision_mvit),
    ("patch_embed.proj.weight", _torchvision_swin),
    ("layer1.0.conv1.weight", _resnets),
)
"""A key that weights of a family have, and how they are read; the first that fits is taken."""
