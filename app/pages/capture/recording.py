"""One recording: started and ended in the background, watched from the window."""

import threading

from PySide6.QtCore import QObject, Signal

from app.tasks import Task
from fsamt_engine.capture.markers import Markers
from fsamt_engine.capture.recorder import Recorder, RecorderStatus
from fsamt_engine.library import Take
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop

_LOOK_S = 0.02


class Recording(QObject):
    """Runs a recorder as a task; however it is stopped, what was recorded is kept.

    Args:
        recorder: Not started yet.
        action: What is performed, "" where that is not known.
        markers: Where start and stop are told, too.

    Attributes:
        is_wanted: Whether its takes are to stay; for whoever ends it to say.
        last_words: Why it ended by itself, "" where it did not.
    """

    started = Signal()
    """Frames are recorded from now on."""
    stopping = Signal(object)
    """Itself: nothing is recorded any more, the files are being completed."""
    kept = Signal(object, object)
    """Itself, and a tuple of the takes that are in the library now."""
    failed = Signal(object)
    """A `Problem`."""
    ended = Signal(object)
    """Itself, after `kept` or `failed`."""

    def __init__(
        self,
        recorder: Recorder,
        action: str,
        markers: Markers | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._recorder = recorder
        self._action = action
        self._markers = markers
        self._words = self.tr("Recording")
        self.is_wanted = True
        self.last_words = ""
        self.task = Task(self._words, self._work, self, page="capture")
        self.task.finished.connect(self._finish)
        self.task.failed.connect(self.failed)
        self.task.ended.connect(self._conclude)

    def begin(self) -> None:
        """Start to record; once."""
        self.task.start()

    def stop(self) -> None:
        """Record no more."""
        if self.task.asked is None:
            self.task.stop(Stop.KEEP_BEST)

    def mark(self, text: str) -> None:
        """Note in the takes that something happens now.

        Raises:
            FsamtError: The disk is full.
        """
        self._recorder.mark(text)
        if self._markers is not None:
            self._markers.marked(text)

    def status(self) -> RecorderStatus:
        """How it is now."""
        return self._recorder.status()

    def wait(self) -> None:
        """Wait until it has ended, and its takes are in the library."""
        self.task.wait(120_000)

    def _work(self, on_progress: OnProgress, should_stop: ShouldStop) -> tuple[Take, ...]:
        """Runs in the background."""
        self._recorder.start()
        self.started.emit()
        if self._markers is not None:
            self._markers.started(self._action)
        pause = threading.Event()
        while should_stop() is None:
            status = self._recorder.status()
            if status.ended is not None:
                self.last_words = status.message
                break
            on_progress(Progress(self._words, int(status.seconds), 0))
            pause.wait(_LOOK_S)
        self.stopping.emit(self)
        if self._markers is None:
            return self._recorder.stop()
        self._markers.stopped(self._action)
        takes = self._recorder.stop()
        self._tell_outcome(self._markers, takes)
        return takes

    def _tell_outcome(self, markers: Markers, takes: tuple[Take, ...]) -> None:
        if not self.is_wanted:
            markers.discarded(self._action)
            return
        for take in takes:
            markers.kept(take.id, self._action)

    def _finish(self, takes: tuple[Take, ...]) -> None:
        self.kept.emit(self, takes)

    def _conclude(self) -> None:
        self.ended.emit(self)
        self.task.wait(1000)
        self.deleteLater()
