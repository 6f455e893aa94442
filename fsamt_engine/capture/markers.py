"""Marks of what is recorded when, for what else a lab records: Lab Streaming Layer markers.

The stream is called "FSAMT Studio", of type "Markers": one text at an irregular rate, stamped with
LSL's clock when it is sent, as LabRecorder and others keep it in XDF files beside EEG or motion
capture. The texts are `start ACTION`, `stop ACTION`, `discard ACTION` (the take is not wanted),
`kept TAKE ACTION` (the take's id in the library) and `mark TEXT`; without an action the first word
stands alone. What is recognised live goes out in a stream of its own (`recognition.lsl_out`).
"""

import socket
import time
from types import TracebackType
from typing import Self

from fsamt_engine.errors import FsamtError

STREAM_NAME = "FSAMT Studio"
_LAST_WORDS_S = 0.5
"""How long the last marker has to reach those who listen: LSL drops what is still on its way."""


class Markers:
    """An outlet for markers; others on the network find it while it is open.

    Args:
        about: Added to the stream's name, where they are of something else than a recording.

    Raises:
        FsamtError: pylsl is not installed, or does not work here.
    """

    def __init__(self, about: str = "") -> None:
        try:
            import pylsl
        except (ImportError, RuntimeError, OSError) as error:
            # Without its library (liblsl) pylsl raises RuntimeError when it is imported.
            raise FsamtError(
                "Markers for the Lab Streaming Layer need pylsl, which does not work here "
                f"({str(error).splitlines()[0] if str(error) else type(error).__name__}).",
                'Install it with: pip install "fsamt-studio[lsl]"',
            ) from error
        try:
            info = pylsl.StreamInfo(
                f"{STREAM_NAME} {about}".rstrip(),
                "Markers",
                1,
                pylsl.IRREGULAR_RATE,
                pylsl.cf_string,
                f"fsamt-studio-{socket.gethostname()}-{about}".rstrip("-"),
            )
            self._outlet: pylsl.StreamOutlet | None = pylsl.StreamOutlet(info)
        except RuntimeError as error:
            raise FsamtError(
                f"The Lab Streaming Layer cannot be used ({error}).",
                "Check that this computer has a network, or record without markers.",
            ) from error

    def has_listener(self) -> bool:
        """Whether anybody receives the markers now."""
        return self._outlet is not None and bool(self._outlet.have_consumers())

    def started(self, action: str = "") -> None:
        """A recording starts now."""
        self._send("start", action)

    def stopped(self, action: str = "") -> None:
        """The recording stops now."""
        self._send("stop", action)

    def discarded(self, action: str = "") -> None:
        """The recording that was stopped last is not wanted."""
        self._send("discard", action)

    def kept(self, take_id: str, action: str = "") -> None:
        """The recording that was stopped last is this take of the library."""
        self._send("kept", take_id, action)

    def marked(self, text: str) -> None:
        """Something happens now."""
        self._send("mark", text)

    def told(self, text: str, age_s: float) -> None:
        """A text as it is, about a moment that lies `age_s` seconds back."""
        if self._outlet is not None:
            import pylsl

            self._outlet.push_sample([text], pylsl.local_clock() - age_s)

    def close(self) -> None:
        """Take the stream off the network, after the last marker got through. Twice is fine."""
        if self.has_listener():
            time.sleep(_LAST_WORDS_S)
        self._outlet = None

    def _send(self, *words: str) -> None:
        if self._outlet is not None:
            self._outlet.push_sample([" ".join(word for word in words if word)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
