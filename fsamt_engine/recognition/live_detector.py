"""A detector of the library, opened to watch live."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fsamt_engine.detection.detector import LoadedDetector, load_detector
from fsamt_engine.detection.streaming import DetectionStream
from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.records import Segment
from fsamt_engine.progress import OnProgress, Progress
from fsamt_engine.recognition.backends import TOLERANCE_16_BIT, Clip, Probabilities, example_clips
from fsamt_engine.recognition.detection_decider import DetectionDecider
from fsamt_engine.recognition.detection_judge import DetectionJudge
from fsamt_engine.recognition.kinds import live_actions, refuse_what_cannot_watch
from fsamt_engine.recognition.pipeline import Look
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Measured
from fsamt_engine.recognition.watcher import Seen

_RECENT_S = 2.0
"""Of a longer clip no more than this has to be there before something is said of this moment."""
_N_RUNS = 5


class DetectorSight:
    """A detector that watches from one moment on.

    Args:
        stream: That nobody else asks.
        n_actions: Of the answers; the last one is `background`, where the detector knows one less.
    """

    def __init__(self, stream: DetectionStream, n_actions: int) -> None:
        self._stream, self._n_actions = stream, n_actions

    def see(self, clip: Clip, at_frame: int) -> Seen:
        """As `Sight` says."""
        looked = self._stream.look(clip, at_frame)
        values = np.asarray(looked.probabilities, np.float32)
        if not (np.isfinite(values).all() and np.isfinite(looked.found.scores).all()):
            raise FsamtError(
                "The detector gave an answer that is no number.",
                "Let the CPU compute it, or choose another detector.",
            )
        if len(values) < self._n_actions:
            values = np.append(values, max(0.0, 1.0 - float(values.sum()))).astype(np.float32)
        return Seen(values, looked.found)


@dataclass(frozen=True)
class LiveDetector:
    """A detector that is ready to watch, a `Watcher`. One thread at a time asks a sight of it.

    Attributes:
        actions: Of its answers: its own, then `background`.
        device: On which it is computed.
        every, settle: Of its stream.
    """

    record: ModelRecord
    actions: tuple[str, ...]
    loaded: LoadedDetector = field(compare=False)
    device: Device = field(compare=False)
    every: int
    settle: int
    measured: tuple[Measured, ...] = ()

    @property
    def look(self) -> Look:
        """What it is to see."""
        loaded = self.loaded
        recent = min(loaded.shape.span, max(1, round(_RECENT_S * loaded.rate_hz)))
        return Look(loaded.preparation.depth, loaded.shape, loaded.rate_hz, self.every, recent)

    @property
    def computed_by(self) -> str:
        """What computes it, for people."""
        return next(one.name for one in self.measured if one.chosen)

    def sight(self) -> DetectorSight:
        """Begin to watch: nothing seen before counts."""
        return DetectorSight(_Opened(self.loaded, self.device).stream(), len(self.actions))

    def decider(self, settings: RecognitionSettings, first_number: int = 1) -> DetectionDecider:
        """As `Watcher` says."""
        rate_hz = self.loaded.rate_hz
        return DetectionDecider(self.actions, self.settle, rate_hz, settings, first_number)

    def judge(self, segments: Sequence[Segment]) -> DetectionJudge:
        """As `Watcher` says."""
        return DetectionJudge(segments, self.actions)


def open_live_detector(
    library: Library,
    record: ModelRecord,
    device: str = "auto",
    *,
    on_progress: OnProgress | None = None,
) -> LiveDetector:
    """Open a detector on the CPU or the GPU, whichever is faster with one look after the other.

    Args:
        device: "auto", "cpu" or "cuda".

    Raises:
        FsamtError: It is no detector, or sees no depth; its files are broken; there is no such
            device; it gives no numbers.
    """
    refuse_what_cannot_watch(record)
    if on_progress:
        on_progress(Progress("Loading the detector", 0, 1))
    chosen = choose_device(device)
    opened = [_Opened.on(library, record, choose_device("cpu"))]
    expected = opened[0].answers()
    left_out: list[Measured] = []
    if chosen.is_gpu:
        if on_progress:
            on_progress(Progress(f"Measuring {chosen.name}", 0, 1))
        other, reason = _tried(library, record, chosen, expected)
        if other is not None:
            opened.append(other)
        else:
            left_out.append(Measured(f"PyTorch, {chosen.name}", None, False, reason))
    timed = sorted(((one.milliseconds(), one) for one in opened), key=lambda pair: pair[0])
    fastest = timed[0][1]
    measured = [
        Measured(one.name, ms, one is fastest, "The fastest." if one is fastest else "Slower.")
        for ms, one in timed
    ]
    stream = fastest.stream()
    return LiveDetector(
        record,
        live_actions(record),
        fastest.loaded,
        fastest.device,
        stream.every,
        stream.settle,
        (*measured, *left_out),
    )


@dataclass(frozen=True, eq=False)
class _Opened:
    """A detector on one device."""

    loaded: LoadedDetector
    device: Device

    @classmethod
    def on(cls, library: Library, record: ModelRecord, device: Device) -> "_Opened":
        return cls(load_detector(library, record, device), device)

    @property
    def name(self) -> str:
        return f"PyTorch, {self.device.name}"

    def stream(self) -> DetectionStream:
        loaded = self.loaded
        return loaded.detector.stream(loaded.modality, loaded.normalisation, self.device)

    def answers(self) -> Probabilities:
        """(N, A) of example clips."""
        sight = DetectorSight(self.stream(), len(live_actions(self.loaded.record)))
        span, every = self.loaded.shape.span, self.stream().every
        clips = example_clips(self.loaded.shape)
        return np.stack(
            [sight.see(clip, span + n * every).probabilities for n, clip in enumerate(clips)]
        )

    def milliseconds(self) -> float:
        """For one look, in the quicker quarter of some."""
        clip = example_clips(self.loaded.shape)[-1]
        stream, at_frame = self.stream(), self.loaded.shape.span
        seconds = []
        for _ in range(_N_RUNS):
            began = time.perf_counter()
            stream.look(clip, at_frame)
            seconds.append(time.perf_counter() - began)
            at_frame += stream.every
        return 1000 * float(np.percentile(seconds, 25))


def _tried(
    library: Library, record: ModelRecord, device: Device, expected: Probabilities
) -> tuple[_Opened | None, str]:
    """The detector on a GPU; or None, and why it cannot be used there."""
    try:
        opened = _Opened.on(library, record, device)
        largest = float(np.abs(opened.answers() - expected).max())
    except Exception as error:  # noqa: BLE001 - a GPU that cannot compute it is no failure
        return None, (str(error).splitlines() or [type(error).__name__])[0]
    if largest > TOLERANCE_16_BIT:
        return None, f"Its answers differ by up to {largest:.2g} from those of the CPU."
    return opened, ""
