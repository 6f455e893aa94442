"""Running parts of a graph, and a whole one, the way that tests of them need it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from fsamt_engine.export.graph import whole_graph
from fsamt_engine.export.graph.writing import Value, Writer, tensor_info
from fsamt_engine.library.records import Intrinsics
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import DepthPreparation
from tests.fsamt_engine.learning.fresh import recogniser

STATE = ("samples", "prepared", "numbers")


def session_of(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    content = model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def computed(function: Callable[..., Value], *arrays: np.ndarray) -> np.ndarray:
    """What a part of the graph makes of arrays."""
    writer = Writer()
    given = [Value(f"input_{i}", array.dtype, writer) for i, array in enumerate(arrays)]
    result = function(*given)
    infos = [
        tensor_info(value.name, value.dtype, [None] * array.ndim)
        for value, array in zip(given, arrays, strict=True)
    ]
    graph = helper.make_graph(
        writer.nodes,
        "part",
        infos,
        [tensor_info(result.name, result.dtype, None)],
        list(writer.constants.values()),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    feeds = {value.name: array for value, array in zip(given, arrays, strict=True)}
    return session_of(model).run(None, feeds)[0]


def averaging(shape: ClipShape) -> onnx.ModelProto:
    """In place of a network: sums of three parts of the clip, divided by all of it."""
    n = shape.n_frames * shape.size**2
    weights = np.zeros((n, 3), np.float32)
    weights[np.arange(n), np.arange(n) * 3 // n] = 1 / n
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["clips"], ["flat"]),
            helper.make_node("MatMul", ["flat", "weights"], ["probabilities"]),
        ],
        "averaging",
        [tensor_info("clips", np.float32, ("batch", shape.n_frames, shape.size, shape.size))],
        [tensor_info("probabilities", np.float32, ("batch", 3))],
        [numpy_helper.from_array(weights, "weights")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


class Running:
    """A whole graph without a real network, fed as its users feed it."""

    def __init__(self, depth: DepthPreparation, shape: ClipShape) -> None:
        model = whole_graph(recogniser(depth, shape), 30.0, network=averaging(shape))
        self._session = session_of(model)
        self._names = [output.name for output in self._session.get_outputs()]

    def __call__(
        self,
        depth: np.ndarray,
        unit_m: float | list[float] = 0.001,
        camera: Intrinsics | list[Intrinsics | None] | None = None,
        before: Mapping[str, np.ndarray] | None = None,
        steps: np.ndarray | None = None,
    ) -> dict[str, Any]:
        """All outputs for `depth` (N, H, W) or (B, N, H, W), after `before` if there was a call."""
        batch = depth if depth.ndim == 4 else depth[None]
        cameras = camera if isinstance(camera, list) else [camera] * len(batch)
        feeds = {
            "depth": batch,
            "unit_m": np.broadcast_to(np.float32(unit_m), len(batch)),
            "intrinsics": np.stack([numbers_of(one) for one in cameras]),
        }
        if before is not None:
            feeds |= {name: before[f"next_{name}"] for name in STATE}
        if steps is not None:
            feeds["steps"] = steps
        return dict(zip(self._names, self._session.run(None, feeds), strict=True))

    def frame_by_frame(self, frames: np.ndarray, **given: Any) -> list[dict[str, Any]]:
        """Outputs after each frame (N, H, W) of a stream."""
        answers: list[dict[str, Any]] = []
        for frame in frames:
            before = answers[-1] if answers else None
            answers.append(self(frame[None], before=before, **given))
        return answers


def numbers_of(camera: Intrinsics | None) -> np.ndarray:
    if camera is None:
        return np.zeros(4, np.float32)
    return np.float32([camera.fx, camera.fy, camera.cx, camera.cy])


def lens(width: int, height: int, focal: float) -> Intrinsics:
    """Numbers that float32 holds exactly, so that box and program see the same camera."""
    return Intrinsics(width, height, focal, focal, width / 2, height / 2)
