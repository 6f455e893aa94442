import gc
import weakref

from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.garbage import collector
from app.tasks import Task


class Circle(QObject):
    """A Qt object that only a collection can end."""

    def __init__(self) -> None:
        super().__init__()
        self.myself = self


def test_busy_background_thread_never_collects(qtbot: QtBot):
    # An earlier test's window may have been closed before its engine was there.
    collector().settle()
    gc.unfreeze()
    ended_in: list[QThread] = []
    weakref.finalize(Circle(), lambda: ended_in.append(QThread.currentThread()))

    # Kept until the end: what is freed again before the collector looks makes nothing due.
    kept: list[list[list[object]]] = []

    def work(on_progress, should_stop):
        for _ in range(50):
            kept.append([[] for _ in range(5000)])
        return len(kept)

    task = Task("Allocating", work)
    with qtbot.waitSignal(task.ended, timeout=10_000):
        task.start()
    assert not gc.isenabled()
    qtbot.waitUntil(lambda: bool(ended_in), timeout=10_000)
    assert ended_in == [QApplication.instance().thread()]


def test_nothing_is_collected_while_the_engine_comes_in(qtbot: QtBot):
    held = collector()
    held.hold()
    gone: list[bool] = []
    weakref.finalize(Circle(), gone.append, True)
    kept = [[] for _ in range(5000)]
    with qtbot.assertNotEmitted(held.destroyed, wait=800):
        pass
    assert not gone
    held.settle()
    gc.unfreeze()
    kept += [[] for _ in range(5000)]
    gc.collect()
    assert gone
