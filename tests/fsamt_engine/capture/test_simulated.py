from itertools import islice, pairwise

import numpy as np
import pytest

from fsamt_engine.capture.figure import JOINTS
from fsamt_engine.capture.simulated import ACTIONS, BACKGROUND, SceneSettings, SimulatedScene
from fsamt_engine.errors import FsamtError

SMALL = SceneSettings(seed=3, width=160, height=120)
TINY = SceneSettings(seed=3, width=64, height=48)


def pixels_of(joints: np.ndarray, scene: SimulatedScene) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows (J,) at which the stored intrinsics put joints (J, 3)."""
    lens = scene.calibration.depth
    columns = joints[:, 0] / joints[:, 2] * lens.fx + lens.cx
    rows = joints[:, 1] / joints[:, 2] * lens.fy + lens.cy
    return np.round(columns).astype(int), np.round(rows).astype(int)


def test_the_same_settings_give_the_same_bits():
    first, second = (list(SimulatedScene(SMALL).frames("throw", seconds=0.4)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.colour, other.colour)
        assert np.array_equal(one.depth, other.depth)
        assert np.array_equal(one.joints, other.joints)
        assert (one.device_at_us, one.skew_us) == (other.device_at_us, other.skew_us)


def test_a_performance_does_not_depend_on_what_the_scene_showed_before():
    scene = SimulatedScene(SMALL)
    alone = next(scene.frames("kick"))
    list(islice(scene.live(), 3))
    interleaved = scene.frames("wave")
    next(interleaved)
    again = next(scene.frames("kick"))
    assert np.array_equal(alone.depth, again.depth)
    assert np.array_equal(alone.colour, again.colour)


@pytest.mark.parametrize("change", [{"seed": 4}, {"participant": 1}, {"session": 1}])
def test_every_seed_participant_and_session_looks_different(change):
    settings = {"seed": 3, "width": 160, "height": 120}
    one, other = (
        next(SimulatedScene(SceneSettings(**s)).frames("wave"))
        for s in (settings, settings | change)
    )
    assert (one.colour != other.colour).mean() > 0.5
    assert (one.depth != other.depth).mean() > 0.5


def test_takes_of_an_action_differ_within_a_participant():
    scene = SimulatedScene(SMALL)
    paths = [
        np.stack([p.joints for p in scene.frames("punch", take=take, seconds=1.0)])
        for take in range(3)
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(paths[one] - paths[other]).max() > 0.1


def test_joints_project_onto_the_figure():
    n_on_figure = n_seen = 0
    for participant in range(6):
        scene = SimulatedScene(
            SceneSettings(seed=3, participant=participant, width=212, height=160)
        )
        for pair in islice(scene.frames(ACTIONS[3 * participant + 1]), 0, 30, 6):
            columns, rows = pixels_of(pair.joints, scene)
            inside = (columns >= 0) & (columns < 212) & (rows >= 0) & (rows < 160)
            read = pair.depth[rows[inside], columns[inside]] * scene.settings.unit_m
            # A joint lies under its own surface, or behind another part of the body.
            behind = pair.joints[inside, 2] - read
            n_on_figure += int(((behind > -0.06) & (behind < 0.7))[read > 0].sum())
            n_seen += int((read > 0).sum())
    assert n_seen > 400
    assert n_on_figure / n_seen > 0.97


def test_the_trunk_is_as_far_as_its_joints_say():
    spine = JOINTS.index("spine")
    for participant in range(5):
        scene = SimulatedScene(
            SceneSettings(seed=3, participant=participant, width=212, height=160)
        )
        pair = next(scene.frames("wave"))
        (column,), (row,) = pixels_of(pair.joints[spine : spine + 1], scene)
        patch = pair.depth[row - 2 : row + 3, column - 2 : column + 3]
        surface_m = np.median(patch[patch > 0]) * scene.settings.unit_m
        assert 0.05 < pair.joints[spine, 2] - surface_m < 0.2


def test_depth_is_in_the_unit_of_the_settings():
    coarse, fine = (
        next(SimulatedScene(SceneSettings(seed=3, width=160, height=120, unit_m=u)).frames("bow"))
        for u in (0.001, 0.00025)
    )
    read = (coarse.depth > 0) & (fine.depth > 0)
    assert np.abs(coarse.depth[read] * 0.001 - fine.depth[read] * 0.00025).max() < 0.001


def test_colour_and_depth_show_the_figure_in_the_same_place():
    scene = SimulatedScene(SceneSettings(seed=3, width=212, height=160))
    first, *_, last = scene.frames("raise arms", seconds=0.9)
    moved_in_depth = np.abs(last.depth.astype(int) - first.depth) > 300
    moved_in_depth &= (last.depth > 0) & (first.depth > 0)
    moved_in_colour = np.abs(last.colour.astype(int) - first.colour).max(axis=2) > 40
    both = np.argwhere(moved_in_depth).mean(axis=0), np.argwhere(moved_in_colour).mean(axis=0)
    assert moved_in_depth.sum() > 100
    assert np.abs(both[0] - both[1]).max() < 8
    assert moved_in_colour[moved_in_depth].mean() > 0.5


def test_frames_come_in_order_with_a_small_skew():
    pairs = list(SimulatedScene(SMALL).frames("clap", seconds=1.5))
    assert len(pairs) == 45
    assert [pair.frame_number for pair in pairs] == list(range(45))
    gaps_us = np.diff([pair.device_at_us for pair in pairs])
    assert gaps_us.min() > 31_000
    assert gaps_us.max() < 36_000
    assert np.unique(gaps_us).size > 10
    skews_us = np.array([pair.skew_us for pair in pairs])
    assert 0 < np.ptp(skews_us) < 2_100
    assert np.abs(skews_us).max() < 8_000


def test_length_stays_within_its_limits():
    scene = SimulatedScene(SMALL)
    lengths = [
        sum(1 for _ in scene.frames(action, seconds=(0.2, 0.3))) for action in ("kick", "march")
    ]
    assert lengths == [9, 9]
    assert sum(1 for _ in scene.frames("kick", seconds=3.0)) == 90


def test_the_live_stream_goes_on_and_pauses_between_actions():
    pairs = list(islice(SimulatedScene(TINY).live(["jump", "stand up", "bow"]), 400))
    told = [pair.action for pair in pairs]
    changes = [told[0], *(b for a, b in pairwise(told) if a != b)]
    assert changes == [BACKGROUND, "jump", BACKGROUND, "stand up", BACKGROUND, "bow"]
    joints = np.stack([pair.joints for pair in pairs])
    assert np.abs(np.diff(joints, axis=0)).max() < 0.35  # nobody jumps from one place to another
    assert [pair.frame_number for pair in pairs] == list(range(len(pairs)))
    endless = SimulatedScene(TINY).live()
    assert len({pair.action for pair in islice(endless, 200)}) > 1


def test_an_unknown_action_is_refused_with_a_hint():
    with pytest.raises(FsamtError, match="moonwalk") as refusal:
        next(SimulatedScene(SMALL).frames("moonwalk"))
    assert "wave" in refusal.value.hint
