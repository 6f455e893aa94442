"""The demo in small: from nothing to a table, and on after a stop."""

from dataclasses import replace
from pathlib import Path

import pytest

from fsamt_engine.capture.simulated import ACTIONS
from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.experiments.demo import DemoSettings, demo_library, run_demo
from fsamt_engine.experiments.settings import ExperimentKind, ExperimentSettings, from_dict
from fsamt_engine.learning import FitSettings
from fsamt_engine.learning.settings import TEACHER_FIT
from fsamt_engine.library import Library
from fsamt_engine.library.takes import count_takes
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.progress import Progress, Stop

SMALL = DemoSettings(
    SimulatedLibrarySettings(
        participants=2, takes_per_action=2, visits=1, width=48, height=36, rate_hz=15, seconds=1
    ),
    ExperimentSettings(
        kind=ExperimentKind.CLASSIFICATION,
        source_actions=("bow", "kick"),
        target_actions=("wave", "squat"),
        train_participants=("P01",),
        test_participants=("P02",),
        labels_per_action=(1,),
        n_seeds=2,
        shape=ClipShape(n_frames=8, step=1, size=16),
        teacher=FitSettings(epochs=1, batch_size=4),
        transfer=FitSettings(epochs=1, batch_size=4),
        finetune=FitSettings(batch_size=4),
        finetune_steps=1,
        methods=("from scratch", "flow pretraining", "ours"),
    ),
)


def test_demo_leads_from_nothing_to_a_table(tmp_path: Path) -> None:
    told: list[Progress] = []
    with demo_library(tmp_path / "demo") as library:
        result = run_demo(library, SMALL, device="cpu", on_progress=told.append)
        # The source actions of those who are only tested are not needed.
        assert count_takes(library) == 2 * 2 + 2 * 2 * 2
    assert [row.method for row in result.rows] == ["from scratch", "flow pretraining", "ours"]
    assert result.n_test == 4
    shares = [one.done / one.total for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_stopped_demo_goes_on(tmp_path: Path) -> None:
    told: list[Progress] = []
    with demo_library(tmp_path / "demo") as library:
        with pytest.raises(Cancelled):
            run_demo(
                library,
                SMALL,
                device="cpu",
                on_progress=told.append,
                should_stop=lambda: Stop.PAUSE if len(told) > 3 else None,
            )
        n_before = count_takes(library)
    assert 0 < n_before < 12
    with demo_library(tmp_path / "demo") as library:
        run_demo(library, replace(SMALL), device="cpu")
        assert count_takes(library) == 12


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(FsamtError, match="not an empty folder") as refused:
        demo_library(tmp_path)
    assert "--library" in refused.value.hint


def test_demo_tests_people_and_actions_that_nothing_was_trained_on() -> None:
    demo = DemoSettings.load()
    own = demo.experiment
    assert not set(own.source_actions) & set(own.target_actions)
    assert {*own.source_actions, *own.target_actions} <= set(ACTIONS)
    people = [f"P{number + 1:02d}" for number in range(demo.takes.participants)]
    assert [*own.train_participants, *own.test_participants] == people
    n_test = len(own.test_participants) * len(own.target_actions) * demo.takes.takes_per_action
    assert n_test >= 90


def test_settings_file_with_a_slip_is_not_read_over() -> None:
    with pytest.raises(KeyError, match="has no epoch"):
        from_dict(FitSettings, {"epoch": 3})


def test_what_a_settings_file_does_not_name_keeps_its_default() -> None:
    plain = {name: value for name, value in SMALL.experiment.to_dict().items() if value}
    del plain["preparation"]
    changed = from_dict(ExperimentSettings, plain | {"teacher": {"epochs": 3}})
    assert changed.teacher == replace(TEACHER_FIT, epochs=3)


def test_settings_come_back_from_json() -> None:
    plain = SMALL.experiment.to_dict()
    del plain["preparation"]
    assert from_dict(ExperimentSettings, plain) == SMALL.experiment


def test_library_of_the_demo_is_found_again(tmp_path: Path) -> None:
    with demo_library(tmp_path / "demo") as library:
        root = library.root
    with demo_library(root) as again:
        assert isinstance(again, Library)
