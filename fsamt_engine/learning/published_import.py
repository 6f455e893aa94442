"""Weights that others have published come in as teachers: a file, or a folder with config.json."""

from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.learning.embedder_import import embedder_name, import_embedder, is_embedder
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.learning.published_model import (
    PublishedOptions,
    PublishedTeacher,
    class_names,
    keep_published,
)
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.files import sha256_of
from fsamt_engine.library.models import NEEDED_FILES
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import build, restore
from fsamt_engine.networks.published import PublishedWeights, recognise_weights


@dataclass(frozen=True)
class Recognised:
    """What published weights are, before they come in.

    Attributes:
        name: As "slowonly_50 of MMAction2, flow, Kinetics-400".
        modality: What the teacher will see.
    """

    name: str
    modality: Modality


def recognise(source: Path) -> Recognised:
    """Find out what published weights are; nothing is brought in.

    Args:
        source: A file of weights, or a folder with config.json and model.safetensors.

    Raises:
        FsamtError: They are none of those that are known, or not safe to read.
    """
    if is_embedder(source):
        return Recognised(embedder_name(source), Modality.RGB)
    found = recognise_weights(source)
    return Recognised(_name(found), Modality(found.modality))


def bring_in(
    library: Library, source: Path, name: str | None = None, options: PublishedOptions | None = None
) -> tuple[ModelRecord, ...]:
    """Bring in whatever a model can come in: published weights, or a model of this program.

    Args:
        source: A file of published weights; a folder with config.json and model.safetensors; a
            bundle, a model's folder or a library of this program.
        name: Of one model of a library; by default, of a library, all its teachers.
        options: Of published weights.

    Raises:
        FsamtError: There is none, it is broken or unknown; nothing was brought in.
    """
    chosen = options or PublishedOptions()
    if is_embedder(source):
        return (import_embedder(library, source, chosen),)
    if source.is_file() and source.suffix.lower() != ".zip" and source.name not in NEEDED_FILES:
        return (import_published(library, source, chosen),)
    return import_model(library, source, name)


def import_published(
    library: Library, path: Path, options: PublishedOptions | None = None
) -> ModelRecord:
    """Bring a file of published weights in as a teacher that has seen nobody of this library.

    What the network is, and how it wants its input, is read from the file.

    Raises:
        FsamtError: It is not one of the published networks that are known, or not safe to read.
    """
    found = recognise_weights(path)
    network = build(found.network, found.in_channels)
    restore(network, found.state)
    _, digest = sha256_of(path)
    teacher = PublishedTeacher(
        name=_name(found),
        network=found.network,
        digest=digest,
        source=found.source,
        licence=found.licence,
        origin=path.name,
        convention=found.convention,
        actions=class_names(found.n_classes),
    )
    return keep_published(
        library, teacher, network, Modality(found.modality), options or PublishedOptions()
    )


def _name(found: PublishedWeights) -> str:
    of = "Kinetics-400" if found.n_classes == 400 else f"{found.n_classes} classes"
    return f"{found.network} of {found.source}, {found.modality}, {of}"
