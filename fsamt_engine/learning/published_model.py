"""Published weights as a teacher of the library: its folder, its row, and how its input is made."""

import hashlib
import json
import platform
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from fsamt_engine import __version__
from fsamt_engine.learning.store import FORMAT
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.models import add_model, find_model
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot, snapshot_to_dict
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import (
    Crop,
    CropMode,
    DepthPreparation,
    FlowMethod,
    FlowSettings,
    Modality,
    Preparation,
)
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.networks.published import Convention
from fsamt_engine.networks.weights import save_weights

KINETICS_CLASSES = 400


class PublishedCrop(StrEnum):
    """What of a frame a published teacher sees, and with it its students."""

    PERSON = "person"
    """The square around the person, found from depth, as everywhere in the program."""
    FRAME = "frame"
    """The whole frame, letterboxed: nothing at its edges is lost."""
    CENTRE = "centre"
    """The square in the frame's middle, exactly as published."""


@dataclass(frozen=True)
class PublishedOptions:
    """What a file of published weights does not say.

    Attributes:
        crop: See `PublishedCrop`.
        n_frames: Frames of a clip, where they are not those that the weights were published with
            (weights for 64 frames have the same keys as those for 16).
        step: Likewise from one of them to the next, in frames of the take.
        flow: How flow is computed; by default as for the published weights, with TV-L1.
    """

    crop: PublishedCrop = PublishedCrop.PERSON
    n_frames: int | None = None
    step: int | None = None
    flow: FlowMethod | None = None

    def shape(self, convention: Convention) -> ClipShape:
        """The clips of the model."""
        n_frames, step = self.n_frames or convention.n_frames, self.step or convention.step
        return ClipShape(n_frames, step, convention.size)

    def preparation(self, convention: Convention) -> Preparation:
        """How its frames are made, and with them its students'."""
        if self.crop is PublishedCrop.PERSON:
            depth = DepthPreparation(size=convention.size)
        else:
            crop = Crop(mode=CropMode.FRAME)
            if self.crop is PublishedCrop.CENTRE:
                crop = Crop(mode=CropMode.CENTRE, centre_share=convention.crop_share)
            depth = DepthPreparation(size=convention.size, crop=crop, relative=False)
        if convention.bound_share is None:
            return Preparation(depth)
        flow = FlowSettings(
            method=self.flow or FlowMethod.TVL1,
            bound_share=convention.bound_share,
            of_frames_alone=True,
        )
        return Preparation(depth, flow)


@dataclass(frozen=True)
class PublishedTeacher:
    """What is to be kept of published weights.

    Attributes:
        digest: SHA-256 of where they came from: the same weights are the same model.
        source: Who published them.
        licence: Under which terms.
        origin: The file's or folder's name, or an address.
        network_config: Of a network that is built from a configuration, that one.
    """

    name: str
    network: str
    digest: str
    source: str
    licence: str
    origin: str
    convention: Convention
    actions: tuple[str, ...]
    network_config: Mapping[str, Any] | None = field(default=None, repr=False)


def keep_published(
    library: Library,
    teacher: PublishedTeacher,
    network: ActionNetwork,
    modality: Modality,
    options: PublishedOptions,
) -> ModelRecord:
    """Enter a teacher that has seen nobody of this library; the same one again stays what it is.

    Raises:
        FsamtError: The disk is full or may not be written to; nothing is left behind.
    """
    shape, preparation = options.shape(teacher.convention), options.preparation(teacher.convention)
    normalisation = Normalisation(teacher.convention.mean, teacher.convention.std)
    input_ = {
        "preparation": preparation.to_dict(),
        "shape": asdict(shape),
        "normalisation": asdict(normalisation),
    }
    key = _key(teacher, modality, input_)
    if known := find_model(library, key):
        return known
    model_id = f"teacher-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    nobody = make_snapshot("nobody of this library: published weights", (), ())
    record = ModelRecord(
        id=model_id,
        key=key,
        kind=ModelKind.TEACHER,
        name=teacher.name,
        network=teacher.network,
        modality=str(modality),
        embedding_dim=network.embedding_dim,
        actions=teacher.actions,
        path=f"models/{model_id}",
        method=PUBLISHED_WEIGHTS,
        created_at_us=time.time_ns() // 1000,
        settings={
            "network": teacher.network,
            "modality": str(modality),
            "source": teacher.source,
            "licence": teacher.licence,
            "origin": teacher.origin,
            "crop": str(options.crop),
            "shape": asdict(shape),
        }
        | ({"flow": str(preparation.flow.method)} if modality is Modality.FLOW else {}),
        snapshot_id=nobody.id,
    )
    description = asdict(record) | {
        "format": FORMAT,
        "in_channels": network.in_channels,
        **input_,
        "parent_key": None,
        "snapshot": snapshot_to_dict(nobody),
        "published": {
            "source": teacher.source,
            "licence": teacher.licence,
            "origin": teacher.origin,
            "sha256": teacher.digest,
        },
        "versions": {
            "fsamt_studio": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
    }
    if teacher.network_config is not None:
        description["network_config"] = dict(teacher.network_config)
    save_snapshot(library, nobody)
    _write(library, library.absolute(record.path), network, description)
    return add_model(library, record)


def class_names(n_classes: int, named: Sequence[str] = ()) -> tuple[str, ...]:
    """The actions of a published classifier.

    Of 400 classes these are Kinetics-400's in their official order, which is that of the alphabet
    (torchvision keeps the list with its weights). Of others only numbers are known.

    Args:
        named: Names that came with the weights.
    """
    if len(named) == n_classes and len(set(named)) == n_classes:
        return tuple(named)
    if n_classes == KINETICS_CLASSES:
        from torchvision.models.video import R3D_18_Weights

        return tuple(R3D_18_Weights.KINETICS400_V1.meta["categories"])
    return tuple(f"class {number}" for number in range(1, n_classes + 1))


def _key(teacher: PublishedTeacher, modality: Modality, input_: Mapping[str, Any]) -> str:
    """SHA-256 over the weights and everything that decides what they are given."""
    content = {
        "method": PUBLISHED_WEIGHTS,
        "digest": teacher.digest,
        "network": teacher.network,
        "modality": str(modality),
        **input_,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _write(
    library: Library, folder: Path, network: ActionNetwork, description: Mapping[str, Any]
) -> None:
    """Write a model's folder beside its place, then move it there."""
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    with environment_errors(library.root):
        try:
            beside.mkdir(parents=True)
            save_weights(beside / "weights.safetensors", network)
            text = json.dumps(description, indent=1, default=str)
            (beside / "model.json").write_text(text, encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
