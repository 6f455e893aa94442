import multiprocessing
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.capture.figure import JOINTS
from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings, add_simulated_takes
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import list_takes, pairs, take, timestamps
from fsamt_engine.library.verify import verify
from fsamt_engine.media import ColourReader, DepthReader, read_skeleton
from fsamt_engine.progress import Stop

SETTINGS = SimulatedLibrarySettings(
    participants=2, takes_per_action=2, actions=("wave", "kick"), width=64, height=48, seconds=0.4
)
IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings, add_simulated_takes
from fsamt_engine.library import Library

if __name__ == "__main__":
    settings = SimulatedLibrarySettings(
        participants=2, takes_per_action=2, actions=("wave", "kick"),
        width=64, height=48, seconds=0.4,
    )
    with Library.open(Path(sys.argv[1])) as library:
        add_simulated_takes(
            library, settings, on_progress=lambda p: print(p.done, flush=True), workers=2
        )
"""


@pytest.fixture
def library(tmp_path):
    with Library.create(tmp_path / "library") as library:
        yield library


def content(library):
    """What the takes of a library are, without what is of this machine and moment."""
    return [
        (row.session, row.participant, row.number, row.actions, *(
            (s.kind, s.n_frames, s.sha256) for s in take(library, row.id).streams
            if s.kind is StreamKind.SKELETON
        ), pairs(library, row.id).tobytes())
        for row in list_takes(library)
    ]  # fmt: skip


def test_every_participant_does_every_action(library):
    assert add_simulated_takes(library, SETTINGS, workers=1) == SETTINGS.n_takes == 8
    rows = list_takes(library)
    assert sorted((row.participant, *row.actions) for row in rows) == [
        (who, what) for who in ("P01", "P02") for what in ("kick", "wave") for _ in range(2)
    ]
    assert len({row.session for row in rows}) == 4
    assert all(row.has_colour for row in rows)
    assert verify(library).problems == ()
    for segment in segments(library):
        depth = take(library, segment.take_id).stream(StreamKind.DEPTH)
        assert (segment.start, segment.end) == (0, depth.n_frames)


def test_a_stored_take_is_what_the_scene_shows(library):
    one = replace(SETTINGS, participants=1, takes_per_action=1, actions=("wave",))
    add_simulated_takes(library, one, workers=1)
    stored = take(library, list_takes(library)[0].id)
    scene = SimulatedScene(SceneSettings(seed=0, width=64, height=48))
    shown = list(scene.frames("wave", seconds=(0.3, 0.5)))

    def path(kind):
        return library.absolute(stored.stream(kind).path)

    with (
        DepthReader(path(StreamKind.DEPTH)) as depth,
        ColourReader(path(StreamKind.COLOUR)) as colour,
    ):
        assert len(shown) == depth.n_frames == colour.n_frames == stored.n_pairs
        for pair, depth_frame, colour_frame in zip(shown, depth, colour, strict=True):
            assert np.array_equal(pair.depth, depth_frame)
            assert np.abs(pair.colour.astype(int) - colour_frame).mean() < 6
    joints = read_skeleton(path(StreamKind.SKELETON))
    assert joints.shape == (len(shown), 1, len(JOINTS), 3)
    assert np.array_equal(joints[:, 0], np.stack([pair.joints for pair in shown]))
    assert stored.stream(StreamKind.DEPTH).unit_m == 0.001
    assert stored.calibration == scene.calibration
    table = pairs(library, stored.id)
    depth_us = timestamps(library, stored.id, StreamKind.DEPTH)
    colour_us = timestamps(library, stored.id, StreamKind.COLOUR)
    assert np.array_equal(table[:, 2], depth_us[table[:, 0]] - colour_us[table[:, 1]])
    assert table[:, 2].tolist() == [pair.skew_us for pair in shown]


def test_a_second_call_adds_nothing_and_more_takes_add_only_the_missing(library):
    add_simulated_takes(library, SETTINGS, workers=1)
    before = [row.id for row in list_takes(library)]
    assert add_simulated_takes(library, SETTINGS, workers=1) == 0
    more = replace(SETTINGS, takes_per_action=3)
    assert add_simulated_takes(library, more, workers=1) == 4
    assert set(before) < {row.id for row in list_takes(library)}


def test_other_settings_are_other_takes(library):
    few = replace(SETTINGS, participants=1, takes_per_action=1)
    assert add_simulated_takes(library, few, workers=1) == 2
    assert add_simulated_takes(library, replace(few, seed=1), workers=1) == 2
    assert add_simulated_takes(library, replace(few, width=80), workers=1) == 2


def test_stopping_keeps_what_was_added_and_going_on_ends_the_same(library, tmp_path):
    told = []

    def stop_after_three():
        return Stop.PAUSE if told and told[-1].done >= 3 else None

    with pytest.raises(Cancelled):
        add_simulated_takes(
            library, SETTINGS, on_progress=told.append, should_stop=stop_after_three, workers=1
        )
    assert len(list_takes(library)) == 3
    assert not list(library.takes_folder.glob(".incoming*"))
    assert add_simulated_takes(library, SETTINGS, workers=1) == 5
    with Library.create(tmp_path / "undisturbed") as undisturbed:
        add_simulated_takes(undisturbed, SETTINGS, workers=1)
        assert content(undisturbed) == content(library)


def test_a_killed_run_goes_on_where_it_was_and_leaves_no_process(library, tmp_path):
    script = tmp_path / "simulate.py"
    script.write_text(IN_ANOTHER_PROCESS)
    program = subprocess.Popen(
        [sys.executable, script, library.root], stdout=subprocess.PIPE, text=True
    )
    for line in program.stdout:
        if int(line) == 2:
            program.kill()
            break
    # The helpers share the pipe: it ends when the last of them has.
    program.communicate(timeout=60)
    add_simulated_takes(library, SETTINGS, workers=1)
    assert len(list_takes(library)) == 8
    assert verify(library).problems == ()
    with Library.create(tmp_path / "undisturbed") as undisturbed:
        add_simulated_takes(undisturbed, SETTINGS, workers=1)
        assert content(undisturbed) == content(library)


def test_no_helper_is_left_and_none_imports_torch(library):
    add_simulated_takes(library, replace(SETTINGS, participants=1, takes_per_action=1), workers=2)
    assert multiprocessing.active_children() == []
    asked = "import sys, fsamt_engine.capture.simulated_library; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


@pytest.mark.parametrize(
    "wrong", [{"actions": ("moonwalk",)}, {"participants": 0}, {"width": 8}, {"seconds": 0.0}]
)
def test_settings_that_make_no_sense_are_refused_before_anything_is_written(library, wrong):
    with pytest.raises(FsamtError) as refusal:
        add_simulated_takes(library, replace(SETTINGS, **wrong), workers=1)
    assert refusal.value.hint
    assert list_takes(library) == []
    assert list(library.takes_folder.iterdir()) == []
