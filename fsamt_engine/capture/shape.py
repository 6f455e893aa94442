"""The volume of a body: round cones between its joints, flattened where a body is flat."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import Look, Material
from fsamt_engine.capture.figure import JOINTS, Body, Pose
from fsamt_engine.capture.score import Floats


@dataclass(frozen=True)
class RoundCones:
    """Hulls of two spheres each, over T frames, in the world.

    A cone is round in a space of its own, whose axes are scaled: a chest is broad, not round.

    Attributes:
        ends: (T, P, 2, 3) centres of the spheres, metres.
        radii: (P, 2) metres; along a scaled axis, times its scale.
        axes: (T, P, 3, 3), columns are the cone's own left, up and forward axes.
        scales: (P, 3) of these axes.
        materials: (P, 2) int: before and after `split`.
        split: (P,) share of the way from the first to the second sphere.
        texture_origin: (P, 2) metres that the first centre has in the texture, left and up.
    """

    ends: Floats
    radii: Floats
    axes: Floats
    scales: Floats
    materials: NDArray[np.int64]
    split: Floats
    texture_origin: Floats


class _Builder:
    def __init__(self) -> None:
        self.rows: list[tuple[Floats, Floats, Floats]] = []
        self.radii: list[tuple[float, float]] = []
        self.scales: list[tuple[float, float, float]] = []
        self.materials: list[tuple[int, int]] = []
        self.split: list[float] = []
        self.origins: list[tuple[float, float]] = []

    def add(
        self,
        a: Floats,
        b: Floats,
        radii: tuple[float, float],
        axes: Floats,
        material: Material,
        *,
        scales: tuple[float, float, float] = (1.0, 1.0, 1.0),
        below: Material | None = None,
        split: float = 1.0,
        origin: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self.rows.append((a, b, axes))
        self.radii.append(radii)
        self.scales.append(scales)
        self.materials.append((material, material if below is None else below))
        self.split.append(split)
        self.origins.append(origin)

    def build(self) -> RoundCones:
        ends = np.stack([np.stack([a, b], axis=1) for a, b, _ in self.rows], axis=1)
        return RoundCones(
            ends=ends,
            radii=np.asarray(self.radii),
            axes=np.stack([axes for _, _, axes in self.rows], axis=1),
            scales=np.asarray(self.scales),
            materials=np.asarray(self.materials, dtype=np.int64),
            split=np.asarray(self.split),
            texture_origin=np.asarray(self.origins),
        )


def clothe(body: Body, look: Look, pose: Pose) -> RoundCones:
    """The dressed body over the frames of a pose."""
    cones = _Builder()
    _add_head(cones, body, look, pose)
    _add_trunk(cones, body, look, pose)
    for side in (0, 1):
        _add_arm(cones, body, look, pose, side)
        _add_leg(cones, body, look, pose, side)
    return cones.build()


def _add_head(cones: _Builder, body: Body, look: Look, pose: Pose) -> None:
    size, axes, centre = body.head, pose.head_axes, _joint(pose, "head")

    def at(up: float, forward: float) -> Floats:
        return centre + axes[:, :, 1] * (up * size) + axes[:, :, 2] * (forward * size)

    cones.add(
        at(0.10, 0.0), at(-0.22, 0.06), (0.355 * size, 0.25 * size), axes, Material.FACE,
        scales=(0.94, 1.0, 1.16), origin=(0.256, 0.256 + 0.10 * size),
    )  # fmt: skip
    ends, tip = ((-0.62, -0.2), 0.2) if look.long_hair else ((-0.04, -0.2), 0.3)
    cones.add(
        at(0.16, -0.1), at(*ends), (0.375 * size, tip * size), axes, Material.HAIR,
        scales=(1.0, 1.0, 1.1),
    )  # fmt: skip
    cones.add(
        _joint(pose, "neck"), at(-0.25, -0.08), (0.06 * body.girth, 0.054), axes, Material.SKIN
    )


def _add_trunk(cones: _Builder, body: Body, look: Look, pose: Pose) -> None:
    g, wide = body.girth, body.shoulders / 0.355
    chest, pelvis_axes = pose.chest_axes, pose.pelvis_axes
    spine, neck, pelvis = (_joint(pose, name) for name in ("spine", "neck", "pelvis"))
    waist = 0.132 * g + look.loose
    bust = 0.148 * wide + 0.02 * (g - 1) + look.loose
    top = neck - chest[:, :, 1] * (0.78 * bust) + chest[:, :, 2] * 0.012
    up = 0.64 * body.trunk
    cones.add(
        spine, top, (waist, bust), chest, Material.TOP,
        scales=(1.0, 1.0, 0.68), origin=(0.256, 0.256 - 0.16),
    )  # fmt: skip
    cones.add(
        pelvis + pelvis_axes[:, :, 1] * 0.03, spine, (0.15 * g + look.loose, waist), pelvis_axes,
        Material.TOP, scales=(1.0, 1.0, 0.72), origin=(0.256, 0.256 - 0.16 - 0.36 * body.trunk),
    )  # fmt: skip
    collar = neck - chest[:, :, 1] * 0.035
    for side, sign in (("left", 1), ("right", -1)):
        shoulder = _joint(pose, f"{side} shoulder") - chest[:, :, 0] * (sign * 0.012)
        cones.add(
            collar, shoulder, (0.064 * g + look.loose, 0.05 * g + look.loose), chest, Material.TOP,
            origin=(0.256, 0.256 - 0.16 + up - 0.035),
        )  # fmt: skip
    hips = [_joint(pose, f"{side} hip") for side in ("left", "right")]
    cones.add(hips[0], hips[1], (0.1 * g, 0.1 * g), pelvis_axes, Material.BOTTOM)


def _add_arm(cones: _Builder, body: Body, look: Look, pose: Pose, side: int) -> None:
    names = [
        f"{('left', 'right')[side]} {joint}" for joint in ("shoulder", "elbow", "wrist", "hand")
    ]
    shoulder, elbow, wrist, hand = (_joint(pose, name) for name in names)
    g, hint = 0.5 + 0.5 * body.girth, pose.arm_hints[:, side]
    covered = look.loose * 0.6
    for a, b, radii, share in (
        (shoulder, elbow, (0.053 * g, 0.042 * g), look.sleeve),
        (elbow, wrist, (0.042 * g, 0.03 * g), look.sleeve - 1),
    ):
        thicker = covered if share > 0.5 else 0.0
        cones.add(
            a, b, (radii[0] + thicker, radii[1] + thicker), _bone_axes(a, b, hint), Material.TOP,
            below=Material.SKIN, split=share,
        )  # fmt: skip
    cones.add(
        wrist, hand, (0.027, 0.04), _bone_axes(wrist, hand, hint), Material.SKIN,
        scales=(1.0, 1.0, 0.6),
    )  # fmt: skip


def _add_leg(cones: _Builder, body: Body, look: Look, pose: Pose, side: int) -> None:
    names = [f"{('left', 'right')[side]} {joint}" for joint in ("hip", "knee", "ankle", "foot")]
    hip, knee, ankle, toes = (_joint(pose, name) for name in names)
    g, hint = 0.35 + 0.65 * body.girth, pose.leg_hints[:, side]
    covered = look.loose * 0.8
    for a, b, radii, share in (
        (hip, knee, (0.088 * g, 0.056 * g), look.trouser),
        (knee, ankle, (0.055 * g, 0.04 * g), look.trouser - 1),
    ):
        thicker = covered if share > 0.5 else 0.0
        cones.add(
            a, b, (radii[0] + thicker, radii[1] + thicker), _bone_axes(a, b, hint),
            Material.BOTTOM, below=Material.SKIN, split=share,
        )  # fmt: skip
    heel = ankle - (toes - ankle) * 0.2
    heel[:, 1] -= 0.015
    cones.add(heel, toes, (0.046, 0.036), _bone_axes(heel, toes, hint), Material.SHOES)


def _joint(pose: Pose, name: str) -> Floats:
    return pose.joints[:, JOINTS.index(name)]


def _bone_axes(a: Floats, b: Floats, hint: Floats) -> Floats:
    """(T, 3, 3): up points from b to a, forward to the hint."""
    up = _unit(a - b)
    forward = _unit(hint - up * (hint * up).sum(-1, keepdims=True))
    return np.stack([np.cross(up, forward), up, forward], axis=-1)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9))
