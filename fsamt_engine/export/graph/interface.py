"""What goes into the graph and what comes out: names, types and shapes."""

import numpy as np
import onnx
from onnx import numpy_helper

from fsamt_engine.export.graph.background import N_PLANES
from fsamt_engine.export.graph.stream import N_NUMBERS
from fsamt_engine.export.graph.writing import tensor_info
from fsamt_engine.modalities.clips import ClipShape

FORMAT = "fsamt-recogniser 1"
"""Of the graph's inputs and outputs; stands in its metadata."""

TYPES = {
    "depth": np.uint16,
    "unit_m": np.float32,
    "intrinsics": np.float32,
    "steps": np.int64,
    "samples": np.uint16,
    "prepared": np.float16,
    "numbers": np.float64,
}
_OPTIONAL = {
    "steps": ("B", "N"),
    "samples": ("B", N_PLANES, "rows", "columns"),
    "prepared": ("B", "span", "size", "size"),
    "numbers": ("B", N_NUMBERS),
}


def inputs() -> list[onnx.ValueInfoProto]:
    """The needed ones first."""
    needed = {"depth": ("B", "N", "H", "W"), "unit_m": ("B",), "intrinsics": ("B", 4)}
    return [tensor_info(name, TYPES[name], sizes) for name, sizes in (needed | _OPTIONAL).items()]


def nothing_yet() -> list[onnx.TensorProto]:
    """Initialisers under the names of inputs: what is taken where the input is left out."""
    return [
        numpy_helper.from_array(
            np.zeros([n if isinstance(n, int) else 0 for n in sizes], TYPES[name]), name
        )
        for name, sizes in _OPTIONAL.items()
    ]


def outputs(n_actions: int, shape: ClipShape) -> list[onnx.ValueInfoProto]:
    """For one recogniser."""
    sizes = {
        "probabilities": (np.float32, ("B", n_actions)),
        "person_found": (np.bool_, ("B",)),
        "n_seen": (np.int64, ("B",)),
        "next_samples": (np.uint16, ("B", N_PLANES, "next_rows", "next_columns")),
        "next_prepared": (np.float16, ("B", shape.span, shape.size, shape.size)),
        "next_numbers": (np.float64, ("B", N_NUMBERS)),
    }
    return [tensor_info(name, *what) for name, what in sizes.items()]
