"""A finetuning in full: every stage, whatever is stopped in between."""

import pytest

from fsamt_engine.evaluation import split_by_participant
from fsamt_engine.evaluation.result import finetune_result
from fsamt_engine.learning import FitSettings, TeacherSettings, train_teacher
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs.perform import perform

from .conftest import Make


@pytest.fixture
def teacher(square_library: Library) -> ModelRecord:
    snapshot = split_by_participant(segments(square_library), ("diagonal", "still"), ("P1", "P2"))
    settings = TeacherSettings(fit=FitSettings(epochs=1, batch_size=4))
    return train_teacher(square_library, snapshot, settings, device="cpu")


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
    square_library: Library, request_of: Make, teacher: ModelRecord
) -> None:
    ear = Ear()
    outcome = perform(square_library, request_of(start_id=teacher.id), on_progress=ear.hear)
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
    kept = {one.id for one in list_models(square_library, ModelKind.RECOGNISER)}
    assert kept == {outcome.model_id, *outcome.also}
    result = finetune_result(square_library, str(outcome.model_id))
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
