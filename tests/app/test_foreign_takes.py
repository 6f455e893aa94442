"""Takes of data sets in the window: without depth, with infrared, skeletons alone, elsewhere."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.journey import Standing
from app.pages.library.facts import TakeFacts
from app.pages.live.take_picker import TakePicker
from app.pages.start.next_step import NextStep, Step
from app.widgets.clip_pictures import ClipPictures
from app.widgets.player import Player
from app.widgets.playing.overlays import Overlay
from app.widgets.take_frames import OpenedTake, TakeFiles
from app.widgets.thumbnails import draw_thumbnail
from fsamt_engine.datasets import import_data_set
from fsamt_engine.datasets.importing import ImportChoice
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.takes import list_takes, take
from tests.fsamt_engine.datasets.lying import LyingDataSet, write_take

Bring = Callable[..., TakeFiles]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "library") as made:
        yield made


@pytest.fixture
def bring(library: Library, tmp_path: Path) -> Bring:
    """Imports a take that lacks something."""

    def bring_in(*gone: str, in_place: bool = True) -> TakeFiles:
        write_take(tmp_path / "set", "p1a")
        for kind in gone:
            shutil.rmtree(tmp_path / "set" / kind)
        choice = ImportChoice(in_place=in_place)
        assert import_data_set(library, LyingDataSet(), tmp_path / "set", choice).added == 1
        return TakeFiles.of(library, take(library, list_takes(library)[0].id))

    return bring_in


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    made = Player()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    yield made
    made.close_files()


def show(qtbot: QtBot, player: Player, files: TakeFiles) -> None:
    player.show_take(files)
    qtbot.waitUntil(lambda: player.shown == 0, timeout=10_000)


def is_grey(image: QImage | None) -> bool:
    assert image is not None
    return image.format() == QImage.Format.Format_Grayscale8


def test_depth_or_infrared_is_shown_beside_colour(qtbot: QtBot, player: Player, bring: Bring):
    show(qtbot, player, bring())
    assert player.sensor.isVisible()
    assert not is_grey(player.depth_view.image)
    assert player.pictures.titles[StreamKind.DEPTH].text() == "Depth · 32 × 24"
    player.sensor.setCurrentIndex(1)
    qtbot.waitUntil(lambda: is_grey(player.depth_view.image), timeout=5000)
    assert player.pictures.titles[StreamKind.DEPTH].text() == "Infrared · 32 × 24"
    assert player.depth_view.accessibleName() == "Infrared"
    player.go_to(5)
    qtbot.waitUntil(lambda: player.shown == 5, timeout=5000)
    assert is_grey(player.depth_view.image)
    player.sensor.setCurrentIndex(0)
    qtbot.waitUntil(lambda: not is_grey(player.depth_view.image), timeout=5000)


def test_take_without_depth_is_played_by_infrared_and_colour(
    qtbot: QtBot, player: Player, bring: Bring
):
    show(qtbot, player, bring("depth"))
    assert is_grey(player.depth_view.image)
    assert player.colour_view.image is not None
    assert player.n_moments == 6
    assert not player.sensor.isVisible()
    assert not player.range_tool.isEnabled()
    player.overlays.choices[Overlay.SKELETON].setChecked(True)
    assert player.overlays.choices[Overlay.SKELETON].isEnabled()


def test_colour_alone_is_played(qtbot: QtBot, player: Player, bring: Bring):
    show(qtbot, player, bring("depth", "infrared", "skeleton"))
    assert player.colour_view.image is not None
    assert player.depth_view.image is None
    assert "no depth" in player.depth_view.accessibleDescription()
    player.go_to(3)
    qtbot.waitUntil(lambda: player.shown == 3, timeout=5000)


def test_skeleton_alone_is_drawn_as_a_figure(qtbot: QtBot, player: Player, bring: Bring):
    show(qtbot, player, bring("depth", "infrared", "rgb"))
    image = player.depth_view.image
    assert image is not None
    colours = {image.pixelColor(x, y).name() for x in range(0, 400, 4) for y in range(0, 400, 4)}
    assert len(colours) > 2
    assert player.pictures.titles[StreamKind.DEPTH].text() == "Skeleton · 25 joints"
    assert "no colour" in player.colour_view.accessibleDescription()
    assert not player.overlays.choices[Overlay.SKELETON].isEnabled()


def test_frames_that_are_not_there_any_more_are_told_in_a_sentence(
    qtbot: QtBot, player: Player, bring: Bring, tmp_path: Path
):
    files = bring()
    (tmp_path / "set").rename(tmp_path / "moved")
    with qtbot.waitSignal(player.failed, timeout=5000) as caught:
        player.show_take(files)
    assert "is not there" in caught.args[0].message
    assert "relocate" in caught.args[0].hint


def test_colour_that_is_gone_leaves_depth_to_be_shown(
    qtbot: QtBot, player: Player, bring: Bring, tmp_path: Path
):
    files = bring()
    (tmp_path / "set" / "rgb" / "p1a.avi").unlink()
    show(qtbot, player, files)
    assert player.depth_view.image is not None
    assert player.colour_view.image is None


def test_pictures_that_are_gone_leave_the_other_moments(
    qtbot: QtBot, player: Player, bring: Bring, tmp_path: Path
):
    files = bring()
    (tmp_path / "set" / "depth" / "p1a" / "D-00000006.png").unlink()
    for picture in (tmp_path / "set" / "infrared" / "p1a").iterdir():
        picture.write_bytes(b"no picture")
    show(qtbot, player, files)
    assert player.depth_view.image is not None
    player.go_to(5)
    qtbot.waitUntil(lambda: player.shown == 5, timeout=5000)
    assert player.depth_view.image is None
    assert player.colour_view.image is not None


def test_facts_say_what_lies_outside(
    qtbot: QtBot, player: Player, bring: Bring, library: Library, tmp_path: Path
):
    files = bring()
    facts = TakeFacts()
    qtbot.addWidget(facts)
    facts.show_take(files, take_quality(library, files.take.id), ())
    opened: list[OpenedTake] = []
    player.opened.connect(opened.append)
    show(qtbot, player, files)
    facts.show_opened(opened[0])
    assert "Outside the library" in facts.texts()
    assert str(tmp_path / "set" / "rgb" / "p1a.avi") in facts.texts()


@pytest.mark.parametrize(
    ("gone", "step"),
    [
        ((), Step.TEACHER),
        (("depth",), Step.TEACHER),
        (("depth", "infrared"), Step.TEACHER),
        (("depth", "infrared", "skeleton"), Step.PAIRS),
        (("depth", "rgb"), Step.PAIRS),
    ],
)
def test_start_asks_for_pairs_only_where_nothing_can_be_transferred(
    bring: Bring, library: Library, gone: tuple[str, ...], step: Step
):
    bring(*gone)
    assert NextStep.of(library, Standing.of(library)).step is step


def test_live_offers_takes_with_depth_alone(
    qtbot: QtBot, bring: Bring, library: Library, tmp_path: Path
):
    picker = TakePicker()
    qtbot.addWidget(picker)
    bring("depth")
    picker.read_library(library, ())
    assert picker.take is None
    write_take(tmp_path / "other", "p2b")
    import_data_set(library, LyingDataSet(), tmp_path / "other")
    picker.read_library(library, ())
    assert picker.take is not None
    assert (picker.take.participant, picker.takes.rowCount()) == ("p2", 1)


@pytest.mark.parametrize("gone", [(), ("depth",), ("depth", "infrared", "rgb"), ("rgb", "depth")])
def test_small_pictures_show_what_there_is(
    qtbot: QtBot, bring: Bring, library: Library, gone: tuple[str, ...]
):
    files = bring(*gone)
    image = draw_thumbnail(library, files.take.id)
    seen = {image.pixelColor(x, y).name() for x in range(0, 192, 3) for y in range(0, 96, 3)}
    assert len(seen) > 2
    pictures = ClipPictures(library)
    assert pictures.pixmap(files.take.id, 3) is None
    qtbot.waitUntil(lambda: pictures.pixmap(files.take.id, 3) is not None, timeout=5000)
    pictures.close()
