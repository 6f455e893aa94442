"""Where decoding can begin in a video of whoever made it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import av
import numpy as np
import numpy.typing as npt

_START_CODE = b"\x00\x00\x01"
_IDR = 5


@dataclass(frozen=True)
class PacketFacts:
    """What is known of a packet without decoding it.

    Attributes:
        pts: When its frame is shown, in the stream's time base; None where the file has no times.
        dts: When it is decoded.
        is_key: Marked as a key frame.
        is_clean: Certainly nothing after it refers to, or is shown, before it.
    """

    pts: int | None
    dts: int | None
    is_key: bool
    is_clean: bool

    @classmethod
    def of(cls, packet: "av.Packet[av.VideoStream]") -> Self:
        """The facts of a packet."""
        key = packet.is_keyframe
        return cls(packet.pts, packet.dts, key, key and _is_clean(packet))


@dataclass(frozen=True)
class KeyFrames:
    """The key frames of a video, and how a packet is told from the others.

    Attributes:
        times: (n,) int64 times of all packets, ascending. Where a file says when frames are shown,
            a packet's place among them is the number of its frame; where it does not (AVI), its
            place in decoding order, which is the frame's number only for a key frame.
        numbers: (K,) int64 numbers of the frames at which decoding can begin, ascending.
        is_shown_order: Whether `times` are those of showing.
    """

    times: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.int64]
    is_shown_order: bool

    def number_of(self, packet: "av.Packet[av.VideoStream]") -> int:
        """The packet's place among `times`, -1 for a packet that was not there before."""
        time = packet.pts if self.is_shown_order else packet.dts
        if time is None:
            return -1
        place = int(np.searchsorted(self.times, time))
        return place if place < len(self.times) and self.times[place] == time else -1

    def before(self, number: int) -> int:
        """The number of the last key frame up to a frame; 0, the beginning, where there is none."""
        place = int(np.searchsorted(self.numbers, number, "right")) - 1
        return int(self.numbers[place]) if place >= 0 else 0

    def allow(self, place: int | None, number: int) -> bool:
        """Whether the packet at this place can have given the frame of this number."""
        if self.is_shown_order:
            return place == number
        at = int(np.searchsorted(self.numbers, -1 if place is None else place))
        is_key = at < len(self.numbers) and self.numbers[at] == place
        return place == number or not is_key


def find_key_frames(packets: Iterable[PacketFacts]) -> KeyFrames | None:
    """The key frames among the packets of a whole file; None where they help nobody.

    By the times of showing where every packet has one of its own, and they are not simply those of
    decoding moved, as an AVI's are. Else by those of decoding, and then only clean key frames
    count: how many frames are shown before another is not known.
    """
    facts = list(packets)
    showing = [-1 if fact.pts is None else fact.pts for fact in facts]
    for is_shown_order in (True, False) if showing != sorted(showing) else (False,):
        told = [fact.pts if is_shown_order else fact.dts for fact in facts]
        whole = [time for time in told if time is not None]
        if len(whole) < len(told) or len(set(whole)) < len(whole):
            continue
        times = np.sort(np.array(whole, np.int64))
        keys = [
            time
            for time, fact in zip(whole, facts, strict=True)
            if fact.is_key and (is_shown_order or fact.is_clean)
        ]
        numbers = np.sort(np.searchsorted(times, np.array(keys, np.int64)))
        return KeyFrames(times, numbers, is_shown_order) if len(numbers) > 1 else None
    return None


def _is_clean(packet: "av.Packet[av.VideoStream]") -> bool:
    """Whether a key frame is followed by no frame that is shown before it.

    For H.264 in a stream with start codes that is an IDR picture (type 5 of H.264, 7.4.1), for
    others one of a stream whose frames are not reordered.
    """
    context = packet.stream.codec_context
    if not context.has_b_frames:
        return True
    if context.name != "h264":
        return False
    data = bytes(packet)
    at = data.find(_START_CODE)
    while 0 <= at < len(data) - len(_START_CODE):
        if data[at + len(_START_CODE)] & 0x1F == _IDR:
            return True
        at = data.find(_START_CODE, at + len(_START_CODE))
    return False
