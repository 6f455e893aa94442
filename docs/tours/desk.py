"""The pages that take a library from takes to a tested recogniser, one after the other."""

from pathlib import Path
from typing import TYPE_CHECKING

from docs.tours.screen import SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from fsamt_engine.library import Library

TEACHER_EPOCHS, TRANSFER_EPOCHS, FINETUNE_EPOCHS = 40, 30, 40
LABELS = 3


def open_library(window: "MainWindow", root: Path) -> "Library":
    """Close the open library, and open this one."""
    studio = window.studio
    window.go_to("start")
    studio.close_library()
    studio.open_library(root)
    wait_until(lambda: studio.library is not None)
    assert studio.library is not None
    return studio.library


def tour_library(window: "MainWindow") -> None:
    """One take, then several."""
    from PySide6.QtCore import QItemSelection, QItemSelectionModel

    from app.pages.library import LibraryPage
    from fsamt_engine.library.organising import set_tags

    page = window.current_page
    assert isinstance(page, LibraryPage)
    assert page.studio.library is not None
    wait_until(lambda: page.player.shown == 0)
    rows = [page.list.takes.row(number) for number in range(4)]
    set_tags(page.studio.library, [row.id for row in rows if row], add=["pilot"])
    window.studio.library_changed.emit()
    page.entered()
    page.list.choose(1)
    wait_until(lambda: page.player.shown == 0)
    page.player.go_to(page.player.n_moments // 2)
    wait(2)
    take(window, "library")
    model = page.list.takes
    several = QItemSelection(model.index(0), model.index(3))
    page.list.selectionModel().select(several, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    wait(1)
    take(window, "library-many", SMALL)


def tour_label(window: "MainWindow") -> None:
    """A take with intervals, and suggestions of the student."""
    from app.pages.label.page import LabelPage
    from app.pages.label.queue import ALL
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.labels import label_interval, unlabel_takes
    from fsamt_engine.library.models import list_models
    from fsamt_engine.library.takes import list_takes

    library = window.studio.library
    assert library is not None
    rows = sorted(list_takes(library), key=lambda row: row.duration_us, reverse=True)
    longest = rows[0]
    n_frames = longest.n_pairs
    unlabel_takes(library, [row.id for row in rows[: len(rows) // 3]])
    names = [action.name for action in _actions(library) if action.name != "background"][:3]
    edges = [0, n_frames // 6, n_frames // 2, n_frames * 3 // 4, n_frames]
    for action, start, end in zip(("background", *names), edges[:-1], edges[1:], strict=True):
        label_interval(library, longest.id, action, start, end)
    window.go_to("label")
    page = window.current_page
    assert isinstance(page, LabelPage)
    page.queue.choose_order(ALL)
    page.queue.choose(page.queue.model.row_of_take(longest.id) or 0)
    wait_until(lambda: page.player.shown == 0)
    page.player.go_to(n_frames * 2 // 3)
    wait(2)
    take(window, "label")
    students = list_models(library, ModelKind.STUDENT)
    if students:
        page.work.suggesting.suggest(students[0], 24)
        wait_until(lambda: not page.work.strip.is_busy)
        wait(2)
        take(window, "label-suggested", SMALL)
        page.work.suggesting.group(students[0])
        wait_until(lambda: not page.work.strip.is_busy)
        wait(3)
        take(window, "label-groups", SMALL)


def tour_transfer(window: "MainWindow") -> None:
    """The five steps, the run, and the health of what came of it."""
    from app.pages.transfer import TransferPage

    window.go_to("transfer")
    page = window.current_page
    assert isinstance(page, TransferPage)
    wizard = page.wizard
    if wizard.teacher.chosen is None:
        wizard.teacher.train_new("flow")
        wait_until(lambda: not wizard.obstacle)
        take(window, "teacher", SMALL)
        wizard.teacher.form.fit.epochs.setValue(TEACHER_EPOCHS)
        wizard.next_button.click()
        wait_until(lambda: page.place is wizard)
    page.notice.hide()
    wizard.student.fit.epochs.setValue(TRANSFER_EPOCHS)
    wait_until(lambda: not wizard.pairs.is_reading)
    if wizard.pairs.obstacle:
        # A library of nothing but the teacher's own takes.
        wizard.pairs.own_actions.setChecked(False)
        wait_until(lambda: not wizard.pairs.is_reading)
    for place, name in enumerate(("", "-modality", "-pairs", "-student", "-summary")):
        wizard.go_to(place)
        wait_until(lambda: wizard.step is not wizard.summary or wizard.summary.is_measured)
        take(window, f"transfer{name}", SMALL)
    wizard.next_button.click()
    wait_until(lambda: page.run.view.curve.n_epochs > TRANSFER_EPOCHS * 0.6)
    take(window, "transfer-running")
    wait_until(lambda: page.place is page.health)
    wait(2)
    take(window, "transfer-health")


def tour_finetune(window: "MainWindow") -> None:
    """The four steps, the run, a result, and several results side by side."""
    from app.pages.finetune.page import FinetunePage
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.models import list_models

    window.go_to("finetune")
    page = window.current_page
    assert isinstance(page, FinetunePage)
    wizard = page.wizard
    settings = wizard.settings_step
    settings.amount.choose("some")
    settings.per_action.setValue(LABELS)
    settings.fit.epochs.setValue(FINETUNE_EPOCHS)
    for place, name in enumerate(("", "-actions", "-people", "-settings")):
        wizard.go_to(place)
        wait(3)
        take(window, f"finetune{name}", SMALL)
    wizard.next_button.click()
    wait_until(lambda: page.run_view.curve.n_epochs > FINETUNE_EPOCHS * 0.4)
    take(window, "finetune-running", SMALL)
    wait_until(lambda: page.studio.runs.running is None, limit_s=1800)
    wait_until(lambda: not page.results.is_busy and page.results.loaded is not None)
    wait(2)
    take(window, "finetune-result")
    page.results.result.ensureWidgetVisible(page.results.result.matrix)
    wait(1)
    take(window, "finetune-confusion", SMALL)
    assert page.studio.library is not None
    models = list_models(page.studio.library, ModelKind.RECOGNISER)
    if len(models) > 1:
        page.results.list.choose(tuple(model.id for model in models[:3]))
        wait(2)
        page.results.button.click()
        wait_until(lambda: not page.results.is_busy)
        wait(2)
        take(window, "finetune-compare", SMALL)


def tour_around(window: "MainWindow") -> None:
    """Start, models, settings and help."""
    window.go_to("start")
    wait(1)
    take(window, "start", SMALL)
    window.go_to("models")
    wait(2)
    take(window, "models")
    window.go_to("settings")
    take(window, "settings", SMALL)


def _actions(library: "Library") -> list:  # type: ignore[type-arg]
    from fsamt_engine.library.labels import actions

    return actions(library)
