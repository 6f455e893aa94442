"""Searching takes of any length: where each action starts and ends."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import Detector, LoadedDetector, TakeSpan, load_detector
from fsamt_engine.detection.nms import suppress
from fsamt_engine.detection.options import DetectionHead, SearchSettings, usual_search
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.answers import write_beside
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.prepare import prepare, refuse_lacking
from fsamt_engine.library import Library, ModelRecord, Take
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.kept import KeptTake
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

FORMAT = 1
"""Of what is kept of a search."""
_PACE_TOLERANCE = 0.1
"""Share by which a take's rate may differ from that of the takes that were trained on."""

OnDamaged = Callable[[str, FsamtError], None]
"""Told the id of a take that cannot be read, and why."""


def detect(
    library: Library,
    model: ModelRecord,
    take_ids: Sequence[str],
    settings: SearchSettings | None = None,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    on_damaged: OnDamaged | None = None,
) -> dict[str, tuple[Detection, ...]]:
    """Search whole takes; what was searched before with the same detector is read again.

    Args:
        settings: By default those of the detector's head.
        on_damaged: Told of a take whose frames cannot be read; the others are searched all the
            same. Without it such a take ends the search.

    Returns:
        By take, in the order asked for, the best detection first. A take that is damaged is left
        out.

    Raises:
        Cancelled: Stopped; the takes that were searched are kept.
        FsamtError: The model is no detector; a take lacks what it sees, was recorded at another
            pace, is unknown or damaged.
    """
    used = settings or search_of(model)
    chosen = choose_device(device)
    loaded = load_detector(library, model, chosen)
    takes = [take(library, take_id) for take_id in dict.fromkeys(take_ids)]
    refuse_lacking(takes, loaded.modality)
    _refuse_another_pace(takes, loaded.rate_hz)
    told = _Told(takes, on_progress)
    found: dict[str, tuple[Detection, ...]] = {}
    for one in takes:
        path = _path(library, loaded, one, used)
        candidates = _read(path, len(loaded.actions))
        try:
            if candidates is None:
                candidates = _searched(library, loaded, one, used, chosen, told, should_stop)
                _write(library, path, candidates)
        except FsamtError as error:
            if on_damaged is None:
                raise
            on_damaged(one.id, error)
        else:
            found[one.id] = detections(candidates, span_of(one), loaded.actions)
        told.next()
    return found


def search_take(
    detector: Detector,
    reader: ClipReader,
    span: TakeSpan,
    settings: SearchSettings,
    device: Device,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Candidates:
    """The candidates of a take that remain, the best first; the take is prepared.

    Raises:
        Cancelled: Stopped.
    """
    with torch.no_grad():
        parts = [
            _within(part, span).rounded()
            for part in detector.search(
                reader, span, device, on_progress=on_progress, should_stop=should_stop
            )
        ]
    return suppress(Candidates.joined(parts), settings).rounded()


def detections(
    candidates: Candidates, span: TakeSpan, actions: Sequence[str]
) -> tuple[Detection, ...]:
    """Candidates of a take as what they are called."""
    return tuple(
        Detection(span.take_id, span.participant, actions[action], start, end, score)
        for action, (start, end), score in zip(
            candidates.actions.tolist(),
            candidates.spans.tolist(),
            candidates.scores.tolist(),
            strict=True,
        )
    )


def span_of(one: Take) -> TakeSpan:
    """A take, whole."""
    return TakeSpan(one.id, one.participant, one.main.n_frames, one.main.rate_hz)


def _refuse_another_pace(takes: Sequence[Take], rate_hz: float) -> None:
    for one in takes:
        if abs(one.main.rate_hz / rate_hz - 1) > _PACE_TOLERANCE:
            raise FsamtError(
                f"Take {one.id} has {one.main.rate_hz:g} frames a second, and the detector was "
                f"taught on takes with {rate_hz:g}: it would see everything at another speed.",
                "Leave the take out, or make a detector from takes of its rate.",
            )


def search_of(model: ModelRecord) -> SearchSettings:
    """How a detector searches where nothing else is asked for.

    Raises:
        FsamtError: The model is no detector.
    """
    try:
        return usual_search(DetectionHead(str(model.settings["head"])))
    except (KeyError, ValueError) as error:
        raise FsamtError(
            f"{model.id} is a {model.kind}: it does not say when an action starts and ends.",
            "Finetune it for detection first, or choose a detector.",
        ) from error


def _within(candidates: Candidates, span: TakeSpan) -> Candidates:
    """Cut to the take; what lies wholly outside is dropped."""
    cut = Candidates(
        candidates.spans.clip(0.0, float(span.n_frames)), candidates.scores, candidates.actions
    )
    return cut.at(cut.spans[:, 0] < cut.spans[:, 1])


def _searched(
    library: Library,
    loaded: LoadedDetector,
    one: Take,
    settings: SearchSettings,
    device: Device,
    told: "_Told",
    should_stop: ShouldStop | None,
) -> Candidates:
    prepare(library, [one.id], (loaded.modality,), loaded.preparation, None, should_stop)
    return search_take(
        loaded.detector,
        loaded.reader(library),  # A new one for each take: it keeps what it has mapped.
        span_of(one),
        settings,
        device,
        on_progress=told.within,
        should_stop=should_stop,
    )


class _Told:
    """Progress over many takes of different lengths, in main frames."""

    def __init__(self, takes: Sequence[Take], on_progress: OnProgress | None) -> None:
        self._lengths = [one.main.n_frames for one in takes]
        self._total = sum(self._lengths)
        self._on_progress = on_progress
        self._at = 0
        self._done = 0
        self._watch = Stopwatch(self._total)

    def within(self, progress: Progress) -> None:
        """The detector's own progress in the present take."""
        share = progress.done / max(1, progress.total)
        self._tell(self._done + round(share * self._lengths[self._at]))

    def next(self) -> None:
        """The present take is over."""
        self._done += self._lengths[self._at]
        self._at += 1
        self._tell(self._done)

    def _tell(self, done: int) -> None:
        if self._on_progress:
            left = self._watch.seconds_left(done)
            self._on_progress(Progress("Searching", done, self._total, seconds_left=left))


def _path(library: Library, loaded: LoadedDetector, one: Take, settings: SearchSettings) -> Path:
    """Named by all that the answer depends on: what is seen of the take, who looks, and how."""
    seen = KeptTake(library, one, loaded.preparation).digest(loaded.modality)
    content = [FORMAT, loaded.record.key, seen, asdict(settings)]
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return library.cache_folder / "detections" / f"{key}.json"


def _write(library: Library, path: Path, candidates: Candidates) -> None:
    content = {
        "spans": candidates.spans.tolist(),
        "scores": candidates.scores.tolist(),
        "actions": candidates.actions.tolist(),
    }
    write_beside(library, path, json.dumps(content))


def _read(path: Path, n_actions: int) -> Candidates | None:
    """What an earlier search left; None where there is none, or where the file is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Candidates.of(content["spans"], content["scores"], content["actions"], n_actions)
    except (OSError, ValueError, KeyError, TypeError):
        return None
