import numpy as np
import pytest

from fsamt_engine.evaluation.detections import overlap


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ((0, 10), (0, 10), 1.0),
        ((0, 10), (5, 15), 1 / 3),
        ((2, 4), (0, 10), 0.2),  # one within the other
        ((0, 10), (10, 20), 0.0),  # they touch
        ((0, 10), (30, 40), 0.0),
        ((5, 5), (5, 5), 0.0),  # no length
        ((5, 5), (0, 10), 0.0),
        ((0.5, 1.5), (1.0, 2.0), 1 / 3),  # between frames
    ],
)
def test_overlap_is_the_shared_time_over_all_the_time(
    a: tuple[float, float], b: tuple[float, float], shared: float
) -> None:
    assert float(overlap(*a, *b)) == pytest.approx(shared)
    assert float(overlap(*b, *a)) == pytest.approx(shared)


def test_many_are_compared_with_many_at_once() -> None:
    starts, ends = np.array([[0.0], [5.0]]), np.array([[10.0], [15.0]])
    np.testing.assert_allclose(overlap(starts, ends, [0, 5, 20], [10, 15, 30]).shape, (2, 3))
    np.testing.assert_allclose(
        overlap(starts, ends, [0, 5, 20], [10, 15, 30]), [[1, 1 / 3, 0], [1 / 3, 1, 0]]
    )
