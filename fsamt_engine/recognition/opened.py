"""Which streams are open, in words: what the driver says, and not what it was asked for."""

import logging
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from fsamt_engine.capture.camera import ActiveStream
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.library.records import StreamKind

_LOG = logging.getLogger("fsamt_engine.recognition")
_SAID: WeakKeyDictionary[CameraFeed, str] = WeakKeyDictionary()
_READ_FROM = {
    "realsense": "read from the camera",
    "file": "read from the player of the recording",
    "simulated": "read from the simulated camera",
    "take": "read from the take's depth file",
}


@dataclass(frozen=True)
class OpenStreams:
    """What runs in a source now.

    Attributes:
        words: One or two sentences.
        kinds: Names of the streams ("depth"; a driver's own word for what the engine cannot use).
        is_depth_only: Whether depth runs and nothing else does.
        streams: As the driver says.
    """

    words: str
    kinds: frozenset[str]
    is_depth_only: bool
    streams: tuple[ActiveStream, ...]


def stream_line(feed: CameraFeed) -> OpenStreams:
    """Which streams run, as the driver said half a second ago at most; cheap, from any thread.

    Every change is written to the log "fsamt_engine.recognition", as a warning where more than
    depth is open.
    """
    streams = feed.active_streams
    kinds = frozenset(stream.name for stream in streams)
    is_depth_only = kinds == {StreamKind.DEPTH}
    opened = OpenStreams(_words(feed.camera_id, streams), kinds, is_depth_only, streams)
    if _SAID.get(feed) != opened.words:
        _SAID[feed] = opened.words
        is_fine = is_depth_only or not streams
        _LOG.log(
            logging.INFO if is_fine else logging.WARNING, "%s: %s", feed.camera_id, opened.words
        )
    return opened


def _words(source_id: str, streams: tuple[ActiveStream, ...]) -> str:
    if not streams:
        return "No stream is open."
    read_from = _READ_FROM.get(source_id.partition(":")[0], "read from the camera")
    named = " and ".join(map(_named, sorted(streams, key=lambda s: s.name)))
    is_colour = any(stream.kind == StreamKind.COLOUR for stream in streams)
    colour = "Colour is open." if is_colour else "Colour is not open."
    return f"Open: {named}, {read_from}. {colour}"


def _named(stream: ActiveStream) -> str:
    size = f" {stream.width} × {stream.height}" if stream.width else ""
    return f"{stream.name}{size} at {stream.rate_hz:g} Hz"
