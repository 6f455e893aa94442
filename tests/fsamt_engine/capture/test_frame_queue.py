import threading

from fsamt_engine.capture.frame_queue import FrameQueue
from tests.fsamt_engine.capture.puppet import moment

DEPTH = next(moment(0))


def test_a_full_queue_refuses_by_count():
    frames = FrameQueue(3, 1 << 30)
    assert [frames.put(DEPTH) for _ in range(5)] == [True, True, True, False, False]
    assert frames.fill == 1.0
    frames.get()
    assert frames.put(DEPTH)


def test_a_full_queue_refuses_by_bytes():
    frames = FrameQueue(100, 2 * DEPTH.pixels.nbytes)
    assert [frames.put(DEPTH) for _ in range(3)] == [True, True, False]
    assert frames.fill == 1.0


def test_a_frame_larger_than_the_queue_may_be_alone_in_it():
    frames = FrameQueue(100, 10)
    assert [frames.put(DEPTH) for _ in range(2)] == [True, False]


def test_what_is_in_a_closed_queue_can_be_got():
    frames = FrameQueue(3, 1 << 30)
    frames.put(DEPTH)
    frames.close()
    assert not frames.put(DEPTH)
    assert frames.get() is DEPTH
    assert frames.get() is None


def test_closing_lets_go_of_who_waits_for_room():
    frames = FrameQueue(1, 1 << 30)
    frames.put(DEPTH)
    results = []
    waiting = threading.Thread(target=lambda: results.append(frames.put_when_room(DEPTH)))
    waiting.start()
    frames.close()
    waiting.join(10)
    assert results == [False]
