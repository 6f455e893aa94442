import errno
import os
from collections import Counter

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities import arrays, building, cache, matching
from fsamt_engine.modalities.depth import prepare_depth
from fsamt_engine.modalities.preparation import (
    Crop,
    DepthPreparation,
    FlowSettings,
    Modality,
    Preparation,
)
from fsamt_engine.progress import Progress, Stop

PREPARATION = Preparation()
WHOLE = Preparation(depth=DepthPreparation(crop=Crop("frame"), relative=False))
ALL = (Modality.RGB, Modality.FLOW, Modality.DEPTH)


def colour_frames(n_frames):
    """(T, 240, 320, 3): a bright bar that moves right by 4 pixels a frame."""
    frames = np.full((n_frames, 240, 320, 3), 60, np.uint8)
    for t, frame in enumerate(frames):
        frame[:, 40 + 4 * t : 80 + 4 * t] = 200
    return frames


@pytest.fixture
def take(add_made_take, make_scene):
    return add_made_take(make_scene().waving(12), colour_frames(12))


def only_file(library, modality):
    (path,) = library.cache_folder.rglob(f"{modality}-*.npy")
    return path


def test_depth_comes_out_as_prepared_frame_by_frame(library, take, make_scene):
    scene = make_scene()
    array = cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    wanted = prepare_depth(scene.waving(12), PREPARATION.depth, 0.001, scene.camera)
    assert array.dtype == np.float16
    assert np.array_equal(array, wanted)


def test_every_modality_is_indexed_by_depth_frame(library, take):
    rgb = cache.prepared_take(library, take.id, Modality.RGB, PREPARATION)
    flow = cache.prepared_take(library, take.id, Modality.FLOW, PREPARATION)
    assert (rgb.shape, rgb.dtype) == ((12, 64, 64, 3), np.uint8)
    assert (flow.shape, flow.dtype) == ((12, 64, 64, 2), np.uint8)
    assert np.array_equal(flow[0], flow[1]), "the first frame repeats the second"
    assert flow[5, 20:40, :, 0].max() > 140, "the bar moves to the right"


def test_the_cache_is_mapped_and_read_only(library, take):
    array = cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert isinstance(array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


@pytest.fixture
def decoded(monkeypatch):
    """Counts the frames that are decoded, by kind of reader."""
    counts = Counter()
    for reader in (building.DepthReader, building.ColourReader):
        original = reader.frame

        def counting(self, number, original=original, name=reader.__name__):
            counts[name] += 1
            return original(self, number)

        monkeypatch.setattr(reader, "frame", counting)
    return counts


def test_a_take_is_decoded_once_for_all_modalities(library, take, decoded):
    cache.prepare_takes(library, [take.id], ALL, PREPARATION)
    for modality in ALL:
        cache.prepared_take(library, take.id, modality, PREPARATION)
    assert decoded == {"DepthReader": 12, "ColourReader": 12}


def test_depth_is_not_decoded_again_for_colour(library, take, decoded):
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    cache.prepared_take(library, take.id, Modality.FLOW, PREPARATION)
    assert decoded["DepthReader"] == 12


def test_other_flow_settings_leave_depth_and_rgb_as_they_are(library, take, decoded):
    cache.prepare_takes(library, [take.id], ALL, PREPARATION)
    decoded.clear()
    faster = Preparation(flow=FlowSettings(preset="fast"))
    cache.prepare_takes(library, [take.id], ALL, faster)
    assert decoded == {"ColourReader": 12}


def test_a_long_take_gives_the_same_without_being_held(library, take, monkeypatch):
    held = np.array(cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION))
    only_file(library, "depth").unlink()
    monkeypatch.setattr(building, "_HELD_BYTES", 0)
    monkeypatch.setattr(building, "_READ_AT_ONCE", 5)
    assert np.array_equal(held, cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION))


def test_a_long_take_that_breaks_off_is_not_read_on(library, take, monkeypatch):
    """What decodes ahead has ended before the file is closed."""
    monkeypatch.setattr(building, "_HELD_BYTES", 0)
    monkeypatch.setattr(building, "_READ_AT_ONCE", 2)
    read, close, events = DepthReader.read, DepthReader.close, []
    monkeypatch.setattr(
        DepthReader, "read", lambda self, *at: events.append("read") or read(self, *at)
    )
    monkeypatch.setattr(DepthReader, "close", lambda self: events.append("closed") or close(self))
    monkeypatch.setattr(building.DepthPreparer, "push", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert 1 <= events.count("read") <= 3
    assert events[-1] == "closed"
    assert not list(library.cache_folder.rglob("depth-*.npy"))


def cut_short(path):
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 100)


def make_empty(path):
    path.write_bytes(b"")


def make_garbage(path):
    path.write_bytes(b"garbage" * 1000)


def make_other_shape(path):
    np.save(path, np.zeros((3, 4), np.float16))


@pytest.mark.parametrize(
    "damage", [cut_short, make_empty, make_garbage, make_other_shape, lambda path: path.unlink()]
)
@pytest.mark.parametrize("modality", ALL)
def test_a_damaged_or_deleted_array_comes_back(library, take, modality, damage):
    cache.prepare_takes(library, [take.id], ALL, PREPARATION)
    path = only_file(library, modality)
    before = path.read_bytes()
    damage(path)
    array = cache.prepared_take(library, take.id, modality, PREPARATION)
    assert len(array) == 12
    assert path.read_bytes() == before


def test_other_settings_have_a_file_of_their_own(library, take):
    whole = cache.prepared_take(library, take.id, Modality.DEPTH, WHOLE)
    person = cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert not np.array_equal(whole, person)
    assert len(list(library.cache_folder.rglob("depth-*.npy"))) == 2


def test_depth_frames_without_partner_take_the_nearest_earlier(library, add_made_take, make_scene):
    pairs = np.array([[2, 1, 0], [3, 2, 0], [6, 4, 0]])
    assert matching.partners(pairs, 8).tolist() == [1, 1, 1, 2, 2, 2, 4, 4]
    take = add_made_take(make_scene().waving(8), colour_frames(5), pairs)
    rgb = cache.prepared_take(library, take.id, Modality.RGB, WHOLE)
    assert np.array_equal(rgb[0], rgb[2])
    assert not np.array_equal(rgb[2], rgb[3])
    flow = cache.prepared_take(library, take.id, Modality.FLOW, WHOLE)
    assert np.array_equal(flow[0], flow[3])
    assert np.array_equal(flow[4], flow[3])
    assert not np.array_equal(flow[6], flow[5])


def test_a_take_with_a_single_pair_has_still_flow(library, add_made_take, make_scene):
    take = add_made_take(make_scene().waving(3), colour_frames(1), np.array([[0, 0, 0]]))
    flow = cache.prepared_take(library, take.id, Modality.FLOW, PREPARATION)
    assert (flow == 128).all()


def test_a_take_without_colour_is_refused_in_a_sentence(library, add_made_take, make_scene):
    take = add_made_take(make_scene().waving(3))
    assert cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION).shape[0] == 3
    with pytest.raises(FsamtError, match="no colour"):
        cache.prepared_take(library, take.id, Modality.FLOW, PREPARATION)


def test_colour_without_pairs_is_refused_in_a_sentence(library, add_made_take, make_scene):
    take = add_made_take(make_scene().waving(3), colour_frames(3), np.zeros((0, 3)))
    with pytest.raises(FsamtError, match="no pairs"):
        cache.prepared_take(library, take.id, Modality.RGB, PREPARATION)


def test_a_truncated_depth_file_is_named_and_leaves_nothing(library, take):
    path = library.absolute(take.streams[1].path)
    assert path.name == "depth.mkv"
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 2 // 3)
    with pytest.raises(FsamtError, match="lacks"):
        cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert not [p for p in library.cache_folder.rglob("*") if p.is_file()]


def test_what_a_killed_process_left_is_swept(library, take):
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    path = only_file(library, "depth")
    old, new = (path.with_name(f".{path.name}.{n}-ab") for n in (1, 2))
    for left in (old, new):
        left.write_bytes(b"half")
    os.utime(old, (0, 0))
    path.unlink()
    cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert not old.exists()
    assert new.exists(), "somebody may be writing it now"


def test_a_full_disk_is_a_sentence_and_leaves_nothing(library, take, monkeypatch):
    class FullDisk:
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    entered = arrays.ArrayWriter.__enter__

    def enter(self):
        entered(self)
        self._file.close()
        self._file = FullDisk()
        return self

    monkeypatch.setattr(arrays.ArrayWriter, "__enter__", enter)
    with pytest.raises(FsamtError, match="disk is full"):
        cache.prepared_take(library, take.id, Modality.DEPTH, PREPARATION)
    assert not [p for p in library.cache_folder.rglob("*") if p.is_file()]


@pytest.fixture
def takes(add_made_take, make_scene):
    frames = make_scene().waving(4)
    return [
        add_made_take(frames + np.uint16(i), colour_frames(4), key=f"made/{i}") for i in range(5)
    ]


def test_many_takes_are_prepared_with_progress(library, takes):
    told: list[Progress] = []
    ids = [take.id for take in takes]
    cache.prepare_takes(library, ids, ALL, PREPARATION, on_progress=told.append, workers=2)
    assert told[-1].done == told[-1].total == 5
    assert [p.done for p in told] == sorted(p.done for p in told)
    for modality in ALL:
        assert len(list(library.cache_folder.rglob(f"{modality}-*.npy"))) == 5


def test_preparing_stops_when_asked_and_goes_on_later(library, takes):
    ids = [take.id for take in takes]
    with pytest.raises(Cancelled) as stopped:
        cache.prepare_takes(library, ids, ALL, PREPARATION, should_stop=lambda: Stop.PAUSE)
    assert stopped.value.resumable
    assert len(list(library.cache_folder.rglob("depth-*.npy"))) < 5
    assert not list(library.cache_folder.rglob(".*"))
    cache.prepare_takes(library, ids, ALL, PREPARATION)
    assert len(list(library.cache_folder.rglob("depth-*.npy"))) == 5


def test_cancelled_preparation_is_not_to_be_resumed(library, takes):
    ids = [take.id for take in takes]
    with pytest.raises(Cancelled) as stopped:
        cache.prepare_takes(library, ids, ALL, PREPARATION, should_stop=lambda: Stop.CANCEL)
    assert not stopped.value.resumable


def test_an_error_in_one_take_ends_the_preparation(library, takes, add_made_take, make_scene):
    bare = add_made_take(make_scene().waving(3), key="made/bare")
    with pytest.raises(FsamtError, match="no colour"):
        cache.prepare_takes(library, [bare.id, takes[0].id], ALL, PREPARATION, workers=1)


def test_the_views_of_a_take_are_those_of_its_preparation(library, take):
    seen = cache.views(library, take.id, PREPARATION)
    assert len(seen) == 12
    assert seen[0].distance_m == pytest.approx(2.8, abs=0.1)
    assert seen[0].box.x1 - seen[0].box.x0 == pytest.approx(285.6 * 2.4 / 2.8, rel=0.05)
    whole = cache.views(library, take.id, WHOLE)
    assert whole[0].distance_m is None
