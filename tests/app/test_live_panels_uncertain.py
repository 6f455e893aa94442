from datetime import datetime

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, QRect
from PySide6.QtGui import QEnterEvent, QImage
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.pages.live.moment_row import picture_of
from app.pages.live.uncertain_panel import MOST_WAITING, UncertainPanel
from app.tasks import Problem
from fsamt_engine.modalities.boxes import Box
from fsamt_engine.recognition.uncertainty import APART_US, UncertainMoment
from tests.app.live_states import COLOURS, FRAME_US, START_US, Stream

TORN = (0.45, 0.40, 0.1, 0.05)
SURE = (0.9, 0.05, 0.03, 0.02)
N_APART = APART_US // FRAME_US + 5


@pytest.fixture
def panel(qtbot: QtBot) -> UncertainPanel:
    made = UncertainPanel()
    qtbot.addWidget(made)
    made.resize(232, 600)
    made.show_actions(COLOURS)
    made.show_possible("")
    made.show()
    qtbot.waitExposed(made)
    # Offscreen, the pointer rests where windows open.
    QApplication.processEvents()
    QApplication.sendEvent(made, QEvent(QEvent.Type.Leave))
    return made


def play(panel: UncertainPanel, stream: Stream, shares: tuple[float, ...], n: int) -> None:
    for _ in range(n):
        panel.show_state(stream.state(*shares), stream.now_us)


def test_noticed_moment_is_offered_and_kept_only_when_clicked(qtbot: QtBot, panel: UncertainPanel):
    stream = Stream()
    with (
        qtbot.assertNotEmitted(panel.keep_wanted),
        qtbot.waitSignal(panel.moment_noticed, timeout=1000) as noticed,
    ):
        play(panel, stream, TORN, 20)
        play(panel, stream, SURE, 2)
    (row,) = panel.rows
    assert noticed.args == [row.moment]
    assert row.what.text() == "wave 45\u00a0% or kick 40\u00a0%"
    with qtbot.waitSignal(panel.keep_wanted, timeout=1000) as kept:
        row.keep.click()
    assert kept.args == [row.moment]
    assert row.state.text() == "Being kept…"
    assert not row.keep.isVisibleTo(row)


def test_kept_moment_leads_to_the_labelling_queue(qtbot: QtBot, panel: UncertainPanel):
    play(panel, Stream(), SURE, 5)
    panel.keep_last()
    (row,) = panel.rows
    panel.show_kept(row.moment, "take-1")
    assert row.state.text() == "In the labelling queue"
    with qtbot.waitSignal(panel.label_wanted, timeout=1000) as wanted:
        row.label_it.click()
    assert wanted.args == ["take-1"]


def test_moment_that_is_let_go_is_told_so_that_its_frames_can_be_forgotten(
    qtbot: QtBot, panel: UncertainPanel
):
    stream = Stream()
    play(panel, stream, TORN, 20)
    play(panel, stream, SURE, 2)
    moment = panel.rows[0].moment
    with qtbot.waitSignal(panel.let_go, timeout=1000) as gone:
        panel.rows[0].drop.click()
    assert gone.args == [moment]
    assert panel.rows == []
    assert panel.explanation.isVisible()


def test_kept_moment_is_taken_off_the_list_without_being_let_go(
    qtbot: QtBot, panel: UncertainPanel
):
    play(panel, Stream(), SURE, 5)
    panel.keep_last()
    panel.show_kept(panel.rows[0].moment, "take-1")
    with qtbot.assertNotEmitted(panel.let_go):
        panel.rows[0].drop.click()


def test_only_a_few_moments_wait_in_memory(qtbot: QtBot, panel: UncertainPanel):
    stream = Stream()
    gone: list[UncertainMoment] = []
    panel.let_go.connect(gone.append)
    for _ in range(MOST_WAITING + 2):
        play(panel, stream, TORN, 20)
        play(panel, stream, SURE, N_APART)
    assert [row.moment.number for row in panel.rows] == [3, 4, 5]
    assert [moment.number for moment in gone] == [1, 2]


def test_moment_that_is_being_kept_is_not_let_go_for_newer_ones(panel: UncertainPanel):
    stream = Stream()
    play(panel, stream, SURE, 5)
    panel.keep_last()
    for _ in range(MOST_WAITING + 1):
        play(panel, stream, TORN, 20)
        play(panel, stream, SURE, N_APART)
    assert [row.moment.number for row in panel.rows] == [1, 3, 4, 5]


def notice(panel: UncertainPanel, stream: Stream, n: int) -> None:
    for _ in range(n):
        play(panel, stream, TORN, 20)
        play(panel, stream, SURE, N_APART)


def point_at(panel: UncertainPanel) -> None:
    where = QPointF(20, 20)
    QApplication.sendEvent(panel, QEnterEvent(where, where, where))


def places(panel: UncertainPanel) -> dict[int, QRect]:
    QApplication.processEvents()
    return {row.moment.number: row.geometry() for row in panel.rows}


def test_no_card_moves_while_moments_are_noticed_kept_and_let_go_under_the_pointer(
    panel: UncertainPanel,
):
    stream = Stream()
    notice(panel, stream, 2)
    point_at(panel)
    before = places(panel)
    notice(panel, stream, MOST_WAITING)
    after = places(panel)
    assert list(after) == [1, 2, 3]
    assert all(after[number] == place for number, place in before.items())
    panel.rows[1].keep.click()
    assert places(panel) == after
    panel.show_kept(panel.rows[1].moment, "take-1")
    assert places(panel) == after
    panel.show_problem(panel.rows[2].moment, Problem("The disk is full.", "Make room." * 9))
    assert places(panel) == after
    panel.rows[0].drop.click()
    assert places(panel) == {number: after[number] for number in (2, 3)}
    QApplication.sendEvent(panel, QEvent(QEvent.Type.Leave))
    panel.settle()
    assert places(panel)[2].top() == after[1].top()


def test_nothing_is_where_keep_was_when_a_moment_is_kept(panel: UncertainPanel):
    notice(panel, Stream(), 1)
    (row,) = panel.rows
    was_at = row.keep.geometry()
    row.keep.click()
    panel.show_kept(row.moment, "take-1")
    QApplication.processEvents()
    assert not row.label_it.geometry().intersects(was_at)


def test_new_card_waits_while_the_pointer_is_on_what_it_would_push_down(
    qtbot: QtBot, panel: UncertainPanel
):
    around = QWidget()
    qtbot.addWidget(around)
    QVBoxLayout(around).addWidget(panel)
    around.show()
    where = QPointF(1, 1)
    QApplication.sendEvent(around, QEnterEvent(where, where, where))
    noticed: list[UncertainMoment] = []
    panel.moment_noticed.connect(noticed.append)
    notice(panel, Stream(), 1)
    assert len(noticed) == 1
    assert not panel.rows[0].isVisible()
    QApplication.sendEvent(around, QEvent(QEvent.Type.Leave))
    panel.settle()
    assert panel.rows[0].isVisible()
    panel.setParent(None)


def test_moment_that_could_not_be_stored_can_be_tried_again(panel: UncertainPanel):
    play(panel, Stream(), SURE, 5)
    panel.keep_last()
    (row,) = panel.rows
    panel.show_problem(row.moment, Problem("The disk is full.", "Make room."))
    assert row.state.text() == "Could not be kept"
    assert row.state.toolTip() == "The disk is full. Make room."
    assert row.keep.isVisibleTo(row)


def test_last_seconds_are_kept_by_one_press_with_what_was_guessed(
    qtbot: QtBot, panel: UncertainPanel
):
    stream = Stream()
    play(panel, stream, SURE, 5)
    with qtbot.waitSignal(panel.keep_wanted, timeout=1000) as kept:
        panel.keep.click()
    (moment,) = kept.args
    assert (moment.guess, moment.score, moment.is_chosen) == ("wave", 0.9, True)
    assert moment.host_at_us == stream.now_us


def test_last_seconds_can_be_kept_while_nobody_is_recognised(qtbot: QtBot, panel: UncertainPanel):
    stream = Stream()
    panel.show_state(stream.state(status="nobody"), stream.now_us)
    with qtbot.waitSignal(panel.keep_wanted, timeout=1000) as kept:
        panel.keep_last()
    assert kept.args[0].guess is None
    assert panel.rows[0].what.text() == "Without an answer"


def test_nothing_is_kept_while_nothing_runs(qtbot: QtBot, panel: UncertainPanel):
    play(panel, Stream(), SURE, 5)
    panel.show_possible("Nothing is being recognised")
    assert not panel.keep.isEnabled()
    assert panel.keep.toolTip() == "Nothing is being recognised."
    with qtbot.assertNotEmitted(panel.keep_wanted):
        panel.keep_last()


def test_age_of_a_moment_is_told_in_seconds(panel: UncertainPanel):
    stream = Stream()
    play(panel, stream, SURE, 5)
    panel.keep_last()
    play(panel, stream, SURE, 100)
    assert panel.rows[0].when.text() == "3 s ago"
    panel.show_possible("Nothing is being recognised")
    at = datetime.fromtimestamp(panel.rows[0].moment.host_at_us / 1e6)
    assert panel.rows[0].when.text() == f"at {at:%H:%M:%S}"


def test_picture_is_the_square_that_the_network_saw():
    depth = np.full((48, 64), 2000, np.uint16)
    depth[:, :8] = 0
    depth[10:30, 20:40] = 1000
    image = picture_of(depth, 0.001, Box(-10, -4, 40, 46))
    assert image is not None
    assert (image.width(), image.height()) == (40, 46)
    assert image.format() == QImage.Format.Format_Indexed8
    assert image.pixelColor(2, 5).alpha() == 0
    assert image.pixelIndex(30, 20) < image.pixelIndex(12, 20)


def test_square_beside_the_frame_has_no_picture():
    assert picture_of(np.ones((48, 64), np.uint16), 0.001, Box(70, 0, 110, 40)) is None


def test_reason_names_both_actions(panel: UncertainPanel):
    moment = UncertainMoment(1, "wave", 0.45, "kick", 0.4, START_US)
    assert panel.reason_of(moment) == "Live: wave 45 % or kick 40 %."
