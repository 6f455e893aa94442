from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.capture.camera import Frame
from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Intrinsics, StreamKind
from fsamt_engine.modalities.clips import ClipShape, frame_indices
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.preparation import DepthPreparation
from fsamt_engine.recognition.pipeline import ClipPipeline, Look
from tests.fsamt_engine.recognition.watching import WHOLE_FRAME

UNIT_M = 0.001
SHAPE = ClipShape(n_frames=4, step=3, size=32)
SMALL = replace(SHAPE, size=16)
PERSON = DepthPreparation(size=32)
RATE_HZ = 30.0


def frame(pixels, number, rate_hz=RATE_HZ, domain="device"):
    at_us = round(number * 1e6 / rate_hz)
    return Frame(StreamKind.DEPTH, pixels, at_us, domain, number, at_us)


def plain(number, **how):
    return frame(np.full((24, 32), 100 + number, np.uint16), number, **how)


def value(number):
    """What `plain` becomes."""
    return np.float16(1 - (100 + number) / 1000)


@pytest.fixture(scope="module")
def figure():
    """50 frames of somebody who waves, and the camera's calibration."""
    scene = SimulatedScene(SceneSettings(participant=2, width=212, height=160))
    stream = scene.live(iter(["wave"] * 9))
    return [next(stream).depth for _ in range(50)], scene.calibration.depth


def test_live_sees_what_the_preparation_and_the_clips_of_training_give(figure):
    frames, camera = figure
    pipeline = ClipPipeline(Look(PERSON, SHAPE, RATE_HZ), UNIT_M, camera)
    preparer = DepthPreparer(PERSON, UNIT_M, camera)
    prepared = []
    for number, pixels in enumerate(frames):
        prepared.append(preparer.push(pixels))
        newest = pipeline.push(frame(pixels, number))
        n = number + 1
        clip = np.stack(prepared)[frame_indices(max(0, n - SHAPE.span), SHAPE, end=n)]
        np.testing.assert_array_equal(newest.pixels, clip)
        assert newest.view == preparer.view
        assert newest.is_fresh == (number == 0)
        assert newest.share == min(1, n / SHAPE.span)
    assert newest.status == "answering"
    assert newest.view.distance_m is not None


def test_before_half_a_clip_was_seen_it_gathers():
    pipeline = ClipPipeline(Look(WHOLE_FRAME, SMALL, RATE_HZ), UNIT_M, None)
    statuses = [pipeline.push(plain(n)).status for n in range(8)]
    assert statuses == ["gathering"] * 4 + ["answering"] * 4


def test_without_anybody_it_says_so_where_it_looks_for_people():
    pipeline = ClipPipeline(Look(PERSON, SHAPE, RATE_HZ), UNIT_M, None)
    wall = np.full((60, 80), 3000, np.uint16)
    assert {pipeline.push(frame(wall, n)).status for n in range(20)} == {"nobody"}


def test_who_left_is_not_answered_for_until_somebody_is_there_again():
    pipeline = ClipPipeline(Look(PERSON, SHAPE, RATE_HZ), UNIT_M, None)
    empty = np.full((60, 80), 3000, np.uint16)

    def with_somebody(number):
        walked = empty.copy()
        walked[5:55, 10 + number : 30 + number] = 2000
        return walked

    seen = [empty] * 20 + [with_somebody(n) for n in range(30)] + [empty] * 80
    seen += [with_somebody(n) for n in range(5)]
    statuses = [pipeline.push(frame(pixels, n)).status for n, pixels in enumerate(seen)]
    assert set(statuses[:20]) == {"nobody"}
    assert set(statuses[21:50]) == {"answering"}
    left_for = statuses[50:130].index("nobody")
    assert 1.9 <= left_for / RATE_HZ <= 2.1
    assert set(statuses[50 + left_for : 130]) == {"nobody"}
    assert statuses[-1] == "answering"


def test_a_faster_camera_is_brought_to_the_pace_of_training():
    look = Look(WHOLE_FRAME, SMALL, RATE_HZ)
    slow, fast = ClipPipeline(look, UNIT_M, None), ClipPipeline(look, UNIT_M, None)
    for number in range(12):
        expected = slow.push(plain(number))
        newest = fast.push(frame(plain(number).pixels, 2 * number, rate_hz=60))
        assert fast.push(frame(plain(99).pixels, 2 * number + 1, rate_hz=60)) is None
        np.testing.assert_array_equal(newest.pixels, expected.pixels)


def test_a_gap_keeps_the_pace_of_the_clip():
    look = Look(WHOLE_FRAME, SMALL, RATE_HZ)
    pipeline = ClipPipeline(look, UNIT_M, None)
    for number in (*range(10), 14):
        newest = pipeline.push(plain(number))
    expected = [value(5), value(8), value(14), value(14)]
    assert newest.pixels[:, 8, 8].tolist() == expected
    assert not newest.is_fresh


@pytest.mark.parametrize(
    "later",
    [plain(100), plain(2), plain(13, domain="host")],
    ids=["a long gap", "time runs backwards", "another clock"],
)
def test_nothing_before_a_break_counts(later):
    look = Look(WHOLE_FRAME, SMALL, RATE_HZ)
    pipeline = ClipPipeline(look, UNIT_M, None)
    for number in range(12):
        pipeline.push(plain(number))
    newest = pipeline.push(later)
    assert newest.is_fresh
    assert newest.share == 1 / SHAPE.span
    assert newest.status == "gathering"
    assert (newest.pixels[:, 8, 8] == value(later.number)).all()


def test_after_a_break_people_are_looked_for_anew(figure):
    frames, camera = figure
    look = Look(PERSON, SHAPE, RATE_HZ)
    used, fresh = ClipPipeline(look, UNIT_M, camera), ClipPipeline(look, UNIT_M, camera)
    for number, pixels in enumerate(frames):
        assert used.push(frame(pixels, number)) is not None
    for number, pixels in enumerate(frames):
        again = used.push(frame(pixels, 1000 + number))
        first = fresh.push(frame(pixels, number))
        assert again.view == first.view
        np.testing.assert_array_equal(again.pixels, first.pixels)


def test_depth_of_an_unknown_unit_is_refused():
    with pytest.raises(FsamtError, match="unit"):
        ClipPipeline(Look(WHOLE_FRAME, SMALL, RATE_HZ), None, None)


def test_a_calibration_of_another_size_is_refused():
    camera = Intrinsics(640, 480, 500, 500, 320, 240)
    pipeline = ClipPipeline(Look(PERSON, SHAPE, RATE_HZ), UNIT_M, camera)
    with pytest.raises(FsamtError, match="640x480"):
        pipeline.push(plain(0))
