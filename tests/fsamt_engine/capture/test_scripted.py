"""A script that is recorded with a camera which gives frames, or does not, as the test says."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.recorder import RecorderState, RecordingOrder
from fsamt_engine.capture.script import Script, ScriptStep
from fsamt_engine.capture.script_runner import CueKind, Phase
from fsamt_engine.capture.scripted import ScriptMoment, record_script
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.bin import list_bin
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import Take
from fsamt_engine.library.takes import list_takes
from fsamt_engine.progress import Stop
from tests.fsamt_engine.capture.puppet import BOTH, Puppet, no_thread_left

ORDER = RecordingOrder("visit", "P1")
TWO = Script((ScriptStep("wave", 0.5, 1, 0.0), ScriptStep("clap", 0.5)), 0.0)
LONG = Script((ScriptStep("wave", 30.0),), 0.0)


class ToldMarkers:
    """Notes what would go out."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def started(self, action: str = "") -> None:
        self.told.append(f"start {action}")

    def stopped(self, action: str = "") -> None:
        self.told.append(f"stop {action}")

    def discarded(self, action: str = "") -> None:
        self.told.append(f"discard {action}")

    def kept(self, take_id: str, action: str = "") -> None:
        self.told.append(f"kept {take_id} {action}")


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    with no_thread_left():
        yield


@pytest.fixture
def puppet() -> Puppet:
    return Puppet()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as created:
        yield created


@pytest.fixture
def feed(puppet: Puppet) -> Iterator[CameraFeed]:
    with CameraFeed("puppet", BOTH, puppet.open, retry_s=0.01) as opened:
        opened.wait_until_open()
        yield opened


def giving(puppet: Puppet, also: Callable[[ScriptMoment], None] = lambda _: None):
    """A camera that gives two moments whenever it is looked at, while it is plugged in."""

    def on_moment(moment: ScriptMoment) -> None:
        also(moment)
        if puppet.is_plugged_in:
            puppet.give(2)

    return on_moment


def actions_of(library: Library, takes: tuple[Take, ...]) -> list[list[tuple[str, int, int]]]:
    return [
        [(one.action, one.start, one.end) for one in segments(library, take_ids=[take.id])]
        for take in takes
    ]


def test_every_take_carries_its_action_from_the_first_frame_to_the_last(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    takes = record_script(library, [feed], ORDER, TWO, on_moment=giving(puppet))
    lengths = [take.streams[0].n_frames for take in takes]
    assert all(length > 1 for length in lengths)
    assert actions_of(library, takes) == [[("wave", 0, lengths[0])], [("clap", 0, lengths[1])]]
    assert [(take.session, take.participant) for take in takes] == [("visit", "P1")] * 2


def test_markers_say_when_what_was_recorded_as_which_take(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    markers = ToldMarkers()
    takes = record_script(library, [feed], ORDER, TWO, markers=markers, on_moment=giving(puppet))
    assert markers.told == [
        "start wave",
        "stop wave",
        f"kept {takes[0].id} wave",
        "start clap",
        "stop clap",
        f"kept {takes[1].id} clap",
    ]


def test_a_take_in_which_the_camera_was_unplugged_is_performed_again(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    script = Script((ScriptStep("wave", 0.5),), 0.0)
    markers, seen = ToldMarkers(), list[Phase]()

    def pull_the_cable_once(moment: ScriptMoment) -> None:
        seen.append(moment.phase)
        recorder = moment.recorder
        if recorder is not None and recorder.n_frames > 2 and Phase.PAUSED not in seen:
            puppet.unplug()
        if moment.phase == Phase.PAUSED:
            assert moment.message
            puppet.plug_in()

    on_moment = giving(puppet, pull_the_cable_once)
    (take,) = record_script(library, [feed], ORDER, script, markers=markers, on_moment=on_moment)
    assert Phase.PAUSED in seen
    assert markers.told[:4] == ["start wave", "stop wave", "discard wave", "start wave"]
    assert [row.id for row in list_takes(library)] == [take.id]
    assert take.recording is not None
    assert take.recording.ended == "stopped"
    assert len(list_bin(library)) == 1


def test_a_stop_keeps_the_take_that_is_recorded(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    n_frames = 0

    def note(moment: ScriptMoment) -> None:
        nonlocal n_frames
        n_frames = moment.recorder.n_frames if moment.recorder is not None else 0

    (take,) = record_script(
        library,
        [feed],
        ORDER,
        LONG,
        on_moment=giving(puppet, note),
        should_stop=lambda: Stop.PAUSE if n_frames > 4 else None,
    )
    assert actions_of(library, (take,)) == [[("wave", 0, take.streams[0].n_frames)]]


def test_a_stop_between_takes_leaves_those_before(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    script = Script((ScriptStep("wave", 0.5, 2, 60.0),), 0.0)
    kinds: list[CueKind] = []
    takes = record_script(
        library,
        [feed],
        ORDER,
        script,
        on_moment=giving(puppet, lambda moment: kinds.extend(cue.kind for cue in moment.cues)),
        should_stop=lambda: Stop.PAUSE if CueKind.KEEP in kinds else None,
    )
    assert len(takes) == 1


def test_a_camera_that_fails_leaves_what_was_recorded(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    def break_it(moment: ScriptMoment) -> None:
        if moment.recorder is not None and moment.recorder.n_frames > 4:
            puppet.fail(ZeroDivisionError("a bug in a driver"))

    with pytest.raises(ZeroDivisionError):
        record_script(library, [feed], ORDER, LONG, on_moment=giving(puppet, break_it))
    assert len(list_takes(library)) == 1


def test_a_played_file_that_is_at_its_end_ends_the_script(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    def end_it(moment: ScriptMoment) -> None:
        if moment.recorder is not None and moment.recorder.n_frames > 4:
            puppet.end()

    takes = record_script(library, [feed], ORDER, LONG, on_moment=giving(puppet, end_it))
    assert len(takes) == 1
    with pytest.raises(FsamtError, match="gives no frames any more"):
        record_script(library, [feed], ORDER, LONG)


def test_a_moment_says_where_the_script_is(
    library: Library, feed: CameraFeed, puppet: Puppet
) -> None:
    moments: list[ScriptMoment] = []
    record_script(library, [feed], ORDER, TWO, on_moment=giving(puppet, moments.append))
    assert [(m.n_kept, m.n_left) for m in (moments[0], moments[-1])] == [(0, 2), (2, 0)]
    first = moments[0]
    assert first.take is not None
    assert (first.phase, first.take.action) == (Phase.RECORDING, "wave")
    assert first.recorder is not None
    assert first.recorder.state in (RecorderState.WAITING, RecorderState.RECORDING)
    assert moments[-1].recorder is None
    assert 0.9 < first.script_seconds_left <= 1.0
