"""`DepthPreparer` in ONNX: what one camera's frames make of what is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fsamt_engine.export.graph import background
from fsamt_engine.export.graph.person import Lens, find_person
from fsamt_engine.export.graph.picture import Size, either, person_sides, pictured, still_sides
from fsamt_engine.export.graph.writing import Value
from fsamt_engine.modalities import depth as rules
from fsamt_engine.modalities.background import N_SAMPLES
from fsamt_engine.modalities.preparation import CropMode, DepthPreparation

N_NUMBERS = 12
"""Of `Known.numbers`."""

_FIRST_FOUND = 5
"""People of the warm-up that the square is placed by, as in `DepthPreparer.warm_up`."""


@dataclass(frozen=True)
class Known:
    """What is known of one camera after some frames.

    Attributes:
        n_seen: How many frames the clip rests on, repeated ones too; scalar int64, as n_pushed and
            n_taken.
        n_pushed: How many frames were pushed since the background was begun.
        n_taken: How many samples of the background were taken.
        last: (4,) float32: 1 where a person was found, then where they were, metres.
        centre: (3,) float64, the middle of the square, metres.
        has_centre: Scalar bool, as is_following.
        is_following: Whether the square is on its way to the person.
    """

    n_seen: Value
    n_pushed: Value
    n_taken: Value
    last: Value
    centre: Value
    has_centre: Value
    is_following: Value

    @classmethod
    def of(cls, numbers: Value) -> "Known":
        """From the vector that `numbers` gives."""
        n_seen, n_pushed, n_taken = (numbers.at(place).cast(np.int64) for place in range(3))
        last, centre = numbers.sliced((0, 3, 7, 1)), numbers.sliced((0, 8, 11, 1))
        has_centre, is_following = (numbers.at(place) > 0.5 for place in (7, 11))
        return cls(
            n_seen, n_pushed, n_taken, last.cast(np.float32), centre, has_centre, is_following
        )

    def after(self, n_frames: Value) -> "Known":
        """With so many frames more."""
        return replace(self, n_seen=self.n_seen + n_frames)

    @property
    def numbers(self) -> Value:
        """All of it as one vector, (12,) float64; 0 throughout at the beginning."""
        writer = self.n_seen.writer
        counts = writer.stack(self.n_seen, self.n_pushed, self.n_taken)
        return writer.op(
            "Concat",
            counts.cast(np.float64),
            self.last.cast(np.float64),
            self.has_centre.cast(np.float64).shaped(1),
            self.centre,
            self.is_following.cast(np.float64).shaped(1),
            axis=0,
        )


@dataclass(frozen=True)
class Camera:
    """One camera's settings in the graph.

    Attributes:
        size: Of its frames.
        unit_m: Metres a step, scalar float32.
        lens: Only where a person is looked for.
    """

    size: Size
    unit_m: Value
    lens: Lens


def warmed_up(camera: Camera, frames: Value, known: Known) -> tuple[Value, Known]:
    """Background and knowledge before the first frame of a take: `DepthPreparer.warm_up`.

    Args:
        camera: That recorded it.
        frames: (N, h, w) uint16, all frames of the take, thinned.
        known: Of nothing yet.

    Returns:
        (25, h, w) uint16, and what is known.
    """
    writer = frames.writer
    n_frames = frames.size(0)
    n_used = writer.op("Min", n_frames, N_SAMPLES)
    last = (n_frames - 1).cast(np.float64)
    step = last / writer.op("Max", (n_used - 1).cast(np.float64), writer.constant(1.0))
    places = (writer.arange(0, n_used, 1).cast(np.float64) * step).cast(np.int64)
    # As in numpy.linspace, the last place is the end itself, whatever rounding makes of it.
    places = writer.where(writer.arange(0, n_used, 1).equals(n_used - 1), n_frames - 1, places)
    sample = writer.op("Gather", frames, places, axis=0)
    planes = background.warmed(sample)
    far = planes.at(0).cast(np.float32)
    nobody, nowhere = writer.constant(False), writer.constant([0, 0, 0], np.float32)

    def find(index: Value) -> tuple[None, Sequence[Value], Sequence[Value]]:
        readings = sample.at(index).cast(np.float32)
        return None, (), (find_person(camera.lens, readings, far, nowhere, nobody),)

    (people,) = writer.loop((), find, times=n_used)
    found = people.sliced((1, 0, 1, 1)).shaped(-1) > 0.5
    places_m = writer.op("Compress", people.sliced((1, 1, 4, 1)), found, axis=0)
    places_m = places_m.sliced((0, 0, _FIRST_FOUND, 1)).cast(np.float64)
    n_found = places_m.size(0)

    def middle() -> tuple[Value]:
        ordered, _ = writer.ops(
            "TopK", (places_m, writer.vector(n_found)), (None, np.int64), axis=0
        )
        return ((ordered.at((n_found - 1) // 2) + ordered.at(n_found // 2)) / 2.0,)

    has_centre = n_found > 0
    (centre,) = writer.choose(has_centre, middle, lambda: (known.centre,))
    return planes, replace(known, n_taken=n_used, centre=centre, has_centre=has_centre)


def looked(camera: Camera, small: Value, planes: Value, known: Known) -> tuple[Value, Known]:
    """Background and knowledge after one more frame: finding the person, and following them.

    Args:
        camera: That took it.
        small: (h, w) uint16, the thinned frame.
        planes: (25, h, w) uint16, the background before.
        known: Before.
    """
    writer = small.writer
    planes = background.pushed(planes, small, known.n_pushed, known.n_taken)
    is_taken = background.is_taken(known.n_pushed).cast(np.int64)
    found = find_person(
        camera.lens,
        small.cast(np.float32),
        planes.at(0).cast(np.float32),
        known.last.sliced((0, 1, 4, 1)),
        known.last.at(0) > 0.5,
    )
    last = writer.where(found.at(0) > 0.5, found, known.last)
    known = replace(known, n_pushed=known.n_pushed + 1, n_taken=known.n_taken + is_taken, last=last)
    centre, is_following = writer.choose(
        last.at(0) > 0.5, lambda: _followed(known), lambda: (known.centre, known.is_following)
    )
    has_centre = known.has_centre | (last.at(0) > 0.5)
    return planes, replace(known, centre=centre, is_following=is_following, has_centre=has_centre)


def _followed(known: Known) -> tuple[Value, Value]:
    """The square's middle after the person was at `known.last`, and whether it goes on."""
    writer = known.centre.writer
    target = known.last.sliced((0, 1, 4, 1)).cast(np.float64)
    centre = writer.where(known.has_centre, known.centre, target)
    offset = target - centre
    way = writer.op("Abs", offset)
    has_left = (way > rules.DEAD_ZONE_M).any()
    is_settled = (way < rules.SETTLED_M).all()
    goes_on = has_left | (known.is_following & ~is_settled)
    return centre + offset * (goes_on.cast(np.float64) * rules.FOLLOW), goes_on


def prepared(preparation: DepthPreparation, camera: Camera, frame: Value, known: Known) -> Value:
    """A frame (H, W) uint16 as the network sees it: (size, size) float16 in 0..1."""
    writer = frame.writer
    crop = preparation.crop
    sides = still_sides(crop, camera.size)
    far_m = writer.constant(preparation.far_m, np.float32)
    range_m = writer.constant(preparation.far_m - preparation.near_m, np.float32)
    if crop.mode is CropMode.PERSON:
        around = person_sides(known.centre, camera.lens, camera.size, crop.side_m)
        sides = (
            either(known.has_centre, around[0], sides[0]),
            either(known.has_centre, around[1], sides[1]),
        )
        if preparation.relative:
            behind = (known.centre.at(2) + preparation.range_m / 2).cast(np.float32)
            far_m = writer.where(known.has_centre, behind, far_m)
            range_m = writer.where(
                known.has_centre, writer.constant(preparation.range_m, np.float32), range_m
            )
    return pictured(frame, sides, camera.unit_m, far_m, range_m, preparation.size)
