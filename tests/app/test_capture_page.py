import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.capture import CapturePage
from app.pages.capture.prompt import PromptKind
from app.studio import Studio
from fsamt_engine.capture.recorder import Recorder
from fsamt_engine.library import StreamKind, Take
from fsamt_engine.library.bin import list_bin
from fsamt_engine.library.takes import list_takes, take
from tests.app.capturing import (
    give_until_written,
    hover,
    is_attached,
    name,
    press,
    record_take,
    rows,
)
from tests.fsamt_engine.capture.puppet import HEIGHT, WIDTH, Puppet

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(capture_page: CapturePage) -> CapturePage:
    """The page with the first puppet's pictures on it, in a new library, without a preflight."""
    return capture_page


def test_without_a_library_the_page_asks_for_one(qtbot: QtBot, studio: Studio):
    page = CapturePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert page.places.no_library_words.isVisible()
    assert not page.record_button.isVisible()
    with qtbot.waitSignal(page.page_wanted) as wanted:
        page.places.open_button.click()
    assert wanted.args == ["open"]


def test_without_a_camera_the_page_offers_the_simulated_one(
    qtbot: QtBot, studio: Studio, puppets: dict[str, Puppet], tmp_path: Path, open_in: Open
):
    for puppet in puppets.values():
        puppet.unplug()
    (tmp_path / "visit").mkdir()
    open_in(studio, tmp_path / "visit")
    page = CapturePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    page.camera_bar.choose_mode(424, 240, 15.0)
    qtbot.waitUntil(page.places.no_camera_words.isVisible, timeout=5000)
    page.places.simulated_button.click()
    assert page.places.is_work
    qtbot.waitUntil(lambda: StreamKind.DEPTH in page.view.shown, timeout=10_000)
    assert page.view.depth_view.image is not None
    assert page.view.scale.accessibleName().startswith("Depth from")
    studio.close_library()


def test_first_real_camera_is_opened_in_the_background(
    page: CapturePage, puppets: dict[str, Puppet]
):
    assert page.camera_bar.picker.text() == "Puppet 1"
    assert len(puppets["puppet:1"].asked) == 1
    assert puppets["puppet:2"].asked == []
    assert page.view.depth_view.image is not None


def test_camera_that_is_plugged_in_appears_by_itself(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    puppets["puppet:2"].is_plugged_in = False
    page.watch._look()
    qtbot.waitUntil(lambda: len(page.camera_bar.picker.cameras) == 2, timeout=5000)
    puppets["puppet:2"].plug_in()
    qtbot.waitUntil(lambda: page.watch._task is None, timeout=5000)
    page.watch._look()
    qtbot.waitUntil(lambda: len(page.camera_bar.picker.cameras) == 3, timeout=5000)


def test_cursor_reads_the_distance(qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]):
    puppets["puppet:1"].n_given = 1233
    puppets["puppet:1"].give()
    qtbot.waitUntil(lambda: page.view.shown[StreamKind.DEPTH].number == 1233, timeout=5000)
    view = page.view.depth_view
    assert view.reading() == ""
    hover(view, view.rect().center())
    assert view.reading() == "1.23 m"
    frame = np.zeros((HEIGHT, WIDTH), np.uint16)
    view.show_frame(frame, 0.001, page.view._range.update(frame, 0.001))
    assert view.reading() == "no reading"
    view.show_nothing()
    assert view.reading() == ""


def test_nothing_is_recorded_before_somebody_is_named(qtbot: QtBot, page: CapturePage):
    assert not page.record_button.isEnabled()
    assert "participant" in page.record_button.toolTip()
    press(qtbot, page)
    assert not page.conductor.desk.is_recording
    name(qtbot, page)
    qtbot.waitUntil(page.record_button.isEnabled, timeout=2000)
    assert page.view.band.prompt.words == "Ready. Space starts."


def test_space_starts_and_stops_a_take(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    page.script.action.setEditText("wave")
    press(qtbot, page)
    assert page.record_button.text() == "Stop and keep the take"
    assert page.view.band.prompt.kind in (PromptKind.RECORDING, PromptKind.REST)
    assert not page.visit.participant.isEnabled()
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 12)
    qtbot.waitUntil(lambda: page.view.band.prompt.words == "wave", timeout=2000)
    assert [task.page for task in studio.board.running] == ["capture"]
    press(qtbot, page)
    qtbot.waitUntil(lambda: len(rows(page)) == 1, timeout=5000)
    (row,) = rows(page)
    assert (row.participant, row.actions, row.n_pairs) == ("P1", ("wave",), 6)
    assert row.session == f"{date.today():%Y-%m-%d}"
    assert page.takes_bar.verdict.whole.startswith("6 pairs, none dropped")
    assert page.takes_bar.strip.chosen == row.id
    qtbot.waitUntil(lambda: not studio.board.running, timeout=2000)
    assert page.visit.participant.isEnabled()


def test_space_in_a_name_is_a_letter_and_starts_nothing(qtbot: QtBot, page: CapturePage):
    name(qtbot, page, "Anna")
    field = page.visit.participant
    field.setFocus()
    qtbot.keyClicks(field.lineEdit(), " B")
    assert field.name == "Anna B"
    assert not page.conductor.desk.is_recording


def test_space_stops_wherever_the_focus_is(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    page.activateWindow()
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 6)
    page.sound_button.setFocus()
    qtbot.waitUntil(page.sound_button.hasFocus)
    qtbot.keyClick(page.sound_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(rows(page)) == 1, timeout=5000)
    assert page.sound_button.isChecked()


def test_last_take_is_thrown_away_by_a_key_and_comes_back(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    for _ in range(2):
        record_take(qtbot, page, puppets["puppet:1"])
    last, first = rows(page)
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert [row.id for row in rows(page)] == [first.id]
    assert studio.library is not None
    assert [binned.id for binned in list_bin(studio.library)] == [last.id]
    assert page.takes_bar.undo_button.isVisible()
    page.takes_bar.undo_button.click()
    assert [row.id for row in rows(page)] == [last.id, first.id]
    assert not page.takes_bar.undo_button.isVisible()


def test_take_that_is_recorded_can_be_thrown_away_and_had_back(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 6)
    press(qtbot, page, Qt.Key.Key_Backspace)
    qtbot.waitUntil(page.takes_bar.undo_button.isVisible, timeout=5000)
    assert rows(page) == ()
    page.takes_bar.undo()
    assert len(rows(page)) == 1


def test_take_whose_files_are_still_completed_is_the_last_one(
    qtbot: QtBot,
    page: CapturePage,
    puppets: dict[str, Puppet],
    monkeypatch: pytest.MonkeyPatch,
):
    name(qtbot, page)
    record_take(qtbot, page, puppets["puppet:1"])
    (first,) = rows(page)
    may_complete, stop = threading.Event(), Recorder.stop

    def slow_stop(recorder: Recorder) -> tuple[Take, ...]:
        assert may_complete.wait(10)
        return stop(recorder)

    monkeypatch.setattr(Recorder, "stop", slow_stop)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 6)
    press(qtbot, page)
    qtbot.waitUntil(lambda: page.conductor.desk.is_completing, timeout=5000)
    press(qtbot, page, Qt.Key.Key_Backspace)
    may_complete.set()
    qtbot.waitUntil(page.takes_bar.undo_button.isVisible, timeout=5000)
    assert rows(page) == (first,)


def test_mark_is_stored_with_the_take(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    qtbot.waitUntil(page.mark_button.isVisible, timeout=2000)
    give_until_written(qtbot, page, puppets["puppet:1"], 6)
    press(qtbot, page, Qt.Key.Key_M)
    page.mark_button.click()
    press(qtbot, page)
    qtbot.waitUntil(lambda: len(rows(page)) == 1, timeout=5000)
    assert studio.library is not None
    recording = take(studio.library, rows(page)[0].id).recording
    assert recording is not None
    assert [text for text, _ in recording.marks] == ["mark 1", "mark 2"]


def test_unplugged_camera_is_named_and_the_recording_goes_on_when_it_is_back(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    puppet = puppets["puppet:1"]
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppet, 8)
    puppet.unplug()
    qtbot.waitUntil(page.notice.isVisible, timeout=5000)
    assert "was unplugged" in page.notice.message
    assert page.notice.details == ""
    qtbot.waitUntil(lambda: page.view.band.prompt.words == "Waiting for the camera", timeout=5000)
    puppet.plug_in()
    qtbot.waitUntil(lambda: page.notice.message == "The camera is back.", timeout=5000)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppet, 6)
    press(qtbot, page)
    qtbot.waitUntil(lambda: len(rows(page)) == 2, timeout=5000)
    assert [row.n_pairs for row in rows(page)] == [3, 4]


def test_full_disk_ends_the_take_keeps_it_and_says_so(
    qtbot: QtBot,
    page: CapturePage,
    puppets: dict[str, Puppet],
    monkeypatch: pytest.MonkeyPatch,
):
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 8)
    full = SimpleNamespace(free=1000)
    monkeypatch.setattr("fsamt_engine.capture.disk.shutil.disk_usage", lambda path: full)
    qtbot.waitUntil(lambda: len(rows(page)) == 1, timeout=5000)
    assert rows(page)[0].n_pairs == 4
    assert "disk is nearly full" in page.notice.message
    qtbot.waitUntil(lambda: page.viewfinder.trouble.problem is None, timeout=2000)
    assert page.notice.isVisible()
    assert not page.conductor.is_busy


def test_camera_that_cannot_be_opened_is_tried_again_when_asked(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    puppets["puppet:2"].is_plugged_in = False
    page.watch.stop()
    page.camera_bar.picker.choose(["puppet:2"])
    qtbot.waitUntil(page.camera_bar.retry.isVisible, timeout=5000)
    assert "There is no camera puppet:2" in page.notice.message
    assert not page.record_button.isEnabled()
    puppets["puppet:2"].plug_in()
    page.camera_bar.retry.click()
    qtbot.waitUntil(lambda: page.viewfinder.opened("puppet:2") is not None, timeout=5000)
    qtbot.waitUntil(lambda: not page.notice.isVisible(), timeout=5000)


def test_several_cameras_record_one_take_together(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    page.camera_bar.picker.ticks["puppet:2"].setChecked(True)
    qtbot.waitUntil(lambda: page.viewfinder.opened("puppet:2") is not None, timeout=5000)
    assert page.camera_bar.picker.text() == "2 cameras"
    tabs = [b for b in page.view.findChildren(QPushButton) if b.property("camera")]
    assert [tab.text() for tab in tabs if tab.isVisible()] == ["Puppet 1", "Puppet 2"]
    puppets["puppet:2"].give()
    tabs[1].click()
    qtbot.waitUntil(lambda: StreamKind.DEPTH in page.view.shown, timeout=5000)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:2"], 6)
    give_until_written(qtbot, page, puppets["puppet:1"], 12)
    press(qtbot, page)
    qtbot.waitUntil(lambda: len(rows(page)) == 2, timeout=5000)
    assert studio.library is not None
    recordings = [take(studio.library, row.id).recording for row in rows(page)]
    assert len({r.group for r in recordings if r is not None}) == 1
    press(qtbot, page, Qt.Key.Key_Backspace)
    assert rows(page) == ()


def test_preview_stops_when_the_page_is_left_and_comes_back(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    page.left()
    assert page.feeds.running == {}
    qtbot.waitUntil(lambda: not page.feeds._closing, timeout=5000)
    assert not [t for t in threading.enumerate() if t.name.startswith("camera")]
    page.entered()
    qtbot.waitUntil(lambda: page.viewfinder.opened("puppet:1") is not None, timeout=5000)
    assert len(puppets["puppet:1"].asked) == 2


def test_recording_goes_on_when_the_page_is_left_and_then_the_camera_is_closed(
    qtbot: QtBot, page: CapturePage, puppets: dict[str, Puppet]
):
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    page.left()
    give_until_written(qtbot, page, puppets["puppet:1"], 8)
    page.conductor.start_or_stop()
    qtbot.waitUntil(lambda: len(rows(page)) == 1, timeout=5000)
    qtbot.waitUntil(lambda: page.feeds.running == {}, timeout=5000)


def test_closing_the_library_keeps_what_is_recorded(
    qtbot: QtBot, page: CapturePage, studio: Studio, puppets: dict[str, Puppet], tmp_path: Path
):
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 8)
    studio.close_library()
    from fsamt_engine.library import Library

    with Library.open(tmp_path / "visit") as library:
        assert [row.n_pairs for row in list_takes(library)] == [4]


def test_closing_the_window_while_recording_asks_and_keeps_the_take(
    qtbot: QtBot,
    window: MainWindow,
    puppets: dict[str, Puppet],
    tmp_path: Path,
    open_in: Open,
    monkeypatch: pytest.MonkeyPatch,
):
    (tmp_path / "visit").mkdir()
    open_in(window.studio, tmp_path / "visit")
    window.go_to("capture")
    page = window.current_page
    assert isinstance(page, CapturePage)
    page.conductor.sounds.is_muted = True
    qtbot.waitUntil(lambda: page.viewfinder.opened("puppet:1") is not None, timeout=5000)
    name(qtbot, page)
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppets["puppet:1"], 8)
    window.go_to("start")
    qtbot.waitUntil(window.status_line.runs.isVisible, timeout=2000)
    window.status_line.runs.click()
    assert window.current_page is page
    monkeypatch.setattr("app.closing.ask", lambda *_: True)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)
    from fsamt_engine.library import Library

    with Library.open(tmp_path / "visit") as library:
        assert [row.n_pairs for row in list_takes(library)] == [4]
