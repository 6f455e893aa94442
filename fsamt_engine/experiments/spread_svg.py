"""A table as a chart: every method's mean with its spread and its seeds, as SVG text."""

from collections.abc import Iterator
from html import escape

from fsamt_engine.experiments.svg import WIDTH, number, ticks
from fsamt_engine.experiments.table import PartialTable

_LETTER = 7.6
_ROW, _TOP, _BOTTOM = 26, 12, 52
_FEWEST_FOR_LINES, _MOST_LINES = 3, 6
_HEIGHT = 320
_LEFT = 68


def spread_chart(table: PartialTable) -> str:
    """Lines over three or more numbers of labels, with few methods; otherwise a row a method.

    A thick dot is the mean, the line through it reaches one sample standard deviation to both
    sides, a small dot is a seed.

    Returns:
        An `<svg>` element.
    """
    if len(table.labels) >= _FEWEST_FOR_LINES and len(table.methods) <= _MOST_LINES:
        return _framed(_HEIGHT, _lines(table), _in_words(table))
    height = _TOP + _BOTTOM + _ROW * len(table.methods) * len(table.labels)
    return _framed(height, _rows(table, height), _in_words(table))


def _rows(table: PartialTable, height: int) -> Iterator[str]:
    left = 24 + _LETTER * max(len(name) for name in table.methods)
    left = min(left, WIDTH / 2)
    low, high = _limits(table)
    right = WIDTH - 16

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    for value in ticks(low, high):
        yield _line("grid", x(value), _TOP, x(value), height - _BOTTOM)
        yield _text("tick", x(value), height - _BOTTOM + 20, number(value), "middle")
    yield _text("label", (left + right) / 2, height - 6, f"{table.measure} in %", "middle")
    y = _TOP + _ROW / 2
    for method in table.methods:
        yield _text("tick", left - 10, y + _ROW * (len(table.labels) - 1) / 2 + 5, method, "end")
        for hue, n_labels in enumerate(table.labels):
            found = table.figure(method, n_labels)
            if found is not None:
                spread = found.std or 0.0
                yield f'<g class="series-{hue}">'
                yield _line("line", x(found.mean - spread), y, x(found.mean + spread), y)
                yield from (_dot("seed", x(value), y, 2.5) for value in found.values)
                yield _dot("best", x(found.mean), y, 5)
                if method == table.methods[0]:
                    labels = f"{n_labels} label{'' if n_labels == 1 else 's'}"
                    yield _text("name", right, y + 5, labels, "end")
                yield "</g>"
            y += _ROW


def _lines(table: PartialTable) -> Iterator[str]:
    low, high = _limits(table)
    bottom = _HEIGHT - _BOTTOM
    right = WIDTH - 24 - _LETTER * max(len(name) for name in table.methods)
    step = (right - _LEFT - 20) / (len(table.labels) - 1)

    def y(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - _TOP)

    for value in ticks(low, high):
        yield _line("grid", _LEFT, y(value), right, y(value))
        yield _text("tick", _LEFT - 8, y(value) + 4, number(value), "end")
    for place, n_labels in enumerate(table.labels):
        yield _text("tick", _LEFT + 10 + place * step, bottom + 20, str(n_labels), "middle")
    yield _text("label", (_LEFT + right) / 2, _HEIGHT - 6, "labels an action", "middle")
    yield _text("label", _LEFT - 8, _TOP - 2, "%", "end")
    ends: list[tuple[float, int, str]] = []
    for hue, method in enumerate(table.methods):
        points = []
        # Set apart, so that the spreads of two methods do not cover each other.
        aside = 4 * (hue - (len(table.methods) - 1) / 2)
        yield f'<g class="series-{hue % 8}">'
        for place, n_labels in enumerate(table.labels):
            found = table.figure(method, n_labels)
            if found is None:
                continue
            x, spread = _LEFT + 10 + place * step + aside, found.std or 0.0
            yield _line("line", x, y(found.mean - spread), x, y(found.mean + spread))
            yield _dot("best", x, y(found.mean), 4)
            points.append((x, y(found.mean)))
        if points:
            path = " L".join(f"{x:.1f},{y_:.1f}" for x, y_ in points)
            yield f'<path class="line" d="M{path}"/>'
            ends.append((points[-1][1], hue, method))
        yield "</g>"
    lowest = float("-inf")
    for place_y, hue, method in sorted(ends):
        lowest = max(place_y + 5, lowest + 17)
        name = _text("name", right + 14, lowest, method, "start")
        yield f'<g class="series-{hue % 8}">{name}</g>'


def _limits(table: PartialTable) -> tuple[float, float]:
    summaries = [
        found
        for method in table.methods
        for n_labels in table.labels
        if (found := table.figure(method, n_labels)) is not None
    ]
    ends = [value for one in summaries for value in one.values]
    ends += [one.mean + sign * (one.std or 0.0) for one in summaries for sign in (-1, 1)]
    if not ends:
        return 0.0, 100.0
    low, high = max(0.0, min(ends) - 3), min(100.0, max(ends) + 3)
    return low, max(high, low + 1)


def _line(look: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{look}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _dot(look: str, x: float, y: float, radius: float) -> str:
    return f'<circle class="{look}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'


def _text(look: str, x: float, y: float, words: str, anchor: str) -> str:
    start = f'<text class="{look}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
    return f"{start}{escape(words)}</text>"


def _framed(height: int, parts: Iterator[str], words: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(words)}">{"".join(parts)}</svg>'
    )


def _in_words(table: PartialTable) -> str:
    said = [
        f"{method} with {n_labels} labels {found}"
        for method in table.methods
        for n_labels in table.labels
        if (found := table.figure(method, n_labels)) is not None
    ]
    return f"{table.measure_heading} in %: {', '.join(said)}."
