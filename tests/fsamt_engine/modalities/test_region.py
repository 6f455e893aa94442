"""A region that a person drew in a take: outside of it nothing is seen."""

import numpy as np
import pytest

from fsamt_engine.library.organising import set_region
from fsamt_engine.modalities import cache
from fsamt_engine.modalities.boxes import region_box
from fsamt_engine.modalities.depth import DepthPreparer
from fsamt_engine.modalities.preparation import Crop, DepthPreparation, Modality, Preparation

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)
WHOLE = DepthPreparation(crop=Crop("frame"), relative=False)
PREPARATION = Preparation(depth=WHOLE)


def colour_frames(n_frames):
    return np.full((n_frames, 240, 320, 3), 200, np.uint8)


@pytest.fixture
def take(add_made_take, make_scene):
    return add_made_take(make_scene().waving(12), colour_frames(12))


def test_nothing_outside_of_the_region_reaches_a_network():
    frame = np.full((40, 60), 1000, np.uint16)
    preparer = DepthPreparer(WHOLE, 0.001, None, LEFT)
    prepared = preparer.push(frame)
    # The square is letterboxed around the region: 30 wide and 40 high.
    assert preparer.view.limits == region_box(LEFT, 60, 40)
    assert (prepared[:, 9:55] > 0).all()
    assert not prepared[:, :7].any()
    assert not prepared[:, 57:].any()


def test_a_person_outside_of_the_region_is_not_found(make_scene):
    scene = make_scene()
    frames = scene.waving(24)

    def seen(region):
        preparer = DepthPreparer(DepthPreparation(), 0.001, scene.camera, region)
        preparer.warm_up(frames)
        preparer.push(frames[-1])
        return preparer.view

    person = seen(None)
    assert person.distance_m is not None
    edge = 0.1
    assert person.box.x0 > edge * frames.shape[2]
    beside = seen((0.0, 0.0, edge, 1.0))
    assert beside.distance_m is None, "a wall is no person, though nothing is seen beside it"
    around = seen((0.15, 0.0, 0.85, 1.0))
    assert around.distance_m == pytest.approx(person.distance_m, abs=0.1)


def test_colour_is_cut_by_the_region_too(library, take):
    whole = cache.prepared_take(library, take.id, Modality.RGB, PREPARATION)
    set_region(library, [take.id], LEFT)
    part = cache.prepared_take(library, take.id, Modality.RGB, PREPARATION)
    assert (whole[:, 32] > 0).all(axis=(1, 2)).all()
    assert not part[:, :, :4].any()
    assert part[:, 32, 32].all()


def test_a_take_without_a_region_keeps_its_cached_arrays(library, take):
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    before = set(library.cache_folder.rglob("depth-*.npy"))
    set_region(library, [take.id], RIGHT)
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert len(set(library.cache_folder.rglob("depth-*.npy"))) == 2
    set_region(library, [take.id], None)
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert before < set(library.cache_folder.rglob("depth-*.npy"))


def test_what_is_seen_of_each_frame_stays_within_the_region(library, take):
    set_region(library, [take.id], LEFT)
    for view in cache.views(library, take.id, Preparation()):
        assert view.limits.x1 <= 160
