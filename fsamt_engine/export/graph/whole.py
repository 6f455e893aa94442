"""The graph that everybody can run: raw depth frames in, probabilities of actions out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import onnx
from onnx import compose, helper

from fsamt_engine import __version__
from fsamt_engine.export.graph.background import N_PLANES
from fsamt_engine.export.graph.interface import FORMAT, INPUTS, TYPES, outputs
from fsamt_engine.export.graph.person import look_every, make_lens, thinned
from fsamt_engine.export.graph.stream import (
    N_NUMBERS,
    Camera,
    Known,
    looked,
    prepared,
    warmed_up,
)
from fsamt_engine.export.graph.writing import Value, Writer
from fsamt_engine.learning.portable import OPSET, to_onnx
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.modalities.boxes import assumed_intrinsics
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import CropMode, DepthPreparation

_WORDS = (
    "Recognises actions in depth frames. Give frame after frame, with the state of the call before;"
    " or a whole take at once, without. Frames come at rate_hz of the metadata."
)
_WIDTH = 1000
"""Of the frame whose assumed lens gives that of any width."""


def whole_graph(
    loaded: LoadedModel,
    rate_hz: float,
    metadata: Mapping[str, str] | None = None,
    network: onnx.ModelProto | None = None,
) -> onnx.ModelProto:
    """A recogniser as one ONNX graph: preparation of depth, network and softmax.

    Inputs (B cameras or takes at once, N consecutive frames of each at `rate_hz`):

    - `depth` (B, N, H, W) uint16, steps of the sensor, 0 = no reading;
    - `unit_m` (B,) float32, metres a step;
    - `intrinsics` (B, 4) float32, fx, fy, cx, cy in pixels; 0 throughout where they are not known:
      a view of 60 degrees is assumed;
    - and, if wanted, `steps` (B, N) int64, how often each frame counts: 1 where nothing is said,
      more for the first frame after a gap;
    - and, if wanted, `samples`, `prepared` and `numbers`: the state that an earlier call gave.

    Outputs:

    - `probabilities` (B, A) float32, of the newest clip;
    - `person_found` (B,) bool, False only while a person is looked for and was not found yet;
    - `n_seen` (B,) int64, how many frames there were since the beginning; a clip is whole from
      (n_frames - 1) * step + 1 on, and repeats its last frame before that, as in training;
    - `next_samples`, `next_prepared`, `next_numbers`: the state for the next call.

    Several frames without a state are taken as a whole take, whose background is learned from all
    of it first, as training does. One frame without a state begins a stream; frames with a state
    go on with it. For a stream of single frames, the answers are those of the program live.

    Args:
        loaded: The recogniser.
        rate_hz: Frames a second of what it was trained on.
        metadata: Stands in the file beside what the graph is.
        network: In place of `to_onnx(loaded)`: an 8-bit form of it, for one.

    Raises:
        FsamtError: The model is no recogniser.
    """
    writer = Writer()
    clips, answers = _stream(writer, loaded.preparation.depth, loaded.shape)
    inside = compose.add_prefix(network or to_onnx(loaded), "network/")
    _attach(writer, inside, clips)
    graph = helper.make_graph(
        [*writer.nodes, *inside.graph.node, *_named(inside, answers)],
        "recogniser",
        [port.info for port in INPUTS],
        [port.info for port in outputs(len(loaded.record.actions), loaded.shape)],
        [
            *writer.constants.values(),
            *(port.nothing for port in INPUTS if port.is_optional),
            *inside.graph.initializer,
        ],
    )
    domains = {entry.domain: entry.version for entry in inside.opset_import} | {"": OPSET}
    model = helper.make_model(
        graph,
        functions=inside.functions,
        opset_imports=[helper.make_opsetid(*item) for item in domains.items()],
        ir_version=inside.ir_version,
        producer_name="FSAMT Studio",
        producer_version=__version__,
    )
    model.doc_string = _WORDS
    helper.set_model_props(model, _description(loaded, rate_hz) | dict(metadata or {}))
    return model


def _description(loaded: LoadedModel, rate_hz: float) -> dict[str, str]:
    """What the graph is, as text."""
    return {
        "format": FORMAT,
        "program": f"FSAMT Studio {__version__}",
        "model": loaded.record.id,
        "actions": json.dumps(loaded.record.actions),
        "rate_hz": repr(float(rate_hz)),
        "clip": json.dumps(asdict(loaded.shape)),
        "preparation": json.dumps(loaded.preparation.to_dict()),
    }


@dataclass(frozen=True)
class _Given:
    """The graph's inputs, and what follows from them for all cameras."""

    depth: Value
    unit_m: Value
    cameras: Value
    steps: Value
    samples: Value
    prepared: Value
    numbers: Value
    is_new: Value


def _stream(
    writer: Writer, preparation: DepthPreparation, shape: ClipShape
) -> tuple[Value, dict[str, Value]]:
    """The newest clips (B, T, S, S) float32, and the outputs beside the probabilities."""
    given = _given(writer, preparation, shape)
    n_cameras = given.depth.size(0)

    def of_camera(index: Value) -> tuple[None, Sequence[Value], Sequence[Value]]:
        return None, (), _of_one(given, index, preparation, shape)

    clips, found, n_seen, ring, numbers, samples = writer.loop((), of_camera, times=n_cameras)
    return clips, {
        "person_found": found,
        "n_seen": n_seen,
        "next_samples": samples,
        "next_prepared": ring,
        "next_numbers": numbers,
    }


def _given(writer: Writer, preparation: DepthPreparation, shape: ClipShape) -> _Given:
    def named(name: str) -> Value:
        return Value(name, np.dtype(TYPES[name]), writer)

    depth, numbers = named("depth"), named("numbers")
    n_cameras, n_frames, height, width = (depth.size(axis) for axis in range(4))
    cameras = known_cameras(named("intrinsics").cast(np.float64), height, width)
    rows, columns = _looked_at(cameras, height, width, preparation)
    rows, columns = (lengths.reduced("ReduceMax") for lengths in (rows, columns))

    def kept(name: str, content: int, *sizes: Value | int) -> Value:
        """An input, or one number throughout where it was left out."""
        value = named(name)
        (result,) = writer.choose(
            writer.op("Size", value, dtype=np.int64).equals(0),
            lambda: (writer.full(writer.vector(*sizes), content, value.dtype),),
            lambda: (value,),
        )
        return result

    return _Given(
        depth,
        named("unit_m"),
        cameras,
        kept("steps", 1, n_cameras, n_frames),
        kept("samples", 0, n_cameras, N_PLANES, rows, columns),
        kept("prepared", 0, n_cameras, shape.span, shape.size, shape.size),
        kept("numbers", 0, n_cameras, N_NUMBERS),
        writer.op("Size", numbers, dtype=np.int64).equals(0),
    )


def known_cameras(intrinsics: Value, height: Value, width: Value) -> Value:
    """(B, 4) float64, those that are not known assumed."""
    writer = intrinsics.writer
    focal = assumed_intrinsics(_WIDTH, _WIDTH).fx / _WIDTH * width.cast(np.float64)
    middle = (width.cast(np.float64) / 2.0, height.cast(np.float64) / 2.0)
    is_known = intrinsics.sliced((1, 0, 1, 1)) > 0.0
    return writer.where(is_known, intrinsics, writer.stack(focal, focal, *middle))


def _looked_at(
    cameras: Value, height: Value, width: Value, preparation: DepthPreparation
) -> tuple[Value, Value]:
    """How many rows and columns of each camera's frames are looked at for a person: (B,) int64."""
    every = look_every(cameras.sliced((1, 0, 1, 1)).shaped(-1))
    if preparation.crop.mode is not CropMode.PERSON:
        return every * 0, every * 0
    first = every // 2
    rows, columns = ((length - first + every - 1) // every for length in (height, width))
    return rows, columns


def _of_one(
    given: _Given, index: Value, preparation: DepthPreparation, shape: ClipShape
) -> tuple[Value, ...]:
    """What comes of one camera's frames: clip, person_found, n_seen, ring, numbers, samples."""
    writer = index.writer
    frames, steps = given.depth.at(index), given.steps.at(index)
    n_frames, height, width = (frames.size(axis) for axis in range(3))
    unit_m = given.unit_m.at(index)
    lens = make_lens(given.cameras.at(index), unit_m, height, width)
    camera = Camera((height, width), unit_m, lens)
    looks = preparation.crop.mode is CropMode.PERSON
    samples = whole_samples = given.samples.at(index)
    numbers, ring = given.numbers.at(index), given.prepared.at(index)
    small = frames
    if looks:
        small = thinned(frames, lens)
        samples = samples.sliced((1, 0, small.size(1), 1), (2, 0, small.size(2), 1))

        def begin() -> tuple[Value, Value]:
            planes, known = warmed_up(camera, small, Known.of(numbers))
            return planes, known.numbers

        samples, numbers = writer.choose(
            given.is_new & (n_frames > 1), begin, lambda: (samples, numbers)
        )

    def push(
        place: Value, planes: Value, ring: Value, numbers: Value
    ) -> tuple[None, Sequence[Value], Sequence[Value]]:
        known = Known.of(numbers)
        if looks:
            planes, known = looked(camera, small.at(place), planes, known)
        seen = prepared(preparation, camera, frames.at(place), known)
        ring = _longer(ring, seen, steps.at(place), shape)
        known = known.after(steps.at(place))
        return None, (planes, ring, known.numbers), ()

    samples, ring, numbers = writer.loop((samples, ring, numbers), push, times=n_frames)
    known = Known.of(numbers)
    found = known.has_centre if looks else n_frames > 0
    if looks:
        samples = _padded(samples, whole_samples)
    return _newest(ring, known.n_seen, shape), found, known.n_seen, ring, numbers, samples


def _longer(ring: Value, seen: Value, steps: Value, shape: ClipShape) -> Value:
    """The last prepared frames, (span, S, S) float16, after one that counts `steps` times."""
    writer = ring.writer
    times = writer.vector(steps, shape.size, shape.size)
    all_of_them = writer.op("Concat", ring, writer.op("Expand", seen, times), axis=0)
    n_frames = all_of_them.size(0)
    return all_of_them.sliced((0, n_frames - shape.span, n_frames, 1))


def _newest(ring: Value, n_seen: Value, shape: ClipShape) -> Value:
    """The newest clip, (T, S, S) float32, of a ring whose newest frame is the last."""
    writer = ring.writer
    n_there = writer.op("Min", n_seen, shape.span)
    steps = writer.constant(shape.step * np.arange(shape.n_frames))
    places = writer.op("Min", steps, n_there - 1) + (shape.span - n_there)
    return writer.op("Gather", ring, places, axis=0).cast(np.float32)


def _padded(samples: Value, whole: Value) -> Value:
    """(25, h, w) uint16 filled up with 0 to the size of `whole`, at the bottom and at the right."""
    writer = samples.writer
    lacking = [whole.size(axis) - samples.size(axis) for axis in (1, 2)]

    def filled() -> tuple[Value]:
        below = writer.full(writer.vector(N_PLANES, lacking[0], samples.size(2)), 0, np.uint16)
        high = writer.op("Concat", samples, below, axis=1)
        beside = writer.full(writer.vector(N_PLANES, whole.size(1), lacking[1]), 0, np.uint16)
        return (writer.op("Concat", high, beside, axis=2),)

    (result,) = writer.choose(lacking[0] + lacking[1] > 0, filled, lambda: (samples,))
    return result


def _attach(writer: Writer, network: onnx.ModelProto, clips: Value) -> None:
    """Feeds the clips to the network."""
    versions = {entry.version for entry in network.opset_import if entry.domain in ("", "ai.onnx")}
    (given,) = network.graph.input
    if versions != {OPSET}:
        raise ValueError(f"the network uses opset {versions}, the graph {OPSET}")
    writer.nodes.append(helper.make_node("Identity", [clips.name], [given.name]))


def _named(network: onnx.ModelProto, answers: Mapping[str, Value]) -> list[onnx.NodeProto]:
    """The outputs under their names."""
    sources = {name: value.name for name, value in answers.items()}
    sources["probabilities"] = network.graph.output[0].name
    return [helper.make_node("Identity", [source], [name]) for name, source in sources.items()]
