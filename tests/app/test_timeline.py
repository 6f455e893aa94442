import time
from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.theme import theme
from app.widgets.action_colours import contrast, line_colour, text_on
from app.widgets.timeline import SegmentTimeline
from app.widgets.timeline_blocks import Block, Blocks
from app.widgets.timeline_ruler import Ruler, clock_words
from app.widgets.timeline_window import TimeWindow
from fsamt_engine.library.records import Action, Segment

N_FRAMES = 300
TRACK_Y = 40
LEFT = Qt.MouseButton.LeftButton
ACTIONS = (Action("wave", colour="#E69F00"), Action("clap", colour="#56B4E9"))
OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")


@dataclass(frozen=True)
class Guess:
    id: int
    start: int
    end: int
    action: str | None = None
    reason: str = "The recogniser is unsure."


def segment(number: int, action: str, start: int, end: int) -> Segment:
    return Segment(number, "take", "P1", action, start, end)


LABELS = (segment(1, "wave", 30, 90), segment(2, "clap", 90, 150))


@pytest.fixture
def timeline(qtbot: QtBot) -> SegmentTimeline:
    made = SegmentTimeline()
    qtbot.addWidget(made)
    made.resize(916, made.height())
    made.show()
    made.show_labels(LABELS, [Guess(7, 200, 240)], N_FRAMES, ACTIONS)
    return made


def place(timeline: SegmentTimeline, frame: float) -> QPoint:
    """Where a boundary between frames is: 3 pixels a frame."""
    return QPoint(8 + round(3 * frame), TRACK_Y)


def drag(qtbot: QtBot, timeline: SegmentTimeline, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(timeline, LEFT, pos=start)
    qtbot.mouseMove(timeline, (start + end) / 2)
    qtbot.mouseMove(timeline, end)
    qtbot.mouseRelease(timeline, LEFT, pos=end)


def test_click_chooses_the_segment_and_goes_there(qtbot: QtBot, timeline: SegmentTimeline):
    wanted: list[int] = []
    timeline.frame_wanted.connect(wanted.append)
    with qtbot.waitSignal(timeline.segment_chosen, timeout=1000) as chosen:
        qtbot.mouseClick(timeline, LEFT, pos=place(timeline, 60.5))
    assert chosen.args == [1]
    assert wanted == [60]
    assert "wave, frames 31 to 90" in timeline.accessibleDescription()


def test_click_beside_the_segments_chooses_none(qtbot: QtBot, timeline: SegmentTimeline):
    timeline.choose(1)
    with qtbot.waitSignal(timeline.segment_chosen, timeout=1000) as chosen:
        qtbot.mouseClick(timeline, LEFT, pos=place(timeline, 170.5))
    assert chosen.args == [-1]
    assert timeline.chosen is None


def test_edge_follows_the_mouse_by_whole_frames(qtbot: QtBot, timeline: SegmentTimeline):
    wanted: list[int] = []
    timeline.frame_wanted.connect(wanted.append)
    with qtbot.waitSignal(timeline.edges_moved, timeout=1000) as moved:
        drag(qtbot, timeline, place(timeline, 150), place(timeline, 170) + QPoint(1, 0))
    assert moved.args == [2, 90, 170]
    assert wanted[-1] == 169, "the last frame of the segment is shown while its end is dragged"
    assert timeline._content.segments.get(2) == Block(2, 90, 150, "clap", "#56B4E9")


def test_edge_never_passes_its_other_end(qtbot: QtBot, timeline: SegmentTimeline):
    with qtbot.waitSignal(timeline.edges_moved, timeout=1000) as moved:
        drag(qtbot, timeline, place(timeline, 30), place(timeline, 200))
    assert moved.args == [1, 89, 90]


def test_of_two_touching_segments_the_chosen_one_is_dragged(
    qtbot: QtBot, timeline: SegmentTimeline
):
    for chosen, expected in ((1, [1, 30, 80]), (2, [2, 80, 150])):
        timeline.choose(chosen)
        with qtbot.waitSignal(timeline.edges_moved, timeout=1000) as moved:
            drag(qtbot, timeline, place(timeline, 90), place(timeline, 80))
        assert moved.args == expected


def test_drawn_interval_snaps_to_a_neighbour(qtbot: QtBot, timeline: SegmentTimeline):
    with qtbot.waitSignal(timeline.interval_drawn, timeout=1000) as drawn:
        drag(qtbot, timeline, place(timeline, 180), place(timeline, 151) + QPoint(1, 0))
    assert drawn.args == [150, 180]
    assert timeline.drawn == (150, 180)


def test_escape_gives_a_drag_up(qtbot: QtBot, timeline: SegmentTimeline):
    told: list[object] = []
    timeline.edges_moved.connect(lambda *edges: told.append(edges))
    qtbot.mousePress(timeline, LEFT, pos=place(timeline, 150))
    qtbot.mouseMove(timeline, place(timeline, 170))
    qtbot.keyClick(timeline, Qt.Key.Key_Escape)
    qtbot.mouseRelease(timeline, LEFT, pos=place(timeline, 170))
    assert not told


def test_suggestion_is_shown_as_such(qtbot: QtBot, timeline: SegmentTimeline):
    at = place(timeline, 220)
    words = timeline.words_at(at)
    assert "not a label yet" in words
    assert "The recogniser is unsure." in words
    with qtbot.waitSignal(timeline.suggestion_chosen, timeout=1000) as chosen:
        qtbot.mouseClick(timeline, LEFT, pos=at)
    assert chosen.args == [7]
    assert timeline.chosen is None


def test_choice_is_kept_until_its_segment_is_gone(timeline: SegmentTimeline):
    timeline.choose(2)
    timeline.show_labels([*LABELS, segment(3, "wave", 160, 170)], [], N_FRAMES, ACTIONS)
    assert timeline.chosen == 2
    timeline.show_labels(LABELS[:1], [], N_FRAMES, ACTIONS)
    assert timeline.chosen is None


def test_wheel_zooms_at_the_pointer(timeline: SegmentTimeline):
    at = place(timeline, 100)
    before = timeline._window.position(at.x())
    event = QWheelEvent(
        QPointF(at),
        QPointF(timeline.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(timeline, event)
    assert timeline._window.n_shown < N_FRAMES / 2
    assert timeline._window.position(at.x()) == pytest.approx(before)
    timeline.show_playhead(280)
    assert timeline._window.first <= 280 < timeline._window.last, "the playhead stays in sight"


def test_labels_at_the_same_place_lie_below_each_other():
    blocks = Blocks(
        Block(number, start, end, "wave", "#E69F00")
        for number, (start, end) in enumerate([(0, 50), (20, 80), (40, 60), (45, 55), (70, 90)])
    )
    lanes = {block.id: block.lane for block in blocks}
    assert lanes == {0: 0, 1: 1, 2: 2, 3: 2, 4: 0}
    assert [block.id for block in blocks.between(61, 65)] == [1]


def test_100_000_frames_stay_fluid(qtbot: QtBot, timeline: SegmentTimeline):
    edges = np.sort(np.random.default_rng(0).choice(100_000, 8_000, replace=False)).tolist()
    many = [segment(i, "wave", edges[2 * i], edges[2 * i + 1]) for i in range(4_000)]
    timeline.show_labels(many, [], 100_000, ACTIONS)
    timeline.grab()
    began = time.perf_counter()
    for frame in range(0, 50_000, 1_000):
        timeline.show_playhead(frame)
        timeline.grab()
    assert (time.perf_counter() - began) / 50 < 0.016


def test_ruler_writes_seconds_where_the_times_are_known():
    window = TimeWindow()
    window.show_take(90)
    window.place(0, 900)
    times_us = np.arange(90) * 33_333
    assert [text for _, text in Ruler(times_us).marks(window)][:3] == ["0.0 s", "0.5 s", "1.0 s"]
    assert [text for _, text in Ruler().marks(window)][:3] == ["1", "11", "21"]
    assert clock_words(3723) == "1:02:03"


@pytest.mark.parametrize("is_dark", [True, False])
def test_text_and_lines_in_the_colours_of_actions_can_be_read(is_dark: bool):
    theme().prefer(is_dark)
    try:
        for colour in (*OKABE_ITO, "#8A949F"):
            assert contrast(text_on(colour), colour) >= 4.5
            assert contrast(line_colour(colour), theme().palette.surface) >= 3
    finally:
        theme().prefer(None)
