"""One part of a recording, from its folder to its take."""

import shutil
import threading

from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.capture.finishing import finish_recording
from fsamt_engine.capture.journal import Events, RecordingHeader
from fsamt_engine.capture.take_writer import QueueLimits, StreamCounts, TakeWriter
from fsamt_engine.library.library import Library
from fsamt_engine.library.recordings import new_recording_folder
from fsamt_engine.library.records import RecordingEnd, Take


class Part:
    """What one camera gives from one opening to the next.

    Args:
        library: Where the take goes.
        header: What is recorded.
        opened: The camera.
        limits: Of the queues.
        finish_s: How long the encoders may take after the end.

    Attributes:
        writer: The sink for the camera's frames.
        take: Once it is in the library.
        is_complete: Whether all is done; a part without a frame has no take then.
        failure: Why it could not be completed so far.

    Raises:
        FsamtError: The files cannot be made. There is nothing left of them.
    """

    def __init__(
        self,
        library: Library,
        header: RecordingHeader,
        opened: OpenedCamera,
        limits: QueueLimits,
        finish_s: float,
    ) -> None:
        self._library = library
        self._finish_s = finish_s
        folder = new_recording_folder(library)
        try:
            self.writer = TakeWriter(folder, header, opened.lost, opened.is_live, limits)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self.take: Take | None = None
        self.is_complete = False
        self.failure: Exception | None = None
        self._counts: tuple[StreamCounts, ...] | None = None
        self._events: Events | None = None
        self._completing = threading.Lock()

    @property
    def place(self) -> tuple[int, str]:
        """Orders the parts of a recording: by part, then by camera."""
        return self.writer.header.part, self.writer.header.source_key

    @property
    def counts(self) -> tuple[StreamCounts, ...]:
        """How far each stream is, or was in the end."""
        return self._counts or self.writer.counts

    def end(self, how: RecordingEnd) -> None:
        """Takes no more frames, and completes the take in the background."""
        self.writer.camera_ended(how)
        threading.Thread(target=self._try, name="complete recording", daemon=True).start()

    def complete(self) -> None:
        """Writes what is queued and adds the take, unless that is done.

        Raises:
            FsamtError: It cannot be added now. Nothing is lost: it can be tried again.
        """
        with self._completing:
            if self.is_complete:
                return
            if self._events is None:
                self._events = self.writer.close(self._finish_s)
                self._counts = self.writer.counts
            self.take = finish_recording(self._library, self.writer.folder, self._events)
            self.is_complete, self.failure = True, None

    def throw_away(self) -> None:
        """Removes all of it; nothing was completed yet."""
        with self._completing:
            self.writer.discard(self._finish_s)
            shutil.rmtree(self.writer.folder, ignore_errors=True)
            self.is_complete = True

    def _try(self) -> None:
        try:
            self.complete()
        except Exception as error:  # noqa: BLE001 - shown; `complete` raises it again
            self.failure = error
