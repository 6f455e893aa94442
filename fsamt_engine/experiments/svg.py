"""Small charts as SVG text, without a plotting library: they take the colours of their page.

The strokes carry classes (`training`, `validation`, `series-2`, ...) and no colours: the style
sheet of the page has them, for light and dark.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 640
HEIGHT = 280
_LEFT, _TOP, _BOTTOM = 68, 16, 52
_CHARACTER = 8.5
"""Width of a letter of a line's name, a little more than any font needs."""
_MAX_POINTS = 400


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Attributes:
        name: Written beside the line. "training" and "validation" have colours of their own.
        steps: Horizontal positions, rising.
        values: As many as `steps`; what is not finite is left out.
    """

    name: str
    steps: tuple[float, ...]
    values: tuple[float, ...]


def ticks(low: float, high: float, n_at_most: int = 6, whole: bool = False) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) within `low`..`high`, both included.

    With `whole` they are at least 1 apart.
    """
    if not high > low:
        return [low]
    rough = max(1.0 if whole else 0.0, (high - low) / max(1, n_at_most - 1))
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def line_chart(
    series: Sequence[Series], best_step: float | None, x_label: str, y_label: str
) -> str:
    """A chart of lines over steps, with the best step marked on the line that it was chosen by.

    That is the validation line, or the first one where there is none.

    Args:
        series: The lines.
        best_step: Where the weights were best, None to mark nothing.
        x_label: What the steps count ("step", "epoch").
        y_label: What the values are, with their unit.

    Returns:
        An `<svg>` element; an empty chart says so in words.
    """
    drawn = [(number, _finite(line)) for number, line in enumerate(series)]
    drawn = [(number, line) for number, line in drawn if line.steps]
    if not drawn:
        return f'<p class="quiet">No values of {escape(y_label)} were recorded.</p>'
    lines = [line for _, line in drawn]
    scale = _Scale.around(lines)
    parts = [_axes(scale, x_label, y_label)]
    parts += [
        f'<path class="line {_look(line, number)}" d="{_path(line, scale)}"/>'
        for number, line in drawn
    ]
    parts += _names(drawn, scale)
    chosen = next((line for line in lines if line.name == "validation"), lines[0])
    if best_step is not None:
        parts.append(_best(chosen, best_step, scale))
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_in_words(lines, best_step, x_label, y_label))}">'
        f"{''.join(parts)}</svg>"
    )


@dataclass(frozen=True)
class _Scale:
    """From values to places in the drawing."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    right: float
    """Where the drawing ends and the names begin."""

    @classmethod
    def around(cls, lines: Sequence[Series]) -> "_Scale":
        steps = [step for line in lines for step in line.steps]
        values = [value for line in lines for value in line.values]
        low, high = min(values), max(values)
        # Losses and accuracies mean something against 0, unless they hardly move far away from it.
        if low > 0 and low < 0.6 * high:
            low = 0.0
        if high == low:
            low, high = low - 0.5, high + 0.5
        x_low, x_high = min(steps), max(steps)
        x_high = x_high if x_high > x_low else x_low + 1
        right = WIDTH - 16 - _CHARACTER * max(len(line.name) for line in lines)
        return cls(x_low, x_high, low, high + 0.04 * (high - low), right)

    def x(self, step: float) -> float:
        share = (step - self.x_low) / (self.x_high - self.x_low)
        return _LEFT + share * (self.right - _LEFT)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def _finite(line: Series) -> Series:
    kept = [(s, v) for s, v in zip(line.steps, line.values, strict=True) if math.isfinite(v)]
    return Series(line.name, tuple(s for s, _ in kept), tuple(v for _, v in kept))


def _look(line: Series, number: int) -> str:
    return line.name if line.name in ("training", "validation") else f"series-{number % 8}"


def _path(line: Series, scale: _Scale) -> str:
    every = max(1, math.ceil(len(line.steps) / _MAX_POINTS))
    kept = list(range(0, len(line.steps), every))
    if kept[-1] != len(line.steps) - 1:
        kept.append(len(line.steps) - 1)
    places = (f"{scale.x(line.steps[i]):.1f},{scale.y(line.values[i]):.1f}" for i in kept)
    return "M" + " L".join(places)


def _axes(scale: _Scale, x_label: str, y_label: str) -> str:
    right, bottom = scale.right, HEIGHT - _BOTTOM
    parts = []
    for value in ticks(scale.y_low, scale.y_high):
        y = scale.y(value)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(
            f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{number(value)}</text>"
        )
    for step in ticks(scale.x_low, scale.x_high, whole=True):
        x = scale.x(step)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">'
            f"{number(step)}</text>"
        )
    parts.append(f'<line class="axis" x1="{_LEFT}" x2="{right:.1f}" y1="{bottom}" y2="{bottom}"/>')
    parts.append(
        f'<text class="label" x="{(_LEFT + right) / 2:.1f}" y="{HEIGHT - 6}" '
        f'text-anchor="middle">{escape(x_label)}</text>'
    )
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text class="label" transform="rotate(-90 14 {middle})" x="14" y="{middle}" '
        f'text-anchor="middle">{escape(y_label)}</text>'
    )
    return "".join(parts)


def _names(drawn: Sequence[tuple[int, Series]], scale: _Scale) -> list[str]:
    """Each name at the end of its line, moved apart where two lines end together."""
    ends = sorted((scale.y(line.values[-1]) + 4, number, line) for number, line in drawn)
    parts, lowest = [], -math.inf
    for y, number_of_line, line in ends:
        y = max(y, lowest + 17)
        lowest = y
        parts.append(
            f'<text class="name {_look(line, number_of_line)}" x="{scale.right + 8:.1f}" '
            f'y="{y:.1f}">{escape(line.name)}</text>'
        )
    return parts


def _best(line: Series, best_step: float, scale: _Scale) -> str:
    value = _value_at(line, best_step)
    x, y = scale.x(best_step), scale.y(value)
    bottom = HEIGHT - _BOTTOM
    # The words go where losses and accuracies leave room: to the far end of the guide line.
    end = _TOP if y > (_TOP + bottom) / 2 else bottom
    y_words = end + 4 if end == _TOP else end - 6
    side, x_words = ("end", x - 8) if x > (_LEFT + scale.right) / 2 else ("start", x + 8)
    return (
        f'<line class="guide" x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{end}"/>'
        f'<circle class="best {_look(line, 0)}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text class="best-name" x="{x_words:.1f}" y="{y_words}" text-anchor="{side}">'
        f"best: {number(value)} at {number(best_step)}</text>"
    )


def _value_at(line: Series, step: float) -> float:
    nearest = min(range(len(line.steps)), key=lambda i: abs(line.steps[i] - step))
    return line.values[nearest]


def number(value: float) -> str:
    """A value with three digits that count: "0.213", "12", "1,248"."""
    if value == 0 or abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _in_words(lines: Sequence[Series], best_step: float | None, x_label: str, y_label: str) -> str:
    said = [
        f"{line.name} from {number(line.values[0])} to {number(line.values[-1])}" for line in lines
    ]
    best = "" if best_step is None else f", best at {x_label} {number(best_step)}"
    first, last = lines[0].steps[0], lines[0].steps[-1]
    where = f"{x_label} {number(first)} to {number(last)}"
    return f"{y_label} over {where}: {', '.join(said)}{best}."
