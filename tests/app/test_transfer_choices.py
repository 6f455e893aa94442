"""What the student receives, its network and its loss, as the wizard's steps ask for them."""

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtGui import QImage, QStandardItemModel
from pytestqt.qtbot import QtBot

from app.pages.transfer import modality_step
from app.pages.transfer.loss_field import LossField
from app.pages.transfer.sights import sights
from app.pages.transfer.teacher_list import TeacherList
from app.studio import Studio
from app.widgets import run_words
from fsamt_engine.errors import Cancelled
from fsamt_engine.learning import TransferLoss, store
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.records import RunStatus
from fsamt_engine.library.runs import find_run, finish_run, start_run
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.preparation import FlowMethod, FlowSettings, Preparation
from fsamt_engine.progress import Stop
from fsamt_engine.runs import ExperimentRequest
from tests.app.test_transfer_page import (  # noqa: F401 - fixtures
    FACTS,
    MakePage,
    _taught_source,
    make_page,
    pairs_are_read,
    taught_root,
)
from tests.fsamt_engine.sides import add_take_of_sides

NETWORKS = {
    20: (("stgcn_tiny_20", "Half."), ("stgcn_20", "It.")),
    25: (("stgcn_tiny", "Half."), ("stgcn", "It.")),
}


@pytest.fixture
def root_with_sides(taught_root: Path) -> Path:  # noqa: F811 - a fixture
    """The squares, and 4 takes of P2 with colour, infrared and skeleton: 2 of them with depth."""
    with Library.open(taught_root) as library:
        for number in range(4):
            add_take_of_sides(library, "across", number, with_depth=number < 2, participant="P2")
    return taught_root


def test_what_the_student_receives_says_which_pairs_and_networks_there_are(
    qtbot: QtBot,
    studio: Studio,
    make_page: MakePage,  # noqa: F811 - a fixture
    root_with_sides: Path,
) -> None:
    page = make_page(root_with_sides)
    wizard = page.wizard
    wizard.show_engine(replace(FACTS, skeleton_networks=NETWORKS))
    before = wizard.request
    assert before is not None
    assert (before.modality, before.loss, before.temperature) == ("depth", "cosine", None)
    wizard.modality.student.choice.choose("skeleton")
    pairs_are_read(qtbot, page)
    request = wizard.request
    assert request is not None
    assert (request.modality, request.network, len(request.take_ids)) == (
        "skeleton",
        "stgcn_tiny_20",
        4,
    )
    assert not request.start_from_teacher
    assert wizard.modality.summary == "flow to skeleton"
    assert "nothing of what the student receives" in wizard.pairs.left_out.text
    picture = wizard.modality.student.picture
    qtbot.waitUntil(lambda: picture.image is not None, timeout=10_000)
    wizard.modality.student.choice.choose("depth")
    pairs_are_read(qtbot, page)
    assert wizard.student.fit.network.currentText() == "r3d_tiny"
    assert wizard.request is not None
    assert len(wizard.request.take_ids) == len(before.take_ids)


def test_skeletons_of_two_kinds_cannot_be_started_and_networks_have_the_name_of_their_joints(
    qtbot: QtBot,
    studio: Studio,
    make_page: MakePage,  # noqa: F811 - a fixture
    root_with_sides: Path,
) -> None:
    with Library.open(root_with_sides) as library:
        for number in range(2):
            add_take_of_sides(library, "down", number, n_joints=25, participant="P9")
    wizard = make_page(root_with_sides).wizard
    wizard.show_engine(replace(FACTS, skeleton_networks=NETWORKS))
    wizard.modality.student.choice.choose("skeleton")
    qtbot.waitUntil(lambda: not wizard.pairs.is_reading, timeout=10_000)
    for participant in ("P2", "P9"):
        wizard.pairs.pairs.tick(participant, True)
    assert "skeletons of 20 joints (P2) and 25 joints (P9)" in wizard.pairs.obstacle
    assert wizard.request is None
    wizard.go_to(len(wizard.steps) - 1)
    assert wizard.step is not wizard.summary
    wizard.student.fit.network.setCurrentIndex(1)
    wizard.pairs.pairs.tick("P9", False)
    assert not wizard.pairs.obstacle
    assert wizard.student.fit.network.currentText() == "stgcn_20", "the sibling of what was chosen"
    wizard.pairs.pairs.tick("P9", True)
    wizard.pairs.pairs.tick("P2", False)
    assert wizard.student.fit.network.currentText() == "stgcn"
    wizard.student.choose("stgcn_tiny_20", 5, 1)
    assert wizard.student.fit.network.currentText() == "stgcn_tiny_20"


def test_what_no_take_has_cannot_be_chosen(
    make_page: MakePage,  # noqa: F811 - a fixture
    taught_root: Path,  # noqa: F811 - a fixture
) -> None:
    choice = make_page(taught_root).wizard.modality.student.choice
    infrared = choice._group.button(1)
    assert not infrared.isEnabled()
    assert infrared.toolTip() == "No take in this library has it beside colour"


def test_a_loss_is_in_the_request_and_chosen_again_when_it_is_repeated(
    qtbot: QtBot,
    studio: Studio,
    make_page: MakePage,  # noqa: F811 - a fixture
    taught_root: Path,  # noqa: F811 - a fixture
) -> None:
    page = make_page(taught_root)
    loss = page.wizard.student.loss
    assert not loss.loss.isVisibleTo(page.wizard.student), "the paper's is right for most"
    loss.choose("infonce", 0.2)
    assert loss.loss.isVisibleTo(page.wizard.student)
    request = page.wizard.request
    assert request is not None
    assert (request.loss, request.temperature) == ("infonce", 0.2)
    assert ("Loss", "InfoNCE, temperature 0.2") in page.wizard._facts()
    assert "InfoNCE" in page.wizard.student.summary
    assert run_words.loss(request) == "InfoNCE", "beside the curve"
    experiment = ExperimentRequest({"kind": "losses"})
    assert run_words.loss(experiment) == "", "which training it is at is not known yet"
    assert studio.library is not None
    for kind, settings, words in (
        ("transfer", {"loss": "mse"}, "mean squared difference"),
        ("transfer", {}, "cosine distance"),
        ("finetune", {}, "cross entropy"),
    ):
        run = start_run(studio.library, kind, f"{kind} {settings}", settings, 1)
        assert run_words.loss(experiment, find_run(studio.library, run.id)) == words
        finish_run(studio.library, run.id, RunStatus.FINISHED)
    loss.choose("cosine", None)
    library = studio.library
    assert library is not None
    student = replace(
        list_models(library)[0],
        parent_id=request.teacher_id,
        modality="depth",
        settings={
            "granularity": "clip",
            "start_from_teacher": True,
            "fit": {"seed": 3},
            "loss": "soft targets",
            "temperature": 2.0,
        },
    )
    page.wizard.repeat(student, request.take_ids, 80)
    pairs_are_read(qtbot, page)
    again = page.wizard.request
    assert again is not None
    assert (again.loss, again.temperature, again.granularity) == ("soft targets", 2.0, "clip")


def test_every_loss_of_the_engine_is_offered_with_a_sentence(qtbot: QtBot) -> None:
    field = LossField()
    qtbot.addWidget(field)
    offered = [field.loss.itemData(place) for place in range(field.loss.count())]
    assert offered == list(TransferLoss)
    for name in offered:
        field.choose(name, None)
        assert field.sentence.text().endswith(".")


def test_a_teacher_without_answers_cannot_hand_them_on(qtbot: QtBot) -> None:
    field = LossField()
    qtbot.addWidget(field)
    field.choose("hard labels", None)
    field.show_answers(has_answers=False)
    assert field.value == "cosine"
    items = field.loss.model()
    assert isinstance(items, QStandardItemModel)
    assert [i for i in range(7) if not items.item(i).isEnabled()] == [5, 6]
    field.show_answers(has_answers=True)
    assert all(items.item(place).isEnabled() for place in range(7))


def test_teacher_of_hundreds_of_actions_is_told_in_a_few_lines(
    qtbot: QtBot,
    taught_root: Path,  # noqa: F811 - a fixture
) -> None:
    with Library.open(taught_root) as library:
        teacher = list_models(library, ModelKind.TEACHER)[0]
    teachers = TeacherList()
    qtbot.addWidget(teachers)
    many = replace(teacher, actions=tuple(f"action {number}" for number in range(400)))
    teachers.show_teachers([many], {})
    assert teachers.details.text().startswith("It knows action 0, action 1, ")
    assert teachers.details.text().endswith("action 18 and 381 more.")


def test_pictures_that_are_on_their_way_say_so(
    qtbot: QtBot,
    make_page: MakePage,  # noqa: F811 - a fixture
    taught_root: Path,  # noqa: F811 - a fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end = Event()

    def slow(*_: object) -> dict[str, QImage]:
        may_end.wait()
        return {name: QImage(8, 8, QImage.Format.Format_RGB888) for name in ("flow", "rgb")}

    monkeypatch.setattr(modality_step, "sights", slow)
    step = make_page(taught_root).wizard.modality
    pictures = [*(card.picture for card in step.cards.values()), step.student.picture]
    assert all("is prepared" in one.accessibleDescription() for one in pictures)
    step.student.choice.choose("skeleton")
    assert "is prepared" in step.student.picture.accessibleDescription()
    may_end.set()
    qtbot.waitUntil(lambda: pictures[0].image is not None, timeout=5000)
    assert pictures[0].accessibleDescription() == ""


def test_pictures_of_a_published_teacher_need_no_flow_of_whole_takes_and_can_be_stopped(
    root_with_sides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = replace(Preparation(), flow=FlowSettings(method=FlowMethod.TVL1))
    monkeypatch.setattr(store, "read_description", lambda *_: {"preparation": published.to_dict()})
    with Library.open(root_with_sides) as library:
        teacher = list_models(library, ModelKind.TEACHER)[0]
        takes = take_ids_with_pairs(library, ["P2"])[-2:]
        shutil.rmtree(library.cache_folder, ignore_errors=True)
        with pytest.raises(Cancelled):
            sights(library, teacher, takes, lambda: Stop.CANCEL)
        seen = sights(library, teacher, takes, lambda: None)
        assert set(seen) == {"flow", "rgb", "depth", "infrared", "skeleton"}
        assert not any(image.isNull() for image in seen.values())
        made = {path.name.split("-")[0] for path in library.cache_folder.rglob("*.npy")}
        assert made == {"depth", "infrared", "skeleton", "views"}, "no flow"
