"""Tables whose teachers were there before: published weights, and teachers of other actions."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.experiments.defaults import experiment_defaults
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.given_teachers import names_of
from fsamt_engine.experiments.plan import make_plan
from fsamt_engine.experiments.reporting import summary
from fsamt_engine.experiments.settings import ExperimentKind, ExperimentSettings
from fsamt_engine.experiments.stored import list_experiments
from fsamt_engine.learning import FitSettings, TeacherSettings, train_teacher
from fsamt_engine.learning.published_import import import_published
from fsamt_engine.learning.published_model import PublishedCrop, PublishedOptions
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.actions import change_action
from fsamt_engine.library.labels import segments
from fsamt_engine.modalities.clips import ClipShape
from tests.fsamt_engine.networks.layouts import resnet3d_shapes, values

SETTINGS = ExperimentSettings(
    kind=ExperimentKind.KINETICS_TO_NTU,
    source_actions=(),
    target_actions=("clapping", "still"),
    train_participants=("P1", "P2"),
    test_participants=("P3",),
    labels_per_action=(1,),
    n_seeds=1,
    transfer=FitSettings(epochs=1, batch_size=8),
    finetune_steps=1,
    teachers=("to be named",),
)
OPTIONS = PublishedOptions(PublishedCrop.FRAME, n_frames=2, step=2)


@pytest.fixture
def clapping(square_library: Library) -> Library:
    """A library with an action of a Kinetics-400 name."""
    change_action(square_library, "diagonal", new_name="clapping")
    return square_library


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of published layout, with random values."""
    path = tmp_path_factory.mktemp("weights") / "r3d18_K_200ep.pth"
    torch.save({"state_dict": values(resnet3d_shapes(18, 3, 400))}, path)
    return path


def taught(library: Library, actions: tuple[str, ...]) -> ModelRecord:
    learned = split_by_participant(segments(library), actions, ("P1",))
    settings = TeacherSettings(
        shape=ClipShape(n_frames=4, step=1, size=16), fit=FitSettings(epochs=1, batch_size=4)
    )
    return train_teacher(library, learned, settings, device="cpu")


def test_published_weights_that_name_a_target_action_fill_in_the_papers_table(
    clapping: Library, weights: Path
) -> None:
    teacher = import_published(clapping, weights, OPTIONS)
    assert "clapping" in teacher.actions
    result = run_experiment(clapping, replace(SETTINGS, teachers=(teacher.id,)), device="cpu")
    assert [row.method for row in result.rows] == ["from scratch", "ours (Kinetics-400, rgb)"]
    (remark,) = result.remarks
    assert remark.startswith("clapping is an action that the teacher (Kinetics-400, rgb) learned")
    assert remark in list(summary(result))
    (stored,) = list_experiments(clapping)
    assert remark in stored.facts["sentences"]
    assert result.table.methods == stored.table.methods


def test_a_teacher_that_learned_target_actions_from_the_library_is_refused(
    clapping: Library,
) -> None:
    teacher = taught(clapping, ("clapping", "across"))
    asked = replace(SETTINGS, teachers=(teacher.id,))
    with pytest.raises(FsamtError, match="was taught clapping, which this table recognises"):
        make_plan(clapping, asked)
    assert make_plan(clapping, replace(asked, target_actions=("down", "still"))).remarks == ()


def test_a_teacher_of_another_data_set_may_name_its_actions_alike(clapping: Library) -> None:
    teacher = taught(clapping, ("clapping", "across"))
    clapping.write(
        lambda db: db.conn.execute("UPDATE takes SET source = 'kinetics' WHERE participant = 'P1'")
    )
    plan = make_plan(
        clapping, replace(SETTINGS, train_participants=("P2",), teachers=(teacher.id,))
    )
    assert [one.name for one in plan.methods][-1] == "ours (2 actions of kinetics, flow)"
    assert "by the same name" in plan.remarks[0]


def test_only_teachers_that_are_called_alike_carry_their_ids(
    clapping: Library, weights: Path
) -> None:
    one = import_published(clapping, weights, OPTIONS)
    other = import_published(clapping, weights, replace(OPTIONS, n_frames=4))
    assert set(names_of(clapping, [one]).values()) == {"Kinetics-400, rgb"}
    assert names_of(clapping, [one, other])[other.id] == f"Kinetics-400, rgb, {other.id}"


def test_what_published_weights_name_is_still_there_to_be_recognised(
    clapping: Library, weights: Path
) -> None:
    teacher = import_published(clapping, weights, OPTIONS)
    kind = ExperimentKind.KINETICS_TO_NTU
    assert "clapping" in experiment_defaults(clapping, kind, teachers=(teacher.id,)).target_actions
