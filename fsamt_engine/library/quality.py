"""Whether a take can be trusted: how well its pairs fit, what is missing, a verdict in words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.completeness import (
    NOMINAL,
    Numbers,
    StreamQuality,
    StreamTimes,
    stream_quality,
)
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import MAIN_FIRST, QualityLevel, StreamKind

_MEASURED = (StreamKind.DEPTH, StreamKind.COLOUR, StreamKind.INFRARED)
"""Kinds that a camera gives; a skeleton is made from them."""
_PAIRED = (StreamKind.DEPTH, StreamKind.COLOUR)

_USES = {
    StreamKind.DEPTH: "recognition",
    StreamKind.INFRARED: "recognition from infrared",
    StreamKind.COLOUR: "teachers",
    StreamKind.SKELETON: "recognition from skeletons",
}
"""What a take serves that has no pairs of depth and colour, by its main stream."""
_LOST_CAUTION, _LOST_BAD = 0.01, 0.1
"""Share of pairs (of main frames in a take without pairs) that may be lost. One always may."""
_TWICE_CAUTION = 0.01
_RATE_CAUTION = 0.95
"""Real rate over nominal rate, lost frames counted in."""
_GAP_CAUTION_US = 500_000
_SKEW_CAUTION = 0.3
"""Skew at the 95th percentile, in frame times. No pair has more than half of one."""

_GOODNESS = {
    QualityLevel.GOOD: "good for {}",
    QualityLevel.CAUTION: "usable for {}, with care",
    QualityLevel.BAD: "not good enough for {}",
}
Reason = tuple[QualityLevel, str]


@dataclass(frozen=True)
class TakeQuality:
    """How far a take can be trusted.

    Attributes:
        n_pairs: Depth with colour of the same moment.
        n_lost: Pairs that there would be besides had nothing been lost; of a take that has not both
            streams, main frames.
        clock: What told the moments: "device", "host" (this computer), "nominal" (the rate).
        skew_median_us, skew_95_us, skew_max_us: Of the size of the skew, whatever its sign; None
            where there is no pair, or the clock is nominal.
    """

    n_pairs: int
    n_lost: int
    clock: str
    skew_median_us: float | None
    skew_95_us: float | None
    skew_max_us: float | None
    streams: tuple[StreamQuality, ...]

    def stream(self, kind: StreamKind) -> StreamQuality | None:
        """The stream of this kind, or None."""
        return next((s for s in self.streams if s.kind == kind), None)

    @property
    def serves_transfer(self) -> bool:
        """Whether it has the streams that a transfer needs."""
        return all(self.stream(kind) is not None for kind in _PAIRED)

    @property
    def main(self) -> StreamQuality | None:
        """Of the stream that numbers the take's frames; None where that is a skeleton."""
        return next(filter(None, map(self.stream, MAIN_FIRST)), None)

    @property
    def n_expected(self) -> int:
        """Pairs, or main frames of a take without, that there would be had nothing been lost."""
        main = self.main
        n_kept = self.n_pairs if self.serves_transfer else main.n_frames if main else 0
        return n_kept + self.n_lost

    @property
    def level(self) -> QualityLevel:
        """The verdict in one word."""
        levels = {level for level, _ in self._reasons()}
        worst_first = (QualityLevel.BAD, QualityLevel.CAUTION)
        return next((level for level in worst_first if level in levels), QualityLevel.GOOD)

    @property
    def verdict(self) -> str:
        """One sentence, without its stop."""
        main = self.main
        use = "transfer" if self.serves_transfer else _USES[main.kind if main else MAIN_FIRST[-1]]
        goodness = _GOODNESS[self.level].format(use)
        if main is None:
            what = "skeleton alone"
        elif not self.serves_transfer:
            what = _counted(self.n_lost, main.n_frames, f"{main.kind} frame")
        elif not self.n_pairs:
            what = "no pairs"
        else:
            what = f"{_counted(self.n_lost, self.n_pairs, 'pair')}, {self._skew_words()}"
        return f"{what}: {goodness}"

    @property
    def hints(self) -> tuple[str, ...]:
        """Why it is not better and what to do about it, the worst first."""
        reasons = sorted(self._reasons(), key=lambda reason: reason[0] != QualityLevel.BAD)
        return tuple(words for _, words in reasons)

    def _skew_words(self) -> str:
        if self.skew_95_us is None:
            return "skew not known"
        by = " by arrival" if self.clock == "host" else ""
        return f"skew{by} {self.skew_95_us / 1000:.1f} ms at the 95th percentile"

    def _reasons(self) -> Iterator[Reason]:
        for stream in self.streams:
            yield from _reasons_of_stream(stream)
        if self.main is not None:
            yield from self._reasons_of_loss(self.main)
        if not self.serves_transfer:
            return
        if self.clock == "host":
            yield (
                QualityLevel.CAUTION,
                "The camera gave no times of its own: pairs go by their arrival at this computer."
                " Their skew is less certain than it reads.",
            )
        if self.clock == NOMINAL:
            yield (
                QualityLevel.CAUTION,
                "No times were recorded: pairs are made from the frame rate. Look whether colour"
                " and depth move together.",
            )
        frame_us = 1e6 / max(s.nominal_hz for s in self.streams if s.kind in _PAIRED)
        if self.skew_95_us is not None and self.skew_95_us > _SKEW_CAUTION * frame_us:
            yield (
                QualityLevel.CAUTION,
                "Depth and colour are almost half a frame apart. Record both at the same rate, at"
                " the highest that the camera has for both.",
            )

    def _reasons_of_loss(self, main: StreamQuality) -> Iterator[Reason]:
        if self.serves_transfer and not self.n_pairs:
            level = QualityLevel.BAD
        else:
            level = _level_of_loss(self.n_lost, self.n_expected)
        if level == QualityLevel.GOOD:
            return
        paired = [s for s in self.streams if s.kind in _PAIRED] or [main]
        if n := sum(s.n_dropped for s in paired):
            yield (
                level,
                f"This computer could not keep up with {n:,} frames. Record at a lower resolution"
                " or rate, or onto a quicker disk.",
            )
        elif n := sum(s.n_missing for s in paired):
            yield (
                level,
                f"{n:,} frames never came from the camera. Use a USB 3 port and cable, and no hub.",
            )
        elif self.serves_transfer:
            alone = f"{main.n_alone:,} of {main.n_frames:,}"
            yield (
                level,
                f"{alone} depth frames have no colour frame within half a frame time. Record both"
                " at the same rate.",
            )


def take_quality(library: Library, take_id: str) -> TakeQuality:
    """How far a take of the library can be trusted.

    Raises:
        FsamtError: There is no take with this id.
    """
    found = library.rows(
        "SELECT pairs.content, json_extract(recordings.content, '$.n_dropped')"
        " FROM takes LEFT JOIN pairs ON pairs.take_id = id"
        " LEFT JOIN recordings ON recordings.take_id = id WHERE id = ?",
        [take_id],
    )
    if not found:
        raise FsamtError(f"There is no take {take_id} in this library.", "It may be in the bin.")
    rows = library.rows(
        "SELECT kind, rate_hz, timestamp_domain, timestamps_us, numbers"
        " FROM streams JOIN frames USING (take_id, kind) WHERE take_id = ? ORDER BY kind",
        [take_id],
    )
    streams = [
        StreamTimes(
            StreamKind(kind),
            rate_hz,
            domain,
            np.frombuffer(times, "<i8"),
            None if numbers is None else np.frombuffer(numbers, "<i8"),
        )
        for kind, rate_hz, domain, times, numbers in rows
    ]
    pairs, n_dropped = found[0]
    table = np.frombuffer(pairs or b"", "<i8").reshape(-1, 3)
    return assess(streams, table, json.loads(n_dropped or "{}"))


def assess(
    streams: Sequence[StreamTimes], pairs: Numbers, n_dropped: Mapping[str, int] | None = None
) -> TakeQuality:
    """How far a take with these frames and pairs can be trusted.

    Args:
        streams: At most one of a kind, each with a frame or more. Skeletons do not matter.
        pairs: (n, 3) int64: depth frame, colour frame, skew in microseconds.
        n_dropped: Frames that arrived but could not be kept, by kind.
    """
    by_kind = {stream.kind: stream for stream in streams if stream.kind in _MEASURED}
    has_both = all(kind in by_kind for kind in _PAIRED)
    measured = {
        kind: stream_quality(
            stream,
            len(stream.at_us) - len(np.unique(pairs[:, _PAIRED.index(kind)]))
            if has_both and kind in _PAIRED
            else 0,
            (n_dropped or {}).get(str(kind), 0),
        )
        for kind, stream in by_kind.items()
    }
    domains = {stream.domain for kind, stream in by_kind.items() if kind in _PAIRED}
    clock = domains.pop() if len(domains) == 1 else "host"
    skew = np.abs(pairs[:, 2])
    median, high, largest = (
        (None, None, None)
        if clock == NOMINAL or not len(skew)
        else (float(value) for value in np.percentile(skew, (50, 95, 100)))
    )
    depth = measured.get(StreamKind.DEPTH)
    main = next((measured[kind] for kind in MAIN_FIRST if kind in measured), None)
    n_lost = main.n_lost if main else 0
    if depth and has_both and len(pairs):
        # A recording begins and ends between the two frames of a moment: these two may be alone.
        at_ends = int(pairs[0, 0] > 0) + int(pairs[-1, 0] < depth.n_frames - 1)
        n_lost += max(0, depth.n_alone - at_ends)
    elif depth and has_both:
        n_lost += depth.n_alone
    return TakeQuality(len(pairs), n_lost, clock, median, high, largest, tuple(measured.values()))


def _reasons_of_stream(stream: StreamQuality) -> Iterator[Reason]:
    name, caution = str(stream.kind).capitalize(), QualityLevel.CAUTION
    if stream.rate_hz is not None:
        # What got lost is told by the loss, not by the rate.
        given_hz = stream.rate_hz * (1 + stream.n_lost / stream.n_frames)
        if given_hz < _RATE_CAUTION * stream.nominal_hz:
            yield (
                caution,
                f"{name} came at {given_hz:.1f} instead of {stream.nominal_hz:g} frames a second."
                + (
                    " Turn exposure priority off, or give more light."
                    if stream.kind == StreamKind.COLOUR
                    else " Use a USB 3 port and cable."
                ),
            )
    if stream.n_twice > 1 and stream.n_twice > _TWICE_CAUTION * stream.n_frames:
        yield (
            caution,
            f"{name} frames came twice ({stream.n_twice:,}). Plug the camera in anew.",
        )
    if stream.n_backwards:
        yield (
            caution,
            f"The clock of {name.lower()} went backwards ({stream.n_backwards:,} ×). Times before"
            " and after cannot be compared; pairs can be trusted.",
        )
    if stream.longest_gap_us > _GAP_CAUTION_US:
        yield (
            caution,
            f"{name} stood still for {stream.longest_gap_us / 1e6:.1f} s. Look whether something"
            " important happened then.",
        )


def _level_of_loss(n_lost: int, n_expected: int) -> QualityLevel:
    if n_lost <= max(1, _LOST_CAUTION * n_expected):
        return QualityLevel.GOOD
    return QualityLevel.BAD if n_lost > _LOST_BAD * n_expected else QualityLevel.CAUTION


def _counted(n_lost: int, n_kept: int, name: str) -> str:
    n = n_lost + n_kept
    names = f"{n:,} {name}" if n == 1 else f"{n:,} {name}s"
    return f"{n_lost:,} of {names} dropped" if n_lost else f"{names}, none dropped"
