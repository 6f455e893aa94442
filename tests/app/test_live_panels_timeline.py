import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.pages.live.event_history import KEPT_US, EventHistory
from app.pages.live.event_lanes import EventLanes
from app.pages.live.event_timeline import EventTimeline
from app.theme import theme
from tests.app.live_states import COLOURS, Stream

TAKE = "take:0123"
SECOND = 1_000_000


@pytest.fixture
def timeline(qtbot: QtBot) -> EventTimeline:
    made = EventTimeline()
    qtbot.addWidget(made)
    made.resize(700, 140)
    made.show_actions(COLOURS)
    made.show()
    qtbot.waitExposed(made)
    return made


def picture(timeline: EventTimeline) -> QImage:
    return timeline.grab().toImage()


def has_colour(image: QImage, colour: str, columns: range) -> bool:
    wanted = QColor(colour)
    return any(image.pixelColor(x, y) == wanted for x in columns for y in range(20, image.height()))


def is_near(one: QColor, other: QColor) -> bool:
    channels = zip(one.getRgb(), other.getRgb(), strict=True)
    return sum(abs(a - b) for a, b in channels) < 90


def columns_of(timeline: EventTimeline, seconds_ago: float) -> range:
    """A few columns around a moment; now is 8 pixels from the right edge."""
    right = timeline.width() - 8
    left = right - (right - 90) * seconds_ago / timeline.span_s
    return range(int(left) - 6, int(left) + 6)


def play(timeline: EventTimeline, stream: Stream, seconds: float) -> None:
    timeline.show_state(stream.state(after_us=int(seconds * SECOND)), stream.now_us)


def recognise(timeline: EventTimeline, stream: Stream, action: str, right: bool | None = None):
    """An event of two seconds, and four seconds of rest after it."""
    stream.begin(action)
    play(timeline, stream, 2)
    stream.end(right)
    play(timeline, stream, 4)


def test_event_lies_in_the_lane_of_its_action_where_it_was(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 0.1)
    recognise(timeline, stream, "kick")
    image = picture(timeline)
    assert has_colour(image, COLOURS["kick"], columns_of(timeline, 5))
    assert not has_colour(image, COLOURS["kick"], columns_of(timeline, 1))


def test_running_event_grows_towards_now(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 0.1)
    stream.begin("wave")
    play(timeline, stream, 3)
    assert has_colour(picture(timeline), COLOURS["wave"], columns_of(timeline, 0.8))
    assert timeline.history.events[0].end_us is None


def test_timeline_scrolls_without_new_answers(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 0.1)
    recognise(timeline, stream, "push")
    last = stream.state(after_us=0)
    timeline.show_state(last, stream.now_us + 20 * SECOND)
    image = picture(timeline)
    assert has_colour(image, COLOURS["push"], columns_of(timeline, 25))
    assert not has_colour(image, COLOURS["push"], columns_of(timeline, 5))


def test_state_that_moves_nothing_is_not_painted(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 1)
    painted: list[int] = []
    update = timeline.update
    timeline.update = lambda: (painted.append(1), update())  # type: ignore[method-assign]
    state = stream.state(after_us=0)
    timeline.show_state(state, stream.now_us)
    before = len(painted)
    timeline.show_state(state, stream.now_us + 100)
    assert len(painted) == before
    timeline.show_state(state, stream.now_us + SECOND)
    assert len(painted) == before + 1


def test_click_on_an_event_of_a_take_asks_for_its_clip(qtbot: QtBot, timeline: EventTimeline):
    stream = Stream(TAKE)
    play(timeline, stream, 0.1)
    recognise(timeline, stream, "kick")
    picture(timeline)
    place = next(box for box, _ in timeline._places).center().toPoint()
    with qtbot.waitSignal(timeline.clip_wanted, timeout=1000) as wanted:
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == ["0123", 1, 3]


def test_click_on_an_event_of_a_camera_asks_for_nothing(qtbot: QtBot, timeline: EventTimeline):
    stream = Stream("realsense:1")
    play(timeline, stream, 0.1)
    recognise(timeline, stream, "kick")
    picture(timeline)
    place = next(box for box, _ in timeline._places).center().toPoint()
    with qtbot.assertNotEmitted(timeline.clip_wanted):
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=place)
    assert timeline.chosen is not None


def test_events_are_walked_through_and_asked_for_by_keys(qtbot: QtBot, timeline: EventTimeline):
    stream = Stream(TAKE)
    play(timeline, stream, 0.1)
    for action in ("kick", "wave", "push"):
        recognise(timeline, stream, action, right=action != "push")
    timeline.setFocus()
    qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert timeline.chosen is not None
    assert timeline.chosen.event.action == "push"
    assert "wrong" in timeline.accessibleDescription()
    qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert timeline.accessibleDescription().startswith("wave, 2.0 s, confidence 80.0 %, right")
    qtbot.keyClick(timeline, Qt.Key.Key_Home)
    with qtbot.waitSignal(timeline.clip_wanted, timeout=1000) as wanted:
        qtbot.keyClick(timeline, Qt.Key.Key_Return)
    assert wanted.args[0] == "0123"


def test_right_and_wrong_differ_by_more_than_colour(timeline: EventTimeline):
    def mark(right: bool) -> set[tuple[int, int]]:
        timeline.history = EventHistory()
        stream = Stream(TAKE)
        play(timeline, stream, 0.1)
        recognise(timeline, stream, "kick", right)
        image = picture(timeline)
        role = QColor(theme().palette.good if right else theme().palette.bad)
        return {
            (x, y)
            for x in range(image.width())
            for y in range(image.height())
            if is_near(image.pixelColor(x, y), role)
        }

    good, bad = mark(True), mark(False)
    assert good
    assert bad
    assert good != bad


def test_labels_are_seen_behind_what_is_recognised(timeline: EventTimeline):
    stream = Stream(TAKE)
    for _ in range(20):
        timeline.show_state(stream.state(expected="wave", after_us=SECOND // 10), stream.now_us)
    timeline.show_state(stream.state(expected="background", after_us=SECOND // 10), stream.now_us)
    assert [(one.word, one.end_us is None) for one in timeline.history.labelled] == [
        ("wave", False)
    ]
    assert has_colour(picture(timeline), COLOURS["wave"], columns_of(timeline, 2))


def test_absence_of_a_person_is_remembered_as_such(timeline: EventTimeline):
    stream = Stream()
    for status in ("gathering", "answering", "nobody", "nobody", "answering"):
        timeline.show_state(stream.state(status=status), stream.now_us)
    assert [one.word for one in timeline.history.absent] == ["gathering", "nobody"]
    assert all(one.end_us is not None for one in timeline.history.absent)


def test_numbers_that_begin_again_belong_to_another_start(timeline: EventTimeline):
    first = Stream("take:a")
    play(timeline, first, 0.1)
    recognise(timeline, first, "kick")
    first.begin("wave")
    play(timeline, first, 1)
    timeline.begin(first.now_us, "Take b")
    second = Stream("take:b", now_us=first.now_us)
    recognise(timeline, second, "push")
    events = timeline.history.events
    assert [(e.event.action, e.take_id, e.n_start) for e in events] == [
        ("kick", "a", 0),
        ("wave", "a", 0),
        ("push", "b", 1),
    ]
    assert events[1].end_us is not None


def test_starts_that_follow_each_other_quickly_are_not_all_named():
    history = EventHistory()
    for seconds in (0, 3, 6, 9, 12, 20):
        history.begin(seconds * SECOND, f"Take {seconds}")
    assert [words for _, words in history.starts] == ["Take 0", "", "", "Take 9", "", "Take 20"]


def test_what_lasts_ends_when_it_is_stopped(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 0.1)
    stream.begin("wave")
    play(timeline, stream, 1)
    timeline.end(stream.now_us + 30 * SECOND)
    (past,) = timeline.history.events
    assert past.end_us == stream.now_us


def test_history_forgets_what_left_the_longest_time_that_is_shown():
    history, stream = EventHistory(), Stream()
    for _ in range(300):
        stream.begin("wave")
        history.add(stream.state(after_us=SECOND))
        stream.end()
        history.add(stream.state(after_us=SECOND, expected="kick"))
        history.add(stream.state(after_us=SECOND))
        history.forget(stream.now_us)
    assert all(stream.now_us - (one.end_us or 0) <= KEPT_US for one in history.events)
    assert len(history.events) == pytest.approx(KEPT_US / SECOND / 3, abs=2)
    assert len(history.labelled) == pytest.approx(KEPT_US / SECOND / 3, abs=2)


def test_event_that_is_told_again_is_not_a_second_one():
    history, stream = EventHistory(), Stream()
    history.add(stream.state())
    stream.begin("wave")
    history.add(stream.state())
    stream.end(was_right=False)
    history.add(stream.state())
    assert len(history.events) == 1
    assert history.events[0].event.was_right is False


def test_more_actions_than_lanes_share_them_by_turns_and_never_jump():
    lanes = EventLanes()
    lanes.show_actions({f"action {n}": "#56B4E9" for n in range(9)} | {"background": "#999999"})
    lanes.show_lanes(3)
    assert lanes.names == []
    lanes.see([("action 4", 1), ("action 2", 2)])
    assert lanes.names == ["action 4", "action 2"]
    lanes.see([("action 7", 3), ("action 2", 4)])
    assert lanes.names == ["action 4", "action 2", "action 7"]
    lanes.see([("action 0", 5)])
    assert lanes.names == ["action 0", "action 2", "action 7"]
    assert lanes.lane("action 4") is None


def test_lower_timeline_keeps_what_was_recognised_last(timeline: EventTimeline):
    stream = Stream()
    play(timeline, stream, 0.1)
    for action in ("kick", "wave", "push"):
        recognise(timeline, stream, action)
    timeline.resize(700, 60)
    assert has_colour(picture(timeline), COLOURS["push"], columns_of(timeline, 5))


def test_actions_that_fit_have_their_lanes_from_the_start():
    lanes = EventLanes()
    lanes.show_actions(COLOURS)
    lanes.show_lanes(6)
    assert lanes.names == ["wave", "kick", "push"]


@pytest.mark.parametrize("key", [Qt.Key.Key_Plus, Qt.Key.Key_Minus])
def test_shown_time_changes_by_keys(qtbot: QtBot, timeline: EventTimeline, key: Qt.Key):
    before = timeline.span_s
    qtbot.keyClick(timeline, key)
    assert (timeline.span_s < before) == (key == Qt.Key.Key_Plus)


def test_empty_timeline_says_what_appears_in_it(qtbot: QtBot):
    made = EventTimeline()
    qtbot.addWidget(made)
    made.resize(500, 120)
    shown = made.grab().toImage()
    ground = shown.pixelColor(0, 0)
    rows = range(shown.height())
    assert any(shown.pixelColor(x, y) != ground for x in range(100, 400) for y in rows)


@pytest.mark.parametrize("is_dark", [True, False])
def test_timeline_is_painted_anew_in_another_theme(timeline: EventTimeline, is_dark: bool):
    theme().prefer(not is_dark)
    try:
        picture(timeline)
        theme().prefer(is_dark)
        place = QPoint(timeline.width() - 30, 26)
        assert picture(timeline).pixelColor(place) == QColor(theme().palette.surface)
    finally:
        theme().prefer(None)
