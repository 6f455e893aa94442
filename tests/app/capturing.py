"""What the tests of the capture page have in common: a page on puppets, and hands."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from app.pages.capture import CapturePage
from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import CameraInfo
from fsamt_engine.capture.checks import Check
from fsamt_engine.library import QualityLevel, TakeRow
from tests.fsamt_engine.capture.puppet import Puppet

SIMULATED = CameraInfo("simulated", "Simulated camera")


def plug_in_puppets(monkeypatch: pytest.MonkeyPatch) -> dict[str, Puppet]:
    """Cameras "puppet:1" and "puppet:2", beside the simulated one."""
    made = {name: Puppet(name) for name in ("puppet:1", "puppet:2")}

    def found() -> list[CameraInfo]:
        plugged_in = [p for p in made.values() if p.is_plugged_in]
        return [*(CameraInfo(p.id, f"Puppet {p.id[-1]}") for p in plugged_in), SIMULATED]

    monkeypatch.setitem(cameras._KINDS, "puppet", lambda id, real_time: made[id].open(id))
    monkeypatch.setattr(cameras, "list_cameras", found)
    return made


def checks_of(root: Path, feed: object, should_stop: object = None) -> list[Check]:
    return [
        Check("USB", QualityLevel.GOOD, "USB 3.2."),
        Check("Brightness", QualityLevel.CAUTION, "Mean brightness 30.", "Turn on more light."),
    ]


def name(qtbot: QtBot, page: CapturePage, participant: str = "P1") -> None:
    """Say who is recorded, by keys."""
    field = page.visit.participant
    field.setFocus()
    field.lineEdit().selectAll()
    qtbot.keyClicks(field.lineEdit(), participant)
    qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)


def press(qtbot: QtBot, page: CapturePage, key: Qt.Key = Qt.Key.Key_Space) -> None:
    qtbot.keyClick(page, key)


def rows(page: CapturePage) -> tuple[TakeRow, ...]:
    return page.takes_bar.strip.takes.rows


def give_until_written(qtbot: QtBot, page: CapturePage, puppet: Puppet, n: int) -> None:
    """Give frames until so many more are in the files."""

    def n_written() -> int:
        status = page.conductor.desk.status()
        return status.n_frames if status is not None else 0

    n_before = n_written()
    puppet.give(n // 2)
    qtbot.waitUntil(lambda: n_written() >= n_before + n, timeout=5000)


def record_take(qtbot: QtBot, page: CapturePage, puppet: Puppet, n_moments: int = 6) -> None:
    """One take by the space bar."""
    n_before = len(rows(page))
    press(qtbot, page)
    qtbot.waitUntil(lambda: is_attached(page), timeout=5000)
    give_until_written(qtbot, page, puppet, 2 * n_moments)
    press(qtbot, page)
    qtbot.waitUntil(lambda: len(rows(page)) == n_before + 1, timeout=5000)


def is_attached(page: CapturePage) -> bool:
    status = page.conductor.desk.status()
    return status is not None and all(camera.streams for camera in status.cameras)


def hover(widget: object, at: QPoint) -> None:
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        QPointF(at),
        QPointF(at),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    widget.mouseMoveEvent(move)  # type: ignore[attr-defined]
