"""The ways to compute a recogniser's network: each is compared, measured, and the fastest wins."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.portable import onnx_file, prepared_network
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.progress import OnProgress, Progress
from fsamt_engine.recognition.state import Measured

Clip = npt.NDArray[np.float16]
Probabilities = npt.NDArray[np.float32]

TOLERANCE = 1e-3
"""Largest difference of a probability that float32 may make in another order of sums."""

TOLERANCE_16_BIT = 1e-2

_MEASURE_S = 0.4
_MIN_RUNS, _MAX_RUNS = 4, 40


class Backend(Protocol):
    """A way to compute the network. One thread at a time uses it."""

    @property
    def name(self) -> str:
        """For people: "ONNX Runtime, CPU, 2 threads"."""

    def probabilities(self, clip: Clip) -> Probabilities:
        """Of one clip (T, S, S) float16 in 0..1: (A,) float32, the sum is 1."""


class TorchBackend:
    """PyTorch, operation by operation.

    Args:
        network: From (B, T, S, S) to (B, A), on the device, in eval mode.
        autocast: The 16-bit type that convolutions are computed in; None for float32.
    """

    def __init__(
        self, network: nn.Module, device: Device, autocast: torch.dtype | None = None
    ) -> None:
        self._network, self._device, self._autocast = network, device, autocast
        self.name = _torch_name(device, autocast)

    @torch.inference_mode()
    def probabilities(self, clip: Clip) -> Probabilities:
        """As `Backend` says."""
        where = self._device.torch_device
        clips = torch.from_numpy(clip)[None].to(where)
        with torch.autocast(where.type, dtype=self._autocast, enabled=self._autocast is not None):
            result = self._network(clips)
        return cast(Probabilities, result[0].float().cpu().numpy())


class OnnxBackend:
    """ONNX Runtime.

    Its threads do not wait in a loop for the next clip: that would take the cores from the camera.

    Args:
        path: Of the network, "clips" (B, T, S, S) float32 to "probabilities" (B, A).
        provider: By its name in ONNX Runtime.
        device_name: For people.
        n_threads: Of the CPU.
    """

    def __init__(self, path: str, provider: str, device_name: str, n_threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = n_threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session: Any = onnxruntime.InferenceSession(path, options, providers=[provider])
        if self._session.get_providers()[0] != provider:
            raise FsamtError("ONNX Runtime cannot use the GPU.", "Its CUDA libraries are missing.")
        self.name = f"ONNX Runtime, {device_name}"

    def probabilities(self, clip: Clip) -> Probabilities:
        """As `Backend` says."""
        (result,) = self._session.run(["probabilities"], {"clips": clip[None].astype(np.float32)})
        return cast(Probabilities, result[0])


@dataclass(frozen=True)
class Candidate:
    """A backend that may be tried.

    Attributes:
        make: Builds it; raises where this computer cannot.
        tolerance: Largest difference to the reference in a probability.
    """

    name: str
    make: Callable[[], Backend]
    tolerance: float = TOLERANCE


def fastest_backend(
    library: Library,
    loaded: LoadedModel,
    device: Device,
    *,
    on_progress: OnProgress | None = None,
) -> tuple[Backend, tuple[Measured, ...]]:
    """Try every way to compute the network, and take the fastest of those that are right.

    Args:
        loaded: On the CPU.
        device: Where it may be computed besides; on the CPU, nothing of a GPU is tried.

    Returns:
        The fastest, and what was measured of each: the fastest first, what cannot be used last.
    """
    reference = TorchBackend(prepared_network(loaded), choose_device("cpu"))
    candidates = [Candidate(reference.name, lambda: reference), *_others(library, loaded, device)]
    return choose(reference, candidates, example_clips(loaded.shape), on_progress)


def choose(
    reference: Backend,
    candidates: list[Candidate],
    clips: list[Clip],
    on_progress: OnProgress | None = None,
) -> tuple[Backend, tuple[Measured, ...]]:
    """Compare each candidate with the reference on the same clips; the fastest that is right wins.

    A candidate that cannot be built or fails is left out and says why; nothing is raised for it.

    Raises:
        FsamtError: The reference gives no numbers.
    """
    expected = np.stack([reference.probabilities(clip) for clip in clips])
    if not np.isfinite(expected).all():
        raise FsamtError(
            "This model gives no usable answers: its weights hold values that are no numbers.",
            "Train or import it again.",
        )
    right: list[Backend] = []
    left_out: list[Measured] = []
    for done, candidate in enumerate(candidates):
        if on_progress:
            on_progress(Progress(f"Measuring {candidate.name}", done, len(candidates)))
        try:
            backend = candidate.make()
            reason = ""
            if backend is not reference:
                reason = _difference(backend, clips, expected, candidate.tolerance)
        except Exception as error:  # noqa: BLE001 - a backend that is not there is no failure
            reason = _first_line(error)
        if reason:
            left_out.append(Measured(candidate.name, None, False, reason))
        else:
            right.append(backend)
    times_ms = _measure(right, clips[-1])
    fastest = right[times_ms.index(min(times_ms))]
    measured = [
        Measured(one.name, ms, one is fastest, "The fastest." if one is fastest else "Slower.")
        for one, ms in zip(right, times_ms, strict=True)
    ]
    measured.sort(key=lambda one: one.ms or 0.0)
    return fastest, (*measured, *left_out)


def example_clips(shape: ClipShape) -> list[Clip]:
    """Four clips (T, S, S) float16 like prepared depth: nothing, a wall, a square that moves."""
    frames, side = shape.n_frames, shape.size
    empty = np.zeros((frames, side, side), np.float16)
    wall = np.tile(np.linspace(0.2, 0.6, side, dtype=np.float16), (frames, side, 1))
    clips = [empty, wall]
    for direction in (1, 2):
        moving = wall.copy()
        for t in range(frames):
            x = (side // 8 + direction * t * side // (3 * frames)) % side
            moving[t, side // 4 : 3 * side // 4, x : x + side // 3] = 0.9
        clips.append(moving)
    return clips


def _others(library: Library, loaded: LoadedModel, device: Device) -> Iterator[Candidate]:
    n_threads = torch.get_num_threads()
    words = choose_device("cpu").name

    def onnx(provider: str, device_name: str) -> Callable[[], Backend]:
        return lambda: OnnxBackend(
            str(onnx_file(library, loaded)), provider, device_name, n_threads
        )

    yield Candidate(f"ONNX Runtime, {words}", onnx("CPUExecutionProvider", words))
    if not device.is_gpu:
        return

    @cache
    def network() -> nn.Module:
        copied = replace(loaded, network=copy.deepcopy(loaded.network).to(device.torch_device))
        return prepared_network(copied)

    def torch_on_gpu(kind: torch.dtype | None) -> Callable[[], Backend]:
        return lambda: TorchBackend(network(), device, kind)

    kinds: list[torch.dtype | None] = [None, torch.float16]
    if device.bf16:
        kinds.append(torch.bfloat16)
    for kind in kinds:
        tolerance = TOLERANCE_16_BIT if kind else TOLERANCE
        yield Candidate(_torch_name(device, kind), torch_on_gpu(kind), tolerance)
    if "CUDAExecutionProvider" in _onnx_providers():
        make = onnx("CUDAExecutionProvider", device.name)
        # Its convolutions round to TF32 on recent GPUs.
        yield Candidate(f"ONNX Runtime, {device.name}", make, TOLERANCE_16_BIT)


def _onnx_providers() -> list[str]:
    try:
        import onnxruntime
    except ImportError:
        return []
    return cast(list[str], onnxruntime.get_available_providers())


def _torch_name(device: Device, autocast: torch.dtype | None) -> str:
    bits = f", {str(autocast).removeprefix('torch.')}" if autocast else ""
    return f"PyTorch, {device.name}{bits}"


def _difference(
    backend: Backend, clips: list[Clip], expected: Probabilities, tolerance: float
) -> str:
    """Why a backend is wrong, or nothing."""
    found = np.stack([backend.probabilities(clip) for clip in clips])
    largest = float(np.max(np.abs(found - expected)))
    if largest <= tolerance:
        return ""
    return f"Its answers differ by up to {largest:.2g} from those in float32."


def _measure(backends: list[Backend], clip: Clip) -> list[float]:
    """Milliseconds that each takes for one clip: what a quarter of its runs stay below.

    They run in turn, so that what else the computer does slows all of them down alike; the lower
    quartile leaves out the moments in which it does more.
    """
    seconds: list[list[float]] = []
    until = time.perf_counter() + _MEASURE_S * len(backends)
    while len(seconds) < _MIN_RUNS or (time.perf_counter() < until and len(seconds) < _MAX_RUNS):
        moments = [time.perf_counter()]
        for backend in backends:
            backend.probabilities(clip)
            moments.append(time.perf_counter())
        seconds.append(np.diff(moments).tolist())
    return [1000 * float(value) for value in np.percentile(seconds, 25, axis=0)]


def _first_line(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "It is not installed."
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
