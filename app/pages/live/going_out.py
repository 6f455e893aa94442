"""Events on their way to other programs: lines in a file, markers on the network."""

import threading
from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.recognition.events_out import JsonLines, event_line
from fsamt_engine.recognition.lsl_out import EventMarkers
from fsamt_engine.recognition.state import LiveEvent


class GoingOut:
    """Written to in the network's thread, switched on and off in Qt's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model_id = self._source = ""
        self._begun: dict[int, str] = {}
        self._lines: JsonLines | None = None
        self._markers: EventMarkers | None = None
        self._n_written = 0
        self.path: Path | None = None

    @property
    def n_written(self) -> int:
        """Lines that were given to the file since it was chosen, without those that are lost."""
        with self._lock:
            return self._n_written - (self._lines.n_lost if self._lines is not None else 0)

    @property
    def failure(self) -> FsamtError | None:
        """Why lines are missing in the file; None where none is."""
        with self._lock:
            return self._lines.failure if self._lines is not None else None

    def begin(self, model_id: str, source: str) -> None:
        """Another source is watched; its events are numbered from 1."""
        with self._lock:
            self._model_id, self._source = model_id, source
            self._begun.clear()

    def change_model(self, model_id: str) -> None:
        """Another recogniser answers; what has begun still ends as the one before's."""
        with self._lock:
            self._model_id = model_id

    def write(self, event: LiveEvent) -> None:
        """An event that began, or that ended."""
        with self._lock:
            if event.offset_us is None:
                self._begun[event.number] = model_id = self._model_id
            else:
                model_id = self._begun.pop(event.number, self._model_id)
            if self._lines is not None:
                self._lines.write(event_line(event, model_id, self._source))
                self._n_written += 1
            if self._markers is not None:
                self._markers.concern(model_id, self._source)
                self._markers.write(event)

    def write_to(self, path: Path | None) -> None:
        """Append to a file from now on; None for none.

        Raises:
            FsamtError: The file cannot be written.
        """
        lines = JsonLines(path) if path is not None else None
        with self._lock:
            before, self._lines = self._lines, lines
            self.path, self._n_written = path, 0
        if before is not None:
            before.close()

    def send_markers(self, is_wanted: bool) -> None:
        """Send markers from now on, or no more.

        Raises:
            FsamtError: The Lab Streaming Layer does not work here.
        """
        markers = EventMarkers(self._model_id, self._source) if is_wanted else None
        with self._lock:
            before, self._markers = self._markers, markers
        if before is not None:
            before.close()

    def close(self) -> None:
        """Nothing goes out any more."""
        self.write_to(None)
        self.send_markers(False)
