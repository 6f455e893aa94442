from contextlib import ExitStack

import pytest

from fsamt_engine.capture.camera import CameraSettings, StreamMode
from fsamt_engine.capture.cameras import open_camera
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.record import record_feeds
from fsamt_engine.capture.recorder import RecorderLimits, RecordingOrder
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, StreamKind, takes
from fsamt_engine.progress import Stop
from tests.fsamt_engine.capture.puppet import BOTH, Puppet, no_thread_left

ORDER = RecordingOrder("visit", "P1", "wave")
LIMITS = RecorderLimits(disk_reserve_bytes=0)


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as library, no_thread_left():
        yield library


class Shelf:
    """Recordings of five pairs; `asked` are the settings of every start."""

    def __init__(self, ends=True):
        self.ends = ends
        self.puppets = []

    def open(self, camera_id):
        if camera_id.startswith("webcam"):
            raise FsamtError(f"There is no camera {camera_id}.", "Plug it in.")
        puppet = Puppet(camera_id, is_live=False)
        self.puppets.append(puppet)
        camera = puppet.open(camera_id)
        puppet.give(5)
        if self.ends:
            puppet.end()
        return camera


def record(library, camera_ids, settings, seconds, *, open_camera=open_camera, **options):
    """With cameras that are open for this recording alone."""
    with ExitStack() as stack:
        feeds = [stack.enter_context(CameraFeed(id, settings, open_camera)) for id in camera_ids]
        for feed in feeds:
            feed.wait_until_open()
        return record_feeds(library, feeds, ORDER, seconds, limits=LIMITS, **options)


def test_some_time_of_the_simulated_camera_becomes_a_take(library):
    progress = []
    small = [StreamMode(kind, 424, 240, 15.0) for kind in (StreamKind.DEPTH, StreamKind.COLOUR)]
    (take,) = record(
        library,
        ["simulated:1/wave"],
        CameraSettings(tuple(small)),
        0.5,
        on_status=progress.append,
    )
    assert take.n_pairs >= 1
    assert take.source == "simulated"
    assert take.calibration.depth is not None
    assert takes.take(library, take.id) == take
    assert progress[0].ended is None


def test_played_files_are_recorded_together_to_their_ends(library):
    shelf, progress = Shelf(), []
    recorded = record(
        library,
        ["file:a", "file:b"],
        BOTH,
        None,
        on_status=progress.append,
        open_camera=shelf.open,
    )
    assert [take.recording.camera for take in recorded] == ["file:a", "file:b"]
    assert len({take.recording.group for take in recorded}) == 1
    assert [take.n_pairs for take in recorded] == [5, 5]
    assert progress[-1].n_dropped == 0


def record_until(library, stop):
    seen = []
    return record(
        library,
        ["file:a"],
        BOTH,
        None,
        on_status=seen.append,
        should_stop=lambda: stop if seen[-1].n_frames == 10 else None,
        open_camera=Shelf(ends=False).open,
    )


@pytest.mark.parametrize("stop", [Stop.PAUSE, Stop.KEEP_BEST])
def test_asked_to_finish_it_keeps_what_there_is(library, stop):
    (take,) = record_until(library, stop)
    assert take.n_pairs == 5


def test_cancelled_it_keeps_nothing(library):
    with pytest.raises(Cancelled):
        record_until(library, Stop.CANCEL)
    assert takes.count_takes(library) == 0
    assert list(library.takes_folder.iterdir()) == []


def test_a_camera_that_is_not_there_is_said_and_nothing_is_left(library):
    with pytest.raises(FsamtError, match="no camera"):
        record(library, ["file:a", "webcam:0"], BOTH, 1.0, open_camera=Shelf().open)
    assert list(library.takes_folder.iterdir()) == []
