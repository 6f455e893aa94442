"""Throwing takes away on the library page, and having them back."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.studio import Studio
from app.tasks import Task
from fsamt_engine.library import TakeFilter
from fsamt_engine.library.bin import bin_take, list_bin
from fsamt_engine.library.takes import list_takes
from tests.app.browsing import page, select, titles

__all__ = ["page"]


def throw_away(page: LibraryPage, qtbot: QtBot, *numbers: int) -> None:
    """Select rows, and press the button."""
    select(page, *numbers)
    qtbot.waitUntil(page.bin.bin_button.isEnabled, timeout=2000)
    page.bin.bin_button.click()


def menu_texts(page: LibraryPage) -> list[str]:
    page.bin.menu.aboutToShow.emit()
    return [action.text() for action in page.bin.menu.actions() if action.text()]


def test_thrown_away_take_leaves_the_list_and_undo_brings_it_back(
    qtbot: QtBot, page: LibraryPage, studio: Studio
):
    before = titles(page)
    throw_away(page, qtbot, 2)
    assert titles(page) == before[:2] + before[3:]
    assert page.list.currentIndex().row() == 2
    assert page.takes_place.count.text() == "12 takes"
    assert page.notice.message == f"{before[2]} is in the bin."
    assert "Undo" in page.notice.hint
    assert page.notice.isVisible()
    studio.undoing.undo()
    assert titles(page) == before
    assert page.list.currentIndex().row() == 2
    assert page.bin.n_takes == 0
    assert page.notice.isVisible()
    assert page.notice.message.startswith("Undone: ")
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    assert page.notice.isVisible()
    page.list.choose(0)
    assert not page.notice.isVisible()


def test_several_takes_are_one_step(qtbot: QtBot, page: LibraryPage, studio: Studio):
    before = titles(page)
    throw_away(page, qtbot, 1, 4, 6)
    assert page.notice.message == "In the bin: 3 takes."
    assert titles(page) == [before[n] for n in range(13) if n not in (1, 4, 6)]
    studio.undoing.undo()
    assert titles(page) == before
    assert page.list.selected_numbers.tolist() == [1, 4, 6]
    studio.undoing.redo()
    assert len(titles(page)) == 10
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)


def test_many_takes_go_in_the_background(
    qtbot: QtBot, page: LibraryPage, studio: Studio, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.pages.library.editing.AT_ONCE", 3)
    page.list.selectAll()
    qtbot.waitUntil(page.bin.bin_button.isEnabled, timeout=2000)
    with qtbot.waitSignal(studio.library_changed, timeout=10_000):
        page.bin.bin_button.click()
    assert titles(page) == []
    assert page.bin.n_takes == 13
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)


def test_keys_throw_away_and_undo(qtbot: QtBot, page: LibraryPage):
    page.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    qtbot.waitUntil(page.bin.bin_button.isEnabled, timeout=2000)
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert len(titles(page)) == 11
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.list, Qt.Key.Key_Z, control)
    assert len(titles(page)) == 12
    qtbot.keyClick(page.list, Qt.Key.Key_Z, control)
    assert len(titles(page)) == 13
    qtbot.keyClick(page.list, Qt.Key.Key_Z, control | shift)
    assert len(titles(page)) == 12
    assert len(page.list.selected_numbers) == 1


def test_delete_in_the_search_deletes_a_letter(qtbot: QtBot, page: LibraryPage):
    page.activateWindow()
    page.filters.search.setFocus()
    qtbot.waitUntil(page.filters.search.hasFocus)
    qtbot.keyClick(page.filters.search, Qt.Key.Key_Delete)
    assert len(titles(page)) == 13


def test_bin_is_listed_and_any_take_comes_back(qtbot: QtBot, page: LibraryPage):
    assert not page.bin.content_button.isVisible()
    for _ in range(3):
        throw_away(page, qtbot, 0)
    assert page.bin.content_button.text() == "3 takes in the bin"
    assert menu_texts(page) == [
        "Bring back P1 · take 3, visit of P1",
        "Bring back P1 · take 2, visit of P1",
        "Bring back P1 · take 1, visit of P1",
        "Bring back all 3 takes",
        "Delete 3 takes for good…",
    ]
    page.bin.menu.actions()[1].trigger()
    assert len(titles(page)) == 11
    assert page.bin.content_button.text() == "2 takes in the bin"
    page.bin.menu.aboutToShow.emit()
    page.bin.menu.actions()[2].trigger()
    assert len(titles(page)) == 13
    assert not page.bin.content_button.isVisible()


def test_emptied_bin_is_gone_for_good(
    qtbot: QtBot, page: LibraryPage, studio: Studio, library_root: Path
):
    throw_away(page, qtbot, 0)
    with qtbot.waitSignal(page.bin.bin_emptied, timeout=5000):
        page.bin.delete_all()
    assert not page.bin.content_button.isVisible()
    assert not studio.undoing.undo_action.isEnabled()
    assert list((library_root / "bin").iterdir()) == []
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    assert page.bin.bin_button.isEnabled()


def test_last_take_can_be_had_back_from_an_empty_list(
    qtbot: QtBot, page: LibraryPage, studio: Studio
):
    throw_away(page, qtbot, *range(13))
    assert page.takes_place.nothing_words.isVisible()
    assert page.takes_place.nothing_words.text() == "All takes are in the bin."
    qtbot.waitUntil(lambda: not page.bin.bin_button.isEnabled(), timeout=2000)
    studio.undoing.undo()
    assert len(titles(page)) == 13


def test_nothing_is_thrown_away_while_something_runs(
    qtbot: QtBot, page: LibraryPage, studio: Studio
):
    task = Task("Transfer", lambda on_progress, should_stop: None, studio)
    studio.board.add(task)
    assert not page.bin.bin_button.isEnabled()
    assert "while something is running" in page.bin.bin_button.toolTip()
    page.bin.throw_away_wanted.emit()
    assert len(titles(page)) == 13
    with qtbot.waitSignal(task.ended, timeout=5000):
        task.start()
    assert page.bin.bin_button.isEnabled()


def test_take_that_cannot_come_back_is_a_sentence(
    qtbot: QtBot, page: LibraryPage, studio: Studio, library_root: Path
):
    chosen = page.list.chosen
    assert chosen is not None
    throw_away(page, qtbot, 0)
    for path in (library_root / "bin" / chosen.id).iterdir():
        path.unlink()
    (library_root / "bin" / chosen.id).rmdir()
    studio.undoing.undo()
    assert "are gone from the bin" in page.notice.message
    assert page.bin.content_button.isVisible()


def test_what_another_page_threw_away_is_not_listed_any_more(page: LibraryPage, studio: Studio):
    assert studio.library is not None
    page.left()
    page.hide()
    first = list_takes(studio.library, TakeFilter())[0].id
    bin_take(studio.library, first)
    studio.library_changed.emit()
    page.show()
    page.entered()
    assert len(titles(page)) == 12
    assert [take.id for take in list_bin(studio.library)] == [first]
    assert page.bin.content_button.isVisible()
