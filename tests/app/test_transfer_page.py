import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, EngineFacts
from app.pages.transfer import TransferPage
from app.studio import Studio
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.labels import add_action, label_takes
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import list_takes
from fsamt_engine.runs import HealthRequest, TransferRequest
from fsamt_engine.runs.queue import QueueStatus
from tests.app.conftest import add_square_take

Open = Callable[[Studio, Path], None]
MakePage = Callable[[Path], TransferPage]

FACTS = EngineFacts(
    (DeviceChoice("cpu", "CPU, 2 cores"),),
    (("r3d_18", "Larger."), ("r3d_tiny", "Small and quick.")),
    teacher_epochs=40,
    transfer_epochs=60,
)


@pytest.fixture(scope="session")
def _taught_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares with a teacher that was trained for one epoch on the takes of P1."""
    from fsamt_engine.evaluation import split_by_participant
    from fsamt_engine.learning import FitSettings, TeacherSettings, train_teacher
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.takes import take_ids_with_pairs
    from fsamt_engine.modalities.clips import ClipShape

    root = tmp_path_factory.mktemp("taught") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        usable = take_ids_with_pairs(library, ("P1",))
        labelled = segments(library, take_ids=usable)
        snapshot = split_by_participant(labelled, ("across", "down"), ("P1",))
        settings = TeacherSettings(
            shape=ClipShape(n_frames=8, step=2), fit=FitSettings(epochs=1, batch_size=4)
        )
        train_teacher(library, snapshot, settings, device="cpu")
    return root


@pytest.fixture
def taught_root(_taught_source: Path, tmp_path: Path) -> Path:
    root = tmp_path / "taught"
    shutil.copytree(_taught_source, root)
    return root


@pytest.fixture
def make_page(qtbot: QtBot, studio: Studio, open_in: Open) -> Iterator[MakePage]:
    """Opens a library and the page on it, with its pairs looked at."""
    studio.engine.facts = FACTS

    def make(root: Path) -> TransferPage:
        open_in(studio, root)
        page = TransferPage(studio)
        qtbot.addWidget(page)
        page.resize(1192, 690)
        page.show()
        page.entered()
        pairs_are_read(qtbot, page)
        page.wizard.student.fit.epochs.setValue(3)
        page.wizard.teacher.form.fit.epochs.setValue(1)
        return page

    yield make
    studio.pause_runs()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=30_000)
    studio.close_library()


def pairs_are_read(qtbot: QtBot, page: TransferPage) -> None:
    qtbot.waitUntil(lambda: not page.wizard.pairs.is_reading, timeout=10_000)


def students(studio: Studio) -> list[ModelRecord]:
    assert studio.library is not None
    return list_models(studio.library, ModelKind.STUDENT)


def to_summary(page: TransferPage) -> None:
    """By the primary button, step by step."""
    while page.wizard.step is not page.wizard.summary:
        before = page.wizard.place
        page.wizard.next_button.click()
        assert page.wizard.place == before + 1, page.wizard.obstacle


def start(page: TransferPage) -> None:
    to_summary(page)
    page.wizard.next_button.click()
    assert page.place is page.run


def says(qtbot: QtBot, page: TransferPage, words: str) -> None:
    """The primary button says so, sooner or later."""
    qtbot.waitUntil(lambda: page.wizard.next_button.text() == words, timeout=5000)


def test_takes_of_the_teacher_are_left_out_until_they_are_taken_in(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    step = page.wizard.pairs
    assert step.count.n_takes == 6
    assert "5 takes: The teacher was trained on them." in step.left_out.text
    assert "1 take: They have no colour" in step.left_out.text
    assert "1 take: Too much of them was lost" in step.left_out.text
    assert step.summary == "120 pairs, 4 s, of 1 participant"
    step.own_actions.setChecked(False)
    pairs_are_read(qtbot, page)
    assert step.summary == "220 pairs, 7 s, of 2 participants"
    assert step.left_out.n_takes == 2


def test_half_of_the_actions_are_left_for_the_student(make_page: MakePage, library_root: Path):
    with Library.open(library_root) as library:
        ids = [row.id for row in list_takes(library)]
        for place, action in enumerate(("background", "hop", "jump", "turn")):
            add_action(library, action)
            label_takes(library, ids[place : place + 1], action)
    form = make_page(library_root).wizard.teacher.form
    assert form.source_actions.names() == ("across", "down")


def test_some_people_are_left_for_the_test_until_somebody_ticks(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    with Library.open(taught_root) as library:
        for who in ("P3", "P4"):
            for number in range(2):
                add_square_take(library, who, "across", number)
    page = make_page(taught_root)
    assert page.wizard.teacher.form.participants.names() == ("P1", "P2", "P3")
    step = page.wizard.pairs
    assert step.pairs.people() == ("P2", "P3"), "the takes of P1 are the teacher's own"
    assert "Left for a test later: P4." in step.for_test.text()
    step.pairs.tick("P4", True)
    step.look()
    pairs_are_read(qtbot, page)
    assert step.pairs.people() == ("P2", "P3", "P4")
    assert "Nobody is left for a test later" in step.for_test.text()


def test_unticked_people_and_takes_are_left_out(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    step = page.wizard.pairs
    step.own_actions.setChecked(False)
    pairs_are_read(qtbot, page)
    step.pairs.tick("P2", False)
    assert step.count.n_pairs == 100
    first = step.pairs.tree.topLevelItem(0)
    first.setExpanded(True)
    assert [first.child(i).text(0) for i in (0, 4)] == ["take 2", "take 6"]
    first.child(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert first.checkState(0) == Qt.CheckState.PartiallyChecked
    assert len(step.pairs.take_ids()) == 4
    step.pairs.tick("P1", False)
    assert "Fewer than two takes are chosen" in step.obstacle
    assert not page.wizard.can_go_to(3)
    step.pairs.tick("P1", True)
    assert first.child(0).checkState(0) == Qt.CheckState.Checked
    assert page.wizard.can_go_to(4)


def test_what_was_chosen_stays_so_when_the_page_is_entered_again(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    step = page.wizard.pairs
    step.own_actions.setChecked(False)
    pairs_are_read(qtbot, page)
    step.pairs.tick("P2", False)
    page.wizard.student.fit.choose_network("r3d_18")
    page.wizard.go_to(2)
    page.entered()
    pairs_are_read(qtbot, page)
    assert step.count.n_pairs == 100
    assert page.wizard.student.fit.network.currentText() == "r3d_18"
    assert page.wizard.step is step


def test_student_of_another_network_cannot_start_from_the_teacher(
    make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    step = page.wizard.student
    assert step.starts_from_teacher
    step.fit.choose_network("r3d_18")
    assert not step.starts_from_teacher
    assert "another network" in step.start_from_teacher.toolTip()


def test_summary_says_what_is_transferred_and_how_long_it_takes(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    to_summary(page)
    assert page.wizard.next_button.text() == "Transfer 120 pairs"
    assert "few pairs" in page.wizard.summary.advice.text()
    time = page.wizard.summary.time
    qtbot.waitUntil(lambda: time.text().startswith("about"), timeout=30_000)
    assert "CPU" in page.wizard.summary.device.text()
    request = page.wizard.request
    assert request is not None
    assert (request.granularity, request.epochs, len(request.take_ids)) == ("video+clip", 3, 6)


def test_transfer_runs_and_its_health_is_shown(
    qtbot: QtBot, studio: Studio, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    page.wizard.student.granularity.choose("clip")
    start(page)
    assert not page.run.primary.isEnabled()
    qtbot.waitUntil(lambda: page.place is page.health, timeout=60_000)
    (student,) = students(studio)
    assert student.settings["granularity"] == "clip"
    assert student.settings["fit"]["epochs"] == 3
    assert page.health.heading.text() == student.name
    assert page.health.primary.text() == "Record more pairs"
    assert page.health.caution.isVisibleTo(page)
    assert page.earlier.list.count() == 1
    with qtbot.waitSignal(page.page_wanted, timeout=1000) as wanted:
        page.health.primary.click()
    assert wanted.args == ["capture"]


def test_pair_that_is_chosen_is_shown_with_its_neighbours(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    start(page)
    qtbot.waitUntil(lambda: page.place is page.health, timeout=60_000)
    pairs, clips = page.health.pairs, page.health.clips.strip.clips.clips
    chosen = pairs.chosen
    assert chosen is not None
    assert chosen == min(pairs._pairs, key=lambda pair: pair.cosine)
    assert clips[0].take_id == chosen.item.take_id
    assert [clip.take_id for clip in clips[1:]] == [n.item.take_id for n in chosen.neighbours]
    pairs.which.choose("held out")
    assert all(pair.was_held_out for pair in pairs._pairs)
    with qtbot.waitSignal(page.clip_wanted, timeout=1000) as wanted:
        page.health.clips.open_button.click()
    shown = page.health.clips.strip.clips.clips[0]
    assert wanted.args == [shown.take_id, shown.start, shown.end]


def test_run_that_was_paused_before_a_restart_is_offered_and_goes_on(
    qtbot: QtBot, studio: Studio, make_page: MakePage, taught_root: Path, open_in: Open
):
    page = make_page(taught_root)
    page.wizard.student.fit.epochs.setValue(40)
    start(page)
    qtbot.waitUntil(lambda: page.run.view.curve.n_epochs >= 1, timeout=60_000)
    page.run.view.pause.click()
    qtbot.waitUntil(lambda: not studio.board.running, timeout=30_000)
    assert page.run.primary.text() == "Resume"
    assert page.run.primary.isEnabled()
    page.run.back.click()
    assert page.place is page.wizard

    open_in(studio, taught_root)
    page.entered()
    assert page.place is page.run
    assert page.run.run is not None
    assert page.run.run.status is QueueStatus.PAUSED
    assert isinstance(page.run.run.request, TransferRequest)
    page.run.primary.click()
    qtbot.waitUntil(lambda: page.run.view.curve.n_points >= 1, timeout=60_000)
    assert page.run.view.curve.steps[0] > 1
    page.run.view.cancel.click()
    qtbot.waitUntil(lambda: page.run.primary.text() == "Choose again", timeout=30_000)
    page.run.primary.click()
    assert page.place is page.wizard
    assert students(studio) == []


def test_more_epochs_repeat_the_same_transfer(qtbot: QtBot, make_page: MakePage, taught_root: Path):
    page = make_page(taught_root)
    page.wizard.pairs.pairs.tree.topLevelItem(0).setExpanded(True)
    child = page.wizard.pairs.pairs.tree.topLevelItem(0).child(0)
    child.setCheckState(0, Qt.CheckState.Unchecked)
    page.wizard.student.granularity.choose("clip")
    first = page.wizard.request
    start(page)
    qtbot.waitUntil(lambda: page.place is page.health, timeout=60_000)
    page.wizard.pairs.pairs.tick("P2", False)
    page.wizard.student.granularity.choose("video")
    report = page.health._report
    assert report is not None
    page.wizard.repeat(report.student, report.take_ids, report.more_epochs)
    pairs_are_read(qtbot, page)
    assert first is not None
    assert page.wizard.request == replace(first, epochs=80)
    assert page.wizard.step is page.wizard.summary


def test_problem_of_the_engine_is_a_sentence_on_the_page(
    qtbot: QtBot, studio: Studio, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    fit = page.wizard.student.fit
    fit.device.addItem("GPU", "cuda:7")
    fit.device.setCurrentIndex(fit.device.count() - 1)
    start(page)
    qtbot.waitUntil(page.notice.isVisible, timeout=30_000)
    assert "GPU" in page.notice.message
    assert page.notice.hint
    assert page.notice.details == ""
    assert page.run.primary.text() == "Choose again"


def test_library_without_a_teacher_trains_one_in_the_first_step(
    qtbot: QtBot, studio: Studio, make_page: MakePage, library_root: Path
):
    page = make_page(library_root)
    step = page.wizard.teacher
    assert page.wizard.teacher.way.value == "new", "nothing else can be done here"
    page.wizard.teacher.way.choose("own")
    assert "no teacher yet" in page.wizard.obstacle
    assert not page.wizard.next_button.isEnabled()
    step.way.choose("new")
    says(qtbot, page, "Train teacher on 12 labels")
    assert not page.wizard.can_go_to(1)
    step.form.participants.tick("P2", False)
    says(qtbot, page, "Train teacher on 6 labels")
    step.form.fit.choose_network("r3d_tiny")
    step.form.source_actions.tick("down", False)
    assert not page.wizard.next_button.isEnabled()
    assert "at least two actions" in page.wizard.next_button.toolTip()
    step.form.source_actions.tick("down", True)
    says(qtbot, page, "Train teacher on 6 labels")
    page.wizard.next_button.click()
    assert page.place is page.run
    qtbot.waitUntil(lambda: page.place is page.wizard, timeout=60_000)
    assert studio.library is not None
    (teacher,) = list_models(studio.library, ModelKind.TEACHER)
    assert (teacher.modality, teacher.actions) == ("flow", ("across", "down"))
    assert step.chosen == teacher
    assert page.wizard.step is page.wizard.modality
    assert page.notice.message.startswith("Made: flow teacher of 2 actions")


def test_modalities_are_shown_as_the_networks_receive_them(
    qtbot: QtBot, make_page: MakePage, taught_root: Path
):
    page = make_page(taught_root)
    step = page.wizard.modality
    cards = (*step.cards.values(), step.student)
    qtbot.waitUntil(lambda: all(card.picture.image is not None for card in cards), timeout=10_000)
    flow, rgb, depth = (card.picture.image for card in cards)
    assert flow is not None
    assert rgb is not None
    assert depth is not None
    assert flow.size() == rgb.size() == depth.size()
    assert flow.hasAlphaChannel()
    assert not rgb.hasAlphaChannel()


def test_other_modality_leads_to_a_new_teacher_of_it(make_page: MakePage, taught_root: Path):
    page = make_page(taught_root)
    page.wizard.go_to(1)
    rgb = page.wizard.modality.cards["rgb"]
    assert page.wizard.modality.summary == "flow to depth"
    assert "Train a teacher" in rgb.button.text()
    rgb.button.click()
    assert page.wizard.step is page.wizard.teacher
    assert page.wizard.teacher.form.modality.value == "rgb"


def test_teacher_of_another_library_is_brought_in_with_what_it_has_seen(
    qtbot: QtBot, studio: Studio, make_page: MakePage, library_root: Path, taught_root: Path
):
    page = make_page(library_root)
    page.wizard.teacher.way.choose("elsewhere")
    assert "Choose the folder" in page.wizard.obstacle
    page.wizard.teacher.import_wanted.emit(taught_root)
    qtbot.waitUntil(page.notice.isVisible, timeout=30_000)
    assert page.notice.message.startswith("Brought in: flow teacher")
    assert page.wizard.teacher.chosen is not None
    assert "P1" in page.wizard.teacher.list.details.text()
    assert page.wizard.can_go_to(1)


def test_foreign_file_is_refused_in_words(
    qtbot: QtBot, make_page: MakePage, library_root: Path, tmp_path: Path
):
    page = make_page(library_root)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.pth").write_bytes(b"foreign")
    page.wizard.teacher.import_wanted.emit(tmp_path / "weights")
    qtbot.waitUntil(page.notice.isVisible, timeout=30_000)
    assert "is no model of this program" in page.notice.message
    assert "model.json" in page.notice.hint
    assert page.notice.details == ""
    assert page.wizard.teacher.chosen is None


def test_nothing_starts_before_the_engine_is_there(
    qtbot: QtBot, studio: Studio, taught_root: Path, open_in: Open
):
    open_in(studio, taught_root)
    page = TransferPage(studio)
    qtbot.addWidget(page)
    page.entered()
    assert "still loading" in page.wizard.pairs.obstacle
    studio.engine.facts = FACTS
    studio.engine.loaded.emit(FACTS)
    pairs_are_read(qtbot, page)
    assert page.wizard.can_go_to(4)
    assert page.wizard.student.fit.epochs.value() == 60
    assert page.wizard.student.fit.network.currentText() == "r3d_tiny"
    studio.close_library()


def test_page_without_a_library_offers_to_open_one(qtbot: QtBot, studio: Studio):
    page = TransferPage(studio)
    qtbot.addWidget(page)
    page.entered()
    with qtbot.waitSignal(page.page_wanted, timeout=1000) as wanted:
        page._open.click()
    assert wanted.args == ["open"]


def test_engine_loads_in_the_background_and_knows_networks_and_devices(
    qtbot: QtBot, studio: Studio
):
    with qtbot.waitSignal(studio.engine.loaded, timeout=60_000):
        studio.engine.load()
    facts = studio.engine.facts
    assert facts is not None
    assert facts.devices[-1].value == "cpu"
    assert facts.networks[0][0] == "r3d_tiny"


@pytest.mark.parametrize("may", [False, True])
def test_health_that_was_never_measured_is_measured_only_if_wanted(
    qtbot: QtBot,
    studio: Studio,
    make_page: MakePage,
    taught_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    may: bool,
):
    page = make_page(taught_root)
    asked: list[str] = []

    def answer(_parent: object, what: str, *_: str) -> bool:
        asked.append(what)
        return may

    started: list[object] = []
    monkeypatch.setattr("app.pages.transfer.page.ask", answer)
    monkeypatch.setattr(page, "_start", started.append)
    page._asked_student = "student-1"
    page._show_report(None)
    assert asked == ["The health of this transfer was not measured yet."]
    assert started == ([HealthRequest("student-1")] if may else [])
