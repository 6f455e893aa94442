"""Windows that R-C3D is trained on: around the drawn segments, at ever other places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.r_c3d_assignment import NEITHER
from fsamt_engine.evaluation.detection_labels import background_of, ignored_of, truth_of
from fsamt_engine.learning.clips import Window
from fsamt_engine.library import Library, Snapshot
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.clips import ClipShape

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

_BACKGROUND_SHARE = 0.25
_EDGE_STEPS = 2
"""Steps that are left between a segment and its window's edge, where there is room."""


@dataclass(frozen=True)
class LabelledTake:
    """What is known of a take; all intervals in main frames, end not included.

    Attributes:
        truth: Start, end and number of the action of each drawn segment.
        background: Stretches that certainly show no action.
        ignored: Stretches of which nothing is known.
    """

    take_id: str
    n_frames: int
    truth: tuple[tuple[int, int, int], ...]
    background: tuple[tuple[int, int], ...]
    ignored: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Taught:
    """What windows have to teach; missing ones are NaN, of actions -1.

    Attributes:
        windows: B of them.
        truth: (B, G, 2) float32 steps.
        actions: (B, G) int64.
        ignored: (B, I, 2) float32 steps.
    """

    windows: list[Window]
    truth: FloatArray
    actions: IntArray
    ignored: FloatArray


def labelled_takes(library: Library, snapshot: Snapshot) -> list[LabelledTake]:
    """The takes of a detector's training, in the order of their source keys."""
    number = {action: index for index, action in enumerate(snapshot.actions)}
    records = [take(library, take_id) for take_id in {item.take_id for item in snapshot.train}]
    taught = []
    for record in sorted(records, key=lambda one: (one.source_key, one.id)):
        n_frames = record.main.n_frames
        truth = [
            (item.start, item.end, number[str(item.action)])
            for item in truth_of(snapshot, record.id)
        ]
        background = background_of(snapshot, record.id)
        ignored = ignored_of(snapshot, record.id, n_frames)
        taught.append(
            LabelledTake(record.id, n_frames, tuple(truth), tuple(background), tuple(ignored))
        )
    return taught


class TrainingWindows:
    """Draws a window around each segment, and now and then one where nothing is done.

    Most background lies beside the segments and is seen with them; stretches that are longer than a
    window are visited by themselves.
    """

    def __init__(self, takes: Sequence[LabelledTake], shape: ClipShape) -> None:
        self._step = shape.step
        self._length = shape.n_frames * shape.step
        self.segments = [(one, start, end) for one in takes for start, end, _ in one.truth]
        self._empty = [
            (one, start, end)
            for one in takes
            for start, end in one.background
            if end - start >= self._length
        ]
        lengths = np.array([end - start for _, start, end in self._empty], np.float64)
        self._chances = lengths / max(1.0, lengths.sum())
        self._most_truth = max(1, *(len(one.truth) for one in takes))
        self._most_ignored = 1 + max(len(one.ignored) for one in takes)

    def drawn(self, segments: Sequence[int], rng: np.random.Generator) -> Taught:
        """Windows around these segments, by their places in `segments`."""
        n = len(segments)
        truth = np.full((n, self._most_truth, 2), np.nan, np.float32)
        actions = np.full((n, self._most_truth), NEITHER, np.int64)
        ignored = np.full((n, self._most_ignored, 2), np.nan, np.float32)
        windows = []
        for row, place in enumerate(segments):
            one, start = self._place(place, rng)
            windows.append(Window(one.take_id, start, one.n_frames))
            ends = start, start + self._length
            seen = [part for part in one.truth if part[0] < ends[1] and part[1] > ends[0]]
            lost = [part for part in one.ignored if part[0] < ends[1] and part[1] > ends[0]]
            if one.n_frames < ends[1]:
                lost.append((one.n_frames, ends[1]))
            for column, (first, last, action) in enumerate(seen):
                truth[row, column] = (first - start) / self._step, (last - start) / self._step
                actions[row, column] = action
            for column, (first, last) in enumerate(lost):
                ignored[row, column] = (first - start) / self._step, (last - start) / self._step
        return Taught(windows, truth, actions, ignored)

    def _place(self, segment: int, rng: np.random.Generator) -> tuple[LabelledTake, int]:
        """A take and the first main frame of a window in it."""
        one, start, end = self.segments[segment]
        edge = _EDGE_STEPS * self._step
        if self._empty and rng.random() < _BACKGROUND_SHARE:
            one, start, end = self._empty[int(rng.choice(len(self._empty), p=self._chances))]
            low, high = start, end - self._length
        else:
            low, high = sorted((end + edge - self._length, start - edge))
        first = int(rng.integers(low, high + 1))
        return one, max(0, min(first, one.n_frames - self._length))
