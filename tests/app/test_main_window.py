import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.engine import DeviceChoice, EngineFacts
from app.journey import Mark
from app.main_window import MainWindow
from app.pages import page_entries
from app.preferences import Preferences
from app.qt_environment import forget_opencv_plugins
from app.studio import Studio
from app.tasks import Problem, Task
from app.widgets.problem_dialog import ProblemDialog
from fsamt_engine.progress import Progress, Stop

REPOSITORY = Path(__file__).parents[2]
Open = Callable[[Studio, Path], None]

WINDOW_SCRIPT = """
import os, sys
{before}
from PySide6.QtCore import QTimer
import app.main, app.main_window

def report():
    print("platform", window.windowHandle() is not None and QApplication.platformName())
    print("torch" if "torch" in sys.modules else "no torch")
    print("av" if "av" in sys.modules else "no av")
    QTimer.singleShot(0, window.close)

class Window(app.main_window.MainWindow):
    def __init__(self, studio):
        global window
        super().__init__(studio)
        window = self
        studio.engine.load = lambda: None
        self.first_painted.connect(report)

from PySide6.QtWidgets import QApplication
app.main.MainWindow = Window
sys.exit(app.main.main([]))
"""


def run_window(
    tmp_path: Path, platform: str, before: str = "", prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"QT_QPA_PLATFORM": platform, "HOME": str(tmp_path)}
    return subprocess.run(
        [*prefix, sys.executable, "-c", WINDOW_SCRIPT.format(before=before)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_window_is_painted_before_torch_is_imported(tmp_path: Path):
    done = run_window(tmp_path, "offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[1:3] == ["no torch", "no av"]


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no Xvfb here")
def test_real_window_opens_although_opencv_was_imported_first(tmp_path: Path):
    done = run_window(tmp_path, "xcb", before="import cv2", prefix=("xvfb-run", "-a"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("platform xcb")


def test_only_opencvs_own_plugin_paths_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", "/env/site-packages/cv2/qt/plugins")
    monkeypatch.setenv("QT_QPA_FONTDIR", "/env/site-packages/cv2/qt/fonts")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/home/me/qt/plugins")
    forget_opencv_plugins()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert "QT_QPA_FONTDIR" not in os.environ
    assert os.environ["QT_PLUGIN_PATH"] == "/home/me/qt/plugins"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="True and None are immortal since 3.12")
def test_qt_binding_counts_its_references(qtbot: QtBot):
    class Source(QObject):
        told = Signal(bool)

    source = Source()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(100):
        source.told.emit(False)
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert all(abs(b - a) < 20 for a, b in zip(before, after, strict=True))


def test_stages_without_a_page_are_disabled_and_say_why(window: MainWindow):
    for entry in page_entries():
        button = window.rail.button(entry.key)
        assert button.isEnabled() == (entry.make is not None)
        if entry.make is None:
            assert "later version" in button.toolTip()
        assert button.accessibleName() == entry.title


def test_first_page_explains_itself_and_offers_one_thing(window: MainWindow):
    page = window.current_page
    assert page.next_button.text().startswith("Open or create a library")
    assert page.next_button.isEnabled()
    assert not page.open_button.isVisible()
    assert page.simulated.button.isVisible()
    assert "simulated takes" in page.simulated.button.text()


def test_library_opens_on_its_page_and_is_remembered(
    qtbot: QtBot, window: MainWindow, library_root: Path, open_in: Open
):
    open_in(window.studio, library_root)
    assert window.current_page.title == "Library"
    assert window.windowTitle().startswith("squares")
    assert window.status_line.library.text() == "squares · 13 takes"
    assert Preferences().recent_libraries() == [library_root]
    assert window.rail.button("capture").mark is Mark.DONE
    assert window.rail.button("transfer").mark is Mark.NEXT
    window.go_to("start")
    assert window.current_page.next_button.text() == "Train a teacher"


def test_empty_folder_becomes_a_library(window: MainWindow, tmp_path: Path, open_in: Open):
    (tmp_path / "new").mkdir()
    open_in(window.studio, tmp_path / "new")
    assert (tmp_path / "new" / "library.db").is_file()


@pytest.mark.parametrize("make", [True, False])
def test_folder_that_is_no_library_is_a_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, make: bool
):
    folder = tmp_path / "photos"
    if make:
        folder.mkdir()
        (folder / "holiday.jpg").write_bytes(b"")
    with qtbot.waitSignal(window.studio.opening_failed, timeout=5000):
        window.studio.open_library(folder)
    notice = window.current_page.notice
    assert notice.isVisible()
    assert str(folder) in notice.message
    assert ("library.db" if make else "moved") in notice.hint
    assert notice.details == ""
    assert window.studio.library is None


def test_second_library_closes_the_first(
    window: MainWindow, library_root: Path, tmp_path: Path, open_in: Open
):
    open_in(window.studio, library_root)
    first = window.studio.library
    (tmp_path / "other").mkdir()
    open_in(window.studio, tmp_path / "other")
    assert window.studio.library is not first
    with pytest.raises(RuntimeError):
        first.write(lambda db: None)
    assert Preferences().recent_libraries()[0].name == "other"


def test_recent_library_that_is_gone_is_not_offered(tmp_path: Path):
    Preferences().remember_library(tmp_path / "gone")
    assert Preferences().recent_libraries() == []


def endless_run(window: MainWindow) -> Task:
    """A run that only ends when it is asked to."""

    def work(on_progress, should_stop):
        on_progress(Progress("Transferring", 30, 120, {"loss": 0.5}, 200.0))
        while should_stop() is None:
            pass

    task = Task("Transfer", work, window)
    window.studio.board.add(task)
    task.start()
    return task


def test_status_line_names_the_run_with_the_time_left(qtbot: QtBot, window: MainWindow):
    task = endless_run(window)
    words = "Transferring · 25% · 3 min 20 s left"
    qtbot.waitUntil(lambda: window.status_line.runs.text() == words, timeout=5000)
    with qtbot.waitSignal(task.ended, timeout=5000):
        task.stop(Stop.PAUSE)
    assert not window.status_line.runs.isVisible()


def test_closing_asks_and_pauses_the_run(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
):
    task = endless_run(window)
    monkeypatch.setattr("app.main_window.may_close", lambda *_: False)
    window.close()
    assert window.isVisible()
    assert task.asked is None

    monkeypatch.setattr("app.main_window.may_close", lambda *_: True)
    window.close()
    assert task.asked is Stop.PAUSE
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5000)


def test_status_line_names_the_device_and_its_memory(window: MainWindow):
    assert window.status_line.device.text().startswith("Loading PyTorch")
    facts = EngineFacts((DeviceChoice("cpu", "CPU, 2 cores"),), (("r3d_tiny", "small"),), 40, 60)
    window.studio.engine.loaded.emit(facts)
    assert window.status_line.device.text().startswith("CPU, 2 cores")
    if sys.platform == "linux":
        assert "GB free" in window.status_line.device.text()


def test_bug_shows_a_sentence_first_and_its_details_on_demand(qtbot: QtBot):
    dialog = ProblemDialog(Problem.of(ValueError("secret detail")))
    qtbot.addWidget(dialog)
    dialog.show()
    notice = dialog.notice
    assert "secret detail" not in notice.message
    assert not notice._details.isVisible()
    notice._unfold.click()
    assert notice._details.isVisible()
    assert "secret detail" in notice.details
    notice._copy.click()
    assert "secret detail" in QGuiApplication.clipboard().text()


def test_everything_fits_at_1280_by_720(window: MainWindow, library_root: Path, open_in: Open):
    open_in(window.studio, library_root)
    for key in ("start", "capture", "library", "transfer"):
        window.go_to(key)
        window.resize(1280, 720)
        assert (window.width(), window.height()) == (1280, 720)
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 720


def controls_of(page: QWidget) -> list[QWidget]:
    """What can be operated, without the parts that Qt makes inside of fields."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider, QAbstractSpinBox)
    found = [w for kind in kinds for w in page.findChildren(kind) if w.isVisibleTo(page)]
    return [
        w for w in found if not isinstance(w.parent(), (QLineEdit, QAbstractSpinBox, QComboBox))
    ]


@pytest.mark.parametrize("key", ["start", "capture", "library", "transfer"])
def test_every_control_has_a_name_and_is_large_enough(
    window: MainWindow, library_root: Path, open_in: Open, key: str
):
    open_in(window.studio, library_root)
    window.go_to(key)
    controls = controls_of(window.current_page)
    assert controls
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control
        assert control.sizeHint().height() >= 28, control


def test_label_files_that_are_dropped_are_looked_at_on_the_page_label(
    qtbot: QtBot, window: MainWindow, library_root: Path, open_in: Open, tmp_path: Path
):
    open_in(window.studio, library_root)
    (tmp_path / "labels.csv").write_text("nothing of that kind\n")
    window.page("library").label_files_wanted.emit((tmp_path / "labels.csv",))
    assert window.current_page.title == "Label"
    qtbot.waitUntil(lambda: "labels.csv" in window.current_page.notice.message, timeout=10_000)
