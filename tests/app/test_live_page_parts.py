"""The widgets of the live page, with hand-made states."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.pages.live import sayings
from app.pages.live.answer_view import AnswerView
from app.pages.live.bars import ActionBars
from app.pages.live.depth_stage import DepthStage
from app.pages.live.sayings import Saying
from app.pages.live.source_bar import SourceBar
from app.pages.live.stage_row import StageRow
from app.pages.live.steady import SteadyFew
from app.pages.live.streams_line import StreamsLine
from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraInfo,
    CameraSettings,
    Frame,
    LostFrames,
    OpenStream,
)
from fsamt_engine.capture.feed import FeedState, FeedStatus, OpenedCamera
from fsamt_engine.library import Calibration, ModelKind, ModelRecord, StreamKind
from fsamt_engine.modalities.boxes import Box, View, frame_box
from fsamt_engine.recognition.opened import OpenStreams
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.state import Answer, LiveState, Now, Rates, Timings
from fsamt_engine.recognition.truth import Truth
from tests.fsamt_engine.capture.puppet import DEPTH

NAMES = ("background", "clap", "jump", "march", "punch", "squat", "wave")
USUAL = RecognitionSettings()
OPENED = OpenedCamera(
    CameraInfo("puppet:1", "Puppet"),
    CameraSettings((DEPTH,)),
    (OpenStream(DEPTH, "device", 0.001),),
    Calibration(),
    LostFrames(),
    True,
)


def state(
    now: Now, *, opened: OpenedCamera | None = OPENED, truth: Truth | None = None
) -> LiveState:
    """A recogniser that is all but sure of "jump"."""
    probabilities = tuple(0.88 if name == "jump" else 0.02 for name in NAMES)
    view = View(Box(10, 0, 40, 30), frame_box(64, 48), 2.0)
    answer = Answer(
        7,
        3_500_000,
        "device",
        1_760_000_000_000_000,
        105,
        "answering",
        1.0,
        probabilities,
        probabilities,
        view,
        Timings(1.0, 1.0, 1.0),
    )
    status = FeedStatus(FeedState.RUNNING if opened else FeedState.GONE)
    return LiveState(
        status, opened, None, "m", "", (), answer, now, (), None, None, Rates(), None, truth
    )


@pytest.mark.parametrize(
    ("now", "word", "detail"),
    [
        (Now("action", "jump", 0.88, 2_000_000), "jump", "for 1.5 s"),
        (Now("background", "background", 0.9, 3_000_000), "background", "Nothing of interest"),
        (Now("unknown", None, 0.88, 0), "unknown", "Perhaps jump, 88 %: it has to last 0.4 s."),
        (Now("nobody"), "nobody there", "Step into the picture"),
        (Now("gathering"), "watching", "first clip is full: 100 %"),
    ],
)
def test_every_kind_of_moment_has_a_word_and_a_line(now: Now, word: str, detail: str):
    said = sayings.saying(state(now), NAMES, USUAL)
    assert said.word == word
    assert detail in said.detail
    assert said.number == 7
    assert (said.tone == "text") == (now.kind == "action")


def test_unknown_names_the_action_that_is_nearest_to_its_threshold():
    strict = RecognitionSettings(threshold=Threshold(0.95, 0.9))
    said = sayings.saying(state(Now("unknown", None, 0.88)), NAMES, strict)
    assert said.detail == "No action reaches its threshold; nearest: jump, 88 %"
    assert said.share is None


def test_camera_that_is_gone_is_said_before_any_old_answer():
    said = sayings.saying(state(Now("action", "jump", 0.88), opened=None), NAMES, USUAL)
    assert said.word == "no camera"


def test_right_and_wrong_are_said_in_words_too():
    right = sayings.saying(
        state(Now("action", "jump", 0.9), truth=Truth("jump", True, 3, 4, 1, 2)), NAMES, USUAL
    )
    assert sayings.verdict(right, Truth("jump", True)) == "right"
    wrong = sayings.saying(
        state(Now("action", "jump", 0.9), truth=Truth("wave", False)), NAMES, USUAL
    )
    assert sayings.verdict(wrong, Truth("wave", False)) == "wrong: labelled wave"
    unknown = sayings.saying(state(Now("action", "jump", 0.9), truth=Truth(None)), NAMES, USUAL)
    assert sayings.verdict(unknown, Truth(None)) == ""


def test_bars_stay_where_they_are_while_probabilities_tremble():
    few = SteadyFew(7, 5)
    first = few.update([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1], 0.0)
    for n in range(1, 90):
        values = [0.3, 0.2, 0.1, 0.1, 0.1, 0.1 + 0.01 * (n % 2), 0.1 - 0.01 * (n % 2)]
        assert few.update(values, n / 30) == first


def test_likeliest_action_gets_a_bar_at_once_in_the_place_of_the_unlikeliest():
    few = SteadyFew(7, 5)
    first = few.update([0.3, 0.2, 0.2, 0.15, 0.1, 0.03, 0.02], 0.0)
    assert first == (0, 1, 2, 3, 4)
    after = few.update([0.1, 0.1, 0.1, 0.05, 0.01, 0.04, 0.6], 0.03)
    assert after == (0, 1, 2, 3, 6)


def test_an_action_that_came_just_now_keeps_its_place_for_a_second():
    few = SteadyFew(7, 5)
    few.update([0.3, 0.2, 0.2, 0.15, 0.1, 0.03, 0.02], 0.0)
    few.update([0.1, 0.1, 0.1, 0.05, 0.01, 0.04, 0.6], 0.1)
    fading = [0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.0]
    assert few.update(fading, 0.9) == (0, 1, 2, 3, 6)
    assert few.update(fading, 1.2) == (0, 1, 2, 3, 4)


def test_bars_show_five_of_many_and_all_of_few(qtbot: QtBot):
    bars = ActionBars()
    qtbot.addWidget(bars)
    bars.show_actions(NAMES, dict.fromkeys(NAMES, "#E69F00"))
    bars.show_answer([0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.6], "wave", 0.0)
    assert bars.shown == ("jump", "march", "punch", "squat", "wave")
    bars.show_actions(NAMES[:3], {})
    bars.show_answer([0.2, 0.2, 0.6], "", 0.0)
    assert bars.shown == NAMES[:3]


def test_word_tells_its_answer_when_it_is_painted(qtbot: QtBot):
    view = AnswerView()
    qtbot.addWidget(view)
    view.resize(800, 120)
    view.show()
    with qtbot.waitSignal(view.painted, timeout=5_000) as painted:
        view.show_saying(Saying("jump", "", "jump", "text", 0.8, 12))
    assert painted.args == [12]


def test_word_grows_with_its_place_and_fits_the_longest_name(qtbot: QtBot):
    view = AnswerView()
    qtbot.addWidget(view)
    view.show()
    view.show_actions(NAMES, {})
    view.resize(900, 100)
    small = view.word_px
    view.resize(1800, 240)
    assert 56 <= small < view.word_px
    view.show_actions((*NAMES, "stands up and turns around twice"), {})
    assert 56 <= view.word_px < 140


def test_square_is_drawn_where_the_student_looks_and_not_around_everything(qtbot: QtBot):
    stage = DepthStage()
    qtbot.addWidget(stage)
    pixels = np.full((48, 64), 1500, np.uint16)
    frame = Frame(StreamKind.DEPTH, pixels, 0, "device", 1, 0)
    box = Box(10, 0, 40, 30)
    stage.show_frame(frame, 0.001, View(box, frame_box(64, 48), 2.0))
    assert stage.view.square == box
    stage.show_frame(frame, 0.001, View(Box(0, -8, 64, 56), frame_box(64, 48)))
    assert stage.view.square is None
    assert stage.scale.accessibleName().startswith("Depth from")


def test_picture_keeps_its_proportions_and_leaves_the_rest_to_the_bars(qtbot: QtBot):
    stage, bars = DepthStage(), ActionBars()
    row = StageRow(stage, bars)
    qtbot.addWidget(row)
    row.resize(900, 330)
    row.show()
    for width, height in ((848, 480), (320, 240)):
        pixels = np.full((height, width), 1500, np.uint16)
        stage.show_frame(Frame(StreamKind.DEPTH, pixels, 0, "device", 1, 0), 0.001, None)
        picture = stage.size()
        assert (picture.height() - stage.foot_px) * width == pytest.approx(
            picture.width() * height, rel=0.02
        )
        assert bars.width() >= 208
        assert stage.width() + bars.width() < 900


def test_colour_that_is_open_is_told_by_an_icon_and_a_sentence(qtbot: QtBot):
    line = StreamsLine()
    qtbot.addWidget(line)
    depth = ActiveStream.of(DEPTH)
    line.show_streams(OpenStreams("Open: depth.", frozenset({"depth"}), True, (depth,)))
    assert (line.tone, line.words.text()) == ("good", "Open: depth.")
    both = frozenset({"depth", "colour"})
    line.show_streams(OpenStreams("Colour is open.", both, False, (depth, depth)))
    assert (line.tone, line.accessibleName()) == ("bad", "Colour is open.")
    line.show_streams(None)
    assert (line.tone, line.words.text()) == ("quiet", "No stream is open.")


def test_streams_line_is_cut_rather_than_pushing_the_page_apart(qtbot: QtBot):
    line = StreamsLine()
    qtbot.addWidget(line)
    assert line.tone == "quiet"
    assert line.minimumSizeHint().width() < 100


def test_first_camera_is_chosen_until_somebody_chooses(qtbot: QtBot):
    bar = SourceBar()
    qtbot.addWidget(bar)
    assert bar.source_id.startswith("simulated")
    d435 = CameraInfo("realsense:1", "D435")
    bar.show_cameras([d435, CameraInfo("simulated", "Simulated camera")])
    assert bar.source_id == "realsense:1"
    bar.choose_source("simulated")
    bar.show_cameras([d435])
    assert bar.source_id.startswith("simulated")
    bar.choose_source("realsense:1")
    bar.show_cameras([])
    assert bar.source_id == "realsense:1"
    assert bar.source.currentText() == "D435 · unplugged"


def recogniser(model_id: str, name: str = "n") -> ModelRecord:
    knows = ("background", "clap", "something else", "wave")
    return ModelRecord(
        model_id, "k", ModelKind.RECOGNISER, name, "r3d_tiny", "depth", 1, knows, "p", "ours", 0
    )


def test_simulated_figure_performs_what_the_recogniser_knows(qtbot: QtBot):
    bar = SourceBar()
    qtbot.addWidget(bar)
    bar.show_models([recogniser("recogniser-1")])
    bar.choose_source("simulated")
    assert bar.source_id == "simulated:99/clap,wave"


def test_recognisers_of_one_name_are_told_apart_by_their_ids(qtbot: QtBot):
    bar = SourceBar()
    qtbot.addWidget(bar)
    bar.show_models(
        [recogniser("recogniser-1a"), recogniser("recogniser-2b"), recogniser("recogniser-3c", "o")]
    )
    assert [bar.model.itemText(place) for place in range(3)] == ["n · 1a", "n · 2b", "o"]


def test_recording_of_a_camera_is_a_source(qtbot: QtBot):
    bar = SourceBar()
    qtbot.addWidget(bar)
    bar.choose_source("file:/somewhere/visit.db3")
    assert bar.source_id == "file:/somewhere/visit.db3"
    assert bar.source.currentText() == "visit.db3"
