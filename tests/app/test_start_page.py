import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.journey import Standing
from app.main_window import MainWindow
from app.pages.finetune import FinetunePage
from app.pages.start import StartPage, simulating
from app.pages.start.next_step import NextStep, Step
from app.pages.start.sayings import said
from app.studio import Studio
from fsamt_engine.evaluation.health_record import AdviceCode
from fsamt_engine.library import Library
from fsamt_engine.library.takes import count_takes
from fsamt_engine.runs import HealthRequest
from fsamt_engine.runs import queue as stored
from tests.app.modelling import add, add_health, add_test

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> Iterator[StartPage]:
    made = StartPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


@pytest.fixture
def few_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two simulated takes, of one person."""
    monkeypatch.setattr(simulating, "PARTICIPANTS", 1)
    monkeypatch.setattr(simulating, "TAKES_PER_ACTION", 1)
    monkeypatch.setattr(simulating, "ACTIONS", ("bow", "wave"))


def test_every_step_has_words_and_a_button():
    standing = Standing(3, True, 2, 2, 1, 1, 1, 1)
    for step in Step:
        words = said(NextStep(step, "The engine says so."), standing)
        assert words.title
        assert words.button
        assert "The engine says so." in words.why
        assert "terminal" not in words.why
        assert "fsamt " not in words.why


def test_empty_library_offers_the_camera_and_simulated_takes(
    qtbot: QtBot, page: StartPage, tmp_path: Path, open_in: Open
):
    (tmp_path / "new").mkdir()
    open_in(page.studio, tmp_path / "new")
    assert page.next_button.text() == "Record takes"
    assert page.said.page == "capture"
    with qtbot.waitSignal(page.page_wanted) as asked:
        page.next_card.other_button.click()
    assert asked.args == ["library"]
    assert page.simulated.button.isVisible()
    qtbot.waitUntil(page.simulated.button.isEnabled, timeout=2_000)


def test_real_takes_are_never_mixed_with_simulated_ones(
    page: StartPage, library_root: Path, open_in: Open
):
    open_in(page.studio, library_root)
    assert not page.simulated.isVisible()
    assert page.next_card.title.text() == "Train a teacher"


def test_one_button_makes_a_library_of_simulated_takes(
    qtbot: QtBot, page: StartPage, tmp_path: Path, few_takes: None
):
    (tmp_path / "tried").mkdir()
    seen = []
    page.simulated.bar.valueChanged.connect(seen.append)
    with qtbot.waitSignals([page.simulated.added, page.page_wanted], timeout=60_000):
        page.simulated.make_library(tmp_path / "tried")
    qtbot.waitUntil(lambda: not page.studio.board.running, timeout=10_000)
    assert count_takes(page.studio.library) == 2
    assert seen[-1] == 2
    assert page.notice.message == "Simulated: 2 takes."
    assert page.next_button.text() == "Train a teacher"
    assert not page.simulated.isVisible()


def test_simulating_can_be_stopped_and_goes_on(
    qtbot: QtBot, page: StartPage, tmp_path: Path, open_in: Open, few_takes: None
):
    (tmp_path / "tried").mkdir()
    open_in(page.studio, tmp_path / "tried")
    page.simulated.start()
    assert page.simulated.stop_button.isVisible()
    assert page.next_button.text() == "Look at the takes"
    page.simulated.stop_button.click()
    qtbot.waitUntil(lambda: not page.simulated.is_busy, timeout=30_000)
    n = count_takes(page.studio.library)
    assert n < 2
    assert page.simulated.button.isVisible()
    with qtbot.waitSignal(page.simulated.added, timeout=60_000) as added:
        page.simulated.button.click()
    assert added.args == [2 - n]
    qtbot.waitUntil(lambda: not page.studio.board.running, timeout=10_000)


def test_folder_that_has_takes_gets_no_simulated_ones(
    qtbot: QtBot, page: StartPage, library_root: Path
):
    with qtbot.waitSignal(page.simulated.failed, timeout=10_000):
        page.simulated.make_library(library_root)
    assert "takes already" in page.notice.message
    assert count_takes(page.studio.library) == 13


def test_waiting_runs_come_before_everything_else_and_are_continued(
    page: StartPage, library_root: Path, open_in: Open, monkeypatch: pytest.MonkeyPatch
):
    with Library.open(library_root) as library:
        for name in ("student-a", "student-b"):
            stored.add(library, HealthRequest(name))
    open_in(page.studio, library_root)
    assert page.next_card.title.text() == "2 runs are waiting"
    assert page.next_button.text() == "Continue"
    continued = []
    monkeypatch.setattr(page.studio.runs, "go_on", lambda: continued.append(True))
    asked = []
    page.page_wanted.connect(asked.append)
    page.next_button.click()
    assert (continued, asked) == ([True], ["transfer"])


def test_result_of_the_newest_recogniser_is_said_and_opened(
    window: MainWindow, library_root: Path, open_in: Open
):
    with Library.open(library_root) as library:
        add(library, "teacher-00000001", "teacher", None, "P1")
        student = add(library, "student-00000002", "transfer", "teacher-00000001", "P1")
        add_health(library, student, AdviceCode.LABEL)
        recogniser = add(
            library,
            "recogniser-00000003",
            "ours",
            student.id,
            "P1",
            "P2",
            test_accuracy=1.0,
            test_n=6,
        )
        add_test(library, recogniser)
    open_in(window.studio, library_root)
    window.go_to("start")
    page = window.current_page
    assert isinstance(page, StartPage)
    assert "100.0 % (95 %: 61.0 to 100.0), 6 clips" in page.next_card.why.text()
    page.next_button.click()
    assert isinstance(window.current_page, FinetunePage)
    window.studio.close_library()


def test_no_page_sends_anybody_to_a_terminal():
    commands = re.compile(r"\bterminal\b|\bfsamt [a-z]|\./studio\b|command line")
    told = [
        f"{path.name}: {text}"
        for path in (Path(__file__).parents[2] / "app").rglob("*.py")
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
        if commands.search(text)
    ]
    assert told == []


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every text of a module that is no docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value
