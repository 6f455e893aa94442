"""The whole graph against `DepthPreparer`, `frame_indices` and the network, frame by frame."""

import itertools
import json

import numpy as np
import onnx
import pytest
import torch

from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.errors import FsamtError
from fsamt_engine.export.graph import FORMAT, whole_graph
from fsamt_engine.learning.portable import prepared_network
from fsamt_engine.modalities.clips import ClipShape, frame_indices
from fsamt_engine.modalities.depth import DepthPreparer, prepare_depth
from fsamt_engine.modalities.preparation import Crop, DepthPreparation, Preparation
from tests.fsamt_engine.export.graph.running import (
    Running,
    averaging,
    lens,
    numbers_of,
    session_of,
)
from tests.fsamt_engine.learning.fresh import recogniser

SHAPE = ClipShape(n_frames=6, step=3, size=32)
PERSON = DepthPreparation(size=32)
UNIT_M = float(np.float32(0.001))
ROUNDING = 0.0005
"""One step of float16 below 1."""


@pytest.fixture(scope="module")
def graph() -> Running:
    return Running(PERSON, SHAPE)


def figure(n_frames, action="wave", *, alone=False, participant=0):
    """Depth (T, H, W) uint16 of a simulated participant, and the camera.

    With `alone`, only what is about as far away as a joint is left.
    """
    scene = SimulatedScene(
        SceneSettings(seed=5, participant=participant, rate_hz=15, with_colour=False)
    )
    pairs = itertools.chain.from_iterable(scene.frames(action) for _ in itertools.count())
    frames = []
    for pair in itertools.islice(pairs, n_frames):
        distances = pair.joints[:, 2] * 1000
        is_near = (pair.depth > distances.min() - 200) & (pair.depth < distances.max() + 200)
        frames.append(np.where(is_near, pair.depth, 0) if alone else pair.depth)
    return np.stack(frames).astype(np.uint16), lens(424, 240, 216.5)


@pytest.fixture(scope="module")
def waving():
    return figure(40)


def pushed(frames, camera, depth=PERSON, unit_m=UNIT_M):
    """What the program prepares of a stream, and whether it follows a person, frame by frame."""
    preparer = DepthPreparer(depth, unit_m, camera)
    prepared, found = [], []
    for frame in frames:
        prepared.append(preparer.push(frame))
        found.append(preparer.view.distance_m is not None)
    return np.stack(prepared), found


def assert_same_stream(running, frames, camera, depth=PERSON, shape=SHAPE, unit_m=UNIT_M):
    expected, found = pushed(frames, camera, depth, unit_m)
    answers = running.frame_by_frame(frames, camera=camera, unit_m=unit_m)
    for n, answer in enumerate(answers, 1):
        newest = answer["next_prepared"][0, -1].astype(float)
        assert np.abs(newest - expected[n - 1]).max() <= ROUNDING, f"frame {n}"
        assert answer["n_seen"].tolist() == [n]
        if depth.crop.mode == "person":
            assert answer["person_found"].tolist() == [found[n - 1]], f"frame {n}"
        clip = expected[frame_indices(max(0, n - shape.span), shape, end=n)]
        thirds = clip.astype(np.float32).reshape(3, -1).sum(1) / clip.size
        np.testing.assert_allclose(answer["probabilities"][0], thirds, atol=ROUNDING)
    return found


def with_holes(frames, share=0.1, seed=1):
    """Some readings lost, some wrong, each frame differently; and a frame without any."""
    rng = np.random.default_rng(seed)
    changed = frames.copy()
    changed[rng.random(frames.shape) < share] = 0
    wrong = rng.random(frames.shape) < share / 20
    changed[wrong] = rng.integers(300, 9000, wrong.sum())
    changed[len(frames) // 2] = 0
    return changed


def test_a_stream_gives_what_the_program_prepares_live(graph, waving):
    found = assert_same_stream(graph, *waving)
    assert not found[0]
    assert found[-1]


@pytest.mark.parametrize("action", ["squat", "jump", "kick"])
def test_other_people_and_actions_too(graph, action):
    frames, camera = figure(24, action, participant=3)
    found = assert_same_stream(graph, frames, camera)
    assert any(found)


def test_holes_and_wrong_readings_too(graph, waving):
    frames, camera = waving
    assert any(assert_same_stream(graph, with_holes(frames), camera))


def test_a_removed_background_too(graph):
    frames, camera = figure(24, "raise arms", alone=True)
    found = assert_same_stream(graph, frames, camera)
    assert found[0]
    assert any(assert_same_stream(graph, with_holes(frames), camera))


def two_people(n_frames):
    """Boards that sway 2.5 m before a camera; from frame 8 on a larger one beside the first."""
    frames = np.full((n_frames, 120, 200), 4000, np.uint16)
    for t in range(2, n_frames):
        sway = 3 * (t % 4)
        frames[t, 30:90, 30 + sway : 50 + sway] = 2500
        if t >= 8:
            frames[t, 25:95, 130 - sway : 155 - sway] = 2600
    return frames, lens(200, 120, 120.0)


def test_of_two_people_the_one_that_was_seen_before_is_kept(graph):
    frames, camera = two_people(20)
    found = assert_same_stream(graph, frames, camera)
    assert any(found[:8])
    x, _, z = graph.frame_by_frame(frames, camera=camera)[-1]["next_numbers"][0, 4:7]
    assert x < 0
    assert z == pytest.approx(2.5)
    beginning_with_both = graph(frames[8:], camera=camera)["next_numbers"][0, 4:7]
    assert beginning_with_both[0] > 0


def test_where_nobody_is_nobody_is_found(graph):
    rng = np.random.default_rng(3)
    room = (3000 + rng.normal(0, 10, (20, 60, 80))).astype(np.uint16)
    assert not any(assert_same_stream(graph, room, lens(80, 60, 70.0)))
    assert not any(assert_same_stream(graph, np.zeros_like(room), lens(80, 60, 70.0)))


def test_random_readings_break_nothing(graph):
    frames = np.random.default_rng(0).integers(0, 65536, (8, 90, 120)).astype(np.uint16)
    frames[frames % 3 > 0] = 0
    assert_same_stream(graph, frames, lens(120, 90, 110.0))


@pytest.mark.parametrize("size", [(213, 121), (96, 54), (41, 37)], ids=str)
def test_odd_and_small_frames_too(graph, waving, size):
    frames, _ = waving
    rows = np.linspace(0, 239, size[1]).astype(int)
    columns = np.linspace(0, 423, size[0]).astype(int)
    small = np.ascontiguousarray(frames[:, rows][:, :, columns])
    assert_same_stream(graph, small, lens(*size, size[0] * 0.5))


def test_an_unknown_lens_is_assumed_as_the_program_assumes_it(graph, waving):
    narrow = np.ascontiguousarray(waving[0][:, :, 87:337])
    assert any(assert_same_stream(graph, narrow, None))


def test_a_finer_unit_is_the_same_depth(graph, waving):
    frames, camera = waving
    assert any(assert_same_stream(graph, frames * np.uint16(8), camera, unit_m=0.000125))


@pytest.mark.parametrize(
    "depth",
    [
        DepthPreparation(size=32, crop=Crop("frame"), relative=False),
        DepthPreparation(size=32, crop=Crop("region", (0.1, 0.2, 0.63, 0.97)), relative=False),
        DepthPreparation(size=32, crop=Crop("region", (0.5, 0.5, 0.53, 0.56)), relative=False),
        DepthPreparation(size=32, crop=Crop("centre", centre_share=7 / 8), relative=False),
        DepthPreparation(size=32, crop=Crop("person", side_m=1.7), relative=False, far_m=4.0),
        DepthPreparation(size=32, crop=Crop("person", side_m=0.2), range_m=3.0),
        DepthPreparation(size=32, crop=Crop("person", side_m=9.0)),
    ],
    ids=[
        "frame",
        "region",
        "region that grows",
        "centre",
        "not relative",
        "near",
        "beyond the frame",
    ],
)
def test_every_crop_is_the_same(waving, depth):
    frames, camera = waving
    assert_same_stream(Running(depth, SHAPE), frames[:16], camera, depth)


@pytest.mark.parametrize("n_frames", [2, 7, 24, 25, 40])
def test_a_whole_take_is_prepared_as_training_prepares_it(graph, waving, n_frames):
    frames, camera = waving[0][:n_frames], waving[1]
    answer = graph(frames, camera=camera)
    expected = prepare_depth(frames, PERSON, UNIT_M, camera)[-SHAPE.span :]
    given = answer["next_prepared"][0, -len(expected) :]
    assert np.abs(given.astype(float) - expected).max() <= ROUNDING
    assert answer["n_seen"] == n_frames


def test_frames_with_a_state_are_pushed_one_after_the_other(graph, waving):
    frames, camera = waving
    one_by_one = graph.frame_by_frame(frames, camera=camera)[-1]
    begun = graph(frames[:1], camera=camera)
    in_one_call = graph(frames[1:], camera=camera, before=begun)
    for name, value in one_by_one.items():
        assert np.array_equal(value, in_one_call[name]), name
    as_a_take = graph(frames, camera=camera)
    assert not np.array_equal(as_a_take["next_samples"], one_by_one["next_samples"])


def test_cameras_of_different_lenses_and_units_do_not_touch_each_other(graph, waving):
    frames, camera = waving
    wide = lens(424, 240, 130.0)
    other = frames[::-1] * np.uint16(4)
    both = np.stack([frames, other])[:, :12]
    given = {"unit_m": [0.001, 0.00025], "camera": [camera, wide]}
    first = graph(both[:, :1], **given)
    together = graph(both[:, 1:], **given, before=first)
    for index, (unit_m, own) in enumerate(zip(*given.values(), strict=True)):
        alone = graph.frame_by_frame(both[index], unit_m=unit_m, camera=own)[-1]
        for name in ("probabilities", "person_found", "n_seen", "next_prepared", "next_numbers"):
            assert np.array_equal(together[name][index], alone[name][0]), name
        _, rows, columns = alone["next_samples"].shape[1:]
        kept = together["next_samples"][index, :, :rows, :columns]
        assert np.array_equal(kept, alone["next_samples"][0, :, :, :columns])


def test_the_first_frame_after_a_gap_counts_more_often(graph, waving):
    frames, camera = waving
    first = graph(frames[:1], camera=camera)
    counted = graph(frames[1:2], camera=camera, before=first, steps=np.array([[3]]))
    ring = counted["next_prepared"][0]
    assert counted["n_seen"] == 4
    assert np.array_equal(ring[-1], ring[-3])
    assert np.array_equal(ring[-4], first["next_prepared"][0, -1])
    plain = graph(frames[1:2], camera=camera, before=first)
    assert np.array_equal(counted["next_samples"], plain["next_samples"])
    assert np.array_equal(plain["next_prepared"][0, -1], ring[-1])


@pytest.fixture(scope="module")
def real():
    """A graph with its real network, and the recogniser."""
    loaded = recogniser(PERSON, SHAPE)
    torch.nn.init.normal_(loaded.network.classifier.weight)
    return whole_graph(loaded, 15.0, {"licence": "CC0-1.0"}), loaded


def test_the_probabilities_are_those_of_the_network(real, waving):
    model, loaded = real
    frames, camera = waving
    feeds = {
        "depth": np.stack([frames[:20], frames[20:]]),
        "unit_m": np.float32([UNIT_M, UNIT_M]),
        "intrinsics": np.stack([numbers_of(camera)] * 2),
    }
    (given,) = session_of(model).run(["probabilities"], feeds)
    for answer, take in zip(given, feeds["depth"], strict=True):
        prepared = prepare_depth(take, PERSON, UNIT_M, camera)
        clip = prepared[frame_indices(20 - SHAPE.span, SHAPE, end=20)]
        with torch.no_grad():
            expected = prepared_network(loaded)(torch.from_numpy(clip[None]))[0]
        np.testing.assert_allclose(answer, expected.numpy(), atol=1e-3)
        assert answer.sum() == pytest.approx(1)


def test_the_file_says_what_it_is(real):
    model, loaded = real
    said = {entry.key: entry.value for entry in model.metadata_props}
    assert said["format"] == FORMAT
    assert said["model"] == loaded.record.id
    assert json.loads(said["actions"]) == ["clap", "wave", "background"]
    assert float(said["rate_hz"]) == 15
    assert ClipShape(**json.loads(said["clip"])) == SHAPE
    assert Preparation.from_dict(json.loads(said["preparation"])) == loaded.preparation
    assert said["licence"] == "CC0-1.0"
    assert "depth frames" in model.doc_string
    assert all(port.doc_string for port in (*model.graph.input, *model.graph.output))


def test_the_file_is_plain_onnx(real):
    model, _ = real
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 18)]
    session = session_of(model)
    assert [given.name for given in session.get_inputs()] == ["depth", "unit_m", "intrinsics"]
    optional = {given.name for given in session.get_overridable_initializers()}
    assert optional == {"steps", "samples", "prepared", "numbers"}


def test_a_model_that_recognises_nothing_is_refused():
    loaded = recogniser(PERSON, SHAPE)
    loaded.network.fc = None
    with pytest.raises(FsamtError, match="recognises no actions"):
        whole_graph(loaded, 30.0)


def test_a_network_of_another_opset_is_not_mixed_in():
    network = averaging(SHAPE)
    network.opset_import[0].version = 12
    with pytest.raises(ValueError, match="opset"):
        whole_graph(recogniser(PERSON, SHAPE), 30.0, network=network)
