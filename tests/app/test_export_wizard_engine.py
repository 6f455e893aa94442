"""A recogniser with real weights leaves by the wizard, and comes into another library by a drop."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.library import LibraryPage
from app.pages.models import ModelsPage
from app.pages.models.exporting_choice import Purpose
from app.studio import Studio
from fsamt_engine.evaluation.seen import seen_participants
from fsamt_engine.learning import FinetuneSettings, FitSettings, finetune
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import make_snapshot
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Crop, CropMode, DepthPreparation, Preparation

Open = Callable[[Studio, Path], None]
ACTIONS = ("across", "down")
EXPORT_MS = 120_000


@pytest.fixture(scope="module")
def trained_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares, with a recogniser that P1 has trained for an epoch, to be tested on P2."""
    root = tmp_path_factory.mktemp("trained") / "library"
    shutil.copytree(_square_source, root)
    preparation = DepthPreparation(size=16, crop=Crop(mode=CropMode.FRAME), relative=False)
    settings = FinetuneSettings(
        shape=ClipShape(n_frames=4, step=1, size=16),
        preparation=Preparation(preparation),
        fit=FitSettings(epochs=1, batch_size=4),
    )
    with Library.open(root) as library:

        def items(who: str) -> list[SnapshotItem]:
            return [
                SnapshotItem(s.take_id, who, s.start, s.end, s.action)
                for s in segments(library, participants=[who])
            ]

        taught = make_snapshot("test", ACTIONS, items("P1"), (), items("P2"))
        finetune(library, None, taught, settings, device="cpu")
    return root


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, open_in: Open, trained_source: Path, tmp_path: Path
) -> Iterator[ModelsPage]:
    """The page of a library whose one model can leave."""
    shutil.copytree(trained_source, tmp_path / "trained")
    open_in(studio, tmp_path / "trained")
    made = ModelsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "for others"
    made.mkdir()
    return made


def begin(page: ModelsPage, folder: Path, purpose: Purpose) -> None:
    page.export_button.click()
    wizard = page.exporting.wizard
    wizard.purpose_step.choose(purpose)
    wizard.place_step.folder.setText(str(folder))
    wizard.go_to(2)
    wizard.next_button.click()


def export(qtbot: QtBot, page: ModelsPage, folder: Path, purpose: Purpose) -> Path:
    """Through the steps to the end; the file that was handed over."""
    begin(page, folder, purpose)
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=EXPORT_MS)
    assert page.exporting.result.isVisible(), page.notice.message + page.notice.details
    assert [one.name for one in folder.iterdir()] == [page.exporting.wizard.choice.out.name]
    return page.exporting.wizard.choice.out


def drop(page: ModelsPage, *paths: Path) -> None:
    """Hold paths over the page, then let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    held = (data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, *held))
    assert page.drop_area.overlay.isVisible()
    QApplication.sendEvent(page, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, *held))
    assert not page.drop_area.overlay.isVisible()


def test_bundle_leaves_and_comes_into_another_library_by_a_drop(
    qtbot: QtBot, page: ModelsPage, folder: Path, tmp_path: Path, open_in: Open
):
    bundle = export(qtbot, page, folder, Purpose.COLLEAGUE)
    result = page.exporting.result
    assert result.agreement.text() == "28 of 28 clips: the same answer"
    assert "recognise.py" in result.command.text
    assert "P1" not in result.model_card.toPlainText()
    with zipfile.ZipFile(bundle) as archive:
        assert {"model.onnx", "CARD.md", "recognise.py", "LICENCE"} <= set(archive.namelist())
        assert b'"P1"' not in archive.read("model.json")
    original = page.list.models[0]
    (tmp_path / "elsewhere").mkdir()
    open_in(page.studio, tmp_path / "elsewhere")
    page.entered()
    drop(page, bundle)
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=30_000)
    assert page.notice.message == f"Brought in: {original.name}."
    assert page.list.chosen is not None
    assert page.list.chosen.id == original.id
    assert seen_participants(page.studio.library, page.list.chosen)
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=5_000)


def test_weights_leave_and_are_exactly_the_same(qtbot: QtBot, page: ModelsPage, folder: Path):
    made = export(qtbot, page, folder, Purpose.WEIGHTS)
    assert "exactly the same" in page.exporting.result.parity.text()
    weights = page.studio.library.absolute(page.list.models[0].path) / "weights.safetensors"
    with zipfile.ZipFile(made) as archive:
        assert archive.read("weights.safetensors") == weights.read_bytes()


def test_cancelled_on_the_way_nothing_is_left(qtbot: QtBot, page: ModelsPage, folder: Path):
    begin(page, folder, Purpose.COLLEAGUE)
    qtbot.waitUntil(lambda: bool(page.exporting.run.steps), timeout=EXPORT_MS)
    page.exporting.run.cancel_button.click()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=EXPORT_MS)
    assert "Nothing was left behind" in page.notice.message
    assert list(folder.iterdir()) == []


def test_file_that_came_there_meanwhile_is_not_replaced(
    qtbot: QtBot, page: ModelsPage, folder: Path
):
    page.export_button.click()
    wizard = page.exporting.wizard
    wizard.purpose_step.choose(Purpose.WEIGHTS)
    wizard.place_step.folder.setText(str(folder))
    wizard.go_to(2)
    wizard.choice.out.write_bytes(b"somebody's")
    wizard.next_button.click()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=EXPORT_MS)
    assert "is there already" in page.notice.message
    assert "is there already" in wizard.obstacle
    assert wizard.choice.out.read_bytes() == b"somebody's"


def test_altered_bundle_is_refused_and_nothing_comes_in(
    qtbot: QtBot, page: ModelsPage, folder: Path
):
    made = export(qtbot, page, folder, Purpose.WEIGHTS)
    altered = folder / "altered.zip"
    with zipfile.ZipFile(made) as archive, zipfile.ZipFile(altered, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, content.replace(b"across", b"ACROSS"))
    page.back_button.click()
    before = list_models(page.studio.library)
    drop(page, altered)
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=30_000)
    assert "is not what its manifest says" in page.notice.message
    assert list_models(page.studio.library) == before
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=5_000)


def test_bundle_that_is_dropped_on_the_library_page_comes_in_as_a_model(
    qtbot: QtBot, window: MainWindow, trained_source: Path, tmp_path: Path, open_in: Open
):
    shutil.copytree(trained_source, tmp_path / "trained")
    open_in(window.studio, tmp_path / "trained")
    window.go_to("library")
    library_page = window.current_page
    assert isinstance(library_page, LibraryPage)
    (tmp_path / "holiday.zip").write_bytes(b"PK, but no more")
    library_page.drop_area.dropped.emit([tmp_path / "holiday.zip"])
    page = window.current_page
    assert isinstance(page, ModelsPage)
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=30_000)
    assert page.notice.message.startswith("holiday.zip is damaged")
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=5_000)
    window.studio.close_library()


def test_several_things_at_once_are_not_brought_in(page: ModelsPage, folder: Path):
    drop(page, folder / "one.zip", folder / "two.zip")
    assert "2 things were dropped at once" in page.notice.message
    assert page.bring_in_button.isEnabled()
