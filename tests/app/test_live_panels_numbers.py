from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.pages.live.numbers_panel import NumbersPanel
from fsamt_engine.recognition.state import Percentiles, Rates
from tests.app.live_states import MEDIANS, SLOWEST, Stream

QUARTER_US = 250_000


@pytest.fixture
def panel(qtbot: QtBot) -> NumbersPanel:
    made = NumbersPanel()
    qtbot.addWidget(made)
    made.resize(232, 480)
    made.show()
    return made


def texts(panel: NumbersPanel) -> list[str]:
    return [shown.text() for shown in panel.findChildren(QLabel) if shown.isVisibleTo(panel)]


def test_rates_latency_and_its_parts_are_written(panel: NumbersPanel):
    stream = Stream()
    panel.show_state(stream.state(), stream.now_us + 55_000)
    assert panel.camera.number.text == "30.0 fps"
    assert panel.answers.number.text == "29.8"
    assert panel.skipped.number.text == "12"
    assert "Lost on the way: 3." in panel.camera.number.words
    assert panel.age.number.text == "55 ms old"
    assert (panel.latency.text(), panel.slowest.text()) == ("56 ms", "95 of 100 within 78 ms")
    for number in ("9.4", "18.7", "5.2", "8.8", "33.1", "41.2", "7.9", "15.1"):
        assert number in texts(panel)


def test_numbers_stand_still_for_a_quarter_of_a_second(panel: NumbersPanel):
    stream = Stream()
    state = stream.state()
    panel.show_state(state, stream.now_us)
    faster = replace(state, rates=Rates(camera_hz=60.0))
    panel.show_state(faster, stream.now_us + QUARTER_US - 1)
    assert panel.camera.number.text == "30.0 fps"
    panel.show_state(faster, stream.now_us + QUARTER_US)
    assert panel.camera.number.text == "60.0 fps"


def test_clock_that_was_set_back_does_not_stop_the_numbers(panel: NumbersPanel):
    stream = Stream()
    state = stream.state()
    panel.show_state(state, stream.now_us)
    panel.show_state(replace(state, rates=Rates(camera_hz=15.0)), stream.now_us - 3_600_000_000)
    assert panel.camera.number.text == "15.0 fps"


def test_fewer_answers_than_frames_are_marked_and_explained(panel: NumbersPanel):
    stream = Stream()
    slow = replace(stream.state(), rates=Rates(30.0, 12.0, 500, 0))
    panel.show_state(slow, stream.now_us)
    assert panel.answers.number.tone == "caution"
    assert "skipped" in panel.answers.number.words


def test_old_picture_on_the_screen_is_marked(panel: NumbersPanel):
    stream = Stream()
    state = stream.state()
    panel.show_state(state, stream.now_us + 900_000)
    assert (panel.age.number.text, panel.age.number.tone) == ("900 ms old", "caution")
    panel.show_state(state, stream.now_us + 42_000_000)
    assert panel.age.number.text == "42 s old"


def test_what_was_measured_unfolds_with_what_was_chosen(panel: NumbersPanel):
    stream = Stream()
    panel.show_state(stream.state(), stream.now_us)
    assert panel.backend.text() == "ONNX Runtime, CPU"
    assert "108.0 ms" not in texts(panel)
    panel.unfold.click()
    assert {"PyTorch, CPU", "108.0 ms", "33.0 ms", "PyTorch, CUDA"} <= set(texts(panel))
    tips = [shown.toolTip() for shown in panel.findChildren(QLabel)]
    assert "There is no CUDA device." in tips


def test_before_the_first_answer_nothing_is_claimed(panel: NumbersPanel):
    state = replace(Stream().state(), answer=None, timings_p50=None, timings_p95=None)
    panel.show_state(state, 10**15)
    assert panel.latency.text() == "–"
    assert panel.age.number.text == "–"


def test_display_that_was_never_measured_is_a_dash(panel: NumbersPanel):
    stream = Stream()
    unseen = Percentiles(9.0, 5.0, 33.0, None, 47.0)
    state = replace(stream.state(), timings_p50=unseen, timings_p95=unseen)
    panel.show_state(state, stream.now_us)
    assert texts(panel).count("–") == 2


def test_cleared_panel_says_that_nothing_runs(panel: NumbersPanel):
    stream = Stream()
    panel.show_state(stream.state(), stream.now_us)
    panel.clear()
    assert panel.camera.number.text == "–"
    assert panel.camera.number.words == "Nothing is being recognised."
    panel.show_state(stream.state(), stream.now_us)
    assert panel.camera.number.text == "30.0 fps"


def test_scale_of_the_bar_grows_at_once_and_shrinks_late(panel: NumbersPanel):
    bar = panel.bar
    bar.show_timings(MEDIANS, SLOWEST)
    assert bar._scale_ms == 100
    bar.show_timings(MEDIANS, replace(SLOWEST, total_ms=140.0))
    assert bar._scale_ms == 200
    bar.show_timings(MEDIANS, replace(SLOWEST, total_ms=95.0))
    assert bar._scale_ms == 200
    bar.show_timings(MEDIANS, replace(SLOWEST, total_ms=70.0))
    assert bar._scale_ms == 100
