import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.pages.finetune.clips import clips_of_action, clips_of_cell
from app.theme import theme
from app.widgets.accuracy_bars import AccuracyBars, AccuracyRow
from app.widgets.action_scores import ActionScores
from app.widgets.confusion import ConfusionMatrix
from app.widgets.label_curve import LabelCurveChart, LabelPoint
from fsamt_engine.evaluation.answers import USUAL, Evaluation, Prediction
from fsamt_engine.evaluation.scores import ActionScore
from fsamt_engine.library import SnapshotItem

ACTIONS = ("wave", "kick", "push")
COUNTS = ((8, 2, 0), (0, 10, 0), (0, 0, 0))


@pytest.fixture
def matrix(qtbot: QtBot) -> ConfusionMatrix:
    made = ConfusionMatrix()
    qtbot.addWidget(made)
    made.resize(500, 400)
    made.show_counts(ACTIONS, COUNTS)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_cell_is_chosen_by_mouse(qtbot: QtBot, matrix: ConfusionMatrix):
    place = matrix.table.visualRect(matrix.model.index(0, 1)).center()
    with qtbot.waitSignal(matrix.cell_chosen, timeout=1000) as chosen:
        qtbot.mouseClick(matrix.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["wave", "kick"]


def test_cell_is_chosen_by_keys(qtbot: QtBot, matrix: ConfusionMatrix):
    matrix.table.setFocus()
    matrix.table.setCurrentIndex(matrix.model.index(0, 0))
    qtbot.keyClick(matrix.table, Qt.Key.Key_Right)
    assert matrix.detail.text().startswith("wave taken for kick: 2 of 10 clips (20.0 %)")
    with qtbot.waitSignal(matrix.cell_chosen, timeout=1000) as chosen:
        qtbot.keyClick(matrix.table, Qt.Key.Key_Return)
    assert chosen.args == ["wave", "kick"]


def test_empty_cell_has_nothing_to_show(qtbot: QtBot, matrix: ConfusionMatrix):
    matrix.table.setCurrentIndex(matrix.model.index(1, 0))
    with qtbot.assertNotEmitted(matrix.cell_chosen):
        qtbot.keyClick(matrix.table, Qt.Key.Key_Return)


def test_cells_say_themselves_to_a_screen_reader(matrix: ConfusionMatrix):
    role = Qt.ItemDataRole.AccessibleTextRole
    assert matrix.model.data(matrix.model.index(1, 1), role) == (
        "kick recognised: 10 of 10 clips (100.0 %)"
    )
    assert "no clip of push" in matrix.model.data(matrix.model.index(2, 2), role)


def test_colour_is_the_share_of_the_row(qtbot: QtBot, matrix: ConfusionMatrix):
    def colour(row: int, column: int) -> QColor:
        corner = matrix.table.visualRect(matrix.model.index(row, column)).topLeft()
        return QColor(matrix.table.viewport().grab().toImage().pixel(corner + QPoint(4, 4)))

    palette = theme().palette
    assert colour(1, 1) == palette.colour("accent")
    assert colour(1, 0) == palette.colour("surface")
    assert colour(0, 0) == QColor(palette.mixed("accent", "surface", 0.8))


@pytest.mark.parametrize("n_actions", [2, 11, 27])
def test_all_actions_fit_into_a_page(qtbot: QtBot, matrix: ConfusionMatrix, n_actions: int):
    names = [f"an action with a long name, number {i}" for i in range(n_actions)]
    matrix.show_counts(names, [[1] * n_actions] * n_actions)
    matrix.resize(720, 600)
    qtbot.waitUntil(lambda: matrix.table.horizontalScrollBar().maximum() == 0, timeout=1000)
    assert matrix.table.verticalScrollBar().maximum() == 0
    assert matrix.table.columnWidth(0) >= 16 <= matrix.table.rowHeight(0)


def score(action: str, recall: float, precision: float, support: int) -> ActionScore:
    return ActionScore(action, precision, recall, (recall + precision) / 2, support)


def test_actions_are_sorted_with_the_worst_first_and_by_any_column(qtbot: QtBot):
    table = ActionScores()
    qtbot.addWidget(table)
    table.show_scores([score("wave", 0.9, 0.8, 9), score("kick", 0.5, 0.6, 10)])

    def first() -> str:
        return str(table.model().index(0, 0).data())

    assert first() == "kick"
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert first() == "wave"
    table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert first() == "kick"
    table.setCurrentIndex(table.model().index(0, 0))
    with qtbot.waitSignal(table.action_chosen, timeout=1000) as chosen:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert chosen.args == ["kick"]


def test_action_without_clips_has_no_recall(qtbot: QtBot):
    table = ActionScores()
    qtbot.addWidget(table)
    table.show_scores([ActionScore("wave", 0.0, 0.0, 0.0, 0)])
    assert [table.model().index(0, column).data() for column in range(5)] == [
        *("wave", "–", "–", "–", "0")
    ]


def test_bars_say_their_accuracies(qtbot: QtBot):
    bars = AccuracyBars()
    qtbot.addWidget(bars)
    words = "82.7 % (95 %: 76.9 to 87.3), 208 clips of 2 people"
    bars.show_rows([AccuracyRow("this model", words, 0.827, (0.769, 0.873))], chance=0.25)
    assert f"this model: {words}" in bars.accessibleDescription()
    assert "Guessing would be right on 25 %" in bars.accessibleDescription()


def test_curve_says_every_drawing(qtbot: QtBot):
    curve = LabelCurveChart()
    qtbot.addWidget(curve)
    curve.show_points(
        [
            LabelPoint(1, (0.4, 0.5, 0.6), (0.35, 0.65)),
            LabelPoint(5, (0.8,), (0.7, 0.87), "all (5)"),
        ],
        scratch=[LabelPoint(5, (0.5,), (0.4, 0.6))],
    )
    said = curve.accessibleDescription().splitlines()
    assert said[0].startswith("1 label an action: 50.0 % (95 %: 35.0 to 65.0); 3 drawings")
    assert said[0].endswith("40.0, 50.0, 60.0 %")
    assert said[2].startswith("from scratch, 5 labels")
    curve.resize(400, 240)
    assert not curve.grab().toImage().isNull()


def test_clips_of_a_cell_are_those_that_were_taken_for_it():
    def answered(take: str, action: str, *probabilities: float) -> Prediction:
        return Prediction(SnapshotItem(take, "P1", 0, 10, action), probabilities)

    test = Evaluation(
        "recogniser-1",
        ("wave", "kick"),
        USUAL,
        (
            answered("a", "wave", 0.6, 0.4),
            answered("b", "wave", 0.4, 0.6),
            answered("c", "wave", 0.1, 0.9),
            answered("d", "kick", 0.2, 0.8),
        ),
        "CPU",
    )
    colours = {"kick": "#112233"}
    found = clips_of_cell(test, "wave", "kick", colours)
    assert [clip.take_id for clip in found] == ["c", "b"]
    assert found[0].words == "P1 · wave\n90 % sure: kick"
    assert found[0].colour == "#112233"
    assert [clip.take_id for clip in clips_of_action(test, "wave", colours)] == ["c", "b", "a"]
