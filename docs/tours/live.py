"""The page on which a recogniser or a detector watches."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from docs.tours.screen import OUT, REPOSITORY, SIZES, SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.main_window import MainWindow
    from app.pages.live import LivePage
    from fsamt_engine.library import Library, ModelRecord

_WATCHED_S = 25.0
_TAKES_WATCHED = 3
_LABELS = 5


def tour_live(window: "MainWindow") -> None:
    """The simulated figure, watched by the best recogniser; full screen; takes with labels."""
    from app.pages.live import LivePage

    library = window.studio.library
    assert library is not None
    window.go_to("live")
    page = window.current_page
    assert isinstance(page, LivePage)
    take(window, "live-idle", SMALL)
    page.source_bar.choose_model(best_recogniser(window).id)
    page.source_bar.choose_source("simulated")
    page.start_button.click()
    wait_until(lambda: page.recognising.state is not None)
    wait(_WATCHED_S)

    def is_recognising() -> bool:
        state = page.recognising.state
        return state is not None and state.now.kind == "action"

    take(window, "live", settle_s=3, is_ready=is_recognising)
    page.show_full_screen()
    _grab_full_screen(page.full_screen, is_recognising)
    page.full_screen.close()
    page.start_button.click()
    wait_until(lambda: page.recognising.state is None)
    page.source_bar.choose_source("take:")
    page.start_button.click()
    n_begun = page.recognising.wanted.turn if page.recognising.wanted else 0
    wait_until(
        lambda: (
            page.recognising.wanted is not None
            and page.recognising.wanted.turn >= n_begun + _TAKES_WATCHED
        ),
        limit_s=60,
    )
    wait(2)
    take(window, "live-takes", SMALL)
    if page.recognising.is_wanted:
        page.start_button.click()
    wait_until(lambda: page.recognising.state is None)
    _tour_detector(window, page)


def _tour_detector(window: "MainWindow", page: "LivePage") -> None:
    """A detector on a take of somebody whom it has not seen: labels, what it told, and when."""
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.untrimmed import untrimmed_takes

    library = window.studio.library
    assert library is not None
    detector = _detector(library)
    window.studio.library_changed.emit()
    page.source_bar.choose_model(detector.id)
    tested = untrimmed_takes(library, [_tested(library, detector)])
    longest = max(segments(library, take_ids=tested), key=lambda segment: segment.end)
    page.source_bar.takes.goes_on.setChecked(False)
    page.source_bar.choose_source(f"take:{longest.take_id}")
    page.start_button.click()
    wait_until(lambda: page.recognising.state is not None)
    wait_until(lambda: (state := page.recognising.state) is not None and len(state.events) > 2)
    wait(3)
    take(window, "live-detector", SMALL)
    if page.recognising.is_wanted:
        page.start_button.click()
    wait_until(lambda: page.recognising.state is None)


def _detector(library: "Library") -> "ModelRecord":
    """The best detector; where there is none, one of takes that are composed for it."""
    from fsamt_engine.datasets.composing import CompositionSettings, compose
    from fsamt_engine.detection.evaluate import evaluate_detector
    from fsamt_engine.detection.settings import DetectorSettings
    from fsamt_engine.detection.train import train_detector
    from fsamt_engine.evaluation.detection_labels import detection_labels
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.models import list_models, model
    from fsamt_engine.library.records import BACKGROUND

    found = list_models(library, ModelKind.DETECTOR)
    if found:
        return max(found, key=lambda one: one.metrics.get("test_map_50", 0.0))
    labelled = segments(library, composed=False)
    actions = sorted({one.action for one in labelled} - {BACKGROUND})[:6]
    *taught, tested = sorted({one.participant for one in labelled})
    compose(library, CompositionSettings(tuple(actions)))
    labels = detection_labels(library, actions, taught, [tested], labels_per_action=_LABELS)
    students = list_models(library, ModelKind.STUDENT)
    start = students[0] if students else None
    made = train_detector(library, start, labels, DetectorSettings())
    evaluate_detector(library, made, labels.test)
    return model(library, made.id)


def _tested(library: "Library", detector: "ModelRecord") -> str:
    """Somebody on whom a detector is tested."""
    from fsamt_engine.library.snapshots import snapshot

    assert detector.snapshot_id is not None
    return snapshot(library, detector.snapshot_id).test[0].participant


def best_recogniser(window: "MainWindow") -> "ModelRecord":
    """The one with the best test."""
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.models import list_models

    assert window.studio.library is not None
    found = list_models(window.studio.library, ModelKind.RECOGNISER)
    return max(found, key=lambda model: model.metrics.get("test_accuracy", 0.0))


def _grab_full_screen(shown: "QWidget", is_ready: Callable[[], bool]) -> None:
    """As a projector shows it, in both themes."""
    from app.theme import theme

    for scheme in ("dark", "light"):
        theme().prefer(scheme == "dark")
        shown.showNormal()
        shown.setGeometry(0, 0, *SIZES["-large"])
        wait(3)
        wait_until(is_ready)
        path = OUT / f"live-full-screen-{scheme}.png"
        shown.grab().save(str(path))
        print(path.relative_to(REPOSITORY), flush=True)
    theme().prefer(True)
