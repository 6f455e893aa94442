"""Detectors on the page Label: what they find becomes suggestions, which are accepted by a key."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.pages.label import LabelPage
from app.pages.label.suggest_dialog import SUGGEST, SuggestDialog, able_to_suggest
from app.studio import Studio
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.suggestions import list_suggestions
from tests.app.detecting import add_detector, add_long_take
from tests.app.test_detector_wizard import DETECTOR_FACTS
from tests.app.test_finetune_wizard import add_trained

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, tmp_path: Path, open_in: Open, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LabelPage]:
    """A take without labels, and a detector that finds two segments in it."""
    root = tmp_path / "long"
    with Library.create(root) as library:
        add_long_take(library, "P1", 0)
        add_long_take(library, "P3", 0, labels=())
        add_trained(library, "student-1", "P1")
        add_detector(library, "detector-1", "P1")

    def detect(
        library: Library, model: ModelRecord, take_ids: list[str], **_: object
    ) -> dict[str, tuple[Detection, ...]]:
        return {
            one: (
                Detection(one, "P3", "down", 20.2, 40.0, 0.8),
                Detection(one, "P3", "across", 60.0, 71.0, 0.3),
            )
            for one in take_ids
            if not segments(library, take_ids=[one])
        }

    monkeypatch.setattr("fsamt_engine.detection.search.detect", detect)
    studio.engine.facts = DETECTOR_FACTS
    open_in(studio, root)
    made = LabelPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


def test_detector_suggests_segments_and_makes_no_groups(qtbot: QtBot, page: LabelPage):
    assert page.studio.library is not None
    models = able_to_suggest(page.studio.library)
    assert [model.id for model in models] == ["detector-1", "student-1"]
    dialog = SuggestDialog(models)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.finds_segments
    assert dialog.about.isVisible()
    assert dialog.go.text() == "Suggest 48 segments"
    assert "detector" in dialog.model.currentText()
    dialog.model.setCurrentIndex(1)
    dialog.kind.choose("groups")
    assert dialog.go.text() == "Group the clips"
    dialog.model.setCurrentIndex(0)
    assert dialog.kind.value == SUGGEST


def test_what_a_detector_finds_is_accepted_with_its_bounds(qtbot: QtBot, page: LabelPage):
    library = page.studio.library
    assert library is not None
    suggesting = page.work.suggesting
    with qtbot.waitSignal(suggesting.suggested, timeout=30_000):
        suggesting.suggest(able_to_suggest(library)[0], 1)
    qtbot.waitUntil(lambda: not page.work.strip.is_busy, timeout=5000)
    (first,) = list_suggestions(library)
    assert (first.action, first.start, first.end) == ("down", 20, 40)
    assert page.desk.suggestion == first
    qtbot.keyClick(page.queue.list, Qt.Key.Key_Return)
    found = segments(library, take_ids=[first.take_id])
    assert ("down", 20, 40) in [(one.action, one.start, one.end) for one in found]
