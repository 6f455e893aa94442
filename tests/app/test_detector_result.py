"""The result of a detector: its number, its bands, its errors, and labels made of what it found."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.pages.finetune import FinetunePage
from app.pages.finetune.accepting import AcceptDialog
from app.pages.finetune.judging_words import FOUND_FROM
from app.pages.finetune.take_bench import TakeBench
from app.studio import Studio
from app.widgets import bands_painting as painting
from app.widgets.bands_content import Verdict
from fsamt_engine.library import Library
from fsamt_engine.library.bin import bin_takes, empty_bin
from fsamt_engine.library.history import undoable
from fsamt_engine.library.labels import segments
from tests.app.detecting import LABELS, N_FRAMES, add_detector, add_long_take, keep_test
from tests.app.test_detector_wizard import DETECTOR_FACTS
from tests.app.test_finetune_wizard import add_trained

Open = Callable[[Studio, Path], None]
FOUND = (
    (0, "across", 11.0, 29.0, 0.9),
    (0, "down", 82.0, 99.0, 0.8),
    (0, "down", 105.0, 115.0, 0.6),
    (1, "across", 12.0, 31.0, 0.7),
    (1, "down", 46.0, 60.5, 0.2),
)
"""Right; the wrong action; nothing there; right; right, but not sure."""


@pytest.fixture(scope="session")
def _long_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long takes of P1 to P3, a detector tested on P2, one from scratch, one without a test."""
    root = tmp_path_factory.mktemp("long") / "library"
    with Library.create(root) as library:
        add_long_take(library, "P1", 0)
        takes = [add_long_take(library, "P2", number) for number in range(2)]
        add_long_take(library, "P3", 0, labels=())
        add_trained(library, "student-1", "P1")
        scratch = add_detector(library, "detector-scratch", "P1", "P2")
        keep_test(library, scratch, "P2", FOUND[1:3], takes)
        add_detector(library, "detector-untested", "P1", "P2", "student-1")
        tested = add_detector(library, "detector-tested", "P1", "P2", "student-1")
        keep_test(library, tested, "P2", FOUND, takes)
    return root


@pytest.fixture
def long_root(_long_source: Path, tmp_path: Path) -> Path:
    root = tmp_path / "long"
    shutil.copytree(_long_source, root)
    return root


@pytest.fixture
def make_page(
    qtbot: QtBot, studio: Studio, open_in: Open, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path, str], FinetunePage]]:
    """Opens a library and the page on a detector of it."""
    studio.engine.facts = DETECTOR_FACTS
    monkeypatch.setattr("app.pages.finetune.estimating._SETTLED_MS", 10_000_000)

    def make(root: Path, model_id: str = "detector-tested") -> FinetunePage:
        open_in(studio, root)
        page = FinetunePage(studio)
        qtbot.addWidget(page)
        page.resize(1192, 690)
        page.show()
        page.show_result(model_id)
        qtbot.waitUntil(
            lambda: page.results.loaded is not None and page.results.loaded.model.id == model_id,
            timeout=20_000,
        )
        qtbot.waitUntil(lambda: not bench_of(page).judging.is_busy, timeout=5000)
        return page

    yield make
    studio.close_library()


def bench_of(page: FinetunePage) -> TakeBench:
    return page.results.detector.bench


def labels(page: FinetunePage, take_id: str) -> list[tuple[str, int, int]]:
    assert page.studio.library is not None
    found = segments(page.studio.library, take_ids=[take_id])
    return [(one.action, one.start, one.end) for one in found]


def accept_all_dialogs(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> list[str]:
    """Presses the button of every dialog that asks; returns what they said."""
    said: list[str] = []

    def execute(dialog: AcceptDialog) -> int:
        qtbot.waitUntil(dialog.go.isEnabled, timeout=5000)
        said.append(dialog.said.text())
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(AcceptDialog, "exec", execute)
    return said


def test_number_comes_with_its_interval_and_over_whom(
    make_page: Callable[..., FinetunePage], long_root: Path
):
    page = make_page(long_root)
    view = page.results.detector
    assert "at an overlap of 0.5 (95 %:" in view.number.text()
    assert "6 labels in 2 takes of 1 person" in view.size_words.text()
    assert "2 takes of one participant" in view.size_words.text()
    assert "Live 1 of 3 actions are told, 0." in view.size_words.text()
    assert "after their end (median)" in view.size_words.text()
    assert len(view.bars.rows) == 2
    assert "against from scratch" in view.against.text()
    table = view.table
    assert table.item(0, 0).text() == "mean of all"  # type: ignore[union-attr]
    assert table.rowCount() == 3
    assert page.results.button.text() == "Save report…"


def test_bands_say_what_is_right_missed_and_wrong(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.threshold.setValue(50)
    qtbot.waitUntil(lambda: bench.judged is not None and bench.judged.threshold == 0.5)
    assert bench.evidence is not None
    verdicts = {(item.start, item.action): item.verdict for item in bench.evidence.items.values()}
    assert verdicts == {
        (10, "across"): Verdict.FOUND,
        (45, "down"): Verdict.MISSED,
        (80, "across"): Verdict.MISSED,
        (11.0, "across"): Verdict.RIGHT,
        (82.0, "down"): Verdict.WRONG_ACTION,
        (105.0, "down"): Verdict.FALSE_ALARM,
    }
    assert "2 of 3 missed, 2 wrong" in bench.takes.itemText(0)
    words = {bench.evidence.words(item_id) for item_id in bench.evidence.items}
    assert any("taken for down" in one for one in words)
    assert any("labelled across" in one for one in words)


def test_threshold_filters_what_was_found(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.threshold.setValue(10)
    qtbot.waitUntil(lambda: bench.judged is not None and bench.judged.threshold == 0.1)
    bench.takes.setCurrentIndex(1)
    assert len(bench.bands.content.below) == 2
    bench.threshold.setValue(65)
    qtbot.waitUntil(lambda: len(bench.bands.content.below) == 1)
    assert len(bench.bands.content.above) == len(LABELS)
    assert bench.bar.words.text() == "Score from 0.65"


def test_click_on_an_error_shows_its_take_and_seeks_there(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    rows = bench.panel.list.found.rows
    assert rows[0].heading.startswith("Worst misses")
    number = next(
        n for n, row in enumerate(rows) if row.place and row.place[0] == bench.takes.itemData(1)
    )
    index = bench.panel.list.found.index(number)
    bench.panel.list.scrollTo(index)
    place = bench.panel.list.visualRect(index).center()
    qtbot.mouseClick(bench.panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    item = rows[number].item
    assert item is not None
    assert bench.takes.currentIndex() == 1
    assert bench.bands.chosen == item
    assert bench.player.index == item.start
    assert bench.player.interval == (item.start, item.end)


def test_click_on_a_band_seeks_and_marks_the_row(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    bands = bench.bands
    x = round(bands.content.window.x(90))
    y = painting.band_place(bands.width(), is_below=True).center().y()
    qtbot.mouseClick(bands, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    assert bands.chosen is not None
    assert bands.chosen.start == 82.0
    assert bench.player.index == 82
    current = bench.panel.list.current
    assert current is not None
    assert current.place == (bench.take_id, bands.chosen.id)
    assert "Wrong action" in bands.words_at(QPoint(x, y))


def test_errors_are_gone_through_by_keys_through_all_takes(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.threshold.setValue(50)
    qtbot.waitUntil(lambda: bench.judged is not None and bench.judged.threshold == 0.5)
    page.activateWindow()
    bench.bands.setFocus()
    starts = []
    for _ in range(7):
        qtbot.keyClick(bench.bands, Qt.Key.Key_E)
        chosen = bench.bands.chosen
        assert chosen is not None
        starts.append((bench.takes.currentIndex(), chosen.start))
    assert starts == [(0, 45), (0, 80), (0, 82), (0, 105), (1, 45), (1, 80), (0, 45)]
    qtbot.keyClick(bench.bands, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    assert bench.takes.currentIndex() == 1


def test_one_found_segment_becomes_a_label_and_is_undone(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.threshold.setValue(50)
    qtbot.waitUntil(lambda: bench.judged is not None and bench.judged.threshold == 0.5)
    before = labels(page, bench.take_id)
    assert not bench.accept_button.isEnabled()
    bench.show_item(bench.take_id, FOUND_FROM + 2)
    page.activateWindow()
    bench.bands.setFocus()
    qtbot.keyClick(bench.bands, Qt.Key.Key_A)
    assert ("down", 105, 115) in labels(page, bench.take_id)
    assert "Ctrl+Z" in page.notice.hint
    assert "stays as it was" in page.notice.hint
    page.studio.undoing.undo()
    assert labels(page, bench.take_id) == before


def test_all_above_the_threshold_become_labels_as_one_step_after_a_preview(
    make_page: Callable[..., FinetunePage],
    long_root: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.threshold.setValue(50)
    qtbot.waitUntil(lambda: bench.judged is not None and bench.judged.threshold == 0.5)
    said = accept_all_dialogs(monkeypatch, qtbot)
    before = labels(page, bench.take_id)
    assert bench.accept_all_button.text() == "Accept all 3…"
    qtbot.mouseClick(bench.accept_all_button, Qt.MouseButton.LeftButton)
    assert "3 found segments in 1 take" in said[0]
    assert "1 existing label" in said[0]
    after = labels(page, bench.take_id)
    assert ("down", 82, 99) in after
    assert ("down", 105, 115) in after
    assert page.studio.library is not None
    change = undoable(page.studio.library)
    assert change is not None
    assert change.words == "accept 3 found segments"
    page.studio.undoing.undo()
    assert labels(page, bench.take_id) == before


def test_selected_rows_are_accepted_and_misses_are_not(
    make_page: Callable[..., FinetunePage],
    long_root: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
):
    page = make_page(long_root)
    bench = bench_of(page)
    bench.panel.list.selectAll()
    alarms = [row for row in bench.panel.list.found.rows if row.detection is not None]
    assert len(bench.panel.detections) == len(alarms)
    assert bench.accept_button.text() == f"Accept {len(alarms)} as labels"
    said = accept_all_dialogs(monkeypatch, qtbot)
    qtbot.mouseClick(bench.accept_button, Qt.MouseButton.LeftButton)
    assert said


def test_takes_that_are_gone_keep_their_bands(
    make_page: Callable[..., FinetunePage], long_root: Path, qtbot: QtBot
):
    with Library.open(long_root) as library:
        rows = library.rows("SELECT id FROM takes WHERE participant = 'P2'")
        bin_takes(library, [row[0] for row in rows])
        empty_bin(library)
    page = make_page(long_root)
    bench = bench_of(page)
    assert "not in the library any more" in bench.about.text()
    assert bench.player.n_moments == 0
    assert len(bench.bands.content.above) == len(LABELS)
    bench.go_to_error(1)
    assert bench.bands.chosen is not None
    assert bench.bands.playhead == bench.bands.chosen.start
    assert "gone" in bench.takes.itemText(0)


def test_searched_takes_are_shown_beside_their_labels_and_accepted(
    make_page: Callable[..., FinetunePage],
    long_root: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
):
    from fsamt_engine.evaluation.detections import Detection

    def detect(library: Library, model: object, take_ids: list[str], **_: object) -> object:
        return {one: (Detection(one, "P3", "down", 20.2, 40.0, 0.8),) for one in take_ids}

    monkeypatch.setattr("fsamt_engine.detection.search.detect", detect)
    page = make_page(long_root)
    bench, view = bench_of(page), page.results.detector
    assert page.studio.library is not None
    (take_id,) = (
        row[0] for row in page.studio.library.rows("SELECT id FROM takes WHERE participant = 'P3'")
    )
    assert view.loaded is not None
    view.searching.search(view.loaded.model, [take_id])
    qtbot.waitUntil(lambda: bench.take_id == take_id, timeout=10_000)
    assert bench.evidence is not None
    assert not bench.evidence.is_test
    assert [item.verdict for item in bench.evidence.items.values()] == [Verdict.UNKNOWN]
    assert len(bench.panel.list.found.rows) == 1
    bench.show_item(take_id, FOUND_FROM)
    bench.accept_chosen()
    assert labels(page, take_id) == [("down", 20, 40)]
    qtbot.waitUntil(lambda: len(bench.bands.content.above) == 1)
    page.studio.undoing.undo()
    qtbot.waitUntil(lambda: len(bench.bands.content.above) == 0)


def test_untested_detector_offers_its_test_and_a_search(
    make_page: Callable[..., FinetunePage], long_root: Path
):
    page = make_page(long_root, "detector-untested")
    view = page.results.detector
    assert view.number.text() == "Not tested yet"
    assert "2 takes of P2" in view.remarks.text()
    assert page.results.button.text() == "Test on 2 takes"
    assert view.bench.search_button.isEnabled()
    assert not view.bench.takes.isEnabled()
    assert page.export_button.isEnabled()


def test_detectors_are_listed_with_their_map_and_not_compared(
    make_page: Callable[..., FinetunePage], long_root: Path
):
    page = make_page(long_root)
    results = page.results
    assert results.list.n_models == 3
    assert any("mAP" in results.list.list.item(n).text() for n in range(3))
    results.list.choose(("detector-tested", "detector-scratch"))
    assert not results.button.isEnabled()
    assert "another test" in results.button.toolTip()


def test_hour_is_painted_within_a_moment(qtbot: QtBot):
    import time

    from app.widgets.bands import Bands
    from app.widgets.bands_content import BandItem

    n_frames = 108_000
    items = [
        BandItem(n, 20.0 * n, 20.0 * n + 15, "across", Verdict.FALSE_ALARM, "across")
        for n in range(5_000)
    ]
    bands = Bands()
    qtbot.addWidget(bands)
    bands.resize(640, bands.height())
    bands.show()
    bands.show_take(n_frames, np.arange(n_frames, dtype=np.int64) * 33_333)
    bands.show_items(items, (), ("Truth", "Found"), lambda item_id: "")
    began = time.monotonic()
    for frame in range(0, 3000, 100):
        bands.show_playhead(frame)
        bands.grab()
    assert (time.monotonic() - began) / 30 < 0.05


def test_page_fits_into_the_smallest_window(
    make_page: Callable[..., FinetunePage], long_root: Path
):
    page = make_page(long_root)
    assert page.minimumSizeHint().width() <= 1192
    assert page.minimumSizeHint().height() <= 690
    assert bench_of(page).bands.content.window.n_frames == N_FRAMES
