"""From raw takes to a tested recogniser, by keys and clicks alone; run by `test_journey.py`.

It is no test of its own for pytest's search: it wants a window of its own platform.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages.finetune.page import FinetunePage
from app.pages.label.action_dialog import ActionDialog
from app.pages.label.page import LabelPage
from app.pages.library import LibraryPage
from app.pages.library.arrival_dialog import ArrivalDialog
from app.pages.transfer import TransferPage
from app.studio import Studio
from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings, add_simulated_takes
from fsamt_engine.datasets.exchange import ExchangeChoice, export_takes
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import list_takes, take

SOURCE_ACTIONS, TARGET_ACTIONS = ("bow", "kick"), ("clap", "wave")
N_TAKES = 24
WAIT_MS, TRAINING_MS = 60_000, 120_000


@pytest.fixture
def raw_takes(tmp_path: Path) -> Path:
    """A folder of somebody else: 24 takes of 3 people, nobody has labelled any."""
    settings = SimulatedLibrarySettings(
        participants=3, actions=SOURCE_ACTIONS + TARGET_ACTIONS, width=96, height=72
    )
    with Library.create(tmp_path / "recorded") as library:
        add_simulated_takes(library, settings)
        ids = [row.id for row in list_takes(library)]
        export_takes(library, ids, tmp_path / "raw", ExchangeChoice(with_labels=False))
    return tmp_path / "raw"


def action_seen(source_key: str) -> str:
    """What a person would see: simulated takes are called after it."""
    return source_key.split("/")[-2]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    studio = Studio()
    made = MainWindow(studio)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(lambda: studio.engine.facts is not None, timeout=120_000)
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.isVisible(), timeout=WAIT_MS)
    made.deleteLater()


def go_to(window: MainWindow, key: str) -> QWidget:
    """By the rail."""
    QTest.mouseClick(window.rail.button(key), Qt.MouseButton.LeftButton)
    return window.current_page


def press(widget: QWidget, key: Qt.Key | str, *modifiers: Qt.KeyboardModifier) -> None:
    held = Qt.KeyboardModifier.NoModifier
    for modifier in modifiers:
        held |= modifier
    QTest.keyClick(widget, key, held)


def press_primary(page: QWidget) -> None:
    press(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def write(field: QWidget, text: str) -> None:
    """Into a field, over what is there."""
    field.setFocus()
    press(field, "a", Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    press(field, Qt.Key.Key_Tab)


def in_dialog(kind: type[QWidget], act: Callable[[QWidget], None]) -> None:
    """Act in a modal dialog as soon as it has come up."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind) and dialog.isVisible():
            act(dialog)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def drop(page: QWidget, folder: Path) -> None:
    """As a file manager does it."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    at, keys = QPoint(300, 300), Qt.KeyboardModifier.NoModifier
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    QApplication.sendEvent(page, QDragEnterEvent(at, action, mime, button, keys))
    QApplication.sendEvent(page, QDropEvent(QPointF(at), action, mime, button, keys))


def test_from_raw_takes_to_a_tested_recogniser(
    qtbot: QtBot, window: MainWindow, raw_takes: Path, tmp_path: Path
) -> None:
    studio = window.studio
    (tmp_path / "mine").mkdir()
    with qtbot.waitSignal(studio.library_opened, timeout=WAIT_MS):
        studio.open_library(tmp_path / "mine")
    library = studio.library
    assert library is not None
    import_takes(qtbot, window, library, raw_takes)
    label_takes(qtbot, window, library)
    train_teacher_and_student(qtbot, window, library)
    finetune_and_look_at_mistakes(qtbot, window, library)


def import_takes(qtbot: QtBot, window: MainWindow, library: Library, folder: Path) -> None:
    page = go_to(window, "library")
    assert isinstance(page, LibraryPage)
    drop(page, folder)
    qtbot.waitUntil(lambda: isinstance(page.arriving.dialog, ArrivalDialog), timeout=WAIT_MS)
    dialog = page.arriving.dialog
    assert dialog is not None
    press(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.list.takes.rowCount() == N_TAKES, timeout=WAIT_MS)
    assert len(list_takes(library)) == N_TAKES
    assert segments(library) == []
    qtbot.waitUntil(lambda: page.player.shown == 0, timeout=WAIT_MS)


def labelled(qtbot: QtBot, library: Library, n_labels: int) -> None:
    """A key counts once it is let go for good: X repeats a held key as presses and releases."""
    qtbot.waitUntil(lambda: len(segments(library)) == n_labels, timeout=WAIT_MS)


def label_takes(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    page = go_to(window, "label")
    assert isinstance(page, LabelPage)
    for name in SOURCE_ACTIONS + TARGET_ACTIONS:

        def add(dialog: QWidget, name: str = name) -> None:
            assert isinstance(dialog, ActionDialog)
            QTest.keyClicks(dialog.name, name)
            press(dialog, Qt.Key.Key_Return)

        in_dialog(ActionDialog, add)
        page.panel.add()
    assert [action.name for action in page.desk.actions] == sorted(SOURCE_ACTIONS + TARGET_ACTIONS)
    keys = {action.name: action.key for action in page.desk.actions}
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    page.queue.list.setFocus()
    for n_labelled in range(1, N_TAKES + 1):
        qtbot.waitUntil(lambda: page.desk.files is not None, timeout=WAIT_MS)
        files = page.desk.files
        assert files is not None
        seen = action_seen(files.take.source_key)
        press(page.queue.list, keys[seen])
        labelled(qtbot, library, n_labelled)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    press(page.queue.list, "z", control)
    labelled(qtbot, library, N_TAKES - 1)
    press(page.queue.list, "z", control, shift)
    labelled(qtbot, library, N_TAKES)
    for segment in segments(library):
        assert action_seen(take(library, segment.take_id).source_key) == segment.action


def train_teacher_and_student(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    page = go_to(window, "transfer")
    assert isinstance(page, TransferPage)
    wizard = page.wizard
    wizard.teacher.way.choose("new")
    form = wizard.teacher.form
    for action in SOURCE_ACTIONS + TARGET_ACTIONS:
        form.source_actions.tick(action, action in SOURCE_ACTIONS)
    assert form.participants.names() == ("P01", "P02"), "somebody is left for the test"
    write(form.fit.epochs, "2")
    qtbot.waitUntil(lambda: not wizard.obstacle, timeout=WAIT_MS)
    press_primary(page)
    qtbot.waitUntil(lambda: bool(list_models(library, ModelKind.TEACHER)), timeout=TRAINING_MS)
    qtbot.waitUntil(lambda: page.place is wizard, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not wizard.pairs.is_reading, timeout=WAIT_MS)
    assert wizard.pairs.pairs.people() == ("P01", "P02")
    write(wizard.student.fit.epochs, "3")
    while wizard.step is not wizard.summary:
        before = wizard.place
        press_primary(page)
        assert wizard.place == before + 1, wizard.obstacle
    press_primary(page)
    qtbot.waitUntil(lambda: page.place is page.health, timeout=TRAINING_MS)
    assert len(list_models(library, ModelKind.STUDENT)) == 1


def finetune_and_look_at_mistakes(qtbot: QtBot, window: MainWindow, library: Library) -> None:
    page = go_to(window, "finetune")
    assert isinstance(page, FinetunePage)
    wizard = page.wizard
    assert wizard.start_step.choice.model is not None
    assert wizard.actions_step.chosen == TARGET_ACTIONS, "the teacher knows the others"
    press_primary(page)
    press_primary(page)
    assert wizard.people_step.sides == (("P01", "P02"), ("P03",)), "P03 was never seen"
    press_primary(page)
    write(wizard.settings_step.fit.epochs, "2")
    qtbot.waitUntil(lambda: not wizard.obstacle, timeout=WAIT_MS)
    press_primary(page)
    results = page.results
    qtbot.waitUntil(lambda: results.result.loaded is not None, timeout=TRAINING_MS)
    matrix = results.result.matrix
    counts = matrix.model.counts
    assert sum(map(sum, counts)) == 2 * len(TARGET_ACTIONS)
    row, column = next(
        (r, c) for r, cells in enumerate(counts) for c, count in enumerate(cells) if count
    )
    cell = matrix.table.visualRect(matrix.model.index(row, column))
    results.result.ensureWidgetVisible(matrix.table)
    QTest.mouseClick(matrix.table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    qtbot.waitUntil(lambda: page.clips is not None and page.clips.isVisible(), timeout=WAIT_MS)
    assert page.clips is not None
    viewer = page.clips.viewer
    qtbot.waitUntil(lambda: viewer.player.shown >= 0, timeout=WAIT_MS)
    page.clips.close()
