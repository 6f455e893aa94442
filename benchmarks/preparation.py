"""How long does preparing a frame take? Milliseconds a frame of each stage, on one core.

    python benchmarks/preparation.py

Depth has to keep up with a live camera beside everything else: the aim is 3 ms a frame at 640x480.
The frames are simulated (see fsamt_engine/capture/simulated.py).
"""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from fsamt_engine.capture.simulated import SceneSettings, SimulatedPair, SimulatedScene
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.flow import FlowPreparer
from fsamt_engine.modalities.person import PersonFinder
from fsamt_engine.modalities.preparation import Crop, DepthPreparation, Preparation
from fsamt_engine.modalities.rgb import colour_view, prepare_rgb

SIZES = ((320, 240), (424, 240), (640, 480), (848, 480))
N_FRAMES = 48


def measure(run: Callable[[Any], object], frames: Sequence[Any]) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds of processor time that a frame takes."""
    spent_ms = []
    for frame in frames:
        started_at = time.process_time()
        run(frame)
        spent_ms.append(1000 * (time.process_time() - started_at))
    return float(np.median(spent_ms)), float(np.percentile(spent_ms, 95))


def stages(pairs: Sequence[SimulatedPair], scene: SimulatedScene, size: int) -> dict[str, Any]:
    """Milliseconds a frame by stage."""
    camera = scene.calibration.depth
    assert camera is not None
    unit_m = scene.settings.unit_m
    depth = [pair.depth for pair in pairs]
    colour = [pair.colour for pair in pairs]
    preparation = Preparation().with_size(size)
    whole = DepthPreparation(size=size, crop=Crop("frame"), relative=False)
    finder = PersonFinder(camera, unit_m)
    finder.warm_up(depth[::4])
    preparer = DepthPreparer(preparation.depth, unit_m, camera)
    preparer.warm_up(depth[::4])
    preparer.push(depth[0])
    pixels = (camera.width, camera.height)
    view = colour_view(preparer.view, scene.calibration, pixels, pixels)
    flow = FlowPreparer(preparation)
    return {
        "find the person": measure(finder.push, depth),
        "depth, whole frame": measure(DepthPreparer(whole, unit_m, camera).push, depth),
        "depth, person": measure(preparer.push, depth),
        "rgb": measure(lambda frame: prepare_rgb(frame, view, size), colour),
        "flow (DIS)": measure(lambda pair: flow.between(*pair, view), list(pairwise(colour))),
    }


def main() -> None:
    cv2.setNumThreads(1)
    for width, height in SIZES:
        scene = SimulatedScene(SceneSettings(seed=3, width=width, height=height))
        pairs = list(scene.frames("wave", seconds=N_FRAMES / scene.settings.rate_hz))
        for size in (64, 112):
            print(f"{width}x{height} to {size}x{size}: median, 95 % (ms a frame)")
            for stage, (median_ms, high_ms) in stages(pairs, scene, size).items():
                print(f"    {stage:20} {median_ms:6.2f} {high_ms:6.2f}")


if __name__ == "__main__":
    main()
