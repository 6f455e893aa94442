"""The graphs of a detector: what prepares frames, and its networks, as ONNX."""

from collections.abc import Mapping
from typing import cast

import onnx
import torch
from torch import Tensor, nn

from fsamt_engine.detection.anchor_free_detector import AnchorFreeDetector
from fsamt_engine.detection.anchor_free_network import AnchorFreeHead
from fsamt_engine.detection.detector import LoadedDetector
from fsamt_engine.detection.r_c3d_detector import RC3D
from fsamt_engine.detection.r_c3d_network import RC3DNetwork
from fsamt_engine.errors import FsamtError
from fsamt_engine.export.graph.preparing import preparing_graph
from fsamt_engine.learning.portable import module_to_onnx
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork

PREPARE = "prepare.onnx"
_EXAMPLE_MOMENTS = 37
_EXAMPLE_REGIONS = 5


class _Scaled(nn.Module):
    """What a network receives of prepared depth (B, T, S, S), 0..1."""

    def __init__(self, normalisation: Normalisation) -> None:
        super().__init__()
        self.scale = 1 / normalisation.std[0]
        self.offset = -normalisation.mean[0] / normalisation.std[0]

    def forward(self, clips: Tensor) -> Tensor:
        return clips.to(torch.float32)[:, None] * self.scale + self.offset


class _Embedding(nn.Module):
    """Embeddings (B, D) of prepared clips."""

    def __init__(self, backbone: ActionNetwork, normalisation: Normalisation) -> None:
        super().__init__()
        self.scaled, self.backbone = _Scaled(normalisation), backbone

    def forward(self, clips: Tensor) -> Tensor:
        return self.backbone.embed(self.scaled(clips)).float()


class _Reading(nn.Module):
    """What the anchor-free head and the classifier say of embeddings (N, D)."""

    def __init__(self, head: AnchorFreeHead, classifier: nn.Module) -> None:
        super().__init__()
        self.head, self.classifier = head, classifier

    def forward(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        told = self.head(embeddings.T[None])
        return told.logits[0].sigmoid(), told.distances[0], self.classifier(embeddings)


class _Windows(nn.Module):
    """Maps of prepared windows, averaged over space, and what each anchor shows."""

    def __init__(self, detector: RC3D, normalisation: Normalisation) -> None:
        super().__init__()
        self.scaled, self.detector = _Scaled(normalisation), detector

    def forward(self, clips: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps = self.detector.maps(self.scaled(clips))
        proposed = self.detector.network.propose(maps)
        return maps.mean((3, 4)), proposed.scores, proposed.offsets


class _Regions(nn.Module):
    """What pooled regions show: `RC3DNetwork.classify` from where the pooling is over."""

    def __init__(self, network: RC3DNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, whole: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.judged(whole, parts)


def refuse_other_modality(loaded: LoadedDetector) -> None:
    """Refuse what the graph of depth could not prepare.

    Raises:
        FsamtError: The detector does not see depth.
    """
    if loaded.modality is not Modality.DEPTH:
        raise FsamtError(
            f'The detector "{loaded.record.name}" sees {loaded.modality}, not depth.',
            "Choose a detector that was trained on depth.",
        )


def detector_graphs(
    loaded: LoadedDetector, metadata: Mapping[str, str]
) -> dict[str, onnx.ModelProto]:
    """The graphs of a detector by the names of their files; takes some seconds.

    `prepare.onnx` is `preparing_graph`. Of an anchor-free detector `embed.onnx` gives `embeddings`
    (B, D) of `clips` (B, T, S, S) prepared depth, and `head.onnx` gives of `embeddings` (N, D) of
    moments in a row `likely` (P,), `distances` (2, P) and `logits` (N, A + 1). Of R-C3D
    `features.onnx` gives `features` (B, D, T'), `scores` (B, K) and `offsets` (B, K, 2) of windows
    `clips` (B, T, S, S), and `regions.onnx` gives of what is pooled of regions, `whole` (R, D) and
    `parts` (R, D * n_parts), the `logits` (R, A + 1) and `offsets` (R, A, 2).

    Args:
        metadata: Stands in every file.
    """
    detector, shape = loaded.detector, loaded.shape
    graphs = {PREPARE: preparing_graph(loaded.preparation.depth, metadata)}
    clips = {"clips": torch.zeros(2, shape.n_frames, shape.size, shape.size)}
    free = {"clips": {0: "batch"}}
    if isinstance(detector, AnchorFreeDetector):
        embedding = _Embedding(detector.backbone, loaded.normalisation)
        graphs["embed.onnx"] = module_to_onnx(embedding.eval(), clips, ("embeddings",), free)
        reading = _Reading(detector.head, cast(nn.Module, detector.backbone.classifier))
        graphs["head.onnx"] = module_to_onnx(
            reading.eval(),
            {"embeddings": torch.zeros(_EXAMPLE_MOMENTS, detector.embedding_dim)},
            ("likely", "distances", "logits"),
            {"embeddings": {0: "moments"}},
        )
    else:
        assert isinstance(detector, RC3D)
        windows = _Windows(detector, loaded.normalisation)
        graphs["features.onnx"] = module_to_onnx(
            windows.eval(), clips, ("features", "scores", "offsets"), free
        )
        dim = detector.embedding_dim
        graphs["regions.onnx"] = module_to_onnx(
            _Regions(detector.network).eval(),
            {
                "whole": torch.zeros(_EXAMPLE_REGIONS, dim),
                "parts": torch.zeros(_EXAMPLE_REGIONS, dim * detector.settings.n_parts),
            },
            ("logits", "offsets"),
            {"whole": {0: "regions"}, "parts": {0: "regions"}},
        )
    for model in graphs.values():
        onnx.helper.set_model_props(
            model, {one.key: one.value for one in model.metadata_props} | dict(metadata)
        )
    return graphs
