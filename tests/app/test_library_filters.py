"""The filters of the library's page: buttons with panels, chips, search."""

from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from app.pages.library import LibraryPage
from app.pages.library.more_filters import midnight_us
from fsamt_engine.library import QualityLevel, TakeFilter
from fsamt_engine.library.organising import set_tags
from tests.app.browsing import listed, page, titles

__all__ = ["page"]


def test_filters_narrow_the_list_and_can_be_taken_back(qtbot: QtBot, page: LibraryPage):
    facets = page.filters.facets
    facets["participants"].unfold()
    facets["participants"].names.tick("P2")
    assert {participant for participant, _ in listed(page)} == {"P2"}
    facets["actions"].unfold()
    facets["actions"].names.tick("down")
    assert listed(page) == [("P2", ("down",))] * 4
    assert page.takes_place.count.text() == "4 of 13 takes"
    assert facets["actions"].text() == "Action · 1"
    facets["sessions"].unfold()
    facets["sessions"].names.tick("visit of P1")
    assert listed(page) == []
    assert page.takes_place.clear_button.isVisible()
    qtbot.mouseClick(page.takes_place.clear_button, Qt.MouseButton.LeftButton)
    assert len(listed(page)) == 13
    assert facets["actions"].text() == "Action"
    assert not page.filters.chips.isVisible()


def test_several_names_are_any_of_them(page: LibraryPage):
    people = page.filters.facets["participants"]
    people.unfold()
    people.names.tick("P1")
    assert len(listed(page)) == 6
    people.names.tick("P2")
    assert len(listed(page)) == 13
    people.all_button.click()
    assert page.filters.filter == TakeFilter()


def test_active_filters_are_chips_that_take_them_away(qtbot: QtBot, page: LibraryPage):
    page.filters.set_filter(
        TakeFilter(
            participants=("P2",),
            has_colour=False,
            levels=(QualityLevel.GOOD, QualityLevel.CAUTION, QualityLevel.BAD),
            started_from_us=midnight_us(QDate(2025, 1, 1)),
            started_before_us=midnight_us(QDate(2025, 12, 31)),
        )
    )
    assert page.filters.chips.texts == [
        "Participant: P2",
        "Verdict: Good, Caution, Bad",
        "Without colour",
        "From 2025-01-01",
        "To 2025-12-30",
    ]
    assert page.filters.more.text() == "More · 3"
    assert len(listed(page)) == 1
    qtbot.mouseClick(page.filters.chips.button("has_colour"), Qt.MouseButton.LeftButton)
    assert page.filters.filter.has_colour is None
    assert page.filters.filter.participants == ("P2",)
    assert len(listed(page)) == 7


def test_labelled_and_unlabelled(page: LibraryPage):
    labelled = page.filters.labelled
    labelled.setCurrentIndex(labelled.findData(False))
    assert listed(page) == []
    labelled.setCurrentIndex(labelled.findData(True))
    assert len(listed(page)) == 13


def test_panel_for_more_chooses_verdict_colour_and_dates(page: LibraryPage):
    more = page.filters.more
    more.unfold()
    more.levels[QualityLevel.BAD].setChecked(True)
    found = page.filters.filter
    assert found.levels == (QualityLevel.BAD,)
    more.colour.setCurrentIndex(more.colour.findData(True))
    more.ends.box.setChecked(True)
    more.ends.field.setDate(QDate(2020, 5, 6))
    assert page.filters.filter.started_before_us == midnight_us(QDate(2020, 5, 7))
    assert listed(page) == []
    more.clear_button.click()
    assert page.filters.filter == TakeFilter()
    assert not more.levels[QualityLevel.BAD].isChecked()


def test_tags_are_offered_where_there_are_some(page: LibraryPage):
    more = page.filters.more
    more.unfold()
    assert more.no_tags.isVisible()
    library = page.studio.library
    assert library is not None
    row = page.list.takes.row(2)
    assert row is not None
    set_tags(library, [row.id], add=["kitchen"])
    more.unfold()
    assert not more.no_tags.isVisible()
    more.tags.tick("kitchen")
    assert titles(page) == ["P1 · take 3"]
    assert page.filters.chips.texts == ["Tag: kitchen"]


def test_name_that_is_gone_is_filtered_by_no_more(page: LibraryPage, qtbot: QtBot):
    library = page.studio.library
    assert library is not None
    row = page.list.takes.row(2)
    assert row is not None
    set_tags(library, [row.id], add=["kitchen"])
    page.filters.set_filter(TakeFilter(tags=("kitchen",)))
    assert len(listed(page)) == 1
    set_tags(library, [row.id], remove=["kitchen"])
    page.studio.library_changed.emit()
    assert page.filters.filter == TakeFilter()
    assert len(listed(page)) == 13


def test_search_finds_part_of_a_name(qtbot: QtBot, page: LibraryPage):
    with qtbot.waitSignal(page.filters.filter_changed):
        qtbot.keyClicks(page.filters.search, "acro")
    assert {actions for _, actions in listed(page)} == {("across",)}


def test_many_names_are_found_by_typing(page: LibraryPage):
    names = page.filters.facets["actions"].names
    names.offer({f"action {n:02}": n for n in range(30)}, ("action 07",))
    assert not names.search.isHidden()
    names.search.setText("7")
    shown = [item for n in range(30) if not (item := names.list.item(n)).isHidden()]
    assert [item.data(Qt.ItemDataRole.UserRole) for item in shown] == [
        "action 07",
        "action 17",
        "action 27",
    ]
    assert names.names() == ("action 07",)
