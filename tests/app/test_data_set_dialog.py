"""A data set on its way in: chosen, measured, paused, gone on with."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.pages.library.data_set_dialog import DataSetDialog
from app.studio import Studio
from fsamt_engine import datasets
from fsamt_engine.datasets import arrivals
from fsamt_engine.datasets.estimate import ImportEstimate
from fsamt_engine.learning.arrival_estimate import ArrivalEstimate
from fsamt_engine.library import Library
from fsamt_engine.library.listing import list_takes
from fsamt_engine.library.takes import take
from fsamt_engine.progress import Stop
from tests.fsamt_engine.datasets.lying import LyingDataSet, write_take


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for known in (datasets, arrivals):
        monkeypatch.setattr(known, "DATA_SETS", {"lying": LyingDataSet()})
    for key in ("p1a", "p1b", "p2a"):
        write_take(tmp_path / "set", key)
    return tmp_path / "set"


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Callable[[Studio, Path], None]
) -> Iterator[LibraryPage]:
    (tmp_path / "new").mkdir()
    open_in(studio, tmp_path / "new")
    made = LibraryPage(studio)
    qtbot.addWidget(made)
    made.show()
    made.entered()
    yield made
    made.player.close_files()
    studio.close_library()


@pytest.fixture
def dialog(qtbot: QtBot, page: LibraryPage, studio: Studio, source: Path) -> DataSetDialog:
    page.arriving.take_in([source])
    qtbot.waitUntil(lambda: page.arriving.data_set_dialog is not None, timeout=10_000)
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    assert page.arriving.data_set_dialog is not None
    return page.arriving.data_set_dialog


def opened(studio: Studio) -> Library:
    assert studio.library is not None
    return studio.library


def test_people_actions_and_the_way_are_chosen(
    qtbot: QtBot, page: LibraryPage, dialog: DataSetDialog, studio: Studio
):
    assert dialog.import_button.text() == "Import 3 takes"
    dialog.people.tick("p2", False)
    dialog.what.tick("clap", False)
    dialog.way.choose("in place")
    assert dialog.import_button.text() == "Import 1 take"
    assert (dialog.choice.participants, dialog.choice.actions) == (("p1",), ("wave",))
    dialog.import_button.click()
    qtbot.waitUntil(lambda: page.notice.message == "Came in: 1 take.", timeout=10_000)
    [row] = list_takes(opened(studio))
    assert (row.participant, row.actions) == ("p1", ("wave",))
    assert any(stream.is_elsewhere for stream in take(opened(studio), row.id).streams)
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)


def test_nothing_ticked_imports_nothing_and_says_why(dialog: DataSetDialog):
    dialog.people.tick_all(False)
    assert not dialog.import_button.isEnabled()
    assert dialog.import_button.toolTip()
    assert not dialog.estimate_button.isEnabled()
    dialog.people.tick_all(True)
    assert dialog.import_button.isEnabled()
    assert dialog.choice.participants == ()


def test_what_it_takes_is_measured_on_demand(qtbot: QtBot, dialog: DataSetDialog, studio: Studio):
    qtbot.mouseClick(dialog.estimate_button, Qt.MouseButton.LeftButton)
    assert not dialog.estimate_button.isEnabled()
    qtbot.waitUntil(lambda: "free on the disk" in dialog.estimate.text(), timeout=60_000)
    assert "flow" in dialog.estimate.text()
    assert list_takes(opened(studio)) == []
    dialog.way.choose("in place")
    assert dialog.estimate.text() == ""
    qtbot.waitUntil(lambda: not studio.board.running, timeout=5000)
    dialog.reject()


def test_what_does_not_fit_is_marked_and_says_what_is_left_to_do(
    dialog: DataSetDialog,
):
    arrival = ImportEstimate(3, 0, 60.0, 2_000, 1_000, 9, 9, 1, 0)
    found = ArrivalEstimate(arrival, 0.0, 0, 0.0, 0, "r3d_tiny", "CPU")
    dialog.show_estimate(found)
    assert dialog.caution.isVisible()
    assert "leave them where they are" in dialog.estimate.text()
    dialog.way.choose("in place")
    assert not dialog.caution.isVisible()
    dialog.show_estimate(found)
    assert "leave them where they are" not in dialog.estimate.text()
    assert "choose fewer takes" in dialog.estimate.text()
    dialog.show_estimate(replace(found, arrival=replace(arrival, free_bytes=10**12)))
    assert not dialog.caution.isVisible()
    dialog.reject()


def test_cancelled_dialog_ends_the_measuring(qtbot: QtBot, dialog: DataSetDialog, studio: Studio):
    dialog.estimate_button.click()
    dialog.reject()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=60_000)
    assert list_takes(opened(studio)) == []


def test_import_is_paused_and_goes_on(
    qtbot: QtBot,
    page: LibraryPage,
    dialog: DataSetDialog,
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
):
    moving, whole = page.moving, arrivals.bring_in

    def until_paused(*arguments: object, **named: object) -> object:
        """Waits for the pause that is asked for, so that nothing is over before."""
        should_stop = named["should_stop"]
        while should_stop() is not Stop.PAUSE:  # type: ignore[operator]
            pass
        return whole(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(arrivals, "bring_in", until_paused)
    dialog.import_button.click()
    assert moving.pause_button.isVisible()
    moving.pause_button.click()
    qtbot.waitUntil(lambda: moving.is_paused, timeout=10_000)
    qtbot.waitUntil(lambda: moving.pause_button.text() == "Continue", timeout=5000)
    assert page.notice.message == "Paused."
    assert moving.isVisible()
    page.arriving.take_in([Path("/anything")])
    assert "on its way already" in page.notice.message
    monkeypatch.setattr(arrivals, "bring_in", whole)
    moving.pause_button.click()
    qtbot.waitUntil(lambda: page.notice.message.startswith("Came in"), timeout=10_000)
    assert len(list_takes(opened(studio))) == 3
    qtbot.waitUntil(lambda: not moving.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=5000)


def test_paused_import_can_be_stopped(
    qtbot: QtBot,
    page: LibraryPage,
    dialog: DataSetDialog,
    monkeypatch: pytest.MonkeyPatch,
):
    def until_paused(*_: object, **named: object) -> object:
        while named["should_stop"]() is None:  # type: ignore[operator]
            pass
        from fsamt_engine.errors import Cancelled

        raise Cancelled(resumable=True)

    monkeypatch.setattr(arrivals, "bring_in", until_paused)
    dialog.import_button.click()
    page.moving.pause_button.click()
    qtbot.waitUntil(lambda: page.moving.pause_button.text() == "Continue", timeout=10_000)
    page.moving.stop_button.click()
    assert not page.moving.isVisible()
    assert not page.moving.is_moving
