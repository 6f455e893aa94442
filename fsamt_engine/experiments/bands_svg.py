"""What is true of a take and what was found in it, as two bands over one time, as SVG text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from fsamt_engine.evaluation.detection_test import DetectionTest, TestedTake

_ROW_S = 60.0
"""Seconds across; a longer take goes on below."""
_WIDTH = 1040
_BAND, _GAP, _TOP, _TICKS = 22, 3, 6, 20
_LEFT = 52
_LETTER = 7.0
_HUES = 8


@dataclass(frozen=True)
class Bar:
    """An interval on a band.

    Attributes:
        start: Seconds of the take, likewise `end`.
        is_error: A segment that was missed, or a detection that finds none.
        words: For whoever points at it, or has it read aloud.
    """

    start: float
    end: float
    action: str
    is_error: bool
    words: str


def bands_of(test: DetectionTest, take: TestedTake) -> tuple[list[Bar], list[Bar]]:
    """The segments of a take, and the detections that are believed at the usual threshold."""
    rate, threshold = take.rate_hz, test.usual_threshold
    found_by = {one.truth: one.detection for one in test.matches()}
    right = set(found_by.values())
    truth = []
    for item in test.truth:
        if item.take_id == take.take_id:
            said = "found" if item in found_by else "missed"
            truth.append(
                Bar(
                    item.start / rate,
                    item.end / rate,
                    str(item.action),
                    item not in found_by,
                    f"{item.action}, {_seconds(item.start, item.end, rate)}: {said}",
                )
            )
    found = [
        Bar(
            one.start / rate,
            one.end / rate,
            one.action,
            one not in right,
            f"{one.action}, {_seconds(one.start, one.end, rate)}, score {one.score:.2f}: "
            f"{'right' if one in right else 'false alarm'}",
        )
        for one in test.by_take[take.take_id]
        if one.score >= threshold
    ]
    return truth, found


def bands_chart(
    seconds: float, truth: Sequence[Bar], found: Sequence[Bar], actions: Sequence[str], words: str
) -> str:
    """The bands of one take: true above, found below; what is wrong is dashed and hollow.

    Args:
        seconds: Of the take.
        actions: In the order of their colours.
        words: What it shows, for whoever cannot see it.

    Returns:
        An `<svg>` element.
    """
    hue = {action: number % _HUES for number, action in enumerate(actions)}
    parts: list[str] = []
    top = 0.0
    for place in range(max(1, int(-(-seconds // _ROW_S)))):
        begin = place * _ROW_S
        bands = [_lanes(band, begin, begin + _ROW_S) for band in (truth, found)]
        parts += _row(top, begin, seconds, bands, hue)
        top += _TOP + sum(_BAND * len(lanes) for lanes in bands) + _GAP + _TICKS
    return (
        f'<svg class="chart bands" viewBox="0 0 {_WIDTH} {top:.0f}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def _lanes(band: Sequence[Bar], begin: float, end: float) -> list[list[Bar]]:
    """The bars between two seconds, so that none covers another; the first lane is there anyway."""
    lanes: list[list[Bar]] = [[]]
    for bar in sorted(band, key=lambda one: (one.start, one.end)):
        if bar.end <= begin or bar.start >= end:
            continue
        free = (lane for lane in lanes if not lane or lane[-1].end <= bar.start)
        lane = next(free, None)
        if lane is None:
            lane = []
            lanes.append(lane)
        lane.append(bar)
    return lanes


def _row(
    top: float,
    begin: float,
    seconds: float,
    bands: Sequence[Sequence[Sequence[Bar]]],
    hue: Mapping[str, int],
) -> Iterator[str]:
    """The bands' lanes from a second on, for as long as a row is."""
    last = min(seconds, begin + _ROW_S)
    scale = (_WIDTH - _LEFT - 8) / min(_ROW_S, max(seconds, 1.0))

    def x(second: float) -> float:
        return _LEFT + (second - begin) * scale

    y = top + _TOP
    for name, lanes in zip(("true", "found"), bands, strict=True):
        yield f'<text class="tick" x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{name}</text>'
        yield _box("empty", x(begin), y, x(last) - x(begin), len(lanes) * _BAND)
        for lane in lanes:
            for bar in lane:
                start, end = max(bar.start, begin), min(bar.end, last)
                yield from _bar(bar, x(start), y, x(end) - x(start), hue[bar.action])
            y += _BAND
        y += _GAP
    bottom = y - _GAP
    for tick in range(int(begin), int(last) + 1, 10):
        yield (
            f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 15}" text-anchor="middle">'
            f"{tick}&#8201;s</text>"
        )


def _bar(bar: Bar, x: float, y: float, width: float, hue: int) -> Iterator[str]:
    look = "bar wrong" if bar.is_error else "bar"
    yield f'<g class="series-{hue}"><title>{escape(bar.words)}</title>{_box(look, x, y, width)}'
    n_letters = int((width - 8) / _LETTER)
    if n_letters >= 3:
        fits = len(bar.action) <= n_letters
        name = bar.action if fits else f"{bar.action[: n_letters - 1]}…"
        yield f'<text class="bar-name" x="{x + 4:.1f}" y="{y + 14:.1f}">{escape(name)}</text>'
    yield "</g>"


def _box(look: str, x: float, y: float, width: float, height: float = _BAND) -> str:
    return (
        f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{max(1.0, width):.1f}" '
        f'height="{height}" rx="3"/>'
    )


def _seconds(start: float, end: float, rate_hz: float) -> str:
    return f"{start / rate_hz:.1f} to {end / rate_hz:.1f} s"
