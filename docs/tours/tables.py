"""The page that fills in the tables of the paper."""

from typing import TYPE_CHECKING

from docs.tours.screen import SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from app.main_window import MainWindow


def tour_experiments(window: "MainWindow") -> None:
    """A table with its order and a cell, where the library has one; the steps to a new one."""
    from app.pages.experiments import ExperimentsPage

    window.go_to("experiments")
    page = window.current_page
    assert isinstance(page, ExperimentsPage)
    wait_until(lambda: not page.reading.is_busy)
    wait(1)
    if page.list.entries:
        fullest = max(
            (one for one in page.list.entries if one.stored is not None),
            key=lambda one: len(one.stored.table.methods) if one.stored else 0,
        )
        page.choose(fullest.id)
        wait_until(lambda: page.list.chosen is not None and page.list.chosen.id == fullest.id)
        assert fullest.stored is not None
        table = fullest.stored.table
        page.detail.table.choose(table.methods[-1], table.labels[-1])
        wait(1)
        take(window, "experiments")
        page.new_button.click() if page.new_button.isVisible() else page.go_on_button.click()
    else:
        page.empty.button.click()
    wait(2)
    take(window, "experiments-new", SMALL)
    for _ in range(4):
        if page.making.wizard.next_button.isEnabled():
            page.making.wizard.next_button.click()
            wait(1)
    take(window, "experiments-size", SMALL, settle_s=5)
