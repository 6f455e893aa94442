"""How soon is the window there, and does it stay alive while the engine works?

    python benchmarks/window.py [--library DIR] [--epochs 20] [--starts 5] [--json OUT]

1. Time from the start of the process to the first paint, `--starts` times.
2. The event loop's delay (how late a 5 ms timer fires) while nothing happens, while PyTorch is
   imported, while takes are prepared and embedded, while a transfer trains, and while it trains and
   a take plays beside it. The target is 50 ms at the 99th percentile of training.

It opens real windows: without a screen it starts Xvfb for itself. `--library` names a library with
pairs; without it a small simulated one is made. Files come from a warm disk.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "benchmarks")]

from serving import serve, wait_until  # noqa: E402 - found beside this file

TICK_MS = 5


def first_paint(library: Path) -> float:
    """Seconds from the start of a process to the window's first paint."""
    command = [sys.executable, str(REPOSITORY / "main.py"), "--report-first-paint", str(library)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.monotonic() - began
        process.kill()
    if line.strip() != "first paint":
        raise SystemExit("the window did not open")
    return seconds


class Delay:
    """Notes how late a timer fires, phase by phase."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._late_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.phases: dict[str, dict[str, float]] = {}

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, (now - self._last) * 1000 - TICK_MS))
        self._last = now

    def begin(self) -> None:
        """Forget what was noted."""
        self._late_ms.clear()

    def end(self, phase: str) -> None:
        """Put what was noted since `begin` under a name."""
        late = np.asarray(self._late_ms or [0.0])
        found = {
            "p50_ms": round(float(np.percentile(late, 50)), 2),
            "p99_ms": round(float(np.percentile(late, 99)), 2),
            "max_ms": round(float(late.max()), 2),
            "ticks": len(late),
        }
        self.phases[phase] = found
        numbers = ", ".join(f"{name} {value:g}" for name, value in found.items())
        print(f"{phase:32} {numbers}", flush=True)
        self.begin()


def measure_delay(library: Path, epochs: int) -> dict[str, dict[str, float]]:
    """The event loop's delay in each phase."""
    from PySide6.QtWidgets import QApplication

    from app.garbage import Collector
    from app.main import SWITCH_INTERVAL_S
    from app.main_window import MainWindow
    from app.pages.library import LibraryPage
    from app.pages.transfer import TransferPage
    from app.studio import Studio
    from app.theme import Theme
    from fsamt_engine.runs.queue import QueueStatus

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication(sys.argv[:1])
    Theme(application)
    Collector(application)
    studio = Studio()
    load, studio.engine.load = studio.engine.load, lambda: None
    window = MainWindow(studio)
    window.show()
    studio.open_library(library)
    wait_until(lambda: studio.library is not None, 60)
    serve(3)
    delay = Delay()
    serve(3)
    delay.end("idle")
    load()
    wait_until(lambda: studio.engine.facts is not None, 300)
    delay.end("importing PyTorch")

    window.go_to("transfer")
    page = window.current_page
    assert isinstance(page, TransferPage)
    wizard, curve, runs = page.wizard, page.run.view.curve, studio.runs
    wizard.teacher.train_new()
    wizard.teacher.form.fit.epochs.setValue(epochs)
    wizard.student.fit.epochs.setValue(epochs)
    # First the teacher, then the transfer, as a person would.
    for what in ("teacher", "transfer"):
        wizard.go_to(0 if what == "teacher" else len(wizard.steps) - 1)
        wait_until(lambda: not wizard.obstacle, 60)
        delay.begin()
        wizard.next_button.click()
        wait_until(lambda: curve.n_points > 0 or runs.running is None, 900)
        delay.end(f"getting ready ({what})")
        wait_until(lambda: runs.running is None or curve.n_epochs >= epochs // 2, 900)
        delay.end(f"training ({what})")
        if what == "transfer":
            window.go_to("library")
            browser = window.current_page
            assert isinstance(browser, LibraryPage)
            browser.player.play()
            wait_until(lambda: runs.running is None, 900)
            delay.end("training, a take plays")
        wait_until(lambda: runs.running is None, 900)
        if page.notice.details or runs.ended_runs[0].status is not QueueStatus.FINISHED:
            raise SystemExit(f"{page.notice.message} {page.notice.details}")
        wait_until(lambda: not wizard.pairs.is_reading, 60)
    window.close()
    return delay.phases


def make_library(root: Path) -> None:
    """A small library of simulated takes."""
    from fsamt_engine.capture.simulated import ACTIONS
    from fsamt_engine.capture.simulated_library import (
        SimulatedLibrarySettings,
        add_simulated_takes,
    )
    from fsamt_engine.library import Library

    settings = SimulatedLibrarySettings(participants=3, takes_per_action=2, actions=ACTIONS[:6])
    with Library.create(root) as library:
        add_simulated_takes(library, settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--library", type=Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        if shutil.which("xvfb-run") is None:
            raise SystemExit("there is no screen here, and no Xvfb to stand in for one")
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]
        os.execvp(screen[0], [*screen, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        library = Path(folder) / "library"
        if options.library is None:
            make_library(library)
        else:
            shutil.copytree(options.library, library)
        paints = [round(first_paint(library), 2) for _ in range(options.starts)]
        print(f"first paint after {statistics.median(paints):.2f} s (of {paints})", flush=True)
        phases = measure_delay(library, options.epochs)
    result = {"cores": os.cpu_count(), "first_paint_s": paints, "delay": phases}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
