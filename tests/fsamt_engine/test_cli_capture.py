"""`fsamt cameras` and `fsamt record`, with the simulated camera and with one that misbehaves."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from functools import partialmethod
from pathlib import Path

import pytest

from fsamt_engine.capture import cameras, disk, measuring, preflight
from fsamt_engine.capture import record as capture_record
from fsamt_engine.capture.camera import CameraGoneError
from fsamt_engine.capture.checks import Check
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.cli import live_line, main, recording
from fsamt_engine.library import Library
from fsamt_engine.library.consent import Consent, note_consent
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import QualityLevel, StreamKind
from fsamt_engine.library.takes import list_takes, take
from tests.fsamt_engine.capture.puppet import Puppet, PuppetCamera, no_thread_left


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    with no_thread_left():
        yield


@pytest.fixture(autouse=True)
def _short_preflight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "_SETTLING_S", 0.0)
    for name in ("_WATCH_S", "_ENCODE_S", "_WRITE_S"):
        monkeypatch.setattr(preflight, name, 0.05)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Library.create(tmp_path / "library").close()
    return tmp_path / "library"


@pytest.fixture
def puppet(monkeypatch: pytest.MonkeyPatch) -> Puppet:
    """A camera `puppet` that the tests move."""
    puppet = Puppet()
    monkeypatch.setitem(cameras._KINDS, "puppet", lambda id, _: puppet.open(id))
    return puppet


@pytest.fixture
def giving(puppet: Puppet) -> Iterator[Puppet]:
    """One that gives 30 moments a second, as a camera does."""
    is_over = threading.Event()

    def give() -> None:
        while not is_over.wait(1 / 30):
            if puppet.is_plugged_in:
                puppet.give()

    hand = threading.Thread(target=give, name="puppet's hand")
    hand.start()
    yield puppet
    is_over.set()
    hand.join()


def record(root: Path, *words: str, camera: str = "puppet") -> int:
    return main(["record", "--camera", camera, "--library", str(root), *words])


def when_shown(monkeypatch: pytest.MonkeyPatch, do: Callable[[int], None]) -> None:
    """Calls `do` with 1, 2, ... whenever the line is to be drawn."""
    shown = live_line.LiveLine.show
    n = 0

    def show(self: live_line.LiveLine, text: str, *, now: bool = False) -> None:
        nonlocal n
        n += 1
        do(n)
        shown(self, text, now=now)

    monkeypatch.setattr(live_line.LiveLine, "show", show)


def test_cameras_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cameras"]) == 0
    assert "simulated" in capsys.readouterr().out
    assert main(["cameras", "--json"]) == 0
    assert "simulated" in [one["id"] for one in json.loads(capsys.readouterr().out)]


def test_a_recording_ends_with_its_take_and_a_verdict(
    root: Path, giving: Puppet, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--seconds", "1", "--participant", "P7", "--session", "visit", "--action", "wave"]
    assert record(root, *words) == 0
    answer = capsys.readouterr()
    with Library.open(root) as library:
        (row,) = list_takes(library)
        assert (row.session, row.participant, row.actions) == ("visit", "P7", ("wave",))
        assert row.has_colour
        assert 0.5e6 < row.duration_us < 1.5e6
        (segment,) = segments(library)
        depth = take(library, row.id).stream(StreamKind.DEPTH)
        assert depth is not None
        assert (segment.start, segment.end) == (0, depth.n_frames)
    assert row.id in answer.out
    assert "transfer" in answer.out
    assert "Recording 0:0" in answer.err


def test_the_simulated_camera_records(root: Path) -> None:
    words = ["--seconds", "0.3", "--size", "424x240", "--rate", "15"]
    assert record(root, *words, camera="simulated") == 0
    with Library.open(root) as library:
        (row,) = list_takes(library)
    assert row.has_colour


def test_the_answer_can_be_json(
    root: Path, giving: Puppet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(root, "--seconds", "0.5", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert set(one) == {"id", "seconds", "pairs", "level", "verdict", "hints"}


def test_depth_only_never_opens_colour(root: Path, giving: Puppet) -> None:
    assert record(root, "--seconds", "0.2", "--depth-only") == 0
    assert [settings.kinds for settings in giving.asked] == [{StreamKind.DEPTH}]


@pytest.mark.parametrize("noted", [Consent(False), Consent(True, until=date(2020, 1, 1))])
def test_colour_is_not_opened_without_consent_or_after_its_last_day(
    root: Path, giving: Puppet, noted: Consent, capsys: pytest.CaptureFixture[str]
) -> None:
    with Library.open(root) as library:
        note_consent(library, "visit", "P7", noted)
    words = ["--seconds", "0.2", "--session", "visit", "--participant", "P7"]
    assert record(root, *words) == 0
    assert [settings.kinds for settings in giving.asked] == [{StreamKind.DEPTH}]
    assert "only depth is recorded" in capsys.readouterr().err


def test_a_script_records_labelled_takes(
    root: Path, giving: Puppet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [{"action": name, "seconds": 0.5, "rest_s": 0.1} for name in ("wave", "clap")]
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"countdown_s": 0.2, "steps": steps}))
    assert record(root, "--script", str(script)) == 0
    answer = capsys.readouterr()
    with Library.open(root) as library:
        assert sorted(row.actions for row in list_takes(library)) == [("clap",), ("wave",)]
        assert all(row.id in answer.out for row in list_takes(library))
    assert "wave (1 of 1) in 1 s" in answer.err
    assert "NOW wave (1 of 1)" in answer.err


def test_interrupting_keeps_the_take(
    root: Path, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def give_and_interrupt(n: int) -> None:
        puppet.give(2)
        if n == 5:
            os.kill(os.getpid(), signal.SIGINT)

    when_shown(monkeypatch, give_and_interrupt)
    assert record(root) == 0
    with Library.open(root) as library:
        (row,) = list_takes(library)
    assert row.id in capsys.readouterr().out


def test_an_unplugged_camera_is_told_and_both_parts_are_kept(
    root: Path, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def pull_the_cable(n: int) -> None:
        if n == 4:
            puppet.unplug()
        elif n == 10:
            puppet.plug_in()
        else:
            puppet.give(2)
        with Library.open(root) as library:
            if len(list_takes(library)) == 1 and n > 25:
                os.kill(os.getpid(), signal.SIGINT)

    when_shown(monkeypatch, pull_the_cable)
    assert record(root) == 0
    answer = capsys.readouterr()
    assert "recording goes on when the camera is back" in answer.err
    with Library.open(root) as library:
        recordings = [take(library, row.id).recording for row in list_takes(library)]
    assert sorted((one.part, one.ended) for one in recordings if one is not None) == [
        (1, "unplugged"),
        (2, "stopped"),
    ]


def test_a_disk_that_fills_up_ends_it_with_2_and_keeps_the_take(
    root: Path, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = 10**12

    class Usage:
        @property
        def free(self) -> int:
            return free

    def fill_up(n: int) -> None:
        nonlocal free
        puppet.give(2)
        free = 10**9 if n > 5 else free

    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: Usage())
    when_shown(monkeypatch, fill_up)
    assert record(root) == 2
    answer = capsys.readouterr()
    assert "Error: The disk is nearly full" in answer.err
    with Library.open(root) as library:
        (row,) = list_takes(library)
    assert row.id in answer.out


def test_a_played_file_loses_nothing_to_the_look_at_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Puppet("file:take.db3", is_live=False)

    def open_file(camera_id: str, real_time: bool) -> PuppetCamera:
        assert not real_time
        camera = file.open(camera_id)
        file.give(12)
        file.end()
        return camera

    monkeypatch.setitem(cameras._KINDS, "file", open_file)
    assert record(root, camera="file:take.db3") == 0
    with Library.open(root) as library:
        (row,) = list_takes(library)
    assert row.n_pairs == 12


def test_a_camera_that_is_not_there_is_named(
    root: Path, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(camera_id: str, _real_time: bool) -> PuppetCamera:
        raise CameraGoneError(f"There is no RealSense camera {camera_id}.", "Plug it in.")

    monkeypatch.setitem(cameras._KINDS, "puppet", gone)
    monkeypatch.setattr(
        CameraFeed, "wait_until_open", partialmethod(CameraFeed.wait_until_open, 0.2)
    )
    assert record(root) == 2
    assert "There is no RealSense camera puppet" in capsys.readouterr().err


def test_a_camera_that_gives_nothing_is_not_waited_for_for_ever(
    root: Path, puppet: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(capture_record, "_FIRST_FRAME_S", 0.1)
    assert record(root, "--seconds", "0.1") == 2
    assert "Nothing was recorded" in capsys.readouterr().err


def test_a_check_shows_everything_and_records_nothing(
    root: Path, giving: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preflight, "_WATCH_S", 0.5)
    assert record(root, "--check") in (0, 2)  # A busy computer may really be too slow.
    shown = capsys.readouterr().out
    for name in ("Frame rate", "Brightness", "Depth", "Encoders", "Disk space", "Disk speed"):
        assert name in shown
    with Library.open(root) as library:
        assert list_takes(library) == []


def test_what_is_not_fit_is_told_before_the_recording(
    root: Path, giving: Puppet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        Check("USB", QualityLevel.BAD, "USB 2.1.", "Use another cable."),
        Check("Depth", QualityLevel.GOOD, "All is well."),
    ]
    monkeypatch.setattr(recording, "preflight", lambda *_, **__: found)
    assert record(root, "--seconds", "0.2") == 0
    told = capsys.readouterr().err
    assert "Bad: USB 2.1. Use another cable." in told
    assert "All is well" not in told
    assert record(root, "--check") == 2
    assert "All is well" in capsys.readouterr().out


def test_markers_need_pylsl(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pylsl", None)
    assert record(root, "--lsl", "--seconds", "1") == 2
    assert "need pylsl" in capsys.readouterr().err


def test_a_size_that_is_not_offered_is_told(
    root: Path, giving: Puppet, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(root, "--seconds", "0.2") == 0
    told = capsys.readouterr().err
    assert "puppet gives depth 64x48 at 30, colour 64x48 at 30, not depth 848x480" in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--camera", "puppet"], "A camera is named twice"),
        (["--script", "nowhere.json"], "nowhere.json cannot be read"),
        (["--script", "a.json", "--seconds", "3"], "A script says itself"),
        (["--script", "a.json", "--action", "wave"], "A script says itself"),
        (["--size", "large"], "not a size such as 848x480"),
        (["--seconds", "inf"], "no length of a recording"),
        (["--seconds", "nan"], "no length of a recording"),
        (["--participant", " ", "--seconds", "0.2"], "no participant"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_recorded(
    root: Path,
    giving: Puppet,
    words: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert record(root, *words) == 2
    assert sentence in capsys.readouterr().err
    with Library.open(root) as library:
        assert list_takes(library) == []


@pytest.mark.parametrize("words", [["record", "--help"], ["cameras", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    program = (
        "import sys; from fsamt_engine.cli import main; main(sys.argv[1:]);"
        "heavy = {'torch', 'av', 'cv2', 'numpy', 'pyrealsense2'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
