"""Events as JSON lines, for other programs: one object for each begin and each end."""

import errno
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

from fsamt_engine.errors import FsamtError
from fsamt_engine.recognition.state import Answer, LiveEvent

_LOG = logging.getLogger("fsamt_engine.recognition")
_N_TOP = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def event_line(event: LiveEvent, model_id: str, source: str) -> dict[str, Any]:
    """An event as it goes out.

    Args:
        event: That began, or that ended.
        model_id: Of the recogniser.
        source: What opened the camera, the file or the take.

    Returns:
        `event` ("begin" or "end"), `number` (the same for both), `action`, `onset_us` and
        `offset_us` by the clock of `domain` ("device", "host" or "nominal"), `host_onset_us`
        (microseconds since 1970 UTC) and `host_onset` (the same, ISO 8601), `confidence` (0..1),
        `onset_frame`, `offset_frame`, `was_right` (None where nobody labelled), `model`, `source`.
        Of a detector, which tells of an action when it is over, also `known_us` by the same clock
        and `known_frame`: when it was known, and the newest frame by then; and `delay_s`, how long
        after the offset that was. All three are None of a recogniser, whose onset and offset are
        the moments at which it decides.
    """
    return {
        "event": "begin" if event.offset_us is None else "end",
        "number": event.number,
        "action": event.action,
        "onset_us": event.onset_us,
        "offset_us": event.offset_us,
        "domain": event.domain,
        "host_onset_us": event.host_onset_us,
        "host_onset": iso_time(event.host_onset_us),
        "confidence": round(event.confidence, 4),
        "onset_frame": event.onset_frame,
        "offset_frame": event.offset_frame,
        "was_right": event.was_right,
        "known_us": event.known_us,
        "known_frame": event.known_frame,
        "delay_s": None if event.delay_s is None else round(event.delay_s, 3),
        "model": model_id,
        "source": source,
    }


def answer_line(answer: Answer, actions: Sequence[str]) -> dict[str, Any]:
    """An answer as it goes out: what the network says of the clip that ends with one frame.

    Args:
        answer: Before it was smoothed.
        actions: Of the model.

    Returns:
        `at_us` by the clock of `domain`, `frame` (None where the camera does not count), `action`
        and `probability` of the likeliest action, `top` ([action, probability] of the five
        likeliest), `person_found`, and `clip_share`: how much of the clip was seen, 0..1.
    """
    places = sorted(range(len(actions)), key=lambda place: -answer.probabilities[place])
    top = [[actions[place], round(answer.probabilities[place], 6)] for place in places[:_N_TOP]]
    return {
        "at_us": answer.at_us,
        "domain": answer.domain,
        "frame": answer.frame_number,
        "action": top[0][0],
        "probability": top[0][1],
        "top": top,
        "person_found": answer.view.distance_m is not None,
        "clip_share": round(answer.clip_share, 4),
    }


def iso_time(at_us: int) -> str:
    """Microseconds since 1970 UTC as ISO 8601, exactly: "2026-05-04T09:30:00.000001+00:00"."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="microseconds")


class JsonLines:
    """Lines of JSON, each given to the system at once: who follows the file sees it at once.

    What cannot be written is counted and said once; nothing is raised, because recognition goes on.
    It writes again as soon as there is room.

    Args:
        out: A file, which is appended to, or a stream that is open and stays so.
        what: The lines are of, in the plural.

    Raises:
        FsamtError: The file cannot be written at all.
    """

    def __init__(self, out: Path | BinaryIO, what: str = "events") -> None:
        self.n_lost = 0
        self._what = what
        self.failure: FsamtError | None = None
        self._is_torn = self._is_full = False
        self._is_owned = isinstance(out, Path)
        self._out = _opened(out) if isinstance(out, Path) else out

    def write(self, content: dict[str, Any]) -> None:
        """Writes one object as one line."""
        line = json.dumps(content, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        rest = memoryview(b"\n" + line if self._is_torn else line)
        try:
            while rest:
                n_written = self._out.write(rest)
                self._is_torn = n_written < len(rest)
                rest = rest[n_written:]
            self._out.flush()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        self.n_lost += 1
        if self.failure is not None:
            return
        what = self._what
        self._is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        if self._is_full:
            self.failure = FsamtError(
                f"The disk is full: {what} are not written any more, but recognition goes on.",
                "Free some space; they are written again as soon as there is room.",
            )
        elif isinstance(error, BrokenPipeError):
            self.failure = FsamtError(
                f"Nobody reads the {what} any more.", "Start the reader anew."
            )
        else:
            self.failure = FsamtError(
                f"The {what} cannot be written ({error.strerror or error}).",
                "Choose another place.",
            )
        _LOG.warning("%s", self.failure)

    @property
    def missing(self) -> FsamtError | None:
        """What is to be said after the end; None where nothing is lost."""
        if self.failure is None:
            return None
        lines = f"{self.n_lost} {'line' if self.n_lost == 1 else 'lines'}"
        what = f"{lines} of the {self._what} could not be written"
        if self._is_full:
            return FsamtError(
                f"{what}: the disk was full.", "Free some space, or choose another place."
            )
        return FsamtError(f"{what}. {self.failure.message}", self.failure.hint)

    def close(self) -> None:
        """Closes a file of its own. Twice is fine."""
        if self._is_owned:
            self._out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _opened(path: Path) -> BinaryIO:
    try:
        # Unbuffered: what a full disk refused would come out later, in the wrong place.
        return cast(BinaryIO, path.open("ab", buffering=0))
    except OSError as error:
        raise FsamtError(
            f"{path} cannot be written ({error.strerror or error}).",
            "Give a file in a folder that is there and may be written to.",
        ) from error
