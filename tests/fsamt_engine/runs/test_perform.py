"""Teachers, transfers and their health, by request."""

import pytest

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.evaluation.health import stored_health
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs import HealthRequest, Outcome, TeacherRequest, TransferRequest
from fsamt_engine.runs.perform import perform


def transfer_of(library: Library, teacher: ModelRecord, epochs: int = 2) -> TransferRequest:
    takes = tuple(take_ids_with_pairs(library, ["P1", "P2"]))
    return TransferRequest(teacher.id, takes, "video+clip", "r3d_tiny", epochs, 0, "cpu")


def test_teacher_learns_from_takes_with_colour(taught_library: Library) -> None:
    told: list[Progress] = []
    request = TeacherRequest("rgb", ("across", "down"), ("P1",), "r3d_tiny", 1, 5, "cpu")
    outcome = perform(taught_library, request, on_progress=told.append)
    made = find_model(taught_library, str(outcome.model_id))
    assert (made.kind, made.modality) == (ModelKind.TEACHER, "rgb")
    assert made.settings["fit"]["seed"] == 5
    assert told[-1].stage is not None
    assert told[-1].stage.device.startswith("CPU")
    assert told[-1].metrics["memory_bytes"] > 50e6


def test_health_follows_the_transfer(taught_library: Library, teacher: ModelRecord) -> None:
    outcome = perform(taught_library, transfer_of(taught_library, teacher))
    student = find_model(taught_library, str(outcome.model_id))
    assert student.kind is ModelKind.STUDENT
    assert stored_health(taught_library, student) is not None


def test_transfer_whose_best_was_kept_is_not_trained_again(
    taught_library: Library, teacher: ModelRecord
) -> None:
    told = [Outcome()]
    stop: list[Stop | None] = [None]

    def hear(progress: Progress) -> None:
        assert progress.stage is not None
        if "epoch_loss" in progress.stage.progress.metrics:
            stop[0] = Stop.KEEP_BEST
        if progress.stage.number == 2:
            stop[0] = Stop.PAUSE

    request = transfer_of(taught_library, teacher, epochs=30)
    with pytest.raises(Cancelled) as paused:
        perform(
            taught_library,
            request,
            on_outcome=told.append,
            on_progress=hear,
            should_stop=lambda: stop[0],
        )
    assert paused.value.resumable
    outcome = perform(taught_library, request, begun=told[-1])
    (student,) = list_models(taught_library, ModelKind.STUDENT)
    assert outcome.model_id == student.id
    assert stored_health(taught_library, student) is not None


def test_health_is_measured_by_itself(taught_library: Library, teacher: ModelRecord) -> None:
    student = str(perform(taught_library, transfer_of(taught_library, teacher, 1)).model_id)
    (taught_library.absolute(f"models/{student}") / "health.json").unlink()
    assert perform(taught_library, HealthRequest(student, "cpu")) == Outcome(student)
    assert stored_health(taught_library, find_model(taught_library, student)) is not None


def test_only_a_teacher_teaches(taught_library: Library, teacher: ModelRecord) -> None:
    student = perform(taught_library, transfer_of(taught_library, teacher, 1)).model_id
    request = TransferRequest(str(student), ("x",), "clip", "r3d_tiny", 1, 0, "cpu")
    with pytest.raises(FsamtError, match="is a student, not a teacher"):
        perform(taught_library, request)


def test_teacher_that_was_made_is_not_trained_again(taught_library: Library) -> None:
    request = TeacherRequest("rgb", ("across", "down"), ("P1",), "r3d_tiny", 1, 5, "cpu")
    told: list[Outcome] = []
    perform(taught_library, request, on_outcome=told.append)
    heard: list[Progress] = []
    assert perform(taught_library, request, begun=told[-1], on_progress=heard.append) == told[-1]
    assert heard == []
