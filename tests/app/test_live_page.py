import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.live import LivePage
from app.pages.live.depth_stage import SquareView
from app.studio import Studio
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import StreamKind
from fsamt_engine.library.suggestions import list_suggestions
from fsamt_engine.library.takes import take
from fsamt_engine.recognition.live_settings import stored_settings
from fsamt_engine.recognition.settings import RecognitionSettings
from tests.app.living import (
    FIRST,
    SECOND,
    Networks,
    add_recognisers,
    answer,
    is_idle,
    is_watching,
    networks,
    number,
    page,
    stop,
    watch,
)
from tests.fsamt_engine.capture.puppet import COLOUR, DEPTH, Puppet

__all__ = ["networks", "page"]

Open = Callable[[Studio, Path], None]


@pytest.fixture
def ready(qtbot: QtBot, page: LivePage) -> LivePage:
    """The same, when the cameras were found."""
    qtbot.waitUntil(lambda: page.source_bar.source_id == "puppet:1", timeout=5_000)
    return page


@pytest.fixture
def puppet(puppets: dict[str, Puppet]) -> Puppet:
    return puppets["puppet:1"]


def test_without_a_library_the_page_asks_for_one(qtbot: QtBot, studio: Studio):
    page = LivePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert not page.start_button.isVisible()
    with qtbot.waitSignal(page.page_wanted) as wanted:
        page.places.button.click()
    assert wanted.args == ["open"]


def test_without_a_recogniser_the_page_leads_to_finetune(
    qtbot: QtBot, studio: Studio, puppets: dict[str, Puppet], library_root: Path, open_in: Open
):
    open_in(studio, library_root)
    page = LivePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert "no recogniser yet" in page.places.words.text()
    assert not page.start_button.isVisible()
    with qtbot.waitSignal(page.page_wanted) as wanted:
        page.places.button.click()
    assert wanted.args == ["finetune"]
    studio.close_library()


def test_without_a_camera_the_simulated_figure_is_there(
    qtbot: QtBot, page: LivePage, puppets: dict[str, Puppet]
):
    for one in puppets.values():
        one.unplug()
    qtbot.waitUntil(lambda: len(page.watch.cameras) == 1, timeout=10_000)
    page.source_bar.choose_source("simulated")
    assert page.source_bar.source.currentText() == "Simulated figure"
    assert "No depth camera is connected" in page.face.stage.view.accessibleDescription()
    assert page.start_button.isEnabled()


def test_what_is_recognised_is_on_the_screen(qtbot: QtBot, ready: LivePage, puppet: Puppet):
    assert ready.face.streams.words.text() == "No stream is open."
    watch(qtbot, ready, puppet)
    saying = ready.face.answer.saying
    assert (saying.word, saying.share) == ("across", 1.0)
    assert ready.face.answer.accessibleName() == "Recognised: across"
    assert ready.face.bars.shown == ("across", "down")
    assert ready.face.stage.view.image is not None
    assert ready.start_button.text() == "Stop"


def test_depth_alone_is_opened_and_the_line_says_what_the_driver_says(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    assert [asked.kinds for asked in puppet.asked] == [{StreamKind.DEPTH}]
    qtbot.waitUntil(lambda: ready.face.streams.tone == "good", timeout=5_000)
    assert ready.face.streams.words.text().endswith("Colour is not open.")
    stop(qtbot, ready)
    assert ready.face.streams.words.text() == "No stream is open."


def test_camera_whose_colour_is_open_all_the_same_is_refused(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    puppet.says_active = [DEPTH, COLOUR]
    ready.start_button.click()
    qtbot.waitUntil(ready.notice.isVisible, timeout=10_000)
    assert ready.notice.message.startswith("The colour of Puppet is open")
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    assert ready.face.stage.view.image is None


def test_recogniser_learns_when_its_answer_was_painted(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    recogniser = ready.recognising.recogniser
    assert recogniser is not None

    def painted() -> bool:
        newest = recogniser.state().answer
        return newest is not None and newest.timings.display_ms is not None

    qtbot.waitUntil(painted, timeout=5_000)


def test_space_starts_and_stops(qtbot: QtBot, ready: LivePage):
    ready.setFocus()
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_watching(ready), timeout=10_000)
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    assert ready.start_button.text() == "Start recognising"


def test_space_and_k_are_the_pages_where_the_focus_takes_no_text(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    ready.source_bar.source.setFocus()
    qtbot.keyClick(ready.source_bar.source, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_watching(ready), timeout=10_000)
    assert not ready.source_bar.source.view().isVisible()
    answer(qtbot, ready, puppet)
    qtbot.keyClick(ready.side.thresholds.table, Qt.Key.Key_K)
    assert len(ready.side.uncertain.rows) == 1
    qtbot.keyClick(ready.side.thresholds.smoothing, Qt.Key.Key_Space)
    assert ready.recognising.is_wanted
    qtbot.keyClick(ready.side.thresholds.table, Qt.Key.Key_Space)
    assert not ready.recognising.is_wanted
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    qtbot.waitUntil(lambda: ready.side.uncertain.rows[0].is_over, timeout=10_000)


def test_button_that_is_clicked_leaves_the_keyboard_where_it_was(qtbot: QtBot, ready: LivePage):
    ready.side.thresholds.smoothing.setValue(1.5)
    ready.setFocus()
    qtbot.mouseClick(ready.side.thresholds.reset, Qt.MouseButton.LeftButton)
    assert ready.side.thresholds.settings == RecognitionSettings()
    assert ready.focusWidget() is ready


def test_leaving_the_page_closes_the_camera_and_says_so(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    ready.left()
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    ready.entered()
    assert ready.notice.message == "The source was closed when you left this page."
    assert ready.start_button.text() == "Start recognising"


def test_stop_while_the_recogniser_is_being_opened_opens_no_camera(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    networks.may_open.clear()
    ready.start_button.click()
    qtbot.waitUntil(lambda: ready.face.answer.saying.word == "one moment", timeout=5_000)
    ready.start_button.click()
    networks.may_open.set()
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    assert puppet.asked == []


def test_library_that_is_closed_while_it_runs_leaves_no_thread(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    ready.studio.close_library()
    assert not ready.recognising.is_running
    assert not ready.places.is_work


def test_camera_that_was_unplugged_is_watched_again_when_it_is_back(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    puppet.unplug()
    qtbot.waitUntil(lambda: ready.face.answer.saying.word == "no camera", timeout=10_000)
    assert "unplugged" in ready.face.stage.view.accessibleDescription()
    puppet.plug_in()
    qtbot.waitUntil(lambda: is_watching(ready), timeout=10_000)
    answer(qtbot, ready, puppet, 8)
    assert ready.face.answer.saying.word == "across"


def test_another_recogniser_answers_while_the_camera_stays_open(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    ready.source_bar.choose_model(SECOND)
    qtbot.waitUntil(lambda: networks.opened == [FIRST, SECOND] and not ready.recognising.step)
    answer(qtbot, ready, puppet, 8)
    assert ready.face.answer.saying.word == "down"
    assert len(puppet.asked) == 1


def test_recogniser_that_cannot_take_over_is_told_and_the_one_before_goes_on(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    networks.error = FsamtError("The weights are broken.", "Train it again.")
    ready.source_bar.choose_model(SECOND)
    qtbot.waitUntil(lambda: ready.notice.isVisible(), timeout=10_000)
    answer(qtbot, ready, puppet, 2)
    assert ready.face.answer.saying.word == "across"
    chosen = ready.source_bar.chosen_model
    assert chosen is not None
    assert chosen.id == FIRST


def test_same_recogniser_is_opened_once_for_several_sources(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    ready.source_bar.choose_source("puppet:2")
    qtbot.waitUntil(lambda: is_watching(ready) and ready.recognising.wanted is not None)
    stop(qtbot, ready)
    watch(qtbot, ready)
    assert networks.opened == [FIRST]


def test_recogniser_that_cannot_be_opened_is_told_and_nothing_runs(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    networks.error = FsamtError("The weights are broken.", "Train it again.")
    ready.start_button.click()
    qtbot.waitUntil(lambda: ready.notice.isVisible(), timeout=10_000)
    assert ready.notice.message == "The weights are broken."
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    assert ready.start_button.text() == "Start recognising"
    assert puppet.asked == []


def test_network_that_fails_stops_recognition_and_is_told(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    networks.by_model[FIRST].error = FsamtError("The graphics card is gone.", "Start again.")
    puppet.give()
    qtbot.waitUntil(lambda: ready.notice.isVisible(), timeout=10_000)
    assert ready.notice.message == "The graphics card is gone."
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    assert not ready.recognising.is_wanted


def test_thresholds_hold_at_once_and_stay_with_the_recogniser(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    ready.side.thresholds.smoothing.setValue(1.5)
    recogniser = ready.recognising.recogniser
    assert recogniser is not None
    assert recogniser._settings.smoothing_s == 1.5
    ready.left()
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    library, model = ready.studio.library, ready.source_bar.chosen_model
    assert library is not None
    assert model is not None
    assert stored_settings(library, model).smoothing_s == 1.5


def test_key_k_puts_the_last_seconds_into_the_labelling_queue(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    library = ready.studio.library
    assert library is not None
    watch(qtbot, ready, puppet)
    assert list_suggestions(library) == ()
    ready.setFocus()
    qtbot.keyClick(ready, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: bool(list_suggestions(library)), timeout=10_000)
    (suggestion,) = list_suggestions(library)
    assert suggestion.action == "across"
    assert suggestion.model_id == FIRST
    kept = take(library, suggestion.take_id)
    assert [stream.kind for stream in kept.streams] == [StreamKind.DEPTH]
    qtbot.waitUntil(lambda: ready.side.uncertain.rows[0].take_id == kept.id, timeout=5_000)
    assert ready.side.moments.held == ()
    ready.left()
    qtbot.waitUntil(lambda: is_idle(ready), timeout=10_000)
    ready.entered()
    assert ready.notice.hint == "One moment that you kept is in the library, and nothing else."


def test_events_go_out_while_it_runs(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks, tmp_path: Path
):
    ready.going_out.write_to(tmp_path / "events.jsonl")
    watch(qtbot, ready, puppet)
    networks.by_model[FIRST].action = "down"
    answer(qtbot, ready, puppet, 4)
    stop(qtbot, ready)
    written = [json.loads(line) for line in (tmp_path / "events.jsonl").open()]
    assert [(one["event"], one["action"]) for one in written] == [
        ("begin", "across"),
        ("end", "across"),
        ("begin", "down"),
        ("end", "down"),
    ]
    assert {(one["model"], one["source"]) for one in written} == {(FIRST, "puppet:1")}


def test_export_hands_the_chosen_recogniser_over(qtbot: QtBot, ready: LivePage):
    with qtbot.waitSignal(ready.export_wanted) as wanted:
        ready.export_button.click()
    assert wanted.args == [FIRST]


def test_full_screen_shows_the_same_and_escape_leaves_it(
    qtbot: QtBot, ready: LivePage, puppet: Puppet
):
    watch(qtbot, ready, puppet)
    ready.full_button.click()
    qtbot.waitUntil(ready.full_screen.isVisible, timeout=5_000)
    full = ready.full_screen
    puppet.give(2)
    qtbot.waitUntil(lambda: full.face.answer.saying.number > number(ready), timeout=5_000)
    assert full.face.answer.saying.word == "across"
    assert full.face.answer.word_px >= 96
    assert full.cursor().shape() is Qt.CursorShape.BlankCursor
    assert full.face.streams.words.text() == ready.face.streams.words.text()
    assert isinstance(full.face.stage.view, SquareView)
    qtbot.keyClick(full, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: full.face.answer.saying.word == "ready", timeout=5_000)
    qtbot.keyClick(full, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: is_watching(ready), timeout=10_000)
    qtbot.keyClick(full, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not full.isVisible(), timeout=5_000)
    answer(qtbot, ready, puppet, 1)


def test_window_that_is_closed_while_it_runs_leaves_no_thread(
    qtbot: QtBot,
    window: MainWindow,
    puppets: dict[str, Puppet],
    networks: Networks,
    library_root: Path,
    open_in: Open,
):
    add_recognisers(library_root)
    open_in(window.studio, library_root)
    window.go_to("live")
    page = window.current_page
    assert isinstance(page, LivePage)
    qtbot.waitUntil(lambda: page.source_bar.source_id == "puppet:1", timeout=5_000)
    watch(qtbot, page, puppets["puppet:1"])
    window.close()
    assert not page.recognising.is_running


def test_word_is_large_and_of_one_size_whatever_is_recognised(
    qtbot: QtBot, ready: LivePage, puppet: Puppet, networks: Networks
):
    watch(qtbot, ready, puppet)
    before = ready.face.answer.word_px
    assert before >= 56
    networks.by_model[FIRST].action = "down"
    answer(qtbot, ready, puppet, 8)
    assert ready.face.answer.saying.word == "down"
    assert ready.face.answer.word_px == before


def test_usual_settings_mark_their_threshold(ready: LivePage):
    ready._settings_changed(RecognitionSettings())
    assert ready.face.bars.thresholds == (0.6, 0.6)
