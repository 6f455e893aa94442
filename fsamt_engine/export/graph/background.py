"""`modalities.background.Background` in ONNX: 24 sampled frames, and their far end."""

import numpy as np

from fsamt_engine.export.graph.writing import Value
from fsamt_engine.modalities import background as rules

N_PLANES = rules.N_SAMPLES + 1
"""Of the stored background: its far end, then the samples."""


def far_end(samples: Value, n_samples: Value) -> Value:
    """Per pixel the far end of what was read there.

    Args:
        samples: (24, h, w) uint16, sensor units; 0 = no reading, and all of those not taken yet.
        n_samples: How many were taken, a scalar int64, at most 24.

    Returns:
        (h, w) uint16, 0 where too few samples had a reading.
    """
    writer = samples.writer
    readings = samples.cast(np.float32)
    n_valid = (readings > 0.0).cast(np.float32).reduced("ReduceSum", 0).cast(np.int64)
    counts = np.arange(rules.N_SAMPLES + 1)
    above = np.maximum(counts - 1, 0)
    from_top = above - (rules.PERCENTILE * above).astype(np.int64)
    farthest = _farthest([readings.at(place) for place in counts[:-1]], int(from_top.max()) + 1)
    rank = writer.op("Gather", writer.constant(from_top), n_valid, axis=0)
    far = farthest[0]
    for place, candidate in enumerate(farthest[1:], 1):
        far = writer.where(rank.equals(place), candidate, far)
    enough = n_valid.cast(np.float64) >= n_samples.cast(np.float64) * rules.MIN_READINGS
    return (far * enough.cast(np.float32)).cast(np.uint16)


def _farthest(planes: list[Value], n_kept: int) -> list[Value]:
    """The `n_kept` largest of the planes, pixel by pixel, falling; quicker than TopK."""
    writer = planes[0].writer
    kept: list[Value] = []
    for plane in planes:
        rest = plane
        for place, larger in enumerate(kept):
            kept[place] = writer.op("Max", larger, rest)
            rest = writer.op("Min", larger, rest)
        if len(kept) < n_kept:
            kept.append(rest)
    return kept


def warmed(frames: Value) -> Value:
    """The background after frames (k, h, w) uint16 were taken as samples at once, k <= 24."""
    writer = frames.writer
    n_frames, height, width = (frames.size(axis) for axis in range(3))
    empty = writer.full(writer.vector(rules.N_SAMPLES - n_frames, height, width), 0, np.uint16)
    samples = writer.op("Concat", frames, empty, axis=0)
    return _with_far_end(samples, n_frames)


def pushed(background: Value, frame: Value, n_pushed: Value, n_taken: Value) -> Value:
    """The background after the next frame: every fifteenth is kept as a sample.

    Args:
        background: (25, h, w) uint16, the far end and the samples.
        frame: (h, w) uint16.
        n_pushed: Frames before this one, a scalar int64.
        n_taken: Samples before this one, a scalar int64.
    """
    writer = background.writer

    def taken() -> tuple[Value]:
        samples = background.sliced((0, 1, N_PLANES, 1))
        place = n_taken % rules.N_SAMPLES
        before = samples.sliced((0, 0, place, 1))
        after = samples.sliced((0, place + 1, N_PLANES, 1))
        own = writer.op("Unsqueeze", frame, writer.vector(0))
        samples = writer.op("Concat", before, own, after, axis=0)
        n_samples = writer.op("Min", n_taken + 1, rules.N_SAMPLES)
        return (_with_far_end(samples, n_samples),)

    (result,) = writer.choose(is_taken(n_pushed), taken, lambda: (background,))
    return result


def is_taken(n_pushed: Value) -> Value:
    """Whether the frame after so many becomes a sample."""
    return (n_pushed % rules.EVERY).equals(0)


def _with_far_end(samples: Value, n_samples: Value) -> Value:
    writer = samples.writer
    far = writer.op("Unsqueeze", far_end(samples, n_samples), writer.vector(0))
    return writer.op("Concat", far, samples, axis=0)
