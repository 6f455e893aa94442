from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.capture.camera import Frame, LostFrames, OpenStream
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.library.records import Calibration, StreamKind
from fsamt_engine.recognition.preparing import Arrived, Preparing
from fsamt_engine.recognition.timing import now_us
from fsamt_engine.recognition.watcher import Seen
from tests.fsamt_engine.capture.puppet import DEPTH, DEPTH_ONLY, HEIGHT, WIDTH, Puppet
from tests.fsamt_engine.recognition.watching import Says, live_model

RECORDED_US = 1_600_000_000_000_000


@pytest.fixture
def opened():
    info = Puppet().open("puppet").info
    streams = (OpenStream(DEPTH, "device", 0.001),)
    return OpenedCamera(info, DEPTH_ONLY, streams, Calibration(), LostFrames(), is_live=True)


def frame(number, arrived_us):
    pixels = np.full((HEIGHT, WIDTH), 500, np.uint16)
    return Frame(StreamKind.DEPTH, pixels, 33_333 * number, "device", number, arrived_us)


def answered(prepared):
    seen = Seen(np.array([0.0, 0.0, 1.0], np.float32))
    return prepared.answer(1, seen, now_us(), now_us())


def test_waiting_begins_with_the_exposure_of_a_live_camera(opened):
    preparing, model, now = Preparing(None), live_model(Says()), now_us()
    preparing.push(Arrived(opened, frame(0, now - 133_333), now), model)
    late = preparing.push(Arrived(opened, frame(1, now), now), model)
    answer = answered(late)
    assert answer.host_at_us == now - 100_000
    assert 100 <= answer.timings.waiting_ms < 5000
    assert (answer.at_us, answer.frame_number) == (33_333, 1)


def test_of_a_recording_frame_by_frame_only_the_way_through_the_program_counts(opened):
    recording, model = replace(opened, is_live=False), live_model(Says())
    preparing = Preparing(None)
    for number in range(3):
        arrived_us = RECORDED_US + 33_333 * number
        prepared = preparing.push(Arrived(recording, frame(number, arrived_us), now_us()), model)
    answer = answered(prepared)
    assert answer.host_at_us == RECORDED_US + 66_666
    assert answer.timings.waiting_ms < 5000


def test_what_is_seen_of_one_opening_is_no_part_of_the_next(opened):
    preparing, model = Preparing(None), live_model(Says())
    for number in range(8):
        before = preparing.push(Arrived(opened, frame(number, now_us()), now_us()), model)
    again = replace(opened)
    after = preparing.push(Arrived(again, frame(8, now_us()), now_us()), model)
    assert before.clip.share == 1
    assert after.clip.share < 1
    assert after.part == before.part + 1


def test_outside_of_the_region_nothing_is_seen(opened):
    model = live_model(Says())
    whole, left = Preparing(None), Preparing((0.0, 0.0, 0.5, 1.0))
    arrived = Arrived(opened, frame(0, now_us()), now_us())
    seen, part = whole.push(arrived, model), left.push(arrived, model)
    assert seen.clip.view.limits.x1 == WIDTH
    assert part.clip.view.limits.x1 == WIDTH / 2
