from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.tasks import Problem
from app.widgets.player import Player
from app.widgets.take_frames import OpenedTake, TakeFiles
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.records import Action, Segment
from fsamt_engine.library.takes import list_takes, take

N_FRAMES = 20
SHIFT = 3


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    made = Player()
    qtbot.addWidget(made)
    made.resize(800, 500)
    made.show()
    yield made
    made.close_files()


@pytest.fixture
def shifted(library: Library) -> TakeFiles:
    """The take whose depth frame i is paired with colour frame i + 3."""
    first = list_takes(library)[0]
    assert (first.participant, first.n_pairs) == ("P1", N_FRAMES - SHIFT)
    return TakeFiles.of(library, take(library, first.id))


def shown(qtbot: QtBot, player: Player, index: int) -> None:
    qtbot.waitUntil(lambda: player.shown == index, timeout=5000)


def turn_wheel(widget: QWidget, at: QPointF, angle: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def colour_frame_of(player: Player) -> int:
    """The colour frame on screen, as it is written into the picture's corner."""
    image = player.colour_view.image
    assert image is not None
    return round(image.pixelColor(3, 3).red() / 12)


def test_colour_and_depth_are_shown_in_step(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    for index in (0, 5, 11, 16):
        player.go_to(index)
        shown(qtbot, player, index)
        assert colour_frame_of(player) == index + SHIFT
        assert player.depth_view.image is not None


def test_moment_without_a_pair_says_so(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    player.go_to(N_FRAMES - 1)
    shown(qtbot, player, N_FRAMES - 1)
    assert player.colour_view.image is None
    assert player.depth_view.image is not None
    assert player.pictures.skew.text() == "no pair"


def test_skew_of_the_moment_is_written(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    assert player.pictures.skew.text() == "skew not known", "its times are made from the rate"
    streams = tuple(replace(s, timestamp_domain="device") for s in shifted.take.streams)
    player.show_take(replace(shifted, take=replace(shifted.take, streams=streams)))
    shown(qtbot, player, 0)
    assert player.pictures.skew.text() == "skew +2.0 ms"
    assert player.controls.position.text() == "frame 1 of 20 · 0.00 s"


def test_no_reading_is_transparent_in_the_picture(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    image = player.depth_view.image
    assert image is not None
    assert image.pixelColor(5, image.height() - 1).alpha() == 0
    assert image.pixelColor(5, 5).alpha() == 255


def test_playing_goes_through_every_frame_and_begins_again(
    qtbot: QtBot, player: Player, shifted: TakeFiles
):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    seen: list[int] = []
    player.moment_changed.connect(seen.append)
    player.play()
    qtbot.waitUntil(lambda: N_FRAMES - 1 in seen and 0 in seen, timeout=10_000)
    player.pause()
    assert seen[: seen.index(N_FRAMES - 1)] == sorted(seen[: seen.index(N_FRAMES - 1)])


def test_without_loop_it_stops_on_the_last_frame(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    player.controls.loop.setChecked(False)
    player.controls.speed.setCurrentIndex(player.controls.speed.count() - 1)
    player.play()
    qtbot.waitUntil(lambda: not player.is_playing, timeout=10_000)
    shown(qtbot, player, N_FRAMES - 1)


def test_only_the_marked_interval_is_played(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    player.show_interval(5, 9)
    player.play_only_interval()
    seen: list[int] = []
    player.moment_changed.connect(seen.append)
    player.play()
    qtbot.waitUntil(lambda: seen.count(8) == 2, timeout=10_000)
    assert set(seen) == {5, 6, 7, 8}
    player.controls.loop.setChecked(False)
    qtbot.waitUntil(lambda: not player.is_playing, timeout=10_000)
    shown(qtbot, player, 8)


def test_another_take_has_no_marked_interval(player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    player.show_interval(5, 9)
    assert player.interval == (5, 9)
    assert player.controls.interval.isEnabled()
    player.show_take(shifted)
    assert player.interval is None
    assert not player.controls.interval.isEnabled()
    assert "chosen" in player.controls.interval.toolTip()


def test_labels_lie_below_the_scrub_bar_in_their_colours(
    qtbot: QtBot, player: Player, shifted: TakeFiles
):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    wave = Segment(1, shifted.take.id, "P1", "wave", 0, 10)
    player.show_segments([wave], [Action("wave", colour="#E69F00")])
    picture = player.scrub.grab().toImage()
    bottom = picture.height() - 2
    assert picture.pixelColor(picture.width() // 4, bottom).name() == "#e69f00"
    assert picture.pixelColor(3 * picture.width() // 4, bottom).name() != "#e69f00"


def test_both_pictures_are_zoomed_where_the_wheel_turns(
    qtbot: QtBot, player: Player, shifted: TakeFiles
):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    view = player.depth_view
    at = QPointF(view.width() * 0.75, view.height() * 0.25)
    before = view.share_at(at)
    turn_wheel(view, at, 480)
    assert player.zoom.scale > 2
    assert view.share_at(at).x() == pytest.approx(before.x(), abs=0.01)
    assert player.colour_view.share_at(at).y() == pytest.approx(before.y(), abs=0.01)
    part = player.zoom.part
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 60))
    qtbot.mouseMove(view, QPoint(140, 60))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(140, 60))
    assert player.zoom.part.left() < part.left()
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert player.zoom.is_whole


def test_keys_play_and_go_from_frame_to_frame(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    qtbot.keyClick(player, Qt.Key.Key_Right)
    qtbot.keyClick(player, Qt.Key.Key_Right)
    qtbot.keyClick(player, Qt.Key.Key_Left)
    shown(qtbot, player, 1)
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert player.is_playing
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert not player.is_playing


def test_scrub_bar_goes_to_its_place(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    player.scrub.setValue(12)
    shown(qtbot, player, 12)
    qtbot.mouseClick(player.scrub, Qt.MouseButton.LeftButton, pos=player.scrub.rect().center())
    qtbot.waitUntil(lambda: player.shown in (9, 10), timeout=5000)


def test_range_is_written_in_metres(qtbot: QtBot, player: Player, shifted: TakeFiles):
    player.show_take(shifted)
    shown(qtbot, player, 0)
    assert player.scale.texts()[:2] == ("2.0 m", "3.2 m")


def test_depth_only_take_says_that_it_has_no_colour(qtbot: QtBot, player: Player, library: Library):
    row = next(row for row in list_takes(library) if not row.has_colour)
    player.show_take(TakeFiles.of(library, take(library, row.id)))
    shown(qtbot, player, 0)
    assert "no colour" in player.colour_view.accessibleDescription()
    assert player.depth_view.image is not None


def truncate(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * share)])


def test_truncated_take_plays_what_is_left_and_says_how_much_is_missing(
    qtbot: QtBot, player: Player, shifted: TakeFiles
):
    assert shifted.depth_path is not None
    truncate(shifted.depth_path, 0.6)
    told: list[OpenedTake] = []
    player.opened.connect(told.append)
    player.show_take(shifted)
    shown(qtbot, player, 0)
    assert told[0].n_missing == N_FRAMES - told[0].n_moments
    assert 0 < told[0].n_moments < N_FRAMES
    player.go_to(N_FRAMES)
    shown(qtbot, player, told[0].n_moments - 1)


def test_depth_is_shown_where_the_file_of_colour_is_gone(
    qtbot: QtBot, player: Player, shifted: TakeFiles
):
    assert shifted.colour_path is not None
    shifted.colour_path.unlink()
    told: list[OpenedTake] = []
    player.opened.connect(told.append)
    player.show_take(shifted)
    shown(qtbot, player, 0)
    assert told[0].n_moments == N_FRAMES
    colour = shifted.take.stream(StreamKind.COLOUR)
    assert colour is not None
    assert told[0].n_missing == colour.n_frames


def test_unreadable_take_is_a_sentence(qtbot: QtBot, player: Player, shifted: TakeFiles):
    assert shifted.depth_path is not None
    shifted.depth_path.write_bytes(b"not a video")
    with qtbot.waitSignal(player.failed, timeout=5000) as failed:
        player.show_take(shifted)
    problem = failed.args[0]
    assert isinstance(problem, Problem)
    assert "depth.mkv" in problem.message
    assert not problem.details


def test_another_take_ends_the_decoding_of_the_one_before(
    qtbot: QtBot, player: Player, shifted: TakeFiles, library: Library
):
    player.show_take(shifted)
    other = list_takes(library)[1]
    player.show_take(TakeFiles.of(library, take(library, other.id)))
    shown(qtbot, player, 0)
    qtbot.waitUntil(lambda: not player._retired, timeout=5000)
    assert shifted.take.stream(StreamKind.COLOUR) is not None
