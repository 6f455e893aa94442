"""Moments that are kept live, where they are labelled."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.label import LabelPage
from app.pages.label.queue import SUGGESTED
from app.pages.live import LivePage
from app.studio import Studio
from fsamt_engine.capture.camera import Frame
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import list_takes
from fsamt_engine.recognition.keeping import keep_moment
from fsamt_engine.recognition.sources import open_source

N_FRAMES = 12


def kept_moment(library: Library) -> str:
    """Some depth of the simulated figure, kept as the live page keeps it."""
    frames: list[Frame] = []
    is_enough = threading.Event()

    class Watching:
        def take_frame(self, frame: Frame) -> None:
            frames.append(frame)
            if len(frames) == N_FRAMES:
                is_enough.set()

        def camera_ended(self, how: str) -> None:
            pass

    with open_source(None, "simulated:1", real_time=False) as feed:
        opened = feed.wait_until_open()
        feed.attach(Watching(), opened)
        assert is_enough.wait(10)
    return keep_moment(
        library,
        frames[:N_FRAMES],
        opened,
        guess="down",
        score=0.9,
        model_id="m1",
        reason="It wavered between down and across.",
    )


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Callable[[Studio, Path], None]
) -> LabelPage:
    open_in(studio, library_root)
    made = LabelPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    return made


def test_a_kept_moment_stands_in_the_labelling_queue_and_is_labelled_with_one_key(
    qtbot: QtBot, page: LabelPage
) -> None:
    library = page.studio.library
    assert library is not None
    take_id = kept_moment(library)
    page.studio.library_changed.emit()
    assert page.queue.order.itemText(1) == "Suggested (1)"
    page.queue.order.setCurrentIndex(page.queue.order.findData(SUGGESTED))
    qtbot.waitUntil(lambda: page.desk.files is not None and page.desk.files.take.id == take_id)
    qtbot.waitUntil(lambda: page.player.shown >= 0, timeout=5000)
    assert page.desk.suggestion is not None
    assert page.desk.suggestion.action == "down"
    assert "wavered" in page.bar.target.text()
    qtbot.keyClick(page.queue.list, Qt.Key.Key_Return)
    labels = segments(library, take_ids=[take_id])
    assert [(label.action, label.start, label.end) for label in labels] == [("down", 0, N_FRAMES)]


@pytest.fixture
def window(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Callable[[Studio, Path], None]
) -> Iterator[MainWindow]:
    made = MainWindow(studio)
    qtbot.addWidget(made)
    made.show()
    open_in(studio, library_root)
    yield made
    studio.close_library()


def test_label_it_on_a_kept_moment_opens_its_take_whatever_label_showed_before(
    qtbot: QtBot, window: MainWindow
) -> None:
    library = window.studio.library
    assert library is not None
    kept_moment(library)
    wanted = kept_moment(library)
    window.go_to("label")
    label = window.current_page
    assert isinstance(label, LabelPage)
    label.queue.search.setText("P1")
    window.go_to("live")
    live = window.current_page
    assert isinstance(live, LivePage)
    live.side.uncertain.label_wanted.emit(wanted)
    assert window.current_page is label
    assert label.desk.files is not None
    assert label.desk.files.take.id == wanted
    assert label.desk.suggestion is not None
    assert label.desk.suggestion.take_id == wanted
    qtbot.waitUntil(lambda: not label.queue._typing.isActive())
    assert label.desk.files.take.id == wanted


def test_take_that_has_a_label_is_opened_among_all_takes(page: LabelPage) -> None:
    library = page.studio.library
    assert library is not None
    kept_moment(library)
    page.studio.library_changed.emit()
    page.queue.choose_order(SUGGESTED)
    wanted = list_takes(library)[7].id
    page.show_take(wanted)
    assert page.desk.files is not None
    assert page.desk.files.take.id == wanted


def test_take_that_is_gone_is_told(page: LabelPage) -> None:
    page.show_take("no such take")
    assert page.notice.message == "This take is no longer in the library."
