"""`fsamt recognise`, as a terminal sees it, with a network that always says the same."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fsamt_engine.capture import cameras
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.cli import live_out, main, recognising
from fsamt_engine.cli.live_line import LiveLine
from fsamt_engine.evaluation.detection_test import Delay
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import add_model
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.suggestions import list_suggestions
from fsamt_engine.library.takes import frame_numbers, take_ids_by_name
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation
from fsamt_engine.recognition import thresholds
from fsamt_engine.recognition.live_settings import store_settings, stored_settings
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from tests.fsamt_engine.capture.puppet import Puppet, no_thread_left
from tests.fsamt_engine.recognition.detecting import Finds, PuppetDetector, puppet_detector
from tests.fsamt_engine.recognition.entering import ACTIONS, enter_recogniser
from tests.fsamt_engine.recognition.watching import Says, live_model

QUICK = ("--smoothing", "0", "--shortest", "0.2")


class Network(Says):
    """Says `across`, with a probability of `sure`."""

    sure = 0.9

    def probabilities(self, clip: np.ndarray) -> np.ndarray:
        super().probabilities(clip)
        return np.array([self.sure, 1 - self.sure], np.float32)


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    with no_thread_left():
        yield


@pytest.fixture
def network() -> Network:
    return Network("across", ACTIONS)


@pytest.fixture
def record(
    square_library: Library, network: Network, monkeypatch: pytest.MonkeyPatch
) -> ModelRecord:
    for room in (recognising, thresholds):
        monkeypatch.setattr(room, "open_watcher", lambda *_, **__: live_model(network))
    return enter_recogniser(square_library, "P1", "P2")


def take_of(library: Library, action: str) -> str:
    return segments(library, actions=[action], participants=["P3"])[0].take_id


def recognise(library: Library, *words: str) -> int:
    return main(["recognise", "--library", str(library.root), "--model", "recogniser-1", *words])


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_take_is_recognised_with_right_and_wrong(
    square_library: Library, record: ModelRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    for action, judged in (("across", "right"), ("down", "wrong")):
        asked = ("--take", take_of(square_library, action), "--every-frame", *QUICK)
        assert recognise(square_library, *asked) == 0
        said = capsys.readouterr()
        assert said.out.split() == ["0.1", "s", "across", "0.5", "s", "0.90", judged]
        assert "Open: depth 48 × 40 at 30 Hz" in said.err
        assert "Colour is not open." in said.err
        assert "1 action in" in said.err
        assert "20 answers" in said.err
    assert "Right at 0.0 % of 17 labelled moments; 0 of 1 labelled actions found" in said.err


def test_events_go_to_standard_output_as_json_and_nothing_else_does(
    square_library: Library, record: ModelRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    take_id = take_of(square_library, "across")
    asked = ("--take", take_id, "--every-frame", "--events", "-", *QUICK)
    assert recognise(square_library, *asked) == 0
    begin, end = lines_of(capsys.readouterr().out)
    assert (begin["event"], end["event"]) == ("begin", "end")
    assert (end["action"], end["onset_frame"], end["offset_frame"]) == ("across", 3, 19)
    assert (end["source"], end["model"]) == (f"take:{take_id}", "recogniser-1")


def test_events_and_raw_answers_are_added_to_files_and_events_told_as_well(
    square_library: Library,
    record: ModelRecord,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    events, answers = tmp_path / "events.jsonl", tmp_path / "answers.jsonl"
    take_id = take_of(square_library, "across")
    asked = ("--take", take_id, "--every-frame", *QUICK)
    files = ("--events", str(events), "--answers", str(answers))
    assert recognise(square_library, *asked, *files) == 0
    assert recognise(square_library, *asked, *files) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == ["across"] * 2
    assert len(lines_of(events.read_text())) == 4
    found = lines_of(answers.read_text())
    assert [one["frame"] for one in found] == [*range(20), *range(20)]
    assert found[0] == {
        "at_us": 0,
        "domain": "nominal",
        "frame": 0,
        "action": "across",
        "probability": 0.9,
        "top": [["across", 0.9], ["down", 0.1]],
        "person_found": False,
        "clip_share": round(1 / 7, 4),
    }


def test_of_a_take_the_still_background_is_known_from_its_first_frame_on(
    square_library: Library,
    record: ModelRecord,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    follows = DepthPreparation(size=16, crop=Crop(mode=CropMode.PERSON))
    model = live_model(network, preparation=follows)
    monkeypatch.setattr(recognising, "open_watcher", lambda *_, **__: model)
    asked = ("--take", take_of(square_library, "across"), "--every-frame")
    assert recognise(square_library, *asked, "--answers", str(tmp_path / "answers")) == 0
    assert lines_of((tmp_path / "answers").read_text())[0]["person_found"] is True


@pytest.mark.parametrize(("what", "n"), [("events", 2), ("answers", 20)])
def test_a_full_disk_costs_lines_and_is_said_with_their_number(
    square_library: Library,
    record: ModelRecord,
    what: str,
    n: int,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    asked = ("--take", take_of(square_library, "across"), "--every-frame", *QUICK)
    assert recognise(square_library, *asked, f"--{what}", "/dev/full") == 2
    said = capsys.readouterr().err
    assert f"{n} lines of the {what} could not be written: the disk was full." in said
    assert "again" not in said
    (while_it_went_on,) = caplog.messages
    assert f"{what} are not written any more" in while_it_went_on
    assert "20 answers" in said


def test_a_file_that_cannot_be_written_stops_it_before_it_begins(
    square_library: Library, record: ModelRecord, network: Network, tmp_path: Path
) -> None:
    asked = ("--take", take_of(square_library, "across"), "--answers", str(tmp_path / "no" / "a"))
    assert recognise(square_library, *asked) == 2
    assert network.clips == []


def test_settings_are_the_stored_ones_unless_others_are_given(
    square_library: Library, record: ModelRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = RecognitionSettings(0.0, 0.2, thresholds={"across": Threshold(0.95, 0.9)})
    store_settings(square_library, record, strict)
    asked = ("--take", take_of(square_library, "across"), "--every-frame")
    assert recognise(square_library, *asked) == 0
    assert capsys.readouterr().out == ""
    assert recognise(square_library, *asked, "--threshold", "0.8", "0.7", "--store") == 0
    assert "across" in capsys.readouterr().out
    assert stored_settings(square_library, record) == RecognitionSettings(
        0.0, 0.2, Threshold(0.8, 0.7)
    )


def test_thresholds_are_suggested_and_stored(
    square_library: Library, record: ModelRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--suggest-thresholds", "0", "--participants", "3", *QUICK)
    assert recognise(square_library, *asked) == 0
    assert stored_settings(square_library, record) == RecognitionSettings()
    said = capsys.readouterr().out
    assert "false alarms" in said
    assert "people" not in said.splitlines()[0]
    assert "Watched: 0.1 labelled minutes of 1 person (P3)" in said
    assert recognise(square_library, *asked, "--store") == 0
    assert stored_settings(square_library, record).of("across").on > 0.9


@pytest.fixture
def puppet(monkeypatch: pytest.MonkeyPatch) -> Puppet:
    """A camera `puppet` that the tests move."""
    puppet = Puppet()
    monkeypatch.setitem(cameras._KINDS, "puppet", lambda id, _: puppet.open(id))
    return puppet


def when_shown(monkeypatch: pytest.MonkeyPatch, do: Callable[[int], bool]) -> None:
    """Calls `do` with 1, 2, ... whenever the line is drawn; presses Ctrl-C when that is true."""
    n_shown = 0

    def shown(_line: LiveLine, _text: str, **_: object) -> None:
        nonlocal n_shown
        n_shown += 1
        assert n_shown < 100, "it did not come to that"
        if do(n_shown):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(LiveLine, "show", shown)


def test_ctrl_c_ends_what_goes_on_and_sums_it_up(
    square_library: Library,
    record: ModelRecord,
    network: Network,
    puppet: Puppet,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def give(_: int) -> bool:
        puppet.give(4)
        return len(network.clips) > 12

    when_shown(monkeypatch, give)
    assert recognise(square_library, "--camera", "puppet", *QUICK) == 0
    said = capsys.readouterr()
    assert said.out.split()[2] == "across"
    assert "Open: depth 64 × 48 at 30 Hz" in said.err
    assert "latency" in said.err


def test_the_camera_is_asked_for_depth_alone(
    square_library: Library,
    record: ModelRecord,
    puppet: Puppet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    when_shown(monkeypatch, lambda n: True)
    assert recognise(square_library, "--camera", "puppet") == 0
    assert [settings.kinds for settings in puppet.asked] == [{StreamKind.DEPTH}]


def test_a_camera_that_was_unplugged_goes_on_when_it_is_back(
    square_library: Library,
    record: ModelRecord,
    network: Network,
    puppet: Puppet,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    n_before = 0

    def play(n: int) -> bool:
        nonlocal n_before
        if n == 6:
            puppet.unplug()
        elif n == 8:
            n_before = len(network.clips)
            puppet.n_given = 0
            puppet.plug_in()
        elif puppet.is_plugged_in:
            puppet.give(4)
        return n > 8 and len(network.clips) > n_before + 8

    puppet.n_given = 9000
    when_shown(monkeypatch, play)
    assert recognise(square_library, "--camera", "puppet", *QUICK) == 0
    assert len(puppet.asked) == 2
    said = capsys.readouterr()
    assert "2 actions in" in said.err
    first_s, second_s = (float(line.split()[0]) for line in said.out.splitlines())
    assert 0 <= first_s < second_s < 60


@pytest.mark.parametrize("wish", [("--keep-uncertain",), ()])
def test_uncertain_moments_are_kept_only_where_that_is_asked_for(
    square_library: Library,
    record: ModelRecord,
    network: Network,
    puppet: Puppet,
    wish: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def give(n: int) -> bool:
        network.sure = 0.55 if n < 10 else 0.95
        puppet.give(6)
        return n > 12 and len(network.clips) > 12

    n_takes = len(set(take_ids_by_name(square_library).values()))
    when_shown(monkeypatch, give)
    assert recognise(square_library, "--camera", "puppet", *QUICK, *wish) == 0
    found = list_suggestions(square_library)
    assert len(found) == len(wish)
    assert len(set(take_ids_by_name(square_library).values())) == n_takes + len(wish)
    assert ("Kept for labelling" in capsys.readouterr().err) == bool(wish)
    for one in found:
        assert (one.action, one.model_id) == ("across", "recogniser-1")
        assert one.reason == "Live it could have been across (0.55) or down (0.45)."


def test_of_a_recording_each_uncertain_moment_is_kept_however_quickly_it_is_played(
    square_library: Library,
    record: ModelRecord,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    puppet = Puppet(is_live=False)
    monkeypatch.setitem(cameras._KINDS, "puppet", lambda id, _: puppet.open(id))
    doubts = range(60, 91)

    def say(clip: np.ndarray) -> np.ndarray:
        network.clips.append(clip)
        sure = 0.55 if len(network.clips) in doubts else 0.95
        return np.array([sure, 1 - sure], np.float32)

    monkeypatch.setattr(network, "probabilities", say)
    monkeypatch.setattr(recognising, "_POLL_S", 60.0)
    wait_until_open = recognising._wait_until_open

    def play(feed: CameraFeed) -> None:
        wait_until_open(feed)
        puppet.give(120)
        puppet.end()

    monkeypatch.setattr(recognising, "_wait_until_open", play)
    assert recognise(square_library, "--camera", "puppet", *QUICK, "--keep-uncertain") == 0
    (one,) = list_suggestions(square_library)
    assert one.reason == "Live it could have been across (0.55) or down (0.45)."
    numbers = frame_numbers(square_library, one.take_id, StreamKind.DEPTH)
    assert numbers.tolist() == list(range(doubts.stop))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Give what is to be watched"),
        (("--camera", "simulated", "--take", "x"), "not both"),
        (("--camera", "realsense:1", "--every-frame"), "A camera cannot wait"),
        (("--camera", "simulated", "--every-frame", "--lsl"), "time of day"),
        (("--camera", "simulated", "--participants", "P1"), "goes with --suggest-thresholds"),
        (("--take", "nowhere"), "There is no take nowhere"),
        (("--camera", "nothing:1"), "nothing:1"),
        (("--camera", "simulated", "--threshold", "0.4", "0.6"), "no threshold of an action"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(
    square_library: Library,
    record: ModelRecord,
    words: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert recognise(square_library, *words) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def detector(
    square_library: Library, record: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> PuppetDetector:
    """A detector beside the recogniser: it finds the square's way across from frame 4 to 14."""
    folder = square_library.models_folder
    shutil.copytree(folder / "recogniser-1", folder / "detector-1")
    entered = add_model(
        square_library,
        replace(
            record,
            id="detector-1",
            key="detector",
            kind=ModelKind.DETECTOR,
            path="models/detector-1",
        ),
    )
    found = replace(
        puppet_detector(Finds(("jump", 4.0, 14.0, 0.8))),
        record=entered,
        actions=(*ACTIONS, "background"),
    )
    monkeypatch.setattr(recognising, "open_watcher", lambda *_, **__: found)
    return found


def detect(library: Library, *words: str) -> int:
    return main(["recognise", "--library", str(library.root), "--model", "detector-1", *words])


def test_a_detector_tells_when_it_knew_and_how_long_after_the_end(
    square_library: Library, detector: PuppetDetector, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--take", take_of(square_library, "across"), "--every-frame", "--score", "0.5")
    assert detect(square_library, *asked) == 0
    said = capsys.readouterr()
    words = said.out.split()
    assert words[:7] == ["0.1", "s", "across", "0.3", "s", "0.80", "right"]
    assert "known 0.1 s after its end" in said.out
    assert "only after its end. How long after was not tested" in said.err
    assert "Known 0.1" in said.err
    assert "of frames that had to come" in said.err
    assert "\n1 of 1 labelled actions found (overlap 0.5), 0 false alarms" in said.err
    assert detect(square_library, *asked, "--score", "0.9") == 0
    assert capsys.readouterr().out == ""


def test_what_a_detector_was_tested_to_tell_says_how_many_it_never_told() -> None:
    said = live_out.tested_words(Delay(0.5, 0.9, n_told=12, n_truth=20, n_false=3))
    assert "0.5 s after the labelled end for half of 12 actions" in said
    assert said.endswith("8 of 20 labelled actions were not told at all.")


def test_events_of_a_detector_carry_when_they_were_known(
    square_library: Library, detector: PuppetDetector, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--take", take_of(square_library, "across"), "--every-frame", "--events", "-")
    assert detect(square_library, *asked) == 0
    begin, end = lines_of(capsys.readouterr().out)
    assert (begin["event"], end["event"]) == ("begin", "end")
    assert (end["onset_frame"], end["offset_frame"], end["known_frame"]) == (4, 14, 17)
    assert end["known_us"] == begin["known_us"] > end["offset_us"] > end["onset_us"]
    assert end["delay_s"] == pytest.approx((end["known_us"] - end["offset_us"]) / 1e6, abs=1e-3)
    assert begin["delay_s"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--threshold", "0.5", "0.4"), "give --score P"),
        (("--shortest", "0.5"), "--shortest means nothing"),
    ],
)
def test_what_means_nothing_to_a_detector_is_refused(
    square_library: Library,
    detector: PuppetDetector,
    words: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert detect(square_library, "--camera", "simulated", *words) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_recogniser_has_no_score(
    square_library: Library, record: ModelRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recognise(square_library, "--camera", "simulated", "--score", "0.5") == 2
    assert "give --threshold ON OFF" in " ".join(capsys.readouterr().err.split())
