"""The tables of a library on their page: how each stands, its cells, what is taken out of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from app.pages.experiments import ExperimentsPage
from app.pages.experiments.entries import State
from app.studio import Studio
from app.tasks import Problem
from fsamt_engine.experiments.stored import ExperimentStatus, list_experiments
from fsamt_engine.library import Library
from fsamt_engine.runs import ExperimentRequest, Outcome, queue
from fsamt_engine.runs.queue import QueueStatus
from tests.app.experimenting import (
    DETECTION,
    GRANULARITY,
    detection_table,
    keep,
    settings,
    table,
)

Open = Callable[[Studio, Path], None]
Make = Callable[[Path], ExperimentsPage]
TABLES, NEW, EMPTY = range(3)


@pytest.fixture
def make_page(qtbot: QtBot, studio: Studio, open_in: Open) -> Iterator[Make]:
    """Opens a library and the page on it."""

    def make(root: Path) -> ExperimentsPage:
        open_in(studio, root)
        page = ExperimentsPage(studio)
        qtbot.addWidget(page)
        page.resize(1192, 690)
        page.show()
        page.entered()
        read(qtbot, page)
        return page

    yield make
    studio.close_library()


def read(qtbot: QtBot, page: ExperimentsPage) -> None:
    """Wait until the library was read anew."""
    page.reading.ask()
    qtbot.waitUntil(lambda: not page.reading.is_busy, timeout=5_000)


def filled(root: Path) -> None:
    """A finished table, and one that a killed program has left."""
    with Library.open(root) as library:
        keep(library, "granularity", table(GRANULARITY, 3), number=1)
        half = {"rgb teacher": {2: (50, 52)}, "flow teacher": {2: ()}}
        keep(library, "source-modality", table(half, 3), ExperimentStatus.STOPPED, number=2)


def test_page_without_a_library_offers_to_open_one(qtbot: QtBot, studio: Studio):
    page = ExperimentsPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert page.place == EMPTY
    with qtbot.waitSignal(page.page_wanted, timeout=1_000) as wanted:
        page.empty.button.click()
    assert wanted.args == ["open"]


def test_library_without_a_table_offers_the_steps(make_page: Make, library_root: Path):
    page = make_page(library_root)
    assert page.place == EMPTY
    assert "no table yet" in page.empty.words.text()
    page.empty.button.click()
    assert page.place == NEW


def test_tables_are_listed_the_newest_first_with_how_they_stand(
    make_page: Make, library_root: Path
):
    filled(library_root)
    page = make_page(library_root)
    assert [(entry.title, entry.state_line) for entry in page.list.entries] == [
        ("RGB or flow teacher", "Not finished · 2 of 12 trained"),
        ("Granularity", "Finished · 18 of 18 trained"),
    ]


def test_table_stands_beside_the_papers_numbers(make_page: Make, library_root: Path):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("granularity-00000001")
    model = page.detail.table.content
    assert model.index(2, 1).data() == "67.0 ± 1.0"
    assert model.headerData(4, Qt.Orientation.Horizontal) == "Paper:\n100 labels"
    assert [model.index(row, 4).data() for row in range(3)] == [
        "72.9 ± 0.5",
        "73.4 ± 0.3",
        "76.2 ± 0.3",
    ]


def test_table_of_detectors_tells_their_map_and_opens_a_detector(
    qtbot: QtBot, make_page: Make, library_root: Path
):
    with Library.open(library_root) as library:
        keep(library, "detection", detection_table(DETECTION, 3))
    page = make_page(library_root)
    page.list.choose("detection-00000001")
    detail = page.detail
    assert detail.data.text().startswith("mAP at 0.5 in %")
    assert "tested on 100 segments" in detail.data.text()
    for part in (detail.table, detail.chart):
        assert part.accessibleName().startswith("mAP at 0.5")
    tip = detail.table.content.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert tip == "mAP at 0.5 in % with 2 labels of each action"
    assert "PKU-MMD, depth, R-C3D" in detail.paper.text()
    detail.table.choose("ours, anchor-free", 5)
    assert page.cell.mean.text() == "50.3 ± 1.5 %"
    assert "each tested on 100 segments" in page.cell.spread.text()
    assert page.cell.runs.headerItem().text(1) == "mAP"
    assert page.cell.button.text() == "Open the detector"
    with qtbot.waitSignal(page.model_wanted, timeout=1_000) as wanted:
        page.cell.button.click()
    assert wanted.args == ["detector-00000000"]


def test_number_that_the_paper_does_not_give_stays_empty(make_page: Make, library_root: Path):
    with Library.open(library_root) as library:
        rows = {"clip": {2: (40,)}, "another": {2: (50,)}}
        keep(library, "granularity", table(rows, 1, labels=(2,)))
    page = make_page(library_root)
    model = page.detail.table.content
    assert model.index(0, 3).data() == "72.9 ± 0.5"
    assert model.index(1, 3).data() == ""
    assert "Not known" in model.index(1, 3).data(Qt.ItemDataRole.ToolTipRole)


def test_order_is_compared_with_the_papers_in_words(make_page: Make, library_root: Path):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("granularity-00000001")
    said = page.detail.ordering.sentences
    assert said[0].startswith("As in the paper, video is better than clip: +7.0 points")
    assert said[-1].startswith("At this spread it cannot be told")
    page.list.choose("source-modality-00000002")
    assert not page.detail.ordering.isVisible()


def test_a_loss_of_points_has_a_minus_sign(make_page: Make, library_root: Path):
    with Library.open(library_root) as library:
        rows = {"clip": {2: (80, 82, 81)}, "video": {2: (40, 43, 41)}}
        keep(library, "granularity", table(rows, 3, labels=(2,)))
    said = make_page(library_root).detail.ordering.sentences
    assert said[0].startswith("Other than in the paper, video is worse than clip: −39.7 points")
    assert "-" not in said[0]


def test_chart_has_a_whisker_for_each_cell_that_is_there(make_page: Make, library_root: Path):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("granularity-00000001")
    lines = page.detail.chart.lines
    assert [line.name for line in lines] == ["clip", "video", "video+clip"]
    assert lines[0].points[0].ends == (40.0, 44.0)
    assert page.detail.chart.emphasised == "video+clip"
    page.detail.table.choose("clip", 5)
    assert page.detail.chart.emphasised == "clip"
    assert not page.detail.chart.grab().isNull()


def test_cell_shows_its_runs_and_opens_a_recogniser(
    qtbot: QtBot, make_page: Make, library_root: Path
):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("granularity-00000001")
    page.detail.table.choose("clip", 2)
    assert page.cell.mean.text() == "42.0 ± 2.0 %"
    assert page.cell.runs.topLevelItemCount() == 3
    second = page.cell.runs.topLevelItem(1)
    assert second is not None
    assert [second.text(column) for column in range(3)] == ["1", "44.0 %", "34.7 – 53.8"]
    page.cell.runs.setCurrentItem(second)
    with qtbot.waitSignal(page.model_wanted, timeout=1_000) as wanted:
        page.cell.button.click()
    assert wanted.args == ["recogniser-00000001"]


def test_cell_that_lacks_seeds_says_so(make_page: Make, library_root: Path):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("source-modality-00000002")
    page.detail.table.choose("rgb teacher", 2)
    assert page.cell.missing.text() == "1 of 3 seeds are still to be computed."
    page.detail.table.choose("flow teacher", 5)
    assert page.cell.missing.text() == "Nothing is there yet: 3 seeds are to be computed."
    assert not page.cell.button.isVisible()


def test_cell_under_way_is_marked_and_the_table_grows(
    qtbot: QtBot, studio: Studio, make_page: Make, library_root: Path
):
    rows = {"rgb teacher": {2: (50,)}, "flow teacher": {2: ()}}
    page = make_page(library_root)
    assert studio.library is not None
    running = frozenset({("flow teacher", 2, 0)})
    of = table(rows, 2, running, labels=(2,))
    keep(studio.library, "source-modality", of, ExperimentStatus.RUNNING)
    read(qtbot, page)
    cells = page.detail.table.content.content.cells
    assert [row[0].is_running for row in cells] == [False, True]
    assert page.detail.standing.text() == "It is filled in by another window or program."
    page.detail.table.choose("flow teacher", 2)
    rows["flow teacher"] = {2: (60,)}
    keep(studio.library, "source-modality", table(rows, 2, labels=(2,)), ExperimentStatus.RUNNING)
    # Nobody asks: what goes on is read again by itself.
    qtbot.waitUntil(lambda: page.cell.mean.text() == "60.0 %", timeout=8_000)
    assert page.detail.table.chosen is not None
    assert page.detail.table.chosen.method == "flow teacher"


def test_table_of_a_killed_program_goes_on(
    studio: Studio, make_page: Make, library_root: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(library_root)
    page = make_page(library_root)
    added: list[object] = []
    monkeypatch.setattr(studio.runs, "add", added.append)
    assert page.list.chosen is not None
    assert page.list.chosen.state is State.STOPPED
    assert "its program ended" in page.detail.standing.text()
    assert page.go_on_button.text() == "Continue"
    page.go_on_button.click()
    request = added[0]
    assert isinstance(request, ExperimentRequest)
    assert request.settings["kind"] == "source-modality"


def test_paused_run_goes_on_in_the_queue(
    studio: Studio, make_page: Make, library_root: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(library_root)
    with Library.open(library_root) as library:
        run = queue.add(library, ExperimentRequest(settings("source-modality")))
        queue.note_outcome(library, run.id, Outcome(experiment_id="source-modality-00000002"))
        queue.mark(library, run.id, QueueStatus.PAUSED)
    page = make_page(library_root)
    resumed: list[int] = []
    monkeypatch.setattr(studio.runs, "resume", resumed.append)
    assert [entry.state for entry in page.list.entries] == [State.PAUSED, State.FINISHED]
    assert page.detail.strip.stage.text().startswith("Paused.")
    page.go_on_button.click()
    assert resumed == [run.id]


def test_run_that_failed_before_its_first_cell_is_listed_with_the_reason(
    make_page: Make, library_root: Path
):
    with Library.open(library_root) as library:
        run = queue.add(library, ExperimentRequest(settings("losses")))
        queue.mark(library, run.id, QueueStatus.FAILED, "There is no action “up”.")
    page = make_page(library_root)
    assert [(one.title, one.state) for one in page.list.entries] == [
        ("Losses beyond the paper", State.FAILED)
    ]
    assert "There is no action “up”." in page.detail.strip.stage.text()
    assert page.go_on_button.text() == "Try again"
    assert not page.copy_button.isEnabled()
    assert page.copy_button.toolTip() == "There is nothing to copy yet."


def test_details_of_a_bug_can_be_copied_where_it_is_told(
    studio: Studio, make_page: Make, library_root: Path
):
    with Library.open(library_root) as library:
        run = queue.add(library, ExperimentRequest(settings("losses")))
        queue.mark(library, run.id, QueueStatus.FAILED, "Something went wrong.")
    page = make_page(library_root)
    strip = page.detail.strip
    assert not strip.details_button.isVisible(), "a problem of a session before has none"
    studio.runs._problems[run.id] = Problem.of(ZeroDivisionError("by nothing"))
    studio.runs.changed.emit()
    assert "copy the details" in strip.stage.text()
    strip.details_button.click()
    assert "ZeroDivisionError: by nothing" in QGuiApplication.clipboard().text()


def test_run_keeps_its_place_when_it_gets_its_table(
    qtbot: QtBot, studio: Studio, make_page: Make, library_root: Path
):
    filled(library_root)
    with Library.open(library_root) as library:
        run = queue.add(library, ExperimentRequest(settings("losses")))
    page = make_page(library_root)
    page.list.choose(f"run-{run.id}")
    assert studio.library is not None
    half = table({"ours": {2: (50,)}}, 3)
    kept = keep(studio.library, "losses", half, ExperimentStatus.STOPPED, number=0)
    queue.note_outcome(studio.library, run.id, Outcome(experiment_id=kept.id))
    read(qtbot, page)
    assert len(page.list.entries) == 3
    assert page.list.chosen is not None
    assert page.list.chosen.id == kept.id


def test_table_is_copied_for_a_paper_a_spreadsheet_and_a_terminal(
    make_page: Make, library_root: Path
):
    filled(library_root)
    page = make_page(library_root)
    page.list.choose("granularity-00000001")
    latex, spreadsheet, _, command = page.copy_button.menu().actions()
    latex.trigger()
    assert r"\begin{tabular}" in QGuiApplication.clipboard().text()
    spreadsheet.trigger()
    assert "here,video+clip,5,67.00,1.00,3,66.00,68.00,67.00" in (
        QGuiApplication.clipboard().text()
    )
    command.trigger()
    assert QGuiApplication.clipboard().text() == "fsamt experiment granularity --library squares"
    assert page.notice.message == "The command is on the clipboard."


def test_report_opens_once_the_table_is_finished(
    make_page: Make, library_root: Path, monkeypatch: pytest.MonkeyPatch
):
    filled(library_root)
    page = make_page(library_root)
    assert not page.report_button.isEnabled()
    assert page.report_button.toolTip() == "The report is written when the table is finished."
    page.list.choose("granularity-00000001")
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    page.report_button.click()
    assert opened[0].endswith("experiments/granularity-00000001/report.html")


@pytest.mark.parametrize("agrees", [True, False])
def test_table_is_removed_after_a_question(
    qtbot: QtBot,
    studio: Studio,
    make_page: Make,
    library_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    agrees: bool,
):
    filled(library_root)
    page = make_page(library_root)
    monkeypatch.setattr("app.pages.experiments.taking_out.ask", lambda *said: agrees)
    page.taking_out.copy_command()
    page.remove_button.click()
    assert page.notice.isVisible() != agrees, "of the table that is no more nothing is said"
    qtbot.waitUntil(lambda: not page.reading.is_busy, timeout=5_000)
    assert studio.library is not None
    assert len(list_experiments(studio.library)) == (1 if agrees else 2)
    assert len(page.list.entries) == (1 if agrees else 2)


def test_keys_lead_from_the_list_to_a_cell_and_its_recogniser(
    qtbot: QtBot, make_page: Make, library_root: Path
):
    filled(library_root)
    page = make_page(library_root)
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.chosen is not None
    assert page.list.chosen.kind == "granularity"
    page.detail.table.choose("clip", 2)
    qtbot.keyClick(page.detail.table, Qt.Key.Key_Right)
    assert page.cell.amount.text() == "5 labels an action"
    with qtbot.waitSignal(page.model_wanted, timeout=1_000):
        qtbot.keyClick(page.cell.runs, Qt.Key.Key_Return)


def test_page_fits_into_the_smallest_window(make_page: Make, library_root: Path):
    filled(library_root)
    page = make_page(library_root)
    for row in range(page.list.count()):
        page.list.setCurrentRow(row)
        assert page.minimumSizeHint().width() <= 1192
        assert page.minimumSizeHint().height() <= 690
