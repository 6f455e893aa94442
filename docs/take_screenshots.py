"""Takes the pictures of the guide from the real program.

    python docs/take_screenshots.py [--library DIR]

It opens real windows (without a screen it starts Xvfb for itself) on a copy of a library, trains a
teacher and a student in them as a user would, and writes docs/screenshots/*.png. Without
`--library` it simulates a small library first. Takes some minutes.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))
OUT = Path(__file__).parent / "screenshots"
SIZES = {"": (1280, 720), "-large": (1920, 1080)}
EPOCHS = 30


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


def take(window: object, name: str, sizes: dict[str, tuple[int, int]] = SIZES) -> None:
    """The window as it is now, in both themes and all sizes."""
    from app.main_window import MainWindow
    from app.theme import theme

    assert isinstance(window, MainWindow)
    for ending, (width, height) in sizes.items():
        window.resize(width, height)
        for scheme in ("dark", "light"):
            theme().prefer(scheme == "dark")
            wait(0.4)
            path = OUT / f"{name}-{scheme}{ending}.png"
            window.screen().grabWindow(window.winId()).save(str(path))
            print(path.relative_to(REPOSITORY), flush=True)
    theme().prefer(True)
    window.resize(*SIZES[""])


def tour(library: Path) -> None:
    """Open the program, and go from page to page."""
    from PySide6.QtWidgets import QApplication

    from app.garbage import Collector
    from app.main_window import MainWindow
    from app.pages.library import LibraryPage
    from app.pages.transfer import TransferPage
    from app.studio import Studio
    from app.theme import Theme

    small = {"": SIZES[""]}
    Theme(QApplication(sys.argv[:1]))
    Collector(QApplication.instance())
    studio = Studio()
    window = MainWindow(studio)
    window.move(0, 0)
    window.show()
    wait_until(lambda: studio.engine.facts is not None)
    take(window, "empty", small)
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
    wait_until(lambda: page._reading is None)
    if page.form is page.teacher_form:
        take(window, "teacher", small)
        page.teacher_form.fit.epochs.setValue(EPOCHS)
        page.start_button.click()
        wait_until(lambda: page.task is None)
    page.notice.hide()
    page.transfer_form.fit.epochs.setValue(EPOCHS)
    page._right.setCurrentIndex(0)
    take(window, "transfer", small)
    page.start_button.click()
    wait_until(lambda: page.run_view.curve.n_epochs > EPOCHS * 0.6)
    take(window, "transfer-running")
    wait_until(lambda: page.task is None)
    take(window, "transfer-finished", small)
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
        library = Path(folder) / "my-library"
        if options.library is None:
            simulate(library)
        else:
            shutil.copytree(options.library, library)
        tour(library)


if __name__ == "__main__":
    main()
