"""Trained networks as models of the library: weights, and everything that made them.

A model's key is a hash over all that went in: settings, snapshot, parent, preparation. A training
that is asked for again finds its result by the key, or its checkpoint, or starts.
"""

import hashlib
import json
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from fsamt_engine import __version__
from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.keys import without_later_defaults
from fsamt_engine.learning.loop import FitResult
from fsamt_engine.learning.spread import processes
from fsamt_engine.library import Library, ModelKind, ModelRecord, Region
from fsamt_engine.library.models import add_model, find_model
from fsamt_engine.library.snapshots import snapshot, snapshot_to_dict
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.tensors import NORMALISATIONS, Normalisation, n_channels
from fsamt_engine.networks import ActionNetwork, build, restore
from fsamt_engine.networks.embedder import TransformerEmbedder
from fsamt_engine.networks.weights import load_weights, save_weights

FORMAT = 1
"""Of model.json; a model of a newer format is refused."""


@dataclass(frozen=True)
class Made:
    """What a training was made from; its hash is the model's key.

    Attributes:
        method: "teacher", "transfer", "from scratch", "flow pretraining", "ours".
        settings: The settings dataclass as a dict.
        parent_key: Key of the teacher, or of the student that was finetuned.
        regions: By take id, where a person drew one; not part of the key where nobody did.
    """

    kind: ModelKind
    method: str
    settings: Mapping[str, Any]
    snapshot_id: str
    parent_id: str | None = None
    parent_key: str | None = None
    regions: Mapping[str, Region] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """SHA-256, hex."""
        content = asdict(self)
        content["settings"] = without_later_defaults(self.settings)
        del content["parent_id"]
        if not self.regions:
            del content["regions"]
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class LoadedModel:
    """A model ready for use: its network in eval mode, and how its input is made."""

    record: ModelRecord
    network: ActionNetwork
    modality: Modality
    preparation: Preparation
    shape: ClipShape
    normalisation: Normalisation


class KeptNetwork(Protocol):
    """What `keep_model` has to know of what it keeps: an `ActionNetwork`, or a detector."""

    @property
    def in_channels(self) -> int:
        """Channels of a clip."""

    @property
    def embedding_dim(self) -> int:
        """Length of an embedding."""

    def state_dict(self) -> Mapping[str, Tensor]:
        """The weights."""


def checkpoint_path(library: Library, key: str) -> Path:
    """Where the training with this key keeps its checkpoint."""
    return library.cache_folder / "checkpoints" / f"{key[:32]}.pt"


def keep_model(
    library: Library,
    made: Made,
    network: KeptNetwork,
    result: FitResult,
    device: Device,
    *,
    name: str,
    modality: Modality,
    preparation: Preparation,
    shape: ClipShape,
    normalisation: Normalisation | None = None,
    actions: tuple[str, ...] = (),
    metrics: Mapping[str, float] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> ModelRecord:
    """Write a model's folder, then its row. A kill in between leaves a folder that is replaced.

    Of the processes that share a training the first one alone writes.

    Args:
        normalisation: Of the network's input; by default the modality's own.
        extra: Further entries of model.json, which JSON can hold.
    """
    # A run that was ended early on request is another model than the one that ran to its end.
    key = made.key if result.ended != "kept best" else f"{made.key}-{result.best_epoch}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    model_id = f"{made.kind}-{digest}"
    record = ModelRecord(
        id=model_id,
        key=key,
        kind=made.kind,
        name=name,
        network=_name_of(made.settings),
        modality=str(modality),
        embedding_dim=network.embedding_dim,
        actions=actions,
        path=f"models/{model_id}",
        method=made.method,
        created_at_us=time.time_ns() // 1000,
        settings=dict(made.settings),
        metrics=dict(metrics or {}),
        snapshot_id=made.snapshot_id,
        parent_id=made.parent_id,
    )
    if not processes().leads:
        processes().wait()
        return find_model(library, key) or record
    folder = library.absolute(record.path)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        save_weights(folder / "weights.safetensors", network.state_dict())
        description = asdict(record) | {
            "format": FORMAT,
            "in_channels": network.in_channels,
            "preparation": preparation.to_dict(),
            "shape": asdict(shape),
            "normalisation": asdict(normalisation or NORMALISATIONS[modality]),
            "parent_key": made.parent_key,
            "snapshot": snapshot_to_dict(snapshot(library, made.snapshot_id)),
            "training": {
                "ended": result.ended,
                "best_epoch": result.best_epoch,
                "seconds": round(result.seconds, 1),
                "micro_batch": result.micro_batch,
                "device": device.name,
                "precision": "bfloat16" if device.bf16 else "float32",
                "history": [asdict(epoch) for epoch in result.history],
            },
            "versions": {
                "fsamt_studio": __version__,
                "python": platform.python_version(),
                "torch": torch.__version__,
                "numpy": np.__version__,
            },
            **(extra or {}),
        }
        text = json.dumps(description, indent=1, default=str)
        (folder / "model.json").write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise FsamtError(
            f"The model could not be written: {error.strerror}.",
            "Make room, then run the same command again: it goes on from its checkpoint.",
        ) from error
    except FsamtError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    add_model(library, record)
    processes().wait()
    return record


def load_model(library: Library, record: ModelRecord, device: Device) -> LoadedModel:
    """Build a model's network, with its weights, on a device.

    Raises:
        FsamtError: A file is missing, broken, newer than the program, or of another network.
    """
    loaded = model_with(library, record, build)
    weights = load_weights(library.absolute(record.path) / "weights.safetensors")
    restore(loaded.network, weights)
    loaded.network.to(device.torch_device).eval()
    return loaded


def model_with(
    library: Library,
    record: ModelRecord,
    make: Callable[[str, int], ActionNetwork],
    make_embedder: Callable[[Mapping[str, Any]], ActionNetwork] = TransformerEmbedder,
) -> LoadedModel:
    """A model as its model.json says, with a network that `make` builds by name and channels.

    Args:
        make_embedder: Builds the networks that come with a configuration of their own from that.

    Raises:
        FsamtError: It is a detector; or model.json is missing, broken or newer than the program.
    """
    refuse_detector(record)
    description = read_description(library, record)
    try:
        modality = Modality(description["modality"])
        return LoadedModel(
            record,
            network_of(description, make, make_embedder),
            modality,
            Preparation.from_dict(description["preparation"]),
            ClipShape(**description["shape"]),
            normalisation_of(description, modality),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FsamtError(
            f"The model {record.id} has a model.json that cannot be read ({error}).",
            "Train it again, or restore its folder from a copy.",
        ) from error


def refuse_detector(record: ModelRecord) -> None:
    """Refuse a detector where a network of clips is needed.

    Raises:
        FsamtError: It is one.
    """
    if record.kind is ModelKind.DETECTOR:
        raise FsamtError(
            f"{record.id} is a detector: it says when an action starts and ends, and does not name "
            "clips.",
            "Choose a recogniser, or the student that the detector was made from.",
        )


def read_description(library: Library, record: ModelRecord) -> dict[str, Any]:
    """What model.json says.

    Raises:
        FsamtError: It is missing, broken or newer than the program.
    """
    path = library.absolute(record.path) / "model.json"
    try:
        description: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FsamtError(
            f"The model {record.id} has no readable model.json.",
            "Train it again, or restore its folder from a copy.",
        ) from error
    if description.get("format", 0) > FORMAT:
        raise FsamtError(
            f"The model {record.id} was made by a newer version of the program.",
            "Update FSAMT Studio.",
        )
    return description


def normalisation_of(description: Mapping[str, Any], modality: Modality) -> Normalisation:
    """What a model.json says of the numbers that a network receives; the modality's own by default.

    Raises:
        ValueError: It says something that does not fit the modality.
    """
    stated = description.get("normalisation")
    if stated is None:
        return NORMALISATIONS[modality]
    mean, std = (tuple(float(value) for value in stated[name]) for name in ("mean", "std"))
    if not len(mean) == len(std) == n_channels(modality) or min(std) <= 0:
        raise ValueError(f"its normalisation does not fit {modality}")
    return Normalisation(mean, std)


def network_of(
    description: Mapping[str, Any],
    make: Callable[[str, int], ActionNetwork],
    make_embedder: Callable[[Mapping[str, Any]], ActionNetwork] = TransformerEmbedder,
) -> ActionNetwork:
    """The network of a model.json: made by name and channels, or from a configuration kept there.

    Raises:
        FsamtError: There is no such network, or its library is not installed.
    """
    config = description.get("network_config")
    if config is not None:
        return make_embedder(config)
    return make(description["network"], description["in_channels"])


def _name_of(settings: Mapping[str, Any]) -> str:
    return str(settings["network"])
