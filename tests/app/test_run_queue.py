"""The queue of the window: one at a time, stopped in every way, there again after a restart."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.run_queue import RunQueue
from app.studio import Studio
from app.widgets.run_view import RunView
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
    qtbot.waitUntil(lambda: not runs.runs, timeout=60_000)
    assert began == [first.id, second.id]
    assert [run.status for run in runs.ended_runs] == [QueueStatus.FINISHED] * 2
    assert studio.library is not None
    assert len(list_models(studio.library, ModelKind.TEACHER)) == 2
