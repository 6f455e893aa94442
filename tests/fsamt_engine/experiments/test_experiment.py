"""Tables on a small real library: what they hold, what they refuse, and that nothing runs twice."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.protocols import split_by_participant
from fsamt_engine.experiments.experiment import run_experiment
from fsamt_engine.experiments.plan import make_plan
from fsamt_engine.experiments.settings import ExperimentKind, ExperimentSettings, PairChoice
from fsamt_engine.learning import FitSettings, Granularity, TeacherSettings, loop, train_teacher
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models, remove_model
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Progress, Stop

SETTINGS = ExperimentSettings(
    kind=ExperimentKind.CLASSIFICATION,
    source_actions=("across", "down"),
    target_actions=("diagonal", "still"),
    train_participants=("P1", "P2"),
    test_participants=("P3",),
    labels_per_action=(1, 2),
    n_seeds=2,
    shape=ClipShape(n_frames=8, step=1, size=16),
    preparation=Preparation(
        DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
    ),
    teacher=FitSettings(epochs=1, batch_size=4),
    transfer=FitSettings(epochs=1, batch_size=4),
    finetune=FitSettings(batch_size=4),
    finetune_steps=2,
)
THREE = ("from scratch", "flow pretraining", "ours")
SMALL = replace(SETTINGS, labels_per_action=(1,), n_seeds=1, methods=THREE)
"""Teacher, transfer, and one finetuning for each of three methods."""
RIVALS = (
    "soft targets, same actions",
    "soft targets, source actions",
    "hard labels + mutual learning, same actions",
    "mean squared (MARS)",
    "InfoNCE",
    "InfoNCE + cosine",
    "relational",
)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was trained, by the word that progress carries; a resumed training counts again."""
    started: list[str] = []
    original = loop.fit

    def counted(*arguments: object, what: str, **others: object) -> object:
        started.append(what)
        return original(*arguments, what=what, **others)  # type: ignore[arg-type]

    # By their modules: the package's names `transfer` and `finetune` are the functions.
    for room in ("teacher", "transfer", "finetune"):
        monkeypatch.setattr(sys.modules[f"fsamt_engine.learning.{room}"], "fit", counted)
    return started


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        (ExperimentKind.SOURCE_MODALITY, ["rgb teacher", "flow teacher"]),
        (ExperimentKind.GRANULARITY, ["clip", "video", "video+clip"]),
        (ExperimentKind.TARGET_LABELS, ["from scratch", "flow pretraining", "ours"]),
    ],
)
def test_table_has_a_row_for_each_method_and_number_of_labels(
    square_library: Library, kind: ExperimentKind, methods: list[str]
) -> None:
    result = run_experiment(square_library, replace(SETTINGS, kind=kind), device="cpu")
    assert [(row.method, row.labels_per_action) for row in result.rows] == [
        (method, n_labels) for method in methods for n_labels in (1, 2)
    ]
    for row in json.loads(json.dumps(result.to_dict()))["rows"]:
        assert len(row["accuracies"]) == 2
        assert row["mean"] == pytest.approx(np.mean(row["accuracies"]), abs=0.01)
        assert row["std"] == pytest.approx(np.std(row["accuracies"], ddof=1), abs=0.01)
        assert np.sum(row["confusion"]) == 2 * result.n_test
    assert result.n_test == 4


def test_result_says_what_made_it(square_library: Library) -> None:
    result = run_experiment(square_library, SMALL, device="cpu").to_dict()
    assert result["settings"]["finetune_steps"] == 2
    assert result["settings"]["preparation"] == SETTINGS.preparation.to_dict()
    assert result["n_takes_with_pairs"] == 8
    assert [one["name"] for one in result["teachers"]] == ["flow teacher"]
    assert result["teachers"][0]["n_test"] == 4
    assert "torch" in result["versions"]
    known = {model.id for model in list_models(square_library)}
    assert {one for row in result["rows"] for one in row["models"]} <= known


def test_a_given_teacher_that_was_taught_target_actions_is_refused(square_library: Library) -> None:
    taught = split_by_participant(segments(square_library), ("across", "still"), ("P1",))
    settings = TeacherSettings(shape=SETTINGS.shape, fit=SETTINGS.teacher)
    teacher = train_teacher(square_library, taught, settings, device="cpu")
    asked = replace(SMALL, source_actions=(), teachers=(teacher.id,))
    with pytest.raises(FsamtError, match="was taught still, which this table recognises"):
        make_plan(square_library, asked)
    others = replace(asked, target_actions=("diagonal", "down"))
    assert make_plan(square_library, others).source is None


def test_single_seed_has_no_spread(square_library: Library) -> None:
    rows = run_experiment(square_library, SMALL, device="cpu").to_dict()["rows"]
    assert [row["std"] for row in rows] == [None, None, None]


def test_second_call_trains_nothing_and_says_the_same(
    square_library: Library, trainings: list[str]
) -> None:
    first = run_experiment(square_library, SMALL, device="cpu")
    assert len(trainings) == 1 + 1 + 3
    trainings.clear()
    second = run_experiment(square_library, SMALL, device="cpu")
    assert trainings == []
    assert second.rows == first.rows


def test_lost_cell_is_all_that_is_trained_again(
    square_library: Library, trainings: list[str]
) -> None:
    first = run_experiment(square_library, SMALL, device="cpu")
    trainings.clear()
    remove_model(square_library, first.row("ours", 1).cells[0].model_id)
    second = run_experiment(square_library, SMALL, device="cpu")
    assert trainings == ["Finetuning (ours)"]
    assert second.rows == first.rows


def pausing_at(what: str) -> tuple[Callable[[Progress], None], Callable[[], Stop | None]]:
    reached = False

    def on_progress(progress: Progress) -> None:
        nonlocal reached
        assert progress.stage is not None
        words = (progress.what, progress.stage.progress.what)
        reached = reached or any(one.startswith(what) for one in words)

    return on_progress, lambda: Stop.PAUSE if reached else None


@pytest.mark.parametrize(
    "what", ["Preparing", "Training", "Computing", "Transferring", "Finetuning flow", "Testing"]
)
def test_paused_table_goes_on_where_it_stopped(
    square_library: Library, trainings: list[str], what: str
) -> None:
    on_progress, should_stop = pausing_at(what)
    with pytest.raises(Cancelled) as paused:
        run_experiment(
            square_library,
            SMALL,
            device="cpu",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    assert paused.value.resumable
    n_models = len(list_models(square_library))
    trainings.clear()
    result = run_experiment(square_library, SMALL, device="cpu")
    assert len(trainings) == 5 - n_models
    assert len(result.rows) == 3


def test_progress_never_goes_back_and_ends_at_the_whole(square_library: Library) -> None:
    told: list[Progress] = []
    run_experiment(square_library, SMALL, device="cpu", on_progress=told.append)
    shares = [progress.done / progress.total for progress in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert told[-1].total == told[0].total


def test_all_methods_get_the_same_labels_and_the_same_steps(square_library: Library) -> None:
    plan = make_plan(square_library, SETTINGS)
    assert [method.name for method in plan.methods] == [*THREE[:2], *RIVALS, "ours"]
    for (n_labels, seed), snapshot in plan.labels.items():
        fit = plan.finetune_settings(snapshot, seed).fit
        n_steps = fit.epochs * -(-len(snapshot.train) // fit.batch_size)
        assert n_steps == SETTINGS.finetune_steps
        assert len(snapshot.train) == 2 * n_labels
        assert {item.participant for item in snapshot.train} <= {"P1", "P2"}
        assert {item.participant for item in snapshot.test} == {"P3"}


def test_transfer_takes_pairs_of_training_participants_only(square_library: Library) -> None:
    for choice, n_takes in ((PairChoice.TARGET, 8), (PairChoice.ALL, 16)):
        plan = make_plan(square_library, replace(SETTINGS, pairs=choice))
        of_test = {item.take_id for item in plan.test + plan.source.test}
        assert len(plan.pairs) == n_takes
        assert not of_test & set(plan.pairs)


def test_transfers_of_several_seeds_take_turns(square_library: Library) -> None:
    result = run_experiment(
        square_library, replace(SMALL, n_seeds=2, transfer_seeds=2), device="cpu"
    )
    models = {model.id: model for model in list_models(square_library)}
    parents = [models[cell.model_id].parent_id for cell in result.row("ours", 1).cells]
    assert parents == [student.model_id for student in result.students]
    assert len(set(parents)) == 2
    assert "2 transfers" in result.spread_covers


def test_granularity_of_a_table_can_be_chosen(square_library: Library) -> None:
    settings = replace(SETTINGS, granularity=Granularity.CLIP)
    assert make_plan(square_library, settings).transfers[0][0].granularity is Granularity.CLIP


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target_actions": ("down", "still")}, "Source and target share the action down"),
        ({"test_participants": ("P2", "P3")}, "Training and test share the participant P2"),
        ({"target_actions": ("diagonal", "stil")}, 'no action "stil"'),
        ({"test_participants": ("P9",)}, 'no participant "P9"'),
        ({"labels_per_action": (1, 40)}, "40 are asked for"),
        ({"network": "r4d"}, 'no network called "r4d"'),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_trained(
    square_library: Library, trainings: list[str], changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(FsamtError, match=sentence):
        run_experiment(square_library, replace(SETTINGS, **changes), device="cpu")  # type: ignore[arg-type]
    assert trainings == []


def test_depth_only_takes_can_be_tested_on(square_library: Library) -> None:
    square_library.write(
        lambda db: db.execute("UPDATE takes SET n_pairs = 0 WHERE participant = 'P3'")
    )
    result = run_experiment(square_library, SMALL, device="cpu")
    assert result.n_test == 4
    assert result.teachers[0].scores is None
    assert "test_accuracy" not in result.to_dict()["teachers"][0]


def test_takes_without_colour_are_refused_before_anything_is_trained(
    square_library: Library, trainings: list[str]
) -> None:
    square_library.write(lambda db: db.execute("UPDATE takes SET n_pairs = 0"))
    with pytest.raises(FsamtError, match="no pairs"):
        run_experiment(square_library, SETTINGS, device="cpu")
    assert trainings == []
