from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from app.pages.label import LabelPage
from app.pages.label.action_dialog import ActionDialog, MergeDialog
from app.pages.label.action_table import in_key_order
from app.studio import Studio
from fsamt_engine.library import Action
from fsamt_engine.library.marks import COLOURS, GREY
from fsamt_engine.library.records import BACKGROUND

WAVE = Action("wave", "one arm", 12, COLOURS[0], "1")
KICK = Action("kick", "", 3, COLOURS[1], "2")


@pytest.fixture
def new(qtbot: QtBot) -> ActionDialog:
    dialog = ActionDialog((WAVE, KICK), None)
    qtbot.addWidget(dialog)
    return dialog


@pytest.fixture
def change(qtbot: QtBot) -> ActionDialog:
    dialog = ActionDialog((WAVE, KICK), WAVE)
    qtbot.addWidget(dialog)
    return dialog


def test_new_action_gets_the_next_key_and_colour(new: ActionDialog):
    assert not new.save.isEnabled(), "it has no name yet"
    new.name.setText(" clap ")
    assert new.action() == Action("clap", "", 0, COLOURS[2].upper(), "3")
    assert new.save.isEnabled()


def test_background_has_0_until_another_key_is_typed(qtbot: QtBot, new: ActionDialog):
    new.name.setText(BACKGROUND)
    assert new.key.text() == "0"
    new.key.selectAll()
    qtbot.keyClicks(new.key, "b")
    new.name.setText("clap")
    assert new.action().key == "b"


def test_name_or_key_of_another_action_is_refused_in_words(new: ActionDialog):
    new.name.setText("wave")
    assert "an action “wave” already" in new.problem.text()
    assert not new.save.isEnabled()
    new.name.setText("clap")
    new.key.setText("2")
    assert "2 is the key of “kick”" in new.problem.text()
    assert not new.save.isEnabled()


@pytest.mark.parametrize("key", ["?", "[", " ", "+"])
def test_key_that_the_page_needs_cannot_be_an_actions(new: ActionDialog, key: str):
    new.name.setText("clap")
    new.key.setText(key)
    assert not new.save.isEnabled() or not new.action().key


def test_changed_action_keeps_its_own_name_key_and_colour(change: ActionDialog):
    assert change.save.isEnabled()
    assert change.action() == Action("wave", "one arm", 0, COLOURS[0].upper(), "1")
    change.key.setText("")
    assert change.save.isEnabled(), "an action may have no key"
    assert "with the mouse only" in change.problem.text()


def test_merging_says_what_becomes_of_the_labels(qtbot: QtBot):
    dialog = MergeDialog(WAVE, (KICK, Action("clap")))
    qtbot.addWidget(dialog)
    assert dialog.merge.text() == "Merge into “kick”"
    assert "12 labels go over" in dialog.consequence.text()
    dialog.into.setCurrentIndex(1)
    assert dialog.target == "clap"


def test_actions_lie_as_their_keys_do():
    actions = [Action(name, key=name) for name in ("b", "0", "2", "a", "1")]
    ordered = in_key_order([Action("none"), *actions])
    assert [action.key for action in ordered] == ["1", "2", "0", "a", "b", ""]
    assert in_key_order((KICK, WAVE)) == (WAVE, KICK)
    assert GREY not in COLOURS


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> Iterator[LabelPage]:
    made = LabelPage(studio)
    qtbot.addWidget(made)
    yield made
    studio.close_library()


def test_every_control_has_a_name_and_says_what_it_does(page: LabelPage):
    kinds = (QAbstractButton, QComboBox, QLineEdit, QTableView)
    controls = [control for kind in kinds for control in page.findChildren(kind)]
    own = [
        control
        for control in controls
        if not page.notice.isAncestorOf(control)
        and not control.objectName().startswith("qt_")
        and not isinstance(control.parent(), (QTableView, QLineEdit, QAbstractSpinBox))
    ]
    assert len(own) > 20
    for control in own:
        name = control.accessibleName() or getattr(control, "text", str)()
        assert name, control
        if not isinstance(control, QTableView):
            assert control.toolTip(), f"{name} has no tooltip"
