"""A detector in the steps of an export: what it can leave as, and what is said of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.models import ModelsPage
from app.pages.models.exporting_choice import ExportChoice, Purpose
from app.studio import Studio
from app.tasks import Work
from fsamt_engine.export.settings import DetectionParity, Exported, ParityRefusedError, Speed
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress, Progress, ShouldStop
from tests.app.detecting import add_detector, add_long_take
from tests.app.modelling import add_line

Open = Callable[[Studio, Path], None]
DETECTOR, RECOGNISER = "detector-00000009", "recogniser-00000003"
PARITY = DetectionParity(
    n_takes=3,
    n_watched=1,
    n_detections=26,
    n_found=26,
    n_agreeing=26,
    least_overlap=0.9987,
    max_difference=0.00042,
    overlap_allowed=0.95,
    tolerance=0.005,
    threshold=0.4,
    takes_of="people whom the training has not seen",
)


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, open_in: Open, library_root: Path, tmp_path: Path
) -> Iterator[ModelsPage]:
    """At the first step of the export of a detector."""
    with Library.open(library_root) as library:
        add_line(library)
        add_long_take(library, "P1", 1)
        add_detector(library, DETECTOR, "P1")
    open_in(studio, library_root)
    made = ModelsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    made.choose(DETECTOR)
    made.export_button.click()
    folder = tmp_path / "for others"
    folder.mkdir()
    made.exporting.wizard.place_step.folder.setText(str(folder))
    yield made
    studio.close_library()


def answer_with(
    monkeypatch: pytest.MonkeyPatch, act: Callable[[ExportChoice, OnProgress], Exported]
) -> None:
    """Let the engine do this instead."""

    def exporting(library: Library, record: ModelRecord, choice: ExportChoice) -> Work:
        def work(on_progress: OnProgress, should_stop: ShouldStop) -> Exported:
            return act(choice, on_progress)

        return work

    monkeypatch.setattr("app.pages.models.exporting.exporting", exporting)


def run_to_end(qtbot: QtBot, page: ModelsPage) -> None:
    page.exporting.wizard.go_to(2)
    assert page.exporting.wizard.next_button.isEnabled(), page.exporting.wizard.obstacle
    page.exporting.wizard.next_button.click()
    qtbot.waitUntil(lambda: not page.exporting.is_busy, timeout=10_000)


def test_detector_is_offered_as_a_bundle_or_as_weights_and_the_others_say_why_not(
    page: ModelsPage,
):
    cards = page.exporting.wizard.purpose_step.cards
    can = {purpose for purpose, card in cards.items() if card.isEnabled()}
    assert can == {Purpose.COLLEAGUE, Purpose.WEIGHTS}
    assert "no single file" in cards[Purpose.SOFTWARE].toolTip()
    assert "when actions start and end" in cards[Purpose.COLLEAGUE].accessibleDescription()
    facts = dict(page.exporting.wizard.facts)
    assert facts["Finds"] == "across, down"
    assert "untrimmed takes" in facts["Checked on"]


def test_recogniser_after_a_detector_is_offered_everything_again(page: ModelsPage):
    page.export(RECOGNISER)
    wizard = page.exporting.wizard
    assert all(card.isEnabled() for card in wizard.purpose_step.cards.values())
    assert "recognises" in wizard.purpose_step.cards[Purpose.COLLEAGUE].accessibleDescription()
    wizard.purpose_step.choose(Purpose.PYTORCH)
    page.export(DETECTOR)
    assert wizard.choice.purpose is Purpose.COLLEAGUE
    assert wizard.choice.out.name == f"{DETECTOR}.zip"


def test_result_says_how_many_detections_are_the_same_and_how_it_is_used(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
):
    def act(choice: ExportChoice, on_progress: OnProgress) -> Exported:
        on_progress(Progress("Comparing takes", 0, 3))
        choice.out.write_bytes(b"handed over")
        speeds = (Speed("32-bit", 8.0, 3_900_000),)
        card = "# The card\n\nmAP 67.4 %"
        return Exported(choice.out, choice.format, DETECTOR, 7, PARITY, speeds, card, 3.0)

    answer_with(monkeypatch, act)
    run_to_end(qtbot, page)
    result = page.exporting.result
    assert result.isVisible(), page.notice.message
    assert result.agreement.text() == "26 of 26 detections: the same"
    assert result.clips_of.text() == "3 takes of people whom the training has not seen"
    assert "overlap by 0.9987 or more" in result.parity.text()
    assert "0.00042" in result.parity.text()
    assert "1 take came to it frame by frame" in result.parity.text()
    assert "python detect.py recording.db3" in result.command.text
    assert "mAP 67.4" in result.model_card.toPlainText()


def test_refused_detector_comes_back_to_the_steps_with_what_differs(
    qtbot: QtBot, page: ModelsPage, monkeypatch: pytest.MonkeyPatch
):
    def act(choice: ExportChoice, on_progress: OnProgress) -> Exported:
        raise ParityRefusedError(PARITY)

    answer_with(monkeypatch, act)
    run_to_end(qtbot, page)
    assert "tells 26 detections and the file 26" in page.notice.message
    assert "safetensors" in page.notice.hint
    assert page.exporting.wizard.isVisible()


def test_steps_of_a_detector_fit_into_a_small_window(page: ModelsPage):
    wizard = page.exporting.wizard
    for place in range(3):
        wizard.go_to(place)
        area = wizard.step.parentWidget().size()
        assert wizard.step.sizeHint().height() <= area.height(), place
