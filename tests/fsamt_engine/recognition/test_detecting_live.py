"""A detector before a camera that gives what the test says, with the recogniser's threads."""

from dataclasses import replace

import pytest

from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.library.records import Segment
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from tests.fsamt_engine.capture.puppet import DEPTH_ONLY, Puppet, no_thread_left, wait_until
from tests.fsamt_engine.recognition.detecting import Finds, puppet_detector
from tests.fsamt_engine.recognition.watching import Says, live_model

SETTINGS = RecognitionSettings(0, 0, Threshold(0.5, 0.5))
JUMP = ("jump", 5.0, 12.0, 0.9)


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def watch():
    """Watches a puppet: `watch(puppet, model, …)`; all is closed at the end."""
    opened = []

    def watch(puppet, model, **how):
        feed = CameraFeed("puppet", DEPTH_ONLY, puppet.open, retry_s=0.01, close_s=0.3)
        recogniser = Recogniser(feed, model, SETTINGS, **how)
        opened.extend((recogniser, feed))
        wait_until(lambda: is_running(recogniser))
        return recogniser

    yield watch
    for one in opened:
        one.close()


def is_running(recogniser):
    state = recogniser.state()
    attached = recogniser._attached
    is_open = state.source.state == FeedState.RUNNING
    return is_open and attached is not None and attached[0] is state.opened


def give(puppet, recogniser, n):
    """Frames one by one, each prepared (and where it is looked at, answered) before the next."""
    for _ in range(n):
        puppet.give()
        wait_until(lambda: newest(recogniser) == puppet.n_given - 1)
        wait_until(lambda: not recogniser._frames._waiting and not recogniser._clips._waiting)


def newest(recogniser):
    """Number of the newest frame that was handed to the recogniser."""
    frames = recogniser.last_frames(1)
    return frames[-1].number if frames else None


def test_it_looks_at_every_so_many_frames_and_tells_when_it_knows(watch):
    puppet, stream, events = Puppet(is_live=False), Finds(JUMP), []
    recogniser = watch(puppet, puppet_detector(stream), on_event=events.append)
    puppet.give(20)
    puppet.end()
    assert recogniser.wait_until_over(10)
    assert stream.looks == [list(range(2, 21, 2))]
    begun, ended = events
    assert (begun.action, begun.onset_frame, begun.offset_us) == ("jump", 5, None)
    assert (ended.number, ended.offset_frame, ended.known_frame) == (begun.number, 12, 15)
    state = recogniser.state()
    assert state.events == (ended,)
    assert state.rates.every == 2
    assert state.rates.skipped == 0
    assert state.delay.n == 1
    assert state.delay.median_s == pytest.approx(ended.delay_s)
    assert state.delay.waiting_s == pytest.approx(3 / 30, abs=0.002)
    assert state.delay.computing_s == pytest.approx(ended.computing_ms / 1e3)
    assert state.answer.probabilities == pytest.approx((0.2, 0.7, 0.1))
    assert state.answer.number == 10


def test_on_a_take_its_events_are_judged_by_their_overlap(watch):
    puppet, events = Puppet(is_live=False), []
    labels = (Segment(1, "take", "P1", "jump", 4, 12), Segment(2, "take", "P1", "wave", 14, 19))
    stream = Finds(JUMP, ("wave", 17.0, 19.0, 0.8))
    recogniser = watch(puppet, puppet_detector(stream), on_event=events.append, segments=labels)
    puppet.give(24)
    puppet.end()
    assert recogniser.wait_until_over(10)
    assert [(one.action, one.was_right) for one in events if one.offset_us] == [
        ("jump", True),
        ("wave", False),
    ]
    truth = recogniser.state().truth
    assert (truth.n_found, truth.n_segments, truth.n_false_alarms) == (1, 2, 1)


def test_what_is_told_at_the_end_counts_for_no_delay(watch):
    puppet, events = Puppet(is_live=False), []
    recogniser = watch(puppet, puppet_detector(Finds(JUMP)), on_event=events.append)
    puppet.give(14)
    puppet.end()
    assert recogniser.wait_until_over(10)
    assert [one.offset_frame for one in events] == [None, 12]
    assert recogniser.state().delay is None


def test_a_slow_detector_skips_looks_and_nothing_piles_up(watch):
    class Held(Finds):
        def look(self, clip, at_frame):
            held.is_asked.set()
            assert held.may_answer.wait(10)
            return super().look(clip, at_frame)

    held = Says()
    puppet, stream, answers = Puppet(), Held(), []
    recogniser = watch(puppet, puppet_detector(stream), on_answer=answers.append)
    held.may_answer.clear()
    give(puppet, recogniser, 2)
    assert held.is_asked.wait(10)
    for _ in range(40):
        puppet.give()
        wait_until(lambda: newest(recogniser) == puppet.n_given - 1)
        wait_until(lambda: not recogniser._frames._waiting)
    wait_until(lambda: recogniser.state().rates.skipped == 19)
    held.may_answer.set()
    wait_until(lambda: len(answers) == 2)
    assert stream.looks == [[2, 42]]


def test_an_unplugged_camera_is_watched_anew_by_a_fresh_stream(watch):
    puppet, stream, events = Puppet(), Finds(JUMP), []
    recogniser = watch(puppet, puppet_detector(stream), on_event=events.append)
    give(puppet, recogniser, 12)
    wait_until(lambda: stream.looks == [[2, 4, 6, 8, 10, 12]])
    puppet.unplug()
    wait_until(lambda: [one.offset_frame for one in events] == [None, 12])
    puppet.plug_in()
    wait_until(lambda: recogniser.state().source.n_reconnects == 1)
    wait_until(lambda: is_running(recogniser))
    give(puppet, recogniser, 4)
    wait_until(lambda: stream.looks[-1] == [2, 4])
    assert len(stream.looks) == 2
    assert recogniser.state().failure is None


def test_a_recogniser_takes_over_and_hands_back_while_it_runs(watch):
    puppet, stream = Puppet(), Finds(JUMP)
    detector = puppet_detector(stream)
    recogniser = watch(puppet, detector)
    give(puppet, recogniser, 18)
    wait_until(lambda: recogniser.state().delay is not None)
    recogniser.change_model(live_model(Says("sit", ("sit", "stand"))))
    state = recogniser.state()
    assert (state.answer, state.delay, state.rates.every) == (None, None, 1)
    give(puppet, recogniser, 5)
    wait_until(lambda: recogniser.state().events[-1].action == "sit")
    sat = recogniser.state().events[-1]
    assert (sat.number, sat.known_us, sat.delay_s) == (2, None, None)
    recogniser.change_model(replace(detector, record=detector.record))
    give(puppet, recogniser, 4)
    wait_until(lambda: stream.looks[-1] == [2, 4])


def test_an_answer_that_is_no_number_ends_it_with_a_sentence(watch):
    puppet, stream = Puppet(), Finds()
    stream.probabilities = stream.probabilities * float("nan")
    recogniser = watch(puppet, puppet_detector(stream))
    give(puppet, recogniser, 2)
    wait_until(lambda: recogniser.state().failure is not None)
    assert "no number" in str(recogniser.state().failure)
