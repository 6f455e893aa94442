import time

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.tasks import Problem, Task, TaskBoard
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.progress import Progress, Stop


def run(qtbot: QtBot, task: Task) -> dict[str, list[object]]:
    """Run a task to its end; what its signals brought, by name."""
    heard: dict[str, list[object]] = {"progress": [], "finished": [], "failed": [], "cancelled": []}
    task.progress_changed.connect(heard["progress"].append)
    task.finished.connect(heard["finished"].append)
    task.failed.connect(heard["failed"].append)
    task.cancelled.connect(heard["cancelled"].append)
    with qtbot.waitSignal(task.ended, timeout=10_000):
        task.start()
    return heard


def test_result_arrives_in_qts_thread_and_work_runs_in_another(qtbot: QtBot):
    at_work: list[QThread] = []
    delivered: list[QThread] = []

    def work(on_progress, should_stop):
        at_work.append(QThread.currentThread())
        return 42

    task = Task("Counting", work)
    task.finished.connect(lambda _: delivered.append(QThread.currentThread()))
    heard = run(qtbot, task)
    assert heard["finished"] == [42]
    assert heard["failed"] == heard["cancelled"] == []
    assert delivered == [QApplication.instance().thread()]
    assert at_work != delivered


def test_every_progress_arrives_in_order(qtbot: QtBot):
    def work(on_progress, should_stop):
        for done in range(3000):
            on_progress(Progress("Counting", done, 3000, {"loss": done}))

    heard = run(qtbot, Task("Counting", work))
    told = [progress.done for news in heard["progress"] for progress in news]
    assert told == list(range(3000))


def test_progress_arrives_at_most_20_times_a_second(qtbot: QtBot):
    def work(on_progress, should_stop):
        ends_at = time.monotonic() + 0.4
        while time.monotonic() < ends_at:
            on_progress(Progress("Counting", 0, 1))

    began = time.monotonic()
    heard = run(qtbot, Task("Counting", work))
    seconds = time.monotonic() - began
    assert 2 <= len(heard["progress"]) <= 20 * seconds + 2


def test_last_progress_arrives_before_the_result(qtbot: QtBot):
    order: list[str] = []

    def work(on_progress, should_stop):
        on_progress(Progress("Counting", 1, 2))
        on_progress(Progress("Counting", 2, 2))

    task = Task("Counting", work)
    task.progress_changed.connect(lambda news: order.extend(str(p.done) for p in news))
    task.finished.connect(lambda _: order.append("finished"))
    task.ended.connect(lambda: order.append("ended"))
    run(qtbot, task)
    assert order == ["1", "2", "finished", "ended"]
    assert task.latest is not None
    assert task.latest.done == 2


@pytest.mark.parametrize(("asked", "resumable"), [(Stop.PAUSE, True), (Stop.CANCEL, False)])
def test_stop_reaches_the_work_which_ends_silently(qtbot: QtBot, asked: Stop, resumable: bool):
    def work(on_progress, should_stop):
        on_progress(Progress("Counting", 0, 1))
        while (stop := should_stop()) is None:
            time.sleep(0.001)
        raise Cancelled(resumable=stop is Stop.PAUSE)

    task = Task("Counting", work)
    task.progress_changed.connect(lambda _: task.stop(asked))
    heard = run(qtbot, task)
    assert heard["cancelled"] == [resumable]
    assert heard["failed"] == heard["finished"] == []


def test_environment_problem_is_a_sentence_and_a_hint_without_details(qtbot: QtBot):
    def work(on_progress, should_stop):
        raise FsamtError("The disk is full.", "Make room.")

    heard = run(qtbot, Task("Writing", work))
    assert heard["failed"] == [Problem("The disk is full.", "Make room.", "")]


def test_bug_is_a_sentence_with_the_traceback_in_the_details(qtbot: QtBot):
    def work(on_progress, should_stop):
        return [][1]

    problem = run(qtbot, Task("Failing", work))["failed"][0]
    assert isinstance(problem, Problem)
    assert "IndexError" not in problem.message
    assert "IndexError" in problem.details
    assert "return [][1]" in problem.details


def test_board_shows_a_task_from_its_start_to_its_end(qtbot: QtBot):
    board = TaskBoard()
    task = Task("Counting", lambda on_progress, should_stop: None)
    board.add(task)
    assert board.running == [task]
    run(qtbot, task)
    assert board.running == []
