"""What depth and colour files have in common when they are written."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from fsamt_engine.media.failures import storing

TAG = "FSAMT_FRAMES"
"""A Matroska tag on every file of ours: frame i lies at i / rate, and every frame is a key frame.

The value is like "848x480@30" or "848x480@30000/1001": what a reader has to rely on, a second time,
since Matroska has no checksum for its header and keeps the rate in whole nanoseconds only.
"""

_MAX_RATE_HZ = 500
_CONTAINER_OPTIONS = {
    "fflags": "+flush_packets+bitexact",  # Bitexact: no random ids, equal frames are equal files.
    "cluster_size_limit": "1",
}


class FrameWriter:
    """Writes frames of one size at one nominal rate to a Matroska file of its own.

    The file grows by a cluster a frame, flushed at once, so that a killed process leaves all frames
    but the last. Real timestamps do not go into the file (Matroska rounds to 1 ms); the library
    keeps them.

    Args:
        path: File to write.
        codec: FFmpeg's name of the encoder.
        pixel_format: FFmpeg's name of the pixel format that is encoded.
        width: Pixels.
        height: Pixels.
        rate_hz: Nominal frames a second, up to 500.
        options: Of the encoder.
        n_threads: Encoder threads, each for a slice of a frame.
        title: Of the file, where its pixels do not tell what it shows.

    Raises:
        FsamtError: The file cannot be made, or the disk is full.
        ValueError: The size or the rate makes no sense.
    """

    def __init__(
        self,
        path: Path,
        codec: str,
        pixel_format: str,
        width: int,
        height: int,
        rate_hz: float,
        options: dict[str, str],
        n_threads: int = 1,
        title: str = "",
    ) -> None:
        if width < 2 or height < 2 or not 0 < rate_hz <= _MAX_RATE_HZ:
            raise ValueError(f"no video can be {width}x{height} at {rate_hz} Hz")
        self.path = Path(path)
        self.width = width
        self.height = height
        self.n_frames = 0
        rate = Fraction(rate_hz).limit_denominator(30_000)
        self._time_base = 1 / rate
        with storing(self.path):
            self._container = av.open(
                str(self.path), "w", format="matroska", container_options=_CONTAINER_OPTIONS
            )
            self._container.metadata[TAG] = f"{width}x{height}@{rate}"
            if title:
                self._container.metadata["title"] = title
            stream = self._container.add_stream(codec, rate=rate, options=options)
            assert isinstance(stream, av.VideoStream)
            self._stream = stream
            self._stream.width = width
            self._stream.height = height
            self._stream.pix_fmt = pixel_format
            self._stream.codec_context.thread_type = "SLICE"
            self._stream.codec_context.thread_count = n_threads
            self._container.start_encoding()
        self._is_open = True

    def _encode(self, frame: av.VideoFrame) -> None:
        if not self._is_open:
            raise ValueError(f"{self.path.name} is closed")
        frame.pts = self.n_frames
        frame.time_base = self._time_base
        try:
            with storing(self.path):
                self._container.mux(self._stream.encode(frame))
        except BaseException:
            self._abandon()
            raise
        self.n_frames += 1

    def copy(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Appends a frame of a file like this one, as it is encoded there.

        Raises:
            FsamtError: The disk is full.
        """
        packet.stream = self._stream
        with storing(self.path):
            self._container.mux(packet)
        self.n_frames += 1

    @property
    def header(self) -> bytes:
        """What a decoder has to know of the encoder; files with the same may share frames."""
        return self._stream.codec_context.extradata or b""

    def close(self) -> None:
        """Writes what is left and the index. Closing twice is fine.

        Raises:
            FsamtError: The disk is full. The file then lacks its index and perhaps frames: a reader
                finds the whole ones.
        """
        if not self._is_open:
            return
        try:
            with storing(self.path):
                self._container.mux(self._stream.encode(None))
                self._container.close()
        except BaseException:
            self._abandon()
            raise
        self._is_open = False

    def _abandon(self) -> None:
        """Lets go of the file after a failure, as it is; the failure itself is on its way up."""
        self._is_open = False
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError):
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self._abandon()
