"""Waiting while the window goes on; for the benchmarks that measure one."""

import time
from collections.abc import Callable

_ASK_MS = 5


def wait_until(condition: Callable[[], bool], limit_s: float = 60) -> None:
    """Serve the window until something is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    ended_at = time.monotonic() + limit_s
    timer = QTimer(interval=_ASK_MS)
    timer.timeout.connect(lambda: loop.quit() if condition() else None)
    timer.timeout.connect(lambda: loop.quit() if time.monotonic() > ended_at else None)
    timer.start()
    loop.exec()
    if not condition():
        raise SystemExit("something did not happen in time")


def serve(seconds: float) -> None:
    """Serve the window for a while."""
    ended_at = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() >= ended_at, seconds + 60)
