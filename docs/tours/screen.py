"""A window of the real program, waiting for it, and pictures of it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.main_window import MainWindow

REPOSITORY = Path(__file__).parents[2]
OUT = REPOSITORY / "docs" / "screenshots"
SIZES = {"": (1280, 720), "-large": (1920, 1080)}
SMALL = {"": SIZES[""]}


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
    is_ready: Callable[[], bool] = lambda: True,
) -> None:
    """The window in both themes and all sizes, each as soon as it is ready.

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
            wait_until(is_ready)
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
