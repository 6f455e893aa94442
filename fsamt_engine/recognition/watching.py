"""What a recogniser answers on a take, frame by frame as it would live; without threads."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.camera import CameraSettings
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import Region, Segment, StreamKind
from fsamt_engine.library.takes import take
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.depth import warm_up_indices
from fsamt_engine.progress import ShouldStop
from fsamt_engine.recognition.pipeline import ClipPipeline
from fsamt_engine.recognition.preparing import answer_to
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.smoothing import Smoother
from fsamt_engine.recognition.state import Answer, LiveEvent, Now, Timings
from fsamt_engine.recognition.take_camera import TAKE, TakeCamera
from fsamt_engine.recognition.watcher import Watcher

_NO_TIME = Timings(0.0, 0.0, 0.0)
_LONGEST_STEP_US = 1_000_000


@dataclass(frozen=True)
class Known:
    """What is known of a source before it is watched.

    Attributes:
        region: Where the participant is, as a person drew it.
        segments: Labels.
        warm_up: Frames from which the still background is known (`warm_up_frames`).
    """

    region: Region | None = None
    segments: tuple[Segment, ...] = ()
    warm_up: tuple[npt.NDArray[np.uint16], ...] = ()


@dataclass(frozen=True)
class WatchedTake:
    """A take as a recogniser saw it.

    Attributes:
        parts: Answers; a new part begins where the recogniser started anew.
        segments: Its labels.
    """

    take_id: str
    participant: str
    parts: tuple[tuple[Answer, ...], ...]
    segments: tuple[Segment, ...]

    @property
    def seconds(self) -> float:
        """How long it was watched, whatever is labelled."""
        steps = (
            min(answer.at_us - before.at_us, _LONGEST_STEP_US)
            for part in self.parts
            for before, answer in pairwise(part)
            if answer.status != "gathering"
        )
        return sum(steps) / 1e6

    def seconds_of(self, actions: Sequence[str] | None = None) -> float:
        """How long it was watched where one of these actions is labelled (None: any)."""
        labelled = [s for s in self.segments if actions is None or s.action in actions]
        steps_us = 0
        for part in self.parts:
            for before, answer in pairwise(part):
                frame = answer.frame_number or 0
                is_watched = answer.status != "gathering"
                if is_watched and any(s.start <= frame < s.end for s in labelled):
                    steps_us += min(answer.at_us - before.at_us, _LONGEST_STEP_US)
        return steps_us / 1e6


@dataclass(frozen=True)
class Judged:
    """What settings make of a take.

    Attributes:
        events: Those that ended, with `was_right`.
        found: Labelled actions that were recognised.
    """

    events: tuple[LiveEvent, ...]
    found: tuple[Segment, ...]


def watch_take(
    library: Library, model: Watcher, take_id: str, *, should_stop: ShouldStop | None = None
) -> WatchedTake:
    """Every answer of a model on the depth of a take, as if it had watched the place for a while.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: The take has no depth, its unit is not known, or its file is damaged.
    """
    known = known_of(library, f"{TAKE}:{take_id}")
    camera = TakeCamera(library, take_id, real_time=False)
    try:
        camera.start(CameraSettings((camera.capabilities.modes[0],)))
        pipeline = ClipPipeline(
            model.look,
            camera.streams[0].unit_m,
            camera.calibration.depth,
            known.region,
            known.warm_up,
        )
        parts: list[list[Answer]] = []
        while not camera.has_ended:
            if should_stop is not None and should_stop():
                raise Cancelled
            frame = camera.read()
            clip = pipeline.push(frame) if frame is not None else None
            if frame is None or clip is None:
                continue
            if clip.is_fresh or not parts:
                parts.append([])
                sight = model.sight()
            seen = sight.see(clip.pixels, clip.seen)
            parts[-1].append(answer_to(clip, frame, seen, _NO_TIME, frame.arrived_at_us))
    finally:
        camera.close()
    return WatchedTake(take_id, camera.take.participant, tuple(map(tuple, parts)), known.segments)


def known_of(library: Library, source_id: str) -> Known:
    """What is known of a source; nothing, unless it is a take.

    Raises:
        FsamtError: There is no such take, it has no depth, or the file is gone.
    """
    kind, _, name = source_id.partition(":")
    if kind != TAKE:
        return Known()
    region = take(library, name).region
    labelled = tuple(segments(library, take_ids=[name]))
    return Known(region, labelled, tuple(warm_up_frames(library, name)))


def warm_up_frames(library: Library, take_id: str) -> list[npt.NDArray[np.uint16]]:
    """Frames of a take (H, W) from which its still background is known before it is played.

    Training warms up with the same ones. Damaged ones are left out.

    Raises:
        FsamtError: The take has no depth, or the file is gone.
    """
    stream = take(library, take_id).stream(StreamKind.DEPTH)
    if stream is None:
        raise FsamtError(f"The take {take_id} has no depth.", "Choose a take with depth.")
    frames = []
    with closing(DepthReader(library.absolute(stream.path), stream.n_frames)) as reader:
        for index in warm_up_indices(reader.n_frames):
            with suppress(FsamtError):
                frames.append(reader[int(index)])
    return frames


def smoothed(watched: WatchedTake, seconds: float) -> WatchedTake:
    """The same take with its answers smoothed over this time."""
    parts = []
    for part in watched.parts:
        smoother = Smoother(seconds)
        pairs = ((one, smoother.push(one.probabilities, one.at_us)) for one in part)
        parts.append(tuple(replace(one, smoothed=values) for one, values in pairs))
    return replace(watched, parts=tuple(parts))


def judged(watched: WatchedTake, model: Watcher, settings: RecognitionSettings) -> Judged:
    """What settings make of the smoothed answers on a take, and what of it is right."""
    decider = model.decider(settings)
    judge = model.judge(watched.segments)
    ended: list[LiveEvent] = []
    for part in watched.parts:
        for answer in part:
            now, events = decider.push(answer)
            _, events = judge.push(answer, now, events)
            ended += (event for event in events if event.offset_us is not None)
        _, events = judge.push(part[-1], Now("gathering"), decider.end())
        ended += (event for event in events if event.offset_us is not None)
    return Judged(tuple(ended), judge.found)
