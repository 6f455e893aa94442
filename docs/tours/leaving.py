"""The pages on which a recogniser leaves the house."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from docs.tours.live import best_recogniser
from docs.tours.screen import SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from app.main_window import MainWindow


def tour_export(window: "MainWindow") -> None:
    """The steps of an export, and what came of it."""
    from app.pages.models import ModelsPage

    window.go_to("models")
    page = window.current_page
    assert isinstance(page, ModelsPage)
    page.choose(best_recogniser(window).id)
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
