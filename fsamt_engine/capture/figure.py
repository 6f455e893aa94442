"""A body: its measures, and its joints from the way it is led.

Hands, feet and pelvis are led; elbows and knees follow by two-bone inverse kinematics, so that
planted feet stay planted and bones keep their length. The world is right-handed in metres: y up,
the floor at y = 0, and the person faces +z, so that +x is their left.
"""

from dataclasses import dataclass

import numpy as np

from fsamt_engine.capture.performance import BodyMotion
from fsamt_engine.capture.score import Floats

JOINTS: tuple[str, ...] = (
    "head",
    "neck",
    "spine",
    "pelvis",
    *(
        f"{side} {joint}"
        for side in ("left", "right")
        for joint in ("shoulder", "elbow", "wrist", "hand")
    ),
    *(
        f"{side} {joint}"
        for side in ("left", "right")
        for joint in ("hip", "knee", "ankle", "foot")
    ),
)
"""The joints in order: those of the Kinect's skeleton of 20."""


@dataclass(frozen=True)
class Body:
    """Measures of a body, in metres.

    Attributes:
        girth: Thickness of trunk and limbs, 1 is average.
        leg: Hip to ankle.
        arm: Shoulder to wrist.
        trunk: Pelvis to base of the neck.
        elbow_out: Where elbows point: 0 down, 1 out.
        stance: Distance of the feet.
    """

    height: float
    girth: float
    leg: float
    arm: float
    trunk: float
    shoulders: float
    hips: float
    head: float
    foot: float
    elbow_out: float
    stance: float


def draw_body(rng: np.random.Generator, elbow_out: float, stance: float) -> Body:
    """A participant's body; proportions after Drillis and Contini (1966), varied.

    Args:
        rng: Of the participant.
        elbow_out: Of the participant's style.
        stance: Feet apart in leg lengths, of the participant's style.
    """
    height = float(np.clip(rng.normal(1.71, 0.095), 1.5, 1.95))
    leg = height * 0.472 * float(rng.uniform(0.96, 1.04))
    return Body(
        height=height,
        girth=float(np.clip(rng.normal(1.02, 0.13), 0.82, 1.38)),
        leg=leg,
        arm=height * 0.332 * float(rng.uniform(0.97, 1.04)),
        trunk=height * 0.302 * float(rng.uniform(0.97, 1.03)),
        shoulders=height * 0.208 * float(rng.uniform(0.92, 1.1)),
        hips=height * 0.108 * float(rng.uniform(0.92, 1.12)),
        head=height * 0.128,
        foot=height * 0.11,
        elbow_out=elbow_out,
        stance=stance * leg,
    )


@dataclass(frozen=True)
class Pose:
    """A body over T frames, in the world.

    Attributes:
        joints: (T, 20, 3) metres, in the order of JOINTS.
        pelvis_axes, chest_axes, head_axes: (T, 3, 3), columns are left, up, forward.
        arm_hints: (T, 2, 3) where the elbows point.
        leg_hints: (T, 2, 3) where the knees point.
    """

    joints: Floats
    pelvis_axes: Floats
    chest_axes: Floats
    head_axes: Floats
    arm_hints: Floats
    leg_hints: Floats


def pose(body: Body, motion: BodyMotion, position: tuple[float, float], facing: float) -> Pose:
    """Where a body is that is led so.

    Args:
        body: Its measures.
        motion: T frames.
        position: x and z on the floor, metres.
        facing: Radians from +z to the person's left.
    """
    n = len(motion)
    root = _turn(motion.turn + facing)
    pitch, roll, twist = motion.trunk.T
    pelvis_axes = root @ _pitch(0.5 * pitch) @ _roll(-0.3 * roll)
    chest_axes = root @ _turn(twist) @ _pitch(pitch) @ _roll(-roll)
    head_axes = (
        root @ _turn(0.6 * twist + motion.head[:, 1]) @ _pitch(0.6 * pitch + motion.head[:, 0])
    )
    joints = np.empty((n, len(JOINTS), 3))

    ankle_height = 0.045 * body.height
    rest_height = ankle_height + 0.985 * body.leg + 0.03 * body.height
    offset = motion.pelvis * body.leg
    offset[:, 2] -= 0.2 * body.leg * np.sin(np.maximum(pitch, 0.0))
    offset[:, 1] += rest_height
    ground = np.array([position[0], 0.0, position[1]])
    pelvis = ground + _apply(root, offset)
    spine = pelvis + _apply(pelvis_axes, (0, 0.36 * body.trunk, 0))
    neck = spine + _apply(chest_axes, (0, 0.64 * body.trunk, 0))
    head = neck + _apply(chest_axes, (0, 0.04 * body.height, 0.0))
    head = head + _apply(head_axes, (0, 0.5 * body.head, 0.02))
    joints[:, :4] = np.stack([head, neck, spine, pelvis], axis=1)

    arm_hints, leg_hints = np.empty((n, 2, 3)), np.empty((n, 2, 3))
    for side, sign in enumerate((1, -1)):
        led = motion.hands[:, side]
        lift = 0.09 * np.clip(led[:, 1] + 0.2, 0.0, 1.2) * body.shoulders
        shoulder_at = np.zeros((n, 3))
        shoulder_at[:, 0] = sign * body.shoulders / 2
        shoulder_at[:, 1] = lift - 0.03 * body.height
        shoulder = neck + _apply(chest_axes, shoulder_at)
        hand = shoulder + _apply(root, led * (sign, 1, 1) * body.arm)
        hint = _apply(root, (sign * (0.15 + 0.8 * body.elbow_out), -0.8, -0.55))
        elbow, wrist = _two_bones(shoulder, hand, 0.545 * body.arm, 0.455 * body.arm, hint)
        palm = wrist + _unit(wrist - elbow) * 0.05 * body.height
        joints[:, 4 + 4 * side : 8 + 4 * side] = np.stack([shoulder, elbow, wrist, palm], axis=1)
        arm_hints[:, side] = hint

        hip = pelvis + _apply(pelvis_axes, (sign * body.hips / 2, -0.03 * body.height, 0))
        foot_at = motion.feet[:, side] * (sign, 1, 1) * body.leg
        foot_at += (sign * body.stance / 2, ankle_height, 0)
        ankle_goal = ground + _apply(root, foot_at)
        knee_hint = _apply(root, (sign * 0.22, 0, 1))
        knee, ankle = _two_bones(hip, ankle_goal, 0.51 * body.leg, 0.49 * body.leg, knee_hint)
        toes = ankle + _foot(body, knee, ankle, knee_hint, ankle_height)
        joints[:, 12 + 4 * side : 16 + 4 * side] = np.stack([hip, knee, ankle, toes], axis=1)
        leg_hints[:, side] = knee_hint
    return Pose(joints, pelvis_axes, chest_axes, head_axes, arm_hints, leg_hints)


def _foot(body: Body, knee: Floats, ankle: Floats, ahead: Floats, ankle_height: float) -> Floats:
    """From ankle to toes: flat on the floor, hanging from the shin in the air."""
    shin = _unit(ankle - knee)
    square = _unit(ahead - shin * (ahead * shin).sum(-1, keepdims=True))
    hanging = _unit(square + 0.35 * shin)
    flat = _unit(ahead) * body.foot
    flat[:, 1] = -0.55 * ankle_height
    lifted = np.clip((ankle[:, 1:2] - ankle_height) / 0.12, 0.0, 1.0)
    return flat * (1 - lifted) + hanging * body.foot * lifted


def _two_bones(
    root: Floats, goal: Floats, upper: float, lower: float, hint: Floats
) -> tuple[Floats, Floats]:
    """The middle joint and the end of two bones that reach for a goal; the law of cosines."""
    reach = goal - root
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, abs(upper - lower) + 0.02, (upper + lower) * 0.998)
    foot = (upper**2 - lower**2 + distance**2) / (2 * distance)
    rise = np.sqrt(np.maximum(upper**2 - foot**2, 0.0))
    across = _unit(hint - along * (hint * along).sum(-1, keepdims=True))
    return root + along * foot + across * rise, root + along * distance


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9))


def _apply(axes: Floats, vector: Floats | tuple[float, ...]) -> Floats:
    """(T, 3, 3) times (3,) or (T, 3)."""
    return np.asarray(np.einsum("tij,tj->ti", axes, np.broadcast_to(vector, (len(axes), 3))))


def _rotation(angle: Floats, i: int, j: int) -> Floats:
    """(T, 3, 3) by `angle` in the plane from axis i to axis j."""
    matrix = np.zeros((len(angle), 3, 3))
    matrix[:] = np.eye(3)
    matrix[:, i, i] = matrix[:, j, j] = np.cos(angle)
    matrix[:, j, i] = np.sin(angle)
    matrix[:, i, j] = -np.sin(angle)
    return matrix


def _turn(angle: Floats) -> Floats:
    """From forward to the left."""
    return _rotation(angle, 2, 0)


def _pitch(angle: Floats) -> Floats:
    """From up to forward."""
    return _rotation(angle, 1, 2)


def _roll(angle: Floats) -> Floats:
    """From left to up: a negative angle leans to the left."""
    return _rotation(angle, 0, 1)
