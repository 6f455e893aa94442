"""The live page with a detector: onsets and offsets of its own, and when they were known."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.pages.live import LivePage
from app.pages.live.delay_line import explanation, words_of_now, words_of_test
from app.pages.live.event_timeline import EventTimeline
from app.pages.live.numbers_panel import NumbersPanel
from app.pages.live.threshold_panel import ThresholdPanel
from app.studio import Studio
from fsamt_engine.evaluation.detection_test import (
    Delay,
    DetectionTest,
    KnownAfter,
    TestedTake,
    keep_detection_test,
)
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model, set_metrics
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.state import LiveDelay, LiveEvent, Rates
from fsamt_engine.recognition.watcher import Watcher
from tests.app.live_states import COLOURS, Stream
from tests.app.living import FIRST, add_recognisers, is_idle, shown_page, stop, watch
from tests.app.modelling import add
from tests.fsamt_engine.capture.puppet import Puppet
from tests.fsamt_engine.recognition.detecting import Finds, PuppetDetector, puppet_detector
from tests.fsamt_engine.recognition.watching import Says, live_model

DETECTOR = "detector-00000005"
ACTIONS = ("across", "down")
SCORE = 0.35
SECOND = 1_000_000
TESTED, HERE = Delay(1.25, 2.0, 8, 10, 3), LiveDelay(12, 1.4, 2.2, 1.32, 0.08)


def add_detector(root: Path) -> None:
    """A detector that was tested on one take of P2: it was told 15 frames after its end."""
    with Library.open(root) as library:
        record = add(library, DETECTOR, "from scratch", None, "P1")
        path = library.absolute(record.path) / "model.json"
        content = {**json.loads(path.read_text()), "detector": {"threshold": SCORE}}
        path.write_text(json.dumps(content))
        set_metrics(library, record.id, {"test_map_50": 0.615})
        one = segments(library, participants=["P2"], actions=["across"])[0]
        truth = SnapshotItem(one.take_id, "P2", one.start, one.end, "across")
        found = Detection(one.take_id, "P2", "across", one.start, one.end, 0.9)
        test = DetectionTest(
            record.id,
            ACTIONS,
            (truth,),
            (TestedTake(one.take_id, "P2", 40, 30.0),),
            (found,),
            {},
            "CPU",
            (one.take_id,),
            (KnownAfter(found, one.end + 15),),
        )
        keep_detection_test(library, model(library, record.id), test)


@pytest.fixture
def detector() -> PuppetDetector:
    """It finds what happens in every take of P2: the figure walks, frames 4 to 14."""
    stream = Finds(("jump", 4.0, 14.0, 0.8))
    found = puppet_detector(stream, DETECTOR)
    return PuppetDetector(stream, found.record, (*ACTIONS, "background"))


@pytest.fixture
def page(
    qtbot: QtBot,
    studio: Studio,
    puppets: dict[str, Puppet],
    detector: PuppetDetector,
    library_root: Path,
    open_in: Callable[[Studio, Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LivePage]:
    def opened(wanted: object, on_progress: object) -> Watcher:
        model_id = wanted.model.id  # type: ignore[attr-defined]
        if model_id == DETECTOR:
            return detector
        return live_model(Says("across", ACTIONS), name=model_id)

    monkeypatch.setattr("app.pages.live.recognising.open_model", opened)
    add_recognisers(library_root)
    add_detector(library_root)
    open_in(studio, library_root)
    yield from shown_page(qtbot, LivePage(studio))


@pytest.fixture
def chosen(qtbot: QtBot, page: LivePage) -> LivePage:
    """The page, with the detector on a take of P2."""
    page.source_bar.choose_model(DETECTOR)
    assert page.studio.library is not None
    across = segments(page.studio.library, participants=["P2"], actions=["across"])[0]
    page.source_bar.takes.goes_on.setChecked(False)
    page.source_bar.choose_source(f"take:{across.take_id}")
    qtbot.waitUntil(lambda: "In its test" in page.delay.tested.text(), timeout=5_000)
    return page


def test_detectors_follow_the_recognisers_with_their_precision(page: LivePage):
    chooser = page.source_bar.model
    said = [chooser.itemText(place) for place in range(chooser.count())]
    assert len(said) == 3
    assert said[-1].endswith("mAP 61.5 %")
    assert page.source_bar.chosen_model.id == FIRST
    assert not page.delay.isVisible()


def test_the_page_says_how_long_after_the_end_it_was_known_in_the_test(chosen: LivePage):
    assert chosen.delay.isVisible()
    assert "known 0.5 s after its end (9 of 10 within 0.5 s)" in chosen.delay.tested.text()
    assert chosen.delay.measured.text() == "Now: no action is over and known yet."
    chosen.source_bar.choose_model(FIRST)
    assert not chosen.delay.isVisible()


def test_what_it_tells_has_its_own_onset_and_the_delay_is_measured(qtbot: QtBot, chosen: LivePage):
    watch(qtbot, chosen)
    qtbot.waitUntil(lambda: bool(chosen.strips.timeline.history.events), timeout=10_000)
    qtbot.waitUntil(lambda: is_idle(chosen) and not chosen.recognising.is_wanted, timeout=10_000)
    (past,) = chosen.strips.timeline.history.events
    assert past.event.action == "across"
    # In real time the first frames may be lost; those that come are counted.
    assert past.event.offset_frame - past.event.onset_frame == 10
    assert past.end_us < past.known_us
    assert past.event.delay_s > 3 / 30
    assert chosen.delay.measured.text().startswith("Now it is known 0.")
    assert "in 1 take (overlap of 50 % or more)" in chosen.truth.words.text()


def test_bars_show_what_is_left_for_background_and_no_threshold(chosen: LivePage):
    assert chosen.face.bars.shown == (*ACTIONS, "background")
    assert chosen.face.bars.thresholds == ()
    chosen.source_bar.choose_model(FIRST)
    assert len(chosen.face.bars.thresholds) == 2


def test_thresholds_of_a_detector_are_its_scores_and_the_rest_says_why_not(chosen: LivePage):
    panel = chosen.side.thresholds
    assert panel.on.isEnabled()
    assert panel.on.value() == 35
    assert panel.smoothing.isEnabled()
    for field in (panel.off, panel.shortest):
        assert not field.isEnabled()
        assert "A detector" in field.toolTip()
    assert panel.table.isColumnHidden(2)
    assert panel.model.names == ACTIONS
    assert not panel.reset.isEnabled()
    panel.on.setValue(50)
    panel.reset.click()
    assert panel.settings.threshold == Threshold(SCORE, SCORE)
    chosen.source_bar.choose_model(FIRST)
    assert panel.off.isEnabled()
    assert panel.shortest.isEnabled()
    assert not panel.table.isColumnHidden(2)


def test_a_detector_takes_over_while_a_camera_is_watched(
    qtbot: QtBot, page: LivePage, puppets: dict[str, Puppet], detector: PuppetDetector
):
    puppet = puppets["puppet:1"]
    qtbot.waitUntil(lambda: page.source_bar.source_id == "puppet:1", timeout=5_000)
    watch(qtbot, page)
    page.source_bar.choose_model(DETECTOR)

    def is_told() -> bool:
        puppet.give()
        return page.delay.measured.text().startswith("Now it is known")

    qtbot.waitUntil(is_told, timeout=10_000)
    assert page.face.bars.shown == (*ACTIONS, "background")
    stop(qtbot, page)


def test_the_line_names_what_was_measured_and_what_was_not():
    assert words_of_test(TESTED) == (
        "In its test an action was known 1.2 s after its end (9 of 10 within 2.0 s), and computing "
        "comes on top."
    )
    assert words_of_now(HERE) == (
        "Now it is known 1.4 s after its end (9 of 10 within 2.2 s): 1.32 s until frames have "
        "come, 0.08 s to compute."
    )
    assert "2 of 10 labelled actions were not told at all" in explanation(TESTED, HERE)
    assert "half of 12" in explanation(TESTED, HERE)
    assert words_of_test(None).endswith("was not tested.")


def told(stream: Stream, action: str) -> None:
    """An action of two seconds that was known two seconds after its end, which is now."""
    end_us = stream.now_us - 2 * SECOND
    start_us = end_us - 2 * SECOND
    stream.events.append(
        LiveEvent(
            1, action, start_us, end_us, "device", start_us, 0.8, 10, 70, known_us=stream.now_us
        )
    )


def has_colour(image: QImage, colour: str, columns: range) -> bool:
    wanted = QColor(colour)
    return any(image.pixelColor(x, y) == wanted for x in columns for y in range(20, image.height()))


def test_lanes_draw_the_action_where_it_was_and_where_it_was_known(qtbot: QtBot):
    timeline, stream = EventTimeline(), Stream()
    qtbot.addWidget(timeline)
    timeline.resize(700, 140)
    timeline.show_actions(COLOURS)
    timeline.show()
    stream.state(after_us=10 * SECOND)
    told(stream, "kick")
    timeline.show_state(stream.state(after_us=10 * SECOND), stream.now_us)
    image = timeline.grab().toImage()
    place = timeline._place

    def x(seconds_ago: float) -> int:
        return round(place.x(stream.now_us - round(seconds_ago * SECOND), stream.now_us))

    middle = round(place.lane(1).center().y())
    colour = QColor(COLOURS["kick"])
    assert image.pixelColor(x(13), middle) == colour
    assert image.pixelColor(x(13), middle - 4) == colour
    assert image.pixelColor(x(11), middle) != image.pixelColor(x(9), middle)
    assert image.pixelColor(x(11), middle - 4) == image.pixelColor(x(9), middle - 4)
    (past,) = timeline.history.events
    assert "Known 2.0 s after its end." in timeline.words_of(past)


def test_fewer_answers_than_frames_are_no_lag_of_a_detector(qtbot: QtBot):
    panel, stream = NumbersPanel(), Stream()
    qtbot.addWidget(panel)
    for every, tone in ((4, ""), (1, "caution")):
        state = stream.state(after_us=SECOND)
        object.__setattr__(state, "rates", Rates(30.0, 7.5, 0, 0, every))
        panel.show_state(state, stream.now_us + 300_000)
        assert panel.answers.number.tone == panel.age.number.tone == tone


def test_a_suggestion_for_a_detector_says_told_from(qtbot: QtBot):
    from fsamt_engine.recognition.thresholds import ActionThreshold, ThresholdSuggestion

    panel = ThresholdPanel()
    qtbot.addWidget(panel)
    panel.show_actions(COLOURS, of_detector=True)
    one = ActionThreshold("wave", Threshold(0.5, 0.5), 9, 11, 1)
    panel.suggestion.show_suggestion(
        ThresholdSuggestion((one,), 0.5, 11.2, 4.0, ("P3",), False, of_detector=True)
    )
    cells = [panel.suggestion._grid.itemAt(n).widget().toolTip() for n in range(3, 6)]
    assert cells[0] == "wave: told from a score of 50 % on. False alarms: 1."
    assert panel.settings == RecognitionSettings()
