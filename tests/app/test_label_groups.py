from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, EngineFacts
from app.pages.label import LabelPage
from app.pages.label.label_files import LabelFiles
from app.pages.label.queue import SUGGESTED
from app.pages.label.suggest_dialog import GROUPS, SuggestDialog, able_to_suggest
from app.studio import Studio
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.labels import add_action, segments, unlabel_takes
from fsamt_engine.library.suggestions import list_suggestions
from fsamt_engine.library.takes import list_takes

Open = Callable[[Studio, Path], None]
FACTS = EngineFacts(
    (DeviceChoice("cpu", "CPU"),),
    (("r3d_tiny", "Small."),),
    teacher_epochs=1,
    transfer_epochs=1,
)


@pytest.fixture(scope="session")
def _known_source(_square_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The squares with a recogniser that was trained for one epoch; P2's takes have no label."""
    import shutil

    from fsamt_engine.evaluation import split_by_participant
    from fsamt_engine.learning import FinetuneSettings, FitSettings
    from fsamt_engine.learning.finetune import finetune

    root = tmp_path_factory.mktemp("known") / "library"
    shutil.copytree(_square_source, root)
    with Library.open(root) as library:
        snapshot = split_by_participant(segments(library), ("across", "down"), ("P1",))
        settings = replace(FinetuneSettings(), fit=FitSettings(epochs=1, batch_size=4))
        finetune(library, None, snapshot, settings, device="cpu")
        unlabel_takes(library, [r.id for r in list_takes(library) if r.participant == "P2"])
        add_action(library, "still")
    return root


@pytest.fixture
def page(
    qtbot: QtBot, studio: Studio, _known_source: Path, tmp_path: Path, open_in: Open
) -> Iterator[LabelPage]:
    import shutil

    studio.engine.facts = FACTS
    shutil.copytree(_known_source, tmp_path / "known")
    open_in(studio, tmp_path / "known")
    made = LabelPage(studio)
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: made.player.shown == 0, timeout=5000)
    yield made
    qtbot.waitUntil(lambda: not made.work.strip.is_busy, timeout=30_000)
    studio.close_library()


def library_of(page: LabelPage) -> Library:
    assert page.studio.library is not None
    return page.studio.library


def labelled(page: LabelPage, action: str) -> int:
    return len(segments(library_of(page), actions=[action], participants=["P2"]))


def groups_of_p2(page: LabelPage) -> None:
    """The 7 takes of P2 as if a network had put them into groups of 4 and 3."""
    from fsamt_engine.labelling import Cluster

    items = [
        SnapshotItem(row.id, "P2", 2, 18)
        for row in list_takes(library_of(page))
        if row.participant == "P2"
    ]
    page._show_groups((Cluster(tuple(items[:4]), 0.9), Cluster(tuple(items[4:]), 0.4)))


def test_recogniser_suggests_in_the_background_and_its_guesses_are_listed(
    qtbot: QtBot, page: LabelPage
):
    model = able_to_suggest(library_of(page))[0]
    with qtbot.waitSignal(page.work.suggesting.suggested, timeout=30_000):
        page.work.suggesting.suggest(model, 3)
        assert not page.work.suggesting.button.isEnabled()
        assert page.work.strip.isVisible()
    found = list_suggestions(library_of(page))
    assert 0 < len(found) <= 3
    assert page.queue.order_key == SUGGESTED
    assert page.queue.model.rowCount() == len(found)
    assert page.desk.suggestion == found[0]
    assert found[0].action in ("across", "down")
    qtbot.waitUntil(lambda: not page.work.strip.is_busy, timeout=5000)
    assert page.work.suggesting.button.isEnabled()
    qtbot.keyClick(page.queue.list, Qt.Key.Key_Return)
    assert labelled(page, found[0].action) == 1


def test_clips_without_a_label_are_grouped_by_the_engine(qtbot: QtBot, page: LabelPage):
    model = able_to_suggest(library_of(page))[0]
    with qtbot.waitSignal(page.work.suggesting.grouped, timeout=30_000):
        page.work.suggesting.group(model)
    assert sum(len(group.items) for group in page.groups.groups) == 7
    assert page.groups.isVisible()


def test_suggesting_needs_a_network_and_says_so(
    qtbot: QtBot, studio: Studio, library_root: Path, open_in: Open
):
    studio.engine.facts = FACTS
    open_in(studio, library_root)
    page = LabelPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered()
    assert not page.work.suggesting.button.isEnabled()
    assert "run a transfer first" in page.work.suggesting.button.toolTip()
    studio.close_library()


def test_dialog_says_what_each_choice_does(qtbot: QtBot, page: LabelPage):
    dialog = SuggestDialog(able_to_suggest(library_of(page)), page)
    qtbot.addWidget(dialog)
    assert dialog.go.text() == "Suggest 48 clips"
    dialog.kind.choose(GROUPS)
    assert dialog.go.text() == "Group the clips"
    assert not dialog.number.isEnabled()


def test_group_is_named_by_one_key_and_the_next_is_shown(qtbot: QtBot, page: LabelPage):
    groups_of_p2(page)
    key = next(a.key for a in page.desk.actions if a.name == "still")
    qtbot.keyClick(page.groups.viewer.strip, key)
    assert labelled(page, "still") == 4
    assert page.groups.list.currentRow() == 1
    assert page.groups.groups[0].is_named
    assert "still on 4 clips" in page.bar.saved.text()


def test_clip_that_does_not_belong_is_left_out_of_the_name(qtbot: QtBot, page: LabelPage):
    groups_of_p2(page)
    left_out = page.groups.groups[0].items[0].take_id
    qtbot.keyClick(page.groups.viewer.strip, Qt.Key.Key_Delete)
    page.groups.name("still")
    named = {s.take_id for s in segments(library_of(page), actions=["still"])}
    assert len(named) == 3
    assert left_out not in named


def test_named_group_is_one_step_that_can_be_undone_and_done_again(page: LabelPage):
    groups_of_p2(page)
    page.groups.name("still")
    page.studio.undoing.undo()
    assert labelled(page, "still") == 0
    assert not page.groups.groups[0].is_named
    page.studio.undoing.redo()
    assert labelled(page, "still") == 4
    assert page.groups.groups[0].is_named


def test_escape_leads_back_to_the_takes(qtbot: QtBot, page: LabelPage):
    groups_of_p2(page)
    qtbot.keyClick(page.groups.viewer.strip, Qt.Key.Key_Escape)
    assert page.work.isVisible()
    assert not page.groups.isVisible()


def files_of(page: LabelPage) -> LabelFiles:
    return page.work.files


def write(qtbot: QtBot, page: LabelPage, path: Path, form: str) -> None:
    with qtbot.waitSignal(files_of(page).written, timeout=10_000):
        files_of(page).write(path, form)
    qtbot.waitUntil(lambda: not page.work.strip.is_busy, timeout=5000)


def test_labels_go_out_and_their_place_is_said(qtbot: QtBot, page: LabelPage, tmp_path: Path):
    for form in ("csv", "json", "boris"):
        write(qtbot, page, tmp_path / f"labels.{form}", form)
        assert (tmp_path / f"labels.{form}").stat().st_size > 0
    write(qtbot, page, tmp_path / "elan", "eaf")
    assert len(list((tmp_path / "elan").glob("*.eaf"))) == 6
    assert "6 labels written to" in page.notice.message


def test_labels_come_in_after_a_look_at_what_would_change(
    qtbot: QtBot, page: LabelPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "labels.json"
    write(qtbot, page, path, "json")
    library = library_of(page)
    before = {(s.take_id, s.action, s.start, s.end) for s in segments(library)}
    unlabel_takes(library, [row.id for row in list_takes(library)])
    dialogs = []

    def accept(dialog) -> int:
        dialogs.append(dialog)
        return dialog.DialogCode.Accepted

    monkeypatch.setattr("app.pages.label.label_files.ImportDialog.exec", accept)
    with qtbot.waitSignal(files_of(page).arrived, timeout=10_000):
        files_of(page).read([path])
    assert "New: 6 labels, in 6 takes." in dialogs[0].summary.text()
    assert dialogs[0].take_over.text() == "Import 6 labels"
    assert {(s.take_id, s.action, s.start, s.end) for s in segments(library)} == before
    qtbot.waitUntil(lambda: page.panel.n_labels == 6, timeout=5000)
    page.studio.undoing.undo()
    assert segments(library) == [], "an import is one step"


def test_file_that_is_no_label_file_is_refused_in_a_sentence(
    qtbot: QtBot, page: LabelPage, tmp_path: Path
):
    (tmp_path / "notes.json").write_text("[1, 2")
    with qtbot.waitSignal(page.work.strip.failed, timeout=10_000):
        files_of(page).read([tmp_path / "notes.json"])
    assert "notes.json" in page.notice.message
    assert page.notice.details == ""
