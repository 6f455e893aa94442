from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, EngineFacts
from app.pages.finetune.wizard import FinetuneWizard
from fsamt_engine.library import Library, ModelKind, ModelRecord, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import add_model, list_models
from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
from tests.app.conftest import add_square_take

FACTS = EngineFacts(
    (DeviceChoice("cpu", "CPU, 2 cores"),),
    (("r3d_tiny", "Small and quick."), ("r3d_18", "Larger.")),
    teacher_epochs=40,
    transfer_epochs=60,
    finetune_epochs=30,
)
TRAIN, TEST = 2, 3


def add_trained(
    library: Library,
    name: str,
    seen: str,
    kind: ModelKind = ModelKind.STUDENT,
    parent: str | None = None,
    actions: tuple[str, ...] = (),
    network: str = "r3d_tiny",
    modality: str = "depth",
) -> ModelRecord:
    """A model whose training has seen one person; its weights are none."""
    snapshot = make_snapshot("", actions, [SnapshotItem(f"take of {seen}", seen, 0, 10)])
    save_snapshot(library, snapshot)
    folder = library.models_folder / name
    folder.mkdir()
    for file in ("weights.safetensors", "model.json"):
        (folder / file).write_bytes(name.encode())
    record = ModelRecord(
        *(name, f"key of {name}", kind, f"{kind} {name}", network, modality, 8, actions),
        *(f"models/{name}", "transfer", len(list_models(library))),
        snapshot_id=snapshot.id,
        parent_id=parent,
    )
    return add_model(library, record)


@pytest.fixture
def make(qtbot: QtBot, library: Library) -> Callable[[], FinetuneWizard]:
    """The wizard on the squares: P1 and P2 have 6 labels each, and P2 a seventh."""

    def make_wizard() -> FinetuneWizard:
        wizard = FinetuneWizard()
        qtbot.addWidget(wizard)
        wizard.resize(1160, 600)
        wizard.show()
        wizard.read_library(library)
        wizard.show_engine(FACTS)
        return wizard

    return make_wizard


def test_whom_the_student_has_seen_is_trained_on_and_cannot_be_tested(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "teacher-1", "P1", ModelKind.TEACHER, actions=("jump",))
    add_trained(library, "student-1", "P9", parent="teacher-1")
    wizard = make()
    assert wizard.people_step.sides == (("P1",), ("P2",))
    item = wizard.people_step.table.item(0, TEST)
    assert item is not None
    assert item.text() == "seen"
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "has seen P1 in training" in item.toolTip()
    wizard.people_step.choose((), ("P1", "P2"))
    assert wizard.people_step.sides == ((), ("P2",))


def test_nobody_is_on_both_sides(make: Callable[[], FinetuneWizard]):
    wizard = make()
    table = wizard.people_step.table
    wizard.people_step.choose(("P1", "P2"), ())
    item = table.item(1, TEST)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    assert wizard.people_step.sides == (("P1",), ("P2",))


def test_preview_counts_labels_of_each_action_on_both_sides(make: Callable[[], FinetuneWizard]):
    wizard = make()
    wizard.people_step.choose(("P1",), ("P2",))
    preview = wizard.people_step.preview
    rows = [
        tuple(preview.item(row, column).text() for column in range(3))  # type: ignore[union-attr]
        for row in range(preview.rowCount())
    ]
    assert rows == [("all actions", "6", "7"), ("across", "3", "3"), ("down", "3", "4")]


def test_small_test_is_said_to_be_small(make: Callable[[], FinetuneWizard]):
    wizard = make()
    wizard.people_step.choose(("P1",), ("P2",))
    said = wizard.people_step.test_words.text()
    assert "7 clips of 1 person" in said
    assert "too few to say much" in said


def test_everybody_seen_can_be_trained_but_not_tested(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "teacher-1", "P1", ModelKind.TEACHER, actions=("jump",))
    add_trained(library, "student-1", "P2", parent="teacher-1")
    wizard = make()
    assert wizard.people_step.sides == (("P1", "P2"), ())
    assert "nobody can be tested" in wizard.people_step.test_words.text()
    request = wizard.request
    assert request is not None
    assert (request.test_participants, request.with_scratch, request.with_curve) == (
        *((), False, False),
    )


def test_actions_of_the_teacher_are_not_suggested(
    make: Callable[[], FinetuneWizard], library: Library
):
    for action in ("hop", "turn"):
        from fsamt_engine.library.labels import add_action, add_segment

        add_action(library, action)
        for one in segments(library, actions=["across"]):
            add_segment(library, one.take_id, action, 0, 5)
    add_trained(library, "teacher-1", "P1", ModelKind.TEACHER, actions=("hop", "turn"))
    add_trained(library, "student-1", "P1", parent="teacher-1")
    wizard = make()
    assert wizard.actions_step.chosen == ("across", "down")
    wizard.start_step.choose("")
    assert wizard.actions_step.chosen == ("across", "down", "hop", "turn")


def test_what_a_person_ticked_outlives_another_start(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "student-1", "P9")
    add_square_take(library, "P3", "across", 0)
    wizard = make()
    wizard.people_step.choose(("P3",), ("P2",))
    wizard.start_step.choose("")
    assert wizard.people_step.sides == (("P3",), ("P2",))
    wizard.read_library(library)
    assert wizard.people_step.sides == (("P3",), ("P2",))


def test_one_action_is_not_enough(make: Callable[[], FinetuneWizard]):
    wizard = make()
    wizard.actions_step.tick(["down"])
    assert "at least two actions" in wizard.actions_step.obstacle
    assert wizard.request is None
    assert not wizard.can_go_to(2)


def test_action_without_labels_to_train_on_is_refused_by_name(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_square_take(library, "P3", "across", 0)
    wizard = make()
    wizard.people_step.choose(("P3",), ("P2",))
    assert "No label to train on: down" in wizard.people_step.obstacle


def test_start_brings_its_network_and_nothing_from_scratch_is_compared_with_itself(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "student-1", "P1")
    wizard = make()
    settings = wizard.settings_step
    assert not settings.fit.network.isEnabled()
    assert settings.with_scratch.isEnabled()
    wizard.start_step.choose("")
    assert settings.fit.network.isEnabled()
    assert not settings.with_scratch.isEnabled()
    assert "from scratch itself" in settings.with_scratch.toolTip()
    wizard.start_step.choose("student-1")
    assert "what the transfer was worth" in settings.with_scratch.toolTip()


def test_skeleton_student_is_called_one_and_brings_its_network(
    make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "student-1", "P1", network="stgcn_tiny_20", modality="skeleton")
    wizard = make()
    network = wizard.settings_step.fit.network
    assert "sees skeleton, stgcn_tiny_20" in wizard.start_step.about.text()
    assert network.currentText() == "stgcn_tiny_20"
    wizard.start_step.choose("")
    assert network.findText("stgcn_tiny_20") < 0
    assert network.currentText() == FACTS.networks[0][0]


def test_request_holds_every_choice(make: Callable[[], FinetuneWizard], library: Library):
    add_trained(library, "student-1", "P1")
    wizard = make()
    wizard.settings_step.amount.choose("some")
    wizard.settings_step.per_action.setValue(2)
    wizard.settings_step.fit.epochs.setValue(7)
    wizard.settings_step.with_curve.setChecked(False)
    request = wizard.request
    assert request is not None
    assert request.start_id == "student-1"
    assert request.actions == ("across", "down")
    assert (request.train_participants, request.test_participants) == (("P1",), ("P2",))
    assert (request.labels_per_action, request.epochs, request.with_curve) == (2, 7, False)
    assert wizard.settings_step.per_action.maximum() == 3
    assert wizard.settings_step.next_text == "Finetune on 4 labels"


def test_walk_through_the_steps_by_keys(
    qtbot: QtBot, make: Callable[[], FinetuneWizard], library: Library
):
    add_trained(library, "student-1", "P1")
    wizard = make()
    for title in ("Next: Actions", "Next: People", "Next: Settings"):
        assert wizard.next_button.text() == title
        wizard.next_button.click()
    assert wizard.next_button.text() == "Finetune on 6 labels"
    with qtbot.waitSignal(wizard.finished, timeout=1000):
        wizard.next_button.click()
