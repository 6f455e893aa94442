"""What `DepthPreparer` makes of one frame once it knows where to look, in ONNX."""

from dataclasses import dataclass

import numpy as np

from fsamt_engine.export.graph.person import Lens
from fsamt_engine.export.graph.writing import Value
from fsamt_engine.modalities import depth as following
from fsamt_engine.modalities.boxes import MIN_VALID_SHARE
from fsamt_engine.modalities.preparation import Crop, CropMode

_LEAST_OVERLAP = 1e-3
"""`cv2.INTER_AREA` leaves out what covers less of a pixel."""

Size = tuple[Value, Value]
"""Height and width of a frame, scalars int64."""


@dataclass(frozen=True)
class Side:
    """A square along one axis of a frame; scalars float64, in pixels.

    Attributes:
        start, end: Of the square, which may reach beyond the frame.
        low, high: Of what is seen: nothing outside counts.
    """

    start: Value
    end: Value
    low: Value
    high: Value


def person_sides(centre: Value, lens: Lens, size: Size, side_m: float) -> tuple[Side, Side]:
    """The square around a person, down and across.

    Args:
        centre: (3,) float64: x, y, z in metres.
        lens: Of the camera.
        size: Of the frame.
        side_m: Of the square.
    """
    zero = centre.writer.constant(0.0)
    x, y, z = (centre.at(place) for place in range(3))

    def side(focal: Value, middle: Value, place: Value, length: Value) -> Side:
        at, half = focal * place / z + middle, focal * side_m / z / 2.0
        return Side(at - half, at + half, zero, length.cast(np.float64))

    return (
        side(lens.focal_y, lens.middle_y, y - following.RAISED_M, size[0]),
        side(lens.focal_x, lens.middle_x, x, size[1]),
    )


def still_sides(crop: Crop, size: Size) -> tuple[Side, Side]:
    """The whole frame, its middle, or the preparation's region, letterboxed; down and across."""
    x0, y0, x1, y1 = (0.0, 0.0, 1.0, 1.0)
    if crop.mode is CropMode.REGION and crop.region is not None:
        x0, y0, x1, y1 = crop.region
    height, width = (length.cast(np.float64) for length in size)
    seen = ((height * y0, height * y1), (width * x0, width * x1))
    if crop.mode is CropMode.CENTRE:
        reach = height.writer.op("Min", height, width) * (crop.centre_share / 2)
        down, across = height / 2.0, width / 2.0
        seen = ((down - reach, down + reach), (across - reach, across + reach))
    half = height.writer.op("Max", *(high - low for low, high in seen)) / 2.0

    def side(low: Value, high: Value) -> Side:
        middle = (low + high) / 2.0
        return Side(middle - half, middle + half, low, high)

    return side(*seen[0]), side(*seen[1])


def either(condition: Value, yes: Side, no: Side) -> Side:
    """One or the other."""
    where = condition.writer.where
    return Side(
        where(condition, yes.start, no.start),
        where(condition, yes.end, no.end),
        where(condition, yes.low, no.low),
        where(condition, yes.high, no.high),
    )


def pictured(
    frame: Value,
    sides: tuple[Side, Side],
    unit_m: Value,
    far_m: Value,
    range_m: Value,
    size: int,
) -> Value:
    """A frame as the network sees it: `DepthPreparer._encode` with `shrink_valid`.

    Args:
        frame: (H, W) uint16, sensor units, 0 = no reading.
        sides: Down, then across.
        unit_m: Metres a step, scalar float32.
        far_m: What becomes 0, scalar float32.
        range_m: What 0 to 1 span, scalar float32.
        size: Of the result.

    Returns:
        (size, size) float16 in 0..1.
    """
    writer = frame.writer
    down, across = (_Cut.of(side, frame.size(axis), size) for axis, side in enumerate(sides))
    shrinks = (down.scale >= 1.0) & (across.scale >= 1.0)
    weights_down, weights_across = writer.choose(
        shrinks,
        lambda: (down.area_weights(), across.area_weights()),
        lambda: (down.linear_weights(), across.linear_weights()),
    )
    turned = writer.op("Transpose", weights_across)
    pixels = frame.sliced((0, down.first, down.last, 1), (1, across.first, across.last, 1))
    pixels = pixels.cast(np.float32)
    valid = (pixels > 0.0).cast(np.float32)
    values = (far_m - pixels * unit_m) / range_m
    values = writer.op("Clip", values, np.float32(0), np.float32(1))

    def summed(layer: Value) -> Value:
        return writer.op("MatMul", weights_down, writer.op("MatMul", layer, turned))

    total, covered = summed(values * valid), summed(valid)
    area = writer.where(shrinks, down.scale * across.scale, 1.0)
    is_seen = covered * (1.0 / area).cast(np.float32) >= MIN_VALID_SHARE
    mean = total / writer.op("Max", covered, np.float32(1e-6))
    return (mean * is_seen.cast(np.float32)).cast(np.float16)


@dataclass(frozen=True)
class _Cut:
    """A square in whole pixels along one axis, and the pixels of the frame that it shows.

    Attributes:
        n_pixels: Side of the square, float64.
        scale: Its pixels for one of the result, float64.
        first, last: Pixels of the frame that are looked at, at least one; int64.
        places: Where they are in the square, (1, n) float64.
        shown: (1, n) float32, 0 for those that are beyond the limits.
        results: Numbers of the pixels of the result, (size, 1) float64.
    """

    n_pixels: Value
    inverse: Value
    scale: Value
    first: Value
    last: Value
    places: Value
    shown: Value
    results: Value

    @classmethod
    def of(cls, side: Side, length: Value, size: int) -> "_Cut":
        writer = length.writer

        def most(a: Value, b: Value | float) -> Value:
            return writer.op("Max", a, writer.like(b, a))

        def least(a: Value, b: Value) -> Value:
            return writer.op("Min", a, b)

        def rounded(a: Value) -> Value:
            return writer.op("Round", a)

        start = rounded(side.start)
        end = most(rounded(side.end), start + 1.0)
        low = most(start, side.low)
        high = most(low, least(end, side.high))
        low = most(low, 0.0)
        high = most(low, least(high, length.cast(np.float64)))
        low, high = rounded(low), rounded(high)
        first = writer.op("Clip", low.cast(np.int64), writer.constant(0), length - 1)
        last = least(writer.op("Max", high.cast(np.int64), first + 1), length)
        pixels = writer.arange(first, last, 1).cast(np.float64).shaped(1, -1)
        inverse = size / (end - start)
        return cls(
            end - start,
            inverse,
            1.0 / inverse,
            first,
            last,
            pixels - start,
            ((pixels >= low) & (pixels < high)).cast(np.float32),
            writer.constant(np.arange(size, dtype=np.float64)[:, None]),
        )

    def area_weights(self) -> Value:
        """How much of each pixel lies under one of the result, (size, n): `cv2.INTER_AREA`."""
        writer = self.scale.writer
        begin = self.results * self.scale
        overlap = writer.op("Min", begin + self.scale, self.places + 1.0) - writer.op(
            "Max", begin, self.places
        )
        enough = (overlap > _LEAST_OVERLAP).cast(np.float32)
        return overlap.cast(np.float32) * enough * self.shown

    def linear_weights(self) -> Value:
        """What `cv2.INTER_AREA` does where a picture grows: between the nearest two, (size, n)."""
        writer = self.scale.writer
        source = writer.op("Floor", self.results * self.scale)
        way = (self.results + 1.0) - (source + 1.0) * self.inverse
        way = (way.cast(np.float32) > 0.0).cast(np.float32) * way.cast(np.float32)
        way = way - writer.op("Floor", way)
        at_end = source >= self.n_pixels - 1.0
        way = way * (~at_end).cast(np.float32)
        source = writer.where(at_end, self.n_pixels - 1.0, source)
        nearest = self.places.equals(source).cast(np.float32) * (1.0 - way)
        next_one = self.places.equals(source + 1.0).cast(np.float32) * way
        return (nearest + next_one) * self.shown
