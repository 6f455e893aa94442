"""The library's page over the library of squares, for the tests of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.studio import Studio

Open = Callable[[Studio, Path], None]


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open) -> Iterator[LibraryPage]:
    """The page, shown, with 13 takes."""
    open_in(studio, library_root)
    made = LibraryPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


def titles(page: LibraryPage) -> list[str]:
    """The first lines of all listed takes."""
    model = page.list.takes
    rows = [model.row(number) for number in range(model.rowCount())]
    return [model.title(row) for row in rows if row is not None]


def listed(page: LibraryPage) -> list[tuple[str, tuple[str, ...]]]:
    """Participant and actions of all listed takes."""
    model = page.list.takes
    rows = [model.row(number) for number in range(model.rowCount())]
    return [(row.participant, row.actions) for row in rows if row is not None]


def select(page: LibraryPage, *numbers: int) -> None:
    """Select rows, the first of them current."""
    page.list.choose(numbers[0])
    for number in numbers[1:]:
        page.list.selectionModel().select(
            page.list.takes.index(number), QItemSelectionModel.SelectionFlag.Select
        )


def ids(page: LibraryPage) -> list[str]:
    """Ids of the selected takes."""
    return [row.id for row in page.list.selected()]
