"""A recogniser's network as others can run it: prepared depth in, probabilities out."""

import contextlib
import copy
import errno
import hashlib
import logging
import os
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import onnx
import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import NORMALISATIONS, Normalisation
from fsamt_engine.networks.network import ActionNetwork

OPSET = 18
"""Of ONNX: every onnxruntime since 1.14 runs it."""

_ABANDONED_S = 3600.0

TRACING = threading.Lock()
"""PyTorch's tracer keeps state of its own for the whole process."""


class PreparedNetwork(nn.Module):
    """Normalisation, network and softmax in one module.

    Args:
        network: With a classifier, for depth; it is used as it is, not copied.
        normalisation: Of its input.
    """

    def __init__(self, network: ActionNetwork, normalisation: Normalisation) -> None:
        super().__init__()
        self.network = network
        self.scale = 1 / normalisation.std[0]
        self.offset = -normalisation.mean[0] / normalisation.std[0]

    def forward(self, clips: Tensor) -> Tensor:
        """Probabilities (B, A) float32 of prepared clips (B, T, S, S), any float, 0..1."""
        values = clips.to(torch.float32)[:, None] * self.scale + self.offset
        logits = cast(Tensor, self.network(values))
        return logits.float().softmax(1)


def prepared_network(loaded: LoadedModel) -> nn.Module:
    """The recogniser's network from prepared depth to probabilities, in eval mode.

    It shares its weights with `loaded.network`, and is on the same device.

    Returns:
        A module from (B, T, S, S) float, as `DepthPreparer` prepares frames, to (B, A) float32.

    Raises:
        FsamtError: The model does not recognise actions, or not from depth.
    """
    if loaded.modality is not Modality.DEPTH:
        raise FsamtError(
            f'The model "{loaded.record.name}" sees {loaded.modality}, not depth.',
            "Choose a recogniser: a student that was finetuned on labelled depth clips.",
        )
    if not loaded.record.actions or loaded.network.classifier is None:
        raise FsamtError(
            f'The model "{loaded.record.name}" recognises no actions yet.',
            "Finetune it on labelled clips first, then use the recogniser that comes of it.",
        )
    return PreparedNetwork(loaded.network, loaded.normalisation).eval()


def to_onnx(loaded: LoadedModel) -> onnx.ModelProto:
    """The network of `prepared_network` in ONNX; takes some seconds.

    Returns:
        A model with one input, "clips" (batch, T, S, S) float32 0..1, and one output,
        "probabilities" (batch, A) float32. The batch is free; everything else is fixed.

    Raises:
        FsamtError: As `prepared_network`.
    """
    shape = loaded.shape
    # Two clips: an example of one would be taken as fixed.
    example = torch.zeros(2, shape.n_frames, shape.size, shape.size)
    return module_to_onnx(
        prepared_network(loaded), {"clips": example}, ("probabilities",), {"clips": {0: "batch"}}
    )


def module_to_onnx(
    module: nn.Module,
    examples: Mapping[str, Tensor],
    outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]],
) -> onnx.ModelProto:
    """Any module in ONNX, without a trace of where it was made; takes some seconds.

    Args:
        module: In eval mode.
        examples: Of its inputs, by their names.
        outputs: Names of what it gives.
        free: Names of the axes of inputs whose lengths are not fixed.
    """
    network = copy.deepcopy(module).cpu()
    network.to(memory_format=torch.contiguous_format)
    shapes = {
        name: {axis: torch.export.Dim(free_name, min=1) for axis, free_name in axes.items()}
        for name, axes in free.items()
    }
    with TRACING, _silence(), torch.no_grad():
        program = torch.onnx.export(
            network,
            tuple(examples.values()),
            input_names=list(examples),
            output_names=list(outputs),
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=shapes,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("the exporter gave nothing back")
    model = program.model_proto
    _without_traces(model)
    return model


def onnx_file(library: Library, loaded: LoadedModel) -> Path:
    """`to_onnx` of a model as a file in the library's cache, made where it is not there yet.

    Raises:
        FsamtError: As `to_onnx`, or the disk is full.
    """
    path = library.cache_folder / "onnx" / f"{_key(loaded)}.onnx"
    if not path.is_file():
        content = to_onnx(loaded).SerializeToString()
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        try:
            _sweep(path.parent)
            beside.write_bytes(content)
            os.replace(beside, path)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise FsamtError(
                "The disk is full, so the network could not be kept for ONNX Runtime.",
                "Free some space, then try again.",
            ) from error
        finally:
            beside.unlink(missing_ok=True)
    return path


def _key(loaded: LoadedModel) -> str:
    """Of the weights themselves: one that came from elsewhere may have the key of another."""
    record, versions = loaded.record, (torch.__version__, onnx.__version__, str(OPSET))
    parts = [record.network, str(loaded.shape), *record.actions, *versions]
    if loaded.normalisation != NORMALISATIONS[loaded.modality]:
        parts.append(str(loaded.normalisation))
    content = "\n".join(parts)
    digest = hashlib.sha256(content.encode())
    for name, value in sorted(loaded.network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.cpu().contiguous().numpy())
    return digest.hexdigest()[:32]


def _sweep(folder: Path) -> None:
    """Removes what processes that were killed have left."""
    for left in folder.glob(".*.onnx.*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_S:
            left.unlink(missing_ok=True)


def _without_traces(model: onnx.ModelProto) -> None:
    """Takes out what the exporter notes of source files and stacks: this machine's paths."""
    graph = model.graph
    for part in (*graph.node, *graph.value_info, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.metadata_props[:]
    del model.metadata_props[:]
    model.doc_string = ""


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """What the exporter warns of and logs is for those who build it."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
