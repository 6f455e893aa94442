"""Takes the pictures of the guide from the real program.

    python docs/take_screenshots.py [--library DIR] [--only capture]

It opens real windows (without a screen it starts Xvfb for itself): records takes with the simulated
camera, then, on a copy of a library, trains a teacher and a student as a user would. It writes
docs/screenshots/*.png. Without `--library` it simulates a small library first. Takes some minutes.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.main_window import MainWindow

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))
OUT = Path(__file__).parent / "screenshots"
SIZES = {"": (1280, 720), "-large": (1920, 1080)}
EPOCHS = 30
_SETTLE_S = 3.0


def wait_until(condition: Callable[[], bool], limit_s: float = 900) -> None:
    """Serve the window until something is so."""
    from PySide6.QtWidgets import QApplication

    ended_at = time.monotonic() + limit_s
    while not condition():
        QApplication.processEvents()
        time.sleep(0.005)
        if time.monotonic() > ended_at:
            raise SystemExit("something did not happen in time")


def wait(seconds: float) -> None:
    """Serve the window for a while."""
    ended_at = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= ended_at)


def take(
    window: object,
    name: str,
    sizes: dict[str, tuple[int, int]] = SIZES,
    settle_s: float = 0.4,
) -> None:
    """The window as it is now, in both themes and all sizes.

    Changing the theme keeps the program busy; numbers that are live need longer to settle.
    """
    from app.main_window import MainWindow
    from app.theme import theme

    assert isinstance(window, MainWindow)
    for ending, (width, height) in sizes.items():
        window.resize(width, height)
        for scheme in ("dark", "light"):
            theme().prefer(scheme == "dark")
            wait(settle_s)
            path = OUT / f"{name}-{scheme}{ending}.png"
            window.screen().grabWindow(window.winId()).save(str(path))
            print(path.relative_to(REPOSITORY), flush=True)
    theme().prefer(True)
    window.resize(*SIZES[""])


def open_window() -> "MainWindow":
    """The program, with the engine loaded."""
    from PySide6.QtWidgets import QApplication

    from app.garbage import Collector
    from app.main import SWITCH_INTERVAL_S
    from app.main_window import MainWindow
    from app.studio import Studio
    from app.theme import Theme

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    Theme(QApplication(sys.argv[:1]))
    Collector(QApplication.instance())
    window = MainWindow(Studio())
    window.move(0, 0)
    window.show()
    wait_until(lambda: window.studio.engine.facts is not None)
    return window


def tour_capture(window: "MainWindow", root: Path) -> None:
    """Record takes with a camera that can be unplugged, by keys."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    from app.pages.capture import CapturePage
    from fsamt_engine.capture import cameras
    from fsamt_engine.capture.camera import CameraGoneError, CameraInfo, Frame
    from fsamt_engine.capture.script import ScriptStep
    from fsamt_engine.capture.simulated_camera import SimulatedCamera
    from fsamt_engine.errors import FsamtError

    is_unplugged = False

    class Cable(SimulatedCamera):
        """The simulated camera on a cable."""

        def __init__(self, camera_id: str, real_time: bool = True) -> None:
            if is_unplugged:
                raise FsamtError("There is no camera.", "Plug it in.")
            super().__init__(camera_id, real_time)

        def read(self, timeout_s: float = 1.0) -> Frame | None:
            if is_unplugged:
                raise CameraGoneError("The camera was unplugged.", "Plug it in again.")
            return super().read(timeout_s)

    camera = "simulated:3/wave,clap,kick"
    cameras._KINDS["simulated"] = Cable
    cameras.list_cameras = lambda: [CameraInfo(camera, "Simulated camera")]
    small = {"": SIZES[""]}
    root.mkdir()
    window.studio.open_library(root)
    wait_until(lambda: window.studio.library is not None)
    window.go_to("capture")
    page = window.current_page
    assert isinstance(page, CapturePage)
    page.conductor.sounds.is_muted = True
    page.camera_bar.choose_mode(424, 240, 15.0)
    wait_until(lambda: bool(page.preflight.checks))
    name = page.visit.participant
    name.setFocus()
    QTest.keyClicks(name.lineEdit(), "P03")
    QTest.keyClick(name.lineEdit(), Qt.Key.Key_Return)
    page.visit.consent.choice.setCurrentIndex(2)

    def record(action: str, seconds: float) -> None:
        n_before = len(page.takes_bar.strip.takes.rows)
        page.script.action.setEditText(action)
        QTest.keyClick(page, Qt.Key.Key_Space)
        wait(seconds)
        if action != "kick":
            QTest.keyClick(page, Qt.Key.Key_Space)
            wait_until(lambda: len(page.takes_bar.strip.takes.rows) > n_before)

    for action, seconds in (("wave", 4.0), ("clap", 3.0), ("wave", 5.0)):
        record(action, seconds)
        wait(1)
    QTest.mouseMove(page.view.depth_view, QPoint(200, 110))
    take(window, "capture", small, _SETTLE_S)
    QTest.mouseMove(page.camera_bar, QPoint(400, 10))
    record("kick", 4)
    take(window, "capture-recording", settle_s=_SETTLE_S)
    is_unplugged = True
    wait_until(page.notice.isVisible)
    wait(1)
    take(window, "capture-problem", small)
    is_unplugged = False
    wait_until(lambda: page.notice.message == "The camera is back.")
    wait(2)
    QTest.keyClick(page, Qt.Key.Key_Space)
    wait_until(lambda: not page.conductor.is_busy)
    page.notice.hide()
    page.script.kind.choose("script")
    page.script.table.show_steps((ScriptStep("wave", 5.0, 3), ScriptStep("kick", 4.0, 5)))
    QTest.keyClick(page, Qt.Key.Key_Space)
    wait(1.5)
    take(window, "capture-script", small)
    page.conductor.director.end()
    wait_until(lambda: not page.conductor.desk.is_completing)


def tour(window: "MainWindow", library: Path) -> None:
    """Go from page to page of a library."""
    from app.pages.library import LibraryPage
    from app.pages.transfer import TransferPage

    small = {"": SIZES[""]}
    studio = window.studio
    window.go_to("start")
    studio.close_library()
    studio.open_library(library)
    wait_until(lambda: studio.library is not None)

    browser = window.current_page
    assert isinstance(browser, LibraryPage)
    wait_until(lambda: browser.player.shown == 0)
    browser.list.choose(1)
    wait_until(lambda: browser.player.shown == 0)
    browser.player.go_to(browser.player.scrub.maximum() // 2)
    wait(2)
    take(window, "library")

    window.go_to("transfer")
    page = window.current_page
    assert isinstance(page, TransferPage)
    wizard = page.wizard
    if wizard.teacher.chosen is None:
        wizard.teacher.train_new("flow")
        wait_until(lambda: not wizard.obstacle)
        take(window, "teacher", small)
        wizard.teacher.form.fit.epochs.setValue(EPOCHS)
        wizard.next_button.click()
        wait_until(lambda: page.place is wizard)
    page.notice.hide()
    wizard.student.fit.epochs.setValue(EPOCHS)
    wait_until(lambda: not wizard.pairs.is_reading)
    if wizard.pairs.obstacle:
        # A library of nothing but the teacher's own takes.
        wizard.pairs.own_actions.setChecked(False)
        wait_until(lambda: not wizard.pairs.is_reading)
    for place, name in enumerate(("", "-modality", "-pairs", "-student", "-summary")):
        wizard.go_to(place)
        wait_until(lambda: wizard.step is not wizard.summary or wizard.summary.is_measured)
        take(window, f"transfer{name}", small)
    wizard.next_button.click()
    wait_until(lambda: page.run.view.curve.n_epochs > EPOCHS * 0.6)
    take(window, "transfer-running")
    wait_until(lambda: page.place is page.health)
    wait(2)
    take(window, "transfer-health")
    window.go_to("start")
    take(window, "start", small)
    window.close()


def simulate(root: Path) -> None:
    """A small library with the pictures of a D435."""
    from fsamt_engine.capture.simulated import ACTIONS
    from fsamt_engine.capture.simulated_library import (
        SimulatedLibrarySettings,
        add_simulated_takes,
    )
    from fsamt_engine.library import Library

    settings = SimulatedLibrarySettings(
        participants=4, takes_per_action=2, actions=ACTIONS[:8], width=424, height=240
    )
    with Library.create(root) as library:
        add_simulated_takes(library, settings)


def main() -> None:
    """Takes all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path)
    parser.add_argument("--only", choices=["capture"])
    options = parser.parse_args()
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        if shutil.which("xvfb-run") is None:
            raise SystemExit("there is no screen here, and no Xvfb to stand in for one")
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]
        os.execvp(screen[0], [*screen, sys.executable, *sys.argv])
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # Neither the user's settings nor their path are to be seen.
        os.environ |= {"XDG_CONFIG_HOME": folder, "HOME": folder}
        os.chdir(folder)
        window = open_window()
        take(window, "empty", {"": SIZES[""]})
        tour_capture(window, Path(folder) / "lab-visit")
        if options.only == "capture":
            window.close()
            return
        library = Path(folder) / "my-library"
        if options.library is None:
            simulate(library)
        else:
            shutil.copytree(options.library, library)
        tour(window, library)


if __name__ == "__main__":
    main()
