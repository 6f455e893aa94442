import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.widgets.step_list import StepMark
from app.widgets.wizard import Wizard, WizardStep


class Asking(WizardStep):
    """A step that wants a word."""

    def __init__(self, title: str, word: str = "") -> None:
        super().__init__(title, f"What is the {title.lower()}?")
        self.field = QLineEdit(word)
        self.field.textChanged.connect(lambda: self.changed.emit())
        self.body.addWidget(self.field)
        self.n_entered = 0

    @property
    def summary(self) -> str:
        return f"It is {self.field.text()}"

    @property
    def obstacle(self) -> str:
        return "" if self.field.text() else f"The {self.title.lower()} is missing."

    @property
    def next_text(self) -> str:
        return f"Send {self.field.text()}" if self.title == "Third" else ""

    def entered(self) -> None:
        self.n_entered += 1

    def act(self) -> bool:
        return self.field.text() == "do something first"


@pytest.fixture
def wizard(qtbot: QtBot) -> Wizard:
    made = Wizard((Asking("First"), Asking("Second", "two"), Asking("Third", "three")))
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    qtbot.waitExposed(made)
    return made


def fill(wizard: Wizard, place: int, word: str) -> None:
    step = wizard.steps[place]
    assert isinstance(step, Asking)
    step.field.setText(word)


def test_what_is_missing_is_a_sentence_and_stops_the_way_on(wizard: Wizard):
    wizard.go_on()
    assert wizard.place == 0
    assert not wizard.next_button.isEnabled()
    assert wizard.next_button.toolTip() == "The first is missing."
    assert wizard._obstacle.isVisible()
    assert not any(button.isEnabled() for button in wizard.list.buttons[1:])
    assert wizard.list.buttons[2].toolTip() == "The first is missing."
    fill(wizard, 0, "one")
    assert wizard.next_button.isEnabled()
    assert not wizard._obstacle.isVisible()
    assert all(button.isEnabled() for button in wizard.list.buttons)


def test_steps_that_were_passed_show_what_was_chosen(qtbot: QtBot, wizard: Wizard):
    fill(wizard, 0, "one")
    assert wizard.next_button.text() == "Next: Second"
    qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)
    assert wizard.place == 1
    first, second, third = wizard.list.buttons
    assert (first.mark, first.summary) == (StepMark.DONE, "It is one")
    assert second.isChecked()
    assert (third.mark, third.summary) == (StepMark.AHEAD, "")
    fill(wizard, 0, "")
    assert (first.mark, first.summary) == (StepMark.BLOCKED, "The first is missing.")


def test_last_step_finishes_with_words_of_its_own(qtbot: QtBot, wizard: Wizard):
    fill(wizard, 0, "one")
    qtbot.mouseClick(wizard.list.buttons[2], Qt.MouseButton.LeftButton)
    assert wizard.place == 2
    assert wizard.list.buttons[1].summary == "It is two"
    assert wizard.next_button.text() == "Send three"
    with qtbot.waitSignal(wizard.finished, timeout=1000):
        qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)
    fill(wizard, 2, "")
    with qtbot.assertNotEmitted(wizard.finished):
        wizard.go_on()


def test_keys_go_forth_and_back_and_jump(qtbot: QtBot, wizard: Wizard):
    fill(wizard, 0, "one")
    wizard.steps[0].setFocus()
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(wizard, Qt.Key.Key_Right, alt)
    assert wizard.place == 1
    qtbot.keyClick(wizard, Qt.Key.Key_3, alt)
    assert wizard.place == 2
    with qtbot.assertNotEmitted(wizard.finished):
        qtbot.keyClick(wizard, Qt.Key.Key_Right, alt)
    qtbot.keyClick(wizard, Qt.Key.Key_Left, alt)
    assert wizard.place == 1
    wizard.list.buttons[1].setFocus()
    qtbot.keyClick(wizard.list.buttons[1], Qt.Key.Key_Up)
    assert wizard.place == 0
    assert wizard.list.buttons[0].hasFocus()
    assert not wizard.back_button.isEnabled()


def test_step_is_told_that_it_is_shown(wizard: Wizard):
    first, second, _ = wizard.steps
    assert isinstance(first, Asking)
    assert isinstance(second, Asking)
    assert (first.n_entered, second.n_entered) == (1, 0)
    fill(wizard, 0, "one")
    wizard.go_on()
    wizard.restart()
    assert (first.n_entered, second.n_entered) == (2, 1)
    assert wizard.list.buttons[1].mark is StepMark.AHEAD


def test_step_that_does_something_of_its_own_stays(wizard: Wizard):
    fill(wizard, 0, "do something first")
    wizard.go_on()
    assert wizard.place == 0
    fill(wizard, 0, "done")
    wizard.go_on()
    assert wizard.place == 1
