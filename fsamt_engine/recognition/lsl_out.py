"""Events as markers of the Lab Streaming Layer, for what else a lab records at the same time.

The stream is called "FSAMT Studio live", of type "Markers". A text is `begin ACTION JSON` or
`end ACTION JSON`, as in `begin draw x {"number": 3, ...}`; the JSON is the line that
`events_out.event_line` describes. It is stamped with the moment itself by LSL's clock: an action is
told only once it is sure, some tenths of a second after it began; a detector tells of begin and end
together, `delay_s` after the end.
"""

import json
import time
from types import TracebackType
from typing import Self

from fsamt_engine.capture.markers import STREAM_NAME, Markers
from fsamt_engine.recognition.events_out import event_line
from fsamt_engine.recognition.state import LiveEvent

_ABOUT = "live"
LIVE_STREAM_NAME = f"{STREAM_NAME} {_ABOUT}"


class EventMarkers:
    """An outlet for events; others on the network find it while it is open.

    Args:
        model_id: Of the recogniser.
        source: What opened the camera, the file or the take.

    Raises:
        FsamtError: pylsl is not installed, or does not work here.
    """

    def __init__(self, model_id: str, source: str) -> None:
        self._model_id, self._source = model_id, source
        self._markers = Markers(_ABOUT)

    def concern(self, model_id: str, source: str) -> None:
        """From now on it is another recogniser or another source; the stream stays."""
        self._model_id, self._source = model_id, source

    def has_listener(self) -> bool:
        """Whether anybody receives the markers now."""
        return self._markers.has_listener()

    def write(self, event: LiveEvent) -> None:
        """An event that began, or that ended."""
        line = event_line(event, self._model_id, self._source)
        text = f"{line['event']} {event.action} {json.dumps(line, ensure_ascii=False)}"
        moment_us = event.host_onset_us
        if event.offset_us is not None:
            moment_us += event.offset_us - event.onset_us
        self._markers.told(text, time.time() - moment_us / 1e6)

    def close(self) -> None:
        """Take the stream off the network, after the last marker got through. Twice is fine."""
        self._markers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
