import statistics

import pytest

from fsamt_engine.evaluation import summarise


def test_spread_is_the_sample_standard_deviation() -> None:
    values = (68.3, 71.9, 70.2)
    summary = summarise(values)
    assert summary.values == values
    assert summary.mean == pytest.approx(statistics.mean(values))
    assert summary.std == pytest.approx(statistics.stdev(values))
    assert str(summary) == "70.1 ± 1.8"


def test_one_seed_claims_no_spread() -> None:
    summary = summarise([68.34])
    assert summary.std is None
    assert str(summary) == "68.3 (1 seed)"
