import pytest
from pytestqt.qtbot import QtBot

from app.pages.live import LivePage
from fsamt_engine.library import TakeFilter
from fsamt_engine.library.takes import list_takes
from fsamt_engine.modalities.clips import ClipShape
from tests.app.living import (
    ACTIONS,
    FIRST,
    Networks,
    is_idle,
    networks,
    page,
)
from tests.fsamt_engine.recognition.watching import Says, live_model

__all__ = ["networks", "page"]


def takes_of(page: LivePage, who: str, action: str) -> list[str]:
    assert page.studio.library is not None
    wanted = TakeFilter(participants=(who,), actions=(action,))
    return [row.id for row in list_takes(page.studio.library, wanted)]


def test_takes_of_people_whom_training_has_seen_come_only_when_asked_for(page: LivePage):
    picker = page.source_bar.takes
    page.source_bar.choose_source("take:")
    assert {picker.takes.row(n).participant for n in range(picker.takes.rowCount())} == {"P2"}
    assert not page.truth.caution.isVisible()
    (seen, *_) = takes_of(page, "P1", "across")
    page.source_bar.choose_source(f"take:{seen}")
    assert page.source_bar.source_id == f"take:{seen}"
    assert page.truth.caution.isVisible()
    assert page.truth.caution.text() == "Training has seen P1"


def test_take_with_labels_shows_right_and_wrong_as_it_goes(qtbot: QtBot, page: LivePage):
    page.source_bar.takes.goes_on.setChecked(False)
    (across, *_) = takes_of(page, "P2", "across")
    page.source_bar.choose_source(f"take:{across}")
    page.start_button.click()
    qtbot.waitUntil(lambda: page.face.answer.saying.is_right is True, timeout=10_000)
    qtbot.waitUntil(lambda: is_idle(page) and not page.recognising.is_wanted, timeout=10_000)
    assert page.truth.words.text().startswith("Right at ")
    assert "1 of 1 label found" in page.truth.words.text()
    (down, *_) = takes_of(page, "P2", "down")
    page.source_bar.choose_source(f"take:{down}")
    page.start_button.click()
    qtbot.waitUntil(lambda: page.face.answer.saying.is_right is False, timeout=10_000)
    qtbot.waitUntil(lambda: is_idle(page) and not page.recognising.is_wanted, timeout=10_000)
    said = page.truth.words.text()
    assert "of 2 takes" in said
    assert "1 of 2 labels found" in said


def test_last_picture_of_a_take_stays_when_none_follows(qtbot: QtBot, page: LivePage):
    page.source_bar.takes.goes_on.setChecked(False)
    (across, *_) = takes_of(page, "P2", "across")
    page.source_bar.choose_source(f"take:{across}")
    page.start_button.click()
    qtbot.waitUntil(lambda: page.face.answer.saying.word == "the end", timeout=10_000)
    qtbot.waitUntil(lambda: is_idle(page), timeout=10_000)
    assert page.face.stage.view.image is not None
    assert page.face.streams.words.text() == "No stream is open."
    page.source_bar.choose_source("simulated")
    assert page.face.stage.view.image is None
    assert page.face.answer.saying.word == "ready"


def test_end_of_the_last_take_is_told_and_stays_so_when_cameras_are_looked_for(
    qtbot: QtBot, page: LivePage
):
    page.source_bar.takes.goes_on.setChecked(False)
    (across, *_) = takes_of(page, "P2", "across")
    page.source_bar.choose_source(f"take:{across}")
    page.start_button.click()
    qtbot.waitUntil(lambda: page.face.answer.saying.word == "the end", timeout=10_000)
    assert page.notice.message.endswith("was played to its end.")
    qtbot.waitUntil(lambda: is_idle(page), timeout=10_000)
    page.source_bar.show_cameras(page.watch.cameras)
    assert page.face.answer.saying.word == "the end"


def test_take_that_is_shorter_than_a_clip_says_why_it_got_no_answer(
    qtbot: QtBot, page: LivePage, monkeypatch: pytest.MonkeyPatch
):
    page.source_bar.takes.goes_on.setChecked(False)
    (across, *_) = takes_of(page, "P2", "across")
    page.source_bar.choose_source(f"take:{across}")
    shape = ClipShape(n_frames=400, size=16)
    monkeypatch.setattr(
        "app.pages.live.recognising.open_model",
        lambda wanted, on_progress: live_model(Says("across", ACTIONS), name=FIRST, shape=shape),
    )
    page.start_button.click()
    qtbot.waitUntil(lambda: page.face.answer.saying.word == "the end", timeout=10_000)
    assert page.face.answer.saying.detail.startswith("Too short: a clip is ")
    assert page.notice.hint == page.face.answer.saying.detail
    qtbot.waitUntil(lambda: is_idle(page), timeout=10_000)


def test_next_take_follows_by_itself_without_opening_the_recogniser_again(
    qtbot: QtBot, page: LivePage, networks: Networks
):
    page.source_bar.choose_source("take:")
    first = page.source_bar.source_id
    page.start_button.click()
    qtbot.waitUntil(lambda: page.recognising.state is not None, timeout=10_000)
    qtbot.waitUntil(lambda: page.source_bar.source_id != first, timeout=10_000)
    qtbot.waitUntil(lambda: page.recognising.state is not None, timeout=10_000)
    assert page.recognising.is_wanted
    assert networks.opened == [FIRST]
    page.start_button.click()
    qtbot.waitUntil(lambda: is_idle(page), timeout=10_000)


def test_takes_are_found_by_their_action_and_stepped_through(page: LivePage):
    picker = page.source_bar.takes
    page.source_bar.choose_source("take:")
    picker.search.setText("down")
    n_down = len(takes_of(page, "P2", "down"))
    assert picker.takes.rowCount() == n_down
    chosen = []
    for _ in range(n_down):
        picker.after.click()
        assert picker.take is not None
        chosen.append(picker.take.id)
    assert sorted(chosen) == sorted(takes_of(page, "P2", "down"))


def test_library_without_takes_says_why_nothing_can_be_watched(page: LivePage):
    page.source_bar.choose_source("take:")
    page.source_bar.takes.search.setText("nobody is called that")
    page.source_bar.source_changed.emit()
    assert not page.start_button.isEnabled()
    assert (
        page.start_button.toolTip() == "This library has no take with depth that could be watched."
    )
