"""Published weights on the page Models: from a file, dropped, and fetched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.models import published_dialog
from app.pages.models.page import ModelsPage
from app.pages.models.published import is_published
from app.pages.models.published_dialog import Asked, PublishedDialog
from app.studio import Studio
from fsamt_engine.library import ModelKind
from fsamt_engine.library.models import list_models
from fsamt_engine.library.offered_weights import OFFERED
from fsamt_engine.progress import Progress
from tests.fsamt_engine.networks.layouts import slowonly_shapes, small


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, open_in, library_root: Path) -> Iterator[ModelsPage]:
    open_in(studio, library_root)
    made = ModelsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


@pytest.fixture
def agrees(monkeypatch: pytest.MonkeyPatch) -> list[PublishedDialog]:
    """Whoever is asked takes the middle of the frame and quick flow."""
    seen: list[PublishedDialog] = []

    def agree(dialog: PublishedDialog) -> bool:
        dialog.crop.choose("centre")
        dialog.flow.choose("dis")
        seen.append(dialog)
        return True

    monkeypatch.setattr(published_dialog.PublishedDialog, "exec", agree)
    return seen


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    import torch

    torch.save(small(slowonly_shapes(2, 400)), tmp_path / "flow.pth")
    return tmp_path / "flow.pth"


def test_a_dropped_file_of_weights_becomes_a_teacher(
    qtbot: QtBot, page: ModelsPage, weights: Path, agrees: list[PublishedDialog]
) -> None:
    page.drop_area.dropped.emit([weights])
    qtbot.waitUntil(lambda: bool(agrees), timeout=60_000)
    assert agrees[0].list.isHidden()
    assert not agrees[0].flow.isHidden(), "these see flow"
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=60_000)
    (model,) = list_models(page.studio.library)
    assert (model.kind, model.network) == (ModelKind.TEACHER, "slowonly_50")
    assert model.settings["crop"] == "centre"
    assert page.list.chosen == model
    assert "Licence: Apache-2.0" in page.notice.hint
    assert page.lineage is not None
    assert page.lineage.missing == ()
    (station,) = page.way.stations
    assert "has seen nobody of this library" in station.lines


def test_how_flow_is_computed_is_not_asked_of_weights_of_rgb(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path, agrees: list[PublishedDialog]
) -> None:
    import torch

    torch.save(small(slowonly_shapes(3, 400)), tmp_path / "rgb.pth")
    page.drop_area.dropped.emit([tmp_path / "rgb.pth"])
    qtbot.waitUntil(lambda: bool(agrees), timeout=60_000)
    assert agrees[0].flow.isHidden()
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=60_000)
    assert [model.modality for model in list_models(page.studio.library)] == ["rgb"]


def test_a_wrong_file_is_refused_in_words(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path, agrees: list[PublishedDialog]
) -> None:
    (tmp_path / "photo.pth").write_bytes(b"<html>quota exceeded</html>")
    page.drop_area.dropped.emit([tmp_path / "photo.pth"])
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=60_000)
    assert "web page" in page.notice.message
    assert not agrees, "nothing is asked about a wrong file"
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=5_000)


def test_weights_are_fetched_by_name_and_can_be_stopped(
    qtbot: QtBot,
    page: ModelsPage,
    agrees: list[PublishedDialog],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from fsamt_engine.errors import Cancelled
    from fsamt_engine.learning import weights_download

    asked_for: list[str] = []

    def fetch(_library, name, _options, *, on_progress, should_stop):
        asked_for.append(name)
        on_progress(Progress("Fetching", 1, 2))
        while not should_stop():
            threading.Event().wait(0.01)
        raise Cancelled(resumable=True)

    monkeypatch.setattr(weights_download, "download", fetch)
    page.changes.choose_offered()
    qtbot.waitUntil(lambda: page.stop_button.isVisible() and bool(asked_for), timeout=60_000)
    assert not page.bring_in_button.isEnabled()
    page.stop_button.click()
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=30_000)
    assert "no model came in" in page.notice.message
    assert "goes on from there" in page.notice.hint
    assert asked_for == [OFFERED[0].name]
    qtbot.waitUntil(lambda: not page.stop_button.isVisible(), timeout=5_000)


def test_what_is_offered_says_its_size_and_its_licence(qtbot: QtBot, page: ModelsPage) -> None:
    dialog = PublishedDialog(OFFERED, "", page)
    qtbot.addWidget(dialog)
    assert dialog.list.count() == len(OFFERED)
    assert dialog.flow.isHidden(), "nothing that is offered sees flow"
    assert dialog.bring_in_button.text() == "Fetch 127 MB"
    dialog.list.setCurrentRow([one.name for one in OFFERED].index("videomae:base"))
    assert "not for commercial use" in dialog.licence.text()
    assert dialog.asked == Asked("videomae:base", "person", "tv-l1")


def test_only_what_is_none_of_ours_is_taken_for_published_weights(tmp_path: Path) -> None:
    for folder in ("embedder", "ours", "photos"):
        (tmp_path / folder).mkdir()
    (tmp_path / "embedder" / "config.json").touch()
    (tmp_path / "ours" / "model.json").touch()
    for name in ("w.pth", "w.pth.tar", "b.zip", "model.json", "weights.safetensors"):
        (tmp_path / name).touch()
    taken = {path.name for path in tmp_path.iterdir() if is_published(path)}
    assert taken == {"embedder", "w.pth", "w.pth.tar"}
