"""`modalities.person.PersonFinder` in ONNX: the person in one thinned-out frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fsamt_engine.export.graph.masks import blurred, opened, parts, picked, ranked
from fsamt_engine.export.graph.writing import Value
from fsamt_engine.modalities import person as rules

_N_LARGEST = 4
"""Parts that are weighed against each other, as in `PersonFinder`."""


@dataclass(frozen=True)
class Lens:
    """One camera, thinned out for finding; `Value`s are scalars unless said.

    Attributes:
        focal_x, focal_y, middle_x, middle_y: float64, in pixels of the whole frame.
        unit_m: float32.
        every, first: int64; each `every`-th pixel is looked at, from `first` on.
        x_slope: (1, w) float32.
        y_slope: (h, 1) float32.
        pixel_x, pixel_y: Side of a looked-at pixel at 1 m, float64.
    """

    focal_x: Value
    focal_y: Value
    middle_x: Value
    middle_y: Value
    unit_m: Value
    every: Value
    first: Value
    x_slope: Value
    y_slope: Value
    pixel_x: Value
    pixel_y: Value

    @property
    def pixel_area(self) -> Value:
        """Of a looked-at pixel at 1 m, float64."""
        return self.pixel_x * self.pixel_y


def look_every(focal_x: Value) -> Value:
    """How far apart the looked-at pixels are, int64, for focal lengths float64."""
    writer = focal_x.writer
    thinned = writer.op("Round", focal_x / rules.WORKING_FOCAL_PX).cast(np.int64)
    return writer.op("Max", thinned, writer.constant(1, np.int64))


def make_lens(camera: Value, unit_m: Value, height: Value, width: Value) -> Lens:
    """One camera's lens.

    Args:
        camera: (4,) float64: fx, fy, cx, cy.
        unit_m: Scalar float32.
        height: Of a frame, int64.
        width: Of a frame, int64.
    """
    writer = camera.writer
    focal_x, focal_y, middle_x, middle_y = (camera.at(place) for place in range(4))
    every = look_every(focal_x)
    first = every // 2
    columns = writer.arange(first, width, every).cast(np.float32).shaped(1, -1)
    rows = writer.arange(first, height, every).cast(np.float32).shaped(-1, 1)
    return Lens(
        focal_x,
        focal_y,
        middle_x,
        middle_y,
        unit_m,
        every,
        first,
        (columns - middle_x.cast(np.float32)) / focal_x.cast(np.float32),
        (rows - middle_y.cast(np.float32)) / focal_y.cast(np.float32),
        every.cast(np.float64) / focal_x,
        every.cast(np.float64) / focal_y,
    )


@dataclass(frozen=True)
class _Scene:
    """One frame in metres, and where each of its pixels is."""

    lens: Lens
    depth: Value
    x: Value
    y: Value

    def middle(self, mask: Value) -> Value:
        """The medians over a mask that is not empty: (3,) float32, metres."""
        writer = mask.writer
        inside = (picked(values, mask) for values in (self.x, self.y, self.depth))
        return writer.stack(*(ranked(values, 0.5) for values in inside))

    def around(self, mask: Value) -> Value:
        """Pixels within the reach of a body from the middle of `mask`."""
        middle = self.middle(mask)
        near = mask.writer.op("Abs", self.depth - middle.at(2)) < rules.REACH_M[2]
        for values, axis in ((self.x, 0), (self.y, 1)):
            near &= mask.writer.op("Abs", values - middle.at(axis)) < rules.REACH_M[axis]
        return near

    def area_m2(self, mask: Value) -> Value:
        """Of the surface under a mask, float64."""
        inside = picked(self.depth, mask)
        return (inside * inside).reduced("ReduceSum").cast(np.float64) * self.lens.pixel_area


def find_person(lens: Lens, readings: Value, far: Value, last: Value, has_last: Value) -> Value:
    """The person in one frame, as `PersonFinder` finds it.

    Args:
        lens: Of the camera.
        readings: (h, w) float32, sensor units, 0 = no reading.
        far: (h, w) float32, the background in sensor units, 0 = none.
        last: (3,) float32, where the person was last, metres.
        has_last: Whether somebody was found before, bool.

    Returns:
        (4,) float32: 1 where somebody was found (otherwise 0), then x, y and z in metres.
    """
    writer = readings.writer
    depth = readings * lens.unit_m
    scene = _Scene(lens, depth, lens.x_slope * depth, lens.y_slope * depth)
    far_m = far * lens.unit_m
    valid = readings > 0.0
    nearer = far_m - depth > rules.NEARER_M + rules.NEARER_PER_M2 * depth * depth
    moving = valid & (nearer | far_m.equals(0.0))
    known = (far > 0.0).cast(np.float32).reduced("ReduceMean").cast(np.float64)
    is_removed = ~has_last & (known < rules.REMOVED_BACKGROUND)

    def search(
        index: Value, moving: Value, _seed: Value, _found: Value
    ) -> tuple[Value, Sequence[Value], Sequence[Value]]:
        found, seed = _largest(scene, moving, last, has_last)
        go_on = ~found & is_removed & index.equals(0)
        (looked_at,) = writer.choose(go_on, lambda: (valid,), lambda: (moving,))
        return go_on, (looked_at, seed, found), ()

    nothing = writer.constant(False)
    moving, seed, found = writer.loop((moving, valid, nothing), search, times=writer.constant(2))
    nobody = writer.constant([0, 0, 0, 0], np.float32)
    (answer,) = writer.choose(
        found, lambda: (_body(scene, seed, moving, valid, nobody),), lambda: (nobody,)
    )
    return answer


def _largest(scene: _Scene, moving: Value, last: Value, has_last: Value) -> tuple[Value, Value]:
    """Whether a part is large enough, and the largest; one near the last person counts double."""
    writer = moving.writer
    mask = opened(moving)

    def weigh() -> tuple[Value, Value]:
        labels = parts(mask, corners=True)
        inside = picked(labels, mask)
        depth = picked(scene.depth, mask)
        numbers = inside.cast(np.int64)
        none = writer.full(writer.vector(numbers.reduced("ReduceMax") + 1), 0, np.float64)
        weights = (depth * depth).cast(np.float64)
        sums = writer.op("ScatterElements", none, numbers, weights, axis=0, reduction="add")
        n_shown = writer.op("Min", writer.op("Size", none, dtype=np.int64), _N_LARGEST)
        areas, places = writer.ops(
            "TopK", (sums * scene.lens.pixel_area, writer.vector(n_shown)), (None, np.int64)
        )
        best = _best(scene, labels, areas, places, last, has_last)
        return best > 0, labels.equals(best.cast(np.float32))

    found, seed = writer.choose(mask.any(), weigh, lambda: (writer.constant(False), moving))
    return found, seed


def _best(
    scene: _Scene, labels: Value, areas: Value, places: Value, last: Value, has_last: Value
) -> Value:
    """The label of the part with the best score, 0 where all are too small."""
    writer = labels.writer
    n_parts = areas.size(0)
    most = writer.where(has_last, 2.0, writer.constant(1.0))

    def weigh(
        index: Value, best: Value, best_score: Value
    ) -> tuple[Value, Sequence[Value], Sequence[Value]]:
        area, label = areas.at(index), places.at(index)

        def doubled() -> tuple[Value]:
            middle = scene.middle(labels.equals(label.cast(np.float32)))
            is_near = (writer.op("Abs", middle - last) < np.array(rules.REACH_M, np.float32)).all()
            return (writer.where(is_near, 2.0, writer.constant(1.0)),)

        (factor,) = writer.choose(
            has_last & (area >= rules.MIN_SEED_M2), doubled, lambda: (writer.constant(1.0),)
        )
        score = area * factor
        is_better = (score > best_score) & (area >= rules.MIN_SEED_M2)
        best = writer.where(is_better, label, best)
        best_score = writer.where(is_better, score, best_score)
        following = writer.op("Min", index + 1, n_parts - 1)
        # Parts come by size: the next one can win only if twice its area would.
        can_win = areas.at(following) * most > best_score
        return can_win & (area >= rules.MIN_SEED_M2), (best, best_score), ()

    best, _ = writer.loop((writer.constant(0), writer.constant(0.0)), weigh, times=n_parts)
    return best


def _body(scene: _Scene, seed: Value, moving: Value, valid: Value, nobody: Value) -> Value:
    """From the part that moves to the whole body: (4,) float32 as `find_person` gives it."""
    writer = seed.writer
    reach = scene.around(seed)
    moved = reach & moving
    large = scene.area_m2(moved) >= rules.WHOLE_PERSON_M2

    def is_high() -> tuple[Value]:
        y = picked(scene.y, moved)
        height = ranked(y, 0.98).cast(np.float64) - ranked(y, 0.02).cast(np.float64)
        return (height >= rules.WHOLE_PERSON_HEIGHT_M,)

    (whole,) = writer.choose(large, is_high, lambda: (writer.constant(False),))
    (body,) = writer.choose(
        whole, lambda: (moved,), lambda: (_grown(scene, seed, reach, moving, valid),)
    )

    def person() -> tuple[Value]:
        return (writer.op("Concat", np.ones(1, np.float32), scene.middle(body), axis=0),)

    (answer,) = writer.choose(scene.area_m2(body) < rules.MIN_PERSON_M2, lambda: (nobody,), person)
    return answer


def _grown(scene: _Scene, seed: Value, reach: Value, moving: Value, valid: Value) -> Value:
    """The seed and what it is connected with: no jump in depth, no floor, within reach."""
    writer = seed.writer
    depth = scene.depth
    share = blurred(valid.cast(np.float32))
    smooth = blurred(depth) / writer.op("Max", share, np.float32(1e-6))
    limit = rules.NEARER_M + rules.NEARER_PER_M2 * smooth * smooth
    front = depth - smooth < limit / 2.0
    n_rows = depth.size(0)
    fall = smooth.sliced((0, 0, n_rows - 4, 1)) - smooth.sliced((0, 4, n_rows, 1))
    per_row = 4.0 * scene.lens.pixel_y
    run = per_row.cast(np.float32) * depth.sliced((0, 2, n_rows - 2, 1))
    slope = writer.op(
        "Pad",
        fall / writer.op("Max", run, np.float32(0.01)),
        writer.vector(2, 0, 2, 0),
    )
    body = valid & reach & (moving | (front & (slope < rules.FLOOR_SLOPE)))
    shared = seed & body

    def grow() -> tuple[Value]:
        labels = parts(body, corners=False)
        numbers = picked(labels, shared).cast(np.int64)
        none = writer.full(writer.vector(numbers.reduced("ReduceMax") + 1), 0, np.float32)
        one_each = (numbers >= 0).cast(np.float32)
        counts = writer.op("ScatterElements", none, numbers, one_each, axis=0, reduction="add")
        most = writer.op("ArgMax", counts, dtype=np.int64, axis=0, keepdims=0, select_last_index=1)
        return (labels.equals(most.cast(np.float32)),)

    (grown,) = writer.choose(shared.any(), grow, lambda: (seed,))
    return grown


def thinned(frames: Value, lens: Lens) -> Value:
    """Every so-and-so-many-th pixel of frames (N, H, W)."""
    height, width = frames.size(1), frames.size(2)
    return frames.sliced((1, lens.first, height, lens.every), (2, lens.first, width, lens.every))
