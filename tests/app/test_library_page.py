from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.library import LibraryPage
from app.studio import Studio
from app.widgets.thumbnails import Thumbnails, draw_thumbnail
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.listing import TakeOrder
from fsamt_engine.library.takes import list_takes
from tests.app.browsing import listed, page, titles

__all__ = ["page"]

Open = Callable[[Studio, Path], None]


def test_all_takes_are_listed_and_the_first_is_shown(qtbot: QtBot, page: LibraryPage):
    assert len(listed(page)) == 13
    assert page.takes_place.count.text() == "13 takes"
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    facts = page.inspector.one.texts()
    for words in ("P1 · take 1", "48 × 40", "1 mm", "across", "not known", "mjpeg"):
        assert words in facts


def test_ctrl_f_goes_to_the_search(qtbot: QtBot, page: LibraryPage):
    page.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    qtbot.keyClick(page.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.filters.search.hasFocus()


def test_chosen_take_stays_chosen_when_the_filter_still_lists_it(page: LibraryPage):
    page.list.choose(8)
    chosen = page.list.chosen
    assert chosen is not None
    page.filters.set_filter(TakeFilter(participants=(chosen.participant,)))
    assert page.list.chosen is not None
    assert page.list.chosen.id == chosen.id
    page.filters.set_filter(TakeFilter(participants=("P1",)))
    assert page.list.currentIndex().row() == 0


def test_list_is_sorted_both_ways(page: LibraryPage):
    page.list.choose(3)
    chosen = page.list.chosen
    assert chosen is not None
    upwards = titles(page)
    page.sorting.direction.click()
    assert titles(page) == upwards[::-1]
    assert page.list.chosen == chosen
    field = page.sorting.field
    field.setCurrentIndex(field.findData(TakeOrder.PAIRS))
    model = page.list.takes
    pairs = [row.n_pairs for number in range(13) if (row := model.row(number)) is not None]
    assert pairs == sorted(pairs, reverse=True)
    assert pairs[-1] == 0


def test_keys_of_the_player_work_in_the_list(qtbot: QtBot, page: LibraryPage):
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    qtbot.keyClick(page.list, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: page.player.shown == 1, timeout=5000)
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.currentIndex().row() == 1
    qtbot.keyClick(page.list, Qt.Key.Key_Space)
    assert page.player.is_playing
    page.left()
    assert not page.player.is_playing


def test_row_is_read_aloud_in_words(page: LibraryPage):
    index = page.list.takes.index(0)
    words = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert words == "P1 · take 1, visit of P1, 0.7 s · 17 pairs, across, Bad"


def test_depth_only_take_says_that_it_cannot_serve_transfer(qtbot: QtBot, page: LibraryPage):
    page.filters.set_filter(TakeFilter(has_colour=False))
    assert len(listed(page)) == 1
    qtbot.waitUntil(lambda: "cannot serve transfer" in page.inspector.one.texts(), timeout=5000)


def test_take_whose_file_is_gone_is_named_in_a_sentence(
    qtbot: QtBot, page: LibraryPage, library_root: Path
):
    row = page.list.takes.row(5)
    assert row is not None
    (library_root / "takes" / row.id / "depth.mkv").unlink()
    page.list.choose(5)
    qtbot.waitUntil(page.notice.isVisible, timeout=5000)
    assert "depth.mkv" in page.notice.message
    assert page.notice.details == ""
    page.list.choose(6)
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    assert not page.notice.isVisible()


def test_clip_that_another_page_asks_for_is_shown_whatever_is_filtered(
    qtbot: QtBot, page: LibraryPage
):
    row = page.list.takes.row(9)
    assert row is not None
    assert row.participant == "P2"
    page.filters.set_filter(TakeFilter(participants=("P1",)))
    page.show_clip(row.id, 5, 12)
    assert page.list.chosen == row
    assert page.takes_place.count.text() == "13 takes"
    assert page.player.interval == (5, 12)
    qtbot.waitUntil(lambda: page.player.shown == 5, timeout=5000)


def test_clip_of_a_take_that_is_gone_is_a_sentence(page: LibraryPage):
    page.show_clip("no such take", 0, 4)
    assert "not in the library any more" in page.notice.message


def test_any_page_can_ask_for_a_clip(
    qtbot: QtBot, window: MainWindow, library_root: Path, open_in: Open
):
    open_in(window.studio, library_root)
    assert window.studio.library is not None
    wanted = list_takes(window.studio.library)[7].id
    window.go_to("start")
    window.current_page.clip_wanted.emit(wanted, 3, 9)
    page = window.current_page
    assert isinstance(page, LibraryPage)
    assert page.list.chosen is not None
    assert page.list.chosen.id == wanted
    assert page.player.interval == (3, 9)
    qtbot.waitUntil(lambda: page.player.shown == 3, timeout=5000)


def test_thumbnails_are_made_in_the_background_and_kept(qtbot: QtBot, library: Library):
    first = list_takes(library)[0].id
    thumbnails = Thumbnails(library)
    with qtbot.waitSignal(thumbnails.ready, timeout=5000) as ready:
        assert thumbnails.pixmap(first) is None
    assert ready.args == [first]
    pixmap = thumbnails.pixmap(first)
    assert pixmap is not None
    assert pixmap.size() == QSize(192, 96)
    kept = library.cache_folder / "thumbnails" / f"{first}.jpg"
    assert kept.is_file()
    thumbnails.close()

    kept_at = kept.stat().st_mtime_ns
    again = Thumbnails(library)
    with qtbot.waitSignal(again.ready, timeout=5000):
        again.pixmap(first)
    assert kept.stat().st_mtime_ns == kept_at
    again.close()


def test_thumbnails_painted_last_come_first_from_above(
    qtbot: QtBot, library: Library, monkeypatch: pytest.MonkeyPatch
):
    ids = [row.id for row in list_takes(library)]
    painted_at = 0.0
    monkeypatch.setattr("app.widgets.thumbnails.monotonic", lambda: painted_at)
    thumbnails = Thumbnails(library)
    made: list[str] = []
    thumbnails.ready.connect(made.append)
    for take_id in ids[:3]:
        thumbnails.pixmap(take_id)
    painted_at = 1.0
    for take_id in ids[8:11]:
        thumbnails.pixmap(take_id)
    qtbot.waitUntil(lambda: len(made) == 6, timeout=5000)
    assert made == [*ids[8:11], *ids[:3]]
    thumbnails.close()


def test_thumbnail_of_a_broken_take_is_empty_and_no_error(library: Library):
    first = list_takes(library)[0].id
    (library.takes_folder / first / "depth.mkv").write_bytes(b"")
    image = draw_thumbnail(library, first)
    assert image.size() == QSize(192, 96)


def test_library_without_takes_explains_itself(
    qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Open
):
    (tmp_path / "new").mkdir()
    open_in(studio, tmp_path / "new")
    page = LibraryPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert "no takes yet" in page.empty_page.words.text()
    assert not page.transfer_button.isEnabled()
    assert page.import_button.isEnabled()
    studio.close_library()


def test_closing_the_library_lets_go_of_every_file(qtbot: QtBot, page: LibraryPage, studio: Studio):
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)
    studio.close_library()
    assert page.list.takes.rowCount() == 0
    assert page.player.depth_view.image is None
