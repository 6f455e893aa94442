"""Several takes selected, and titles, tags, names and regions given to them."""

from threading import Event, Timer

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage, inspector
from app.pages.library.many import summary
from app.studio import Studio
from fsamt_engine.library import TakeRow
from fsamt_engine.library.listing import list_takes, participant_counts
from fsamt_engine.library.organising import rename_participant
from fsamt_engine.library.takes import take
from tests.app.browsing import ids, page, select, titles

__all__ = ["page"]


def test_many_selected_takes_are_counted(page: LibraryPage, qtbot: QtBot):
    select(page, 0, 1, 8)
    qtbot.waitUntil(page.inspector.many.isVisible, timeout=2000)
    texts = page.inspector.many.texts()
    assert page.inspector.fields.heading.text() == "3 takes selected"
    for words in ("Length: 2 s", "P1: 2", "P2: 1", "visit of P1: 2"):
        assert words in texts
    page.list.choose(4)
    qtbot.waitUntil(page.inspector.one.isVisible, timeout=2000)
    assert not page.inspector.many.isVisible()


def test_very_many_takes_are_counted_in_the_background(
    page: LibraryPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inspector, "_COUNTED_AT_ONCE", 5)
    qtbot.keyClick(page.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.inspector.summary is not None, timeout=5000)
    assert page.studio.library is not None
    assert page.inspector.summary == summary(list_takes(page.studio.library))
    assert "P2: 7" in page.inspector.many.texts()


def test_nothing_is_counted_any_more_once_the_library_closes(
    page: LibraryPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inspector, "_COUNTED_AT_ONCE", 0)
    begun, gate, done = Event(), Event(), Event()

    def slowly() -> list[TakeRow]:
        begun.set()
        gate.wait(10)
        done.set()
        return []

    page.inspector.show_many(2, slowly)
    assert begun.wait(10)
    page.inspector.show_many(3, list)
    Timer(0.3, gate.set).start()
    page.inspector.let_go()
    assert done.is_set(), "the first one, too, has ended"


def test_shift_and_ctrl_select(page: LibraryPage, qtbot: QtBot):
    place = page.list.visualRect
    model, viewport = page.list.takes, page.list.viewport()
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(viewport, left, pos=place(model.index(1)).center())
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(viewport, left, shift, place(model.index(3)).center())
    assert page.list.selected_numbers.tolist() == [1, 2, 3]
    qtbot.mouseClick(viewport, left, control, place(model.index(2)).center())
    assert page.list.selected_numbers.tolist() == [1, 3]


def test_tag_is_given_to_all_selected_takes_and_undone_at_once(
    page: LibraryPage, qtbot: QtBot, studio: Studio
):
    library = studio.library
    assert library is not None
    select(page, 0, 2, 5)
    chosen = ids(page)
    tag = page.inspector.fields.tag
    qtbot.keyClicks(tag, "kitchen, night")
    qtbot.keyClick(tag, Qt.Key.Key_Return)
    assert [take(library, take_id).tags for take_id in chosen] == [("kitchen", "night")] * 3
    assert ids(page) == chosen
    assert page.inspector.fields.tags.texts == ["kitchen", "night"]
    assert "3 takes" in studio.undoing.undo_action.text()
    studio.undoing.undo()
    assert [take(library, take_id).tags for take_id in chosen] == [()] * 3
    assert page.notice.message.startswith("Undone: ")


def test_chip_takes_a_tag_away_from_those_that_have_it(page: LibraryPage, qtbot: QtBot):
    library = page.studio.library
    assert library is not None
    page.list.choose(0)
    qtbot.keyClicks(page.inspector.fields.tag, "kitchen")
    qtbot.keyClick(page.inspector.fields.tag, Qt.Key.Key_Return)
    select(page, 0, 1)
    qtbot.waitUntil(lambda: page.inspector.fields.tags.texts == ["kitchen · 1"], timeout=2000)
    qtbot.mouseClick(page.inspector.fields.tags.button("kitchen"), Qt.MouseButton.LeftButton)
    assert [take(library, take_id).tags for take_id in ids(page)] == [(), ()]


def test_title_stands_in_the_list_and_is_found(page: LibraryPage, qtbot: QtBot):
    page.list.choose(4)
    qtbot.waitUntil(page.inspector.fields.title.isVisible, timeout=2000)
    page.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    qtbot.keyClick(page.list, Qt.Key.Key_F2)
    title = page.inspector.fields.title
    qtbot.waitUntil(title.hasFocus)
    qtbot.keyClicks(title, "The good one")
    qtbot.keyClick(title, Qt.Key.Key_Return)
    assert titles(page)[4] == "The good one"
    assert page.list.currentIndex().row() == 4
    with qtbot.waitSignal(page.filters.filter_changed):
        qtbot.keyClicks(page.filters.search, "good")
    assert titles(page) == ["The good one"]


def test_participant_is_renamed_in_a_dialog_that_refuses_a_name_in_use(page: LibraryPage):
    library = page.studio.library
    assert library is not None
    page.list.choose(0)
    page.selection_actions.participant.trigger()
    dialog = page.organiser.dialog
    assert dialog is not None
    assert not dialog.do_button.isEnabled()
    dialog.field.setText("P2")
    assert not dialog.do_button.isEnabled()
    assert "There is a participant P2 already" in dialog.problem.text()
    dialog.field.setText("Ada")
    dialog.do_button.click()
    assert participant_counts(library) == {"Ada": 6, "P2": 7}
    assert titles(page)[0] == "Ada · take 1"


def test_takes_are_assigned_to_another_participant(page: LibraryPage, studio: Studio):
    library = studio.library
    assert library is not None
    select(page, 0, 1)
    page.selection_actions.assign.trigger()
    dialog = page.organiser.dialog
    assert dialog is not None
    dialog.field.setText("P2")
    assert dialog.do_button.text() == "Assign 2 takes"
    dialog.do_button.click()
    assert participant_counts(library) == {"P1": 4, "P2": 9}
    studio.undoing.undo()
    assert participant_counts(library) == {"P1": 6, "P2": 7}


def test_session_is_renamed(page: LibraryPage):
    page.list.choose(0)
    page.selection_actions.session.trigger()
    dialog = page.organiser.dialog
    assert dialog is not None
    dialog.field.setText("first visit")
    dialog.do_button.click()
    chosen = page.list.takes.row(0)
    assert chosen is not None
    assert chosen.session == "first visit"


def test_region_drawn_on_one_take_counts_for_all_selected(page: LibraryPage, qtbot: QtBot):
    library = page.studio.library
    assert library is not None
    select(page, 0, 1)
    chosen = ids(page)
    page.selection_actions.region.trigger()
    page.player.region_drawn.emit((0.25, 0.1, 0.75, 1.0))
    assert [take(library, take_id).region for take_id in chosen] == [(0.25, 0.1, 0.75, 1.0)] * 2
    page.list.choose(0)
    qtbot.waitUntil(lambda: page.inspector.fields.whole_button.isVisible(), timeout=2000)
    page.inspector.fields.whole_button.click()
    assert take(library, chosen[0]).region is None
    assert take(library, chosen[1]).region is not None


def test_region_can_be_drawn_again_and_taken_away(page: LibraryPage, qtbot: QtBot):
    library = page.studio.library
    assert library is not None
    chosen = ids(page)[0]
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    page.selection_actions.region.trigger()
    assert page.player.region_tool.is_active
    page.player.region_tool.end()
    page.selection_actions.region.trigger()
    page.player.region_drawn.emit((0.0, 0.0, 0.5, 1.0))
    assert take(library, chosen).region == (0.0, 0.0, 0.5, 1.0)
    page.selection_actions.region.trigger()
    page.player.region_drawn.emit(None)
    assert take(library, chosen).region is None
    assert page.studio.undoing.undo_action.text() == "Undo: remove the region of a take"


def test_many_takes_are_changed_in_the_background(
    page: LibraryPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.pages.library.editing.AT_ONCE", 3)
    library = page.studio.library
    assert library is not None
    page.list.selectAll()
    qtbot.keyClicks(page.inspector.fields.tag, "all")
    with qtbot.waitSignal(page.studio.library_changed, timeout=5000):
        qtbot.keyClick(page.inspector.fields.tag, Qt.Key.Key_Return)
        assert page.studio.board.running
    assert {row.tags for row in list_takes(library)} == {("all",)}
    assert len(page.list.selected_numbers) == 13
    qtbot.waitUntil(lambda: not page.studio.board.running, timeout=5000)


def test_menu_names_what_it_is_about(page: LibraryPage, qtbot: QtBot):
    select(page, 0, 1, 2)
    qtbot.waitUntil(
        lambda: page.selection_actions.throw_away.text() == "Throw 3 takes away", timeout=2000
    )
    assert not page.selection_actions.title.isEnabled()
    menu = page.selection_actions.menu(page)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert "Rename the participant P1…" in texts
    assert "Export 3 takes…" in texts


def test_page_that_is_not_seen_reads_the_library_when_it_is(page: LibraryPage, studio: Studio):
    library = studio.library
    assert library is not None
    page.hide()
    page.left()
    rename_participant(library, "P1", "Ada")
    studio.library_changed.emit()
    page.show()
    page.entered()
    assert titles(page)[0] == "Ada · take 1"


def test_title_that_was_begun_is_not_given_to_another_take(page: LibraryPage, qtbot: QtBot):
    page.list.choose(0)
    title = page.inspector.fields.title
    qtbot.waitUntil(title.isVisible, timeout=2000)
    title.setFocus()
    qtbot.waitUntil(title.hasFocus, timeout=2000)
    qtbot.keyClicks(title, "the good one")
    page.list.choose(1)
    assert title.hasFocus()
    qtbot.waitUntil(lambda: title.text() == "", timeout=2000)
    qtbot.keyClick(title, Qt.Key.Key_Return)
    library = page.studio.library
    assert library is not None
    assert {row.title for row in list_takes(library)} == {""}
