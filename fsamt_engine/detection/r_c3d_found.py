"""What R-C3D finds in a take, window by window."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.windows import SearchWindow, whole_ones, windows_over
from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.inference import clips_at_once
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop, Stopwatch

if TYPE_CHECKING:
    from fsamt_engine.detection.detector import TakeSpan
    from fsamt_engine.detection.r_c3d_detector import RC3D

_LEAST_SCORE = 1e-3
"""Of a candidate; of a window's proposals and actions most are below."""


def in_take(spans: Tensor, scores: Tensor, start: int, step: int) -> Candidates:
    """A window's spans (P, A, 2) in steps and scores (P, A) as candidates in main frames.

    Args:
        start: Main frame of the window's first step.
        step: Main frames of a step.
    """
    places, actions = (scores >= _LEAST_SCORE).nonzero(as_tuple=True)
    return Candidates(
        spans[places, actions].double().cpu().numpy() * step + start,
        scores[places, actions].double().cpu().numpy(),
        actions.cpu().numpy(),
    )


def candidates_of(
    detector: "RC3D",
    reader: ClipReader,
    take: "TakeSpan",
    device: Device,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> Iterator[Candidates]:
    """See `Detector.search`."""
    shape, margin = detector.shape, detector.network.stride * detector.shape.step
    length = shape.n_frames * shape.step
    overlap = round(detector.longest) + 2 * margin
    windows = windows_over(take.n_frames, length, overlap)
    at_once = clips_at_once(reader.modality, shape)
    stopwatch = Stopwatch(len(windows))
    for at in range(0, len(windows), at_once):
        asked = should_stop() if should_stop else None
        if asked:
            raise Cancelled(resumable=asked is not Stop.CANCEL)
        part = windows[at : at + at_once]
        for window, (spans, scores) in zip(
            part, _looked(detector, reader, take, part, device), strict=True
        ):
            found = in_take(spans, scores, window.start, shape.step)
            yield whole_ones(found, window, margin)
        if on_progress:
            done = at + len(part)
            left = stopwatch.seconds_left(done)
            on_progress(Progress("Searching", done, len(windows), seconds_left=left))


def _looked(
    detector: "RC3D",
    reader: ClipReader,
    take: "TakeSpan",
    windows: Sequence[SearchWindow],
    device: Device,
) -> list[tuple[Tensor, Tensor]]:
    places = [Window(take.take_id, window.start, take.n_frames) for window in windows]
    clips = reader.tensor(places).to(device.torch_device)
    with torch.no_grad(), device.autocast():
        found: list[tuple[Tensor, Tensor]] = detector(clips)
    return found
