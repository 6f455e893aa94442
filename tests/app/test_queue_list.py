"""The list of runs and the foot of the window that opens it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.studio import Studio
from app.widgets.queue_list import QueueList
from fsamt_engine.library import Library
from fsamt_engine.runs import HealthRequest, TeacherRequest
from fsamt_engine.runs import queue as stored
from fsamt_engine.runs.queue import QueueStatus

Open = Callable[[Studio, Path], None]


@pytest.fixture
def queued_root(library_root: Path) -> Path:
    """A library in which three runs wait, and one has failed."""
    with Library.open(library_root) as library:
        for name in ("a", "b", "c", "d"):
            stored.add(library, HealthRequest(f"student-{name}", "cpu"))
        failed = stored.queued(library)[3]
        stored.mark(library, failed.id, QueueStatus.FAILED, "There is no model student-d.")
    return library_root


@pytest.fixture
def shown(qtbot: QtBot, studio: Studio, open_in: Open, queued_root: Path) -> Iterator[QueueList]:
    open_in(studio, queued_root)
    made = QueueList(studio)
    qtbot.addWidget(made)
    made.resize(440, 320)
    made.show()
    yield made
    studio.close_library()


def titles(shown: QueueList) -> list[str]:
    return [shown.list.item(row).text().split("\n")[0][-1] for row in range(shown.list.count())]


def test_what_waits_comes_first_and_what_is_over_last(shown: QueueList) -> None:
    assert titles(shown) == ["a", "b", "c", "d"]
    assert "Waits to be started" in shown.list.item(0).text()
    assert "There is no model student-d" in shown.list.item(3).text()
    assert not shown.empty.isVisible()


def test_order_is_changed_by_keys(qtbot: QtBot, studio: Studio, shown: QueueList) -> None:
    shown.list.setCurrentRow(2)
    assert not shown.down.isEnabled()
    qtbot.keyClick(shown.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert titles(shown) == ["a", "c", "b", "d"]
    assert shown.list.currentRow() == 1, "the run that was moved stays chosen"
    assert [run.request.title[-1] for run in studio.runs.runs] == ["a", "c", "b"]


def test_run_leaves_the_list(qtbot: QtBot, studio: Studio, shown: QueueList) -> None:
    shown.list.setCurrentRow(1)
    qtbot.keyClick(shown.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: titles(shown) == ["a", "c", "d"], timeout=20_000)
    qtbot.waitUntil(lambda: not studio.board.running, timeout=20_000)
    shown.list.setCurrentRow(2)
    shown.remove.click()
    assert titles(shown) == ["a", "c"]


def test_continue_does_all_and_each_says_how_it_ended(
    qtbot: QtBot, studio: Studio, shown: QueueList
) -> None:
    assert shown.go_on.text() == "Continue"
    shown.go_on.click()
    runs = studio.runs
    qtbot.waitUntil(lambda: runs.running is None and not runs.runs, timeout=60_000)
    assert all("Stopped by a problem" in shown.list.item(row).text() for row in range(4))
    assert not shown.go_on.isVisible()


def test_run_is_asked_for_by_enter(qtbot: QtBot, shown: QueueList) -> None:
    shown.list.setCurrentRow(1)
    with qtbot.waitSignal(shown.run_wanted, timeout=5000) as wanted:
        qtbot.keyClick(shown.list, Qt.Key.Key_Return)
    assert wanted.args is not None
    assert wanted.args[0].request.student_id == "student-b"


def test_empty_list_says_what_appears_in_it(qtbot: QtBot, studio: Studio) -> None:
    made = QueueList(studio)
    qtbot.addWidget(made)
    made.show()
    assert made.empty.isVisible()
    assert not made.list.isVisible()
    assert not made.go_on.isVisible()


def test_foot_of_the_window_says_what_waits_and_shows_the_list(
    qtbot: QtBot, studio: Studio, window: MainWindow, open_in: Open, queued_root: Path
) -> None:
    open_in(studio, queued_root)
    line = window.status_line
    assert line.runs.isVisible()
    assert line.runs.text() == "3 runs wait"
    line.runs.click()
    assert line.panel.isVisible()
    assert line.panel.queue.list.count() == 4
    line.panel.queue.list.itemActivated.emit(line.panel.queue.list.item(0))
    assert not line.panel.isVisible()
    assert window.current_page is window.page("transfer")


def test_what_runs_is_said_with_what_waits(
    qtbot: QtBot, studio: Studio, window: MainWindow, open_in: Open, library_root: Path
) -> None:
    open_in(studio, library_root)
    endless = TeacherRequest("rgb", ("across", "down"), ("P1",), "r3d_tiny", 4000, 0, "cpu")
    first = studio.runs.add(endless)
    studio.runs.add(HealthRequest("student-a", "cpu"))
    text = window.status_line.runs.text
    qtbot.waitUntil(lambda: "Training the rgb teacher" in text(), timeout=60_000)
    assert text().endswith("1 run waits")
    studio.runs.pause(first.id)
    qtbot.waitUntil(lambda: text() == "2 runs wait", timeout=60_000)
