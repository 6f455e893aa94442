"""Starts and ends recordings, one after the other; the files of one end while the next begins."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.pages.capture.recording import Recording
from app.studio import Studio
from app.tasks import Problem
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.markers import Markers
from fsamt_engine.capture.recorder import Recorder, RecorderStatus, RecordingOrder
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, Take


class RecordingDesk(QObject):
    """What is being recorded now, and what is still being completed."""

    started = Signal()
    """Frames are recorded from now on."""
    changed = Signal()
    """A recording began, stopped, or is complete."""
    kept = Signal(object)
    """A tuple of the takes that came into the library."""
    unwanted = Signal(object)
    """The same of a recording that was ended since it was not wanted."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio)
        self._studio = studio
        self._current: Recording | None = None
        self._completing: list[Recording] = []
        self._markers: Markers | None = None

    @property
    def current(self) -> Recording | None:
        """What is being recorded, None while nothing is."""
        return self._current

    @property
    def is_recording(self) -> bool:
        """Whether frames are being recorded."""
        return self._current is not None

    @property
    def is_completing(self) -> bool:
        """Whether files are still being completed."""
        return bool(self._completing)

    def status(self) -> RecorderStatus | None:
        """How the recording is, None while nothing is recorded."""
        return self._current.status() if self._current is not None else None

    def send_markers(self, is_wanted: bool) -> None:
        """Send markers for the Lab Streaming Layer from the next recording on, or no more.

        Raises:
            FsamtError: They cannot be sent here.
        """
        if self._markers is not None:
            self._markers.close()
        self._markers = Markers() if is_wanted else None

    def start(self, library: Library, feeds: Sequence[CameraFeed], order: RecordingOrder) -> None:
        """Begin to record."""
        if self._current is not None:
            return
        recording = Recording(
            Recorder(library, feeds, order), order.action or "", self._markers, self
        )
        recording.started.connect(self.started)
        recording.stopping.connect(self._stopping)
        recording.kept.connect(self._kept)
        recording.failed.connect(self.failed)
        recording.ended.connect(self._ended)
        self._current = recording
        self._studio.board.add(recording.task)
        recording.begin()
        self.changed.emit()

    def stop(self, *, is_wanted: bool = True) -> None:
        """Record no more. What is not wanted is kept, too, so that it can go into the bin."""
        if self._current is not None:
            self._current.is_wanted = is_wanted
            self._current.stop()

    def unwant_last(self) -> bool:
        """Say of the recording that is being completed that it was not wanted, if there is one."""
        if self._completing:
            self._completing[-1].is_wanted = False
        return bool(self._completing)

    def mark(self, text: str) -> None:
        """Note in the takes that something happens now."""
        try:
            if self._current is not None:
                self._current.mark(text)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))

    def close(self) -> None:
        """End what is being recorded, and wait until all takes are in the library."""
        self.stop()
        current = [self._current] if self._current is not None else []
        for recording in (*current, *self._completing):
            recording.wait()

    def _stopping(self, recording: Recording) -> None:
        if recording is self._current:
            self._completing.append(recording)
            self._current = None
            self.changed.emit()

    def _kept(self, recording: Recording, takes: tuple[Take, ...]) -> None:
        (self.kept if recording.is_wanted else self.unwanted).emit(takes)
        if recording.last_words:
            self.failed.emit(Problem(recording.last_words))

    def _ended(self, recording: Recording) -> None:
        if recording is self._current:
            self._current = None
        self._completing = [kept for kept in self._completing if kept is not recording]
        self.changed.emit()
