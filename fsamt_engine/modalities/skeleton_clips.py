"""Clips of skeletons: turned to face one way, mirrored, and varied."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fsamt_engine.networks import layout_of

Array = npt.NDArray[Any]

_TURN_RAD = 3.0
"""Largest turn about each axis at a shift of 1: 0.3 rad at the default of 0.1 (CTR-GCN's)."""
_SHIFT_M = 0.5
"""Largest shift at a shift of 1: 5 cm at the default of 0.1."""


def face_forward(clips: Array) -> Array:
    """Moves and turns the bodies of each clip, as 2s-AGCN's preparation does.

    Shi et al., CVPR 2019, `data_gen/preprocess.py`: in every frame the origin is the middle of the
    main body's spine. In the clip's first frame the main body's trunk (hip to spine) is turned to
    z, then the line from its left to its right shoulder to x; all frames and bodies are turned
    alike. Stored joints have y pointing down, published ones up: that is turned round first.

    Args:
        clips: (B, T, 2, J, 3) float32 metres, as `prepare_skeleton` gives them.

    Returns:
        The same shape and type; a body that there is none of stays 0.

    Raises:
        FsamtError: Skeletons with so many joints are not known.
    """
    layout = layout_of(clips.shape[3])
    there = is_there(clips)
    upright = clips * np.array([1, -1, 1], np.float32)
    upright = upright - upright[:, :, :1, layout.spine, None]
    first = upright[:, 0, 0]
    bottom, top = layout.trunk
    to_z = _rotations(first[:, top] - first[:, bottom], np.array([0.0, 0.0, 1.0]))
    left, right = layout.shoulders
    across = np.einsum("bij,bj->bi", to_z, first[:, right] - first[:, left])
    turned = _rotations(across, np.array([1.0, 0.0, 0.0])) @ to_z
    return np.asarray(np.where(there, _turned(upright, turned), 0), np.float32)


def mirror(clips: Array) -> Array:
    """Mirrors bodies (..., J, 3) left to right: x changes its sign, left and right joints places.

    Raises:
        FsamtError: Skeletons with so many joints are not known.
    """
    layout = layout_of(clips.shape[-2])
    places = np.arange(layout.n_joints)
    for left, right in layout.swapped:
        places[left], places[right] = right, left
    return np.ascontiguousarray(clips[..., places, :] * np.array([-1, 1, 1], clips.dtype))


def vary(
    clips: Array,
    rng: np.random.Generator,
    shift: float,
    scale: float,
    mirrored: Sequence[bool] | None = None,
) -> Array:
    """Mirrors, then turns, scales and shifts every clip at random, all of its frames alike.

    Args:
        clips: (B, T, 2, J, 3) float32, as `face_forward` gives them.
        rng: Where chance comes from; the same state gives the same result.
        shift: At 0.1, up to 5 cm along, and 0.3 rad about, each axis.
        scale: Largest change of size, as a share.
        mirrored: Which clips to mirror; none by default.

    Returns:
        A new array of the same shape and type; a body that there is none of stays 0.
    """
    varied = clips.copy()
    if mirrored is not None and any(mirrored):
        chosen = np.asarray(mirrored)
        varied[chosen] = mirror(varied[chosen])
    draws = rng.uniform(-1, 1, (len(clips), 7))
    turns = _about_axes(draws[:, :3] * (_TURN_RAD * shift))
    turns *= (1 + scale * draws[:, 3])[:, None, None]
    moved = _turned(varied, turns)
    moved += (draws[:, 4:] * (_SHIFT_M * shift)).astype(np.float32)[:, None, None, None]
    return np.asarray(np.where(is_there(varied), moved, 0), np.float32)


def is_there(clips: Array) -> npt.NDArray[np.bool_]:
    """Which bodies of (B, T, 2, J, 3) there are, (B, 1, 2, 1, 1)."""
    return np.asarray((clips != 0).any(axis=(1, 3, 4), keepdims=True))


def _turned(clips: Array, matrices: Array) -> Array:
    """Every joint of each clip (B, ..., 3) by the clip's matrix (B, 3, 3)."""
    joints = clips.reshape(len(clips), -1, 3)
    turned = joints @ matrices.transpose(0, 2, 1).astype(np.float32)
    return np.asarray(turned, np.float32).reshape(clips.shape)


def _rotations(vectors: Array, axis: Array) -> Array:
    """Rotations (B, 3, 3) that turn each vector (B, 3) to a unit axis by the shortest way.

    Rodrigues' formula; a vector of no length is not turned.
    """
    vectors = np.asarray(vectors, np.float64)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.where(length > 1e-6, vectors / np.maximum(length, 1e-6), axis)
    about = np.cross(unit, axis)
    sine = np.linalg.norm(about, axis=1, keepdims=True)
    aside = np.cross(axis, np.roll(axis, 1))
    about = np.where(sine > 1e-6, about / np.maximum(sine, 1e-6), aside)
    cosine = (unit @ axis)[:, None, None]
    cross = _cross_matrices(about)
    return np.asarray(np.eye(3) + sine[..., None] * cross + (1 - cosine) * (cross @ cross))


def _about_axes(angles: Array) -> Array:
    """Rotations (B, 3, 3) by angles (B, 3) in radians about x, then y, then z."""
    turned = np.broadcast_to(np.eye(3), (len(angles), 3, 3))
    for axis, unit in enumerate(np.eye(3)):
        cross = _cross_matrices(unit[None])
        angle = angles[:, axis, None, None]
        turned = (np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross) @ turned
    return np.array(turned)


def _cross_matrices(vectors: Array) -> Array:
    """(B, 3, 3) matrices that take the cross product with each vector (B, 3)."""
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    rows = [zero, -z, y, z, zero, -x, -y, x, zero]
    return np.stack(rows, axis=1).reshape(-1, 3, 3)
