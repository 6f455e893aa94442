"""A recogniser's network in fewer bits: 16-bit floating point, and 8-bit integers."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.transformers.float16 import convert_float_to_float16

from fsamt_engine.errors import FsamtError
from fsamt_engine.export.parity import PreparedClip

_INPUT = "clips"
_FLOAT_CONVOLUTIONS = 5
"""The first ones keep float32: with them in 8 bits the demo's recogniser changed its answer for 3
of 48 clips, without them for one at most, and the file is a tenth larger."""


def to_16_bits(network: onnx.ModelProto) -> onnx.ModelProto:
    """The network with weights and arithmetic in float16; what goes in and out stays float32."""
    with _silence():
        half: onnx.ModelProto = convert_float_to_float16(network, keep_io_types=True)
    return half


def to_8_bits(
    network: onnx.ModelProto, clips: Sequence[PreparedClip], folder: Path
) -> onnx.ModelProto:
    """The network with weights and activations of nearly all its convolutions in 8 bits.

    Scales are chosen for each channel of the weights, and for the activations by what these clips
    make of them (onnxruntime's static quantisation, QDQ). Sums and ReLUs stay in float32, which is
    also quicker.

    Args:
        network: With one input, "clips".
        clips: Of the training, never of the test: the scales are learned from them.
        folder: Where files may be made for the time being.

    Raises:
        FsamtError: There are no clips.
    """
    if not clips:
        raise FsamtError(
            "8-bit weights are chosen on clips of the training, and none of them is in this"
            " library.",
            "Export it from the library that it was trained in, or choose 16 bits.",
        )
    source, target = folder / "float.onnx", folder / "8-bit.onnx"
    onnx.save(network, source)
    convolutions = [node.name for node in network.graph.node if node.op_type == "Conv"]
    with _silence():
        quantize_static(
            source,
            target,
            _Clips(clips),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm"],
            nodes_to_exclude=convolutions[:_FLOAT_CONVOLUTIONS],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
    made = onnx.load(target)
    source.unlink()
    target.unlink()
    return made


class _Clips(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, clips: Sequence[PreparedClip]) -> None:
        self._left = iter(clips)

    def get_next(self) -> dict[str, Any] | None:
        clip = next(self._left, None)
        return None if clip is None else {_INPUT: clip.astype(np.float32)[None]}


@contextmanager
def _silence() -> Iterator[None]:
    """What the tools advise is for those who build networks."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(level)
