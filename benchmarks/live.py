"""Does live recognition keep up, how late is an answer, and does its memory stay flat?

    python benchmarks/live.py [--minutes 1] [--screen] [--camera ID] [--network r3d_tiny]
        [--size 112] [--device auto] [--naive-seconds 20] [--json OUT]

One recogniser with fresh weights (speed does not depend on what they learned) watches depth of
848x480 at 30 Hz. Every answer's latency is split into waiting (from the exposure of the newest
frame on), preparing, network and display:

    source alone   the camera, read by nobody: what the simulated figure itself costs
    this program   `Recogniser`; with --screen the Live page of the program at 1280x720, whose
                   display time is from the result to the end of the paint that shows it; an
                   answer that the next one overtook before it was painted has no display time
                   and no total, and is counted as skipped by the screen
    naively        for each frame the whole clip of 16 frames is prepared anew and run in eager
                   PyTorch, one after the other in one thread, with a queue that grows

--screen needs a screen; on Linux without one it starts Xvfb for itself. Memory is that of the whole
process, at each tenth of the run. CPU is processor time as a share of one core.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "benchmarks")]

import torch  # noqa: E402
from torch import nn  # noqa: E402

from fsamt_engine.capture.camera import Frame  # noqa: E402
from fsamt_engine.learning.memory import resident_bytes  # noqa: E402
from fsamt_engine.library import Library, ModelKind, ModelRecord, StreamKind  # noqa: E402
from fsamt_engine.modalities.clips import ClipShape, frame_indices  # noqa: E402
from fsamt_engine.recognition import recogniser as recogniser_module  # noqa: E402
from fsamt_engine.recognition.live_model import LiveModel, open_live_model  # noqa: E402
from fsamt_engine.recognition.recogniser import Recogniser  # noqa: E402
from fsamt_engine.recognition.settings import RecognitionSettings  # noqa: E402
from fsamt_engine.recognition.sources import open_source  # noqa: E402
from fsamt_engine.recognition.state import Answer, LiveState, Timings  # noqa: E402

ACTIONS = ("background", "clap", "jump", "kick", "squat", "wave")
SETTLED_S = 2.0
PAINTED_S = 2.0
"""An answer that is older is not painted any more."""
PARTS = ("waiting", "preparing", "network", "display", "total")


class Notes:
    """Timings of many answers in memory that is taken once, so that they do not seem a leak."""

    def __init__(self, seconds: float) -> None:
        self._rows = np.full((round(120 * seconds) + 1000, len(PARTS)), np.nan, np.float32)
        self.n = 0

    def add(self, timings: Timings) -> None:
        """Note those of one answer."""
        display = np.nan if timings.display_ms is None else timings.display_ms
        self._rows[self.n] = (
            timings.waiting_ms,
            timings.preparing_ms,
            timings.network_ms,
            display,
            timings.total_ms,
        )
        self.n += 1

    @property
    def n_unpainted(self) -> int:
        """Answers without a display time."""
        return int(np.isnan(self._rows[: self.n, PARTS.index("display")]).sum())

    def summary(self) -> dict[str, dict[str, float]]:
        """Percentiles of each part; each is its own, so they do not add up."""
        rows = self._rows[: self.n].copy()
        if 0 < self.n_unpainted < self.n:
            rows[np.isnan(rows[:, PARTS.index("display")]), PARTS.index("total")] = np.nan
        found = {}
        for place, part in enumerate(PARTS):
            values = rows[:, place]
            if (known := values[~np.isnan(values)]).size:
                percentiles = np.percentile(known, (50, 95, 99))
                names = ("p50", "p95", "p99", "max")
                numbers = (*percentiles, known.max())
                found[part] = {n: round(float(v), 1) for n, v in zip(names, numbers, strict=True)}
        return found


@dataclass
class Load:
    """What the process uses."""

    began: float
    processor_s: float

    @classmethod
    def now(cls) -> "Load":
        """As it is at this moment."""
        return cls(time.monotonic(), time.process_time())

    def cpu(self) -> float:
        """Share of one core since then."""
        passed = time.monotonic() - self.began
        return round((time.process_time() - self.processor_s) / passed, 2)


class Memory:
    """Megabytes of the process, at each tenth of a run."""

    def __init__(self, seconds: float) -> None:
        self._step_s, self._began = seconds / 10, time.monotonic()
        self.megabytes: list[int] = []

    def look(self) -> None:
        """Note it if the next tenth has begun."""
        if time.monotonic() - self._began >= self._step_s * len(self.megabytes):
            self.megabytes.append(round((resident_bytes() or 0) / 2**20))


def fresh_recogniser(library: Library, network_name: str, size: int) -> ModelRecord:
    """A recogniser that has learned nothing; its normalisations are not left at their 0 and 1."""
    from fsamt_engine.learning.device import choose_device
    from fsamt_engine.learning.loop import FitResult
    from fsamt_engine.learning.store import Made, keep_model
    from fsamt_engine.library.snapshots import make_snapshot, save_snapshot
    from fsamt_engine.modalities.preparation import Modality, Preparation
    from fsamt_engine.networks import build

    network = build(network_name, 1, len(ACTIONS), seed=0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1.0)
    seen = make_snapshot("nothing", ACTIONS, [])
    save_snapshot(library, seen)
    return keep_model(
        library,
        Made(ModelKind.RECOGNISER, "from scratch", {"network": network_name}, seen.id),
        network,
        FitResult((), 0, "finished", 1, 0.0),
        choose_device("cpu"),
        name="fresh weights",
        modality=Modality.DEPTH,
        preparation=Preparation().with_size(size),
        shape=ClipShape(size=size),
        actions=ACTIONS,
    )


class Nobody:
    """Takes frames and forgets them."""

    def take_frame(self, frame: Frame) -> None:
        """Nothing."""

    def camera_ended(self, how: str) -> None:
        """Nothing."""


def source_alone(camera: str, seconds: float = 5.0) -> dict[str, Any]:
    with open_source(None, camera) as feed:
        feed.attach(Nobody(), feed.wait_until_open())
        time.sleep(SETTLED_S)
        load, before = Load.now(), feed.status().streams[0].n_frames
        time.sleep(seconds)
        n_frames = feed.status().streams[0].n_frames - before
        return {"frames_hz": round(n_frames / seconds, 1), "cpu": load.cpu()}


def ours(camera: str, model: LiveModel, seconds: float) -> dict[str, Any]:
    """Without a screen."""
    notes, is_settled = Notes(seconds), threading.Event()

    def note(answer: Any) -> None:
        if is_settled.is_set():
            notes.add(answer.timings)

    with open_source(None, camera) as feed:
        feed.wait_until_open()
        recogniser = Recogniser(feed, model, RecognitionSettings(), on_answer=note)
        time.sleep(SETTLED_S)
        before, memory, load = recogniser.state(), Memory(seconds), Load.now()
        is_settled.set()
        until = time.monotonic() + seconds
        while time.monotonic() < until and recogniser.state().failure is None:
            memory.look()
            time.sleep(0.1)
        passed = told(before, recogniser.state(), memory, load)
        recogniser.close()
    return passed | {"latency_ms": notes.summary()}


class Noting(Recogniser):
    """Notes every answer as soon as it was painted, or cannot be any more."""

    notes: ClassVar[Notes | None] = None

    def __init__(
        self, *about: Any, on_answer: Callable[[Answer], None] | None = None, **more: Any
    ) -> None:
        self._unnoted: deque[tuple[float, Answer]] = deque()

        def note(answer: Answer) -> None:
            now = time.monotonic()
            if self.notes is not None:
                self._unnoted.append((now, answer))
            while self._unnoted and now - self._unnoted[0][0] > PAINTED_S:
                self._note()
            if on_answer is not None:
                on_answer(answer)

        super().__init__(*about, on_answer=note, **more)

    def close(self) -> None:
        """Ends it, and notes what is left."""
        super().close()
        while self._unnoted:
            self._note()

    def _note(self) -> None:
        answer = self._unnoted.popleft()[1]
        assert self.notes is not None
        self.notes.add(self._timings.timings(answer.number) or answer.timings)


def ours_on_screen(camera: str, library: Path, seconds: float) -> dict[str, Any]:
    """The Live page of the program, as a person sees it."""
    from PySide6.QtWidgets import QApplication
    from serving import serve, wait_until

    from app.garbage import Collector
    from app.main import SWITCH_INTERVAL_S
    from app.main_window import MainWindow
    from app.pages.live import LivePage
    from app.studio import Studio
    from app.theme import Theme

    recogniser_module.Recogniser = Noting  # type: ignore[misc]
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication(sys.argv[:1])
    Theme(application)
    Collector(application)
    studio = Studio()
    window = MainWindow(studio)
    window.resize(1280, 720)
    window.show()
    studio.open_library(library)
    wait_until(lambda: studio.library is not None)
    window.go_to("live")
    page = window.current_page
    assert isinstance(page, LivePage)
    page.source_bar.choose_source(camera)
    page.start_button.click()
    wait_until(lambda: page.recognising.state is not None and page.recognising.is_running, 120)
    serve(SETTLED_S)
    before, memory, load = page.recognising.state, Memory(seconds), Load.now()
    assert before is not None
    Noting.notes = notes = Notes(seconds)
    page.recognising.ticked.connect(memory.look)
    serve(seconds)
    after = page.recognising.state
    if after is None:
        raise SystemExit(f"{page.notice.message} {page.notice.details}")
    passed = told(before, after, memory, load)
    window.close()
    return passed | {
        "latency_ms": notes.summary(),
        "answers_noted": notes.n,
        "skipped_by_screen": notes.n_unpainted,
    }


def told(before: LiveState, after: LiveState, memory: Memory, load: Load) -> dict[str, Any]:
    if after.failure is not None:
        raise after.failure
    passed = time.monotonic() - load.began
    assert before.answer is not None
    assert after.answer is not None
    return {
        "backend": after.backend_name,
        "seconds": round(passed, 1),
        "answers_hz": round((after.answer.number - before.answer.number) / passed, 2),
        "skipped": after.rates.skipped - before.rates.skipped,
        "dropped_by_camera": after.rates.dropped - before.rates.dropped,
        "memory_mb": memory.megabytes,
        "cpu": load.cpu(),
    }


class Pile:
    """A queue that grows."""

    def __init__(self) -> None:
        self.frames: deque[tuple[Frame, float]] = deque()
        self.came = threading.Event()

    def take_frame(self, frame: Frame) -> None:
        """Keep it, with the moment it came."""
        self.frames.append((frame, time.monotonic()))
        self.came.set()

    def camera_ended(self, how: str) -> None:
        """Nothing."""


def naively(camera: str, library: Library, record: ModelRecord, seconds: float) -> dict[str, Any]:
    """The whole clip for every frame, one after the other."""
    from fsamt_engine.learning.device import choose_device
    from fsamt_engine.learning.portable import prepared_network
    from fsamt_engine.learning.store import load_model
    from fsamt_engine.modalities.depth import prepare_depth

    loaded = load_model(library, record, choose_device("cpu"))
    network, shape, pile = prepared_network(loaded), loaded.shape, Pile()
    seen: deque[Any] = deque(maxlen=shape.span)
    latencies: list[float] = []
    with open_source(None, camera) as feed, torch.no_grad():
        opened = feed.wait_until_open()
        stream = opened.stream(StreamKind.DEPTH)
        assert stream is not None
        assert stream.unit_m is not None
        feed.attach(pile, opened)
        load = Load.now()
        while time.monotonic() - load.began < seconds:
            if not pile.frames:
                pile.came.wait(0.1)
                pile.came.clear()
                continue
            frame, came_at = pile.frames.popleft()
            seen.append(frame.pixels)
            places = frame_indices(0, shape, end=len(seen))
            raw = np.stack([seen[place] for place in places])
            clip = prepare_depth(
                raw, loaded.preparation.depth, stream.unit_m, opened.calibration.depth
            )
            network(torch.from_numpy(clip)[None])
            latencies.append(1000 * (time.monotonic() - came_at))
        n_waiting = len(pile.frames)
    percentiles = np.percentile(latencies, (50, 95, 99))
    return {
        "answers_hz": round(len(latencies) / seconds, 2),
        "latency_ms": {
            n: round(float(v)) for n, v in zip(("p50", "p95", "p99"), percentiles, strict=True)
        },
        "frames_waiting_at_the_end": n_waiting,
        "cpu": load.cpu(),
    }


@contextmanager
def made(options: argparse.Namespace) -> Iterator[tuple[Library, ModelRecord]]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        with Library.create(Path(folder) / "library") as library:
            yield library, fresh_recogniser(library, options.network, options.size)


def with_a_screen() -> None:
    """Starts anew inside Xvfb where there is no screen."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        if shutil.which("xvfb-run") is None:
            raise SystemExit("there is no screen here, and no Xvfb to stand in for one")
        screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x720x24"]
        os.execvp(screen[0], [*screen, sys.executable, *sys.argv])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--screen", action="store_true")
    parser.add_argument("--camera", default="simulated")
    parser.add_argument("--network", default="r3d_tiny")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--naive-seconds", type=float, default=20.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.screen:
        with_a_screen()
    result: dict[str, Any] = {"cores": os.cpu_count(), "machine": platform.machine()}

    def tell(what: str, found: Any) -> None:
        result[what] = found
        print(f"{what}: {json.dumps(found)}", flush=True)

    with made(options) as (library, record):
        model = open_live_model(library, record, options.device)
        tell("clip", f"{model.shape.n_frames}x{model.shape.size}x{model.shape.size}")
        tell("measured", {one.name: one.ms and round(one.ms, 1) for one in model.measured})
        tell("source alone", source_alone(options.camera))
        seconds = 60 * options.minutes
        if options.screen:
            tell("this program", ours_on_screen(options.camera, library.root, seconds))
        else:
            tell("this program", ours(options.camera, model, seconds))
        tell("naively", naively(options.camera, library, record, options.naive_seconds))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
