"""What goes wrong in labs, recorded by the real SDK, imported, and judged by the take's page.

The faults are injected in `recorded`; each test says what is left to trust.
"""

import numpy as np
import pytest

from fsamt_engine.capture.cameras import missing
from fsamt_engine.datasets.realsense import RecordingNames, import_realsense
from fsamt_engine.library import Library
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.records import QualityLevel, StreamKind
from fsamt_engine.library.takes import frame_numbers, list_takes, pairs, take, timestamps
from tests.fsamt_engine.capture import recorded
from tests.fsamt_engine.capture.recorded import PERIOD_US, SKEW_US, record, steady

pytestmark = pytest.mark.skipif(missing() is not None, reason="the RealSense SDK is not there")

N = 44
D, C = StreamKind.DEPTH, StreamKind.COLOUR


@pytest.fixture
def imported(tmp_path):
    """A function that records frames, imports the file, and gives what the library knows of it."""
    library = Library.create(tmp_path / "library")

    def do(frames, unit_m=0.001):
        path = record(tmp_path / "fault.db3", frames, unit_m)
        result = import_realsense(library, [path], RecordingNames("faults", "P01"))
        assert (result.added, result.skipped) == (1, ())
        return Imported(library, frames)

    yield do
    library.close()


class Imported:
    """A take, and the frames that it was made of."""

    def __init__(self, library, frames):
        (row,) = list_takes(library)
        self.library, self.id, self.frames = library, row.id, frames
        self.take = take(library, row.id)
        self.pairs = pairs(library, row.id)
        self.quality = take_quality(library, row.id)

    def of(self, kind):
        return [frame for frame in self.frames if frame.kind == kind]

    def numbers(self, kind):
        return frame_numbers(self.library, self.id, kind).tolist()

    def times(self, kind):
        return timestamps(self.library, self.id, kind).tolist()

    def paired_numbers(self):
        """Numbers of the frames of each pair: they are the same for those that belong together."""
        depth, colour = np.array(self.numbers(D)), np.array(self.numbers(C))
        return depth[self.pairs[:, 0]].tolist(), colour[self.pairs[:, 1]].tolist()

    def assert_all_frames_are_there(self):
        for kind in (D, C):
            assert self.numbers(kind) == [frame.number for frame in self.of(kind)]
            assert self.take.stream(kind).n_frames == len(self.of(kind))


def test_nothing_wrong_is_good_for_transfer(imported):
    one = imported(steady(N))
    one.assert_all_frames_are_there()
    assert one.times(D) == [frame.at_us for frame in one.of(D)]
    assert one.pairs.tolist() == [[i, i, SKEW_US] for i in range(N)]
    assert one.take.stream(D).timestamp_domain == "device"
    assert one.quality.level == QualityLevel.GOOD


def test_stall(imported):
    one = imported(recorded.stalled(steady(N), 30, seconds=2.0))
    one.assert_all_frames_are_there()
    assert len(one.pairs) == N
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert one.quality.stream(D).longest_gap_us == pytest.approx(2_000_000 + PERIOD_US, abs=2)
    assert one.quality.stream(D).n_missing == 60
    assert one.quality.level != QualityLevel.GOOD


def test_dropped_frame_numbers(imported):
    frames = recorded.without(steady(N), C, [7, 8, 30])
    frames = recorded.without(frames, D, [12])
    one = imported(frames)
    one.assert_all_frames_are_there()
    assert len(one.pairs) == N - 4
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert {abs(skew) for skew in one.pairs[:, 2].tolist()} == {SKEW_US}
    assert (one.quality.stream(C).n_missing, one.quality.stream(D).n_missing) == (3, 1)
    assert (one.quality.stream(D).n_alone, one.quality.stream(C).n_alone) == (3, 1)


def test_duplicated_frame_numbers(imported):
    one = imported(recorded.twice(steady(N), D, [10, 20, 21]))
    one.assert_all_frames_are_there()
    assert len(one.numbers(D)) == N + 3
    assert len(one.pairs) == N
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert one.quality.stream(D).n_twice == 3
    assert one.quality.stream(D).n_missing == 0


def test_colour_at_half_the_rate(imported):
    one = imported(recorded.colour_at_half_rate(steady(N)))
    one.assert_all_frames_are_there()
    depth, colour = one.paired_numbers()
    assert depth == [2 * number for number in colour]
    assert len(one.pairs) == N // 2
    assert one.quality.stream(C).rate_hz == pytest.approx(15, rel=0.02)
    assert one.quality.stream(C).nominal_hz == 30
    assert one.quality.level == QualityLevel.BAD


def test_timestamps_of_another_domain(imported):
    """Depth by the device's clock, colour by the computer's: pairs go by arrival, which is said."""
    one = imported(recorded.by_the_computers_clock(steady(N), C))
    one.assert_all_frames_are_there()
    domains = (one.take.stream(D).timestamp_domain, one.take.stream(C).timestamp_domain)
    assert domains == ("device", "host")
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert len(one.pairs) == N
    assert one.quality.clock == "host"
    assert one.quality.level == QualityLevel.CAUTION


def test_timestamps_of_another_domain_from_the_middle_on(imported):
    frames = recorded.by_the_computers_clock(steady(N), D, first=25)
    one = imported(recorded.by_the_computers_clock(frames, C, first=25))
    one.assert_all_frames_are_there()
    assert one.take.stream(D).timestamp_domain == "host"
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert len(one.pairs) == N


@pytest.mark.parametrize("by_us", [-700_000, 3_600_000_000])
def test_a_jump_of_the_clock(imported, by_us):
    one = imported(recorded.clock_jumped(steady(N), 30, by_us))
    one.assert_all_frames_are_there()
    assert one.times(D) == [frame.at_us for frame in one.of(D)]
    assert len(one.pairs) == N
    assert one.paired_numbers()[0] == one.paired_numbers()[1]
    assert one.take.duration_us > 0


def test_an_unplug_in_the_middle(imported):
    one = imported(recorded.unplugged(steady(N), 37))
    one.assert_all_frames_are_there()
    assert (len(one.numbers(D)), len(one.numbers(C)), len(one.pairs)) == (38, 37, 37)
    assert one.quality.stream(D).n_alone == 1
    assert one.take.recording.ended == "file ended"


def test_a_depth_unit_of_an_eighth_of_a_millimetre(imported):
    one = imported(steady(5), unit_m=0.000125)
    assert one.take.stream(D).unit_m == 0.000125
