"""A performance of an action as the movement of a body, with the idle movement of the living."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fsamt_engine.capture.motions import ACTIONS, WRITERS
from fsamt_engine.capture.score import Floats, Score, Style, ease
from fsamt_engine.errors import FsamtError


@dataclass(frozen=True)
class BodyMotion:
    """Where the parts of a body are led to, over T frames. Units as in `score`.

    Attributes:
        turn: (T,) of the whole body about the vertical, to the left, radians.
        trunk: (T, 3) pitch forward, roll to the left, twist to the left, radians.
        head: (T, 2) pitch forward, turn to the left, radians.
        pelvis: (T, 3) left, up, forward from where it rests.
        hands: (T, 2, 3) left and right; out, up, forward from the shoulder.
        feet: (T, 2, 3) left and right; out, up, forward from where they rest.
    """

    turn: Floats
    trunk: Floats
    head: Floats
    pelvis: Floats
    hands: Floats
    feet: Floats

    def __len__(self) -> int:
        return len(self.turn)

    def after(self, last: "BodyMotion", seconds: Floats, within: float) -> "BodyMotion":
        """This motion, led over from where another one ended.

        Args:
            last: Its last frame is where the body is now.
            seconds: (T,) times of this motion's frames.
            within: Seconds until nothing is left of the other one.
        """
        share = ease(seconds / within)

        def lead_over(name: str) -> Floats:
            mine, other = getattr(self, name), getattr(last, name)[-1:]
            weight = share.reshape(-1, *(1,) * (mine.ndim - 1))
            return np.asarray(other + (mine - other) * weight)

        names = ("turn", "trunk", "head", "pelvis", "hands", "feet")
        return BodyMotion(**{name: lead_over(name) for name in names})


def _anatomical(channels: dict[str, Floats], lead: int) -> BodyMotion:
    """From leading and other side to left and right. `lead` is +1 where the left side leads."""

    def sides(part: str) -> Floats:
        pair = [channels[f"lead_{part}"], channels[f"other_{part}"]]
        return np.stack(pair[::lead], axis=1)

    return BodyMotion(
        turn=channels["turn"][:, 0] * lead,
        trunk=channels["trunk"] * (1, lead, lead),
        head=channels["head"] * (1, lead),
        pelvis=channels["pelvis"] * (lead, 1, 1),
        hands=sides("hand"),
        feet=sides("foot"),
    )


class _Sway:
    """Breathing, balance and the small drift of idle limbs: two slow sines a channel."""

    _SIZES: ClassVar = {
        "trunk": (0.014, 0.010, 0.018),
        "head": (0.03, 0.06),
        "pelvis": (0.012, 0.002, 0.010),
        "lead_hand": (0.012, 0.006, 0.014),
        "other_hand": (0.012, 0.006, 0.014),
        "turn": (0.02,),
    }

    def __init__(self, rng: np.random.Generator, style: Style) -> None:
        self._terms = {
            name: (
                np.asarray(size) * style.sway * rng.normal(0.0, 1.0, (2, len(size))),
                rng.uniform(0.12, 0.55, (2, len(size))),
                rng.uniform(0.0, 2 * np.pi, (2, len(size))),
            )
            for name, size in self._SIZES.items()
        }

    def add_to(self, channels: dict[str, Floats], times: Floats) -> None:
        for name, (size, rate_hz, phase) in self._terms.items():
            angle = 2 * np.pi * rate_hz * times[:, None, None] + phase
            channels[name] = channels[name] + (size * np.sin(angle)).sum(axis=1)


@dataclass(frozen=True)
class Performance:
    """One performance of an action, ready to be sampled.

    Attributes:
        seconds: When it is over; the body then stays as it is, but for idle movement.
        lead: +1 where the left side leads, -1 where the right does.
    """

    action: str
    seconds: float
    lead: int
    _score: Score
    _sway: _Sway

    def sample(self, times: Floats) -> BodyMotion:
        """The body's channels at these times.

        Args:
            times: (T,) seconds since the beginning.
        """
        channels = self._score.sample(times)
        self._sway.add_to(channels, times)
        return _anatomical(channels, self.lead)


def perform(action: str, style: Style, rng: np.random.Generator) -> Performance:
    """Write one performance of an action.

    Raises:
        FsamtError: The action is not one of ACTIONS.
    """
    if action not in WRITERS:
        raise FsamtError(
            f"The simulated participants do not know the action '{action}'.",
            f"They know: {', '.join(ACTIONS)}.",
        )
    right = rng.random() < style.right_handed
    score = Score(rng, style)
    WRITERS[action](score)
    return Performance(action, score.now, -1 if right else 1, score, _Sway(rng, style))
