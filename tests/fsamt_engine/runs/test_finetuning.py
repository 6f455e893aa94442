"""A finetuning in full: every stage, whatever is stopped in between."""

from pathlib import Path

import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.result import finetune_result
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import change_segment, segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs import Outcome
from fsamt_engine.runs.execute import execute
from fsamt_engine.runs.perform import perform
from fsamt_engine.runs.queue import QueueStatus, add, queued_run

from .conftest import Make, weights


class Ear:
    """Hears a run, and asks for a stop once in a stage, at a step of it."""

    def __init__(self, stop: Stop | None = None, stage: int = 0, step: int = 1) -> None:
        self.told: list[Progress] = []
        self.asked: Stop | None = None
        self._stop, self._stage, self._step = stop, stage, step

    def hear(self, progress: Progress) -> None:
        self.told.append(progress)
        stage = progress.stage
        if (
            stage
            and stage.number == self._stage
            and "loss" in stage.progress.metrics
            and stage.progress.done >= self._step
        ):
            self.asked = self._stop

    def should_stop(self) -> Stop | None:
        return self.asked

    @property
    def stages(self) -> list[str]:
        return list(dict.fromkeys(one.stage.name for one in self.told if one.stage))


def test_everything_is_done_in_stages_and_only_two_models_are_kept(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    ear = Ear()
    outcome = perform(taught_library, request_of(start_id=teacher.id), on_progress=ear.hear)
    assert ear.stages == [
        "Finetuning",
        "Testing",
        "From scratch on the same labels",
        "Testing from scratch",
        "Label curve",
    ]
    assert {one.stage.count for one in ear.told if one.stage} == {5}
    assert [one.done for one in ear.told] == sorted(one.done for one in ear.told)
    assert ear.told[-1].done == ear.told[-1].total
    kept = {one.id for one in list_models(taught_library, ModelKind.RECOGNISER)}
    assert kept == {outcome.model_id, *outcome.also}
    result = finetune_result(taught_library, str(outcome.model_id))
    assert result.scores.n == 4
    assert result.scratch is not None
    assert result.scratch.id == outcome.also[0]
    assert result.scratch_scores is not None
    assert result.tested_on == ("P3",)
    assert result.n_labels == {"across": 4, "down": 4}
    assert result.curve is not None
    assert [step.name for step in result.curve.steps] == ["1", "2", "all (4)"]
    assert [len(step.points) for step in result.curve.steps] == [3, 3, 1]
    assert result.curve.is_complete
    assert any("only 4 clips" in remark for remark in result.remarks)


@pytest.mark.parametrize("stage", [3, 5])
def test_pause_in_any_stage_changes_nothing_in_the_result(
    taught_library: Library,
    request_of: Make,
    teacher: ModelRecord,
    finished_root: Path,
    stage: int,
) -> None:
    asked = request_of(start_id=teacher.id)
    ear = Ear(Stop.PAUSE, stage, step=2)
    told = [Outcome()]
    with pytest.raises(Cancelled) as stopped:
        perform(
            taught_library,
            asked,
            on_outcome=told.append,
            on_progress=ear.hear,
            should_stop=ear.should_stop,
        )
    assert stopped.value.resumable
    outcome = perform(taught_library, asked, begun=told[-1])
    with Library.open(finished_root) as straight:
        for model_id in (outcome.model_id, *outcome.also):
            assert weights(taught_library, model_id) == weights(straight, model_id)
        paused = finetune_result(taught_library, str(outcome.model_id))
        undisturbed = finetune_result(straight, str(outcome.model_id))
    assert paused.predictions == undisturbed.predictions
    assert paused.curve == undisturbed.curve


def test_best_that_was_kept_is_taken_up_after_a_pause_in_a_later_stage(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    asked = request_of(start_id=teacher.id, epochs=6, with_curve=False)
    ear = Ear(Stop.KEEP_BEST, stage=1, step=3)
    stages: list[Outcome] = []

    def then_pause() -> Stop | None:
        return Stop.PAUSE if "From scratch on the same labels" in ear.stages else ear.asked

    with pytest.raises(Cancelled):
        perform(
            taught_library,
            asked,
            on_outcome=stages.append,
            on_progress=ear.hear,
            should_stop=then_pause,
        )
    kept = stages[-1].model_id
    outcome = perform(taught_library, asked, begun=stages[-1])
    assert outcome.model_id == kept
    assert any("ended early" in note for note in outcome.notes)
    assert len(list_models(taught_library, ModelKind.RECOGNISER)) == 2


def test_keeping_the_best_once_ends_one_training_only(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    ear = Ear(Stop.KEEP_BEST, stage=1, step=3)
    outcome = perform(
        taught_library,
        request_of(start_id=teacher.id, epochs=6),
        on_progress=ear.hear,
        should_stop=ear.should_stop,
    )
    assert len(ear.stages) == 5, "the wish still stands, and no later stage takes it for its own"
    result = finetune_result(taught_library, str(outcome.model_id))
    assert result.curve is not None
    assert result.curve.is_complete
    assert "-" in result.model.key
    assert result.scratch is not None
    assert "-" not in result.scratch.key, "it was trained to its end"


def test_curve_is_broken_off_alone(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    ear = Ear(Stop.KEEP_BEST, stage=5, step=2)
    trainings: set[str] = set()

    def hear(progress: Progress) -> None:
        if progress.stage and progress.stage.number == 5:
            assert progress.stage.breaks_off
            trainings.add(progress.stage.progress.what)
        if len(trainings) > 3:
            ear.hear(progress)

    outcome = perform(
        taught_library,
        request_of(start_id=teacher.id),
        on_progress=hear,
        should_stop=ear.should_stop,
    )
    (note,) = outcome.notes
    assert note.startswith("The label curve was broken off after")
    result = finetune_result(taught_library, str(outcome.model_id))
    assert result.curve is not None
    assert 0 < result.curve.n_done < result.curve.n_planned
    assert {len(step.points) for step in result.curve.steps[:-1]} <= {1, 2}
    again = perform(taught_library, request_of(start_id=teacher.id))
    assert again.notes == ()
    completed = finetune_result(taught_library, str(outcome.model_id)).curve
    assert completed is not None
    assert completed.is_complete


def test_cancelling_a_later_stage_leaves_the_model(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    run = add(taught_library, request_of(start_id=teacher.id))
    ear = Ear(Stop.CANCEL, stage=3)
    with pytest.raises(Cancelled) as stopped:
        execute(taught_library, run.id, on_progress=ear.hear, should_stop=ear.should_stop)
    assert not stopped.value.resumable
    (kept,) = list_models(taught_library, ModelKind.RECOGNISER)
    run = queued_run(taught_library, run.id)
    assert run.status is QueueStatus.CANCELLED
    assert run.message == f"Cancelled. What was made before stays: {kept.id}."
    assert finetune_result(taught_library, kept.id).scratch is None
    assert not list(taught_library.cache_folder.glob("checkpoints/*"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test_participants": ("P2",)}, "both to train and to test"),
        ({"labels_per_action": 9}, "9 are asked for"),
        ({"actions": ("across",)}, "at least 2 actions"),
        ({"device": "cuda:7"}, "GPU"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(
    taught_library: Library, request_of: Make, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(FsamtError, match=words):
        perform(taught_library, request_of(**changes))
    assert not list_models(taught_library, ModelKind.RECOGNISER)


def test_people_whom_the_start_has_seen_are_no_test(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    asked = request_of(start_id=teacher.id, train_participants=("P3",), test_participants=("P2",))
    with pytest.raises(FsamtError, match="has seen P2"):
        perform(taught_library, asked)


def test_without_a_test_there_is_a_model_and_a_note(
    taught_library: Library, request_of: Make
) -> None:
    ear = Ear()
    outcome = perform(taught_library, request_of(test_participants=()), on_progress=ear.hear)
    assert ear.stages == ["Finetuning"]
    assert outcome.notes == ("Nobody was left out to test on, so there is no accuracy.",)
    with pytest.raises(FsamtError, match="was not tested yet"):
        finetune_result(taught_library, str(outcome.model_id))


def test_start_brings_its_own_network(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    outcome = perform(
        taught_library,
        request_of(start_id=teacher.id, network="r3d_18", with_scratch=False, with_curve=False),
    )
    assert find_model(taught_library, str(outcome.model_id)).network == "r3d_tiny"
    assert outcome.also == ()


@pytest.mark.parametrize("stage", [1, 3])
def test_labels_made_during_a_pause_change_nothing_in_a_run_that_goes_on(
    taught_library: Library,
    request_of: Make,
    teacher: ModelRecord,
    finished_root: Path,
    stage: int,
) -> None:
    run = add(taught_library, request_of(start_id=teacher.id))
    ear = Ear(Stop.PAUSE, stage, step=2)
    with pytest.raises(Cancelled):
        execute(taught_library, run.id, on_progress=ear.hear, should_stop=ear.should_stop)
    for participant in ("P1", "P3"):
        seen = segments(taught_library, participants=[participant], actions=["still"])
        change_segment(taught_library, seen[0].id, action="across")
    outcome = execute(taught_library, run.id)
    with Library.open(finished_root) as straight:
        for model_id in (outcome.model_id, *outcome.also):
            assert weights(taught_library, model_id) == weights(straight, model_id)
    result = finetune_result(taught_library, str(outcome.model_id))
    assert result.scores.n == 4
    assert result.scratch_scores is not None


def test_failed_run_that_made_nothing_takes_the_labels_as_they_are_now(
    taught_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    run = add(taught_library, request_of(with_curve=False, epochs=1))

    def fails(progress: Progress) -> None:
        raise FsamtError("The disk is full.", "")

    with pytest.raises(FsamtError):
        execute(taught_library, run.id, on_progress=fails)
    seen = segments(taught_library, participants=["P1"], actions=["still"])
    change_segment(taught_library, seen[0].id, action="across")
    outcome = execute(taught_library, run.id)
    result = finetune_result(taught_library, str(outcome.model_id))
    assert result.n_labels == {"across": 5, "down": 4}
