"""VideoMAE and V-JEPA 2 as teachers: from a folder that the library `transformers` understands."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.published_model import (
    PublishedOptions,
    PublishedTeacher,
    class_names,
    keep_published,
)
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.files import sha256_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks.embedder import embedder_kind, published_embedder
from fsamt_engine.networks.published import Convention

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_PREPROCESSORS = ("video_preprocessor_config.json", "preprocessor_config.json")
_SPAN = 64
"""Frames at 30 a second that a clip covers: 64 in a row, or 16 of them four apart, as V-JEPA 2's
model card and VideoMAE's Kinetics setting (16 x 4) have it."""


def is_embedder(source: Path) -> bool:
    """Whether this is a folder with a config.json, and no model of this program."""
    return (source / "config.json").is_file() and not (source / "model.json").is_file()


def import_embedder(
    library: Library,
    folder: Path,
    options: PublishedOptions | None = None,
    *,
    origin: str = "",
    licence: str = "",
) -> ModelRecord:
    """Bring a published video transformer in as a frozen teacher.

    Its configuration is kept with the model, its input convention is read from the preprocessor's
    configuration in the folder (ImageNet's mean and deviation where there is none).

    Args:
        folder: With config.json and model.safetensors, whole or in parts.
        origin: Where it is from; by default the folder's name.
        licence: By default to be looked up there.

    Raises:
        FsamtError: `transformers` is not installed, or the folder is not one of such a network.
    """
    config, kind, weights = _parts(folder)
    network = published_embedder(folder, config)
    chosen = options or PublishedOptions()
    convention = _convention(folder, config, chosen)
    _check_frames(kind, config, chosen.shape(convention).n_frames)
    n_classes = network.fc.out_features if network.fc is not None else 0
    named = origin or folder.name
    teacher = PublishedTeacher(
        name=f"{_NAMES[kind]} ({named})",
        network=kind,
        digest=_digest(folder / "config.json", *weights),
        source=_NAMES[kind],
        licence=licence or "as its model card says",
        origin=named,
        convention=convention,
        actions=class_names(n_classes, _labels(config)) if n_classes else (),
        network_config=config,
    )
    return keep_published(library, teacher, network, Modality.RGB, chosen)


def embedder_name(folder: Path) -> str:
    """What a folder holds, without reading its weights.

    Raises:
        FsamtError: It is not one of such a network, or its weights are not there.
    """
    return _NAMES[_parts(folder)[1]]


def _parts(folder: Path) -> tuple[Mapping[str, Any], str, Sequence[Path]]:
    """Configuration, kind and files of weights."""
    config = _json(folder / "config.json")
    kind = embedder_kind(config)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise FsamtError(
            f"{folder} has a config.json, but no weights as .safetensors.",
            "Fetch model.safetensors too; older formats (.bin) can hold code and are not read.",
        )
    return config, kind, weights


_NAMES = {"videomae": "VideoMAE", "vjepa2": "V-JEPA 2"}


def _convention(folder: Path, config: Mapping[str, Any], options: PublishedOptions) -> Convention:
    is_videomae = config["model_type"] == "videomae"
    found = [folder / name for name in _PREPROCESSORS if (folder / name).is_file()]
    said = _json(found[0]) if found else {}
    mean, std = said.get("image_mean", _IMAGENET[0]), said.get("image_std", _IMAGENET[1])
    n_frames = options.n_frames or int(config.get("num_frames" if is_videomae else _FRAMES, 16))
    try:
        size = config.get("image_size", 224) if is_videomae else config.get("crop_size", 256)
        return Convention(
            tuple(float(v) for v in mean),
            tuple(float(v) for v in std),
            n_frames,
            max(1, _SPAN // n_frames),
            int(size),
            1.0 if is_videomae else 224 / 256,
        )
    except (TypeError, ValueError) as error:
        raise FsamtError(
            f"The configuration in {folder} says nothing usable of sizes and colours ({error}).",
            "Fetch the folder again.",
        ) from error


_FRAMES = "frames_per_clip"


def _check_frames(kind: str, config: Mapping[str, Any], n_frames: int) -> None:
    """Refuse clips that the network has no place for."""
    tubelet = int(config.get("tubelet_size", 2))
    fixed = int(config.get("num_frames", 16)) if kind == "videomae" else None
    if n_frames % tubelet or (fixed is not None and n_frames != fixed):
        wanted = f"{fixed} frames" if fixed else f"a multiple of {tubelet} frames"
        raise FsamtError(
            f"{_NAMES[kind]} takes clips of {wanted}, not of {n_frames}.",
            "Leave the number of frames out, or choose one that fits.",
        )


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the classes, unless they are the library's placeholders."""
    named = config.get("id2label") or {}
    labels = tuple(str(named[key]) for key in sorted(named, key=int))
    return () if any(label.startswith("LABEL_") for label in labels) else labels


def _digest(*files: Path) -> str:
    return hashlib.sha256("".join(sha256_of(path)[1] for path in files).encode()).hexdigest()


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it is no object")
    except (OSError, ValueError) as error:
        raise FsamtError(f"{path} cannot be read ({error}).", "Fetch the folder again.") from error
    return content
