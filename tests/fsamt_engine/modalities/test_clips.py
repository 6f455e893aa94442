import pytest

from fsamt_engine.modalities.clips import ClipShape, clip_starts, evaluation_starts, frame_indices

SHAPE = ClipShape(n_frames=4, step=2, size=64)


def test_a_clip_spans_its_first_and_last_frame():
    assert SHAPE.span == 7
    assert frame_indices(10, SHAPE, 30).tolist() == [10, 12, 14, 16]


def test_a_clip_that_passes_the_end_repeats_the_last_frame():
    assert frame_indices(10, SHAPE, 13).tolist() == [10, 12, 12, 12]


def test_clips_lie_whole_in_the_interval():
    assert clip_starts(5, 5 + 7 + 4, SHAPE, 2) == [5, 7, 9]


def test_a_short_interval_has_one_clip():
    assert clip_starts(5, 8, SHAPE, 2) == [5]
    assert evaluation_starts(5, 8, SHAPE, 10) == [5]


@pytest.mark.parametrize("n_clips", [1, 2, 5, 50])
def test_evaluation_clips_are_even_and_never_pass_the_end(n_clips):
    starts = evaluation_starts(3, 30, SHAPE, n_clips)
    assert len(starts) == len(set(starts)) == min(n_clips, 30 - 7 - 3 + 1)
    assert all(3 <= start <= 30 - 7 for start in starts)
    if n_clips > 1:
        assert (starts[0], starts[-1]) == (3, 23)


def test_one_evaluation_clip_lies_in_the_middle():
    assert evaluation_starts(0, 27, SHAPE, 1) == [10]
