"""A recogniser with its threads, before a camera that gives what the test says."""

import threading
from dataclasses import replace

import pytest

from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Segment
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings
from tests.fsamt_engine.capture.puppet import (
    DEPTH_ONLY,
    Puppet,
    no_thread_left,
    wait_until,
)
from tests.fsamt_engine.recognition.watching import ACTIONS, SHAPE, WHOLE_FRAME, Says, live_model

AT_ONCE = RecognitionSettings(smoothing_s=0, shortest_s=0)


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def watch():
    """Watches a puppet: `watch(puppet, model, …)`; all is closed at the end."""
    opened = []

    def watch(puppet, model, settings=AT_ONCE, **how):
        feed = CameraFeed("puppet", DEPTH_ONLY, puppet.open, retry_s=0.01, close_s=0.3)
        recogniser = Recogniser(feed, model, settings, **how)
        opened.extend((recogniser, feed))
        return recogniser

    yield watch
    for one in opened:
        one.close()


def give(puppet, recogniser, n):
    """Frames one by one, each answered before the next comes."""
    for _ in range(n):
        before = n_answers(recogniser)
        puppet.give()
        wait_until(lambda before=before: n_answers(recogniser) > before)


def n_answers(recogniser):
    answer = recogniser.state().answer
    return answer.number if answer else 0


def running(recogniser):
    """Waits until the next frame that the puppet gives is seen."""
    wait_until(lambda: recogniser.state().source.state == FeedState.RUNNING)
    opened = recogniser.state().opened
    wait_until(lambda: recogniser._attached and recogniser._attached[0] is opened)


def test_every_frame_is_answered_while_it_keeps_up(watch):
    puppet, network, answers = Puppet(), Says("wave"), []
    recogniser = watch(puppet, live_model(network), on_answer=answers.append)
    running(recogniser)
    give(puppet, recogniser, 10)
    wait_until(lambda: len(answers) == 10)
    assert [answer.frame_number for answer in answers] == list(range(10))
    assert [answer.number for answer in answers] == list(range(1, 11))
    assert [answer.status for answer in answers] == ["gathering"] * 3 + ["answering"] * 7
    assert answers[-1].probabilities == (0, 0, 1)
    assert network.clips[-1].shape == (4, 16, 16)
    state = recogniser.state()
    assert state.now.kind == "action"
    assert state.now.action == "wave"
    assert state.answer.timings.network_ms >= 0
    assert state.rates.skipped == 0
    assert state.frame.number == 9
    assert state.timings_p95.total_ms >= state.timings_p50.total_ms > 0


def test_when_the_network_is_slow_the_newest_frame_wins_and_nothing_piles_up(watch):
    puppet, network, answers = Puppet(), Says(), []
    recogniser = watch(puppet, live_model(network), on_answer=answers.append)
    running(recogniser)
    network.may_answer.clear()
    puppet.give()
    assert network.is_asked.wait(10)
    puppet.give(400)
    wait_until(lambda: recogniser.state().rates.skipped == 399)
    n_seconds_kept = 5
    wait_until(lambda: puppet.n_pictures_in_memory <= 30 * n_seconds_kept + 4)
    network.may_answer.set()
    wait_until(lambda: len(answers) == 2)
    assert [answer.frame_number for answer in answers] == [0, 400]


def test_of_a_camera_that_is_not_live_every_frame_is_answered_however_slow(watch):
    puppet, network, answers = Puppet(is_live=False), Says(), []
    puppet_given = 30
    network.may_answer.clear()
    recogniser = watch(puppet, live_model(network), on_answer=answers.append)
    running(recogniser)
    puppet.give(puppet_given)
    puppet.end()
    assert network.is_asked.wait(10)
    assert not recogniser.wait_until_over(0.1)
    network.may_answer.set()
    assert recogniser.wait_until_over(10)
    assert [answer.frame_number for answer in answers] == list(range(puppet_given))
    assert recogniser.state().rates.skipped == 0
    assert answers[-1].timings.total_ms < 5000


def test_the_end_of_a_recording_ends_what_is_going_on(watch):
    puppet, events = Puppet(is_live=False), []
    recogniser = watch(puppet, live_model(Says("wave")), on_event=events.append)
    running(recogniser)
    puppet.give(10)
    puppet.end()
    assert recogniser.wait_until_over(10)
    begun, ended = events
    assert (begun.action, begun.onset_frame, begun.offset_us) == ("wave", 3, None)
    assert (ended.number, ended.offset_frame) == (begun.number, 9)
    assert recogniser.state().events == (ended,)
    assert recogniser.state().now.kind == "gathering"


def test_an_unplugged_camera_is_watched_again_as_soon_as_it_is_back(watch):
    puppet, network, answers, events = Puppet(), Says("wave"), [], []
    recogniser = watch(
        puppet, live_model(network), on_answer=answers.append, on_event=events.append
    )
    running(recogniser)
    give(puppet, recogniser, 8)
    puppet.unplug()
    wait_until(lambda: recogniser.state().source.state == FeedState.GONE)
    wait_until(lambda: [event.offset_frame for event in events] == [None, 7])
    assert recogniser.state().opened is None
    assert recogniser.state().now.kind == "gathering"
    puppet.plug_in()
    wait_until(lambda: recogniser.state().source.n_reconnects == 1)
    running(recogniser)
    give(puppet, recogniser, 8)
    assert [answer.status for answer in answers[8:12]] == ["gathering"] * 3 + ["answering"]
    wait_until(lambda: len(events) == 3)
    assert events[2].number == 2
    assert recogniser.state().failure is None


def test_the_model_is_changed_while_it_runs(watch):
    puppet, first = Puppet(), Says("wave")
    second = Says("sit", ("sit", "stand"))
    recogniser = watch(puppet, live_model(first))
    running(recogniser)
    give(puppet, recogniser, 8)
    recogniser.change_model(live_model(second, replace(SHAPE, step=1), name="recogniser-2"))
    state = recogniser.state()
    assert (state.model_id, state.answer, state.now.kind) == ("recogniser-2", None, "gathering")
    puppet.give()
    wait_until(lambda: recogniser.state().answer)
    answer = recogniser.state().answer
    assert answer.probabilities == (1, 0)
    assert answer.status == "gathering"
    assert [event.action for event in recogniser.state().events] == ["wave"]
    assert recogniser.state().events[0].offset_frame == 7
    give(puppet, recogniser, 3)
    assert recogniser.state().events[-1].action == "sit"
    assert recogniser.state().events[-1].number == 2


def test_a_model_that_sees_the_same_goes_on_without_gathering(watch):
    puppet, second = Puppet(), Says("jump")
    recogniser = watch(puppet, live_model(Says("wave")))
    running(recogniser)
    give(puppet, recogniser, 8)
    recogniser.change_model(live_model(second, name="recogniser-2"))
    puppet.give()
    wait_until(lambda: recogniser.state().answer)
    assert recogniser.state().answer.clip_share == 1
    assert recogniser.state().now.action == "jump"


def test_an_answer_of_the_model_before_never_stands_for_the_new_one(watch):
    puppet, slow = Puppet(), Says("wave")
    recogniser = watch(puppet, live_model(slow))
    running(recogniser)
    give(puppet, recogniser, 8)
    slow.may_answer.clear()
    slow.is_asked.clear()
    puppet.give()
    assert slow.is_asked.wait(10)
    answered = threading.Event()
    recogniser._on_answer = lambda answer: answered.set()
    recogniser.change_model(live_model(Says("sit", ("sit", "stand"))))
    slow.may_answer.set()
    assert answered.wait(10)
    assert recogniser.state().answer is None


def test_settings_are_changed_while_it_runs(watch):
    puppet = Puppet()
    patient = RecognitionSettings(smoothing_s=0, shortest_s=5)
    recogniser = watch(puppet, live_model(Says("wave")), patient)
    running(recogniser)
    give(puppet, recogniser, 10)
    assert recogniser.state().now.kind == "unknown"
    recogniser.change_settings(AT_ONCE)
    give(puppet, recogniser, 1)
    assert recogniser.state().now.action == "wave"
    assert recogniser.state().events[0].onset_frame == 3


def test_on_a_take_with_labels_right_and_wrong_are_told(watch):
    puppet = Puppet(is_live=False)
    labels = [Segment(1, "take", "P1", "wave", 0, 9), Segment(2, "take", "P1", "jump", 9, 12)]
    recogniser = watch(puppet, live_model(Says("wave")), segments=labels)
    running(recogniser)
    puppet.give(12)
    puppet.end()
    assert recogniser.wait_until_over(10)
    truth = recogniser.state().truth
    assert (truth.expected, truth.is_right) == ("jump", False)
    assert (truth.n_right, truth.n_answers) == (6, 9)
    assert recogniser.state().events[0].was_right


def test_how_long_an_answer_took_to_the_screen_is_noted(watch):
    puppet = Puppet()
    recogniser = watch(puppet, live_model(Says()))
    running(recogniser)
    give(puppet, recogniser, 1)
    assert recogniser.state().answer.timings.display_ms is None
    recogniser.shown(1)
    assert recogniser.state().answer.timings.display_ms >= 0
    assert recogniser.state().answer.timings.total_ms > 0


def test_the_last_frames_are_remembered_and_forgotten_with_the_camera(watch):
    puppet = Puppet()
    recogniser = watch(puppet, live_model(Says()))
    running(recogniser)
    assert recogniser.last_frames(1) == []
    give(puppet, recogniser, 12)
    numbers = [frame.number for frame in recogniser.last_frames(0.2)]
    assert numbers == [6, 7, 8, 9, 10, 11]
    puppet.unplug()
    wait_until(lambda: recogniser.state().source.state == FeedState.GONE)
    assert len(recogniser.last_frames(5)) == 12
    puppet.plug_in()
    wait_until(lambda: recogniser.state().source.n_reconnects == 1)
    running(recogniser)
    assert recogniser.last_frames(5) == []


def test_a_network_that_fails_ends_recognition_and_says_why(watch):
    puppet, network, events = Puppet(), Says("wave"), []
    recogniser = watch(puppet, live_model(network), on_event=events.append)
    running(recogniser)
    give(puppet, recogniser, 8)
    network.error = RuntimeError("out of memory")
    puppet.give()
    wait_until(lambda: recogniser.state().failure)
    assert str(recogniser.state().failure) == "out of memory"
    assert [event.offset_frame for event in events] == [None, 7]
    assert recogniser.wait_until_over(1)
    puppet.give(5)
    wait_until(lambda: recogniser.state().frame.number == 13)


def test_an_answer_that_is_no_number_ends_recognition_and_stays_in_no_mean(watch):
    puppet, network = Puppet(), Says("wave")
    recogniser = watch(puppet, live_model(network), RecognitionSettings(shortest_s=0))
    running(recogniser)
    give(puppet, recogniser, 8)
    network.surely = float("nan")
    puppet.give()
    wait_until(lambda: recogniser.state().failure)
    assert isinstance(recogniser.state().failure, FsamtError)
    assert recogniser.state().answer.smoothed[2] == 1
    assert [event.offset_frame for event in recogniser.state().events] == [7]


def test_a_listener_that_fails_ends_recognition_and_says_why(watch):
    puppet = Puppet()

    def fail(answer):
        raise FsamtError("The answers cannot be written.")

    recogniser = watch(puppet, live_model(Says()), on_answer=fail)
    running(recogniser)
    puppet.give()
    wait_until(lambda: recogniser.state().failure)
    assert isinstance(recogniser.state().failure, FsamtError)


def test_depth_of_an_unknown_unit_ends_in_a_failure_and_not_in_silence(watch):
    class Unitless(Puppet):
        def open(self, camera_id):
            camera = super().open(camera_id)
            start = camera.start

            def without_unit(settings):
                start(settings)
                camera.streams = tuple(replace(s, unit_m=None) for s in camera.streams)

            camera.start = without_unit
            return camera

    puppet = Unitless()
    recogniser = watch(puppet, live_model(Says()))
    running(recogniser)
    puppet.give()
    wait_until(lambda: recogniser.state().failure)
    assert "unit" in str(recogniser.state().failure)


def test_a_camera_that_cannot_be_opened_is_over_at_once(watch):
    puppet = Puppet()
    puppet.is_plugged_in = False
    recogniser = watch(puppet, live_model(Says()))
    assert recogniser.wait_until_over(10)
    assert recogniser.state().source.state == FeedState.FAILED


def test_closing_ends_what_is_going_on_and_lets_a_waiting_camera_go(watch):
    puppet, network, events = Puppet(is_live=False), Says("wave"), []
    recogniser = watch(puppet, live_model(network), on_event=events.append)
    running(recogniser)
    give(puppet, recogniser, 8)
    network.may_answer.clear()
    network.is_asked.clear()
    puppet.give(20)
    assert network.is_asked.wait(10)
    closing = threading.Thread(target=recogniser.close)
    closing.start()
    network.may_answer.set()
    closing.join(10)
    assert not closing.is_alive()
    assert events[-1].offset_us is not None
    recogniser.close()


def test_a_listener_may_close_it(watch):
    puppet, closed = Puppet(), threading.Event()

    def close(answer):
        recogniser.close()
        closed.set()

    recogniser = watch(puppet, live_model(Says()), on_answer=close)
    running(recogniser)
    puppet.give()
    assert closed.wait(10)
    assert recogniser.state().failure is None


def test_only_the_newest_200_events_are_kept(watch):
    puppet, network = Puppet(is_live=False), Says()
    turns = iter([name for _ in range(160) for name in ACTIONS[1:]])
    recogniser = watch(
        puppet,
        live_model(network, preparation=WHOLE_FRAME),
        on_answer=lambda answer: setattr(network, "action", next(turns)),
    )
    running(recogniser)
    puppet.give(300)
    puppet.end()
    assert recogniser.wait_until_over(20)
    numbers = [event.number for event in recogniser.state().events]
    assert len(numbers) == 200
    assert numbers == sorted(numbers)
