import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.pages.live.answer_history import KEPT_US, AnswerHistory
from app.pages.live.compare_strip import CompareStrip
from app.pages.live.line_film import Line, LineFilm, thinned
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from tests.app.live_states import COLOURS, FRAME_US, Stream

SPAN_US = 20_000_000


@pytest.fixture
def strip(qtbot: QtBot) -> CompareStrip:
    made = CompareStrip()
    qtbot.addWidget(made)
    made.resize(600, 140)
    made.show_actions(COLOURS)
    made.show()
    qtbot.waitExposed(made)
    return made


def show(strip: CompareStrip, stream: Stream, *smoothed: float, n: int = 1) -> None:
    for _ in range(n):
        strip.show_state(stream.state(*smoothed), stream.now_us)


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    rows = np.frombuffer(image.constBits(), np.uint8)
    return rows.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()


def test_leader_is_the_most_probable_and_changes_only_when_another_is_clearly_ahead(
    strip: CompareStrip,
):
    stream = Stream()
    show(strip, stream, 0.7, 0.2, 0.1, 0.0, n=60)
    assert strip.leader == "wave"
    show(strip, stream, 0.46, 0.52, 0.02, 0.0, n=60)
    assert strip.leader == "wave"
    show(strip, stream, 0.1, 0.8, 0.1, 0.0, n=60)
    assert strip.leader == "kick"


def test_an_action_can_be_followed_whoever_leads(strip: CompareStrip):
    stream = Stream()
    strip.follow("push")
    show(strip, stream, 0.7, 0.2, 0.1, 0.0, n=60)
    assert strip.leader == "push"
    strip.follow(None)
    assert strip.leader == "wave"


def test_click_on_a_name_follows_it_and_below_the_leader_again(qtbot: QtBot, strip: CompareStrip):
    show(strip, Stream(), 0.7, 0.2, 0.1, 0.0, n=60)
    left = Qt.MouseButton.LeftButton
    qtbot.mouseClick(strip, left, pos=QPoint(strip.width() // 2, 10))
    assert strip.leader == "kick"
    qtbot.mouseClick(strip, left, pos=QPoint(strip.width() // 2, 70))
    assert strip.leader == "wave"


def test_thresholds_move_when_they_are_set(strip: CompareStrip):
    show(strip, Stream(), 0.5, 0.3, 0.1, 0.1, n=60)
    before = pixels(strip.grab().toImage())
    strip.show_settings(RecognitionSettings(thresholds={"kick": Threshold(0.9, 0.1)}))
    assert (pixels(strip.grab().toImage()) == before).all()
    strip.show_settings(RecognitionSettings(thresholds={"wave": Threshold(0.9, 0.1)}))
    assert (pixels(strip.grab().toImage()) != before).any()


def test_strip_without_an_answer_says_so(strip: CompareStrip):
    assert strip.leader is None
    strip.show_state(Stream().state(status="nobody"), 0)
    strip.grab()
    assert strip.leader is None


def test_another_model_begins_with_an_empty_strip(strip: CompareStrip):
    show(strip, Stream(), 0.7, 0.2, 0.1, 0.0, n=60)
    strip.show_actions({"jump": "#E69F00", "sit": "#56B4E9"})
    assert strip.leader is None
    show(strip, Stream(names=("jump", "sit")), 0.1, 0.9, n=60)
    assert strip.leader == "sit"


def test_history_keeps_twenty_seconds_however_long_it_runs():
    history, stream = AnswerHistory(4), Stream()
    for _ in range(3000):
        history.add(stream.state(0.4, 0.3, 0.2, 0.1).answer)
    times = history.times_us
    assert times[-1] == stream.now_us
    assert times[-1] - times[0] <= KEPT_US
    assert len(times) == pytest.approx(KEPT_US / FRAME_US, abs=2)
    assert history.raw.shape == history.smoothed.shape == (len(times), 4)
    assert len(history._times) <= 2 * len(times)


def test_history_takes_an_answer_once_and_goes_on_after_another_start():
    history, stream = AnswerHistory(4), Stream()
    state = stream.state(0.4, 0.3, 0.2, 0.1)
    assert history.add(state.answer)
    assert not history.add(state.answer)
    again = Stream(now_us=stream.now_us)
    history.begin_again()
    assert history.add(again.state(0.1, 0.2, 0.3, 0.4).answer)
    assert len(history.times_us) == 2


def test_clock_that_was_set_back_begins_the_history_anew():
    history, stream = AnswerHistory(4), Stream()
    history.add(stream.state(0.4, 0.3, 0.2, 0.1).answer)
    history.add(stream.state(0.4, 0.3, 0.2, 0.1, after_us=-3_600_000_000).answer)
    assert history.times_us.tolist() == [stream.now_us]


def test_what_has_no_probabilities_is_a_gap_in_the_history():
    history, stream = AnswerHistory(4), Stream()
    history.add(stream.state(0.4, 0.3, 0.2, 0.1).answer)
    assert not history.add(stream.state(status="nobody").answer)
    assert len(history.times_us) == 1


def lines_of(n: int) -> tuple[np.ndarray, np.ndarray]:
    times = 1_790_000_000_000_000 + np.arange(n, dtype=np.int64) * FRAME_US
    return times, (0.5 + 0.4 * np.sin(np.arange(n) / 9)).astype(np.float32)


@pytest.mark.parametrize("width", [500, 90])
@pytest.mark.parametrize("keeps_extremes", [True, False])
def test_film_that_is_moved_on_looks_like_one_drawn_at_once(
    qtbot: QtBot, keeps_extremes: bool, width: int
):
    times, values = lines_of(700)

    def line(n: int) -> list[Line]:
        return [Line(values[:n], "#E69F00", 1.5, keeps_extremes=keeps_extremes)]

    moved, at_once = (LineFilm(width, 100, 1.0, SPAN_US) for _ in range(2))
    for n in range(100, 701):
        moved.move_on(int(times[n - 1]) + 40_000, times[:n], line(n))
    at_once.move_on(int(times[-1]) + 40_000, times, line(700))
    shown, expected = (pixels(film.picture.toImage()) for film in (moved, at_once))
    assert expected[..., 3].any(axis=0).sum() > 0.95 * width
    assert np.abs(shown.astype(int) - expected.astype(int)).max() <= 2


def test_film_that_was_not_moved_for_long_is_drawn_anew(qtbot: QtBot):
    times, values = lines_of(900)
    film = LineFilm(500, 100, 1.0, SPAN_US)
    film.move_on(int(times[10]), times[:11], [Line(values[:11], "#E69F00", 1.5)])
    film.move_on(int(times[-1]), times, [Line(values, "#E69F00", 1.5)])
    assert pixels(film.picture.toImage())[..., 3].any(axis=0).sum() > 480


def test_line_breaks_where_there_were_no_answers(qtbot: QtBot):
    times, values = lines_of(400)
    kept = np.r_[0:200, 300:400]
    film = LineFilm(500, 100, 1.0, SPAN_US)
    film.move_on(int(times[-1]), times[kept], [Line(values[kept], "#E69F00", 1.5)])
    columns = pixels(film.picture.toImage())[..., 3].any(axis=0)
    gap = 500 - (np.array([250, 210, 290]) - 400) * -FRAME_US * 500 / SPAN_US
    assert not columns[gap.astype(int)].any()


def test_extremes_of_what_falls_together_are_kept():
    xs, values = np.arange(8.0), np.array([0, 9, 1, 5, 5, 5, 2, 7], float)
    buckets = np.arange(8) // 4
    _, kept = thinned(xs, values, buckets, True)
    assert kept.tolist() == [0, 9, 2, 7]
    _, last = thinned(xs, values, buckets, False)
    assert last.tolist() == [5, 7]
