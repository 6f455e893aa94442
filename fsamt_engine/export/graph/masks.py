"""What OpenCV does with masks, in ONNX: opening, blurring, connected parts; and medians."""

from collections.abc import Sequence

import numpy as np

from fsamt_engine.export.graph.writing import Value


def opened(mask: Value) -> Value:
    """A mask (h, w) bool, opened by 3x3: what is smaller than that is gone, as in `MORPH_OPEN`."""
    kept = _pooled((~mask).cast(np.float32), (3, 3)) < 0.5
    return _pooled(kept.cast(np.float32), (3, 3)) > 0.5


def blurred(values: Value) -> Value:
    """(h, w) float32, the mean of 5x5; mirrored at the edges, as in `cv2.blur`."""
    writer = values.writer
    padded = writer.op("Pad", values, writer.vector(2, 2, 2, 2), mode="reflect")
    as_picture = writer.op("Unsqueeze", padded, writer.vector(0, 1))
    mean = writer.op("AveragePool", as_picture, kernel_shape=[5, 5])
    return writer.op("Squeeze", mean, writer.vector(0, 1))


def parts(mask: Value, *, corners: bool) -> Value:
    """The connected parts of a mask (h, w) bool.

    The largest label in reach goes from pixel to pixel, to the pixel that gave a label (hooking)
    and along labels of labels (pointer jumping), until nothing changes; about as often as the
    logarithm of the longest way (Zhang, Azad and Hu, FastSV, SIAM PP 2020).

    Only the rectangle around the mask is looked at.

    Args:
        mask: Not empty.
        corners: Whether pixels that touch by a corner are neighbours.

    Returns:
        (h, w) float32: one number above 0 for all pixels of a part, larger for a part that begins
        further up; 0 outside of the mask.
    """
    writer = mask.writer
    inside = mask.cast(np.float32)
    rows, columns = (_extent(inside, axis) for axis in (0, 1))
    framed = inside.sliced((0, *rows, 1), (1, *columns, 1))
    labels = _labelled(framed, corners)
    height, width = inside.size(0), inside.size(1)
    around = writer.vector(rows[0], columns[0], height - rows[1], width - columns[1])
    return writer.op("Pad", labels, around)


def _labelled(inside: Value, corners: bool) -> Value:
    """`parts` of a mask (h, w) float32 that it fills."""
    writer = inside.writer
    shape = writer.op("Shape", inside, dtype=np.int64)
    n_pixels = writer.op("Size", inside, dtype=np.int64)
    numbers = n_pixels - writer.arange(0, n_pixels, 1)
    own = writer.op("Reshape", numbers.cast(np.float32), shape) * inside
    flat_inside = inside.shaped(-1)

    def places(labels: Value) -> Value:
        given = n_pixels - labels.cast(np.int64)
        return writer.op("Min", given, n_pixels - 1)

    def round_of(_: Value, labels: Value) -> tuple[Value, Sequence[Value], Sequence[Value]]:
        near = _neighbours(labels, corners) * inside
        flat, found = labels.shaped(-1), near.shaped(-1)
        hooked = writer.op("ScatterElements", found, places(flat), found, axis=0, reduction="max")
        hooked = hooked * flat_inside
        for _jump in range(2):
            hooked = writer.op("Gather", hooked, places(hooked), axis=0) * flat_inside
        better = writer.op("Reshape", hooked, shape)
        return ~better.equals(labels).all(), (better,), ()

    (labels,) = writer.loop((own,), round_of)
    return labels


def ranked(values: Value, share: float) -> Value:
    """The value (a scalar) that `share` of the values (n, at least one) stay below."""
    writer = values.writer
    n_values = writer.op("Size", values, dtype=np.int64)
    place = ((n_values - 1).cast(np.float64) * share).cast(np.int64)
    smallest, _ = writer.ops(
        "TopK",
        (values, writer.vector(place + 1)),
        (None, np.int64),
        largest=0,
        sorted=0,
    )
    return smallest.reduced("ReduceMax")


def picked(values: Value, mask: Value) -> Value:
    """The values where a mask of their shape is true, as a vector."""
    return values.writer.op("Compress", values.shaped(-1), mask.shaped(-1), axis=0)


def _extent(inside: Value, axis: int) -> tuple[Value, Value]:
    """From where to where (not included) a mask (h, w) float32 reaches along an axis."""
    writer = inside.writer
    profile = inside.reduced("ReduceMax", 1 - axis)
    first, last = (
        writer.op("ArgMax", profile, dtype=np.int64, axis=0, keepdims=0, select_last_index=end)
        for end in (0, 1)
    )
    return first, last + 1


def _neighbours(labels: Value, corners: bool) -> Value:
    if corners:
        return _pooled(labels, (3, 3))
    writer = labels.writer
    return writer.op("Max", _pooled(labels, (1, 3)), _pooled(labels, (3, 1)))


def _pooled(values: Value, kernel: tuple[int, int]) -> Value:
    """The largest value around each pixel; what is outside of the picture does not count."""
    writer = values.writer
    edges = [kernel[0] // 2, kernel[1] // 2]
    as_picture = writer.op("Unsqueeze", values, writer.vector(0, 1))
    largest = writer.op("MaxPool", as_picture, kernel_shape=list(kernel), pads=edges * 2)
    return writer.op("Squeeze", largest, writer.vector(0, 1))
