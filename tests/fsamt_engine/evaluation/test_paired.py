"""Two models on one test, against published and counted values."""

import pytest
from scipy.stats import binomtest

from fsamt_engine.evaluation.paired import mcnemar, paired_difference


def answers(both: int, only_first: int, only_second: int, none: int) -> tuple[list[bool], ...]:
    """Two models that agree and differ so often."""
    counts = ((True, True, both), (True, False, only_first), (False, True, only_second))
    first = [a for a, _, n in counts for _ in range(n)] + [False] * none
    second = [b for _, b, n in counts for _ in range(n)] + [False] * none
    return first, second


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 5), (5, 0), (3, 9), (7, 7), (1, 30)])
def test_exact_test_agrees_with_scipy(only_first: int, only_second: int) -> None:
    first, second = answers(20, only_first, only_second, 4)
    expected = binomtest(only_second, only_first + only_second).pvalue
    assert mcnemar(first, second) == pytest.approx(expected)


def test_models_that_agree_on_everything_are_not_told_apart() -> None:
    first, second = answers(12, 0, 0, 3)
    assert mcnemar(first, second) == 1
    low, high = paired_difference(first, second)
    assert low < 0 < high, "agreement on 15 clips is no proof of equality"
    assert high - low > 0.2


def test_interval_is_that_of_bonett_and_price() -> None:
    # (c + 1 - b - 1) / (n + 2) ± 1.96 sqrt((b + c + 2) / (n + 2) - d²) / sqrt(n + 2)
    first, second = answers(40, 4, 16, 20)
    n, b, c = 80 + 2, 4 + 1, 16 + 1
    middle = (c - b) / n
    half = 1.959964 * (((b + c) / n - middle**2) / n) ** 0.5
    assert paired_difference(first, second) == pytest.approx((middle - half, middle + half), 1e-5)


def test_interval_holds_the_truth_as_often_as_it_says() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    held = 0
    for _ in range(1000):
        kinds = rng.choice(4, 40, p=[0.55, 0.1, 0.25, 0.1])
        low, high = paired_difference(np.isin(kinds, (0, 1)) * 1.0, np.isin(kinds, (0, 2)) * 1.0)
        held += low <= 0.15 <= high
    assert 0.93 < held / 1000 < 0.985
