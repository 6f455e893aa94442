"""The pages on which a recogniser watches, and leaves the house."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from docs.tours.screen import OUT, REPOSITORY, SIZES, SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.main_window import MainWindow
    from fsamt_engine.library import ModelRecord

_WATCHED_S = 25.0
_TAKES_WATCHED = 3


def tour_live(window: "MainWindow") -> None:
    """The simulated figure, watched by the best recogniser; full screen; takes with labels."""
    from app.pages.live import LivePage

    library = window.studio.library
    assert library is not None
    window.go_to("live")
    page = window.current_page
    assert isinstance(page, LivePage)
    take(window, "live-idle", SMALL)
    page.source_bar.choose_model(_best_recogniser(window).id)
    page.source_bar.choose_source("simulated")
    page.start_button.click()
    wait_until(lambda: page.recognising.state is not None)
    wait(_WATCHED_S)

    def is_recognising() -> bool:
        state = page.recognising.state
        return state is not None and state.now.kind == "action"

    take(window, "live", settle_s=3, is_ready=is_recognising)
    page.show_full_screen()
    _grab_full_screen(page.full_screen, is_recognising)
    page.full_screen.close()
    page.start_button.click()
    wait_until(lambda: page.recognising.state is None)
    page.source_bar.choose_source("take:")
    page.start_button.click()
    n_begun = page.recognising.wanted.turn if page.recognising.wanted else 0
    wait_until(
        lambda: (
            page.recognising.wanted is not None
            and page.recognising.wanted.turn >= n_begun + _TAKES_WATCHED
        ),
        limit_s=60,
    )
    wait(2)
    take(window, "live-takes", SMALL)
    if page.recognising.is_wanted:
        page.start_button.click()
    wait_until(lambda: page.recognising.state is None)


def tour_export(window: "MainWindow") -> None:
    """The steps of an export, and what came of it."""
    from app.pages.models import ModelsPage

    window.go_to("models")
    page = window.current_page
    assert isinstance(page, ModelsPage)
    page.choose(_best_recogniser(window).id)
    wait_until(lambda: page.export_button.isEnabled())
    page.export_button.click()
    wizard = page.exporting.wizard
    with tempfile.TemporaryDirectory() as folder:
        wizard.place_step.folder.setText(str(Path(folder)))
        for place, name in enumerate(("", "-contents", "-place")):
            wizard.go_to(place)
            wait(1)
            take(window, f"export{name}", SMALL)
        wizard.next_button.click()
        wait_until(lambda: not page.exporting.is_busy)
        wait(1)
        take(window, "export-result", SMALL)


def _best_recogniser(window: "MainWindow") -> "ModelRecord":
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.models import list_models

    assert window.studio.library is not None
    found = list_models(window.studio.library, ModelKind.RECOGNISER)
    return max(found, key=lambda model: model.metrics.get("test_accuracy", 0.0))


def _grab_full_screen(shown: "QWidget", is_ready: Callable[[], bool]) -> None:
    """As a projector shows it, in both themes."""
    from app.theme import theme

    for scheme in ("dark", "light"):
        theme().prefer(scheme == "dark")
        shown.showNormal()
        shown.setGeometry(0, 0, *SIZES["-large"])
        wait(3)
        wait_until(is_ready)
        path = OUT / f"live-full-screen-{scheme}.png"
        shown.grab().save(str(path))
        print(path.relative_to(REPOSITORY), flush=True)
    theme().prefer(True)
