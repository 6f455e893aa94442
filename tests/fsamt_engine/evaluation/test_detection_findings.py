from collections.abc import Sequence
from itertools import permutations

from fsamt_engine.evaluation.detection_findings import AlarmKind, Findings, MissKind
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import SnapshotItem

ACTIONS = ("wave", "bow")


def item(start: int, end: int, action: str = "wave", take: str = "t") -> SnapshotItem:
    return SnapshotItem(take, "P", start, end, action)


def told(
    start: float, end: float, score: float, action: str = "wave", take: str = "t"
) -> Detection:
    return Detection(take, "P", action, start, end, score)


def findings(truth: Sequence[SnapshotItem], found: Sequence[Detection]) -> Findings:
    return Findings(truth, found, ACTIONS)


def test_segments_that_were_found_come_by_time_with_what_found_them() -> None:
    found = [told(100, 200, 0.6, "bow"), told(0, 12, 0.9)]
    one, two = findings([item(100, 200, "bow"), item(0, 10)], found).matches(0.5, 0.5)
    assert (one.truth, one.detection) == (item(0, 10), found[1])
    assert one.overlap == 10 / 12
    assert (two.truth, two.overlap) == (item(100, 200, "bow"), 1.0)


def test_of_equally_sure_detections_the_better_one_finds_the_segment() -> None:
    found = [told(0, 7, 0.5), told(0, 10, 0.5), told(2, 10, 0.5)]
    for mixed in permutations(found):
        (match,) = findings([item(0, 10)], mixed).matches(0.5, 0.0)
        assert match.detection == found[1]


def test_misses_say_why_and_the_worst_comes_first() -> None:
    truth = [
        item(0, 100),  # found, but below the threshold
        item(200, 300),  # its bounds are off
        item(400, 500),  # taken for a bow
        item(600, 620),  # nothing at all, short
        item(700, 900),  # nothing at all, long
        item(1000, 1100),  # found
    ]
    found = [
        told(0, 100, 0.2),
        told(260, 400, 0.8),
        told(405, 500, 0.7, "bow"),
        told(1000, 1100, 0.9),
    ]
    misses = findings(truth, found).misses(0.5, 0.5)
    assert [(one.truth.start, one.kind) for one in misses] == [
        (700, MissKind.NOTHING),
        (600, MissKind.NOTHING),
        (400, MissKind.OTHER_ACTION),
        (200, MissKind.INEXACT),
        (0, MissKind.UNSURE),
    ]
    assert [one.detection for one in misses] == [None, None, found[2], found[1], found[0]]
    assert [one.overlap for one in misses] == [0, 0, 0.95, 40 / 200, 1]


def test_a_detection_that_is_right_of_its_own_segment_explains_no_miss_of_another() -> None:
    truth = [item(0, 100, "bow"), item(0, 100)]  # Both at once; only the bow is found.
    (miss,) = findings(truth, [told(0, 100, 0.9, "bow")]).misses(0.5, 0.5)
    assert (miss.truth.action, miss.kind) == ("wave", MissKind.NOTHING)


def test_false_alarms_say_what_is_wrong_and_the_surest_comes_first() -> None:
    truth = [item(0, 100), item(200, 300, "bow")]
    found = [
        told(0, 100, 0.95),
        told(5, 100, 0.5),
        told(200, 300, 0.6),
        told(80, 170, 0.7),
        told(280, 360, 0.8),
        told(500, 600, 0.9),
        told(0, 50, 0.85, take="u"),
        told(700, 800, 0.1),
    ]
    alarms = findings(truth, found).false_alarms(0.5, 0.3)
    assert [(one.detection.score, one.kind) for one in alarms] == [
        (0.9, AlarmKind.NOTHING),
        (0.85, AlarmKind.NOTHING),
        (0.8, AlarmKind.OTHER_ACTION),
        (0.7, AlarmKind.INEXACT),
        (0.6, AlarmKind.OTHER_ACTION),
        (0.5, AlarmKind.AGAIN),
    ]
    assert [one.truth for one in alarms] == [None, None, truth[1], truth[0], truth[1], truth[0]]
    assert alarms[4].overlap == 1


def test_what_is_below_the_threshold_takes_no_segment_from_what_is_above() -> None:
    found = [told(0, 100, 0.4), told(0, 90, 0.6)]
    (match,) = findings([item(0, 100)], found).matches(0.5, 0.5)
    assert match.detection == found[1]
    assert findings([item(0, 100)], found).misses(0.5, 0.5) == ()
    assert findings([item(0, 100)], found).false_alarms(0.5, 0.5) == ()


def test_a_looser_overlap_finds_more() -> None:
    compared = findings([item(0, 100)], [told(0, 40, 0.9)])
    assert compared.matches(0.5, 0.0) == ()
    assert len(compared.matches(0.3, 0.0)) == 1
    assert len(compared.misses(0.5, 0.0)) == 1
    assert compared.misses(0.3, 0.0) == ()
