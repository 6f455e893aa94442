"""A performance of an action, written like a score: which part of the body moves where, and when.

Every channel is an array over time. Points of a hand are in arm lengths from its shoulder, points
of a foot and of the pelvis in leg lengths from where they rest; their axes are (out to the own
side, up, forward), the pelvis' first axis points to the leading side. Angles are radians.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CHANNELS: Mapping[str, int] = {
    "lead_hand": 3,
    "other_hand": 3,
    "lead_foot": 3,
    "other_foot": 3,
    "pelvis": 3,
    "trunk": 3,  # pitch forward, roll to the leading side, twist to the leading side
    "head": 2,  # pitch forward, turn to the leading side
    "turn": 1,  # of the whole body, to the leading side
}


@dataclass(frozen=True)
class Style:
    """How a participant moves.

    Attributes:
        tempo: Above 1 is faster.
        amplitude: Above 1 reaches further.
        trunk: How much the trunk joins in.
        elbow_out: Where elbows point: 0 down, 1 out.
        arm_hang: The hanging hand, as a point of the channel.
        posture: Trunk pitch at rest, radians.
        stance: Feet apart, in leg lengths.
        sway: Size of idle movement.
        right_handed: Chance of leading with the right side.
    """

    tempo: float
    amplitude: float
    trunk: float
    elbow_out: float
    arm_hang: tuple[float, float, float]
    posture: float
    stance: float
    sway: float
    right_handed: float


def draw_style(rng: np.random.Generator) -> Style:
    """A participant's way of moving."""
    return Style(
        tempo=1.04 * float(np.exp(np.clip(rng.normal(0.0, 0.15), -0.3, 0.3))),
        amplitude=float(rng.uniform(0.8, 1.12)),
        trunk=float(rng.uniform(0.4, 1.5)),
        elbow_out=float(rng.uniform(0.2, 1.0)),
        arm_hang=(float(rng.uniform(0.02, 0.15)), -0.975, float(rng.uniform(0.02, 0.16))),
        posture=float(rng.uniform(-0.02, 0.12)),
        stance=float(rng.uniform(0.18, 0.42)),
        sway=float(rng.uniform(0.5, 1.6)),
        right_handed=0.8 if rng.random() < 0.8 else 0.2,
    )


def ease(share: ArrayLike) -> Floats:
    """Minimum-jerk progress (Flash and Hogan, 1985) from 0 at 0 to 1 at 1, constant outside."""
    s = np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
    return np.asarray(s * s * s * (10.0 + s * (6.0 * s - 15.0)))


class Score:
    """Writes one performance. The cursor `now` (seconds) advances with each call that takes time.

    Args:
        rng: Where the variation of this performance comes from.
        style: The participant's.
    """

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        self.rng = rng
        self.style = style
        self.now = 0.0
        self.tempo = style.tempo * float(np.exp(rng.normal(0.0, 0.09)))
        self.amplitude = style.amplitude * float(rng.uniform(0.9, 1.1))
        hang = np.asarray(style.arm_hang)
        self._rest = {name: np.zeros(n) for name, n in CHANNELS.items()}
        for name in ("lead_hand", "other_hand"):
            self._rest[name] = hang + rng.normal(0.0, 0.02, 3)
        self._rest["trunk"] = np.array([style.posture, 0.0, 0.0]) + rng.normal(0.0, 0.015, 3)
        self._start = {name: value.copy() for name, value in self._rest.items()}
        self._current = {name: value.copy() for name, value in self._rest.items()}
        self._terms: dict[str, list[Callable[[Floats], Floats]]] = {name: [] for name in CHANNELS}

    def begin_in(self, **posture: tuple[float, ...]) -> None:
        """Begin in this posture instead of standing at rest."""
        for name, value in posture.items():
            self._start[name] = np.asarray(value, dtype=np.float64)
            self._current[name] = self._start[name].copy()

    def go(
        self, seconds: float, *, exact: bool = False, keep_time: bool = False, **targets: ArrayLike
    ) -> None:
        """Move channels to targets together, each with an onset of its own.

        Args:
            seconds: At tempo 1.
            exact: Reach the targets as they are, without this performance's amplitude.
            keep_time: Leave the cursor where it is, so that the next call runs at the same time.
            **targets: By channel.
        """
        goals = {name: np.asarray(target, dtype=np.float64) for name, target in targets.items()}
        if not exact:
            goals = {name: self._varied(name, goal) for name, goal in goals.items()}
        taken = self._go(seconds, goals)
        if keep_time:
            self.now -= taken

    def rest(self, seconds: float) -> None:
        """Let everything go back to rest."""
        self._go(seconds, self._rest)

    def hold(self, seconds: float) -> None:
        """Stay."""
        self.now += seconds / self.tempo * float(self.rng.uniform(0.5, 1.5))

    def pace(self, seconds: float) -> float:
        """Seconds at this performance's tempo."""
        return seconds / self.tempo * float(self.rng.uniform(0.9, 1.1))

    def swing(
        self,
        cycles: float,
        period: float,
        *,
        phase: float = 0.0,
        lifted: bool = False,
        keep_time: bool = False,
        **amplitudes: ArrayLike,
    ) -> None:
        """Swing channels about where they are.

        Args:
            cycles: How many.
            period: Seconds a cycle, as it is.
            phase: In cycles.
            lifted: Only the positive half of the wave (a foot that leaves the floor).
            keep_time: As in `go`.
            **amplitudes: By channel. A real amplitude is a sine; an imaginary one is a quarter of
                a cycle ahead, so that (r, 1j * r, 0) is a circle.
        """
        begin, seconds = self.now, cycles * period
        ramp = min(0.18, seconds / 3)
        for name, amplitude in amplitudes.items():
            vector = np.asarray(amplitude, dtype=np.complex128) * self.amplitude

            def term(t: Floats, vector: NDArray[np.complex128] = vector) -> Floats:
                angle = 2j * np.pi * ((t - begin) / period + phase)
                circling = -1j * np.exp(angle)
                if lifted:
                    circling = np.maximum(circling.real, 0.0) + 0j
                window = ease((t - begin) / ramp) * ease((begin + seconds - t) / ramp)
                return np.asarray(np.outer(circling * window, vector).real)

            self._terms[name].append(term)
        if not keep_time:
            self.now += seconds

    def hop(self, height: float, seconds: float) -> None:
        """Leave the floor on a parabola of this height (leg lengths)."""
        begin = self.now
        for name in ("pelvis", "lead_foot", "other_foot"):

            def term(t: Floats) -> Floats:
                share = np.clip((t - begin) / seconds, 0.0, 1.0)
                return np.outer(4.0 * height * share * (1.0 - share), (0.0, 1.0, 0.0))

            self._terms[name].append(term)
        self.now += seconds

    def sample(self, times: Floats) -> dict[str, Floats]:
        """The channels at these times, each (T, n) with the n of CHANNELS."""
        channels = {}
        for name in CHANNELS:
            total = np.repeat(self._start[name][None], len(times), axis=0)
            for term in self._terms[name]:
                total = total + term(times)
            channels[name] = total
        return channels

    def _varied(self, name: str, goal: Floats) -> Floats:
        """A target as this performance reaches it."""
        scale = self.amplitude * (self.style.trunk if name == "trunk" else 1.0)
        varied = self._rest[name] + (goal - self._rest[name]) * scale
        return np.asarray(varied + self.rng.normal(0.0, 0.03, goal.shape))

    def _go(self, seconds: float, goals: Mapping[str, Floats]) -> float:
        """Move, advance the cursor, and return the seconds that it took."""
        seconds = seconds / self.tempo * float(self.rng.uniform(0.9, 1.12))
        for name, goal in goals.items():
            delay = float(self.rng.uniform(0.0, 0.12)) * seconds
            step = goal - self._current[name]
            self._current[name] = goal
            self._terms[name].append(_move(step, self.now + delay, seconds * 0.98 - delay))
        self.now += seconds
        return seconds


def _move(step: Floats, begin: float, seconds: float) -> Callable[[Floats], Floats]:
    return lambda t: np.outer(ease((t - begin) / seconds), step)
