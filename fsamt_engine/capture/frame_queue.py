"""A queue of frames with two bounds: how many, and how many bytes."""

import threading
from collections import deque

from fsamt_engine.capture.camera import Frame


class FrameQueue:
    """Frames on their way from a camera's thread to the thread that encodes them.

    Args:
        max_frames: How many may wait.
        max_bytes: How many bytes of pixels may wait; a single frame always may.
    """

    def __init__(self, max_frames: int, max_bytes: int) -> None:
        self._max_frames, self._max_bytes = max_frames, max_bytes
        self._frames: deque[Frame] = deque()
        self._n_bytes = 0
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def fill(self) -> float:
        """How full it is, 0..1, by the bound that is nearer."""
        return max(len(self._frames) / self._max_frames, self._n_bytes / self._max_bytes)

    def put(self, frame: Frame) -> bool:
        """Adds a frame without waiting; False when it is full or closed."""
        with self._changed:
            if self._closed or not self._has_room(frame):
                return False
            self._add(frame)
            return True

    def put_when_room(self, frame: Frame) -> bool:
        """Adds a frame as soon as there is room; False when it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room(frame))
            if self._closed:
                return False
            self._add(frame)
            return True

    def get(self) -> Frame | None:
        """The next frame, as soon as there is one; None when it is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._frames)
            if not self._frames:
                return None
            frame = self._frames.popleft()
            self._n_bytes -= frame.pixels.nbytes
            self._changed.notify_all()
            return frame

    def close(self) -> None:
        """Takes no more; what is in it can still be got."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def clear(self) -> int:
        """Throws away what is in it; how many frames that were."""
        with self._changed:
            n_frames = len(self._frames)
            self._frames.clear()
            self._n_bytes = 0
            self._changed.notify_all()
            return n_frames

    def _has_room(self, frame: Frame) -> bool:
        n_bytes = self._n_bytes + frame.pixels.nbytes
        return not self._frames or (
            len(self._frames) < self._max_frames and n_bytes <= self._max_bytes
        )

    def _add(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._n_bytes += frame.pixels.nbytes
        self._changed.notify_all()
