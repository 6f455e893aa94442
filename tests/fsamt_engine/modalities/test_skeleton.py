"""What a skeleton student receives: two bodies without gaps, facing one way."""

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.modalities.skeleton import prepare_skeleton
from fsamt_engine.modalities.skeleton_clips import face_forward, mirror, vary
from fsamt_engine.networks import layout_of


def body(n_frames=6, n_joints=20, seed=0, size=1.0):
    """(T, J, 3): joints near the place of somebody in front of a camera."""
    rng = np.random.default_rng(seed)
    still = rng.normal(0, 0.3 * size, (1, n_joints, 3))
    return (still + rng.normal(0, 0.02, (n_frames, n_joints, 3)) + [0, 0, 2.5]).astype(np.float32)


def clips_of(*bodies):
    return prepare_skeleton(np.stack(bodies, axis=1))[None]


def test_a_joint_stays_where_it_was_last_and_before_that_where_it_is_first():
    joints = body()[:, None]
    holed = joints.copy()
    holed[:2] = np.nan
    holed[4, 0, 7] = 0
    prepared = prepare_skeleton(holed)
    assert np.array_equal(prepared[0, 0], joints[2, 0])
    assert np.array_equal(prepared[4, 0, 7], joints[3, 0, 7])
    assert np.array_equal(prepared[5, 0], joints[5, 0])
    assert (prepared[:, 1] == 0).all(), "there is no second body"


def test_a_joint_that_is_never_seen_lies_among_the_others():
    joints = body()[:, None]
    joints[:, 0, 3] = np.nan
    prepared = prepare_skeleton(joints)
    others = np.delete(prepared[:, 0], 3, axis=1)
    assert np.allclose(prepared[:, 0, 3], others.mean(axis=1), atol=1e-5)


def test_the_two_bodies_that_spread_most_come_first():
    small, large, none, middle = body(size=0.2), body(size=2.0), body() * np.nan, body(size=1.0)
    prepared = prepare_skeleton(np.stack([small, none, large, middle], axis=1))
    assert np.array_equal(prepared[:, 0], large)
    assert np.array_equal(prepared[:, 1], middle)


def test_a_take_without_any_body_is_nothing_throughout():
    prepared = prepare_skeleton(np.full((4, 3, 25, 3), np.nan, np.float32))
    assert prepared.shape == (4, 2, 25, 3)
    assert (prepared == 0).all()
    assert (face_forward(prepared[None]) == 0).all()
    assert (prepare_skeleton(np.zeros((4, 0, 25, 3), np.float32)) == 0).all()


@pytest.mark.parametrize("n_joints", [20, 25])
def test_bodies_are_moved_and_turned_as_published(n_joints):
    """Shi et al., CVPR 2019: spine at 0, trunk along z, left to right shoulder along x."""
    layout = layout_of(n_joints)
    clips = clips_of(body(n_joints=n_joints), body(n_joints=n_joints, seed=1))
    faced = face_forward(clips)
    assert np.abs(faced[0, :, 0, layout.spine]).max() < 1e-6, "in every frame"
    first = faced[0, 0, 0]
    left, right = layout.shoulders
    across = first[right] - first[left]
    assert across[0] > 0
    assert np.abs(across[1:]).max() < 1e-5
    upright = np.array([1, -1, 1])
    distances = [
        np.linalg.norm(joints[0, :, 0, 4] - joints[0, :, 1, 9], axis=1)
        for joints in (faced, clips * upright)
    ]
    assert np.allclose(distances[0], distances[1], atol=1e-5), "all are turned alike"
    assert np.linalg.det(_turn_between(clips[0, 0, 0] * upright, first)) == pytest.approx(1)


def _turn_between(before, after):
    u, _, v = np.linalg.svd((before - before.mean(0)).T @ (after - after.mean(0)))
    return (u @ v).T


def test_the_place_and_direction_of_a_body_do_not_matter():
    joints = body()[:, None]
    layout = layout_of(20)
    bottom, left, right = layout.trunk[0], *layout.shoulders
    joints[0, 0, [layout.trunk[1], left, right]] = joints[0, 0, bottom]
    joints[0, 0, [layout.trunk[1], left, right]] += [[0, -0.5, 0], [-0.2, -0.4, 0], [0.2, -0.4, 0]]
    angle = 0.8
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    elsewhere = (joints @ turn.T + [0.5, 0.1, 1.0]).astype(np.float32)
    there, here = (face_forward(prepare_skeleton(j)[None]) for j in (elsewhere, joints))
    assert np.allclose(there, here, atol=1e-5)


def test_a_body_that_stands_upright_already_keeps_its_turn():
    layout = layout_of(20)
    joints = np.zeros((1, 1, 20, 3), np.float32)
    joints[..., 2] = 2.0
    joints[0, 0, layout.trunk[1], 1] = -0.5  # Stored y points down.
    joints[0, 0, layout.shoulders[0], 0] = -0.2
    joints[0, 0, layout.shoulders[1], 0] = 0.2
    faced = face_forward(prepare_skeleton(joints)[None])[0, 0, 0]
    assert np.allclose(faced[layout.trunk[1]], [0, 0, 0.5], atol=1e-6)
    assert np.allclose(faced[layout.shoulders[1]], [0.2, 0, 0], atol=1e-6)


def test_a_mirrored_body_swaps_left_and_right():
    layout = layout_of(25)
    faced = face_forward(clips_of(body(n_joints=25)))
    mirrored = mirror(faced)
    left, right = layout.swapped[0]
    assert np.array_equal(mirrored[..., left, 0], -faced[..., right, 0])
    assert np.array_equal(mirrored[..., left, 1:], faced[..., right, 1:])
    assert np.allclose(mirrored[..., layout.spine, :], 0)
    assert mirrored.flags.c_contiguous


def test_varied_bodies_keep_their_shape_and_an_absent_one_stays_absent():
    faced = face_forward(np.repeat(clips_of(body()), 3, axis=0))
    varied = vary(faced, np.random.default_rng(0), 0.1, 0.1, [True, False, False])
    assert (varied[:, :, 1] == 0).all()
    length, before = (
        np.linalg.norm(c[:, :, 0, 4] - c[:, :, 0, 9], axis=-1) for c in (varied, faced)
    )
    factors = length[1:] / before[1:]
    assert np.allclose(factors, factors[:, :1], atol=1e-4)
    assert (np.abs(factors - 1) < 0.1).all()
    assert np.abs(varied[1] - varied[2]).max() > 0.01
    unchanged = vary(faced, np.random.default_rng(0), 0.0, 0.0, [True, False, False])
    assert np.array_equal(unchanged[0], mirror(faced)[0])


def test_an_unknown_skeleton_is_refused_in_a_sentence():
    with pytest.raises(FsamtError, match="17 joints"):
        face_forward(clips_of(body(n_joints=17)))
