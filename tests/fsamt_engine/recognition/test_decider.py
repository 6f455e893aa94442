"""Actions begin and end by two thresholds, last long enough, and never overlap."""

from collections.abc import Iterable

import pytest

from fsamt_engine.recognition.decider import Decider
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.state import Answer, LiveEvent, Now
from tests.fsamt_engine.recognition.answering import ACTIONS, HOST_US, answer

QUICK = RecognitionSettings(smoothing_s=0.0, shortest_s=0.2)


@pytest.fixture
def decider() -> Decider:
    return Decider(ACTIONS, QUICK)


def decide(decider: Decider, answers: Iterable[Answer]) -> tuple[list[Now], list[LiveEvent]]:
    nows, events = [], []
    for one in answers:
        now, told = decider.push(one)
        nows.append(now)
        events += told
    return nows, events


def waves(*values: float, start: int = 0) -> list[Answer]:
    """One answer every tenth of a second."""
    return [answer((start + n) / 10, wave=value) for n, value in enumerate(values)]


def test_an_action_begins_when_it_rose_and_ends_when_it_fell(decider: Decider) -> None:
    _, events = decide(decider, waves(0.1, 0.5, 0.7, 0.9, 0.5, 0.5, 0.3, 0.1))
    begun, ended = events
    assert (begun.number, begun.action, begun.onset_us, begun.offset_us) == (
        1,
        "wave",
        100_000,
        None,
    )
    assert (begun.host_onset_us, begun.onset_frame) == (HOST_US + 100_000, 3)
    assert (ended.number, ended.onset_us, ended.offset_us, ended.offset_frame) == (
        1,
        100_000,
        600_000,
        18,
    )
    assert (begun.confidence, ended.confidence) == (0.9, 0.9)


def test_between_its_thresholds_it_neither_begins_nor_ends(decider: Decider) -> None:
    _, events = decide(decider, waves(0.5, 0.55, 0.59, 0.5, 0.5))
    assert events == []
    _, events = decide(decider, waves(0.6, 0.41, 0.59, 0.41, 0.41, start=5))
    assert [event.offset_us for event in events] == [None]


def test_what_is_over_too_soon_was_never_there(decider: Decider) -> None:
    nows, events = decide(decider, waves(0.1, 0.9, 0.9, 0.1, 0.9, 0.1))
    assert events == []
    assert {now.kind for now in nows} == {"unknown"}


def test_it_is_told_once_it_has_lasted(decider: Decider) -> None:
    nows, _ = decide(decider, waves(0.1, 0.9, 0.9, 0.9, 0.8))
    assert [now.kind for now in nows] == ["unknown", "unknown", "unknown", "action", "action"]
    assert nows[-1] == Now("action", "wave", 0.8, 100_000)


def test_each_action_has_thresholds_of_its_own() -> None:
    own = RecognitionSettings(0.0, 0.0, thresholds={"wave": Threshold(0.9, 0.8)})
    _, events = decide(Decider(ACTIONS, own), [answer(0, wave=0.85), answer(0.1, jump=0.7)])
    assert [event.action for event in events] == ["jump"]


def test_a_more_probable_action_takes_the_place_without_an_overlap() -> None:
    settings = RecognitionSettings(0.0, 0.0, Threshold(0.4, 0.2))
    _, events = decide(
        Decider(ACTIONS, settings),
        [answer(0.0, 0.6, 0.3), answer(0.1, 0.55, 0.45), answer(0.2, 0.4, 0.5)],
    )
    assert [(e.number, e.action, e.onset_us, e.offset_us) for e in events] == [
        (1, "wave", 0, None),
        (1, "wave", 0, 200_000),
        (2, "jump", 200_000, None),
    ]


def test_the_next_onset_is_not_before_the_end_of_the_one_before() -> None:
    settings = RecognitionSettings(0.0, 0.0, Threshold(0.6, 0.3))
    _, events = decide(
        Decider(ACTIONS, settings),
        [answer(0.0, 0.6, 0.35), answer(0.1, 0.55, 0.4), answer(0.2, 0.2, 0.7)],
    )
    assert [(e.action, e.onset_us, e.offset_us) for e in events[1:]] == [
        ("wave", 0, 200_000),
        ("jump", 200_000, None),
    ]


def test_background_is_said_and_is_no_event(decider: Decider) -> None:
    nows, events = decide(decider, [answer(n / 10, background=0.9) for n in range(4)])
    assert events == []
    assert nows[-1] == Now("background", "background", 0.9, 0)


def test_unknown_says_since_when_and_how_sure_the_best_is(decider: Decider) -> None:
    nows, _ = decide(decider, waves(0.2, 0.3))
    assert nows[-1] == Now("unknown", None, 0.3, 0)


def test_nobody_and_too_little_seen_end_what_was_going_on(decider: Decider) -> None:
    decide(decider, waves(0.9, 0.9, 0.9))
    nows, events = decide(decider, [answer(0.3, wave=0.9, status="nobody")])
    assert (nows[0].kind, events[0].offset_us) == ("nobody", 300_000)
    nows, events = decide(decider, [answer(0.4, wave=0.9, status="gathering")])
    assert (nows[0].kind, events) == ("gathering", [])


def test_the_source_ended_so_the_action_ends_with_the_last_answer(decider: Decider) -> None:
    decide(decider, waves(0.9, 0.9, 0.9))
    assert [event.offset_us for event in decider.end()] == [200_000]
    assert decider.end() == ()


@pytest.mark.parametrize(
    "later", [answer(10.0, wave=0.9), answer(0.0, wave=0.9), answer(0.3, wave=0.9, domain="host")]
)
def test_a_pause_or_another_clock_ends_the_action_with_the_answer_before(
    decider: Decider, later: Answer
) -> None:
    decide(decider, waves(0.9, 0.9, 0.9))
    nows, events = decide(decider, [later])
    assert [(event.offset_us, event.domain) for event in events] == [(200_000, "device")]
    assert nows[0].kind == "unknown"


def test_new_settings_hold_from_the_next_answer_on(decider: Decider) -> None:
    decide(decider, waves(0.7, 0.7, 0.7))
    decider.change_settings(RecognitionSettings(0.0, 0.0, Threshold(0.95, 0.9)))
    _, events = decide(decider, waves(0.7, start=3))
    assert [event.offset_us for event in events] == [300_000]


def test_a_decider_that_takes_over_counts_on(decider: Decider) -> None:
    decide(decider, waves(0.9, 0.9, 0.9))
    after = Decider(("wave",), QUICK, decider.next_number)
    assert after.next_number == 2
