"""The graph that prepares depth: raw frames in, what a network sees of them out.

For detectors, which look at long takes in many clips: each frame is prepared once, and a whole take
is seen as training has seen it, its still background learned from frames all over it first.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import helper

from fsamt_engine import __version__
from fsamt_engine.export.graph.background import N_PLANES
from fsamt_engine.export.graph.interface import Port
from fsamt_engine.export.graph.person import make_lens, thinned
from fsamt_engine.export.graph.stream import (
    N_NUMBERS,
    Camera,
    Known,
    looked,
    prepared,
    warmed_up,
)
from fsamt_engine.export.graph.whole import known_cameras
from fsamt_engine.export.graph.writing import Value, Writer
from fsamt_engine.learning.portable import OPSET
from fsamt_engine.modalities.preparation import CropMode, DepthPreparation

FORMAT = "fsamt-preparation 1"
"""Of the graph's inputs and outputs; stands in its metadata."""

_WORDS = (
    "Prepares depth frames of one camera for a network. Give frame after frame, with the state of"
    " the call before. Of a take that is over, give at most 24 frames spread over it with learns"
    " first: the background is learned from them."
)
_IR_VERSION = 10

INPUTS = (
    Port("depth", np.uint16, ("N", "H", "W"), "consecutive frames; 0 = no reading"),
    Port("unit_m", np.float32, (), "metres a step"),
    Port("intrinsics", np.float32, (4,), "fx, fy, cx, cy in pixels; all 0 = not known"),
    Port("learns", np.bool_, (), "only learn the still background", is_optional=True),
    Port(
        "samples",
        np.uint16,
        (N_PLANES, "rows", "columns"),
        "state: next_samples of the call before; left out = a new beginning",
        is_optional=True,
    ),
    Port(
        "numbers",
        np.float64,
        ("numbers_known",),
        "state: next_numbers of the call before; left out = a new beginning",
        is_optional=True,
    ),
)


def outputs(size: int) -> tuple[Port, ...]:
    """What comes out, for squares of this size."""
    return (
        Port("prepared", np.float16, ("M", size, size), "the frames as a network sees them, 0..1"),
        Port("person_found", np.bool_, (), "false while nobody was found yet"),
        Port(
            "next_samples",
            np.uint16,
            (N_PLANES, "next_rows", "next_columns"),
            "state: the still background and the frames that it was learned from",
        ),
        Port("next_numbers", np.float64, (N_NUMBERS,), "state: where the person is"),
    )


def preparing_graph(
    preparation: DepthPreparation, metadata: Mapping[str, str] | None = None
) -> onnx.ModelProto:
    """`DepthPreparer` as one ONNX graph, for one camera.

    Inputs:

    - `depth` (N, H, W) uint16, N >= 1 consecutive frames, steps of the sensor, 0 = no reading;
    - `unit_m` () float32, metres a step;
    - `intrinsics` (4,) float32, fx, fy, cx, cy in pixels; 0 throughout where they are not known: a
      view of 60 degrees is assumed;
    - and, if wanted, `learns` () bool: the frames are samples of a whole take, from which the
      background and the first place of the person are learned; none is prepared;
    - and, if wanted, `samples` and `numbers`: the state that the call before gave.

    Outputs: `prepared` (N, S, S) float16, nothing of frames that were learned from; `person_found`
    () bool; `next_samples` and `next_numbers`, the state for the next call.

    Args:
        metadata: Stands in the file.
    """
    writer = Writer()
    depth, unit_m, intrinsics, learns, samples, numbers = (
        Value(port.name, np.dtype(port.dtype), writer) for port in INPUTS
    )
    n_frames, height, width = (depth.size(axis) for axis in range(3))
    lens_numbers = known_cameras(intrinsics.shaped(1, 4).cast(np.float64), height, width).at(0)
    lens = make_lens(lens_numbers, unit_m, height, width)
    camera = Camera((height, width), unit_m, lens)
    looks = preparation.crop.mode is CropMode.PERSON
    small = thinned(depth, lens) if looks else depth
    sizes = (small.size(1), small.size(2)) if looks else (0, 0)
    samples = _kept(samples, N_PLANES, *sizes)
    numbers = _kept(numbers, N_NUMBERS)
    if looks:

        def learn() -> tuple[Value, Value]:
            planes, known = warmed_up(camera, small, Known.of(numbers))
            return planes, known.numbers

        samples, numbers = writer.choose(learns, learn, lambda: (samples, numbers))

    def push(
        place: Value, planes: Value, numbers: Value
    ) -> tuple[None, Sequence[Value], Sequence[Value]]:
        known = Known.of(numbers)
        if looks:
            planes, known = looked(camera, small.at(place), planes, known)
        picture = prepared(preparation, camera, depth.at(place), known)
        return None, (planes, known.after(writer.constant(1)).numbers), (picture,)

    times = writer.where(learns, writer.constant(0), n_frames)
    samples, numbers, pictures = writer.loop((samples, numbers), push, times=times)
    found = Known.of(numbers).has_centre if looks else n_frames > 0
    given = (pictures, found, samples, numbers)
    answers = {port.name: one for port, one in zip(outputs(0), given, strict=True)}
    return _model(writer, answers, preparation.size, metadata or {})


def _kept(given: Value, *sizes: Value | int) -> Value:
    """An input, or 0 throughout where it was left out."""
    writer = given.writer
    (result,) = writer.choose(
        writer.op("Size", given, dtype=np.int64).equals(0),
        lambda: (writer.full(writer.vector(*sizes), 0, given.dtype),),
        lambda: (given,),
    )
    return result


def _model(
    writer: Writer, answers: Mapping[str, Value], size: int, metadata: Mapping[str, str]
) -> onnx.ModelProto:
    named = [helper.make_node("Identity", [value.name], [name]) for name, value in answers.items()]
    graph = helper.make_graph(
        [*writer.nodes, *named],
        "preparation",
        [port.info for port in INPUTS],
        [port.info for port in outputs(size)],
        [*writer.constants.values(), *(port.nothing for port in INPUTS if port.is_optional)],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="FSAMT Studio",
        producer_version=__version__,
    )
    model.doc_string = _WORDS
    helper.set_model_props(model, {"format": FORMAT} | dict(metadata))
    return model
