from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, EngineFacts
from app.pages.transfer import TransferPage
from app.studio import Studio
from fsamt_engine.library import Library, ModelKind, ModelRecord, RunStatus
from fsamt_engine.library.models import list_models
from fsamt_engine.library.runs import list_runs

Open = Callable[[Studio, Path], None]

FACTS = EngineFacts(
    (DeviceChoice("cpu", "CPU, 2 cores"),),
    (("r3d_18", "Larger."), ("r3d_tiny", "Small and quick.")),
    teacher_epochs=40,
    transfer_epochs=60,
)


@pytest.fixture(scope="session")
def _taught_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares with a teacher that was trained for one epoch."""
    import shutil

    from fsamt_engine.evaluation import split_by_participant
    from fsamt_engine.learning import FitSettings, TeacherSettings, train_teacher
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.takes import take_ids_with_pairs

    root = tmp_path_factory.mktemp("taught") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        usable = take_ids_with_pairs(library)
        labelled = segments(library, take_ids=usable)
        snapshot = split_by_participant(labelled, ("across", "down"), ("P1", "P2"))
        settings = replace(TeacherSettings(), fit=FitSettings(epochs=1, batch_size=4))
        train_teacher(library, snapshot, settings, device="cpu")
    return root


@pytest.fixture
def taught_root(_taught_source: Path, tmp_path: Path) -> Path:
    import shutil

    root = tmp_path / "taught"
    shutil.copytree(_taught_source, root)
    return root


@pytest.fixture
def make_page(
    qtbot: QtBot, studio: Studio, open_in: Open
) -> Iterator[Callable[[Path], TransferPage]]:
    """Opens a library and the page on it, with its takes read."""
    studio.engine.facts = FACTS

    def make(root: Path) -> TransferPage:
        open_in(studio, root)
        page = TransferPage(studio)
        qtbot.addWidget(page)
        page.resize(1200, 660)
        page.show()
        page.entered()
        qtbot.waitUntil(lambda: page._reading is None, timeout=5000)
        page.transfer_form.fit.epochs.setValue(3)
        page.teacher_form.fit.epochs.setValue(1)
        return page

    yield make
    studio.close_library()


def students(studio: Studio) -> list[ModelRecord]:
    assert studio.library is not None
    return list_models(studio.library, ModelKind.STUDENT)


def start(qtbot: QtBot, page: TransferPage) -> None:
    qtbot.mouseClick(page.start_button, Qt.MouseButton.LeftButton)
    assert page.task is not None


def end(qtbot: QtBot, page: TransferPage) -> None:
    qtbot.waitUntil(lambda: page.task is None, timeout=60_000)


def says(qtbot: QtBot, page: TransferPage, words: str) -> None:
    """The primary button says so, sooner or later."""
    qtbot.waitUntil(lambda: page.start_button.text() == words, timeout=5000)


def until_step(qtbot: QtBot, page: TransferPage, n_steps: int) -> None:
    qtbot.waitUntil(lambda: page.run_view.curve.n_points >= n_steps, timeout=60_000)


def test_pairs_are_counted_and_depth_only_takes_are_said_to_be_left_out(
    make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    assert page.start_button.text() == "Transfer 237 pairs"
    summary = page.transfer_form.pairs.summary.text()
    assert "12 takes of 2 participants" in summary
    assert "depth only: 1 take." in summary
    assert "8 s" in summary


def test_unticked_people_and_takes_are_left_out(
    make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    pairs = page.transfer_form.pairs
    first, second = pairs.tree.topLevelItem(0), pairs.tree.topLevelItem(1)
    second.setCheckState(0, Qt.CheckState.Unchecked)
    assert page.start_button.text() == "Transfer 117 pairs"
    first.setExpanded(True)
    assert first.childCount() == 6
    first.child(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert first.checkState(0) == Qt.CheckState.PartiallyChecked
    assert len(pairs.take_ids()) == 5
    first.setCheckState(0, Qt.CheckState.Unchecked)
    assert not page.start_button.isEnabled()
    assert "No takes with pairs" in page.start_button.toolTip()
    second.setExpanded(True)
    assert "depth only, left out" in second.child(6).text(0)
    first.setCheckState(0, Qt.CheckState.Checked)
    assert first.child(0).checkState(0) == Qt.CheckState.Checked


def test_what_was_chosen_stays_so_when_the_page_is_entered_again(
    qtbot: QtBot, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    page.transfer_form.pairs.tree.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)
    page.transfer_form.fit.choose_network("r3d_18")
    page.entered()
    qtbot.waitUntil(lambda: page._reading is None, timeout=5000)
    assert page.start_button.text() == "Transfer 117 pairs"
    assert page.transfer_form.fit.network.currentText() == "r3d_18"


def test_transfer_runs_and_shows_its_curve_and_the_model(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    page.transfer_form.granularity.choose("clip")
    start(qtbot, page)
    assert not page.start_button.isEnabled()
    assert studio.board.running == [page.task]
    end(qtbot, page)
    assert page.notice.message.startswith("Made: depth student of flow teacher")
    (student,) = students(studio)
    assert student.settings["granularity"] == "clip"
    assert student.settings["fit"]["epochs"] == 3
    curve = page.run_view.curve
    assert curve.n_points > 0
    assert curve.n_epochs == 3
    assert curve.best_point is not None
    assert "best 0." in curve.best.text()
    assert page.start_button.isEnabled()


def test_paused_transfer_goes_on_where_it_was(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    page.transfer_form.fit.epochs.setValue(40)
    start(qtbot, page)
    until_step(qtbot, page, 2)
    page.run_view.pause.click()
    end(qtbot, page)
    assert page.run_view.is_paused
    assert page.start_button.text() == "Resume"
    assert studio.library is not None
    assert list_runs(studio.library)[0].status is RunStatus.PAUSED
    assert students(studio) == []
    n_before = page.run_view.curve.n_points

    page.run_view.resume.click()
    until_step(qtbot, page, n_before + 2)
    steps = page.run_view.curve.steps
    assert steps == sorted(set(steps))
    page.run_view.cancel.click()
    end(qtbot, page)
    assert "Cancelled" in page.run_view.where.text()
    assert list_runs(studio.library)[0].status is RunStatus.CANCELLED
    assert page.start_button.text() == "Transfer 237 pairs"


def test_paused_transfer_can_be_thrown_away(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    page.transfer_form.fit.epochs.setValue(40)
    start(qtbot, page)
    until_step(qtbot, page, 1)
    page.run_view.pause.click()
    end(qtbot, page)
    page.run_view.cancel.click()
    end(qtbot, page)
    assert not page.is_busy
    assert studio.library is not None
    assert list_runs(studio.library)[0].status is RunStatus.CANCELLED
    assert not list((studio.library.cache_folder / "checkpoints").glob("*.pt"))


def test_stop_and_keep_the_best_makes_a_model(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    page.transfer_form.fit.epochs.setValue(200)
    start(qtbot, page)
    assert not page.run_view.keep.isEnabled()
    qtbot.waitUntil(page.run_view.keep.isEnabled, timeout=60_000)
    page.run_view.keep.click()
    end(qtbot, page)
    assert len(students(studio)) == 1
    assert page.notice.message.startswith("Made:")


def test_problem_of_the_engine_is_a_sentence_on_the_page(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], taught_root: Path
):
    page = make_page(taught_root)
    form = page.transfer_form
    form.fit.device.addItem("GPU", "cuda:7")
    form.fit.device.setCurrentIndex(form.fit.device.count() - 1)
    start(qtbot, page)
    end(qtbot, page)
    assert page.notice.isVisible()
    assert "GPU" in page.notice.message
    assert page.notice.hint
    assert page.notice.details == ""
    assert page.start_button.isEnabled()


def test_library_without_a_teacher_offers_to_train_one(
    qtbot: QtBot, studio: Studio, make_page: Callable[[Path], TransferPage], library_root: Path
):
    page = make_page(library_root)
    assert page.form is page.teacher_form
    assert page._no_teacher.isVisible()
    says(qtbot, page, "Train teacher on 12 labels")
    page.teacher_form.participants.tick("P2", False)
    says(qtbot, page, "Train teacher on 6 labels")
    page.teacher_form.fit.choose_network("r3d_tiny")
    page.teacher_form.source_actions.tick("down", False)
    assert not page.start_button.isEnabled()
    assert "at least two actions" in page.start_button.toolTip()
    page.teacher_form.source_actions.tick("down", True)
    says(qtbot, page, "Train teacher on 6 labels")
    start(qtbot, page)
    end(qtbot, page)
    assert studio.library is not None
    (teacher,) = list_models(studio.library, ModelKind.TEACHER)
    assert (teacher.modality, teacher.actions) == ("flow", ("across", "down"))
    assert page.form is page.transfer_form
    assert page.transfer_form.chosen_teacher == teacher
    assert page.notice.message.startswith("Made: flow teacher of 2 actions")


def test_nothing_starts_before_the_engine_is_there(
    qtbot: QtBot, studio: Studio, taught_root: Path, open_in: Open
):
    open_in(studio, taught_root)
    page = TransferPage(studio)
    qtbot.addWidget(page)
    page.entered()
    qtbot.waitUntil(lambda: page._reading is None, timeout=5000)
    assert not page.start_button.isEnabled()
    assert "still loading" in page.start_button.toolTip()
    studio.engine.facts = FACTS
    studio.engine.loaded.emit(FACTS)
    assert page.start_button.isEnabled()
    assert page.transfer_form.fit.epochs.value() == 60
    assert page.transfer_form.fit.network.currentText() == "r3d_tiny"
    studio.close_library()


def test_engine_loads_in_the_background_and_knows_networks_and_devices(
    qtbot: QtBot, studio: Studio
):
    with qtbot.waitSignal(studio.engine.loaded, timeout=60_000):
        studio.engine.load()
    facts = studio.engine.facts
    assert facts is not None
    assert facts.devices[-1].value == "cpu"
    assert facts.networks[0][0] == "r3d_tiny"
