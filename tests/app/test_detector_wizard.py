"""The wizard where a detector is chosen: only untrimmed takes count, and what is asked differs."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine import EngineFacts
from app.pages.finetune.estimating import estimating
from app.pages.finetune.wizard import FinetuneWizard
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.labels import add_action, label_interval, segments, unlabel_takes
from fsamt_engine.runs.requests import DETECTION, RECOGNITION, FinetuneRequest
from tests.app.conftest import N_FRAMES
from tests.app.test_finetune_wizard import FACTS, add_trained

DETECTOR_FACTS = EngineFacts(
    FACTS.devices,
    FACTS.networks,
    FACTS.teacher_epochs,
    FACTS.transfer_epochs,
    FACTS.finetune_epochs,
    {DetectionHead.ANCHOR_FREE: 60, DetectionHead.R_C3D: 40},
)


def untrim(library: Library, n_takes: int = 3) -> None:
    """Leave a stretch of so many takes of each person without a label, between two labels."""
    for who in ("P1", "P2"):
        for one in segments(library, participants=[who])[:n_takes]:
            unlabel_takes(library, [one.take_id])
            label_interval(library, one.take_id, "across", 0, 8)
            label_interval(library, one.take_id, "background", 8, 12)
            label_interval(library, one.take_id, "down", 12, N_FRAMES - 2)


@pytest.fixture
def make(qtbot: QtBot, library: Library) -> Callable[[], FinetuneWizard]:
    """The wizard on the squares, with the card "Find when" chosen and looked after."""

    def make_wizard() -> FinetuneWizard:
        wizard = FinetuneWizard()
        qtbot.addWidget(wizard)
        wizard.resize(1160, 600)
        wizard.show()
        wizard.read_library(library)
        wizard.show_engine(DETECTOR_FACTS)
        qtbot.mouseClick(wizard.start_step.tasks.cards[DETECTION], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not wizard.lookup.is_busy, timeout=5000)
        return wizard

    return make_wizard


def test_without_untrimmed_takes_it_says_so_and_what_to_do(make: Callable[[], FinetuneWizard]):
    wizard = make()
    assert "No untrimmed take has labels" in wizard.obstacle
    assert "PKU-MMD" in wizard.obstacle
    assert not wizard.next_button.isEnabled()
    wizard.start_step.tasks.choose(RECOGNITION)
    assert not wizard.obstacle
    request = wizard.request
    assert request is not None
    assert (request.task, request.head) == (RECOGNITION, "")


def test_only_labels_of_untrimmed_takes_count_and_background_is_what_is_left(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_action(library, "background")
    untrim(library)
    wizard = make()
    assert not wizard.obstacle
    assert wizard.actions_step.chosen == ("across", "down")
    assert wizard.actions_step.table.topLevelItemCount() == 2
    assert wizard.actions_step.summary == "2 actions, 12 labels"
    wizard.people_step.choose(("P1",), ("P2",))
    said = wizard.people_step.test_words.text()
    assert "searches 3 takes of 1 person" in said
    assert "6 labels" in said


def test_action_that_only_trimmed_takes_show_is_said_to_be_so(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_action(library, "background")
    add_action(library, "up")
    untrim(library)
    rows = make().actions_step.table.findItems("up", Qt.MatchFlag.MatchExactly)
    assert [row.text(3) for row in rows] == ["none in untrimmed takes"]


def test_one_action_is_enough(make: Callable[[], FinetuneWizard], library: Library):
    add_action(library, "background")
    untrim(library)
    wizard = make()
    wizard.actions_step.tick(["down"])
    assert not wizard.actions_step.obstacle
    wizard.actions_step.tick([])
    assert "at least one action" in wizard.actions_step.obstacle


def test_request_asks_for_a_detector_without_a_curve(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_action(library, "background")
    untrim(library)
    add_trained(library, "student-1", "P1")
    wizard = make()
    settings = wizard.settings_step
    assert settings.fit.epochs.value() == 60
    assert settings.more.isVisibleTo(settings)
    assert not settings.more.is_open
    assert not settings.with_curve.isVisibleTo(settings)
    request = wizard.request
    assert request is not None
    assert (request.task, request.head) == (DETECTION, "anchor-free")
    assert (request.with_scratch, request.with_curve) == (True, False)
    settings.more.button.click()
    settings.heads.choose(DetectionHead.R_C3D)
    assert settings.fit.epochs.value() == 40
    request = wizard.request
    assert request is not None
    assert request.head == "r-c3d"
    assert settings.next_text == "Train the detector on 6 labels"
    assert "searches whole takes of P2" in settings.plan.text()
    wizard.start_step.tasks.choose(RECOGNITION)
    assert settings.fit.epochs.value() == FACTS.finetune_epochs
    assert settings.with_curve.isVisibleTo(settings)


def test_cards_are_chosen_with_the_keyboard(
    qtbot: QtBot, make: Callable[[], FinetuneWizard], library: Library
):
    wizard = make()
    tasks = wizard.start_step.tasks
    tasks.cards[DETECTION].setFocus()
    qtbot.keyClick(tasks.cards[DETECTION], Qt.Key.Key_Left)
    assert tasks.task == RECOGNITION
    qtbot.keyClick(tasks.cards[RECOGNITION], Qt.Key.Key_Right)
    assert tasks.task == DETECTION
    qtbot.waitUntil(lambda: not wizard.lookup.is_busy, timeout=5000)


def test_default_head_comes_first(make: Callable[[], FinetuneWizard]):
    from fsamt_engine.detection.settings import DetectorSettings

    wizard = make()
    assert wizard.settings_step.heads._values[0] == DetectorSettings().head


def test_time_of_a_detector_is_estimated(library: Library):
    add_action(library, "background")
    untrim(library)
    request = FinetuneRequest(
        None, ("across", "down"), ("P1",), ("P2",), 2, "r3d_tiny", 3, device="cpu", task=DETECTION
    )
    said = estimating(library, request)(lambda progress: None, lambda: None)
    assert said.startswith("About ")
    assert " on CPU" in said
    nobody = replace(request, train_participants=("P9",))
    with pytest.raises(FsamtError):
        estimating(library, nobody)(lambda progress: None, lambda: None)
