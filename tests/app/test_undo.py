"""Undo and redo, as every page offers them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from app.tasks import Problem, Task
from app.widgets.undo import UndoButtons
from fsamt_engine.library import Library
from fsamt_engine.library.bin import bin_take
from fsamt_engine.library.history import Change, edit
from fsamt_engine.library.organising import set_tags
from fsamt_engine.library.takes import list_takes, take

Open = Callable[[Studio, Path], None]


def name_take(library: Library, title: str) -> str:
    """Gives the first take a title, as one step of the history."""
    first = list_takes(library)[0].id
    edit(library, f"name a take {title}", lambda e: e.put("takes", first, {"title": title}))
    return first


def test_buttons_name_what_they_would_undo_and_redo(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    buttons = UndoButtons(studio.undoing)
    qtbot.addWidget(buttons)
    assert not buttons.undo_button.isEnabled()
    assert "Nothing to undo" in buttons.undo_button.toolTip()
    open_in(studio, library_root)
    assert studio.library is not None
    assert not buttons.undo_button.isEnabled()
    first = name_take(studio.library, "kitchen")
    studio.undoing.refresh()
    assert buttons.undo_button.toolTip() == "Undo: name a take kitchen (Ctrl+Z)"
    assert not buttons.redo_button.isEnabled()
    with qtbot.waitSignals([studio.undoing.stepped, studio.library_changed]):
        qtbot.mouseClick(buttons.undo_button, Qt.MouseButton.LeftButton)
    assert take(studio.library, first).title == ""
    assert not buttons.undo_button.isEnabled()
    assert buttons.redo_button.toolTip() == "Redo: name a take kitchen (Ctrl+Shift+Z)"
    qtbot.mouseClick(buttons.redo_button, Qt.MouseButton.LeftButton)
    assert take(studio.library, first).title == "kitchen"


def test_keys_work_on_a_page_that_has_the_actions(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    assert studio.library is not None
    page = QWidget()
    page.addActions([studio.undoing.undo_action, studio.undoing.redo_action])
    qtbot.addWidget(page)
    page.show()
    page.setFocus()
    qtbot.waitUntil(page.hasFocus)
    first = name_take(studio.library, "kitchen")
    studio.undoing.refresh()
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page, Qt.Key.Key_Z, control)
    assert take(studio.library, first).title == ""
    qtbot.keyClick(page, Qt.Key.Key_Z, control | shift)
    assert take(studio.library, first).title == "kitchen"


def test_pages_are_told_before_and_after_a_step(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    assert studio.library is not None
    first = name_take(studio.library, "kitchen")
    studio.undoing.refresh()
    told: list[tuple[str, bool, tuple[str, ...]]] = []

    def note(when: str) -> Callable[[Change], None]:
        return lambda change: told.append((when, change.is_undone, change.take_ids))

    studio.undoing.stepping.connect(note("before"))
    studio.undoing.stepped.connect(note("after"))
    studio.undoing.undo()
    assert told == [("before", False, (first,)), ("after", True, (first,))]


def test_step_that_no_longer_fits_is_a_sentence(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    library = studio.library
    assert library is not None
    first = name_take(library, "kitchen")
    studio.undoing.refresh()
    library.write(lambda db: db.conn.execute("UPDATE takes SET title = 'x' WHERE id = ?", [first]))
    problems: list[Problem] = []
    studio.undoing.failed.connect(problems.append)
    studio.undoing.undo()
    assert ["name a take kitchen" in problem.message for problem in problems] == [True]
    assert problems[0].details == ""
    assert take(library, first).title == "x"
    assert not studio.undoing.undo_action.isEnabled()


def test_step_of_many_takes_is_undone_in_the_background(
    qtbot: QtBot,
    studio: Studio,
    library_root: Path,
    open_in: Open,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("app.widgets.undo._AT_ONCE", 5)
    open_in(studio, library_root)
    library = studio.library
    assert library is not None
    set_tags(library, [row.id for row in list_takes(library)], add=["all"])
    studio.undoing.refresh()
    with qtbot.waitSignal(studio.undoing.stepped, timeout=5000):
        studio.undoing.undo()
        assert not studio.undoing.undo_action.isEnabled()
        assert [task.name for task in studio.board.running] == ["Undoing: tag all on 13 takes"]
    assert {row.tags for row in list_takes(library)} == {()}
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    assert studio.undoing.redo_action.isEnabled()


def test_takes_are_not_thrown_away_again_while_something_runs(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    library = studio.library
    assert library is not None
    bin_take(library, list_takes(library)[0].id)
    studio.undoing.refresh()
    studio.undoing.undo()
    assert studio.undoing.redo_action.isEnabled()
    task = Task("Transfer", lambda on_progress, should_stop: None, studio)
    studio.board.add(task)
    assert not studio.undoing.redo_action.isEnabled()
    assert "once nothing runs" in studio.undoing.redo_action.text()
    with qtbot.waitSignal(task.ended, timeout=5000):
        task.start()
    assert studio.undoing.redo_action.isEnabled()


def test_nothing_can_be_undone_in_a_closed_library(
    studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    assert studio.library is not None
    name_take(studio.library, "kitchen")
    studio.undoing.refresh()
    studio.close_library()
    assert not studio.undoing.undo_action.isEnabled()
    studio.undoing.undo()


def test_what_another_program_changed_is_not_undone_unseen(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    assert studio.library is not None
    first = name_take(studio.library, "kitchen")
    studio.undoing.refresh()
    with Library.open(library_root) as elsewhere:
        set_tags(elsewhere, [first], add=["theirs"])
    with qtbot.waitSignal(studio.undoing.failed) as failed:
        studio.undoing.undo_action.trigger()
    assert "changed elsewhere" in failed.args[0].message
    found = take(studio.library, first)
    assert (found.title, found.tags) == ("kitchen", ("theirs",))
    assert studio.undoing.undo_action.text() == "Undo: tag theirs on a take"
    studio.undoing.undo_action.trigger()
    assert take(studio.library, first).tags == ()
