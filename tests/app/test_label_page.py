from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.pages.label import LabelPage
from app.pages.label.action_table import chip_place
from app.pages.label.holding import Held
from app.pages.label.queue import ALL, SUGGESTED
from app.studio import Studio
from app.widgets.rail import RAIL_WIDTH
from fsamt_engine.library import Action, Library, TakeFilter
from fsamt_engine.library.labels import actions, add_action, segments, unlabel_takes
from fsamt_engine.library.suggestions import Suggestion, list_suggestions, save_suggestions
from fsamt_engine.library.takes import list_takes

Open = Callable[[Studio, Path], None]
N_FRAMES = 20


@pytest.fixture
def bare_root(library_root: Path) -> Path:
    """The squares; 4 takes in the middle have no label, and there is an action without any."""
    with Library.open(library_root) as library:
        unlabel_takes(library, [row.id for row in list_takes(library)[3:7]])
        add_action(library, "still")
    return library_root


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, bare_root: Path, open_in: Open) -> Iterator[LabelPage]:
    open_in(studio, bare_root)
    made = LabelPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: made.player.shown == 0, timeout=5000)
    yield made
    studio.close_library()


def key_of(page: LabelPage, action: str) -> str:
    return next(a.key for a in page.desk.actions if a.name == action)


def press(qtbot: QtBot, page: LabelPage, key: Qt.Key | str, *modifiers: str) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for name in modifiers:
        held |= getattr(Qt.KeyboardModifier, f"{name}Modifier")
    qtbot.keyClick(page.queue.list, key, held)


def tap(qtbot: QtBot, page: LabelPage, action: str) -> None:
    press(qtbot, page, key_of(page, action))


def labels(page: LabelPage, take_id: str = "") -> list[tuple[str, int, int]]:
    """What is on disk of a take, read by another connection than the page's."""
    assert page.studio.library is not None
    wanted = take_id or shown(page)
    with Library.open(page.studio.library.root) as other:
        return [(s.action, s.start, s.end) for s in segments(other, take_ids=[wanted])]


def shown(page: LabelPage) -> str:
    assert page.desk.files is not None
    return page.desk.files.take.id


def settled(qtbot: QtBot, page: LabelPage, frame: int) -> None:
    page.player.go_to(frame)
    qtbot.waitUntil(lambda: page.player.shown == frame, timeout=5000)


def stay(page: LabelPage) -> None:
    page.bar.goes_on.setChecked(False)


def test_takes_without_a_label_come_first(page: LabelPage):
    model = page.queue.model
    done = [entry.is_done for n in range(model.rowCount()) if (entry := model.entry(n))]
    assert done == [False] * 4 + [True] * 9
    assert page.queue.count.text() == "13 takes"


def test_tap_labels_the_whole_take_and_goes_on_to_the_next(qtbot: QtBot, page: LabelPage):
    first = shown(page)
    tap(qtbot, page, "across")
    assert labels(page, first) == [("across", 0, N_FRAMES)]
    assert shown(page) != first
    assert page.queue.list.currentIndex().row() == 1
    assert "across: the whole take" in page.bar.saved.text()


def test_take_stays_where_going_on_is_not_wanted_and_enter_goes_on(qtbot: QtBot, page: LabelPage):
    stay(page)
    first = shown(page)
    tap(qtbot, page, "across")
    assert shown(page) == first
    press(qtbot, page, Qt.Key.Key_Return)
    assert shown(page) != first


def test_four_taps_label_all_takes_and_the_page_says_so(qtbot: QtBot, page: LabelPage):
    for _ in range(4):
        tap(qtbot, page, "down")
    assert page.studio.library is not None
    assert len({s.take_id for s in segments(page.studio.library)}) == 13
    press(qtbot, page, Qt.Key.Key_Return)
    assert "Everything in this list has a label" in page.bar.saved.text()


def test_held_key_labels_what_is_stepped_over(qtbot: QtBot, page: LabelPage):
    settled(qtbot, page, 3)
    key = Qt.Key(ord(key_of(page, "across").upper()))
    qtbot.keyPress(page.queue.list, key)
    for frame in range(4, 9):
        press(qtbot, page, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda f=frame: page.player.shown == f, timeout=5000)
    assert labels(page) == [], "nothing is on disk while the key is down"
    assert page.timeline._pending == ("across", 3, 9)
    qtbot.keyRelease(page.queue.list, key)
    assert labels(page) == [("across", 3, 9)]
    assert page.timeline._pending is None
    assert page.desk.segment is not None, "it can be nudged at once"


def test_held_key_labels_what_is_played(qtbot: QtBot, page: LabelPage):
    page.player.controls.speed.setCurrentIndex(page.player.controls.speed.findData(0.25))
    settled(qtbot, page, 4)
    page.player.play()
    key = Qt.Key(ord(key_of(page, "down").upper()))
    qtbot.keyPress(page.queue.list, key)
    begin = page.player.shown
    qtbot.waitUntil(lambda: page.player.shown >= begin + 6, timeout=10_000)
    end = page.player.shown
    qtbot.keyRelease(page.queue.list, key)
    assert [label[0] for label in labels(page)] == ["down"]
    (_, start, stop) = labels(page)[0]
    assert start == begin
    assert end + 1 <= stop <= end + 2


def test_repeating_keyboard_does_not_cut_a_hold_into_pieces(qtbot: QtBot, page: LabelPage):
    settled(qtbot, page, 2)
    key = Qt.Key(ord(key_of(page, "across").upper()))
    text = key_of(page, "across")

    def send(kind: QEvent.Type, *, repeat: bool) -> None:
        event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, repeat)
        QApplication.sendEvent(page.queue.list, event)

    send(QEvent.Type.KeyPress, repeat=False)
    for frame in range(3, 8):
        send(QEvent.Type.KeyRelease, repeat=True)
        send(QEvent.Type.KeyPress, repeat=True)
        press(qtbot, page, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda f=frame: page.player.shown == f, timeout=5000)
    assert labels(page) == []
    send(QEvent.Type.KeyRelease, repeat=False)
    assert labels(page) == [("across", 2, 8)]


def test_key_that_is_down_when_the_window_loses_the_keyboard_labels_nothing(
    qtbot: QtBot, page: LabelPage
):
    settled(qtbot, page, 3)
    key = Qt.Key(ord(key_of(page, "across").upper()))
    qtbot.keyPress(page.queue.list, key)
    press(qtbot, page, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: page.player.shown == 4, timeout=5000)
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowDeactivate))
    qtbot.keyRelease(page.queue.list, key)
    assert labels(page) == []


def test_key_that_was_let_go_in_another_window_works_again(qtbot: QtBot, page: LabelPage):
    key = Qt.Key(ord(key_of(page, "across").upper()))
    first = shown(page)
    qtbot.keyPress(page.queue.list, key)
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowDeactivate))
    QApplication.sendEvent(page, QEvent(QEvent.Type.WindowActivate))
    assert labels(page, first) == []
    tap(qtbot, page, "across")
    assert labels(page, first) == [("across", 0, N_FRAMES)]


def test_quick_typist_labels_two_takes_although_the_keys_overlap(qtbot: QtBot, page: LabelPage):
    first = shown(page)
    one, other = (Qt.Key(ord(key_of(page, name).upper())) for name in ("across", "down"))
    qtbot.keyPress(page.queue.list, one)
    qtbot.keyPress(page.queue.list, other)
    second = shown(page)
    qtbot.keyRelease(page.queue.list, one)
    qtbot.keyRelease(page.queue.list, other)
    assert labels(page, first) == [("across", 0, N_FRAMES)]
    assert labels(page, second) == [("down", 0, N_FRAMES)]
    assert len({first, second, shown(page)}) == 3


def test_tap_gives_the_chosen_segment_another_action(qtbot: QtBot, page: LabelPage):
    page.desk.do(Held("across", 2, 10))
    tap(qtbot, page, "down")
    assert labels(page) == [("down", 2, 10)]
    press(qtbot, page, Qt.Key.Key_Escape)
    tap(qtbot, page, "across")
    assert "in place of 1 label" in page.bar.saved.text()


def test_edges_are_nudged_by_frames_and_set_to_what_is_on_screen(qtbot: QtBot, page: LabelPage):
    page.desk.do(Held("across", 5, 10))
    press(qtbot, page, Qt.Key.Key_Left, "Alt")
    press(qtbot, page, Qt.Key.Key_Right, "Control")
    assert labels(page) == [("across", 4, 11)]
    qtbot.waitUntil(lambda: page.player.shown == 10, timeout=5000)
    settled(qtbot, page, 14)
    qtbot.keyClicks(page.queue.list, "]")
    assert labels(page) == [("across", 4, 15)]
    settled(qtbot, page, 1)
    qtbot.keyClicks(page.queue.list, "[")
    assert labels(page) == [("across", 1, 15)]


def test_interval_is_marked_with_brackets_and_labelled_by_a_tap(qtbot: QtBot, page: LabelPage):
    settled(qtbot, page, 6)
    qtbot.keyClicks(page.queue.list, "[")
    settled(qtbot, page, 12)
    qtbot.keyClicks(page.queue.list, "]")
    assert page.timeline.drawn == (6, 13)
    assert "frames 7 to 13" in page.bar.target.text()
    tap(qtbot, page, "across")
    assert labels(page) == [("across", 6, 13)]
    assert page.timeline.drawn is None


def test_edges_dragged_on_the_timeline_are_written(page: LabelPage):
    page.desk.do(Held("across", 5, 10))
    segment = page.desk.segment
    assert segment is not None
    page.timeline.edges_moved.emit(segment.id, 3, 9)
    assert labels(page) == [("across", 3, 9)]


def test_delete_removes_the_chosen_label_only(qtbot: QtBot, page: LabelPage):
    page.desk.do(Held("across", 0, 5))
    page.desk.do(Held("down", 10, 15))
    press(qtbot, page, Qt.Key.Key_PageUp)
    assert page.desk.segment is not None
    assert page.desk.segment.action == "across"
    press(qtbot, page, Qt.Key.Key_Delete)
    assert labels(page) == [("down", 10, 15)]


def test_undo_takes_back_a_label_and_shows_its_take_again(qtbot: QtBot, page: LabelPage):
    first = shown(page)
    tap(qtbot, page, "across")
    tap(qtbot, page, "down")
    page.activateWindow()
    press(qtbot, page, Qt.Key.Key_Z, "Control")
    press(qtbot, page, Qt.Key.Key_Z, "Control")
    assert labels(page, first) == []
    assert shown(page) == first
    press(qtbot, page, Qt.Key.Key_Z, "Control", "Shift")
    assert labels(page, first) == [("across", 0, N_FRAMES)]
    assert "done again" in page.bar.saved.text()


def test_tab_goes_through_the_list_and_f6_leaves_it(qtbot: QtBot, page: LabelPage):
    page.activateWindow()
    page.queue.list.setFocus()
    qtbot.waitUntil(page.queue.list.hasFocus)
    press(qtbot, page, Qt.Key.Key_Tab)
    assert page.queue.list.currentIndex().row() == 1
    qtbot.keyClick(page.queue.list, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert page.queue.list.currentIndex().row() == 0
    assert page.queue.list.hasFocus()
    press(qtbot, page, Qt.Key.Key_F6)
    assert not page.queue.list.hasFocus()


def test_key_of_no_action_says_so_and_labels_nothing(qtbot: QtBot, page: LabelPage):
    press(qtbot, page, "q")
    assert "No action has the key Q" in page.bar.saved.text()
    assert labels(page) == []


def test_counts_by_participant_follow_every_label(qtbot: QtBot, page: LabelPage):
    model = page.panel.table.model
    row = [action.name for action in model.actions].index("still")
    assert model.people == ("P1", "P2")
    assert model.count(row, 1) == 0
    tap(qtbot, page, "still")
    qtbot.waitUntil(lambda: model.count(row, 1) == 1, timeout=5000)
    assert (model.count(row, 2), model.count(row, 3)) == (1, 0)
    assert page.finetune_button.text() == "Finetune on 10 labels"
    assert any("“still” can be learned or tested" in text for text in page.panel.warnings.texts())


def test_click_on_a_key_in_the_table_labels_too(qtbot: QtBot, page: LabelPage):
    first = shown(page)
    names = page.panel.table.names
    place = chip_place(names.visualRect(page.panel.table.model.index(0, 0))).center()
    qtbot.mouseClick(names.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert labels(page, first) == [(page.panel.table.model.actions[0].name, 0, N_FRAMES)]


def test_actions_are_renamed_and_merged_and_it_can_be_undone(page: LabelPage):
    library = page.studio.library
    assert library is not None
    old = page.desk.actions
    page.panel.change_to("across", Action("sideways", "left or right", 0, "#CC79A7", "s"))
    assert {s.action for s in segments(library)} == {"sideways", "down"}
    assert page.desk.action_of_key("S") is not None
    page.panel.merge_into("sideways", "down")
    assert {s.action for s in segments(library)} == {"down"}
    page.studio.undoing.undo()
    page.studio.undoing.undo()
    assert tuple(actions(library)) == old


def test_accepted_suggestion_becomes_a_label_and_the_next_is_shown(qtbot: QtBot, page: LabelPage):
    ids = suggest(page)
    assert page.queue.order.itemText(1) == "Suggested (3)"
    assert page.desk.suggestion is not None
    assert "looks like nothing else" in page.bar.target.text()
    press(qtbot, page, Qt.Key.Key_Return)
    assert labels(page, ids[0]) == [("across", 2, 8)]
    assert shown(page) == ids[1]
    assert page.queue.order.itemText(1) == "Suggested (2)"


def test_suggestion_is_named_by_a_key_or_dismissed(qtbot: QtBot, page: LabelPage):
    ids = suggest(page)
    tap(qtbot, page, "down")
    assert labels(page, ids[0]) == [("down", 2, 8)]
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert labels(page, ids[1]) == []
    press(qtbot, page, Qt.Key.Key_Return)
    assert "There is no guess" in page.bar.saved.text(), "the third has none"
    assert page.studio.library is not None
    assert len(list_suggestions(page.studio.library)) == 1


def test_suggestion_is_no_label_until_it_is_accepted(page: LabelPage):
    ids = suggest(page)
    assert all(labels(page, take_id) == [] for take_id in ids)
    assert page.panel.n_labels == 9
    assert all(not s.action for s in page.desk.segments)


def suggest(page: LabelPage) -> list[str]:
    """Three suggestions in takes without a label, listed; returns their takes."""
    library = page.studio.library
    assert library is not None
    rows = list_takes(library, TakeFilter(labelled=False))[:3]
    guesses = ("across", "down", None)
    save_suggestions(
        library,
        [
            Suggestion(
                *(0, row.id, row.participant, 2, 8, guess, 0.5),
                *("looks like nothing else", None, "student-1"),
            )
            for row, guess in zip(rows, guesses, strict=True)
        ],
    )
    page.queue.choose_order(SUGGESTED)
    return [row.id for row in rows]


def test_search_narrows_the_list(qtbot: QtBot, page: LabelPage):
    page.queue.choose_order(ALL)
    with qtbot.waitSignal(page.queue.order_changed):
        page.queue.search.setText("P2")
    assert page.queue.count.text() == "7 takes"


def test_page_fits_beside_the_rail_of_the_smallest_window(page: LabelPage):
    least = page.minimumSizeHint()
    assert least.width() <= 1280 - RAIL_WIDTH
    assert least.height() <= 690


def test_change_that_the_library_refuses_is_said_and_not_shown(
    qtbot: QtBot, page: LabelPage, monkeypatch: pytest.MonkeyPatch
):
    from fsamt_engine.errors import FsamtError

    def full(*_: object, **__: object) -> None:
        raise FsamtError("The disk is full.", "Make room.")

    monkeypatch.setattr("app.pages.label.desk.label_takes", full)
    first = shown(page)
    tap(qtbot, page, "across")
    assert page.notice.message == "The disk is full."
    assert shown(page) == first
    assert page.desk.segments == ()
    assert "Saved" not in page.bar.saved.text()


def test_empty_library_explains_itself(qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Open):
    (tmp_path / "new").mkdir()
    open_in(studio, tmp_path / "new")
    page = LabelPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert "no takes to label" in page.empty.words.text()
    assert not page.finetune_button.isEnabled()
    with qtbot.waitSignal(page.page_wanted) as asked:
        page.empty.button.click()
    assert asked.args == ["capture"]
    studio.close_library()


def test_closing_the_library_lets_go_of_every_file(page: LabelPage, studio: Studio):
    studio.close_library()
    assert page.queue.model.rowCount() == 0
    assert page.player.depth_view.image is None
    assert page.desk.files is None
