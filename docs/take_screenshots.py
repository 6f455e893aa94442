"""Takes the pictures of the guide from the real program.

    python docs/take_screenshots.py [--library DIR] [--only capture]

It opens real windows (without a screen it starts Xvfb for itself): records takes with the simulated
camera, then goes through all pages as a user would, on a copy of a library; the one that
`fsamt demo` leaves shows most. Without `--library` it simulates a small one first. It writes
docs/screenshots/*.png, and takes some minutes.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from docs.tours.capture import tour_capture
from docs.tours.desk import (
    open_library,
    tour_around,
    tour_finetune,
    tour_label,
    tour_library,
    tour_transfer,
)
from docs.tours.detection import tour_detector
from docs.tours.leaving import tour_export
from docs.tours.live import tour_live
from docs.tours.screen import OUT, SMALL, open_window, take
from docs.tours.tables import tour_experiments

if TYPE_CHECKING:
    from app.main_window import MainWindow

_PARTS = (
    "capture",
    "library",
    "transfer",
    "label",
    "finetune",
    "detector",
    "live",
    "export",
    "experiments",
    "around",
)


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


def tour(window: "MainWindow", folder: Path, options: argparse.Namespace) -> None:
    """All pages, or the ones that are asked for."""
    parts = options.only or _PARTS
    if not options.only:
        take(window, "empty", SMALL)
    if "capture" in parts:
        tour_capture(window, folder / "lab-visit")
    desk = {
        "library": tour_library,
        "transfer": tour_transfer,
        "label": tour_label,
        "finetune": tour_finetune,
        "detector": tour_detector,
        "live": tour_live,
        "export": tour_export,
        "experiments": tour_experiments,
        "around": tour_around,
    }
    if desk.keys() & set(parts):
        library = folder / "my-library"
        if options.library is None:
            simulate(library)
        else:
            shutil.copytree(options.library, library)
        open_library(window, library)
        for name, tour_page in desk.items():
            if name in parts:
                tour_page(window)
    window.close()


def main() -> None:
    """Takes all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path)
    parser.add_argument("--only", nargs="+", choices=_PARTS)
    options = parser.parse_args()
    if options.library is not None:
        options.library = options.library.absolute()
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
        tour(open_window(), Path(folder), options)


if __name__ == "__main__":
    main()
