"""Charts: where the lines lie, what is written, and what odd values do."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from fsamt_engine.experiments.svg import HEIGHT, WIDTH, Series, line_chart, number, ticks


def chart(*series: Series, best: float | None = None) -> ET.Element:
    return ET.fromstring(line_chart(series, best, "step", "loss"))


def points(root: ET.Element, look: str) -> list[tuple[float, float]]:
    path = next(e for e in root if e.get("class") == f"line {look}")
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+),([\d.]+)", path.get("d") or "")]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 97, [0, 20, 40, 60, 80]),
        (0.031, 0.052, [0.035, 0.04, 0.045, 0.05]),
        (5, 5, [5]),
    ],
)
def test_ticks_are_round_and_within(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1248, "1,248"), (0.2134, "0.213"), (0.5, "0.5"), (12.34, "12.3"), (-0.02, "-0.02")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_falling_loss_falls_on_paper_and_stays_inside() -> None:
    root = chart(Series("training", (0, 10, 20), (2.0, 1.0, 0.5)))
    places = points(root, "training")
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert places[0][1] < places[1][1] < places[2][1]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)


def test_values_that_are_not_finite_are_left_out() -> None:
    root = chart(Series("training", (0, 1, 2), (1.0, math.nan, 0.5)))
    assert len(points(root, "training")) == 2


def test_a_chart_without_values_says_so() -> None:
    assert "No values of loss" in line_chart((Series("training", (), ()),), None, "step", "loss")


def test_best_step_is_marked_on_the_validation_line() -> None:
    training = Series("training", (0, 10, 20), (2.0, 1.0, 0.5))
    validation = Series("validation", (0, 10, 20), (2.0, 1.2, 1.4))
    root = chart(training, validation, best=10)
    circle = next(e for e in root if e.tag.endswith("circle"))
    x, y = points(root, "validation")[1]
    assert (float(circle.get("cx") or 0), float(circle.get("cy") or 0)) == (x, y)
    assert "best: 1.2 at 10" in "".join(root.itertext())


def test_a_flat_line_of_one_point_is_drawn() -> None:
    assert len(points(chart(Series("training", (3,), (0.0,)), best=3), "training")) == 1


def test_long_lines_are_thinned_but_keep_their_end() -> None:
    n = 10_000
    line = Series("training", tuple(range(n)), tuple(float(n - i) for i in range(n)))
    places = points(chart(line), "training")
    assert len(places) <= 402
    assert places[-1][0] == max(x for x, _ in places)


def test_names_have_the_room_that_they_need() -> None:
    for name in ("ours", "flow pretraining, seed 0"):
        root = chart(Series(name, (0, 1), (1.0, 0.5)))
        text = next(e for e in root if (e.get("class") or "").startswith("name"))
        assert float(text.get("x") or 0) + 8 * len(name) < WIDTH


def test_steps_are_counted_in_whole_numbers() -> None:
    assert ticks(1, 3, whole=True) == [1, 2, 3]


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    lines = [Series(f"seed {i}", (0, 1), (1.0, 0.5)) for i in range(3)]
    root = chart(*lines)
    heights = [float(e.get("y") or 0) for e in root if (e.get("class") or "").startswith("name")]
    assert all(b - a >= 15 for a, b in pairwise(heights))


def test_chart_says_in_words_what_it_shows_and_escapes_names() -> None:
    text = line_chart((Series("a<b", (0, 9), (2.0, 1.0)),), 9, "step", "loss")
    assert 'aria-label="loss over step 0 to 9: a&lt;b from 2 to 1, best at step 9."' in text
