"""Takes of any streams: what is indexed by what, and what is seen."""

import numpy as np
import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Calibration, StreamKind
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    staging_folder,
    take_ids_with,
)
from fsamt_engine.media.colour import ColourWriter
from fsamt_engine.media.depth import DepthWriter
from fsamt_engine.media.infrared import DeepInfraredWriter, InfraredWriter
from fsamt_engine.media.skeleton import write_skeleton
from fsamt_engine.modalities import cache, pace
from fsamt_engine.modalities.available import has, kinds_of
from fsamt_engine.modalities.boxes import Box, View
from fsamt_engine.modalities.infrared import infrared_view, to_8_bits
from fsamt_engine.modalities.matching import frames_for, near_frames, nearest
from fsamt_engine.modalities.preparation import Modality, Preparation

from .conftest import CAMERA

N, HEIGHT, WIDTH = 10, 48, 64
PREPARATION = Preparation().with_size(32)


def ramp(n=N, channels=()):
    """(n, 48, 64, ...) uint8: brighter from frame to frame."""
    levels = np.arange(n, dtype=np.uint8) * 20
    return np.broadcast_to(
        levels.reshape(n, *[1] * (2 + len(channels))), (n, HEIGHT, WIDTH, *channels)
    ).copy()


WRITERS = {
    StreamKind.DEPTH: DepthWriter,
    StreamKind.INFRARED: InfraredWriter,
    StreamKind.COLOUR: ColourWriter,
}


def add(library, streams, *, times=None, pairs=None, deep=False, key="made/1"):
    """Adds a take of frames by kind; times in frames of 30 Hz, by kind, where they differ."""
    with staging_folder(library) as staging:
        drafts = []
        for kind, frames in streams.items():
            path = staging / (f"{kind}.npy" if kind is StreamKind.SKELETON else f"{kind}.mkv")
            if kind is StreamKind.SKELETON:
                write_skeleton(path, frames)
                width, height = frames.shape[2], frames.shape[1]
            else:
                height, width = frames.shape[1:3]
                make = DeepInfraredWriter if deep and kind is StreamKind.INFRARED else WRITERS[kind]
                with make(path, width, height, 30.0) as file:
                    for frame in frames:
                        file.write(frame)
            at = (times or {}).get(kind, np.arange(len(frames)))
            drafts.append(
                StreamDraft(
                    kind,
                    path,
                    width,
                    height,
                    len(frames),
                    30.0,
                    "made",
                    timestamps_us=(np.asarray(at) * 33_333).astype(np.int64),
                    unit_m=0.001 if kind is StreamKind.DEPTH else None,
                )
            )
        draft = TakeDraft(
            session="s",
            participant="p",
            source="made",
            source_key=key,
            started_at_us=0,
            streams=drafts,
            pairs=np.zeros((0, 3), np.int64) if pairs is None else pairs,
            calibration=Calibration(),
        )
        return add_take(library, staging, draft)


def joints(n=N, n_bodies=1):
    moved = np.zeros((n, n_bodies, 25, 3), np.float32)
    moved += np.random.default_rng(0).normal([0, 0, 3], 0.3, (1, n_bodies, 25, 3))
    moved[..., 0] += np.arange(n)[:, None, None] * 0.01
    return moved.astype(np.float32)


def test_a_take_of_colour_alone_is_seen_whole_at_every_colour_frame(library):
    take = add(library, {StreamKind.COLOUR: ramp(channels=(3,))})
    rgb = cache.prepared_take(library, take.id, Modality.RGB, PREPARATION)
    flow = cache.prepared_take(library, take.id, Modality.FLOW, PREPARATION)
    assert rgb.shape == (N, 32, 32, 3)
    assert flow.shape == (N, 32, 32, 2)
    assert np.allclose(rgb[:, 16, 16, 0], np.arange(N) * 20, atol=4)
    assert (rgb[:, :3] == 0).all(), "a wide picture has black above and below in its square"
    assert (rgb[5, 6:26] > 60).all(), "and is seen whole, from left to right"
    views = cache.views(library, take.id, PREPARATION)
    assert len(views) == N
    assert views[0].box == Box(0, -8, 64, 56)


def test_infrared_numbers_colour_and_skeleton_by_time(library):
    take = add(
        library,
        {
            StreamKind.INFRARED: ramp(),
            StreamKind.COLOUR: ramp(5, (3,)),
            StreamKind.SKELETON: joints(4),
        },
        times={
            StreamKind.COLOUR: [0, 2, 4, 6, 8],
            StreamKind.SKELETON: [0, 3, 6, 9],
        },
    )
    infrared, rgb, skeleton = (
        cache.prepared_take(library, take.id, modality, PREPARATION)
        for modality in (Modality.INFRARED, Modality.RGB, Modality.SKELETON)
    )
    assert infrared.dtype == np.uint8
    assert infrared[:, 16, 16].tolist() == (np.arange(N) * 20).tolist()
    assert frames_for(library, take, StreamKind.COLOUR).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert np.allclose(rgb[9, 16, 16], 80, atol=4)
    expected = joints(4)[[0, 0, 1, 1, 1, 2, 2, 2, 3, 3], 0]
    assert np.allclose(skeleton[:, 0], expected)
    assert (skeleton[:, 1] == 0).all()


def test_a_skeleton_alone_needs_no_pictures(library):
    take = add(library, {StreamKind.SKELETON: joints(n_bodies=3)})
    skeleton = cache.prepared_take(library, take.id, Modality.SKELETON, PREPARATION)
    assert skeleton.shape == (N, 2, 25, 3)
    assert [m for m in Modality if has(take, m)] == [Modality.SKELETON]
    other_size = cache.prepared_take(library, take.id, Modality.SKELETON, Preparation())
    assert other_size.filename == skeleton.filename, "its size in pixels says nothing"


def test_infrared_beside_depth_shows_the_square_around_the_person(library, make_scene):
    scene = make_scene().waving(12)
    bright = (scene[:, ::2, ::2] < 3500).astype(np.uint8) * 200
    take = add(library, {StreamKind.DEPTH: scene, StreamKind.INFRARED: bright})
    infrared = cache.prepared_take(library, take.id, Modality.INFRARED, PREPARATION)
    view = cache.views(library, take.id, PREPARATION)[-1]
    assert view.distance_m is not None, "the person was found, from depth"
    of_infrared = infrared_view(view, (CAMERA.width, CAMERA.height), (160, 120))
    assert of_infrared.box.x0 == pytest.approx(view.box.x0 / 2)
    depth = cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    near, lit = depth[-1] > 0.3, infrared[-1] > 100
    assert (near & lit).sum() > 0.8 * near.sum(), "a person lies in one place in both"


def test_deep_infrared_becomes_8_bits_by_one_rule_for_every_frame(library):
    deep = (ramp().astype(np.uint16) ** 2) * 2
    take = add(library, {StreamKind.INFRARED: deep}, deep=True)
    infrared = cache.prepared_take(library, take.id, Modality.INFRARED, PREPARATION)
    assert np.array_equal(infrared[:, 16, 16], to_8_bits(deep[:, 24, 32]))
    values = to_8_bits(np.array([0, 65535 // 4, 65535], np.uint16))
    assert values.tolist() == [0, 127, 255]
    assert to_8_bits(np.array([7], np.uint8)) == 7


def test_views_are_carried_over_in_shares():
    view = View(Box(10, 20, 50, 60), Box(0, 0, 100, 80), 2.0)
    assert infrared_view(view, (100, 80), (100, 80)) is view
    assert infrared_view(view, (100, 80), (200, 160)).box == Box(20, 40, 100, 120)


def test_the_nearest_frame_is_found_and_of_two_as_near_the_earlier():
    found = nearest(np.array([-5, 0, 10, 16, 99]), np.array([0, 20, 40]))
    assert found.tolist() == [0, 0, 0, 1, 2]
    assert nearest(np.array([1, 2]), np.array([7])).tolist() == [0, 0]


def test_frames_of_a_clock_that_was_set_back_go_by_their_number():
    assert nearest(np.array([0, 30, 60, 90]), np.array([5, 9, 2])).tolist() == [0, 1, 2, 2]


def test_clocks_that_share_nothing_are_taken_to_begin_at_once(library):
    take = add(
        library,
        {StreamKind.INFRARED: ramp(), StreamKind.SKELETON: joints()},
        times={StreamKind.SKELETON: np.arange(N) + 5000},
    )
    assert (frames_for(library, take, StreamKind.SKELETON) == 0).all()
    streams = tuple(
        type(s)(**{**s.__dict__, "timestamp_domain": str(s.kind)}) for s in take.streams
    )
    apart = type(take)(**{**take.__dict__, "streams": streams})
    assert frames_for(library, apart, StreamKind.SKELETON).tolist() == list(range(N))


@pytest.mark.parametrize(
    ("times", "near"),
    [
        ([0, 1.2, 2, 30], [0, 1, 2, 2, -1, -1]),
        ([30, 1, 2, 3], [0, 1, 2, 3, -1, -1]),  # set back: by their number
    ],
)
def test_a_frame_far_from_a_moment_does_not_belong_to_it(library, times, near):
    take = add(
        library,
        {StreamKind.INFRARED: ramp(6), StreamKind.SKELETON: joints(4)},
        times={StreamKind.SKELETON: times},
    )
    assert near_frames(library, take, StreamKind.SKELETON, 50_000).tolist() == near
    assert near_frames(library, take, StreamKind.COLOUR, 50_000).tolist() == [-1] * 6


def test_takes_are_found_by_what_they_have(library, make_scene):
    depth, colour = make_scene().waving(3), ramp(3, (3,))
    identity = np.stack([np.arange(3), np.arange(3), np.zeros(3)], axis=1).astype(np.int64)
    streams = {StreamKind.DEPTH: depth, StreamKind.COLOUR: colour}
    paired = add(library, streams, pairs=identity, key="paired")
    unpaired = add(library, streams | {StreamKind.SKELETON: joints(3)}, key="unpaired")
    alone = add(library, {StreamKind.COLOUR: colour, StreamKind.SKELETON: joints(3)}, key="alone")
    wanted = {
        (StreamKind.DEPTH,): {paired.id, unpaired.id},
        (StreamKind.COLOUR,): {paired.id, alone.id},
        (StreamKind.DEPTH, StreamKind.COLOUR): {paired.id},
        (StreamKind.COLOUR, StreamKind.SKELETON): {alone.id},
        (StreamKind.SKELETON, StreamKind.SKELETON): {unpaired.id, alone.id},
        (StreamKind.INFRARED,): set(),
    }
    for kinds, ids in wanted.items():
        assert set(take_ids_with(library, kinds)) == ids
    assert take_ids_with(library, [StreamKind.DEPTH], ["nobody"]) == []
    for take in (paired, unpaired, alone):
        for modality in Modality:
            assert has(take, modality) == (take.id in take_ids_with(library, kinds_of(modality)))


def test_a_take_without_the_stream_is_refused_in_a_sentence(library):
    take = add(library, {StreamKind.COLOUR: ramp(channels=(3,))})
    for modality in (Modality.DEPTH, Modality.INFRARED, Modality.SKELETON):
        with pytest.raises(FsamtError, match=f"no {modality}"):
            cache.prepared_take(library, take.id, modality, PREPARATION)


def test_what_preparing_costs_is_known_for_every_modality(library):
    take = add(
        library,
        {
            StreamKind.INFRARED: ramp(),
            StreamKind.COLOUR: ramp(channels=(3,)),
            StreamKind.SKELETON: joints(),
        },
    )
    modalities = (Modality.INFRARED, Modality.RGB, Modality.FLOW, Modality.SKELETON)
    missing = pace.missing_takes(library, [take.id], modalities, PREPARATION)
    assert missing[0].n_frames == N
    assert pace.preparing_seconds(missing) > 0
    cache.prepare_takes(library, [take.id], modalities, PREPARATION)
    assert pace.missing_takes(library, [take.id], modalities, PREPARATION) == []
