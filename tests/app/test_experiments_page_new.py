"""The steps to a new table, what it will take, and the table that comes of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.experiments import ExperimentsPage
from app.pages.experiments.entries import State
from app.pages.experiments.estimating import Cost, estimating
from app.pages.experiments.kinds import kinds
from app.pages.experiments.offers import Offers, looking
from app.pages.experiments.wizard import ExperimentWizard
from app.run_queue import page_of
from app.studio import Studio
from fsamt_engine.experiments.kinds import ExperimentKind
from fsamt_engine.learning.estimate import Estimate
from fsamt_engine.library import Library
from fsamt_engine.library.actions import add_action
from fsamt_engine.library.labels import label_takes
from fsamt_engine.runs import ExperimentRequest
from tests.app.conftest import MOVES, add_square_take
from tests.app.experimenting import GRANULARITY, keep, table
from tests.app.modelling import add
from tests.app.test_every_page import controls, named
from tests.app.test_finetune_wizard import FACTS
from tests.fsamt_engine import finding

Open = Callable[[Studio, Path], None]
SIDE_LEFT, SIDE_RIGHT = 2, 3
QUICK = {"epochs": 1, "batch_size": 8}
CLIP_S = 0.01


@pytest.fixture(scope="session")
def _four_actions_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people, four actions, two takes of each."""
    root = tmp_path_factory.mktemp("four") / "library"
    with Library.create(root) as library:
        for move in MOVES:
            other = f"{move} again"
            renamed = []
            for participant in ("P1", "P2", "P3"):
                for number in range(4):
                    take_id = add_square_take(library, participant, move, number)
                    if number > 1:
                        renamed.append(take_id)
            add_action(library, other)
            label_takes(library, renamed, other)
    return root


@pytest.fixture
def root(_four_actions_source: Path, tmp_path: Path) -> Path:
    root = tmp_path / "four"
    shutil.copytree(_four_actions_source, root)
    return root


@pytest.fixture
def four(root: Path) -> Iterator[Library]:
    with Library.open(root) as library:
        yield library


def offers_of(library: Library) -> Offers:
    found = looking(library, tuple(one.kind for one in kinds()))(lambda told: None, lambda: None)
    assert isinstance(found, Offers)
    return found


@pytest.fixture
def wizard(qtbot: QtBot, four: Library) -> ExperimentWizard:
    made = ExperimentWizard()
    qtbot.addWidget(made)
    made.show_engine(FACTS)
    made.show_offers(offers_of(four))
    return made


@pytest.fixture
def even_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clip of a training takes as long as any other; nothing is really measured."""
    found = Estimate(0.0, 0.0, 1.0, 1, "CPU, 2 threads", CLIP_S)
    name = "fsamt_engine.learning.estimate.estimate_finetune"
    monkeypatch.setattr(name, lambda *asked, **more: found)


def test_every_table_of_the_engine_has_its_card(wizard: ExperimentWizard):
    assert set(wizard.kind_step.cards) == {str(kind) for kind in ExperimentKind}


def test_card_shows_the_papers_numbers_only_where_they_are_known(wizard: ExperimentWizard):
    with_numbers = [
        kind for kind, card in wizard.kind_step.cards.items() if card.picture.has_numbers
    ]
    assert with_numbers == ["source-modality", "granularity"]


def test_table_that_the_library_cannot_fill_in_says_why(wizard: ExperimentWizard):
    card = wizard.kind_step.cards["skeleton"]
    assert not card.isEnabled()
    assert "skeleton" in card.toolTip()
    assert wizard.kind_step.cards["granularity"].isEnabled()


def test_table_of_detectors_waits_for_untrimmed_takes(wizard: ExperimentWizard):
    card = wizard.kind_step.cards["detection"]
    assert not card.isEnabled()
    assert "untrimmed takes" in card.accessibleDescription()
    assert "fsamt compose" in card.accessibleDescription()


def test_heads_of_detectors_are_a_choice_of_their_table_alone(
    qtbot: QtBot, four: Library, wizard: ExperimentWizard
):
    for participant in ("P1", "P2", "P3"):
        for number in range(2):
            finding.add_long_take(four, participant, number)
    wizard.show_offers(offers_of(four))
    size = wizard.size_step
    assert size.heads.isHidden()
    assert wizard.settings is not None
    assert not wizard.settings["heads"]
    wizard.kind_step.choose("detection")
    assert not size.heads.isHidden()
    assert wizard.settings is not None
    assert wizard.settings["target_actions"] == list(finding.FOUND)
    assert wizard.settings["heads"] == []
    size.heads.setCurrentIndex(2)
    assert wizard.settings["heads"] == ["anchor-free"]
    assert "the untrimmed takes of 1 person" in wizard.people_step.test_words.text()
    cost = estimating(four, wizard.settings, (), "cpu", measured=False)(
        lambda told: None, lambda: None
    )
    assert isinstance(cost, Cost)
    assert cost.rows == tuple(
        f"{start}, anchor-free" for start in ("from scratch", "flow pretraining", "ours")
    )
    size.show_cost(cost)
    assert "detectors to be finetuned" in size.plan.text()


def test_library_with_too_few_people_is_told_so(qtbot: QtBot, library: Library):
    wizard = ExperimentWizard()
    qtbot.addWidget(wizard)
    wizard.show_offers(offers_of(library))
    assert "at least three participants" in wizard.obstacle
    assert not wizard.next_button.isEnabled()


def test_steps_begin_with_what_suits_the_library(wizard: ExperimentWizard):
    wizard.kind_step.choose("granularity")
    assert wizard.actions_step.target == ("across", "down")
    assert wizard.actions_step.source == ("across again", "down again")
    assert wizard.people_step.trained == ("P1", "P2")
    assert wizard.people_step.tested == ("P3",)
    assert wizard.people_step.test_words.text() == "Every cell is tested on 4 clips of 1 person."
    assert wizard.size_step.labels_per_action == (2,)
    request = wizard.request
    assert request is not None
    assert request.settings["kind"] == "granularity"
    assert request.settings["methods"] == []
    assert request.device == "cpu"


def test_what_a_person_ticked_stays_when_another_table_is_chosen(wizard: ExperimentWizard):
    table = wizard.actions_step.table
    row = next(r for r in range(table.rowCount()) if table.item(r, 0).text() == "down")  # type: ignore[union-attr]
    table.item(row, SIDE_LEFT).setCheckState(Qt.CheckState.Checked)  # type: ignore[union-attr]
    assert wizard.actions_step.target == ("across",)
    assert wizard.actions_step.source == ("across again", "down", "down again")
    assert wizard.actions_step.obstacle == "Tick at least two actions under “To recognise”."
    wizard.kind_step.choose("granularity")
    assert wizard.actions_step.target == ("across",)


def test_nobody_is_on_both_sides(wizard: ExperimentWizard):
    table = wizard.people_step.table
    table.item(2, SIDE_LEFT).setCheckState(Qt.CheckState.Checked)  # type: ignore[union-attr]
    assert wizard.people_step.trained == ("P1", "P2", "P3")
    assert wizard.people_step.tested == ()
    assert wizard.people_step.obstacle == "Tick at least one person under “Test”."


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5, 10", (5, 10)),
        ("10 5 5", (5, 10)),
        ("20;50", (20, 50)),
        ("", ()),
        ("a few", ()),
        ("0", ()),
        ("5,", ()),
    ],
)
def test_labels_are_read_as_people_write_them(
    wizard: ExperimentWizard, text: str, numbers: tuple[int, ...]
):
    wizard.size_step.labels.setText(text)
    assert wizard.size_step.labels_per_action == numbers
    assert bool(wizard.size_step.obstacle) == (not numbers)


def test_table_between_data_sets_needs_teachers_that_are_there(
    qtbot: QtBot, wizard: ExperimentWizard, four: Library
):
    wizard.kind_step.choose("kinetics-to-ntu")
    assert "has no teacher yet" in wizard.teacher_step.obstacle
    add(four, "teacher-00000001", "teacher", None, "P1", validation_accuracy=0.75)
    wizard.show_offers(offers_of(four))
    assert wizard.teacher_step.obstacle == "Tick at least one teacher."
    wizard.teacher_step.choose(("teacher-00000001",), must_be_given=True)
    assert wizard.teacher_step.obstacle == ""
    assert wizard.actions_step.source == ()
    assert wizard.actions_step.obstacle == ""
    assert wizard.settings is not None
    assert wizard.settings["teachers"] == ["teacher-00000001"]
    wizard.teacher_step.way.choose("new")
    assert "compares teachers that were trained before" in wizard.teacher_step.obstacle


def test_rows_that_are_not_ticked_are_left_out(wizard: ExperimentWizard):
    wizard.kind_step.choose("granularity")
    wizard.size_step.show_cost(Cost(rows=("clip", "video", "video+clip"), n_recognisers=9))
    wizard.size_step.rows.tick("video", False)
    assert wizard.request is not None
    assert wizard.request.settings["methods"] == ["clip", "video+clip"]
    for name in ("clip", "video+clip"):
        wizard.size_step.rows.tick(name, False)
    assert wizard.size_step.obstacle == "Tick at least one row."


@pytest.mark.usefixtures("even_pace")
def test_what_a_table_takes_is_counted_and_measured(four: Library, wizard: ExperimentWizard):
    wizard.kind_step.choose("granularity")
    settings = wizard.settings
    assert settings is not None
    settings |= {"labels_per_action": [1, 2], "n_seeds": 2}
    work = estimating(four, settings, ("clip", "video"), "cpu", measured=True)
    cost = work(lambda told: None, lambda: None)
    assert cost.rows == ("clip", "video", "video+clip")
    assert (cost.n_teachers, cost.n_students, cost.n_recognisers) == (1, 2, 8)
    finetuned = 8 * settings["finetune_steps"] * settings["finetune"]["batch_size"] * CLIP_S
    assert finetuned < cost.seconds < 1.2 * finetuned
    wizard.size_step.show_cost(cost)
    assert wizard.size_step.next_text == "Start 11 trainings"
    assert "8 recognisers to be finetuned and tested" in wizard.size_step.plan.text()
    assert "on CPU, 2 threads" in wizard.size_step.time.text()


def test_what_the_engine_refuses_cannot_be_started(four: Library, wizard: ExperimentWizard):
    wizard.kind_step.choose("granularity")
    wizard.size_step.labels.setText("50")
    settings = wizard.settings
    assert settings is not None
    cost = estimating(four, settings, (), "cpu", measured=False)(lambda told: None, lambda: None)
    assert "50" in cost.refusal
    wizard.size_step.show_cost(cost)
    wizard.go_to(4)
    assert wizard.obstacle == cost.refusal
    assert wizard.request is None


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, open_in: Open, root: Path) -> Iterator[ExperimentsPage]:
    studio.engine.facts = FACTS
    open_in(studio, root)
    made = ExperimentsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: not made.reading.is_busy, timeout=5_000)
    yield made
    studio.close_library()


@pytest.mark.usefixtures("even_pace")
def test_from_the_steps_to_a_finished_table(qtbot: QtBot, studio: Studio, page: ExperimentsPage):
    """The whole way with the real engine, on trainings of one epoch."""
    page.making._soon.setInterval(0)
    page.empty.button.click()
    wizard = page.making.wizard
    qtbot.waitUntil(lambda: wizard.kind_step.offer is not None, timeout=10_000)
    quick = offers_quick(page.making.wizard)
    wizard.show_offers(quick)
    wizard.kind_step.choose("granularity")
    for _ in range(4):
        qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)
    wizard.size_step.labels.setText("1")
    wizard.size_step.seeds.setValue(1)
    assert wizard.size_step.summary == "1 label, 1 seed"
    qtbot.waitUntil(lambda: wizard.size_step.rows.count() == 3, timeout=30_000)
    wizard.size_step.rows.tick("video", False)
    wizard.size_step.rows.tick("video+clip", False)
    qtbot.waitUntil(lambda: wizard.next_button.text() == "Start 3 trainings", timeout=30_000)
    qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)
    run = studio.runs.running
    assert run is not None
    assert page_of(run.request) == "experiments"
    assert page.place == 0
    qtbot.waitUntil(lambda: page.list.chosen is not None, timeout=5_000)
    assert page.list.chosen is not None
    assert page.list.chosen.state is State.RUNNING
    qtbot.waitUntil(lambda: studio.runs.running is None, timeout=60_000)
    qtbot.waitUntil(lambda: page.report_button.isEnabled(), timeout=20_000)
    assert page.list.chosen.state is State.FINISHED
    assert page.list.chosen.counts == (1, 1)
    page.detail.table.choose("clip", 1)
    assert page.cell.chosen.startswith("recogniser-")
    assert page.cell.mean.text().endswith(" %")


def test_every_step_fits_and_names_its_controls(qtbot: QtBot, page: ExperimentsPage):
    page.empty.button.click()
    wizard = page.making.wizard
    qtbot.waitUntil(lambda: wizard.kind_step.offer is not None, timeout=10_000)
    wizard.size_step.show_cost(Cost(rows=("clip", "video"), n_recognisers=2, seconds=60.0))
    for place in range(len(wizard.steps)):
        wizard.go_to(place)
        assert wizard.place == place
        assert page.minimumSizeHint().width() <= 1192
        assert page.minimumSizeHint().height() <= 690
        nameless = [named(one) for one in controls(page) if not _says_what_it_is(one)]
        assert not nameless, "\n".join(nameless)
    page.making.let_go()


def _says_what_it_is(one: QWidget) -> bool:
    if isinstance(one, QAbstractButton):
        return bool((one.text() or one.accessibleName()) and (one.toolTip() or one.text()))
    return bool(one.accessibleName())


def test_steps_are_left_without_starting_anything(
    qtbot: QtBot, studio: Studio, page: ExperimentsPage
):
    assert studio.library is not None
    keep(studio.library, "granularity", table(GRANULARITY, 3))
    page.reading.ask()
    qtbot.waitUntil(lambda: page.place == 0, timeout=5_000)
    qtbot.keyClick(page.list, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert page.place == 1
    qtbot.keyClick(page.making.wizard, Qt.Key.Key_Escape)
    assert page.place == 0
    assert studio.runs.runs == []
    page.making.let_go()


def offers_quick(wizard: ExperimentWizard) -> Offers:
    """The same offers with trainings that take no time."""
    found = wizard._offers
    tables = []
    for offer in found.tables:
        if offer.settings is not None:
            fits = {name: {**offer.settings[name], **QUICK} for name in ("teacher", "transfer")}
            offer = replace(offer, settings={**offer.settings, **fits, "finetune_steps": 1})
        tables.append(offer)
    return replace(found, tables=tuple(tables))


def test_run_in_the_status_line_leads_to_the_page(window: MainWindow):
    request = ExperimentRequest({"kind": "losses", "target_actions": ["a"]})
    window.go_to(page_of(request))
    assert isinstance(window.current_page, ExperimentsPage)
