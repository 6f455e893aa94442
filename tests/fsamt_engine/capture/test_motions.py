import numpy as np
import pytest

from fsamt_engine.capture.figure import JOINTS, draw_body, pose
from fsamt_engine.capture.motions import ACTIONS, BACKGROUND
from fsamt_engine.capture.performance import perform
from fsamt_engine.capture.score import draw_style

N_PARTICIPANTS, N_TAKES, N_TIMES = 5, 2, 24
BONES = [("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")]
MIRRORED = [
    JOINTS.index(name.replace("left", "*").replace("right", "left").replace("*", "right"))
    for name in JOINTS
]


def moved(participant: int, action: str, take: int, n_times: int = N_TIMES):
    """Joints (T, 20, 3) of a performance from its beginning to its end, and the performance."""
    rng = np.random.default_rng([1, participant])
    style = draw_style(rng)
    body = draw_body(rng, style.elbow_out, style.stance)
    rng = np.random.default_rng([2, participant, ACTIONS.index(action), take])
    performance = perform(action, style, rng)
    times = np.linspace(0.0, performance.seconds, n_times)
    return pose(body, performance.sample(times), (0.0, 0.0), 0.0).joints / body.height, performance


@pytest.fixture(scope="module")
def performances():
    return [
        (participant, action, *moved(participant, action, take))
        for participant in range(N_PARTICIPANTS)
        for action in ACTIONS
        for take in range(N_TAKES)
    ]


def nearest_actions(performances, asked):
    """The action of the nearest performance of another participant, for each that is asked."""
    known, wanted = (
        np.stack([joints.ravel() for _, _, joints, _ in some]) for some in (performances, asked)
    )
    apart = (known**2).sum(axis=1) - 2 * wanted @ known.T
    whose, asked_whose = (np.array([who for who, *_ in some]) for some in (performances, asked))
    apart[asked_whose[:, None] == whose[None]] = np.inf
    return [performances[k][1] for k in apart.argmin(axis=1)]


def share_found(performances, asked):
    found = nearest_actions(performances, asked)
    return np.mean([action == near for (_, action, *_), near in zip(asked, found, strict=True)])


def by_leading_side(performances):
    """All led by the right side, as a flip in training would make them."""
    return [
        (p, a, joints if m.lead < 0 else joints[:, MIRRORED] * (-1, 1, 1), m)
        for p, a, joints, m in performances
    ]


def test_there_are_enough_actions_and_one_of_them_is_background():
    assert len(ACTIONS) >= 16
    assert ACTIONS[0] == BACKGROUND


def test_actions_are_distinct_across_participants(performances):
    known = by_leading_side(performances)
    assert share_found(known, known) > 0.9


def test_no_two_actions_are_mirror_images(performances):
    known = by_leading_side(performances)
    flipped = [(p, a, joints[:, MIRRORED] * (-1, 1, 1), m) for p, a, joints, m in known]
    assert share_found([*known, *flipped], flipped) > 0.9


@pytest.mark.parametrize(
    "twins", [("push", "pull"), ("open arms", "close arms"), ("sit down", "stand up")]
)
def test_only_the_order_of_their_postures_tells_twins_apart(performances, twins):
    known = [row for row in by_leading_side(performances) if row[1] in twins]
    backwards = [(p, a, joints[::-1], m) for p, a, joints, m in known]
    assert share_found(known, known) > 0.9
    assert share_found(known, backwards) < 0.1


@pytest.mark.parametrize("action", ACTIONS)
def test_performances_vary_in_tempo_and_side(action):
    made = [moved(p, action, take, 8)[1] for p in range(6) for take in range(3)]
    seconds = np.array([performance.seconds for performance in made])
    assert seconds.max() / seconds.min() > 1.25
    assert 0.6 < seconds.min() < seconds.max() < 6.0
    assert {performance.lead for performance in made} == {-1, 1}


@pytest.mark.parametrize("action", ["march", "jump", "kick", "pick up", "sit down", "raise arms"])
def test_bones_keep_their_length(action):
    joints, _ = moved(0, action, 0)
    for side in ("left", "right"):
        for upper, lower in BONES:
            ends = [joints[:, JOINTS.index(f"{side} {name}")] for name in (upper, lower)]
            assert np.ptp(np.linalg.norm(ends[0] - ends[1], axis=1)) < 0.002


@pytest.mark.parametrize("action", ["wave", "squat", "bow", "pick up", "sit down"])
def test_planted_feet_stay_where_they_are(action):
    joints, _ = moved(1, action, 1, 60)
    for name in ("left ankle", "right ankle"):
        assert np.ptp(joints[:, JOINTS.index(name)], axis=0).max() < 0.02


def test_everybody_stands_on_the_floor_and_nobody_goes_through_it(performances):
    lowest = np.array([joints[:, :, 1].min(axis=1) for _, _, joints, _ in performances])
    assert lowest.min() > -0.01
    assert lowest[:, 0].max() < 0.05


def test_movement_has_no_jerks():
    for action in ACTIONS:
        joints, performance = moved(2, action, 0, 200)
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=2) / (performance.seconds / 199)
        assert speed.max() < 8.0  # body heights a second; a fast punch has 5
