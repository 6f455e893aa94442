"""The page Capture: recording by keys with a camera that can be unplugged."""

from pathlib import Path
from typing import TYPE_CHECKING

from docs.tours.screen import SMALL, take, wait, wait_until

if TYPE_CHECKING:
    from app.main_window import MainWindow

_SETTLE_S = 3.0


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
    take(window, "capture", SMALL, _SETTLE_S)
    QTest.mouseMove(page.camera_bar, QPoint(400, 10))
    record("kick", 4)
    take(window, "capture-recording", settle_s=_SETTLE_S)
    is_unplugged = True
    wait_until(page.notice.isVisible)
    wait(1)
    take(window, "capture-problem", SMALL)
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
    take(window, "capture-script", SMALL)
    page.conductor.director.end()
    wait_until(lambda: not page.conductor.desk.is_completing)
