import numpy as np
import pytest

from fsamt_engine.modalities.depth import DepthPreparer, warm_up_indices
from fsamt_engine.modalities.person import PersonFinder
from fsamt_engine.modalities.preparation import Crop, DepthPreparation


def boxes_of(frames, camera, warm=True):
    preparer = DepthPreparer(DepthPreparation(), 0.001, camera)
    if warm:
        preparer.warm_up(frames[warm_up_indices(len(frames))])
    boxes = []
    for frame in frames:
        preparer.push(frame)
        box = preparer.box
        boxes.append((box.x0, box.y0, box.x1, box.y1))
    return np.array(boxes), preparer


def middle_of(camera, x_m, z_m):
    return camera.cx + camera.fx * x_m / z_m


@pytest.mark.parametrize("room", [True, False], ids=["room", "removed background"])
@pytest.mark.parametrize("noise", [True, False])
def test_a_body_of_which_only_an_arm_moves_is_found_whole(make_scene, room, noise):
    scene = make_scene(room=room, noise=noise)
    boxes, preparer = boxes_of(scene.waving(60, x_m=0.5, z_m=2.8), scene.camera)
    side_px = scene.camera.fx * 2.4 / 2.8
    assert (boxes[:, 2] - boxes[:, 0]).mean() == pytest.approx(side_px, rel=0.05)
    assert (boxes[:, 0] + boxes[:, 2]).mean() / 2 == pytest.approx(
        middle_of(scene.camera, 0.5, 2.8), abs=0.12 * side_px
    )
    y_per_m = scene.camera.fy / 2.8
    assert (boxes[:, 1] < scene.camera.cy - 1.0 * y_per_m).all(), "the raised hand is inside"
    assert (boxes[:, 3] > scene.camera.cy + 0.97 * y_per_m).all(), "the feet are inside"
    assert preparer.view.distance_m == pytest.approx(2.8, abs=0.1)


def test_the_box_keeps_still_while_the_person_stays(make_scene):
    scene = make_scene(noise=True)
    boxes, _ = boxes_of(scene.waving(90), scene.camera)
    assert len(np.unique(boxes, axis=0)) == 1


def test_the_box_follows_somebody_who_walks(make_scene):
    scene = make_scene(noise=True)
    xs = np.concatenate([np.full(20, -0.9), np.linspace(-0.9, 0.9, 60), np.full(40, 0.9)])
    frames = np.stack([scene.frame(0.0, x_m=x) for x in xs])
    boxes, _ = boxes_of(frames, scene.camera)
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    wanted = middle_of(scene.camera, xs, 2.8)
    half_px = scene.camera.fx * 1.2 / 2.8
    assert np.abs(middles - wanted).max() < 0.5 * half_px
    assert np.abs(middles - wanted)[-10:].max() < 0.1 * half_px


def test_before_anybody_is_found_the_whole_frame_is_seen(make_scene):
    scene = make_scene()
    empty = np.stack([scene.frame(0.0, x_m=20.0)] * 5)
    boxes, preparer = boxes_of(empty, scene.camera, warm=False)
    assert (boxes == (0, -40, 320, 280)).all()
    assert preparer.view.distance_m is None


def test_somebody_who_comes_into_an_empty_room_is_found_without_warming_up(make_scene):
    scene = make_scene(noise=True)
    xs = [20.0] * 20 + list(np.linspace(-1.6, 0.0, 30)) + [0.0] * 20
    frames = np.stack([scene.frame(0.0, x_m=x) for x in xs])
    boxes, _ = boxes_of(frames, scene.camera, warm=False)
    assert boxes[-1, [0, 2]].mean() == pytest.approx(scene.camera.cx, abs=12)


def test_the_box_stays_where_the_person_was_last_seen(make_scene):
    scene = make_scene()
    frames = np.stack([scene.frame(0.0, x_m=x) for x in [20.0] * 10 + [-0.4] * 20 + [20.0] * 20])
    boxes, _ = boxes_of(frames, scene.camera)
    assert (boxes[30:] == boxes[29]).all()


def test_the_largest_of_two_moving_things_is_followed(make_scene):
    scene = make_scene()
    frames = np.stack([scene.frame(0.0, x_m=0.02 * t) for t in range(30)])
    for t, frame in enumerate(frames):
        frame[100:120, 10 + t : 30 + t] = 1500
    boxes, _ = boxes_of(frames, scene.camera)
    assert boxes[-1, [0, 2]].mean() > 170


def test_two_finders_of_the_same_frames_agree(make_scene):
    scene = make_scene(noise=True)
    frames = scene.waving(20)
    first, second = (PersonFinder(scene.camera, 0.001) for _ in range(2))
    assert [first.push(f) for f in frames] == [second.push(f) for f in frames]


def test_a_larger_side_shows_more(make_scene):
    scene = make_scene()
    preparer = DepthPreparer(DepthPreparation(crop=Crop(side_m=3.0)), 0.001, scene.camera)
    preparer.warm_up(scene.waving(24))
    preparer.push(scene.frame(0.0))
    width_px = preparer.box.x1 - preparer.box.x0
    assert width_px == pytest.approx(scene.camera.fx * 3.0 / 2.8, rel=0.05)


def test_moving_things_of_any_shape_and_noise_do_no_harm(make_scene):
    """A ring has no pixel near its own middle; noise has no surface at all."""
    finder = PersonFinder(make_scene.camera, 0.001)
    wall = np.full((240, 320), 6000, np.uint16)
    finder.warm_up([wall] * 5)
    rows, columns = np.mgrid[:240, :320]
    radius = np.hypot(rows - 120, columns - 160)
    ring = wall.copy()
    ring[(radius > 100) & (radius < 112)] = 5000
    rng = np.random.default_rng(0)
    for frame in [ring, rng.integers(0, 65536, (240, 320), np.uint16), np.zeros_like(wall)]:
        finder.push(frame)
