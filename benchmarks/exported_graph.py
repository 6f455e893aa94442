"""What does it cost that an exported recogniser prepares raw depth inside its ONNX graph?

    python benchmarks/exported_graph.py [--frames 120] [--threads 2] [--network r3d_tiny]
        [--size 64] [--json OUT]

Frames of the simulated figure go one by one, with the state carried along, through

    graph        the exported file: raw depth in, probabilities out, in ONNX Runtime on the CPU
    network      the network alone, in the same ONNX Runtime
    program      `DepthPreparer`, as the program prepares frames live

What the graph takes beside its network is its preparation. Wall time is what a user waits, CPU time
is that of all threads; medians and 95th percentiles. The prepared frames and the answers of
the graph are compared with the program's in the same run. Weights are fresh: speed does not depend
on what was learned.
"""

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene  # noqa: E402
from fsamt_engine.export.graph import whole_graph  # noqa: E402
from fsamt_engine.learning.portable import to_onnx  # noqa: E402
from fsamt_engine.learning.store import LoadedModel  # noqa: E402
from fsamt_engine.library import ModelKind, ModelRecord  # noqa: E402
from fsamt_engine.modalities.clips import ClipShape, frame_indices  # noqa: E402
from fsamt_engine.modalities.depth import DepthPreparer  # noqa: E402
from fsamt_engine.modalities.preparation import Modality, Preparation  # noqa: E402
from fsamt_engine.modalities.tensors import NORMALISATIONS  # noqa: E402
from fsamt_engine.networks import build  # noqa: E402

SIZES = ((848, 480), (320, 240))
ACTIONS = ("background", "clap", "wave")
FIRST_LEFT_OUT = 5


class Clock:
    """Wall and CPU milliseconds of many calls."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float]] = []

    def __call__(self, function: Callable[[], Any]) -> Any:
        """Call it, and note what it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = function()
        self._taken.append((time.perf_counter() - wall, time.process_time() - cpu))
        return result

    def summary(self) -> dict[str, float]:
        """Medians and 95th percentiles; the first calls, which reserve memory, are left out."""
        wall, cpu = 1000 * np.array(self._taken[FIRST_LEFT_OUT:]).T
        return {
            "wall_ms": float(np.median(wall)),
            "wall_p95_ms": float(np.percentile(wall, 95)),
            "cpu_ms": float(np.median(cpu)),
            "cpu_p95_ms": float(np.percentile(cpu, 95)),
        }


def recogniser(name: str, size: int) -> LoadedModel:
    """A network with fresh weights, as a recogniser."""
    network = build(name, 1, seed=0)
    network.set_actions(len(ACTIONS), seed=0)
    torch.nn.init.normal_(network.classifier.weight)
    record = ModelRecord(
        id="recogniser-00000000",
        key="benchmark",
        kind=ModelKind("recogniser"),
        name="benchmark",
        network=name,
        modality="depth",
        embedding_dim=network.embedding_dim,
        actions=ACTIONS,
        path="",
        method="ours",
        created_at_us=0,
    )
    preparation = Preparation().with_size(size)
    shape, normalisation = ClipShape(size=size), NORMALISATIONS[Modality.DEPTH]
    return LoadedModel(record, network.eval(), Modality.DEPTH, preparation, shape, normalisation)


def session(content: bytes, n_threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def measure(
    loaded: LoadedModel,
    graph: onnxruntime.InferenceSession,
    network: onnxruntime.InferenceSession,
    size: tuple[int, int],
    n_frames: int,
) -> dict[str, Any]:
    scene = SimulatedScene(SceneSettings(width=size[0], height=size[1], with_colour=False))
    frames = [pair.depth for pair in itertools.islice(scene.live(), n_frames)]
    camera, unit_m = scene.calibration.depth, scene.settings.unit_m
    assert camera is not None
    constant = {
        "unit_m": np.float32([unit_m]),
        "intrinsics": np.float32([[camera.fx, camera.fy, camera.cx, camera.cy]]),
    }
    preparer = DepthPreparer(loaded.preparation.depth, unit_m, camera)
    clocks = {name: Clock() for name in ("graph", "network", "program")}
    state: dict[str, Any] = {}
    prepared: list[np.ndarray] = []
    furthest_px, furthest_answer = 0.0, 0.0
    for n, frame in enumerate(frames, 1):
        given = constant | state | {"depth": frame[None, None]}
        answer, *_, samples, ring, numbers = clocks["graph"](lambda g=given: graph.run(None, g))
        state = {"samples": samples, "prepared": ring, "numbers": numbers}
        prepared.append(clocks["program"](lambda f=frame: preparer.push(f)))
        places = frame_indices(max(0, n - loaded.shape.span), loaded.shape, end=n)
        clip = np.stack([prepared[place] for place in places]).astype(np.float32)[None]
        (own,) = clocks["network"](lambda c=clip: network.run(None, {"clips": c}))
        furthest_px = max(furthest_px, float(np.abs(ring[0, -1] - prepared[-1]).max()))
        furthest_answer = max(furthest_answer, float(np.abs(answer - own).max()))
    return {
        **{name: clock.summary() for name, clock in clocks.items()},
        "n_frames": n_frames,
        "largest_difference_of_a_pixel": furthest_px,
        "largest_difference_of_a_probability": furthest_answer,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--network", default="r3d_tiny")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    loaded = recogniser(given.network, given.size)
    inside = to_onnx(loaded)
    network = session(inside.SerializeToString(), given.threads)
    whole = whole_graph(loaded, 30.0, network=inside)
    graph = session(whole.SerializeToString(), given.threads)
    results = {}
    for size in SIZES:
        found = measure(loaded, graph, network, size, given.frames)
        results["x".join(map(str, size))] = found
        print(f"\n{size[0]}x{size[1]}, {given.network} 16x{given.size}x{given.size}")
        for name in ("graph", "network", "program"):
            one = found[name]
            print(
                f"  {name:8} {one['wall_ms']:6.1f} ms wall (p95 {one['wall_p95_ms']:.1f}),"
                f" {one['cpu_ms']:6.1f} ms CPU (p95 {one['cpu_p95_ms']:.1f})"
            )
        print(
            f"  differs by {found['largest_difference_of_a_pixel']:.5f} (pixel),"
            f" {found['largest_difference_of_a_probability']:.5f} (probability)"
        )
    if given.json:
        given.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
