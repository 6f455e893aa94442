"""The cameras that run while the page is seen: opened and closed without a wait in Qt's thread."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.tasks import Problem, Task
from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import Camera, CameraSettings, Capabilities
from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.errors import FsamtError
from fsamt_engine.progress import OnProgress, ShouldStop


class LiveFeeds(QObject):
    """Keeps the wanted cameras running, each as a feed; in the order in which they were wanted."""

    changed = Signal()
    """A feed was made or let go."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: dict[str, Problem] = {}
        self._wanted: dict[str, CameraSettings] = {}
        self._feeds: dict[str, CameraFeed] = {}
        self._settings: dict[str, CameraSettings] = {}
        self._closing: dict[str, Task] = {}
        self._capabilities: dict[str, Capabilities] = {}

    @property
    def running(self) -> dict[str, CameraFeed]:
        """The feeds by camera, also of cameras that are only just opening."""
        return {camera: self._feeds[camera] for camera in self._wanted if camera in self._feeds}

    def capabilities(self, camera_id: str) -> Capabilities | None:
        """What a camera can be asked for, once it was open."""
        return self._capabilities.get(camera_id)

    def want(self, camera_ids: Sequence[str], settings: CameraSettings) -> None:
        """Run exactly these cameras; what runs already like that goes on."""
        wanted = dict.fromkeys(camera_ids, settings)
        if wanted == self._wanted and list(wanted) == list(self._wanted):
            return
        self._wanted = wanted
        self.problems.clear()
        self._settle()

    def retry_failed(self) -> None:
        """Open again what could not be opened."""
        for camera, feed in list(self._feeds.items()):
            if feed.status().state is FeedState.FAILED:
                self._close(camera)
        self.problems.clear()
        self._settle()

    def close(self) -> None:
        """Let go of every camera, and wait for it (for as long as a feed waits for its driver)."""
        self._wanted = {}
        for camera in list(self._feeds):
            self._close(camera)
        for task in list(self._closing.values()):
            task.wait(60_000)

    def _settle(self) -> None:
        """Come closer to what is wanted; called again when a camera was closed."""
        for camera in list(self._feeds):
            if self._settings[camera] != self._wanted.get(camera):
                self._close(camera)
        for camera, settings in self._wanted.items():
            if camera not in self._feeds and camera not in self._closing:
                self._open(camera, settings)
        self.changed.emit()

    def _open(self, camera_id: str, settings: CameraSettings) -> None:
        def open_camera(camera_id: str) -> Camera:
            """Runs in the feed's thread."""
            camera = cameras.open_camera(camera_id)
            self._capabilities[camera_id] = camera.capabilities
            return camera

        try:
            feed = CameraFeed(camera_id, settings, open_camera)
        except FsamtError as error:
            self.problems[camera_id] = Problem.of(error)
            return
        self._feeds[camera_id], self._settings[camera_id] = feed, settings

    def _close(self, camera_id: str) -> None:
        feed = self._feeds.pop(camera_id)
        self._settings.pop(camera_id)

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> bool:
            return feed.close()

        task = Task(self.tr("Closing the camera"), work, self)
        task.ended.connect(lambda: self._closed(camera_id, task))
        self._closing[camera_id] = task
        task.start()

    def _closed(self, camera_id: str, task: Task) -> None:
        del self._closing[camera_id]
        task.retire()
        self._settle()
