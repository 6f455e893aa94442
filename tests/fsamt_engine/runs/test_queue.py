"""The queue on disk, without any training."""

import json
import subprocess
import sys

import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.runs import (
    FinetuneRequest,
    HealthRequest,
    Outcome,
    Request,
    TeacherRequest,
    TransferRequest,
)
from fsamt_engine.runs.queue import (
    QueueStatus,
    add,
    begin,
    ended,
    mark,
    move,
    note_outcome,
    note_stage_run,
    queued,
    queued_run,
    remove,
)
from fsamt_engine.runs.requests import from_json, to_json

REQUESTS: list[Request] = [
    TeacherRequest("flow", ("wave", "bow"), ("P1",), "r3d_tiny", 3),
    TransferRequest("teacher-1", ("a", "b"), "video", "r3d_18", 80, 4, "cuda:1", False),
    FinetuneRequest(None, ("wave",), ("P1",), (), None, "r3d_tiny", 100),
    FinetuneRequest(
        "student-1", ("a",), ("P1",), ("P2", "P3"), 5, "r3d_tiny", 9, 1, "cpu", False, False, 0.1, 4
    ),
    FinetuneRequest(
        "student-1", ("a",), ("P1",), ("P2",), 5, "", 9, task="detection", head="r-c3d"
    ),
    HealthRequest("student-1"),
]


@pytest.fixture
def library(square_library: Library) -> Library:
    return square_library


def waiting(library: Library, n: int) -> list[int]:
    return [add(library, HealthRequest(f"student-{i}")).id for i in range(n)]


def test_request_of_before_detection_is_one_of_a_recogniser() -> None:
    request = FinetuneRequest(None, ("wave",), ("P1",), (), None, "r3d_tiny", 100)
    content = json.loads(to_json(request))
    del content["task"], content["head"]
    assert from_json("finetune", json.dumps(content)) == request
    assert request.task == "recognition"


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.kind)
def test_request_is_the_same_after_a_restart(library: Library, request_: Request) -> None:
    assert from_json(request_.kind, to_json(request_)) == request_
    run = add(library, request_)
    assert queued(library) == [run]
    assert run.request == request_
    assert run.status is QueueStatus.WAITING
    assert run.request.title


def test_place_in_the_queue_can_be_changed(library: Library) -> None:
    a, b, c = waiting(library, 3)
    move(library, c, 0)
    assert [run.id for run in queued(library)] == [c, a, b]
    (d,) = waiting(library, 1)
    assert [run.id for run in queued(library)] == [c, a, b, d]
    remove(library, a)
    assert [run.id for run in queued(library)] == [c, b, d]


def test_what_is_known_of_a_run_is_kept(library: Library) -> None:
    (run_id,) = waiting(library, 1)
    begin(library, run_id)
    note_stage_run(library, run_id, 7)
    note_outcome(library, run_id, Outcome("recogniser-1", ("recogniser-2",), ("Broken off.",)))
    mark(library, run_id, QueueStatus.FINISHED, "Broken off.")
    assert queued(library) == []
    (run,) = ended(library)
    assert run == queued_run(library, run_id)
    assert run.outcome == Outcome("recogniser-1", ("recogniser-2",), ("Broken off.",))
    assert (run.stage_run_id, run.message) == (7, "Broken off.")
    with pytest.raises(FsamtError, match="finished already"):
        begin(library, run_id)


def test_run_of_another_living_process_is_left_alone(library: Library) -> None:
    (run_id,) = waiting(library, 1)
    program = (
        "import sys\nfrom pathlib import Path\nfrom fsamt_engine.library import Library\n"
        "from fsamt_engine.runs.queue import begin\n"
        "with Library.open(Path(sys.argv[1])) as library:\n"
        "    begin(library, int(sys.argv[2]))\n"
        "print('begun', flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(library.root), str(run_id)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "begun\n"
        assert queued_run(library, run_id).status is QueueStatus.RUNNING
        with pytest.raises(FsamtError, match="under way in another program"):
            begin(library, run_id)
        with pytest.raises(FsamtError, match="under way"):
            remove(library, run_id)
        other.kill()
    assert queued_run(library, run_id).status is QueueStatus.PAUSED
    assert begin(library, run_id).status is QueueStatus.RUNNING


def test_run_of_a_newer_program_hides_no_other(library: Library) -> None:
    first, second = waiting(library, 2)
    library.write(
        lambda db: db.conn.execute("UPDATE queue SET kind = 'dream' WHERE id = ?", [first])
    )
    assert [run.id for run in queued(library)] == [second]
    with pytest.raises(FsamtError, match="cannot be read"):
        queued_run(library, first)


def test_run_that_is_gone_is_said_to_be(library: Library) -> None:
    for change in (queued_run, begin, remove, lambda lib, run_id: move(lib, run_id, 0)):
        with pytest.raises(FsamtError, match=r"no longer"):
            change(library, 99)


def test_runs_that_are_over_are_not_read_for_what_waits(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = [add(library, HealthRequest(f"student-{number}")).id for number in range(4)]
    for run_id, status in zip(over, (s for s in QueueStatus if s.is_over), strict=False):
        mark(library, run_id, status)
    mark(library, over[-1], QueueStatus.FINISHED)
    waiting = add(library, HealthRequest("student-9")).id
    read: list[str] = []

    def reads(kind: str, text: str) -> Request:
        read.append(text)
        return from_json(kind, text)

    monkeypatch.setattr("fsamt_engine.runs.queue.from_json", reads)
    assert [run.id for run in queued(library)] == [waiting]
    assert len(read) == 1
    assert [run.id for run in ended(library, limit=2)] == over[:1:-1]
    assert len(read) == 3
