"""The steps of an export, the run and the result; what the engine makes is tested beside it."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.finetune import FinetunePage
from app.pages.models import ModelsPage
from app.pages.models.exporting_choice import ExportChoice, Precision, Purpose
from app.studio import Studio
from app.tasks import Work
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.export.settings import (
    Exported,
    ExportFormat,
    Parity,
    ParityRefusedError,
    Speed,
)
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import model
from fsamt_engine.progress import OnProgress, Progress, ShouldStop
from tests.app.modelling import add_line
from tests.app.test_every_page import Marking, controls, named

Open = Callable[[Studio, Path], None]
Engine = Callable[[Library, ModelRecord, ExportChoice], Work]
RECOGNISER = "recogniser-00000003"
# Names of files and licences, code, and what the engine says of its work.
TOLD = re.compile(
    r"\.zip|recogniser of P1|import|Comparing|across|whom it has not seen|MB|^pip|^model ="
)
PARITY = Parity(48, 6, 47, 0.0034, 0.000012, 0.01, "1 person whom it has not seen")


@pytest.fixture
def line_root(library_root: Path) -> Path:
    with Library.open(library_root) as library:
        add_line(library)
    return library_root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "for others"
    made.mkdir()
    return made


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, open_in: Open, line_root: Path, folder: Path
) -> Iterator[ModelsPage]:
    """The page at the first step of an export into an empty folder."""
    open_in(studio, line_root)
    made = ModelsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    made.export(RECOGNISER)
    made.exporting.wizard.place_step.folder.setText(str(folder))
    yield made
    studio.close_library()


def written(choice: ExportChoice) -> Exported:
    """As the engine tells what it has made."""
    choice.out.write_bytes(b"handed over")
    return Exported(
        path=choice.out,
        format=choice.format,
        model_id=RECOGNISER,
        n_bytes=2_700_000,
        parity=PARITY,
        speeds=(Speed("32-bit", 10.0, 9_000_000), Speed("8-bit", 15.0, 2_700_000)),
        card="# The card\n\nIt was not tested.",
        seconds=3.0,
    )


def answer_with(monkeypatch: pytest.MonkeyPatch, act: Callable[..., Exported]) -> None:
    """Let the engine do this instead; `act` gets the choice, `on_progress` and `should_stop`."""

    def exporting(library: Library, record: ModelRecord, choice: ExportChoice) -> Work:
        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Exported:
            return act(choice, on_progress, should_stop)

        return work

    monkeypatch.setattr("app.pages.models.exporting.exporting", exporting)


def run_to_end(qtbot: QtBot, page: ModelsPage) -> None:
    page.exporting.wizard.go_to(2)
    assert page.exporting.wizard.next_button.isEnabled(), page.exporting.wizard.obstacle
    page.exporting.wizard.next_button.click()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=10_000)


def activate(qtbot: QtBot, page: ModelsPage) -> None:
    """Keys that act on a whole page want its window to be the active one."""
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow, timeout=5_000)


def test_only_a_recogniser_can_leave_and_the_button_says_so(page: ModelsPage):
    page.exporting.closed.emit()
    page.choose("student-00000002")
    assert not page.export_button.isEnabled()
    assert "Only a recogniser or a detector" in page.export_button.toolTip()
    page.choose(RECOGNISER)
    page.export_button.click()
    assert page.exporting.isVisible()
    assert page.exporting.model == model(page.studio.library, RECOGNISER)


@pytest.mark.parametrize(
    ("purpose", "precision", "expected", "name"),
    [
        (Purpose.COLLEAGUE, Precision.AS_TRAINED, ExportFormat.BUNDLE, f"{RECOGNISER}.zip"),
        (Purpose.SOFTWARE, Precision.AS_TRAINED, ExportFormat.ONNX, f"{RECOGNISER}.onnx"),
        (Purpose.SOFTWARE, Precision.HALF, ExportFormat.ONNX_FP16, f"{RECOGNISER}-fp16.onnx"),
        (Purpose.SOFTWARE, Precision.BYTE, ExportFormat.ONNX_INT8, f"{RECOGNISER}-int8.onnx"),
        (Purpose.PYTORCH, Precision.AS_TRAINED, ExportFormat.PT2, f"{RECOGNISER}.pt2"),
        (Purpose.WEIGHTS, Precision.AS_TRAINED, ExportFormat.SAFETENSORS, f"{RECOGNISER}.zip"),
    ],
)
def test_what_it_is_for_decides_format_and_ending(
    page: ModelsPage,
    purpose: Purpose,
    precision: Precision,
    expected: ExportFormat,
    name: str,
    folder: Path,
):
    wizard = page.exporting.wizard
    wizard.purpose_step.choose(purpose)
    wizard.contents_step.precision.choose(str(precision))
    assert (wizard.choice.format, wizard.choice.out) == (expected, folder / name)


def test_precision_is_asked_for_onnx_alone_and_forgotten_for_the_others(page: ModelsPage):
    wizard = page.exporting.wizard
    wizard.purpose_step.choose(Purpose.SOFTWARE)
    wizard.contents_step.precision.choose(str(Precision.BYTE))
    wizard.go_to(1)
    assert wizard.contents_step.precision.isVisible()
    wizard.purpose_step.choose(Purpose.COLLEAGUE)
    assert not wizard.contents_step.precision.isVisible()
    assert wizard.choice.format is ExportFormat.BUNDLE


def test_larger_difference_is_allowed_for_the_smaller_variants_alone(page: ModelsPage):
    wizard, contents = page.exporting.wizard, page.exporting.wizard.contents_step
    wizard.purpose_step.choose(Purpose.SOFTWARE)
    wizard.go_to(1)
    assert not contents.tolerance.isVisible()
    assert wizard.choice.settings.tolerance is None
    contents.precision.choose(str(Precision.BYTE))
    assert contents.tolerance.isVisible()
    assert wizard.choice.settings.tolerance == ExportFormat.ONNX_INT8.tolerance
    contents.tolerance.setValue(0.2)
    assert wizard.choice.settings.tolerance == 0.2
    wizard.purpose_step.choose(Purpose.COLLEAGUE)
    assert wizard.choice.settings.tolerance is None


def test_names_stay_here_until_they_are_asked_for_each_time_anew(page: ModelsPage):
    contents = page.exporting.wizard.contents_step
    assert not page.exporting.wizard.choice.settings.names_included
    assert "Names stay in this library" in said_in(contents)
    contents.names.click()
    assert page.exporting.wizard.choice.settings.names_included
    assert "consent" in said_in(contents)
    page.export(RECOGNISER)
    assert not page.exporting.wizard.choice.settings.names_included


def said_in(widget: object) -> str:
    assert hasattr(widget, "findChildren")
    return " ".join(one.text() for one in widget.findChildren(QLabel))


def test_licence_is_taken_from_the_list_or_written(page: ModelsPage):
    wizard, field = page.exporting.wizard, page.exporting.wizard.contents_step.licence
    assert wizard.choice.settings.licence == ""
    field.choice.setCurrentText("CC BY 4.0")
    field.choice.activated.emit(field.choice.currentIndex())
    assert "creativecommons.org/licenses/by/4.0" in wizard.choice.settings.licence
    assert "CC BY 4.0" in wizard.contents_step.summary
    field.text_field.setPlainText("Only within the clinic.")
    assert field.name == "In own words"
    assert wizard.choice.settings.licence == "Only within the clinic."


def test_name_of_ones_own_keeps_its_beginning_when_the_kind_changes(page: ModelsPage, folder: Path):
    wizard = page.exporting.wizard
    wizard.place_step.name.setText("kitchen")
    assert wizard.choice.out == folder / "kitchen.zip"
    wizard.purpose_step.choose(Purpose.PYTORCH)
    assert wizard.choice.out == folder / "kitchen.pt2"


def test_place_that_cannot_be_written_to_is_said_before_anything_begins(
    page: ModelsPage, folder: Path, line_root: Path, monkeypatch: pytest.MonkeyPatch
):
    place = page.exporting.wizard.place_step
    (folder / "there.zip").write_bytes(b"somebody's")
    for field, text, why in (
        (place.name, "there", "is there already"),
        (place.name, "a/b", "a character that names"),
        (place.name, "", "Give the file a name"),
        (place.folder, str(folder / "nowhere"), "no folder"),
        (place.folder, str(line_root), "keeps its own files"),
        (place.folder, "", "Choose a folder"),
    ):
        place.name.setText("good")
        place.folder.setText(str(folder))
        assert place.obstacle == ""
        field.setText(text)
        assert why in place.obstacle
        page.exporting.wizard.go_to(2)
        assert not page.exporting.wizard.next_button.isEnabled()
        assert page.exporting.wizard.next_button.toolTip() == place.obstacle
    place.folder.setText(str(folder))
    monkeypatch.setattr("app.pages.models.exporting_place.os.access", lambda *_: False)
    place.entered()
    assert "may not write" in place.obstacle


def test_full_disk_is_foreseen(page: ModelsPage, monkeypatch: pytest.MonkeyPatch):
    class Usage:
        free = 1_000_000

    monkeypatch.setattr("app.pages.models.exporting_place.shutil.disk_usage", lambda _: Usage)
    page.exporting.wizard.go_to(2)
    assert "Only 1.0 MB are free" in page.exporting.wizard.obstacle


def test_result_says_parity_size_and_that_a_variant_is_slower(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    def act(choice: ExportChoice, on_progress: OnProgress, should_stop: ShouldStop) -> Exported:
        on_progress(Progress("Building the graph", 1, 1))
        on_progress(Progress("Comparing with the original", 12, 48))
        return written(choice)

    answer_with(monkeypatch, act)
    page.exporting.wizard.purpose_step.choose(Purpose.SOFTWARE)
    page.exporting.wizard.contents_step.precision.choose(str(Precision.BYTE))
    run_to_end(qtbot, page)
    assert page.exporting.run.steps == ("Building the graph", "Comparing with the original")
    result = page.exporting.result
    assert result.isVisible()
    assert result.heading.text() == f"{RECOGNISER}-int8.onnx is ready"
    assert result.agreement.text() == "47 of 48 clips: the same answer"
    assert "is 0.0034, on average it is 0.000012. Up to 0.01" in result.parity.text()
    assert "15.0 ms a frame · 2.7 MB" in said_in(result)
    assert result.remark.text() == "30% of the size, but 1.5 times as slow on this computer’s CPU."
    assert "It was not tested." in result.model_card.toPlainText()
    result.command.copy_button.click()
    assert f'model = "{RECOGNISER}-int8.onnx"' in QGuiApplication.clipboard().text()
    assert result.command.lines.sizeHint().width() <= result.command.lines.width()
    assert page.exporting.open_button.isVisible()


def test_primary_button_opens_the_folder(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    opened: list[str] = []
    monkeypatch.setattr(
        "app.pages.models.exporting.QDesktopServices.openUrl",
        lambda url: opened.append(url.toLocalFile()),
    )
    answer_with(monkeypatch, lambda choice, *_: written(choice))
    run_to_end(qtbot, page)
    activate(qtbot, page)
    QTest.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened == [str(folder)]


def test_refused_parity_leaves_nothing_and_comes_back_to_the_steps(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    def act(*_: object) -> Exported:
        raise ParityRefusedError(PARITY)

    answer_with(monkeypatch, act)
    run_to_end(qtbot, page)
    assert "does not answer as the model does" in page.notice.message
    assert "Nothing was written" in page.notice.message
    assert page.exporting.wizard.isVisible()
    assert page.exporting.wizard.next_button.isEnabled()
    assert list(folder.iterdir()) == []


def test_disk_that_fills_meanwhile_is_said_in_words(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
):
    def act(*_: object) -> Exported:
        raise FsamtError("The disk is full.", "Make room, then try again.")

    answer_with(monkeypatch, act)
    run_to_end(qtbot, page)
    assert (page.notice.message, page.notice.hint) == (
        "The disk is full.",
        "Make room, then try again.",
    )
    assert not page.notice.details


def waiting(started: threading.Event) -> Callable[..., Exported]:
    """An engine that goes on until it is asked to stop."""

    def act(choice: ExportChoice, on_progress: OnProgress, should_stop: ShouldStop) -> Exported:
        on_progress(Progress("Comparing with the original", 1, 48))
        started.set()
        while should_stop() is None:
            threading.Event().wait(0.002)
        raise Cancelled

    return act


@pytest.fixture
def under_way(qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> ModelsPage:
    """An export that goes on until it is asked to stop."""
    started = threading.Event()
    answer_with(monkeypatch, waiting(started))
    page.exporting.wizard.go_to(2)
    page.exporting.wizard.next_button.click()
    qtbot.waitUntil(started.is_set, timeout=5_000)
    return page


def test_export_under_way_is_cancelled_and_says_that_nothing_is_left(
    qtbot: QtBot, under_way: ModelsPage, folder: Path
):
    page = under_way
    assert page.studio.board.running
    assert not page.exporting.waiting_button.isEnabled()
    assert not page.back_button.isVisible()
    QTest.keyClick(page.exporting.run.cancel_button, Qt.Key.Key_Space)
    assert page.exporting.run.cancel_button.text() == "Cancelling…"
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=5_000)
    assert page.notice.message == "The export was cancelled. Nothing was left behind."
    assert list(folder.iterdir()) == []
    assert page.exporting.wizard.isVisible()
    assert page.back_button.isVisible()


def test_export_under_way_is_found_again_and_no_second_one_begins(
    qtbot: QtBot, under_way: ModelsPage
):
    page = under_way
    page.left()
    page.entered()
    assert page.exporting.run.isVisible()
    page.export(RECOGNISER)
    assert page.exporting.run.isVisible()
    page.exporting.cancel()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=5_000)


def test_closing_the_library_ends_the_export_and_the_steps(qtbot: QtBot, under_way: ModelsPage):
    page = under_way
    page.studio.close_library()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=5_000)
    page.entered()
    assert not page.exporting.isVisible()
    assert page.open_button.text().startswith("Open or create")


def test_escape_leads_back_to_the_models(qtbot: QtBot, page: ModelsPage):
    activate(qtbot, page)
    page.exporting.wizard.setFocus()
    QTest.keyClick(page.exporting, Qt.Key.Key_Escape)
    assert not page.exporting.isVisible()
    assert page.list.isVisible()
    assert page.open_button.isVisible()
    assert page.export_button.isVisible()


def test_folder_and_licence_of_the_last_export_are_offered_again(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    answer_with(monkeypatch, lambda choice, *_: written(choice))
    page.exporting.wizard.contents_step.licence.show_text("Only within the clinic.")
    run_to_end(qtbot, page)
    page.exporting.result.another.click()
    wizard = page.exporting.wizard
    assert wizard.isVisible()
    assert wizard.choice.settings.licence == "Only within the clinic."
    assert wizard.choice.out.parent == folder
    assert "is there already" in wizard.place_step.obstacle


def test_steps_fit_into_a_small_window_and_nothing_is_cut(page: ModelsPage):
    wizard = page.exporting.wizard
    for purpose in Purpose:
        wizard.purpose_step.choose(purpose)
        for place in range(3):
            wizard.go_to(place)
            QApplication.processEvents()
            area = wizard.step.parentWidget().size()
            assert wizard.step.minimumSizeHint().width() <= area.width()
            assert wizard.step.sizeHint().height() <= area.height(), (purpose, place)


def views(qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every step, the run and the result, one after the other."""
    for place in range(3):
        page.exporting.wizard.go_to(place)
        yield f"step {place + 1}"
    started = threading.Event()
    answer_with(monkeypatch, waiting(started))
    page.exporting.wizard.next_button.click()
    qtbot.waitUntil(lambda: bool(page.exporting.run.steps), timeout=5_000)
    yield "run"
    page.exporting.cancel()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=5_000)
    answer_with(monkeypatch, lambda choice, *_: written(choice))
    run_to_end(qtbot, page)
    yield "result"


def test_every_control_has_a_name_and_says_what_it_is_for(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
):
    page.exporting.wizard.purpose_step.choose(Purpose.SOFTWARE)
    page.exporting.wizard.contents_step.precision.choose(str(Precision.HALF))
    for view in views(qtbot, page, monkeypatch):
        found = controls(page)
        assert found
        for one in found:
            text = one.text() if isinstance(one, QAbstractButton) else ""
            assert one.accessibleName() or text, (view, named(one))
            assert one.toolTip(), (view, named(one))


def test_every_text_can_be_translated(
    qtbot: QtBot,
    studio: Studio,
    open_in: Open,
    line_root: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    translator = Marking()
    QCoreApplication.installTranslator(translator)
    try:
        open_in(studio, line_root)
        page = ModelsPage(studio)
        qtbot.addWidget(page)
        page.show()
        page.export(RECOGNISER)
        page.exporting.wizard.place_step.folder.setText(str(folder))
        left: set[tuple[str, str]] = set()
        for view in views(qtbot, page, monkeypatch):
            for one in page.exporting.findChildren(QWidget):
                said = [one.toolTip(), one.accessibleName()]
                if isinstance(one, QLabel | QAbstractButton):
                    said.append(one.text())
                for text in said:
                    is_own = re.search("[a-zA-Z]{2}", text) and not TOLD.search(text)
                    if is_own and "⟦" not in text:
                        left.add((view, text))
        assert not left
    finally:
        QCoreApplication.removeTranslator(translator)
        studio.close_library()


def test_result_of_a_recogniser_leads_to_its_export(
    window: MainWindow, line_root: Path, open_in: Open
):
    open_in(window.studio, line_root)
    window.go_to("finetune")
    page = window.current_page
    assert isinstance(page, FinetunePage)
    assert not page.export_button.isVisible()
    page.show_result(RECOGNISER)
    assert page.export_button.isVisible()
    page.export_button.click()
    found = window.current_page
    assert isinstance(found, ModelsPage)
    assert found.exporting.isVisible()
    assert found.exporting.model is not None
    assert found.exporting.model.id == RECOGNISER
    window.studio.close_library()
