"""Tests of trained models: what is kept, what is refused, and how clips become videos."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.answers import EvaluationSettings
from fsamt_engine.evaluation.evaluate import evaluate, video_answers
from fsamt_engine.evaluation.scores import ClipAveraging
from fsamt_engine.learning import (
    FinetuneSettings,
    FitSettings,
    TeacherSettings,
    TransferSettings,
    finetune,
    train_teacher,
    transfer,
)
from fsamt_engine.library import Library, ModelRecord, SnapshotItem
from fsamt_engine.library import models as library_models
from fsamt_engine.library.labels import segments
from fsamt_engine.library.runs import list_runs
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation
from fsamt_engine.progress import Stop

ACTIONS = ("diagonal", "still")
SHAPE = ClipShape(n_frames=8, step=1, size=16)
PREPARATION = Preparation(
    DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False, far_m=4.0)
)
FIT = FitSettings(epochs=1, batch_size=4)


def items(library: Library, participant: str, actions: tuple[str, ...]) -> list[SnapshotItem]:
    return [
        SnapshotItem(s.take_id, s.participant, s.start, s.end, s.action)
        for s in segments(library, actions=actions, participants=[participant])
    ]


def finetuned(
    library: Library, start: ModelRecord | None = None, participant: str = "P1"
) -> ModelRecord:
    snapshot = make_snapshot("test", ACTIONS, items(library, participant, ACTIONS))
    settings = FinetuneSettings(shape=SHAPE, preparation=PREPARATION, fit=FIT)
    return finetune(library, start, snapshot, settings, device="cpu")


def taught(library: Library, participant: str) -> ModelRecord:
    actions = ("across", "down")
    snapshot = make_snapshot("test", actions, items(library, participant, actions))
    settings = TeacherSettings(shape=SHAPE, preparation=PREPARATION, fit=FIT)
    return train_teacher(library, snapshot, settings, device="cpu")


@pytest.fixture
def recogniser(square_library: Library) -> ModelRecord:
    return finetuned(square_library)


def test_test_is_kept_with_the_model_and_read_the_second_time(
    square_library: Library, recogniser: ModelRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = items(square_library, "P3", ACTIONS)
    first = evaluate(square_library, recogniser, test, device="cpu")
    assert first.scores.n == len(test) == 4
    metrics = library_models.model(square_library, recogniser.id).metrics
    assert metrics["test_accuracy"] == first.scores.accuracy
    assert metrics["test_n"] == 4
    assert list_runs(square_library)[0].kind == "evaluation"

    def not_again(*_: object) -> None:
        raise AssertionError("computed twice")

    monkeypatch.setattr("fsamt_engine.evaluation.evaluate.load_model", not_again)
    assert evaluate(square_library, recogniser, test[::-1], device="cpu") == first


def test_damaged_result_is_computed_again(square_library: Library, recogniser: ModelRecord) -> None:
    test = items(square_library, "P3", ACTIONS)
    first = evaluate(square_library, recogniser, test, device="cpu")
    (kept,) = (square_library.cache_folder / "evaluations").iterdir()
    kept.write_text(kept.read_text()[:200])
    assert evaluate(square_library, recogniser, test, device="cpu") == first


def test_other_settings_are_another_test(square_library: Library, recogniser: ModelRecord) -> None:
    test = items(square_library, "P3", ACTIONS)
    for settings in (EvaluationSettings(), EvaluationSettings(averaging=ClipAveraging.LOGITS)):
        evaluate(square_library, recogniser, test, settings, device="cpu")
    assert len(list((square_library.cache_folder / "evaluations").iterdir())) == 2


def test_stopped_test_keeps_nothing(square_library: Library, recogniser: ModelRecord) -> None:
    test = items(square_library, "P3", ACTIONS)
    with pytest.raises(Cancelled):
        evaluate(square_library, recogniser, test, device="cpu", should_stop=lambda: Stop.PAUSE)
    assert not (square_library.cache_folder / "evaluations").exists()


def test_averaging_of_logits_is_the_softmax_of_mean_logits() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (7, 4))
    owners = np.array([0, 0, 1, 1, 1, 2, 2])
    clips = (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(np.float32)
    means = np.array([logits[owners == video].mean(0) for video in range(3)])
    expected = np.exp(means) / np.exp(means).sum(1, keepdims=True)
    np.testing.assert_allclose(
        video_answers(clips, owners, ClipAveraging.LOGITS), expected, rtol=1e-4
    )
    by_video = np.array([clips[owners == video].mean(0) for video in range(3)])
    np.testing.assert_allclose(
        video_answers(clips, owners, ClipAveraging.PROBABILITIES), by_video, rtol=1e-6
    )


def test_averaging_can_change_the_answer_which_is_why_it_is_a_setting() -> None:
    logits = np.array([[8.0, 0.0], [0.0, 2.0], [0.0, 2.0]])
    clips = (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(np.float32)
    owners = np.zeros(3, np.int64)
    assert video_answers(clips, owners, ClipAveraging.LOGITS).argmax() == 0
    assert video_answers(clips, owners, ClipAveraging.PROBABILITIES).argmax() == 1


@pytest.mark.parametrize(
    ("seen_by", "make"),
    [
        ("recogniser", lambda library: finetuned(library, None, "P3")),
        ("teacher", lambda library: finetuned(library, taught(library, "P3"))),
        (
            "student",
            lambda library: finetuned(
                library,
                transfer(
                    library,
                    taught(library, "P1"),
                    take_ids_with_pairs(library, ["P3"]),
                    TransferSettings(fit=FIT),
                    device="cpu",
                ),
            ),
        ),
    ],
)
def test_person_whom_any_training_has_seen_is_refused(
    square_library: Library, seen_by: str, make: Callable[[Library], ModelRecord]
) -> None:
    model = make(square_library)
    test = items(square_library, "P3", ACTIONS)
    with pytest.raises(FsamtError, match=f"{seen_by}-.* has seen P3"):
        evaluate(square_library, model, test, device="cpu")


def test_model_whose_teacher_is_gone_cannot_be_shown_to_be_tested_fairly(
    square_library: Library,
) -> None:
    teacher = taught(square_library, "P1")
    model = finetuned(square_library, teacher)
    library_models.remove_model(square_library, teacher.id)
    with pytest.raises(FsamtError, match="no longer in the library"):
        evaluate(square_library, model, items(square_library, "P3", ACTIONS), device="cpu")


def test_action_that_the_model_does_not_know_is_refused(
    square_library: Library, recogniser: ModelRecord
) -> None:
    with pytest.raises(FsamtError, match='does not know the action "across"'):
        evaluate(square_library, recogniser, items(square_library, "P3", ("across",)), device="cpu")


def test_student_names_no_actions_yet(square_library: Library, recogniser: ModelRecord) -> None:
    student = replace(recogniser, actions=())
    with pytest.raises(FsamtError, match="names no actions"):
        evaluate(square_library, student, items(square_library, "P3", ACTIONS), device="cpu")
