"""What do methods that need no pairs and no network make of the same few labels?

    python benchmarks/peers.py --library DIR --target-actions 1,3,5 --train-participants 1,3
        --test-participants 7 [--labels-per-action 2,5] [--seeds 5] [--json OUT]

The same labels and the same test as `fsamt experiment` with these options, for

    motion maps   depth motion maps of three views and a collaborative representation classifier,
                  the depth baseline that UTD-MHAD was published with (Chen, Liu and Kehtarnavaz,
                  Journal of Real-Time Image Processing 2013; Chen, Jafari and Kehtarnavaz, ICIP
                  2015)
    skeletons     the nearest labelled example by dynamic time warping of joints relative to the
                  hip, in units of the body's own size; only where takes have a skeleton

Motion maps want the background removed, as UTD-MHAD's depth has it. Nothing is written to the
library.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent.parent))

from fsamt_engine.evaluation import few_labels, summarise
from fsamt_engine.experiments.names import resolve_actions, resolve_participants
from fsamt_engine.library import Library, Snapshot, SnapshotItem, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take
from fsamt_engine.media import DepthReader, read_skeleton

Vector = npt.NDArray[np.float64]
Classify = Callable[[Sequence[SnapshotItem], Sequence[SnapshotItem]], list[str | None]]

VIEWS = {"front": (54, 102), "side": (75, 102), "top": (54, 75)}
"""Width and height, in pixels, that motion maps are brought to."""
DEPTH_STEPS, FARTHEST_M = 256, 4.0
"""The axis of distance in the side and top views."""
TIKHONOV, VARIANCE_KEPT = 0.001, 0.99
HIP, SHOULDERS = 3, 2
"""Of Kinect v1's 20 joints: hip centre, shoulder centre."""


class MotionMaps:
    """Depth motion maps, and the class whose examples rebuild a new one best."""

    name = "motion maps (depth)"

    def __init__(self, library: Library) -> None:
        self._library = library
        self._features: dict[SnapshotItem, Vector] = {}

    def __call__(
        self, labelled: Sequence[SnapshotItem], asked: Sequence[SnapshotItem]
    ) -> list[str | None]:
        """The action of each item that is asked for."""
        examples = np.stack([self._feature(item) for item in labelled])
        mean = examples.mean(axis=0)
        _, sizes, axes = np.linalg.svd(examples - mean, full_matrices=False)
        kept = np.searchsorted(np.cumsum(sizes**2) / (sizes**2).sum(), VARIANCE_KEPT) + 1
        axes = axes[:kept]
        known = _unit((examples - mean) @ axes.T)
        actions = [item.action for item in labelled]
        return [
            _rebuilt_best(known, actions, _unit((self._feature(item) - mean) @ axes.T))
            for item in asked
        ]

    def _feature(self, item: SnapshotItem) -> Vector:
        if item not in self._features:
            record = take(self._library, item.take_id)
            stream = record.stream(StreamKind.DEPTH)
            assert stream is not None
            with DepthReader(self._library.absolute(stream.path), stream.n_frames) as reader:
                frames = reader.read(item.start, item.end)
            self._features[item] = _motion_maps(frames, stream.unit_m or 0.001)
        return self._features[item]


class Skeletons:
    """The nearest labelled sequence of joints."""

    name = "nearest skeleton (DTW)"

    def __init__(self, library: Library) -> None:
        self._library = library
        self._joints: dict[SnapshotItem, Vector] = {}
        self._distances: dict[tuple[SnapshotItem, SnapshotItem], float] = {}

    def __call__(
        self, labelled: Sequence[SnapshotItem], asked: Sequence[SnapshotItem]
    ) -> list[str | None]:
        """The action of each item that is asked for."""
        return [min(labelled, key=lambda one: self._distance(one, item)).action for item in asked]

    def _distance(self, one: SnapshotItem, other: SnapshotItem) -> float:
        if (one, other) not in self._distances:
            self._distances[one, other] = _warped(self._sequence(one), self._sequence(other))
        return self._distances[one, other]

    def _sequence(self, item: SnapshotItem) -> Vector:
        if item not in self._joints:
            stream = take(self._library, item.take_id).stream(StreamKind.SKELETON)
            assert stream is not None
            joints = read_skeleton(self._library.absolute(stream.path))[item.start : item.end, 0]
            body = joints.astype(np.float64)
            size = np.nanmedian(np.linalg.norm(body[:, SHOULDERS] - body[:, HIP], axis=1))
            relative = np.nan_to_num((body - body[:, HIP : HIP + 1]) / size)
            self._joints[item] = relative.reshape(len(body), -1)
        return self._joints[item]


def _motion_maps(frames: npt.NDArray[np.uint16], unit_m: float) -> Vector:
    """The summed change of the front, side and top view, (sum of the views' pixels,)."""
    sums: dict[str, npt.NDArray[np.float32]] = {}
    before: dict[str, npt.NDArray[np.float32]] = {}
    for frame in frames:
        now = _views(frame * np.float32(unit_m))
        for view, seen in now.items():
            change = np.abs(seen - before.get(view, seen))
            sums[view] = sums.get(view, np.zeros_like(seen)) + change
        before = now
    parts = [
        cv2.resize(_within(sums[view]), size, interpolation=cv2.INTER_AREA).ravel()
        for view, size in VIEWS.items()
    ]
    return _unit(np.concatenate(parts).astype(np.float64))


def _views(metres: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[np.float32]]:
    height, width = metres.shape
    rows, columns = np.nonzero(metres)
    steps = np.minimum(metres[rows, columns] / FARTHEST_M, 1) * (DEPTH_STEPS - 1)
    steps = steps.astype(np.intp)
    side = np.zeros((height, DEPTH_STEPS), np.float32)
    top = np.zeros((DEPTH_STEPS, width), np.float32)
    side[rows, steps] = columns
    top[steps, columns] = rows
    return {"front": metres, "side": side / width, "top": top / height}


def _within(view: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The part in which something moved."""
    rows, columns = np.nonzero(view)
    if not len(rows):
        return view
    return view[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _unit(vectors: Vector) -> Vector:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: Vector = vectors / np.maximum(norms, 1e-12)
    return unit


def _rebuilt_best(known: Vector, actions: Sequence[str | None], asked: Vector) -> str | None:
    """l2-regularised collaborative representation: examples that are far off count less."""
    weights = ((known - asked) ** 2).sum(axis=1)
    coded = np.linalg.solve(known @ known.T + TIKHONOV * np.diag(weights), known @ asked)
    errors = {
        action: np.linalg.norm(
            asked - sum(c * k for c, k, a in zip(coded, known, actions, strict=True) if a == action)
        )
        for action in dict.fromkeys(actions)
    }
    return min(errors, key=lambda action: errors[action])


def _warped(one: Vector, other: Vector) -> float:
    """Dynamic time warping, as a mean over the path's longest possible length."""
    costs = np.linalg.norm(one[:, None] - other[None], axis=2)
    best = np.full((len(one) + 1, len(other) + 1), np.inf)
    best[0, 0] = 0
    # Along a diagonal no cell depends on another one.
    for diagonal in range(2, len(one) + len(other) + 1):
        i = np.arange(max(1, diagonal - len(other)), min(len(one), diagonal - 1) + 1)
        j = diagonal - i
        before = np.minimum(np.minimum(best[i - 1, j], best[i, j - 1]), best[i - 1, j - 1])
        best[i, j] = costs[i - 1, j - 1] + before
    return float(best[-1, -1]) / (len(one) + len(other))


def accuracy(classify: Classify, snapshot: Snapshot) -> float:
    """In %."""
    answers = classify(snapshot.train, snapshot.test)
    right = [answer == item.action for answer, item in zip(answers, snapshot.test, strict=True)]
    return 100 * float(np.mean(right))


def main() -> None:
    """Fill in a line for each method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True)
    for name in ("target-actions", "train-participants", "test-participants"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--labels-per-action", default="2,5")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with Library.open(given.library) as library:
        actions = resolve_actions(library, given.target_actions.split(","))
        train = resolve_participants(library, given.train_participants.split(","))
        test = resolve_participants(library, given.test_participants.split(","))
        labelled = segments(library)
        rows = []
        for method in (MotionMaps(library), Skeletons(library)):
            for n_labels in map(int, given.labels_per_action.split(",")):
                values = [
                    accuracy(method, few_labels(labelled, actions, n_labels, seed, train, test))
                    for seed in range(given.seeds)
                ]
                told = summarise(values)
                print(f"{method.name}, {n_labels} labels an action: {told} ({values})", flush=True)
                rows.append({"method": method.name, "labels": n_labels, "accuracies": values})
    if given.json:
        given.json.write_text(json.dumps({"seeds": given.seeds, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
