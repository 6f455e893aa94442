"""What goes into the graph and what comes out: names, types and shapes, with a word on each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from fsamt_engine.export.graph.background import N_PLANES
from fsamt_engine.export.graph.stream import N_NUMBERS
from fsamt_engine.export.graph.writing import tensor_info
from fsamt_engine.modalities.clips import ClipShape

FORMAT = "fsamt-recogniser 1"
"""Of the graph's inputs and outputs; stands in its metadata."""


@dataclass(frozen=True)
class Port:
    """An input or output.

    Attributes:
        sizes: Numbers, or names of those that are free.
        words: For those who look into the file.
        is_optional: Whether an input may be left out.
    """

    name: str
    dtype: npt.DTypeLike
    sizes: tuple[str | int, ...]
    words: str
    is_optional: bool = False

    @property
    def info(self) -> onnx.ValueInfoProto:
        """As ONNX has it."""
        return tensor_info(self.name, self.dtype, self.sizes, self.words)

    @property
    def nothing(self) -> onnx.TensorProto:
        """An empty array under this name, which stands where the input is left out."""
        empty: npt.NDArray[Any] = np.zeros(
            [size if isinstance(size, int) else 0 for size in self.sizes], self.dtype
        )
        return numpy_helper.from_array(empty, self.name)


INPUTS = (
    Port(
        "depth",
        np.uint16,
        ("B", "N", "H", "W"),
        "N consecutive frames of B cameras, in steps of the sensor; 0 = no reading",
    ),
    Port("unit_m", np.float32, ("B",), "metres a step"),
    Port(
        "intrinsics",
        np.float32,
        ("B", 4),
        "fx, fy, cx, cy in pixels; all 0 = not known, 60 degrees across are assumed",
    ),
    Port(
        "steps",
        np.int64,
        ("B", "N"),
        "how often each frame counts: more than 1 for the first one after a gap; left out = 1",
        is_optional=True,
    ),
    Port(
        "samples",
        np.uint16,
        ("B", N_PLANES, "rows", "columns"),
        "state: next_samples of the call before; left out = a new beginning",
        is_optional=True,
    ),
    Port(
        "prepared",
        np.float16,
        ("B", "span", "size", "size"),
        "state: next_prepared of the call before; left out = a new beginning",
        is_optional=True,
    ),
    Port(
        "numbers",
        np.float64,
        ("B", N_NUMBERS),
        "state: next_numbers of the call before; left out = a new beginning",
        is_optional=True,
    ),
)
TYPES = {port.name: port.dtype for port in INPUTS}


def outputs(n_actions: int, shape: ClipShape) -> tuple[Port, ...]:
    """For one recogniser."""
    return (
        Port(
            "probabilities",
            np.float32,
            ("B", n_actions),
            "of each action, for the newest clip; in the order of the metadata's actions",
        ),
        Port("person_found", np.bool_, ("B",), "false while nobody was found yet"),
        Port("n_seen", np.int64, ("B",), "frames since the beginning, repeated ones too"),
        Port(
            "next_samples",
            np.uint16,
            ("B", N_PLANES, "next_rows", "next_columns"),
            "state: the still background and the frames that it was learned from",
        ),
        Port(
            "next_prepared",
            np.float16,
            ("B", shape.span, shape.size, shape.size),
            "state: the last frames as the network sees them, the newest last",
        ),
        Port("next_numbers", np.float64, ("B", N_NUMBERS), "state: where the person is"),
    )
