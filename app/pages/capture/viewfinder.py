"""Looks at the running cameras some 30 times a second, and shows what they give."""

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.pages.capture.live_feeds import LiveFeeds
from app.pages.capture.live_view import LiveView
from app.pages.capture.numbers import LiveNumbers
from app.pages.capture.readings import show_numbers
from app.pages.capture.recording_desk import RecordingDesk
from app.tasks import Problem
from fsamt_engine.capture.disk import DiskGauge, expected_bytes_per_s
from fsamt_engine.capture.feed import FeedState, FeedStatus, OpenedCamera
from fsamt_engine.capture.recorder import RecorderLimits
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library

_TICK_MS = 33
_TICKS_A_LOOK = 5
_DISK_INTERVAL_S = 5.0


@dataclass(frozen=True)
class Trouble:
    """What is wrong now.

    Attributes:
        problem: In words; None where nothing is wrong.
        is_final: Whether it does not go away by itself.
    """

    problem: Problem | None = None
    is_final: bool = False


class Viewfinder(QObject):
    """Shows the camera that is looked at, the numbers, and what is wrong with any of them."""

    camera_opened = Signal(str)
    """The id of a camera that gives frames from now on."""
    trouble_changed = Signal(object)
    """The `Trouble` of now."""
    looked = Signal()
    """Several times a second, for whatever else follows the cameras."""

    def __init__(
        self, feeds: LiveFeeds, view: LiveView, numbers: LiveNumbers, desk: RecordingDesk
    ) -> None:
        super().__init__(view)
        self._feeds, self._view, self._numbers, self._desk = feeds, view, numbers, desk
        self._library: Library | None = None
        self._chosen = ""
        self._opened: dict[str, OpenedCamera] = {}
        self._trouble = Trouble()
        self._n_ticks = self._n_missing_before = 0
        self._disk: tuple[float, float | None] = (-1e9, None)
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def camera_id(self) -> str:
        """The camera that is looked at, "" for none."""
        running = list(self._feeds.running)
        return self._chosen if self._chosen in running else next(iter(running), "")

    @property
    def trouble(self) -> Trouble:
        """What is wrong now."""
        return self._trouble

    def opened(self, camera_id: str) -> OpenedCamera | None:
        """A camera as it was open at the last look."""
        return self._opened.get(camera_id)

    def choose(self, camera_id: str) -> None:
        """Look at another camera."""
        self._chosen = camera_id
        self._tick()

    def start(self, library: Library) -> None:
        """Look at what runs from now on."""
        self._library = library
        self._timer.start()
        self._look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()
        self._opened.clear()
        self._view.show_camera(None)
        self._numbers.clear()
        self._say(Trouble())

    def _tick(self) -> None:
        self._n_ticks += 1
        if self._n_ticks % _TICKS_A_LOOK == 0:
            self._look()
        feed = self._feeds.running.get(self.camera_id)
        opened = feed.opened if feed is not None else None
        if feed is None or opened is None:
            self._view.show_camera(None)
        elif self._view.isVisible():
            self._view.show_camera(opened)
            for stream in opened.streams:
                frame = feed.latest(stream.mode.kind)
                if frame is not None:
                    self._view.show_frame(frame)

    def _look(self) -> None:
        statuses = {camera: feed.status() for camera, feed in self._feeds.running.items()}
        for camera, feed in self._feeds.running.items():
            opened = feed.opened
            if opened is None:
                self._opened.pop(camera, None)
            elif opened is not self._opened.get(camera):
                self._opened[camera] = opened
                self.camera_opened.emit(camera)
        recorder = self._desk.status()
        n_missing = sum(s.n_missing for status in statuses.values() for s in status.streams)
        if recorder is None or n_missing < self._n_missing_before:
            self._n_missing_before = n_missing
        camera = self.camera_id
        show_numbers(
            self._numbers,
            statuses.get(camera),
            recorder,
            n_missing - (self._n_missing_before if recorder else 0),
            self._disk_seconds_left(camera),
        )
        self._say(self._find_trouble(statuses, recorder.message if recorder else ""))
        self.looked.emit()

    def _find_trouble(self, statuses: dict[str, FeedStatus], recording: str) -> Trouble:
        for problem in self._feeds.problems.values():
            return Trouble(problem, is_final=True)
        for status in statuses.values():
            if status.state is FeedState.FAILED and status.failure is not None:
                return Trouble(Problem.of(status.failure), is_final=True)
        if recording:
            return Trouble(Problem(recording, self.tr("What was recorded is kept.")))
        for status in statuses.values():
            if status.state is FeedState.GONE:
                return Trouble(
                    Problem(status.message, self.tr("The picture comes back by itself."))
                )
        return Trouble()

    def _say(self, trouble: Trouble) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.trouble_changed.emit(trouble)

    def _disk_seconds_left(self, camera_id: str) -> float | None:
        """For how long there would be room, at worst."""
        now = time.monotonic()
        opened = self._opened.get(camera_id)
        if opened is None or self._library is None:
            return None
        if now - self._disk[0] > _DISK_INTERVAL_S:
            gauge = DiskGauge(self._library.root, RecorderLimits().disk_reserve_bytes)
            try:
                gauge.look(0)
                rate = sum(
                    expected_bytes_per_s(stream.mode for stream in camera.streams)
                    for camera in self._opened.values()
                )
                self._disk = (now, max(0.0, gauge.free_bytes / rate) if rate else None)
            except FsamtError:
                self._disk = (now, None)
        return self._disk[1]
