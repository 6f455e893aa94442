"""The actions that the simulated participants know.

Each is a function that writes a performance. No two actions are mirror images of each other, since
training flips clips: which hand leads, and in which direction a circle or a swipe goes, is
variation. Several are the same postures in another order (push and pull, open and close arms, sit
down and stand up), so that only movement tells them apart.
"""

from collections.abc import Callable, Mapping

import numpy as np

from fsamt_engine.capture.score import Score

BACKGROUND = "background"

_CHEST = (-0.05, -0.3, 0.28)
_AHEAD = (-0.08, -0.04, 0.95)
_WIDE = (0.92, 0.02, 0.2)
_TOGETHER = (-0.25, -0.05, 0.85)
_SEATED_PELVIS = (0.0, -0.46, -0.5)
_SEATED_TRUNK = (0.08, 0.0, 0.0)
_SEATED_HAND = (-0.05, -0.7, 0.5)


def _background(s: Score) -> None:
    """Stand, look around, shift the weight, touch the other arm: nothing of interest."""
    for _ in range(4):
        choice = s.rng.integers(5)
        if choice == 0:
            s.go(0.6, head=(s.rng.uniform(-0.2, 0.4), s.rng.uniform(-0.7, 0.7)))
        elif choice == 1:
            side = s.rng.uniform(-0.07, 0.07)
            s.go(0.7, pelvis=(side, 0, 0), trunk=(0.03, -side, s.rng.uniform(-0.2, 0.2)))
        elif choice == 2:
            s.go(0.5, lead_hand=(-0.2, -0.6, 0.35), other_hand=(-0.1, -0.65, 0.35))
            s.hold(0.3)
            s.rest(0.5)
        elif choice == 3:
            s.go(0.5, lead_hand=(0.1, -0.55, -0.05))
        else:
            s.hold(0.8)


def _wave(s: Score) -> None:
    s.go(0.42, lead_hand=(0.38, 0.55, 0.38))
    s.swing(
        float(s.rng.integers(2, 5)), s.pace(0.42), lead_hand=(0.24, -0.03, 0), trunk=(0, 0.03, 0)
    )
    s.rest(0.45)


def _clap(s: Score) -> None:
    height = s.rng.uniform(-0.4, 0.05)
    s.go(0.38, lead_hand=(0.0, height, 0.6), other_hand=(0.0, height, 0.6), exact=True)
    across = (-0.3 / s.amplitude, 0.02, 0.02)
    s.swing(
        float(s.rng.integers(3, 6)), s.pace(0.38), lifted=True, lead_hand=across, other_hand=across
    )
    s.rest(0.42)


def _open_arms(s: Score) -> None:
    s.go(0.5, lead_hand=_TOGETHER, other_hand=_TOGETHER)
    s.hold(0.08)
    s.go(0.5, lead_hand=_WIDE, other_hand=_WIDE, trunk=(-0.06, 0, 0))
    s.hold(0.15)
    s.rest(0.5)


def _close_arms(s: Score) -> None:
    s.go(0.5, lead_hand=_WIDE, other_hand=_WIDE)
    s.hold(0.08)
    s.go(0.5, lead_hand=_TOGETHER, other_hand=_TOGETHER, trunk=(0.08, 0, 0))
    s.hold(0.15)
    s.rest(0.5)


def _push(s: Score) -> None:
    s.go(0.42, lead_hand=_CHEST, other_hand=_CHEST, trunk=(-0.05, 0, 0))
    s.hold(0.08)
    s.go(0.45, lead_hand=_AHEAD, other_hand=_AHEAD, trunk=(0.2, 0, 0), pelvis=(0, -0.02, 0.08))
    s.hold(0.15)
    s.rest(0.5)


def _pull(s: Score) -> None:
    s.go(0.5, lead_hand=_AHEAD, other_hand=_AHEAD, trunk=(0.12, 0, 0))
    s.hold(0.08)
    s.go(0.45, lead_hand=_CHEST, other_hand=_CHEST, trunk=(-0.1, 0, 0), pelvis=(0, -0.02, -0.06))
    s.hold(0.12)
    s.rest(0.45)


def _punch(s: Score) -> None:
    guard = (-0.12, -0.02, 0.35)
    hit = (-0.22, s.rng.uniform(-0.1, 0.15), 1.0)
    s.go(0.34, lead_hand=guard, other_hand=guard, lead_foot=(0.02, 0, -0.08))
    for i in range(int(s.rng.integers(1, 4))):
        if i % 2 == 0:
            s.go(0.17, lead_hand=hit, trunk=(0.1, 0, -0.35))
            s.go(0.22, lead_hand=guard, trunk=(0.05, 0, 0))
        else:
            s.go(0.17, other_hand=hit, trunk=(0.1, 0, 0.35))
            s.go(0.22, other_hand=guard, trunk=(0.05, 0, 0))
    s.rest(0.42)


def _throw(s: Score) -> None:
    s.go(
        0.46,
        lead_hand=(0.35, 0.4, -0.4),
        other_hand=(0.1, -0.3, 0.5),
        trunk=(-0.1, 0.08, 0.45),
        lead_foot=(0, 0, -0.15),
    )
    s.go(0.2, lead_hand=(-0.05, 0.3, 0.9), trunk=(0.2, -0.05, -0.3), pelvis=(0, -0.03, 0.1))
    s.go(0.22, lead_hand=(-0.4, -0.6, 0.5), trunk=(0.3, 0, -0.4))
    s.rest(0.5)


def _swipe(s: Score) -> None:
    height = s.rng.uniform(-0.25, 0.2)
    ends = [(0.75, height, 0.55), (-0.6, height, 0.65)]
    if s.rng.random() < 0.5:
        ends.reverse()
    s.go(0.45, lead_hand=ends[0])
    s.hold(0.08)
    s.go(0.34, lead_hand=ends[1], trunk=(0.02, 0, 0.12 if ends[1][0] > 0 else -0.2))
    s.hold(0.1)
    s.rest(0.48)


def _draw_circle(s: Score) -> None:
    radius = s.rng.uniform(0.28, 0.4)
    direction = s.rng.choice((-1, 1))
    turn = np.exp(1j * s.rng.uniform(0, 2 * np.pi))
    s.go(0.4, lead_hand=(-0.08, 0.05, 0.78))
    circle = np.array([radius, 1j * direction * radius, 0]) * turn
    s.swing(s.rng.choice((1.3, 2.0)), s.pace(0.85), lead_hand=circle)
    s.rest(0.42)


def _draw_cross(s: Score) -> None:
    size = s.rng.uniform(0.3, 0.42)
    corners = [(-0.08 + x * size, 0.05 + y * size, 0.78) for x, y in _CROSS]
    if s.rng.random() < 0.5:
        corners = corners[2:] + corners[:2]
    s.go(0.38, lead_hand=corners[0])
    for corner, seconds in zip(corners[1:], (0.27, 0.27, 0.27), strict=True):
        s.go(seconds, lead_hand=corner)
    s.rest(0.42)


_CROSS = ((-1, 1), (1, -1), (1, 1), (-1, -1))


def _raise_arms(s: Score) -> None:
    through = (0.85, 0.1, 0.2) if s.rng.random() < 0.5 else (0.0, 0.0, 0.95)
    top = (s.rng.uniform(-0.05, 0.3), 0.95, 0.1)
    s.go(0.34, lead_hand=through, other_hand=through)
    s.go(0.34, lead_hand=top, other_hand=top, trunk=(-0.08, 0, 0), head=(-0.15, 0))
    s.hold(0.3)
    s.go(0.32, lead_hand=through, other_hand=through, trunk=(0, 0, 0))
    s.rest(0.38)


def _bow(s: Score) -> None:
    hands = (-0.05, -0.9, 0.2) if s.rng.random() < 0.5 else (0.05, -0.93, 0.0)
    depth = s.rng.uniform(0.6, 1.1)
    bent = (depth / s.style.trunk, 0, 0)
    s.go(0.6, trunk=bent, head=(0.3, 0), lead_hand=hands, other_hand=hands)
    s.hold(0.25)
    s.rest(0.65)


def _pick_up(s: Score) -> None:
    both = s.rng.random() < 0.35
    down = (-0.12, -0.98, 0.15)
    carried = (-0.12, -0.55, 0.5)
    bent = (s.rng.uniform(0.85, 1.1) / s.style.trunk, 0.05, -0.1)
    s.go(
        0.68,
        trunk=bent,
        pelvis=(0.02, s.rng.uniform(-0.34, -0.2), -0.05),
        head=(0.2, 0),
        lead_hand=down,
        other_hand=down if both else (0.15, -0.8, 0.1),
    )
    s.hold(0.15)
    s.go(
        0.62,
        trunk=(0.05, 0, 0),
        pelvis=(0, 0, 0),
        head=(0.2, 0),
        lead_hand=carried,
        other_hand=carried if both else (0.15, -0.93, 0.1),
    )
    s.hold(0.5)
    s.rest(0.5)


def _squat(s: Score) -> None:
    arms = [(0.0, -0.08, 0.92), (-0.2, -0.35, 0.3), (0.3, -0.75, -0.1)][s.rng.integers(3)]
    depth = s.rng.uniform(0.3, 0.5)
    for _ in range(int(s.rng.integers(1, 3))):
        s.go(
            0.52,
            pelvis=(0, -depth, -0.2),
            trunk=(0.45 / s.style.trunk, 0, 0),
            lead_hand=arms,
            other_hand=arms,
        )
        s.hold(0.06)
        s.rest(0.5)


def _jump(s: Score) -> None:
    for _ in range(int(s.rng.integers(1, 3))):
        back = (0.15, -0.75, -0.4)
        s.go(
            0.34,
            pelvis=(0, -0.2, -0.06),
            trunk=(0.4 / s.style.trunk, 0, 0),
            lead_hand=back,
            other_hand=back,
        )
        up = (0.2, s.rng.uniform(-0.3, 0.7), 0.6)
        s.go(0.16, keep_time=True, lead_hand=up, other_hand=up)
        s.go(0.14, pelvis=(0, 0.01, 0), trunk=(0, 0, 0))
        height = s.rng.uniform(0.14, 0.34) * s.amplitude
        s.hop(height, 2 * np.sqrt(2 * height * 0.82 / 9.81))
        s.go(0.14, pelvis=(0, -0.14, 0), trunk=(0.2, 0, 0))
        s.rest(0.4)


def _kick(s: Score) -> None:
    height = s.rng.uniform(0.25, 0.65)
    s.go(0.32, lead_foot=(0, 0.12, -0.32), pelvis=(-0.07, -0.01, 0), trunk=(0.08, -0.04, 0))
    s.go(
        0.22,
        lead_foot=(-0.05, height, 0.8),
        trunk=(-0.2, -0.06, -0.1),
        other_hand=(0.3, -0.6, 0.5),
        lead_hand=(0.5, -0.6, -0.2),
    )
    s.hold(0.05)
    s.go(0.3, lead_foot=(0, 0.14, 0.05), trunk=(0, 0, 0))
    s.rest(0.34)


def _march(s: Score) -> None:
    lift = s.rng.uniform(0.16, 0.36)
    forward = s.rng.uniform(0.08, 0.2)
    arm = s.rng.uniform(0.15, 0.5)
    cycles, period = float(s.rng.integers(2, 4)), s.pace(0.85)
    s.go(0.2, lead_hand=(0.15, -0.85, 0.15), other_hand=(0.15, -0.85, 0.15))
    s.swing(
        cycles,
        period,
        keep_time=True,
        lead_hand=(0, 0.06, -arm),
        other_hand=(0, -0.06, arm),
        pelvis=(-0.03, 0, 0),
        trunk=(0, 0, 0.1),
    )
    s.swing(cycles, period, lifted=True, keep_time=True, lead_foot=(0, lift, forward))
    s.swing(cycles, period, phase=0.5, lifted=True, other_foot=(0, lift, forward))
    s.rest(0.3)


def _sit_down(s: Score) -> None:
    s.go(0.3, trunk=(0.3, 0, 0), lead_hand=(0.05, -0.85, 0.3), other_hand=(0.05, -0.85, 0.3))
    s.go(0.62, exact=True, keep_time=True, pelvis=_SEATED_PELVIS)
    s.go(0.34, trunk=(0.55, 0, 0), lead_hand=(0.0, -0.75, 0.5), other_hand=(0.0, -0.75, 0.5))
    s.go(0.4, exact=True, trunk=_SEATED_TRUNK, lead_hand=_SEATED_HAND, other_hand=_SEATED_HAND)
    s.hold(0.4)


def _stand_up(s: Score) -> None:
    s.begin_in(
        pelvis=_SEATED_PELVIS, trunk=_SEATED_TRUNK, lead_hand=_SEATED_HAND, other_hand=_SEATED_HAND
    )
    s.hold(0.3)
    s.go(0.36, trunk=(0.55, 0, 0), lead_hand=(0.0, -0.75, 0.5), other_hand=(0.0, -0.75, 0.5))
    s.go(0.62, exact=True, keep_time=True, pelvis=(0, 0, 0))
    s.go(0.24, trunk=(0.4, 0, 0))
    s.rest(0.5)


WRITERS: Mapping[str, Callable[[Score], None]] = {
    BACKGROUND: _background,
    "bow": _bow,
    "clap": _clap,
    "close arms": _close_arms,
    "draw circle": _draw_circle,
    "draw cross": _draw_cross,
    "jump": _jump,
    "kick": _kick,
    "march": _march,
    "open arms": _open_arms,
    "pick up": _pick_up,
    "pull": _pull,
    "punch": _punch,
    "push": _push,
    "raise arms": _raise_arms,
    "sit down": _sit_down,
    "squat": _squat,
    "stand up": _stand_up,
    "swipe": _swipe,
    "throw": _throw,
    "wave": _wave,
}

ACTIONS: tuple[str, ...] = tuple(WRITERS)
"""Every action that a participant knows; the first is `background`."""
