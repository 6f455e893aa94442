from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.studio import Studio
from app.widgets.clip_viewer import ClipViewer, ShownClip
from fsamt_engine.library.takes import list_takes


@pytest.fixture
def viewer(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Callable[[Studio, Path], None]
) -> Iterator[ClipViewer]:
    open_in(studio, library_root)
    made = ClipViewer(studio)
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    yield made
    made.let_go()


def clips_of(studio: Studio) -> list[ShownClip]:
    assert studio.library is not None
    ids = [row.id for row in list_takes(studio.library)]
    return [
        ShownClip(ids[0], 2, 6, "across\nP1", "#E69F00"),
        ShownClip(ids[0], 10, 14, "across\nP1"),
        ShownClip(ids[1], 0, 20, "across\nP1"),
    ]


def test_first_clip_is_played_over_and_over(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    seen: list[int] = []
    viewer.player.moment_changed.connect(seen.append)
    viewer.show_clips(clips_of(studio), "What it took for across")
    qtbot.waitUntil(lambda: seen.count(3) == 2, timeout=10_000)
    assert set(seen) <= {0, 2, 3, 4, 5}
    assert viewer.about.text() == "clip 1 of 3 · frames 3 to 6"


def test_keys_choose_the_next_clip_and_play(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    viewer.show_clips(clips_of(studio), "")
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Down)
    assert viewer.player.interval == (10, 14)
    qtbot.waitUntil(lambda: viewer.player.shown in range(10, 14), timeout=5000)
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Space)
    assert not viewer.player.is_playing
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Down)
    qtbot.keyClick(viewer.strip, Qt.Key.Key_Down)
    assert viewer.player.interval == (0, 20)


def test_clip_is_opened_in_the_library(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    clips = clips_of(studio)
    viewer.show_clips(clips, "")
    viewer.strip.choose(1)
    for open_it in (
        viewer.open_button.click,
        lambda: qtbot.keyClick(viewer.strip, Qt.Key.Key_Return),
    ):
        with qtbot.waitSignal(viewer.clip_wanted, timeout=1000) as wanted:
            open_it()
        assert wanted.args == [clips[1].take_id, 10, 14]


def test_pictures_are_made_in_the_background(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    clips = clips_of(studio)
    viewer.show_clips(clips, "")
    pictures = viewer._pictures
    assert pictures is not None
    qtbot.waitUntil(
        lambda: pictures.pixmap(clips[0].take_id, clips[0].middle) is not None, timeout=5000
    )


def test_take_that_is_gone_is_a_sentence(studio: Studio, viewer: ClipViewer):
    viewer.show_clips([ShownClip("no such take", 0, 4, "gone")], "")
    assert "no such take" in viewer.about.text()
    assert not viewer.player.is_playing


def test_list_lies_where_there_is_room(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    viewer.show_clips(clips_of(studio), "")
    assert viewer.strip.x() > viewer.player.x()
    viewer.resize(600, 700)
    qtbot.waitUntil(lambda: viewer.strip.y() > viewer.player.y(), timeout=2000)


def test_closing_the_library_lets_go_of_the_files(qtbot: QtBot, studio: Studio, viewer: ClipViewer):
    viewer.show_clips(clips_of(studio), "")
    studio.close_library()
    assert viewer.strip.chosen is None
    assert not viewer.player._retired or all(
        frames._thread.isFinished() for frames in viewer.player._retired
    )
