import threading

import pytest

from fsamt_engine.capture import feed as feeds
from fsamt_engine.capture.camera import ColourOpenError
from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import StreamKind
from tests.fsamt_engine.capture.puppet import (
    BOTH,
    COLOUR,
    DEPTH,
    DEPTH_ONLY,
    SKEW_US,
    Puppet,
    no_thread_left,
    wait_until,
)


class Sink:
    def __init__(self):
        self.frames, self.ends = [], []

    def take_frame(self, frame):
        self.frames.append(frame)

    def camera_ended(self, how):
        self.ends.append(how)


@pytest.fixture(autouse=True)
def _threads_end():
    with no_thread_left():
        yield


@pytest.fixture
def puppet():
    return Puppet()


@pytest.fixture
def feed(puppet):
    with CameraFeed("puppet", BOTH, puppet.open, retry_s=0.01, close_s=0.3) as feed:
        feed.wait_until_open()
        yield feed
        puppet.may_close.set()


def n_frames(feed):
    return sum(stream.n_frames for stream in feed.status().streams)


def test_the_newest_frame_of_each_stream_can_be_looked_at(feed, puppet):
    assert feed.latest(StreamKind.DEPTH) is None
    puppet.give(5)
    wait_until(lambda: n_frames(feed) == 10)
    assert feed.latest(StreamKind.DEPTH).number == 4
    assert feed.latest(StreamKind.COLOUR).number == 4
    with pytest.raises(ValueError, match="read-only"):
        feed.latest(StreamKind.DEPTH).pixels[0, 0] = 1


def test_rate_gaps_and_skew_are_counted(feed, puppet):
    puppet.give(5)
    puppet.skip(3)
    puppet.give(5)
    wait_until(lambda: n_frames(feed) == 20)
    status = feed.status()
    depth = next(s for s in status.streams if s.mode.kind == StreamKind.DEPTH)
    assert (depth.n_frames, depth.n_missing) == (10, 3)
    assert depth.rate_hz > 0
    assert depth.age_s < 10
    assert status.skew_us == SKEW_US
    assert status.state == FeedState.RUNNING
    assert status.message == ""


def test_a_sink_gets_every_frame_from_then_on(feed, puppet):
    puppet.give(2)
    wait_until(lambda: n_frames(feed) == 4)
    sink = Sink()
    assert feed.attach(sink, feed.opened)
    puppet.give(3)
    wait_until(lambda: len(sink.frames) == 6)
    assert [frame.number for frame in sink.frames] == [2, 2, 3, 3, 4, 4]
    feed.detach(sink)
    puppet.give(1)
    wait_until(lambda: n_frames(feed) == 12)
    assert len(sink.frames) == 6


def test_unplugged_it_says_so_and_goes_on_by_itself(feed, puppet):
    sink, before = Sink(), feed.opened
    feed.attach(sink, before)
    puppet.unplug()
    wait_until(lambda: sink.ends)
    assert sink.ends == ["unplugged"]
    assert feed.status().state == FeedState.GONE
    assert "unplugged" in feed.status().message or "no camera" in feed.status().message
    assert feed.opened is None
    puppet.plug_in()
    feed.wait_until_open()
    assert feed.status().state == FeedState.RUNNING
    assert feed.status().n_reconnects == 1
    assert not feed.attach(sink, before)
    puppet.give(1)
    wait_until(lambda: n_frames(feed) == 2)
    assert sink.frames == []


def test_a_camera_that_cannot_be_opened_at_first_is_a_failure(puppet):
    puppet.is_plugged_in = False
    with CameraFeed("puppet", BOTH, puppet.open) as feed:
        with pytest.raises(FsamtError, match="no camera"):
            feed.wait_until_open()
        assert feed.status().state == FeedState.FAILED
        assert "Plug it in" in feed.status().message


def test_a_bug_of_a_camera_is_kept_and_shown(feed, puppet):
    sink = Sink()
    feed.attach(sink, feed.opened)
    puppet.fail(ZeroDivisionError("a bug"))
    wait_until(lambda: sink.ends)
    assert feed.status().state == FeedState.FAILED
    assert isinstance(feed.status().failure, ZeroDivisionError)


def test_a_file_that_ends_is_not_opened_again(feed, puppet):
    sink = Sink()
    feed.attach(sink, feed.opened)
    puppet.give(1)
    puppet.end()
    wait_until(lambda: sink.ends)
    assert sink.ends == ["file ended"]
    assert len(sink.frames) == 2
    wait_until(lambda: feed.status().state == FeedState.ENDED)
    assert len(puppet.asked) == 1


def test_a_camera_that_is_not_live_waits_for_a_sink():
    puppet = Puppet(is_live=False)
    with CameraFeed("puppet", BOTH, puppet.open) as feed:
        opened = feed.wait_until_open()
        puppet.give(3)
        sink = Sink()
        feed.attach(sink, opened)
        wait_until(lambda: len(sink.frames) == 6)
        assert sink.frames[0].number == 0


def test_depth_alone_never_opens_colour(puppet):
    with CameraFeed("puppet", DEPTH_ONLY, puppet.open) as feed:
        feed.wait_until_open()
        puppet.give(3)
        wait_until(lambda: n_frames(feed) == 3)
        assert feed.latest(StreamKind.COLOUR) is None
    assert [asked.kinds for asked in puppet.asked] == [{StreamKind.DEPTH}]


def test_closing_twice_is_fine_and_ends_its_sinks(feed):
    sink = Sink()
    feed.attach(sink, feed.opened)
    assert feed.close()
    assert feed.close()
    assert sink.ends == ["unplugged"]
    assert feed.status().state == FeedState.CLOSED


def test_stop_timeout_marks_abandoned_and_prevents_restart_of_that_camera_only(feed, puppet):
    puppet.give(1)
    wait_until(lambda: n_frames(feed) == 2)
    puppet.may_close.clear()
    assert not feed.close()
    assert "hangs" in feed.status().message
    with pytest.raises(FsamtError, match="hangs"):
        CameraFeed("puppet", BOTH, puppet.open)

    other = Puppet("other")
    with CameraFeed("other", BOTH, other.open) as other_feed:
        other_feed.wait_until_open()

    puppet.may_close.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "close puppet"])
    with CameraFeed("puppet", BOTH, puppet.open) as again:
        again.wait_until_open()


def test_a_driver_that_hangs_in_read_is_given_up(feed, puppet):
    puppet.hang()
    puppet.is_hanging.wait(10)
    assert not feed.close()
    assert "hangs" in feed.status().message
    with pytest.raises(FsamtError, match="hangs"):
        CameraFeed("puppet", BOTH, puppet.open)
    puppet.may_read_on.set()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "camera puppet"])
    with CameraFeed("puppet", BOTH, puppet.open) as again:
        again.wait_until_open()


def test_it_says_what_the_driver_says_that_runs_not_what_was_asked_for(puppet):
    puppet.says_active = [DEPTH]
    with CameraFeed("puppet", BOTH, puppet.open) as feed:
        feed.wait_until_open()
        assert {stream.kind for stream in feed.active_streams} == {StreamKind.DEPTH}
    assert feed.active_streams == ()


def test_colour_that_runs_unasked_ends_the_feed_before_a_frame_is_read(puppet):
    puppet.says_active = [DEPTH, COLOUR]
    puppet.give(3)
    with CameraFeed("puppet", DEPTH_ONLY, puppet.open, retry_s=0.01) as feed:
        with pytest.raises(ColourOpenError):
            feed.wait_until_open()
        assert feed.latest(StreamKind.DEPTH) is None
        assert feed.active_streams == ()


def test_colour_that_is_opened_later_ends_the_feed_for_good(puppet, monkeypatch):
    monkeypatch.setattr(feeds, "_ACTIVE_S", 0.01)
    sink = Sink()
    with CameraFeed("puppet", DEPTH_ONLY, puppet.open, retry_s=0.01) as feed:
        assert feed.attach(sink, feed.wait_until_open())
        puppet.says_active = [DEPTH, COLOUR]
        wait_until(lambda: feed.status().state == FeedState.FAILED)
        assert isinstance(feed.status().failure, ColourOpenError)
        assert sink.ends == ["unplugged"]
        assert len(puppet.asked) == 1
