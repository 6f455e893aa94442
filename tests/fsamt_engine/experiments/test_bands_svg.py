"""Bands of truth and detections in a report."""

import re
from itertools import pairwise
from xml.etree import ElementTree

from fsamt_engine.evaluation.detection_test import DetectionTest, TestedTake
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.experiments.bands_svg import Bar, bands_chart, bands_of
from fsamt_engine.library import SnapshotItem

ACTIONS = ("wave", "<bow>")
TAKE = TestedTake("take-1", "P1", 900, 30.0)


def detected(action: str, start: float, end: float, score: float) -> Detection:
    return Detection("take-1", "P1", action, start, end, score)


def searched() -> DetectionTest:
    truth = tuple(
        SnapshotItem("take-1", "P1", start, start + 60, action)
        for action, start in (("wave", 60), ("<bow>", 300), ("wave", 600))
    )
    found = (
        detected("wave", 62, 121, 0.9),
        detected("<bow>", 301, 359, 0.8),
        detected("<bow>", 500, 540, 0.85),
        detected("wave", 610, 630, 0.01),
    )
    return DetectionTest("detector-1", ACTIONS, truth, (TAKE,), found, {}, "cpu")


def test_bars_are_right_or_wrong_as_the_test_says() -> None:
    truth, found = bands_of(searched(), TAKE)
    assert [(bar.action, bar.start, bar.is_error) for bar in truth] == [
        ("wave", 2.0, False),
        ("<bow>", 10.0, False),
        ("wave", 20.0, True),
    ]
    # What is less sure than the threshold that is best for F1 is not told at all.
    assert [(bar.action, bar.is_error) for bar in found] == [
        ("wave", False),
        ("<bow>", False),
        ("<bow>", True),
    ]
    assert truth[2].words == "wave, 20.0 to 22.0 s: missed"


def test_every_bar_is_drawn_in_words_that_a_page_can_hold() -> None:
    truth, found = bands_of(searched(), TAKE)
    chart = bands_chart(30.0, truth, found, ACTIONS, "take-1 & more")
    drawn = ElementTree.fromstring(chart)
    looks = [one.get("class") for one in drawn.iter() if one.tag.endswith("rect")]
    assert looks.count("bar") == 4
    assert looks.count("bar wrong") == 2
    assert {
        one.get("class") for one in drawn.iter() if one.tag.endswith("}g") or one.tag == "g"
    } == {
        "series-0",
        "series-1",
    }


def test_bars_that_overlap_do_not_cover_each_other() -> None:
    bars = [Bar(start, start + 3.0, "wave", False, "") for start in (0.0, 1.0, 2.0, 4.0)]
    chart = bands_chart(10.0, bars, [], ("wave",), "")
    places = re.findall(r'class="bar" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', chart)
    assert len(places) == 4
    lanes = {y for _, y, _ in places}
    assert len(lanes) == 3
    for y in lanes:
        own = sorted((float(x), float(x) + float(w)) for x, at, w in places if at == y)
        assert all(one[1] <= other[0] + 0.2 for one, other in pairwise(own))


def test_long_take_goes_on_below() -> None:
    bar = Bar(50.0, 70.0, "wave", False, "over the end of a row")
    short = bands_chart(30.0, [bar], [], ("wave",), "")
    long = bands_chart(130.0, [bar], [], ("wave",), "")
    assert long.count(">true<") == 3
    assert long.count('class="bar"') == 2
    height = [float(re.search(r'viewBox="0 0 \d+ (\d+)"', one)[1]) for one in (short, long)]  # type: ignore[index]
    assert height[1] == 3 * height[0]
