import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.finetune import FinetunePage
from app.pages.models import ModelsPage
from app.pages.models.removing import removal_words
from app.studio import Studio
from fsamt_engine.library import Library
from fsamt_engine.library.models import add_model, list_models, remove_model
from tests.app.modelling import add, add_line

Open = Callable[[Studio, Path], None]


@pytest.fixture
def line_root(library_root: Path) -> Path:
    """A library with a teacher, its student, and two recognisers, one of them tested."""
    with Library.open(library_root) as library:
        add_line(library)
        add(library, "recogniser-00000004", "from scratch", None, "P1")
    return library_root


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, open_in: Open, line_root: Path) -> Iterator[ModelsPage]:
    open_in(studio, line_root)
    made = ModelsPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    yield made
    studio.close_library()


def titles(page: ModelsPage) -> list[str]:
    return [station.title for station in page.way.stations]


def test_list_says_what_each_model_is_and_how_good_with_its_interval(page: ModelsPage):
    said = [
        page.list.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(page.list.list.count())
    ]
    assert said[0] == "recogniser of P1, Recogniser · from scratch · 2025-10-09, not tested yet"
    assert "50.0 % (95 %: 18.8 to 81.2), 6 clips" in said[1]
    assert "75.0 % of held-out takes" in said[3]


def test_list_is_filtered_by_kind_and_searched_and_sorted(page: ModelsPage):
    page.list.kind.setCurrentIndex(page.list.kind.findData("student"))
    assert [one.id for one in page.list.shown] == ["student-00000002"]
    assert page.list.chosen.id == "student-00000002"
    page.list.kind.setCurrentIndex(0)
    page.list.search.setText("scratch RECOG")
    assert [one.id for one in page.list.shown] == ["recogniser-00000004"]
    page.list.search.setText("nothing like it")
    assert page.list.chosen is None
    assert not page.open_button.isEnabled()
    page.list.search.clear()
    page.list.order.setCurrentIndex(page.list.order.findData("result"))
    assert page.list.shown[0].id == "recogniser-00000003"


def test_whole_lineage_stands_in_one_row(page: ModelsPage):
    page.choose("recogniser-00000003")
    assert titles(page) == ["Teacher", "Pairs", "Student", "Labels", "Recogniser"]
    teacher, pairs, student, labels, recogniser = page.way.stations
    assert teacher.lines[:3] == ("sees flow", "6 labels, 2 actions", "of 1 participant")
    assert pairs.lines == ("pairs of 6 takes", "4 s", "of 1 participant", "video+clip")
    assert student.lines[-1] == "health not measured yet"
    assert labels.lines == (
        "6 labels, 2 actions",
        "3 of each",
        "trained: 1 person",
        "tested: 1 person",
    )
    assert (recogniser.number, recogniser.lines[1]) == ("50.0 %", "95 %: 18.8 to 81.2")
    page.choose("recogniser-00000004")
    assert titles(page) == ["Labels", "Recogniser"]


def test_stations_do_not_overlap_and_keep_their_words_inside(qtbot: QtBot, page: ModelsPage):
    page.choose("recogniser-00000003")
    qtbot.waitUntil(lambda: page.way.buttons[-1].x() > 0, timeout=2_000)
    right = 0
    for button in page.way.buttons:
        left = button.mapTo(page.way, QPoint(0, 0)).x()
        assert left >= right
        right = left + button.width()
        assert button.layout().minimumSize().height() <= button.height()
    assert right <= page.way.width()


def test_station_of_a_model_shows_its_settings_and_its_curve(page: ModelsPage):
    page.choose("student-00000002")
    table = page.model_details.table
    texts = {}
    for row in range(table.topLevelItemCount()):
        group = table.topLevelItem(row)
        for child in range(group.childCount()):
            texts[group.child(child).text(0)] = group.child(child).text(1)
    assert texts["Granularity"] == "video+clip"
    assert texts["Seed"] == "7"
    assert texts["Best epoch"] == "3 of 3"
    assert page.model_details.curve.n_epochs == 3
    assert page.model_details.curve.what.text() == "Cosine distance"


def test_curve_of_another_loss_has_its_name(page: ModelsPage):
    page.choose("student-00000002")
    [student] = [one for one in page.lineage.line if one.model.id == "student-00000002"]
    settings = dict(student.model.settings) | {"loss": "infonce"}
    page.model_details.show_model(replace(student, model=replace(student.model, settings=settings)))
    assert page.model_details.curve.what.text() == "InfoNCE"


def test_station_of_labels_shows_whose_they_are_and_plays_them(qtbot: QtBot, page: ModelsPage):
    page.choose("recogniser-00000003")
    page.way.buttons[3].click()
    table = page.data_details.table
    assert table.topLevelItem(0).text(1) == "6"
    assert table.topLevelItem(1).text(0).startswith("Tested on")
    tested = table.topLevelItem(1).child(0)
    assert (tested.text(0), tested.text(1)) == ("P2", "7")
    table.setCurrentItem(tested)
    assert page.data_details.viewer.strip.clips.rowCount() == 7
    with qtbot.waitSignal(page.clip_wanted) as asked:
        page.data_details.viewer.open_button.click()
    assert asked.args[1:] == [0, 20]


def test_arrow_keys_go_along_the_lineage(qtbot: QtBot, page: ModelsPage):
    page.choose("recogniser-00000003")
    qtbot.waitUntil(lambda: page.way.buttons[-1].x() > 0, timeout=2_000)
    page.way.buttons[-1].setFocus()
    QTest.keyClick(page.way.buttons[-1], Qt.Key.Key_Left)
    assert page.way.chosen == ("recogniser-00000003", "data")


def test_what_was_made_from_a_model_leads_there(page: ModelsPage):
    page.choose("teacher-00000001")
    assert page.descendants.button.text() == "2 models were made from it"
    page.descendants.menu.actions()[1].trigger()
    assert page.list.chosen.id == "recogniser-00000003"
    assert not page.descendants.isVisible()


def test_clip_goes_on_playing_when_something_else_of_the_library_changed(page: ModelsPage):
    page.choose("recogniser-00000003")
    page.way.buttons[3].click()
    page.data_details.viewer.strip.choose(2)
    page.studio.library_changed.emit()
    assert page.data_details.viewer.strip.currentIndex().row() == 2
    remove_model(page.studio.library, "recogniser-00000004")
    page.studio.library_changed.emit()
    assert len(page.list.shown) == 3


def test_removed_parent_is_said(page: ModelsPage):
    remove_model(page.studio.library, "student-00000002")
    page.choose("recogniser-00000003")
    assert titles(page) == ["Removed", "Labels", "Recogniser"]
    assert "student-00000002, which was removed" in page._missing.text()
    page.way.buttons[0].click()
    assert "Made again" in page.removed_details.text()


def test_new_name_is_kept(page: ModelsPage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: ("the first of all", True))
    page.choose("teacher-00000001")
    page.rename_button.click()
    assert page.list.chosen.name == "the first of all"
    assert [one.name for one in list_models(page.studio.library)][-1] == "the first of all"


def test_removal_says_what_goes_with_it_and_takes_all_or_nothing(
    page: ModelsPage, monkeypatch: pytest.MonkeyPatch
):
    page.choose("teacher-00000001")
    _, told, yes = removal_words(page.lineage)
    assert "2 models were made from it: student-00000002, recogniser-00000003" in told
    assert "no test of them could be fair" in told
    assert yes == "Remove 3 models"
    monkeypatch.setattr("app.pages.models.changing.may_remove", lambda *_: False)
    page.remove_button.click()
    assert len(list_models(page.studio.library)) == 4
    monkeypatch.setattr("app.pages.models.changing.may_remove", lambda *_: True)
    page.remove_button.click()
    assert [one.id for one in page.list.shown] == ["recogniser-00000004"]
    assert not (page.studio.library.models_folder / "student-00000002").exists()


def test_folder_that_is_no_model_is_refused_in_words(
    qtbot: QtBot, page: ModelsPage, tmp_path: Path
):
    (tmp_path / "photos").mkdir()
    page.changes.bring_in(tmp_path / "photos")
    qtbot.waitUntil(lambda: page.notice.isVisible(), timeout=30_000)
    assert "no model of this program" in page.notice.message
    qtbot.waitUntil(lambda: page.bring_in_button.isEnabled(), timeout=5_000)


def test_primary_button_leads_to_the_result(window: MainWindow, line_root: Path, open_in: Open):
    open_in(window.studio, line_root)
    window.go_to("models")
    page = window.current_page
    assert isinstance(page, ModelsPage)
    page.choose("recogniser-00000004")
    page.open_button.click()
    assert isinstance(window.current_page, FinetunePage)
    assert window.current_page.results.list.chosen == ("recogniser-00000004",)
    window.studio.close_library()


def test_empty_page_explains_itself(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    page = ModelsPage(studio)
    qtbot.addWidget(page)
    page.entered()
    assert page.open_button.text().startswith("Open or create")
    open_in(studio, library_root)
    page.entered()
    assert page.open_button.isEnabled()
    with qtbot.waitSignal(page.page_wanted) as asked:
        page.open_button.click()
    assert asked.args == ["transfer"]
    studio.close_library()


def test_page_is_shown_without_torch(tmp_path: Path, line_root: Path):
    script = (
        "import os, sys; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from app.theme import Theme\n"
        "a = QApplication([]); Theme(a)\n"
        "from app.studio import Studio; from app.pages.models import ModelsPage\n"
        "from fsamt_engine.library import Library\n"
        "s = Studio(); s.library = Library.open(Path(sys.argv[1]))\n"
        "p = ModelsPage(s); p.show(); p.entered()\n"
        "assert len(p.way.stations) == 2, p.way.stations\n"
        "assert 'torch' not in sys.modules\n"
        "s.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(line_root)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_recogniser_of_skeletons_cannot_leave_and_says_why(page: ModelsPage, studio: Studio):
    assert studio.library is not None
    page.choose("recogniser-00000003")
    assert page.export_button.isEnabled()
    assert page.lineage is not None
    of_depth = page.lineage.model
    shutil.copytree(
        studio.library.models_folder / of_depth.id, studio.library.models_folder / "recogniser-5"
    )
    changes = {"id": "recogniser-5", "key": "key 5", "path": "models/recogniser-5"}
    add_model(studio.library, replace(of_depth, modality="skeleton", **changes))
    page.entered()
    page.choose("recogniser-5")
    assert not page.export_button.isEnabled()
    assert "sees skeleton" in page.export_button.toolTip()
