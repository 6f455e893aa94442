"""The page Finetune where a detector is made: the choice, what came of it, and what it finds."""

from typing import TYPE_CHECKING

from docs.tours.screen import SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from fsamt_engine.library import Library

LABELS = 3
_LOW_SCORE = 30


def tour_detector(window: "MainWindow") -> None:
    """Untrimmed takes are composed; then the steps, the run, the result and its errors."""
    from app.pages.finetune.page import FinetunePage
    from fsamt_engine.runs.requests import DETECTION

    library = window.studio.library
    assert library is not None
    _compose(library)
    window.studio.library_changed.emit()
    window.go_to("finetune")
    page = window.current_page
    assert isinstance(page, FinetunePage)
    page._show_view(0)
    wizard = page.wizard
    wizard.start_step.tasks.choose(DETECTION)
    wait_until(lambda: not wizard.lookup.is_busy)
    if not wizard.people_step.sides[1]:
        wizard.start_step.choose("")  # Everybody was seen: only from scratch can be tested.
    wizard.settings_step.amount.choose("some")
    wizard.settings_step.per_action.setValue(LABELS)
    wizard.go_to(0)
    wait(1)
    take(window, "finetune-detector-start", SMALL)
    wizard.go_to(len(wizard.steps) - 1)
    wizard.next_button.click()
    wait_until(lambda: page.studio.runs.running is None, limit_s=1800)
    wait_until(lambda: not page.results.is_busy and page.results.loaded is not None)
    bench = page.results.detector.bench
    wait_until(lambda: bench.judged is not None and not bench.judging.is_busy)
    bench.threshold.setValue(_LOW_SCORE)
    wait(1)
    bench.go_to_error(1)
    wait_until(lambda: bench.player.shown == bench.player.index)
    page.notice.hide()
    take(window, "finetune-detector")
    view = page.results.detector
    view.ensureWidgetVisible(view.table)
    wait(1)
    take(window, "finetune-detector-table", SMALL)


def _compose(library: "Library") -> None:
    """Join takes of everybody, unless there are composed ones already."""
    from fsamt_engine.datasets.composing import CompositionSettings, compose
    from fsamt_engine.library.compositions import composed_take_ids
    from fsamt_engine.library.labels import label_counts
    from fsamt_engine.library.records import BACKGROUND

    if composed_take_ids(library):
        return
    named = [name for name, of in label_counts(library).items() if of and name != BACKGROUND]
    compose(library, CompositionSettings(tuple(named[:6]), with_colour=True))
