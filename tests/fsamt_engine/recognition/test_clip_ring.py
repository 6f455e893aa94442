import numpy as np
import pytest

from fsamt_engine.modalities.clips import ClipShape, frame_indices
from fsamt_engine.recognition.clip_ring import ClipRing

SHAPE = ClipShape(n_frames=4, step=3, size=2)


def frame(number):
    return np.full((2, 2), number, np.float16)


def numbers(ring):
    return ring.clip()[:, 0, 0].astype(int).tolist()


@pytest.mark.parametrize("n_seen", [1, 2, 5, 9, 10, 11, 25])
def test_the_clip_is_the_one_that_evaluation_would_cut_at_the_end(n_seen):
    ring = ClipRing(SHAPE)
    for number in range(n_seen):
        ring.push(frame(number))
    expected = frame_indices(max(0, n_seen - SHAPE.span), SHAPE, end=n_seen)
    assert numbers(ring) == expected.tolist()
    assert ring.n_seen == n_seen


def test_a_frame_stands_for_those_that_a_gap_lacks():
    ring = ClipRing(SHAPE)
    for number in range(SHAPE.span):
        ring.push(frame(number))
    ring.push(frame(99), times=5)
    assert numbers(ring) == [5, 8, 99, 99]


def test_a_clip_is_not_changed_by_the_frames_after_it():
    ring = ClipRing(SHAPE)
    ring.push(frame(1))
    clip = ring.clip()
    for _ in range(SHAPE.span):
        ring.push(frame(2))
    assert (clip == 1).all()


def test_nothing_is_left_after_forgetting():
    ring = ClipRing(SHAPE)
    ring.push(frame(1))
    ring.forget()
    assert ring.n_seen == 0
    with pytest.raises(RuntimeError):
        ring.clip()
    ring.push(frame(7))
    assert numbers(ring) == [7] * 4
