"""A detector of a library, from its files to what it tells of a take as a camera gives it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.detection.detector import load_detector
from fsamt_engine.detection.streaming import streamed
from fsamt_engine.detection.train import train_detector
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_labels import detection_labels
from fsamt_engine.learning.device import choose_device
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model
from fsamt_engine.recognition.kinds import can_watch, live_actions, usual_settings
from fsamt_engine.recognition.live_settings import store_settings, stored_settings
from fsamt_engine.recognition.opening import open_watcher
from fsamt_engine.recognition.recogniser import Recogniser
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.sources import open_source
from fsamt_engine.recognition.thresholds import suggest_thresholds
from fsamt_engine.recognition.watching import judged, known_of, watch_take
from tests.fsamt_engine.capture.puppet import no_thread_left
from tests.fsamt_engine.detection.tiny import add_untrimmed_take, use_tiny_head, with_fit

ACTIONS = ("across", "down")
SCORE = 0.3


@pytest.fixture(scope="module")
def _trained(tmp_path_factory):
    """A library with a detector that has seen P1 and is tested on P2; P3 is a stranger."""
    root = tmp_path_factory.mktemp("detecting") / "library"
    with pytest.MonkeyPatch.context() as monkeypatch, Library.create(root) as library:
        use_tiny_head(monkeypatch)
        for participant in ("P1", "P2", "P3"):
            add_untrimmed_take(library, participant, ACTIONS, 0)
        labels = detection_labels(library, ACTIONS, ("P1",), ("P2",))
        record = train_detector(library, None, labels, with_fit(epochs=6), device="cpu")
    return root, record.id


@pytest.fixture
def trained(_trained, tmp_path, monkeypatch):
    """The same in a copy: a library and the record of its detector."""
    use_tiny_head(monkeypatch)
    root = tmp_path / "library"
    shutil.copytree(_trained[0], root)
    with Library.open(root) as library:
        yield library, model(library, _trained[1])


def take_of(library, participant):
    return segments(library, participants=[participant])[0].take_id


def test_a_take_that_is_played_gives_what_the_test_of_the_delay_saw(trained):
    library, record = trained
    take_id = take_of(library, "P3")
    device = choose_device("cpu")
    expected = streamed(
        library, load_detector(library, record, device), take_id, SCORE, device=device
    )
    assert expected
    watcher = open_watcher(library, record, "cpu")
    events = []
    settings = RecognitionSettings(threshold=Threshold(SCORE, SCORE))
    known = known_of(library, f"take:{take_id}")
    with no_thread_left(), open_source(library, f"take:{take_id}", real_time=False) as feed:
        recogniser = Recogniser(
            feed,
            watcher,
            settings,
            on_event=events.append,
            segments=known.segments,
            warm_up=known.warm_up,
        )
        assert recogniser.wait_until_over(20)
        recogniser.close()
        state = recogniser.state()
    assert state.failure is None
    told = [one for one in events if one.offset_us is not None]
    assert [
        (one.known_frame, one.action, one.onset_frame, one.offset_frame, round(one.confidence, 4))
        for one in sorted(told[: len(expected)], key=lambda one: (one.known_us, one.action))
    ] == [
        (at_frame - 1, one.action, round(one.start), round(one.end), round(one.score, 4))
        for one, at_frame in sorted(expected, key=lambda pair: (pair[1], pair[0].action))
    ]
    assert {one.was_right for one in told} <= {True, False}
    assert state.delay.n == len(expected)
    assert state.backend_name.startswith("PyTorch, CPU")
    assert state.truth.n_segments == 2


def test_it_answers_with_background_for_what_its_actions_leave(trained):
    library, record = trained
    watcher = open_watcher(library, record, "cpu")
    assert watcher.actions == live_actions(record) == (*ACTIONS, "background")
    watched = watch_take(library, watcher, take_of(library, "P2"))
    (answers,) = watched.parts
    assert [one.seen for one in answers] == list(range(2, 53, 2))
    np.testing.assert_allclose([sum(one.probabilities) for one in answers], 1, atol=1e-5)
    assert watched.seconds == pytest.approx(50 / 30, abs=0.01)
    assert watched.seconds > watched.seconds_of()


def test_two_sights_do_not_know_of_each_other(trained):
    library, record = trained
    watcher = open_watcher(library, record, "cpu")
    clip = np.zeros((8, 16, 16), np.float16)
    first, second = watcher.sight(), watcher.sight()
    assert len(first.see(clip, 2).found) == 2
    assert len(first.see(clip, 4).found) == 4
    assert len(second.see(clip, 2).found) == 2


def test_its_training_s_threshold_holds_until_somebody_sets_another(trained):
    library, record = trained
    content = json.loads((library.absolute(record.path) / "model.json").read_text())
    score = content["detector"]["threshold"]
    assert stored_settings(library, record).threshold == Threshold(score, score)
    store_settings(library, record, RecognitionSettings())
    assert stored_settings(library, record) == RecognitionSettings()
    assert usual_settings(library, record).threshold.on == score
    (library.absolute(record.path) / "model.json").write_text("{}")
    assert usual_settings(library, record) == RecognitionSettings()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"modality": "infrared"}, "sees infrared"), ({"actions": ()}, "knows no actions")],
)
def test_a_detector_that_cannot_watch_depth_is_refused(trained, changes, message):
    library, record = trained
    assert can_watch(record)
    other = replace(record, **changes)
    assert not can_watch(other)
    with pytest.raises(FsamtError, match=message):
        open_watcher(library, other, "cpu")
    assert not can_watch(replace(record, kind=ModelKind.STUDENT))


def test_thresholds_are_suggested_from_takes_of_strangers(trained):
    library, record = trained
    found = suggest_thresholds(library, record, false_alarms_per_minute=0, device="cpu")
    assert found.of_detector
    assert found.participants == ("P3",)
    assert found.minutes == pytest.approx(50 / 30 / 60, abs=0.001)
    assert found.background_minutes > 0
    assert [one.action for one in found.per_action] == list(ACTIONS)
    assert "minutes of labelled takes" in found.words
    assert "each by half its time at least" in found.words
    assert all(one.threshold.on == one.threshold.off for one in found.per_action)
    watcher = open_watcher(library, record, "cpu")
    watched = watch_take(library, watcher, take_of(library, "P3"))
    again = judged(watched, watcher, found.applied_to(RecognitionSettings()))
    assert sum(one.was_right is False for one in again.events) == found.n_false_alarms
    assert len(again.found) == found.n_found
