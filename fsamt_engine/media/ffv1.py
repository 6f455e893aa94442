"""FFV1 files of grey pictures: lossless, every frame a key frame, a checksum a slice."""

import zlib
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
import numpy.typing as npt

from fsamt_engine.media.failures import unreadable
from fsamt_engine.media.index import open_video
from fsamt_engine.media.places import Place
from fsamt_engine.media.reading import VideoReader, pixel_rows
from fsamt_engine.media.writing import FrameWriter

FFV1_CODEC = "ffv1"
_FOOTER_BYTES = 8
_SIZE_BYTES = 3
_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Ffv1Writer(FrameWriter):
    """Writes grey frames.

    FFV1 version 3 (RFC 9043) in Matroska. Frames wider than 352 or higher than 288 pixels have four
    slices, which encode and decode on several cores; smaller ones have one, which compresses best.

    Args:
        path: File to write.
        width: Pixels.
        height: Pixels.
        rate_hz: Nominal frames a second.
        n_threads: Encoder threads; None for one for each slice. The file is the same.
    """

    pixel_format: ClassVar[str]
    stored_type: ClassVar[np.dtype[Any]]
    title: ClassVar[str] = ""

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        rate_hz: float,
        n_threads: int | None = None,
    ) -> None:
        n_slices = _n_slices(width, height)
        super().__init__(
            path,
            FFV1_CODEC,
            self.pixel_format,
            width,
            height,
            rate_hz,
            {"level": "3", "slicecrc": "1", "slices": str(n_slices), "g": "1"},
            n_threads=n_threads or n_slices,
            title=self.title,
        )

    def write(self, frame: npt.NDArray[Any]) -> None:
        """Appends a frame.

        Args:
            frame: (H, W) of the stored type, in either byte order. Not kept.

        Raises:
            FsamtError: The disk is full.
            ValueError: Wrong shape or type; nothing was written.
        """
        expected = self.stored_type.newbyteorder("=")
        if frame.shape != (self.height, self.width) or frame.dtype.newbyteorder("=") != expected:
            raise ValueError(
                f"a {self.width}x{self.height} {expected} frame was expected, not "
                f"{frame.shape[::-1]} {frame.dtype}"
            )
        video_frame = av.VideoFrame(self.width, self.height, self.pixel_format)
        pixel_rows(video_frame, self.stored_type)[:, : self.width] = frame
        self._encode(video_frame)


class Ffv1Reader(VideoReader):
    """Reads what Ffv1Writer wrote: (H, W) frames, identical to the bit.

    Every slice's checksum is tested, which FFmpeg's decoder does too, but only to hide the damage.
    """

    pixel_format: ClassVar[str]
    stored_type: ClassVar[np.dtype[Any]]
    shown: ClassVar[str]

    def __init__(self, path: Path, expected_frames: int | None = None) -> None:
        super().__init__(path, expected_frames)
        codec = self._stream.codec_context
        header = codec.extradata
        if codec.name != FFV1_CODEC or codec.pix_fmt != self.pixel_format or not header:
            self.close()
            raise unreadable(self.path, f"it is a video, but not one of {self.shown}")
        if _remainder(header):
            self.close()
            raise unreadable(self.path, "its header is damaged")

    def _n_threads(self) -> int:
        self._stream.codec_context.thread_type = "SLICE"
        context = self._stream.codec_context
        return _n_slices(context.width, context.height)

    def _is_sound(self, packet: "av.Packet[av.VideoStream]") -> bool:
        return _slices_are_sound(bytes(packet))

    def _to_array(self, frame: av.VideoFrame) -> npt.NDArray[Any]:
        rows = pixel_rows(frame, self.stored_type)[:, : self.width]
        return rows.astype(self.stored_type.newbyteorder("="))


def format_and_title(path: Path) -> tuple[str | None, str]:
    """FFmpeg's name of the pixel format of a video, and its title.

    Raises:
        FsamtError: It does not exist, is no video or holds no picture.
    """
    container, stream = open_video(Place(path))
    with container:
        return stream.codec_context.pix_fmt, container.metadata.get("title", "")


def _n_slices(width: int, height: int) -> int:
    return 4 if width > 352 or height > 288 else 1


def _slices_are_sound(packet: bytes) -> bool:
    """Whether the checksums of all slices of an FFV1 version 3 frame are right.

    A slice ends with a footer of 8 bytes: its size without the footer (3 bytes), an error status
    (1 byte) and the parity (4 bytes) that makes the CRC-32 over all of it zero (RFC 9043, 4.9).
    """
    end = len(packet)
    while end >= _FOOTER_BYTES:
        size_at = end - _FOOTER_BYTES
        start = size_at - int.from_bytes(packet[size_at : size_at + _SIZE_BYTES], "big")
        if start < 0 or _remainder(packet[start:end]):
            return False
        end = start
    return end == 0


def _remainder(data: bytes) -> int:
    """CRC-32 with most significant bit first, started at 0: zero for data that end with parity.

    zlib computes the same code on mirrored bits, and inverts its register before and after.
    """
    return zlib.crc32(data.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
