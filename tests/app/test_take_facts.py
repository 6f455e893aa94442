"""What the inspector of the library page says of a take."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.pages.library.facts import TakeFacts
from app.studio import Studio
from app.widgets.depth_colours import DepthRange
from app.widgets.skew_histogram import SkewHistogram
from app.widgets.take_frames import OpenedTake
from fsamt_engine.library import Library, Recording, StreamKind
from tests.app.conftest import add_square_take

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Open) -> Iterator[LibraryPage]:
    """A library of two recorded takes, one by a program that was killed, and an imported one."""
    root = tmp_path / "recorded"
    recovered = Recording(
        "realsense:0123",
        "Intel RealSense D435",
        "0123",
        "5.16.0.1",
        "2.1",
        n_dropped={"depth": 1, "colour": 4},
        ended="killed",
        part=2,
        marks=(("wave", 5), ("wave", 6)),
    )
    with Library.create(root) as library:
        add_square_take(library, "P1", "across", 0, recording=Recording("simulated"))
        add_square_take(library, "P1", "across", 1, recording=recovered)
        add_square_take(library, "P1", "across", 2)
    open_in(studio, root)
    made = LibraryPage(studio)
    qtbot.addWidget(made)
    made.resize(1200, 660)
    made.show()
    made.entered()
    yield made
    studio.close_library()


def test_verdict_is_a_word_a_mark_and_a_sentence(page: LibraryPage):
    page.list.choose(0)
    lines = page.inspector.one.texts().split("\n")
    assert "Good" in lines
    sentence = "20 pairs, none dropped, skew 2.0 ms at the 95th percentile: good for transfer."
    assert sentence in lines
    assert lines[lines.index("Skew, 95 %") + 1] == "2.0 ms"
    index = page.list.takes.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).endswith("Good")


def test_recording_tells_camera_drops_rates_and_that_it_was_recovered(
    page: LibraryPage, qtbot: QtBot
):
    page.list.choose(1)
    qtbot.waitUntil(lambda: "D435" in page.inspector.one.texts(), timeout=2000)
    facts = page.inspector.one.texts()
    for words in ("Intel RealSense D435", "5.16.0.1", "2.1", "recovered", "Part", "Marks"):
        assert words in facts
    lines = facts.split("\n")
    assert lines[lines.index("Marks") + 1] == "wave"
    assert lines.count("30.00 of 30 Hz") == 2
    dropped = [lines[place + 1] for place, line in enumerate(lines) if line == "Dropped"]
    assert sorted(dropped) == ["1", "4"]


def test_take_without_a_recording_says_nothing_of_one(page: LibraryPage, qtbot: QtBot):
    page.list.choose(2)
    qtbot.waitUntil(lambda: "Caution" in page.inspector.one.texts(), timeout=2000)
    lines = page.inspector.one.texts().split("\n")
    assert "Recording" not in lines
    assert "Caution" in lines
    assert any("No times were recorded" in line for line in lines)
    assert "30 Hz" in lines
    assert lines[lines.index("Skew") + 1] == "not known"
    assert not any(shown.isVisible() for shown in page.inspector.one.findChildren(SkewHistogram))


def test_histogram_shows_every_pair_and_says_it_in_words(page: LibraryPage):
    page.list.choose(0)
    histogram = page.inspector.one.findChild(SkewHistogram)
    assert histogram.counts.sum() == 20
    assert histogram.reach_ms == 2
    assert "median 2.0 ms" in histogram.accessibleName()


def test_histogram_has_zero_in_the_middle_and_late_depth_on_the_right(qtbot: QtBot):
    histogram = SkewHistogram()
    qtbot.addWidget(histogram)
    histogram.show_skews(np.array([0, 0, 4_900, -4_900, 700]))
    middle = len(histogram.counts) // 2
    assert histogram.reach_ms == 5
    assert (histogram.counts[0], histogram.counts[middle], histogram.counts[-1]) == (1, 2, 1)
    assert histogram.counts[middle + 1 : -1].sum() == 1
    histogram.show_skews(np.array([500_000]))
    assert (histogram.reach_ms, histogram.counts[-1]) == (100, 1)


def test_histogram_is_painted(qtbot: QtBot):
    histogram = SkewHistogram()
    qtbot.addWidget(histogram)
    histogram.resize(230, histogram.sizeHint().height())
    empty = histogram.grab().toImage()
    histogram.show_skews(np.arange(-9_000, 9_000, 100))
    assert histogram.grab().toImage() != empty


def test_path_outside_the_library_does_not_make_the_inspector_wider(qtbot: QtBot):
    facts = TakeFacts()
    qtbot.addWidget(facts)
    before = facts.minimumSizeHint().width()
    place = "/data/nturgb+d_rgb/" + "S001C001P002R001A001" * 4 + "_rgb.avi"
    nothing = OpenedTake(1, 0, DepthRange(1.0, 2.0), ((StreamKind.COLOUR, place, 2048),))
    facts.show_opened(nothing)
    assert facts.minimumSizeHint().width() < max(before, 220)
    assert place in facts.texts()
