"""Labels on a take without depth, in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.label import LabelPage
from app.studio import Studio
from fsamt_engine.datasets import import_data_set
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from tests.fsamt_engine.datasets.lying import LyingDataSet, write_take


@pytest.mark.parametrize("gone", [("depth",), ("depth", "infrared"), ("depth", "infrared", "rgb")])
def test_take_without_depth_is_shown_with_its_labels(
    qtbot: QtBot,
    studio: Studio,
    tmp_path: Path,
    open_in: Callable[[Studio, Path], None],
    gone: tuple[str, ...],
):
    write_take(tmp_path / "set", "p1a")
    for kind in gone:
        (tmp_path / "set" / kind).rename(tmp_path / f"gone {kind}")
    with Library.create(tmp_path / "library") as library:
        import_data_set(library, LyingDataSet(), tmp_path / "set")
        assert [(s.start, s.end) for s in segments(library)] == [(0, 6)]
    open_in(studio, tmp_path / "library")
    page = LabelPage(studio)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.entered()
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=10_000)
    assert page.player.n_moments == 6
    assert page.desk.n_frames == 6
    page.player.close_files()
    studio.close_library()
