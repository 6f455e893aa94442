import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from app.pages.live.threshold_panel import ThresholdPanel
from app.pages.live.threshold_table import moved
from app.tasks import Problem
from fsamt_engine.progress import Progress
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.thresholds import ActionThreshold, ThresholdSuggestion
from tests.app.live_states import COLOURS

OWN = RecognitionSettings(0.2, 0.8, Threshold(0.7, 0.5), {"kick": Threshold(0.9, 0.3)})


def suggestion(*, is_of_test: bool = False) -> ThresholdSuggestion:
    return ThresholdSuggestion(
        (
            ActionThreshold("wave", Threshold(0.75, 0.5), 9, 11, 1),
            ActionThreshold("kick", Threshold(0.9, 0.3), 7, 8, 0),
        ),
        0.5,
        11.2,
        4.0,
        ("P3", "P7"),
        is_of_test,
    )


@pytest.fixture
def panel(qtbot: QtBot) -> ThresholdPanel:
    made = ThresholdPanel()
    qtbot.addWidget(made)
    made.resize(232, 700)
    made.show_actions(COLOURS)
    made.show_settings(OWN)
    made.show()
    qtbot.waitExposed(made)
    return made


def cell(panel: ThresholdPanel, action: str, column: int) -> str:
    model = panel.model
    return str(model.data(model.index(model.names.index(action), column)))


def write(qtbot: QtBot, panel: ThresholdPanel, action: str, column: int, number: str) -> None:
    table = panel.table
    table.setFocus()
    table.setCurrentIndex(panel.model.index(panel.model.names.index(action), column))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    # An editor that was closed is deleted a little later.
    (field,) = [one for one in table.findChildren(QSpinBox) if one.isVisible()]
    field.lineEdit().selectAll()
    qtbot.keyClicks(field, number)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    editing = QAbstractItemView.State.EditingState
    qtbot.waitUntil(lambda: table.state() != editing, timeout=1000)


def test_settings_are_shown_and_nobody_is_told(qtbot: QtBot, panel: ThresholdPanel):
    with (
        qtbot.assertNotEmitted(panel.settings_changed),
        qtbot.assertNotEmitted(panel.settings_settled),
    ):
        panel.show_settings(OWN)
    assert (panel.smoothing.value(), panel.shortest.value()) == (0.2, 0.8)
    assert (panel.on.value(), panel.off.value()) == (70, 50)
    assert (cell(panel, "kick", 1), cell(panel, "kick", 2)) == ("90 %", "30 %")
    assert (cell(panel, "wave", 1), cell(panel, "wave", 2)) == ("70 %", "50 %")


def test_change_holds_at_once_and_settles_a_moment_later(qtbot: QtBot, panel: ThresholdPanel):
    told: list[RecognitionSettings] = []
    panel.settings_changed.connect(told.append)
    with qtbot.waitSignal(panel.settings_settled, timeout=3000) as settled:
        panel.smoothing.setValue(0.5)
        panel.smoothing.setValue(0.6)
        assert [one.smoothing_s for one in told] == [0.5, 0.6]
    assert settled.args[0].smoothing_s == 0.6
    assert settled.args[0].thresholds == OWN.thresholds


def test_change_is_told_before_another_model_is_shown(qtbot: QtBot, panel: ThresholdPanel):
    panel.shortest.setValue(1.5)
    with qtbot.waitSignal(panel.settings_settled, timeout=0) as settled:
        panel.show_settings(RecognitionSettings())
    assert settled.args[0].shortest_s == 1.5
    with qtbot.assertNotEmitted(panel.settings_settled):
        panel.flush()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"on": 0.3}, Threshold(0.3, 0.3)),
        ({"on": 0.8}, Threshold(0.8, 0.4)),
        ({"off": 0.7}, Threshold(0.7, 0.7)),
        ({"off": 0.1}, Threshold(0.6, 0.1)),
    ],
)
def test_other_end_of_a_threshold_gives_way(change: dict[str, float], expected: Threshold):
    assert moved(Threshold(0.6, 0.4), **change) == expected


def test_threshold_of_all_pulls_its_other_end_along(panel: ThresholdPanel):
    panel.on.setValue(40)
    assert (panel.off.value(), panel.settings.threshold) == (40, Threshold(0.4, 0.4))
    assert cell(panel, "kick", 1) == "90 %"


def test_number_written_into_a_row_is_of_that_action_alone(qtbot: QtBot, panel: ThresholdPanel):
    write(qtbot, panel, "push", 1, "85")
    assert panel.settings.thresholds == {**OWN.thresholds, "push": Threshold(0.85, 0.5)}
    write(qtbot, panel, "push", 2, "95")
    assert panel.settings.of("push") == Threshold(0.95, 0.95)


def test_same_number_again_makes_no_threshold_of_its_own(qtbot: QtBot, panel: ThresholdPanel):
    write(qtbot, panel, "push", 1, "70")
    assert "push" not in panel.settings.thresholds


def test_delete_gives_an_action_the_threshold_of_all_again(qtbot: QtBot, panel: ThresholdPanel):
    panel.table.setCurrentIndex(panel.model.index(1, 1))
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert panel.settings.thresholds == {}
    assert cell(panel, "kick", 1) == "70 %"


def test_reset_is_undone_by_the_same_button_until_something_else_is_set(panel: ThresholdPanel):
    panel.reset.click()
    assert panel.reset.text() == "Undo the reset"
    panel.reset.click()
    assert panel.settings == OWN
    assert panel.reset.text() == "Reset"
    panel.reset.click()
    panel.on.setValue(88)
    assert panel.reset.text() == "Reset"


def test_reset_of_one_model_is_not_undone_in_another(panel: ThresholdPanel):
    panel.reset.click()
    panel.forget_reset()
    panel.show_settings(RecognitionSettings())
    assert not panel.reset.isEnabled()


def test_reset_leads_back_to_how_it_was_at_first(panel: ThresholdPanel):
    panel.reset.click()
    assert panel.settings == RecognitionSettings()
    panel.show_settings(OWN)
    panel.show_settings(RecognitionSettings())
    assert not panel.reset.isEnabled()
    assert "already" in panel.reset.toolTip()


def test_row_that_is_looked_at_is_told(qtbot: QtBot, panel: ThresholdPanel):
    with qtbot.waitSignal(panel.action_chosen, timeout=1000) as chosen:
        panel.table.setCurrentIndex(panel.model.index(2, 0))
    assert chosen.args == ["push"]
    with qtbot.waitSignal(panel.action_chosen, timeout=1000) as chosen:
        qtbot.keyClick(panel.table, Qt.Key.Key_Escape)
    assert chosen.args == [""]


def test_false_alarms_are_asked_with(qtbot: QtBot, panel: ThresholdPanel):
    panel.suggestion.false_alarms.setValue(1.25)
    with qtbot.waitSignal(panel.suggestion.wanted, timeout=1000) as wanted:
        panel.suggestion.suggest.click()
    assert wanted.args == [1.25]


def test_work_can_be_watched_and_stopped(qtbot: QtBot, panel: ThresholdPanel):
    box = panel.suggestion
    box.show_working()
    box.show_progress((Progress("Watching take 3 of 12", 3, 12),))
    assert box.state.text() == "Watching take 3 of 12"
    assert (box.progress.value(), box.progress.maximum()) == (3, 12)
    assert not box.suggest.isVisible()
    with qtbot.waitSignal(box.stop_wanted, timeout=1000):
        box.stop.click()
    box.clear()
    assert box.suggest.isVisible()
    assert not box.progress.isVisible()


def test_suggestion_changes_nothing_before_it_is_applied(panel: ThresholdPanel):
    panel.suggestion.show_suggestion(suggestion())
    shown = [one.text() for one in panel.suggestion.findChildren(QLabel)]
    assert {"70 → 75 %", "9 of 11", "90 %", "7 of 8"} <= set(shown)
    assert panel.suggestion.rests_on.text() == suggestion().words
    assert panel.settings == OWN
    panel.suggestion.discard.click()
    assert panel.settings == OWN
    assert panel.suggestion.suggestion is None
    panel.suggestion.show_suggestion(suggestion())
    panel.suggestion.apply.click()
    assert panel.settings == suggestion().applied_to(OWN)
    assert panel.suggestion.suggest.isVisible()


def test_suggestion_from_people_of_the_test_is_marked(panel: ThresholdPanel):
    box = panel.suggestion
    box.show_suggestion(suggestion(is_of_test=True))
    assert box._mark.isVisible()
    box.show_suggestion(suggestion())
    assert not box._mark.isVisible()


def test_suggestion_that_holds_already_cannot_be_applied(panel: ThresholdPanel):
    panel.show_settings(suggestion().applied_to(OWN))
    panel.suggestion.show_suggestion(suggestion())
    assert not panel.suggestion.apply.isEnabled()
    assert panel.suggestion.apply.toolTip() == "The thresholds are these already"


def test_why_nothing_was_found_is_said(panel: ThresholdPanel):
    panel.suggestion.show_working()
    panel.suggestion.show_problem(Problem("Nobody is left.", "Label somebody else."))
    assert panel.suggestion.problem.message == "Nobody is left."
    assert panel.suggestion.suggest.isVisible()
    panel.suggestion.show_working()
    assert not panel.suggestion.problem.isVisible()


def test_suggestion_is_gone_when_another_model_is_shown(panel: ThresholdPanel):
    panel.suggestion.show_suggestion(suggestion())
    panel.show_actions(dict(COLOURS))
    assert panel.suggestion.suggestion is not None
    panel.show_actions({"jump": "#E69F00"})
    assert panel.suggestion.suggestion is None


def test_without_a_recogniser_nothing_can_be_suggested(panel: ThresholdPanel):
    panel.show_actions({})
    assert not panel.suggestion.suggest.isEnabled()
    assert panel.suggestion.suggest.toolTip() == "Choose a recogniser first"
