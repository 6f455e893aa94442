"""The queue of the window: one at a time, stopped in every way, there again after a restart."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.run_queue import RunQueue
from app.studio import Studio
from app.widgets.run_view import RunView
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.progress import Stop
from fsamt_engine.runs import FinetuneRequest, TeacherRequest
from fsamt_engine.runs.queue import QueuedRun, QueueStatus

Open = Callable[[Studio, Path], None]


def teacher(epochs: int = 1, seed: int = 0) -> TeacherRequest:
    return TeacherRequest("rgb", ("across", "down"), ("P1",), "r3d_tiny", epochs, seed, "cpu")


def finetuning(**changes: object) -> FinetuneRequest:
    values = {
        "start_id": None,
        "actions": ("across", "down"),
        "train_participants": ("P1",),
        "test_participants": ("P2",),
        "labels_per_action": None,
        "network": "r3d_tiny",
        "epochs": 2,
        "device": "cpu",
    }
    return FinetuneRequest(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def runs(studio: Studio, open_in: Open, library_root: Path) -> Iterator[RunQueue]:
    open_in(studio, library_root)
    yield studio.runs
    studio.close_library()


def ends(qtbot: QtBot, runs: RunQueue, run: QueuedRun) -> QueuedRun:
    qtbot.waitUntil(lambda: runs.running is None or runs.running.id != run.id, timeout=60_000)
    return runs.find(run.id)


def all_end(qtbot: QtBot, runs: RunQueue) -> None:
    """The last one is over in the stored queue a moment before its thread is."""
    qtbot.waitUntil(lambda: runs.running is None and not runs.runs, timeout=60_000)


def test_run_begins_at_once_and_the_next_in_its_turn(
    qtbot: QtBot, studio: Studio, runs: RunQueue
) -> None:
    began: list[int] = []
    runs.started.connect(lambda run: began.append(run.id))
    first = runs.add(teacher())
    second = runs.add(teacher(seed=1))
    assert runs.running is not None
    assert runs.running.id == first.id
    assert runs.find(second.id).status is QueueStatus.WAITING
    all_end(qtbot, runs)
    assert began == [first.id, second.id]
    assert [run.status for run in runs.ended_runs] == [QueueStatus.FINISHED] * 2
    assert studio.library is not None
    assert len(list_models(studio.library, ModelKind.TEACHER)) == 2


@pytest.fixture
def view(qtbot: QtBot, studio: Studio, runs: RunQueue) -> RunView:
    made = RunView(studio)
    qtbot.addWidget(made)
    made.resize(800, 560)
    made.show()
    return made


def trains(qtbot: QtBot, view: RunView, stage: int = 1) -> None:
    def has_epoch() -> bool:
        at = view._stage
        return at is not None and at.number == stage and view.curve.n_epochs > 0

    qtbot.waitUntil(has_epoch, timeout=60_000)


def test_paused_run_goes_on_in_another_window(
    qtbot: QtBot, studio: Studio, runs: RunQueue, view: RunView, open_in: Open, library_root: Path
) -> None:
    run = runs.add(teacher(epochs=400))
    waiting = runs.add(teacher(seed=1))
    view.show_run(run)
    trains(qtbot, view)
    view.pause.click()
    assert not view.pause.isEnabled()
    assert ends(qtbot, runs, run).status is QueueStatus.PAUSED
    assert runs.running is None, "pausing lets nothing else begin"
    assert view.run is not None
    assert view.run.status is QueueStatus.PAUSED
    assert view.resume.isVisible()
    n_epochs = view.curve.n_epochs

    studio.close_library()
    open_in(studio, library_root)
    assert [(one.id, one.status) for one in runs.runs] == [
        (run.id, QueueStatus.PAUSED),
        (waiting.id, QueueStatus.WAITING),
    ]
    assert runs.running is None, "nothing begins by itself"
    assert runs.waits_for_user
    view.show_run(runs.runs[0])
    assert view.curve.n_epochs == n_epochs, "the curve of before the pause is there"
    view.resume.click()
    qtbot.waitUntil(lambda: view.curve.n_epochs > n_epochs, timeout=60_000)
    steps = list(view.curve._mean_steps)
    assert steps == sorted(set(steps))
    view.keep.click()
    assert ends(qtbot, runs, run).status is QueueStatus.FINISHED
    assert runs.running is None, "the other one was not told to begin"
    assert runs.find(waiting.id).status is QueueStatus.WAITING


def test_continue_does_everything_that_waits(
    qtbot: QtBot, studio: Studio, runs: RunQueue, open_in: Open, library_root: Path
) -> None:
    from fsamt_engine.runs import queue as stored

    assert studio.library is not None
    for seed in (1, 2):
        stored.add(studio.library, teacher(seed=seed))
    studio.close_library()
    open_in(studio, library_root)
    assert runs.waits_for_user
    runs.go_on()
    all_end(qtbot, runs)
    assert len(list_models(studio.library, ModelKind.TEACHER)) == 2


def test_cancelled_run_leaves_nothing_and_lets_the_next_begin(
    qtbot: QtBot, studio: Studio, runs: RunQueue, view: RunView
) -> None:
    run = runs.add(teacher(epochs=400))
    following = runs.add(teacher(seed=1))
    view.show_run(run)
    trains(qtbot, view)
    view.cancel.click()
    assert ends(qtbot, runs, run).status is QueueStatus.CANCELLED
    assert "Nothing of it was kept" in view.where.text()
    assert not view.resume.isVisible()
    assert ends(qtbot, runs, following).status is QueueStatus.FINISHED
    assert studio.library is not None
    assert len(list_models(studio.library)) == 1


def test_paused_run_can_be_given_up(
    qtbot: QtBot, studio: Studio, runs: RunQueue, view: RunView
) -> None:
    run = runs.add(teacher(epochs=400))
    view.show_run(run)
    trains(qtbot, view)
    view.pause.click()
    ends(qtbot, runs, run)
    assert studio.library is not None
    checkpoints = studio.library.cache_folder / "checkpoints"
    assert list(checkpoints.iterdir())
    view.cancel.click()
    qtbot.waitUntil(lambda: not runs.runs, timeout=10_000)
    qtbot.waitUntil(lambda: not studio.board.running, timeout=10_000)
    assert not list(checkpoints.iterdir())
    assert runs.find(run.id).status is QueueStatus.CANCELLED
    assert view.run is not None
    assert view.run.status is QueueStatus.CANCELLED


def test_keeping_the_best_of_one_stage_leaves_the_others(
    qtbot: QtBot, studio: Studio, runs: RunQueue, view: RunView
) -> None:
    run = runs.add(finetuning(epochs=300))
    view.show_run(run)
    trains(qtbot, view)
    assert view.stage.text().startswith("Stage 1 of 3")
    assert "CPU" in view.device.text()
    assert "in use" in view.device.text()
    view.keep.click()
    assert not view.keep.isEnabled()
    qtbot.waitUntil(lambda: view.keep.text() == "Break off the curve", timeout=60_000)
    assert runs.find(run.id).outcome is not None
    qtbot.waitUntil(lambda: view.keep.isEnabled(), timeout=60_000)
    view.keep.click()
    done = ends(qtbot, runs, run)
    assert done.status is QueueStatus.FINISHED
    assert "was ended early" in done.message
    assert "broken off after" in done.message
    assert done.message in view.where.text()


def test_failed_run_says_why_and_can_be_tried_again(
    qtbot: QtBot, runs: RunQueue, view: RunView
) -> None:
    run = runs.add(finetuning(test_participants=("P1",)))
    view.show_run(run)
    failed = ends(qtbot, runs, run)
    assert failed.status is QueueStatus.FAILED
    assert "both to train and to test" in failed.message
    problem = runs.problem(run.id)
    assert problem is not None
    assert not problem.details
    assert view.resume.text() == "Try again"
    assert view.resume.isVisible()


def test_waiting_runs_change_places_and_leave(qtbot: QtBot, runs: RunQueue) -> None:
    first = runs.add(teacher(epochs=400))
    second, third = (runs.add(teacher(seed=seed)) for seed in (1, 2))
    runs.move(third.id, 1)
    assert [run.id for run in runs.runs] == [first.id, third.id, second.id]
    runs.remove(second.id)
    assert [run.id for run in runs.runs] == [first.id, third.id]
    runs.stop(third.id, Stop.CANCEL)
    qtbot.waitUntil(lambda: len(runs.runs) == 1, timeout=20_000)
    runs.stop(first.id, Stop.CANCEL)
    ends(qtbot, runs, first)


def test_paused_run_stays_paused_after_another_one(
    qtbot: QtBot, runs: RunQueue, view: RunView
) -> None:
    run = runs.add(teacher(epochs=400))
    view.show_run(run)
    trains(qtbot, view)
    runs.pause(run.id)
    ends(qtbot, runs, run)
    between = runs.add(teacher(seed=1))
    assert ends(qtbot, runs, between).status is QueueStatus.FINISHED
    assert runs.running is None
    assert runs.find(run.id).status is QueueStatus.PAUSED


def test_run_that_cannot_be_given_up_says_why(
    qtbot: QtBot, runs: RunQueue, view: RunView, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.add(teacher(epochs=400))
    view.show_run(run)
    trains(qtbot, view)
    view.pause.click()
    ends(qtbot, runs, run)

    def refuses(library: object, run_id: int) -> None:
        raise FsamtError("This run is under way.", "Stop it where it runs.")

    monkeypatch.setattr("fsamt_engine.runs.cancel.cancel", refuses)
    view.cancel.click()
    qtbot.waitUntil(lambda: view.where.text() == "This run is under way.", timeout=10_000)
    assert runs.find(run.id).status is QueueStatus.PAUSED
