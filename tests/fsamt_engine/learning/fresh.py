"""A recogniser that was never trained."""

from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import ModelKind, ModelRecord
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import DepthPreparation, Modality, Preparation
from fsamt_engine.modalities.tensors import NORMALISATIONS
from fsamt_engine.networks import build


def recogniser(depth: DepthPreparation, shape: ClipShape) -> LoadedModel:
    """A recogniser of three actions with fresh weights."""
    network = build("r3d_tiny", 1, seed=3)
    network.set_actions(3, seed=3)
    record = ModelRecord(
        id="recogniser-00000001",
        key="key of a recogniser",
        kind=ModelKind("recogniser"),
        name="hand wavers",
        network="r3d_tiny",
        modality="depth",
        embedding_dim=256,
        actions=("clap", "wave", "background"),
        path="models/recogniser-00000001",
        method="ours",
        created_at_us=0,
    )
    preparation = Preparation(depth=depth)
    normalisation = NORMALISATIONS[Modality.DEPTH]
    return LoadedModel(record, network.eval(), Modality.DEPTH, preparation, shape, normalisation)
