import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.modalities.boxes import Box, cut, frame_box, shrink_valid
from fsamt_engine.modalities.depth import DepthPreparer, prepare_depth, warm_up_indices
from fsamt_engine.modalities.preparation import Crop, DepthPreparation

WHOLE = DepthPreparation(size=64, crop=Crop("frame"), relative=False, near_m=1.0, far_m=5.0)


def prepared(frame, settings=WHOLE, unit_m=0.001):
    return DepthPreparer(settings, unit_m, None).push(frame)


def test_shrinking_averages_only_pixels_with_a_reading():
    values = np.array([[1, 9, 3, 3], [9, 9, 3, 3], [5, 6, 0, 0], [7, 9, 0, 0]], np.float32)
    valid = np.array([[1, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], bool)
    assert shrink_valid(values, valid, 2).tolist() == [[1, 3], [6, 0]]


def test_an_edge_next_to_a_hole_keeps_the_value_of_the_surface():
    rng = np.random.default_rng(0)
    frame = np.where(rng.random((240, 240)) < 0.5, 2000, 0).astype(np.uint16)
    result = prepared(frame)
    assert set(np.unique(result)) <= {np.float16(0), np.float16(0.75)}
    assert (result > 0).mean() > 0.9


def test_values_fall_from_near_to_far_and_holes_are_like_far():
    frame = np.zeros((64, 64), np.uint16)
    frame[:, :10], frame[:, 20:30], frame[:, 40:50] = 1000, 3000, 6000
    result = prepared(frame)
    assert result.dtype == np.float16
    assert result[5, [5, 25, 45, 60]].tolist() == [1, 0.5, 0, 0]


def test_no_more_is_lost_than_float16_loses():
    """An 8-bit image of this range would have steps of 16 mm."""
    frame = np.arange(1000, 5000, dtype=np.uint16)[: 62 * 64].reshape(62, 64)
    frame = np.vstack([frame, frame[:2]])
    restored_mm = 5000 - 4000 * prepared(frame).astype(np.float64)
    assert np.abs(restored_mm - frame).max() <= 1.0


def test_the_same_metres_give_the_same_values_in_any_unit(make_scene):
    millimetres = make_scene().waving(12)
    for settings in (WHOLE, DepthPreparation()):
        ours = prepare_depth(millimetres, settings, 0.001)
        finer = prepare_depth(millimetres * np.uint16(8), settings, 0.000125)
        assert np.abs(ours.astype(float) - finer.astype(float)).max() < 0.002


def test_a_frame_is_letterboxed():
    result = prepared(np.full((120, 240), 3000, np.uint16))
    assert (result[:16] == 0).all()
    assert (result[16:48] == 0.5).all()
    assert (result[48:] == 0).all()


def test_nothing_outside_of_a_region_is_seen():
    frame = np.full((240, 320), 1000, np.uint16)
    frame[60:180, 80:112] = 3000
    region = DepthPreparation(
        crop=Crop("region", (80 / 320, 60 / 240, 112 / 320, 180 / 240)),
        relative=False,
        near_m=1.0,
        far_m=5.0,
    )
    result = prepared(frame, region)
    assert set(np.unique(result)) == {np.float16(0), np.float16(0.5)}
    assert (result > 0).mean() == pytest.approx(32 / 120, abs=0.03)


def test_a_cut_beyond_the_frame_is_filled_with_no_reading():
    frame = np.arange(1, 17, dtype=np.uint16).reshape(4, 4)
    assert cut(frame, Box(2, -1, 5, 2), frame_box(4, 4)).tolist() == [
        [0, 0, 0],
        [3, 4, 0],
        [7, 8, 0],
    ]
    assert not cut(frame, Box(10, 10, 12, 12), frame_box(4, 4)).any()


@pytest.mark.parametrize("settings", [WHOLE, DepthPreparation()], ids=["frame", "person"])
def test_live_gives_what_training_gives(make_scene, settings):
    scene = make_scene(noise=True)
    frames = scene.waving(50)
    live = DepthPreparer(settings, 0.001, scene.camera)
    live.warm_up(frames[warm_up_indices(len(frames))])
    one_by_one = np.stack([live.push(frame) for frame in frames])
    assert np.array_equal(one_by_one, prepare_depth(frames, settings, 0.001, scene.camera))


def test_a_person_looks_the_same_at_any_distance(make_scene):
    scene = make_scene(room=False)
    near, far = (
        prepare_depth(scene.waving(30, z_m=z), DepthPreparation(), 0.001, scene.camera)
        for z in (2.4, 3.4)
    )
    difference = np.abs(near.astype(float) - far.astype(float))
    assert (difference > 0.1).mean() < 0.02
    assert (near > 0).mean() > 0.1


def test_a_stream_without_a_unit_is_refused():
    with pytest.raises(FsamtError, match="unit"):
        DepthPreparer(WHOLE, 0.0, None)


def test_a_calibration_of_another_resolution_is_refused(make_scene):
    preparer = DepthPreparer(DepthPreparation(), 0.001, make_scene.camera)
    with pytest.raises(FsamtError, match=r"640x480 pixels.*320x240"):
        preparer.push(np.zeros((480, 640), np.uint16))


def test_an_empty_take_has_no_frames():
    assert prepare_depth(np.zeros((0, 8, 8), np.uint16), WHOLE, 0.001).shape == (0, 64, 64)
