"""Whether a file finds what the detector finds: in real takes, before it is handed over."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import LoadedDetector, TakeSpan
from fsamt_engine.detection.search import search_of, search_take
from fsamt_engine.detection.streaming import Teller
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.detections import overlap
from fsamt_engine.export.runner.detect import Found, Model, Watch
from fsamt_engine.export.settings import OVERLAP_ALLOWED, DetectionParity, ParityRefusedError
from fsamt_engine.export.takes import ChosenTakes, RealTake
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import frame_indices
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

N_WATCHED = 1
WATCHED_S = 20.0
"""Of a take that is watched; both look many times a second, and each look costs."""

Frames = npt.NDArray[np.float16]


class OriginalDetector:
    """The detector as the program runs it.

    Args:
        loaded: On the CPU.
    """

    def __init__(self, library: Library, loaded: LoadedDetector) -> None:
        self._library, self._loaded = library, loaded
        self._device = choose_device("cpu")

    def prepared(self, one: RealTake, is_live: bool = False) -> Frames:
        """What it sees of a take: (N, S, S), 0..1.

        Args:
            is_live: As its frames come: nothing is known before, and its beginning is enough.

        Raises:
            FsamtError: A frame is lost or damaged.
        """
        preparation = self._loaded.preparation.depth
        preparer = DepthPreparer(preparation, one.unit_m, one.intrinsics)
        if not is_live:
            preparer.warm_up(one.samples())
        n_frames = watched_frames(one) if is_live else one.n_frames
        frames = zip(range(n_frames), one.frames(), strict=False)
        return np.stack([preparer.push(frame) for _, frame in frames])

    def found(self, one: RealTake, prepared: Frames, should_stop: ShouldStop | None) -> Candidates:
        """As `search_take` gives it."""
        loaded = self._loaded
        span = TakeSpan(one.take_id, one.participant, len(prepared), one.rate_hz)
        reader = self._reader(prepared)
        settings = search_of(loaded.record)
        return search_take(
            loaded.detector, reader, span, settings, self._device, should_stop=should_stop
        )

    def told(self, one: RealTake, should_stop: ShouldStop | None) -> Candidates:
        """What would be told live of the beginning of a take."""
        loaded, prepared = self._loaded, self.prepared(one, is_live=True)
        reader = self._reader(prepared)
        stream = loaded.detector.stream(loaded.modality, loaded.normalisation, self._device)
        teller = Teller(loaded.threshold, stream.settle)
        parts = []
        for at_frame in range(stream.every, len(prepared) + 1, stream.every):
            _ask(should_stop)
            start = max(0, at_frame - loaded.shape.span)
            clip = reader.stored([Window(one.take_id, start, at_frame)])[0].numpy()
            parts.append(teller.look(stream.look(clip, at_frame).found.rounded(), at_frame))
        return Candidates.joined(parts)

    def _reader(self, prepared: Frames) -> ClipReader:
        return _HeldReader(self._library, self._loaded, prepared)


class _HeldReader(ClipReader):
    """Reads clips of one take, whose prepared frames are in memory."""

    def __init__(self, library: Library, loaded: LoadedDetector, prepared: Frames) -> None:
        super().__init__(
            library, loaded.modality, loaded.preparation, loaded.shape, loaded.normalisation
        )
        self._prepared = prepared

    def clip(self, window: Window) -> npt.NDArray[np.generic]:
        """As `ClipReader` says."""
        end = min(window.end, len(self._prepared))
        return self._prepared[frame_indices(window.start, self.shape, end)]


@dataclass(frozen=True)
class DetectorCandidate:
    """What is compared with the original.

    Attributes:
        found: In a take, from its raw frames or from what was prepared of them.
        told: Live, from raw frames of a take's beginning; None where it takes no raw frames.
    """

    found: Callable[[RealTake, Frames], Candidates]
    told: Callable[[RealTake], Candidates] | None = None


class RunnerFiles:
    """The files of a bundle, run by the functions of its own runner.

    Args:
        folder: With the graphs and detector.json.
    """

    def __init__(self, folder: Path, n_threads: int, should_stop: ShouldStop | None) -> None:
        self._model = Model(folder, n_threads)
        self._should_stop = should_stop
        self._seconds, self._n_frames = 0.0, 0

    @property
    def ms_a_frame(self) -> float:
        """What a frame took in the searches so far, reading it included."""
        return 1000 * self._seconds / max(1, self._n_frames)

    def found(self, one: RealTake, _: Frames) -> Candidates:
        """What the runner finds in a recording."""

        def frames() -> Iterator[tuple[npt.NDArray[np.uint16], int]]:
            return ((frame, 1) for frame in self._asking(one))

        began = time.perf_counter()
        found = self._model.search(frames, one.n_frames, one.unit_m, _lens(one))
        self._seconds += time.perf_counter() - began
        self._n_frames += one.n_frames
        return _candidates(found)

    def told(self, one: RealTake) -> Candidates:
        """What the runner tells while frames come."""
        about = self._model.about
        watch = Watch(self._model, one.unit_m, _lens(one), about["threshold"])
        frames = zip(range(watched_frames(one)), self._asking(one), strict=False)
        return Candidates.joined([_candidates(watch.push(frame)) for _, frame in frames])

    def _asking(self, one: RealTake) -> Iterator[npt.NDArray[np.uint16]]:
        for frame in one.frames():
            _ask(self._should_stop)
            yield frame


def compare_detections(
    original: OriginalDetector,
    candidate: DetectorCandidate,
    chosen: ChosenTakes,
    threshold: float,
    tolerance: float,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> DetectionParity:
    """Compare what is found in real takes.

    Args:
        threshold: The detector's usual one.
        tolerance: The largest difference of a score that is allowed.

    Raises:
        ParityRefusedError: One finds what the other does not.
        FsamtError: Every take is damaged.
        Cancelled: `should_stop` asked for it.
    """
    counts: list[Compared] = []
    n_watched = n_left_out = 0
    for number, one in enumerate(chosen.takes):
        if on_progress:
            on_progress(Progress("Comparing takes", number, len(chosen.takes)))
        _ask(should_stop)
        try:
            prepared = original.prepared(one)
        except FsamtError:
            n_left_out += 1
            continue
        ours = original.found(one, prepared, should_stop)
        least = min(threshold, float(ours.scores.max(initial=0.0)))
        theirs = candidate.found(one, prepared)
        counts.append(compared(ours, theirs, least, tolerance))
        if candidate.told is not None and n_watched < N_WATCHED:
            n_watched += 1
            told = original.told(one, should_stop), candidate.told(one)
            counts.append(compared(*told, threshold, tolerance, is_cut=True))
    if not counts:
        raise FsamtError(
            f"All {n_left_out} takes on which the file would be checked are damaged.",
            "See which takes with the command fsamt library verify, and restore them from a copy.",
        )
    parity = DetectionParity(
        n_takes=len(chosen.takes) - n_left_out,
        n_watched=n_watched,
        n_detections=sum(one.n_ours for one in counts),
        n_found=sum(one.n_theirs for one in counts),
        n_agreeing=sum(one.n_agreeing for one in counts),
        least_overlap=min(one.least_overlap for one in counts),
        max_difference=max(one.max_difference for one in counts),
        overlap_allowed=OVERLAP_ALLOWED,
        tolerance=tolerance,
        threshold=threshold,
        takes_of=chosen.of,
        n_left_out=n_left_out,
    )
    if not parity.is_kept:
        raise ParityRefusedError(parity)
    return parity


@dataclass(frozen=True)
class Compared:
    """Two lists of detections of one take, side by side; see `DetectionParity`."""

    n_ours: int
    n_theirs: int
    n_agreeing: int
    least_overlap: float
    max_difference: float


def compared(
    ours: Candidates, theirs: Candidates, least: float, tolerance: float, is_cut: bool = False
) -> Compared:
    """Pair what is the same action at the same time, as surely; nothing is paired twice.

    Args:
        least: The score from which a detection counts; its partner may be below by the tolerance.
        is_cut: Both lists end at this score: what is hardly above it may be below in the other.
    """
    near = least - tolerance
    ours, theirs = ours.at(ours.scores >= near), theirs.at(theirs.scores >= near)
    shared = overlap(ours.spans[:, :1], ours.spans[:, 1:], theirs.spans[:, 0], theirs.spans[:, 1])
    differences = np.abs(ours.scores[:, None] - theirs.scores)
    is_same = (
        (ours.actions[:, None] == theirs.actions)
        & (shared >= OVERLAP_ALLOWED)
        & (differences <= tolerance)
    )
    is_free = np.ones(len(theirs), np.bool_)
    has_partner = np.zeros(len(ours), np.bool_)
    overlaps, apart = [1.0], [0.0]
    n_agreeing = 0
    for place in np.argsort(-ours.scores, kind="stable"):
        fits = np.where(is_same[place] & is_free, shared[place], -1.0)
        if not len(fits) or fits.max() < 0:
            continue
        partner = int(fits.argmax())
        is_free[partner], has_partner[place] = False, True
        if max(ours.scores[place], theirs.scores[partner]) >= least:
            n_agreeing += 1
            overlaps.append(float(shared[place, partner]))
            apart.append(float(differences[place, partner]))
    sure = least + tolerance if is_cut else least
    return Compared(
        n_agreeing + int((~has_partner & (ours.scores >= sure)).sum()),
        n_agreeing + int((is_free & (theirs.scores >= sure)).sum()),
        n_agreeing,
        min(overlaps),
        max(apart),
    )


def watched_frames(one: RealTake) -> int:
    """How much of a take is watched."""
    return min(one.n_frames, round(WATCHED_S * one.rate_hz))


def _lens(one: RealTake) -> tuple[float, ...]:
    lens = one.intrinsics
    return (0.0,) * 4 if lens is None else (lens.fx, lens.fy, lens.cx, lens.cy)


def _candidates(found: Found) -> Candidates:
    return Candidates(found.spans, found.scores, found.actions)


def _ask(should_stop: ShouldStop | None) -> None:
    if should_stop and should_stop():
        raise Cancelled
