"""How the library page marks composed takes, and leads to their pieces."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.pages.library.pieces import Pieces
from fsamt_engine.datasets.composing import CompositionSettings, compose
from fsamt_engine.library import Library, TakeFilter
from fsamt_engine.library.bin import bin_take
from fsamt_engine.library.compositions import Piece, composition_of
from tests.app.browsing import page

__all__ = ["page"]


@pytest.fixture
def composed(library_root: Path) -> str:
    """Id of a composed take of the library that the page is to open."""
    with Library.open(library_root) as library:
        settings = CompositionSettings(("across",), ("P1",), distractors=("down",))
        (take_id,) = compose(library, settings)
    return take_id


def pieces_of(qtbot: QtBot, page: LibraryPage, take_id: str) -> Pieces:
    """Chooses a take, and waits for what is told of its pieces."""
    page.list.choose_take(take_id)

    def shown() -> list[Pieces]:
        return [p for p in page.inspector.one.findChildren(Pieces) if p.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=5000)
    return shown()[0]


def test_a_composed_take_is_marked_in_the_list_and_says_of_what(
    qtbot: QtBot, composed: str, page: LibraryPage
) -> None:
    numbers = range(page.list.takes.rowCount())
    rows = [row for number in numbers if (row := page.list.takes.row(number)) is not None]
    assert {row.id for row in rows if row.is_composed} == {composed}
    assert {row.id for row in rows if "composed" in page.list.takes.details(row)} == {composed}
    assert "down (no label)" in pieces_of(qtbot, page, composed).links.text()
    assert "Composed of" in page.inspector.one.texts()


def test_a_piece_is_shown_where_it_comes_from(
    qtbot: QtBot, composed: str, page: LibraryPage
) -> None:
    assert page.studio.library is not None
    piece = composition_of(page.studio.library, composed)[1]
    shown = pieces_of(qtbot, page, composed)
    page.filters.set_filter(TakeFilter(text="composed/"))
    shown.links.linkActivated.emit("1")
    assert page.list.chosen is not None
    assert page.list.chosen.id == piece.take_id
    assert page.player.interval == (piece.source_start, piece.source_end)
    assert "Composed of" not in page.inspector.one.texts()


def test_a_piece_whose_take_is_gone_is_a_sentence(
    qtbot: QtBot, composed: str, page: LibraryPage
) -> None:
    assert page.studio.library is not None
    bin_take(page.studio.library, composition_of(page.studio.library, composed)[0].take_id)
    pieces_of(qtbot, page, composed).links.linkActivated.emit("0")
    assert "not in the library any more" in page.notice.message


def test_names_are_shown_as_they_are_and_very_many_pieces_in_part(qtbot: QtBot) -> None:
    pieces = [Piece(n * 30, n * 30 + 20, "<b>wave", True, "one", "test/one", 0) for n in range(30)]
    shown = Pieces(pieces, 30.0)
    qtbot.addWidget(shown)
    assert "&lt;b&gt;wave" in shown.links.text()
    assert shown.links.text().endswith("and 6 more")
