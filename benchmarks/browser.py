"""Does the browser stay fluid with 100,000 takes?

    python benchmarks/browser.py [--takes 100000] [--library DIR] [--json OUT]

Makes a library of rows (see `library_size.py`), all of whose takes play the same two real files,
and opens it in a real window:

1. Opening: from the start of the process, and from the library's choice, to the painted list.
2. Scrolling by wheel, dragging the scroll bar to any place, and holding the Down key: the work of
   each frame (event and paint; 16.7 ms are 60 frames a second) and how far apart frames come.
   Pictures of takes are made meanwhile, none of which was made before.
3. Filters, sorting and selecting, through the widgets, from the choice to the painted list.

"busy" is the processor time of the window's thread alone, which holds where other programs are busy
too. It needs a screen; without one it starts Xvfb for itself. Ends with 1 where a limit is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "benchmarks")]

from serving import serve, wait_until  # noqa: E402 - found beside this file

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.pages.library import LibraryPage

USABLE_MS, FRAME_MS, FILTER_MS = 2000.0, 1000 / 60, 50.0
N_STEPS = 300
WIDTH, HEIGHT, N_FRAMES = 512, 424, 90


def make_library(root: Path, n_takes: int) -> None:
    """Rows of `library_size`, over two files that can be decoded."""
    import library_size

    from fsamt_engine.library import Library
    from fsamt_engine.media import ColourWriter, DepthWriter

    with Library.create(root) as library:
        library_size.fill(library, n_takes)
        folder = library.takes_folder / "all"
        folder.mkdir()
        for (take_id,) in library.rows("SELECT id FROM takes"):
            (library.takes_folder / take_id).symlink_to("all", target_is_directory=True)
        rng = np.random.default_rng(0)
        texture = rng.integers(60, 200, (HEIGHT, WIDTH, 3)).astype(np.uint8)
        with (
            DepthWriter(folder / "depth.mkv", WIDTH, HEIGHT, 30.0) as depth_file,
            ColourWriter(folder / "colour.mkv", WIDTH, HEIGHT, 30.0) as colour_file,
        ):
            for t in range(N_FRAMES):
                depth = np.full((HEIGHT, WIDTH), 3000 + t, np.uint16)
                depth[100:300, 2 * t : 2 * t + 100] = 2000
                depth_file.write(depth)
                colour_file.write(np.roll(texture, t, axis=1))


class Measured:
    """What was found, by name, and whether it keeps its limit."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}
        self.missed: list[str] = []

    def note(
        self,
        name: str,
        times_ms: list[float],
        limit_ms: float,
        busy_ms: Sequence[float] = (),
        more: str = "",
    ) -> None:
        """Median, 95th and 99th percentile, and the longest; the 95th is held to the limit.

        `busy_ms` is the processor time of the window's thread.
        """
        times = np.asarray(times_ms)
        row = {
            "p50_ms": round(float(np.percentile(times, 50)), 1),
            "p95_ms": round(float(np.percentile(times, 95)), 1),
            "p99_ms": round(float(np.percentile(times, 99)), 1),
            "max_ms": round(float(times.max()), 1),
            "n": len(times),
        }
        if len(busy_ms):
            row["busy_p95_ms"] = round(float(np.percentile(busy_ms, 95)), 1)
        self.found[name] = row
        if row["p95_ms"] > limit_ms:
            self.missed.append(name)
        mark = "over" if row["p95_ms"] > limit_ms else "ok"
        numbers = ", ".join(f"{key} {value:g}" for key, value in row.items())
        print(f"{name:34} {numbers}, limit {limit_ms:.1f}: {mark} {more}", flush=True)


def open_window(library: Path) -> tuple["MainWindow", "LibraryPage", float]:
    """The window with the library in it, and milliseconds from the choice to the painted list."""
    from PySide6.QtWidgets import QApplication

    from app.garbage import Collector
    from app.main import SWITCH_INTERVAL_S
    from app.main_window import MainWindow
    from app.pages.library import LibraryPage
    from app.studio import Studio
    from app.theme import Theme

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    Theme(application)
    Collector(application)
    studio = Studio()
    studio.engine.load = lambda: None  # type: ignore[method-assign]
    window = MainWindow(studio)
    window.resize(1920, 1040)
    window.show()
    began = time.perf_counter()
    studio.open_library(library)
    wait_until(lambda: isinstance(window.current_page, LibraryPage))
    page = window.current_page
    assert isinstance(page, LibraryPage)
    page.list.viewport().repaint()
    return window, page, (time.perf_counter() - began) * 1000


@dataclass(frozen=True)
class Frames:
    """Milliseconds of each frame.

    Attributes:
        work: From the user's event to the painted list.
        busy: The processor time of that.
        apart: Between the beginnings of two frames.
    """

    work: list[float]
    busy: list[float]
    apart: list[float]


def frames(page: "LibraryPage", step: Callable[[int], None]) -> Frames:
    """Shows frames as fast as a screen asks for them.

    Args:
        page: The page whose list is scrolled.
        step: What the user does before frame number so-and-so.
    """
    from PySide6.QtCore import Qt, QTimer

    work: list[float] = []
    busy: list[float] = []
    starts: list[float] = []
    timer = QTimer(interval=16, timerType=Qt.TimerType.PreciseTimer)

    def draw() -> None:
        if len(work) >= N_STEPS:
            timer.stop()
            return
        began, busy_before = time.perf_counter(), time.thread_time()
        step(len(work))
        page.list.viewport().repaint()
        starts.append(began)
        busy.append((time.thread_time() - busy_before) * 1000)
        work.append((time.perf_counter() - began) * 1000)

    timer.timeout.connect(draw)
    timer.start()
    wait_until(lambda: len(work) >= N_STEPS)
    return Frames(work, busy, list(np.diff(starts) * 1000))


def turn_wheel(page: "LibraryPage") -> Callable[[int], None]:
    """A turn of the wheel by one notch each frame: downwards, then back."""
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    viewport = page.list.viewport()
    middle = QPointF(viewport.rect().center())

    def step(number: int) -> None:
        notch = -120 if number < 2 * N_STEPS // 3 else 120
        event = QWheelEvent(
            middle,
            QPointF(viewport.mapToGlobal(middle.toPoint())),
            QPoint(),
            QPoint(0, notch),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)

    return step


def drag_bar(page: "LibraryPage") -> Callable[[int], None]:
    """The scroll bar's handle at any place, another one each frame."""
    bar = page.list.verticalScrollBar()
    places = np.random.default_rng(0).integers(0, bar.maximum(), N_STEPS)

    def step(number: int) -> None:
        bar.setSliderDown(True)
        bar.setSliderPosition(int(places[number]))

    return step


def hold_down(page: "LibraryPage") -> Callable[[int], None]:
    """The Down key, which chooses and opens one take after the other, every other frame."""
    from PySide6.QtCore import QEvent, Qt
    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QApplication

    def step(number: int) -> None:
        if number % 2 == 0:
            none = Qt.KeyboardModifier.NoModifier
            press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, none, "", True)
            QApplication.sendEvent(page.list, press)

    return step


def choices(page: "LibraryPage") -> Iterator[tuple[str, Callable[[], Any]]]:
    """What a user does to filter, sort and select, while all takes are listed."""
    import library_size

    facets, more = page.filters.facets, page.filters.more

    def tick(field: str, name: str) -> Callable[[], None]:
        return lambda: facets[field].names.tick(name)

    yield "tick a participant", tick("participants", library_size.PEOPLE[5])
    yield "tick a session", tick("sessions", library_size.SESSIONS[7])
    yield "tick an action", tick("actions", library_size.ACTIONS[3])
    labelled = page.filters.labelled
    yield "unlabelled", lambda: labelled.setCurrentIndex(labelled.findData(False))
    yield "depth only", lambda: more.colour.setCurrentIndex(more.colour.findData(False))
    yield "recorded until today", lambda: more.ends.box.setChecked(True)
    for name, filter in library_size.FILTERS.items():
        yield name, partial(page.filters.set_filter, filter)
    field = page.sorting.field
    for number in range(1, field.count()):
        text = field.itemText(number).lower()
        yield f"sort by {text}", partial(field.setCurrentIndex, number)
    yield "turn the order round", page.sorting.direction.click
    yield "select all", page.list.selectAll


def measure(window: "MainWindow", page: "LibraryPage", measured: Measured) -> None:
    """Scroll, hold, filter."""
    for name, prepare in (
        ("wheel", turn_wheel),
        ("scroll bar, any place", drag_bar),
        ("Down key held", hold_down),
    ):
        page.list.verticalScrollBar().setSliderDown(False)
        page.list.choose(0)
        page.list.scrollToTop()
        serve(1)
        found = frames(page, prepare(page))
        late = sum(one > 1.5 * FRAME_MS for one in found.apart) / len(found.apart)
        measured.note(f"{name}: work", found.work, FRAME_MS, found.busy)
        measured.note(
            f"{name}: frames apart", found.apart, 1.5 * FRAME_MS, more=f"({late:.1%} late)"
        )
    page.list.verticalScrollBar().setSliderDown(False)
    for name, act in choices(page):
        times, busy = [], []
        for _ in range(5):
            page.filters.clear()
            page.sorting.field.setCurrentIndex(0)
            page.sorting.direction.setChecked(False)
            for button in (*page.filters.facets.values(), page.filters.more):
                button.unfolding.emit()
            serve(0.15)
            began, busy_before = time.perf_counter(), time.thread_time()
            act()
            page.list.viewport().repaint()
            times.append((time.perf_counter() - began) * 1000)
            busy.append((time.thread_time() - busy_before) * 1000)
        measured.note(name, times, FILTER_MS, busy, f"({page.takes_place.count.text()})")


def time_start(library: Path) -> float:
    """Milliseconds from the start of a process to the painted list."""
    began = time.monotonic()
    command = [sys.executable, __file__, "--only-open", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (float(done.stdout.split()[-1]) - began) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--takes", type=int, default=100_000)
    parser.add_argument("--library", type=Path, help="one that this made before")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only-open", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        if shutil.which("xvfb-run") is None:
            raise SystemExit("there is no screen here, and no Xvfb to stand in for one")
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]
        os.execvp(screen[0], [*screen, sys.executable, *sys.argv])
    if options.only_open:
        window, _, _ = open_window(options.only_open)
        print(time.monotonic(), flush=True)
        window.close()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        library = options.library or Path(folder) / "library"
        if not library.is_dir():
            print(f"making {options.takes:,} takes ...", flush=True)
            make_library(library, options.takes)
        shutil.rmtree(library / "cache" / "thumbnails", ignore_errors=True)
        measured = Measured()
        started = [time_start(library) for _ in range(3)]
        measured.note("process start to painted list", started, USABLE_MS)
        window, page, opened_ms = open_window(library)
        measured.note("library chosen to painted list", [opened_ms], USABLE_MS)
        measure(window, page, measured)
        window.close()
    if options.json:
        text = json.dumps({"cores": os.cpu_count(), "found": measured.found}, indent=1)
        options.json.write_text(text + "\n", encoding="utf-8")
    print("missed: " + (", ".join(measured.missed) or "nothing"))
    return int(bool(measured.missed))


if __name__ == "__main__":
    sys.exit(main())
