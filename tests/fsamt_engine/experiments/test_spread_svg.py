"""A table as a chart."""

from xml.etree import ElementTree

import pytest

from fsamt_engine.experiments.spread_svg import spread_chart
from fsamt_engine.experiments.svg import WIDTH
from fsamt_engine.experiments.table import PartialTable
from tests.fsamt_engine.experiments.tables import cell, table_of


def with_labels(*labels: int) -> PartialTable:
    cells = {
        (method, n): (cell(0, 40 + n), cell(1, 50 + n))
        for method in ("from <scratch>", "ours")
        for n in labels
    }
    return PartialTable(("from <scratch>", "ours"), labels, cells, 2, 100)


def places(chart: str, look: str) -> list[tuple[float, float]]:
    found = ElementTree.fromstring(chart).iter("circle")
    return [
        (float(one.get("cx", "")), float(one.get("cy", "")))
        for one in found
        if one.get("class") == look
    ]


@pytest.mark.parametrize("labels", [(2,), (2, 5), (2, 5, 10, 20)])
def test_every_mean_is_drawn_inside(labels: tuple[int, ...]) -> None:
    chart = spread_chart(with_labels(*labels))
    height = float(ElementTree.fromstring(chart).get("viewBox", "").split()[3])
    means = places(chart, "best")
    assert len(means) == 2 * len(labels)
    assert all(0 < x < WIDTH and 0 < y < height for x, y in means)


def test_better_methods_stand_further_right_and_seeds_are_shown() -> None:
    chart = spread_chart(table_of({"worse": [40, 50], "better": [70, 80]}))
    (worse, _), (better, _) = places(chart, "best")
    assert better > worse
    assert len(places(chart, "seed")) == 4


def test_accuracy_rises_upwards_over_labels() -> None:
    heights = [y for _, y in places(spread_chart(with_labels(2, 5, 10)), "best")]
    assert heights[0] > heights[1] > heights[2]


def test_chart_is_told_in_words_and_half_a_table_can_be_drawn() -> None:
    chart = spread_chart(table_of({"from scratch": [50, 60], "ours": []}))
    assert "from scratch with 2 labels 55.0 ± 7.1" in chart
    assert len(places(chart, "best")) == 1
