"""What a finetuning starts from: nothing, a teacher's weights, or a transferred student."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.fitting_network import fitting_network
from fsamt_engine.learning.prepare import regions_of
from fsamt_engine.learning.settings import FinetuneSettings, Start, TransferLoss
from fsamt_engine.learning.store import LoadedModel, Made, refuse_detector
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import n_channels
from fsamt_engine.networks import ActionNetwork, build, start_from


def settings_with(
    library: Library, settings: FinetuneSettings, start: ModelRecord | None, snapshot: Snapshot
) -> FinetuneSettings:
    """The settings with the modality and the network that are really trained.

    A teacher lends its network, a student its modality as well; of a network for skeletons it is
    the one for the joints of these takes.

    Raises:
        FsamtError: The network takes other clips than those of the modality, or other skeletons; or
            the start is a detector.
    """
    takes = [item.take_id for item in (*snapshot.train, *snapshot.validation)]
    if start is None:
        modality = Modality(settings.modality)
        network = fitting_network(library, modality, settings.network, takes)
        return replace(settings, network=network)
    refuse_detector(start)
    own = settings.modality if start.kind is ModelKind.TEACHER else start.modality
    network = fitting_network(library, Modality(own), start.network, takes)
    if network != start.network:
        raise FsamtError(
            f"{start.id} has the network {start.network}, and the skeletons of these takes need "
            f"{network}.",
            "Choose a student of skeletons with as many joints, or other takes.",
        )
    return replace(settings, network=network, modality=own)


def method_of(start: ModelRecord | None) -> str:
    """What a finetuning from there is called."""
    if start is None:
        return Start.SCRATCH
    if start.kind is ModelKind.TEACHER:
        return (
            Start.FLOW_PRETRAINING if start.modality == "flow" else f"{start.modality} pretraining"
        )
    loss = start.settings.get("loss", TransferLoss.COSINE)
    return Start.TRANSFER if loss == TransferLoss.COSINE else f"transfer by {loss}"


def made_from(
    library: Library,
    kind: ModelKind,
    start: ModelRecord | None,
    snapshot: Snapshot,
    settings: Mapping[str, Any],
) -> Made:
    """What a training on the labels of a snapshot is made from, for the key of its model.

    Args:
        settings: The settings dataclass as a dict.
    """
    return Made(
        kind,
        method_of(start),
        settings,
        snapshot.id,
        start.id if start else None,
        start.key if start else None,
        regions_of(library, (*snapshot.train, *snapshot.validation)),
    )


def first_network(settings: FinetuneSettings, start: LoadedModel | None) -> ActionNetwork:
    """The network as it is before the first step, without a classifier, on the CPU."""
    channels = n_channels(Modality(settings.modality))
    network = build(settings.network, channels, seed=settings.fit.seed)
    if start is None:
        return network
    start_from(network, start.network.state_dict())
    return network
