from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.widgets.depth_colours import DepthRange
from app.widgets.player import Player
from app.widgets.playing.flow_pictures import coloured
from app.widgets.playing.overlay_painting import crop_drawing
from app.widgets.playing.take_overlays import Overlay
from app.widgets.take_frames import Moment, TakeFiles, TakeFrames
from fsamt_engine.library import Calibration, Library, StreamKind
from fsamt_engine.library.records import Intrinsics
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    list_takes,
    staging_folder,
    take,
)
from fsamt_engine.media import ColourWriter, DepthWriter
from fsamt_engine.media.skeleton import write_skeleton

N_FRAMES, WIDTH, HEIGHT = 10, 64, 48
LENS = Intrinsics(WIDTH, HEIGHT, 60.0, 60.0, WIDTH / 2, HEIGHT / 2)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    made = Player()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    yield made
    made.close_files()


@pytest.fixture
def squares(library: Library) -> TakeFiles:
    """A take with colour and depth, paired frame by frame, without a skeleton."""
    return TakeFiles.of(library, take(library, list_takes(library)[1].id))


def add_take_with_skeleton(library: Library, calibration: Calibration) -> TakeFiles:
    """A take with one joint, which lies in the middle of the picture, and 2 m away."""
    times = np.arange(N_FRAMES, dtype=np.int64) * 33_333
    with staging_folder(library) as staging:
        depth_path, colour_path = staging / "depth.mkv", staging / "colour.mkv"
        with DepthWriter(depth_path, WIDTH, HEIGHT, 30.0) as depth:
            for _ in range(N_FRAMES):
                depth.write(np.full((HEIGHT, WIDTH), 2000, np.uint16))
        with ColourWriter(colour_path, WIDTH, HEIGHT, 30.0) as colour:
            for _ in range(N_FRAMES):
                colour.write(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        skeleton_path = staging / "skeleton.npy"
        write_skeleton(skeleton_path, np.full((N_FRAMES, 1, 1, 3), (0, 0, 2), np.float32))
        size = {"width": WIDTH, "height": HEIGHT, "n_frames": N_FRAMES, "rate_hz": 30.0}
        index = np.arange(N_FRAMES, dtype=np.int64)
        draft = TakeDraft(
            session="visit",
            participant="P9",
            source="test",
            source_key="test/skeleton",
            started_at_us=0,
            streams=[
                StreamDraft(
                    StreamKind.DEPTH,
                    depth_path,
                    codec="ffv1",
                    unit_m=0.001,
                    timestamps_us=times,
                    **size,
                ),
                StreamDraft(
                    StreamKind.COLOUR, colour_path, codec="mjpeg", timestamps_us=times, **size
                ),
                StreamDraft(
                    StreamKind.SKELETON,
                    skeleton_path,
                    codec="npy",
                    timestamps_us=times,
                    **(size | {"width": 1, "height": 1}),
                ),
            ],
            pairs=np.stack([index, index, np.zeros_like(index)], axis=1),
            segments=[],
            calibration=calibration,
        )
        return TakeFiles.of(library, add_take(library, staging, draft))


def drawings(view: QWidget) -> set[str]:
    return set(view._drawings)  # type: ignore[attr-defined]


def test_crop_is_drawn_on_both_pictures_once_it_is_computed(
    qtbot: QtBot, player: Player, squares: TakeFiles
):
    player.show_take(squares)
    player.overlays.choices[Overlay.CROP].setChecked(True)
    qtbot.waitUntil(lambda: "crop" in drawings(player.depth_view), timeout=10_000)
    assert "crop" in drawings(player.colour_view)
    player.overlays.choices[Overlay.CROP].setChecked(False)
    assert not drawings(player.depth_view)


def test_what_the_student_does_not_see_is_darker():
    picture = QImage(100, 80, QImage.Format.Format_RGB32)
    picture.fill("#C0C0C0")
    painter = QPainter(picture)
    drawing = crop_drawing(QRectF(0.25, 0.25, 0.5, 1.0), QRectF(0, 0, 1, 0.75))
    drawing(painter, QTransform.fromScale(100, 80), QRectF(0, 0, 100, 80))
    painter.end()
    assert picture.pixelColor(50, 40).name() == "#c0c0c0"
    assert picture.pixelColor(10, 40).lightness() < 100
    assert picture.pixelColor(50, 70).lightness() < 100, "below what is seen, within the square"


def test_flow_follows_the_shown_moment(qtbot: QtBot, player: Player, squares: TakeFiles):
    player.show_take(squares)
    player.overlays.choices[Overlay.FLOW].setChecked(True)
    for index in (0, 7, 3):
        player.go_to(index)
        qtbot.waitUntil(lambda index=index: player.shown == index, timeout=5000)
        qtbot.waitUntil(lambda: "flow" in drawings(player.colour_view), timeout=10_000)
    assert "flow" not in drawings(player.depth_view)


def test_flow_to_the_right_is_red_and_what_stands_is_clear():
    vectors = np.zeros((4, 4, 2), np.float32)
    vectors[:, 2:, 0] = 4.0
    picture = coloured(vectors, 4.0)
    assert picture.format() == QImage.Format.Format_RGBA8888
    assert picture.pixelColor(0, 0).alpha() == 0
    moving = picture.pixelColor(3, 0)
    assert (moving.red(), moving.green(), moving.blue()) == (255, 0, 0)
    assert moving.alpha() > 200


def test_skeleton_lies_on_depth_and_on_aligned_colour(
    qtbot: QtBot, player: Player, library: Library
):
    player.show_take(add_take_with_skeleton(library, Calibration(LENS, LENS)))
    player.overlays.choices[Overlay.SKELETON].setChecked(True)
    for view in (player.depth_view, player.colour_view):
        qtbot.waitUntil(lambda view=view: "skeleton" in drawings(view), timeout=5000)
        qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
        picture = view.grab().toImage()
        assert picture.pixelColor(picture.rect().center()).name() == "#ffffff"


def test_skeleton_is_not_drawn_where_it_is_not_known_to_lie(
    qtbot: QtBot, player: Player, library: Library
):
    elsewhere = replace(LENS, width=128, height=96, fx=120.0, fy=120.0, cx=64.0, cy=48.0)
    player.show_take(add_take_with_skeleton(library, Calibration(LENS, elsewhere)))
    choice = player.overlays.choices[Overlay.SKELETON]
    choice.setChecked(True)
    qtbot.waitUntil(lambda: "skeleton" in drawings(player.depth_view), timeout=5000)
    assert "skeleton" not in drawings(player.colour_view)
    assert "on depth only" in choice.toolTip()


def test_what_a_take_does_not_have_says_why(player: Player, squares: TakeFiles, library: Library):
    player.show_take(squares)
    choices = player.overlays.choices
    assert not choices[Overlay.SKELETON].isEnabled()
    assert "no skeleton" in choices[Overlay.SKELETON].toolTip()
    alone = next(row for row in list_takes(library) if not row.has_colour)
    player.show_take(TakeFiles.of(library, take(library, alone.id)))
    assert not choices[Overlay.FLOW].isEnabled()
    assert choices[Overlay.CROP].isEnabled()


def test_overlay_that_fails_is_a_sentence_and_the_take_still_plays(
    qtbot: QtBot, player: Player, library: Library
):
    files = add_take_with_skeleton(library, Calibration(LENS, LENS))
    stream = files.take.stream(StreamKind.SKELETON)
    assert stream is not None
    Path(library.absolute(stream.path)).write_bytes(b"no skeleton")
    player.show_take(files)
    choice = player.overlays.choices[Overlay.SKELETON]
    choice.setChecked(True)
    qtbot.waitUntil(lambda: not choice.isEnabled(), timeout=5000)
    assert "skeleton.npy" in choice.toolTip()
    player.go_to(4)
    qtbot.waitUntil(lambda: player.shown == 4, timeout=5000)


def test_choice_holds_for_the_next_take(qtbot: QtBot, player: Player, squares: TakeFiles):
    player.show_take(squares)
    player.overlays.choices[Overlay.CROP].setChecked(True)
    player.show_take(None)
    player.show_take(squares)
    qtbot.waitUntil(lambda: "crop" in drawings(player.depth_view), timeout=10_000)


def test_region_is_dragged_on_depth(qtbot: QtBot, player: Player, squares: TakeFiles):
    player.show_take(squares)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
    player.draw_region()
    view = player.depth_view
    place = view._place()
    start = place.topLeft() + QPoint(place.width() // 4, place.height() // 4)
    end = place.topLeft() + QPoint(place.width() // 2, place.height() * 3 // 4)
    qtbot.mousePress(view, LEFT, pos=end)
    qtbot.mouseMove(view, start)
    with qtbot.waitSignal(player.region_drawn, timeout=1000) as drawn:
        qtbot.mouseRelease(view, LEFT, pos=start)
    assert drawn.args is not None
    assert drawn.args[0] == pytest.approx((0.25, 0.25, 0.5, 0.75), abs=0.01)
    assert not player.region_tool.is_active


def test_escape_leaves_the_region_and_delete_takes_it_away(
    qtbot: QtBot, player: Player, squares: TakeFiles
):
    told: list[object] = []
    player.region_drawn.connect(told.append)
    player.show_take(squares)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
    player.draw_region()
    qtbot.keyClick(player.depth_view, Qt.Key.Key_Escape)
    assert told == []
    player.draw_region()
    qtbot.keyClick(player.depth_view, Qt.Key.Key_Delete)
    assert told == [None]
    assert not player.region_tool.is_active


def test_range_set_by_hand_colours_depth_and_stays_for_the_next_take(
    qtbot: QtBot, player: Player, squares: TakeFiles
):
    player.show_take(squares)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
    image = player.depth_view.image
    assert image is not None
    before = image.pixelColor(40, 20)
    player.range_tool.far.setValue(8.0)
    qtbot.waitUntil(lambda: player.scale.texts()[1] == "8.0 m", timeout=5000)
    image = player.depth_view.image
    assert image is not None
    assert image.pixelColor(40, 20) != before
    player.show_take(squares)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
    assert player.scale.texts()[1] == "8.0 m"
    player.range_tool.automatic.setChecked(True)
    qtbot.waitUntil(lambda: player.scale.texts()[1] == "3.2 m", timeout=5000)
    assert player.range_tool.chosen is None


def test_handles_of_the_range_never_pass_each_other(
    qtbot: QtBot, player: Player, squares: TakeFiles
):
    player.show_take(squares)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=5000)
    bar = player.range_tool.bar
    bar.resize(280, 28)
    bar.show_range(DepthRange(1.0, 3.0), 4.0)
    told: list[DepthRange] = []
    bar.range_changed.connect(told.append)
    qtbot.mousePress(bar, LEFT, pos=QPoint(round(bar._x(1.0)), 14))
    qtbot.mouseMove(bar, QPoint(round(bar._x(3.8)), 14))
    qtbot.mouseRelease(bar, LEFT, pos=QPoint(round(bar._x(3.8)), 14))
    assert told[-1] == DepthRange(2.9, 3.0)


def test_moment_in_the_colours_of_before_is_not_kept(squares: TakeFiles):
    frames = TakeFrames(squares)
    before = Moment(0, None, None, DepthRange(2.0, 3.0), 0)
    frames.show_range(DepthRange(1.0, 4.0))
    assert not frames._keep(before, None)
    assert frames.want(0) is None
