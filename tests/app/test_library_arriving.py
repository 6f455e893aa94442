"""Takes that are dropped on the library's page, chosen for it, or copied from it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.studio import Studio
from fsamt_engine.datasets import arrivals
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.listing import list_takes
from tests.app.browsing import page, select, titles

__all__ = ["page"]

Open = Callable[[Studio, Path], None]


def drop(page: LibraryPage, *paths: Path) -> bool:
    """Hold files over the page and let them go there; whether it takes them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(100, 100), copy, data, left, none)
    QApplication.sendEvent(page, enter)
    if not enter.isAccepted():
        return False
    assert page.drop_area.overlay.isVisible()
    QApplication.sendEvent(page, QDropEvent(QPointF(100, 100), copy, data, left, none))
    assert not page.drop_area.overlay.isVisible()
    return True


@pytest.fixture
def empty_page(qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Open) -> LibraryPage:
    """The page of a new library."""
    (tmp_path / "new").mkdir()
    open_in(studio, tmp_path / "new")
    made = LibraryPage(studio)
    qtbot.addWidget(made)
    made.show()
    made.entered()
    return made


def test_dropped_library_comes_in_with_its_labels(
    qtbot: QtBot, empty_page: LibraryPage, library_root: Path, studio: Studio
):
    page = empty_page
    assert drop(page, library_root)
    qtbot.waitUntil(lambda: page.arriving.dialog is not None, timeout=10_000)
    dialog = page.arriving.dialog
    assert dialog is not None
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    dialog.import_button.click()
    assert page.moving.isVisible()
    qtbot.waitUntil(lambda: page.notice.message == "Came in: 13 takes.", timeout=20_000)
    assert len(titles(page)) == 13
    assert page.list.isVisible()
    qtbot.waitUntil(lambda: not page.moving.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    studio.close_library()


def test_recordings_are_asked_who_is_seen(
    qtbot: QtBot, page: LibraryPage, tmp_path: Path, studio: Studio
):
    (tmp_path / "visit.db3").write_bytes(b"no recording")
    assert drop(page, tmp_path / "visit.db3")
    qtbot.waitUntil(lambda: page.arriving.dialog is not None, timeout=10_000)
    dialog = page.arriving.dialog
    assert dialog is not None
    assert not dialog.import_button.isEnabled()
    dialog.give_names("2026-11-23", "P1")
    assert dialog.import_button.isEnabled()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    dialog.import_button.click()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=20_000)
    assert page.notice.isVisible()
    assert "visit.db3" in page.notice.message + page.notice.hint
    assert len(titles(page)) == 13


def test_what_cannot_come_in_is_a_sentence(qtbot: QtBot, page: LibraryPage, tmp_path: Path):
    (tmp_path / "letter.txt").write_text("hello")
    assert drop(page, tmp_path / "letter.txt")
    qtbot.waitUntil(lambda: "letter.txt" in page.notice.message, timeout=10_000)
    assert page.notice.details == ""
    assert page.arriving.dialog is None


def test_label_files_are_sent_to_the_page_for_labels(
    qtbot: QtBot, page: LibraryPage, tmp_path: Path
):
    (tmp_path / "labels.csv").write_text("take,action\n")
    with qtbot.waitSignal(page.label_files_wanted, timeout=10_000) as wanted:
        assert drop(page, tmp_path / "labels.csv")
    assert wanted.args == [(tmp_path / "labels.csv",)]


def test_words_that_are_dragged_over_the_page_are_refused(page: LibraryPage):
    data = QMimeData()
    data.setText("hello")
    none = Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(page, enter)
    assert not enter.isAccepted()
    assert not page.drop_area.overlay.isVisible()


def test_selected_takes_are_copied_into_a_library_of_their_own(
    qtbot: QtBot, page: LibraryPage, tmp_path: Path, studio: Studio
):
    select(page, 0, 7)
    qtbot.waitUntil(lambda: page.selection_actions.export.isEnabled(), timeout=2000)
    chosen = [(row.participant, row.actions) for row in page.list.selected()]
    page.selection_actions.export.trigger()
    dialog = page.arriving.export_dialog
    assert dialog is not None
    assert not dialog.export_button.isEnabled()
    dialog.field.setText(str(tmp_path / "handed on"))
    dialog.colour_box.setChecked(False)
    dialog.export_button.click()
    qtbot.waitUntil(lambda: page.notice.message.startswith("Copied to"), timeout=20_000)
    with Library.open(tmp_path / "handed on") as copy:
        rows = list_takes(copy)
        assert [(row.participant, row.actions) for row in rows] == chosen
        assert not any(row.has_colour for row in rows)
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)


def test_stopped_import_keeps_what_came_before(
    qtbot: QtBot, empty_page: LibraryPage, library_root: Path, studio: Studio
):
    page = empty_page
    page.arriving.take_in([library_root])
    qtbot.waitUntil(lambda: page.arriving.dialog is not None, timeout=10_000)
    dialog = page.arriving.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    dialog.import_button.click()
    page.moving.stop_button.click()
    with qtbot.waitSignal(page.moving.stopped, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: not page.moving.isVisible(), timeout=5000)
    assert studio.library is not None
    assert len(list_takes(studio.library)) < 13
    studio.close_library()


def test_import_that_fails_in_the_middle_shows_what_came_before(
    qtbot: QtBot,
    empty_page: LibraryPage,
    library_root: Path,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
):
    whole = arrivals.bring_in

    def until_the_disk_is_full(*arguments: object, **named: object) -> None:
        whole(*arguments, **named)  # type: ignore[arg-type]
        raise FsamtError("The disk is full.", "Free some space.")

    monkeypatch.setattr(arrivals, "bring_in", until_the_disk_is_full)
    page = empty_page
    page.arriving.take_in([library_root])
    qtbot.waitUntil(lambda: page.arriving.dialog is not None, timeout=10_000)
    dialog = page.arriving.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    dialog.import_button.click()
    qtbot.waitUntil(lambda: page.notice.message == "The disk is full.", timeout=20_000)
    assert page.list.takes.rowCount() == 13
    assert page.list.isVisible()
    qtbot.waitUntil(lambda: not page.moving.isVisible(), timeout=5000)
    studio.close_library()
