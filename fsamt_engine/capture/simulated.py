"""The simulated source: participants and rooms that do not exist, before a camera.

It is the camera of a machine that has none, and what the demo learns from. Body, style of movement,
clothes, room, light and viewpoint are drawn from the seed; the same settings give the same pairs,
bit by bit.
"""

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import Floats32, draw_look
from fsamt_engine.capture.figure import draw_body, pose
from fsamt_engine.capture.furnishing import draw_room
from fsamt_engine.capture.motions import ACTIONS, BACKGROUND
from fsamt_engine.capture.performance import BodyMotion, perform
from fsamt_engine.capture.picture import Photographer
from fsamt_engine.capture.rendering import View
from fsamt_engine.capture.score import draw_style
from fsamt_engine.capture.shape import clothe
from fsamt_engine.library.records import Calibration, Intrinsics

__all__ = ["ACTIONS", "BACKGROUND", "SceneSettings", "SimulatedPair", "SimulatedScene"]

_FIELD_OF_VIEW_DEGREES = 58.0
"""Vertical, of a RealSense D435's depth."""


@dataclass(frozen=True)
class SceneSettings:
    """Who is seen, where, and by which camera.

    Attributes:
        seed: Of everything.
        participant: Body, style and look.
        session: Clothes, room, light and viewpoint, which change with the participant too.
        width, height: Of colour and depth, in pixels.
        rate_hz: Pairs a second.
        unit_m: Metres a step of depth.
        with_colour: Whether colour is drawn. Depth is the same without, to the bit.
    """

    seed: int = 0
    participant: int = 0
    session: int = 0
    width: int = 424
    height: int = 240
    rate_hz: float = 30.0
    unit_m: float = 0.001
    with_colour: bool = True


@dataclass(frozen=True)
class SimulatedPair:
    """A colour frame and a depth frame of the same moment, aligned, and what is true of it.

    Attributes:
        colour: (H, W, 3) uint8 RGB; (0, 0, 3) where the scene draws none.
        depth: (H, W) uint16 in the settings' unit, 0 = no reading.
        device_at_us: Of depth, on the camera's clock.
        skew_us: Depth timestamp minus colour timestamp.
        frame_number: Counted by the camera.
        joints: (20, 3) float32 metres in the camera's axes (x right, y down, z ahead), in the order
            of `figure.JOINTS`.
        action: What the participant does now.
    """

    colour: NDArray[np.uint8]
    depth: NDArray[np.uint16]
    device_at_us: int
    skew_us: int
    frame_number: int
    joints: Floats32
    action: str


class SimulatedScene:
    """A participant before a camera.

    Args:
        settings: Who, where and which camera.
    """

    def __init__(self, settings: SceneSettings | None = None) -> None:
        self.settings = settings = settings or SceneSettings()
        person = self._rng("participant")
        self._style = draw_style(person)
        self._body = draw_body(person, self._style.elbow_out, self._style.stance)
        visit = self._rng("session", settings.session)
        self._look = draw_look(visit)
        self._facing = float(np.radians(visit.uniform(-35.0, 35.0)))
        distance = float(visit.uniform(2.3, 3.4))
        self._view = _draw_view(visit, self._intrinsics(), distance)
        room = draw_room(visit, distance, self._facing)
        self._skew_us = float(visit.uniform(-6000, 6000))
        noise_seed = int(visit.integers(1 << 31))
        self._photographer = Photographer(
            self._view, room, self._look, settings.unit_m, noise_seed, settings.with_colour
        )

    @property
    def calibration(self) -> Calibration:
        """Of the camera: colour is aligned to depth, so both have the same intrinsics."""
        return Calibration(depth=self._intrinsics(), colour=self._intrinsics())

    def frames(
        self,
        action: str,
        *,
        take: int = 0,
        seconds: float | tuple[float, float] = (1.0, math.inf),
    ) -> Iterator[SimulatedPair]:
        """One performance of an action, from standing (or sitting) still to the end.

        Args:
            action: One of ACTIONS.
            take: Counts the performances of this action; each is another one.
            seconds: How long, or the limits of it: what is over before the first is followed by
                standing still until then, what goes on after the last is cut off.

        Raises:
            FsamtError: The action is unknown.
        """
        rng = self._rng("take", self.settings.session, zlib.crc32(action.encode()), take)
        performance = perform(action, self._style, rng)
        before = float(rng.uniform(-0.12, 0.3))
        natural_s = before + performance.seconds + float(rng.uniform(0.0, 0.25))
        least_s, most_s = (seconds, seconds) if isinstance(seconds, (int, float)) else seconds
        n = max(1, round(min(max(natural_s, least_s), most_s) * self.settings.rate_hz))
        times = np.arange(n) / self.settings.rate_hz
        motion = performance.sample(times - before)
        clock = _Clock(self._skew_us, self.settings.rate_hz)
        yield from self._shoot(motion, [action] * len(times), clock, rng, rng)

    def live(self, actions: Iterable[str] | None = None) -> Iterator[SimulatedPair]:
        """One performance after the other; in the pauses between, the action is `background`.

        Args:
            actions: In this order; any, for ever, if None.

        Raises:
            FsamtError: An action is unknown.
        """
        rng = self._rng("live", self.settings.session)
        clock = _Clock(self._skew_us, self.settings.rate_hz)
        last: BodyMotion | None = None
        for action in _any_action(rng) if actions is None else actions:
            performance = perform(action, self._style, rng)
            pause = float(rng.uniform(0.7, 1.6))
            n = round((pause + performance.seconds + 0.1) * self.settings.rate_hz)
            times = np.arange(n) / self.settings.rate_hz
            motion = performance.sample(times - pause)
            if last is not None:
                motion = motion.after(last, times, pause)
            last = motion
            labels = [action if t >= pause else BACKGROUND for t in times.tolist()]
            place = self._rng("live place", self.settings.session)
            yield from self._shoot(motion, labels, clock, place, rng)

    def _shoot(
        self,
        motion: BodyMotion,
        actions: list[str],
        clock: "_Clock",
        place: np.random.Generator,
        rng: np.random.Generator,
    ) -> Iterator[SimulatedPair]:
        position = (float(place.uniform(-0.1, 0.1)), float(place.uniform(-0.08, 0.08)))
        facing = self._facing + float(place.normal(0.0, 0.09))
        moved = pose(self._body, motion, position, facing)
        cones = clothe(self._body, self._look, moved)
        joints = self._view.to_camera(moved.joints).astype(np.float32)
        for frame, action in enumerate(actions):
            colour, depth = self._photographer.take(cones, frame, rng)
            number, device_at_us, skew_us = clock.tick(rng)
            yield SimulatedPair(colour, depth, device_at_us, skew_us, number, joints[frame], action)

    def _intrinsics(self) -> Intrinsics:
        width, height = self.settings.width, self.settings.height
        focal = height / 2 / float(np.tan(np.radians(_FIELD_OF_VIEW_DEGREES / 2)))
        return Intrinsics(width, height, focal, focal, (width - 1) / 2, (height - 1) / 2)

    def _rng(self, role: str, *numbers: int) -> np.random.Generator:
        seed = [self.settings.seed, zlib.crc32(role.encode()), self.settings.participant, *numbers]
        return np.random.default_rng(seed)


class _Clock:
    """The camera's clock: small jitter, and colour a little before or after depth."""

    def __init__(self, skew_us: float, rate_hz: float) -> None:
        self._skew_us = skew_us
        self._period_us = 1e6 / rate_hz
        self._next = 0

    def tick(self, rng: np.random.Generator) -> tuple[int, int, int]:
        """Number, depth's time and skew of the next pair."""
        jitter_us, skew_jitter_us = np.clip(rng.normal(0.0, (120.0, 300.0)), -1000, 1000)
        number = self._next
        self._next += 1
        at_us = round(1_000_000 + number * self._period_us + jitter_us)
        return number, at_us, round(self._skew_us + skew_jitter_us)


def _any_action(rng: np.random.Generator) -> Iterator[str]:
    while True:
        yield ACTIONS[int(rng.integers(len(ACTIONS)))]


def _draw_view(rng: np.random.Generator, intrinsics: Intrinsics, distance: float) -> View:
    """A camera on a tripod that looks at the participant, roughly."""
    position = np.array([0.0, rng.uniform(0.85, 1.5), distance])
    target = np.array([rng.uniform(-0.12, 0.12), rng.uniform(0.92, 1.04), 0.0])
    ahead = target - position
    ahead /= np.linalg.norm(ahead)
    level = np.cross(ahead, (0.0, 1.0, 0.0))
    level /= np.linalg.norm(level)
    tilt = float(rng.normal(0.0, 0.012))
    down = np.cross(ahead, level)
    right = np.cos(tilt) * level + np.sin(tilt) * down
    return View(intrinsics, np.stack([right, np.cross(ahead, right), ahead]), position)
