"""From the steps through a run to its result; past results, clips, comparisons, reports."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.finetune import FinetunePage
from app.studio import Studio
from app.widgets.clip_strip import ShownClip
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.progress import Stop
from fsamt_engine.runs import FinetuneRequest
from tests.app.test_finetune_wizard import FACTS, add_trained

Open = Callable[[Studio, Path], None]
NEW, RUN, RESULTS, EMPTY = range(4)


def asked(**changes: object) -> FinetuneRequest:
    values = {
        "start_id": None,
        "actions": ("across", "down"),
        "train_participants": ("P1",),
        "test_participants": ("P2",),
        "labels_per_action": None,
        "network": "r3d_tiny",
        "epochs": 1,
        "device": "cpu",
    }
    return FinetuneRequest(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def _finetuned_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares with a recogniser, its label curve, a second one, and one without a test."""
    from fsamt_engine.runs.perform import perform

    root = tmp_path_factory.mktemp("finetuned") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        perform(library, asked(test_participants=()))
        perform(library, asked(seed=1, with_curve=False))
        perform(library, asked())
    return root


@pytest.fixture
def finetuned_root(_finetuned_source: Path, tmp_path: Path) -> Path:
    root = tmp_path / "finetuned"
    shutil.copytree(_finetuned_source, root)
    return root


@pytest.fixture
def make_page(
    qtbot: QtBot, studio: Studio, open_in: Open, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path], FinetunePage]]:
    """Opens a library and the page on it; nothing is measured by itself."""
    studio.engine.facts = FACTS
    monkeypatch.setattr("app.pages.finetune.estimating._SETTLED_MS", 10_000_000)

    def make(root: Path) -> FinetunePage:
        open_in(studio, root)
        page = FinetunePage(studio)
        qtbot.addWidget(page)
        page.resize(1192, 690)
        page.show()
        page.entered()
        qtbot.waitUntil(lambda: not page.results.is_busy, timeout=20_000)
        return page

    yield make
    studio.close_library()


def ids(studio: Studio) -> list[str]:
    """Recognisers, the newest first."""
    assert studio.library is not None
    return [model.id for model in list_models(studio.library, ModelKind.RECOGNISER)]


def shown(qtbot: QtBot, page: FinetunePage, model_id: str) -> None:
    qtbot.waitUntil(
        lambda: page.results.loaded is not None and page.results.loaded.model.id == model_id,
        timeout=20_000,
    )


def test_from_the_steps_through_the_run_to_the_result(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], library_root: Path
):
    page = make_page(library_root)
    page.wizard.settings_step.fit.epochs.setValue(1)
    page.wizard.settings_step.with_curve.setChecked(False)
    for _ in range(3):
        qtbot.mouseClick(page.wizard.next_button, Qt.MouseButton.LeftButton)
    assert page.wizard.next_button.text() == "Finetune on 6 labels"
    qtbot.mouseClick(page.wizard.next_button, Qt.MouseButton.LeftButton)
    assert page.view == RUN
    assert studio.runs.running is not None
    qtbot.waitUntil(lambda: page.view == RESULTS, timeout=60_000)
    shown(qtbot, page, ids(studio)[0])
    assert page.results.result.accuracy.text().endswith("7 clips of 1 person")
    assert "only 7 clips" in page.results.result.remarks.text()


def test_unfinished_run_is_there_again_after_a_restart(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], library_root: Path
):
    from fsamt_engine.runs import queue

    with Library.open(library_root) as library:
        waiting = queue.add(library, asked())
    page = make_page(library_root)
    assert page.view == RUN
    assert page.run_view.run is not None
    assert page.run_view.run.id == waiting.id
    assert studio.runs.running is None
    assert page.run_button.text() == "Start"
    qtbot.mouseClick(page.run_button, Qt.MouseButton.LeftButton)
    assert studio.runs.running is not None
    assert not page.run_button.isEnabled()
    assert page.run_button.toolTip() == "There is no result yet."
    studio.runs.stop(waiting.id, Stop.PAUSE)
    qtbot.waitUntil(lambda: studio.runs.running is None, timeout=30_000)
    assert page.run_button.text() == "Resume"


def test_every_past_recogniser_opens(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], finetuned_root: Path
):
    page = make_page(finetuned_root)
    newest, second, untested = ids(studio)
    page.show_result(newest)
    shown(qtbot, page, newest)
    result = page.results.result
    assert [point.label for point in result.curve.points] == ["1", "2", "all (3)"]
    assert len(result.curve.points[0].accuracies) == 3
    assert "95 %" in result.verdict.text()
    assert result.matrix.model.actions == ("across", "down")
    assert result.snapshot.table.topLevelItemCount() == 6 + 7
    page.show_result(second)
    shown(qtbot, page, second)
    assert result.curve.isHidden()
    page.show_result(untested)
    shown(qtbot, page, untested)
    assert "tested on 7 clips of P2" in page.results.untested.what.text()


def test_recogniser_without_a_test_is_tested_on_whom_it_has_not_seen(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], finetuned_root: Path
):
    page = make_page(finetuned_root)
    untested = ids(studio)[2]
    page.show_result(untested)
    shown(qtbot, page, untested)
    assert page.results.button.text() == "Test on 7 clips"
    qtbot.mouseClick(page.results.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: page.results.loaded is not None and page.results.loaded.result is not None,
        timeout=30_000,
    )
    assert page.results.button.text() == "Save report…"
    assert not studio.board.running


def test_cell_opens_its_clips_and_a_clip_its_take(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], finetuned_root: Path
):
    page = make_page(finetuned_root)
    newest = ids(studio)[0]
    page.show_result(newest)
    shown(qtbot, page, newest)
    matrix = page.results.result.matrix
    counts = matrix.model.counts
    row, column = next((r, c) for r in range(2) for c in range(2) if counts[r][c])
    told: list[tuple[list[ShownClip], str]] = []
    page.results.clips_wanted.connect(lambda clips, title: told.append((clips, title)))
    matrix.table.setCurrentIndex(matrix.model.index(row, column))
    qtbot.keyClick(matrix.table, Qt.Key.Key_Return)
    clips, title = told[0]
    assert len(clips) == counts[row][column]
    assert title.startswith(matrix.model.actions[row])
    assert page.clips is not None
    assert page.clips.isVisible()
    with qtbot.waitSignal(page.clip_wanted, timeout=1000) as wanted:
        page.clips.viewer.open_button.click()
    assert wanted.args == [clips[0].take_id, clips[0].start, clips[0].end]
    assert not page.clips.isVisible()


def test_several_are_compared_on_the_same_clips(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], finetuned_root: Path
):
    page = make_page(finetuned_root)
    newest, second, _ = ids(studio)
    page.show_result(newest)
    page.results.list.choose((newest, second))
    assert page.results.button.text() == "Compare 2 recognisers"
    qtbot.mouseClick(page.results.button, Qt.MouseButton.LeftButton)
    view = page.results.compare
    qtbot.waitUntil(lambda: len(view.bars.rows) == 2, timeout=30_000)
    assert view.title.text() == "2 recognisers on the same 7 clips of 1 person"
    assert view.pairs.rowCount() == 1
    assert {newest, second} == {view.pairs.item(0, c).text() for c in (0, 1)}  # type: ignore[union-attr]
    assert view.recalls.columnCount() == 3
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)


def test_report_is_saved_where_the_user_wants_it(
    qtbot: QtBot,
    studio: Studio,
    make_page: Callable[[Path], FinetunePage],
    finetuned_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    page = make_page(finetuned_root)
    newest = ids(studio)[0]
    page.show_result(newest)
    shown(qtbot, page, newest)
    chosen = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(chosen), ""))
    with qtbot.waitSignal(page.results.report_saved, timeout=20_000):
        qtbot.mouseClick(page.results.button, Qt.MouseButton.LeftButton)
    assert newest in chosen.read_text(encoding="utf-8")
    assert page.notice.isVisible()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)


def test_page_without_a_library_offers_to_open_one(qtbot: QtBot, studio: Studio):
    page = FinetunePage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert page.view == EMPTY


def test_cost_is_measured_at_the_last_step(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], library_root: Path
):
    page = make_page(library_root)
    page.estimate._soon.setInterval(0)
    page.wizard.settings_step.fit.epochs.setValue(1)
    page.wizard.go_to(3)
    said = page.wizard.settings_step.cost
    qtbot.waitUntil(lambda: said.text().startswith("About "), timeout=60_000)
    assert "on CPU" in said.text()
    qtbot.waitUntil(lambda: not page.estimate.is_busy, timeout=5000)


def test_rail_leads_to_the_page(window: MainWindow, open_in: Open, library_root: Path):
    open_in(window.studio, library_root)
    assert window.studio.library is not None
    add_trained(window.studio.library, "student-1", "P1")
    window.rail.button("finetune").click()
    assert isinstance(window.current_page, FinetunePage)
    assert window.current_page.wizard.start_step.summary == "student student-1"
    window.studio.close_library()


def test_page_fits_into_the_smallest_window(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], FinetunePage], finetuned_root: Path
):
    page = make_page(finetuned_root)
    shown(qtbot, page, ids(studio)[0])
    for view in (NEW, RUN, RESULTS):
        page._show_view(view)
        assert page.minimumSizeHint().width() <= 1192
        assert page.minimumSizeHint().height() <= 690
