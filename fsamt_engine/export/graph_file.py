"""An exported ONNX file, run as whoever gets it will run it: by ONNX Runtime, on raw depth."""

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from fsamt_engine.export.clips import RealClip
from fsamt_engine.export.settings import Speed

N_THREADS = 2
"""Of ONNX Runtime, while a file is checked and measured."""
_STATE = ("samples", "prepared", "numbers")
_WARM_UP_FRAMES, _MEASURED_FRAMES = 3, 30

State = dict[str, npt.NDArray[np.generic]]


class GraphFile:
    """A file with everything in the graph.

    Args:
        path: The .onnx file.
    """

    def __init__(self, path: Path) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = N_THREADS
        options.log_severity_level = 3
        self.path = path
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def whole(self, clip: RealClip) -> npt.NDArray[np.float32]:
        """Probabilities (A,) of a clip that is given at once, as a take of its own."""
        return self._run(clip, clip.frames, {})[0]

    def streamed(self, clip: RealClip) -> npt.NDArray[np.float32]:
        """Probabilities (A,) after the last frame of a clip that comes frame by frame."""
        state: State = {}
        for frame in clip.frames:
            answer, state = self._run(clip, frame[None], state)
        return answer

    def pushed(self, clip: RealClip, number: int, state: State) -> State:
        """The state after one frame more of a clip, which begins again at its end."""
        return self._run(clip, clip.frames[number % len(clip.frames)][None], state)[1]

    def _run(
        self, clip: RealClip, frames: npt.NDArray[np.uint16], state: State
    ) -> tuple[npt.NDArray[np.float32], State]:
        lens = clip.intrinsics
        known = (0.0,) * 4 if lens is None else (lens.fx, lens.fy, lens.cx, lens.cy)
        given = {
            "depth": frames[None],
            "unit_m": np.array([clip.unit_m], np.float32),
            "intrinsics": np.array([known], np.float32),
        }
        names = ["probabilities", *(f"next_{name}" for name in _STATE)]
        answer, *after = self._session.run(names, given | state)
        return answer[0], dict(zip(_STATE, after, strict=True))


def measure(files: Mapping[str, GraphFile], clip: RealClip) -> tuple[Speed, ...]:
    """What one frame takes in each file, as a camera delivers them; the median over 30 frames.

    The files take turns, so that whatever else the computer does slows all of them alike.
    """
    states: dict[str, State] = {name: {} for name in files}
    taken: dict[str, list[float]] = {name: [] for name in files}
    for number in range(_WARM_UP_FRAMES + _MEASURED_FRAMES):
        for name, file in files.items():
            began = time.perf_counter()
            states[name] = file.pushed(clip, number, states[name])
            taken[name].append(time.perf_counter() - began)
    return tuple(
        Speed(name, 1000 * median(taken[name][_WARM_UP_FRAMES:]), file.path.stat().st_size)
        for name, file in files.items()
    )
