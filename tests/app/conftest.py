"""Fixtures of the window's tests: offscreen, settings of their own, a tiny real library."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QSettings, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.garbage import Collector
from app.main_window import MainWindow
from app.pages.capture import CapturePage
from app.studio import Studio
from app.theme import Theme
from fsamt_engine.library import Calibration, Intrinsics, Library, Recording, StreamKind
from fsamt_engine.library.takes import StreamDraft, TakeDraft, add_take, staging_folder
from fsamt_engine.media import ColourWriter, DepthWriter
from tests.app.capturing import checks_of, plug_in_puppets
from tests.fsamt_engine.capture.puppet import Puppet

WIDTH, HEIGHT, N_FRAMES = 48, 40, 20
MOVES = {"across": (1.0, 0.0), "down": (0.0, 1.0)}


@pytest.fixture(scope="session", autouse=True)
def application(qapp: QApplication) -> QApplication:
    """The application with its theme and its collector, as `app.main` makes it."""
    Theme(qapp)
    Collector(qapp)
    return qapp


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's is read or written."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings")
    )


@pytest.fixture(autouse=True)
def no_left_over_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A thread that outlives its test fails it.

    Qt tells that a thread has finished while it clears up in it; for that it has half a second.
    """
    started: list[QThread] = []
    start = QThread.start

    def recorded_start(thread: QThread, *arguments: object) -> None:
        started.append(thread)
        start(thread, *arguments)

    monkeypatch.setattr(QThread, "start", recorded_start)
    before = set(threading.enumerate())
    yield
    running = [t for t in started if shiboken6.isValid(t) and not t.wait(500)]
    for thread in running:
        thread.wait(10_000)
    assert not running, f"{len(running)} Qt threads were left over"
    # Qt's pools keep their idle threads; Python sees those as dummies. And where tqdm is installed
    # (transformers brings it), PyTorch's exporter makes a bar, and that a thread which stays.
    left = [t for t in set(threading.enumerate()) - before if t.is_alive()]
    own = [t for t in left if not isinstance(t, threading._DummyThread)]
    assert not [t.name for t in own if t.name != "tqdm_monitor"]


def add_square_take(
    library: Library,
    participant: str,
    action: str,
    number: int,
    *,
    with_colour: bool = True,
    shift: int = 0,
    recording: Recording | None = None,
) -> str:
    """Add a take of a square that moves before a wall; returns its id.

    Depth frame i has its wall at 3000 + 10 i mm, colour frame j has j in the red of its first
    pixels, and depth frame i is paired with colour frame i + `shift`, 2 ms earlier. Times are a
    camera's where there is a `recording`.
    """
    rng = np.random.default_rng([ord(participant[-1]), list(MOVES).index(action), number])
    texture = rng.integers(100, 255, (12, 12, 3)).astype(np.uint8)
    wall = rng.integers(60, 120, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    x, y = rng.uniform(6, 12, 2)
    frames = []
    for t in range(N_FRAMES):
        depth = np.full((HEIGHT, WIDTH), 3000 + 10 * t, np.uint16)
        depth[-4:] = 0
        colour = wall.copy()
        left, top = int(x + MOVES[action][0] * t), int(y + MOVES[action][1] * t)
        depth[top : top + 12, left : left + 12] = 2000
        colour[top : top + 12, left : left + 12] = texture[: HEIGHT - top, : WIDTH - left]
        colour[:8, :8] = (12 * t, 0, 0)
        frames.append((depth, colour))
    times = np.arange(N_FRAMES, dtype=np.int64) * 33_333
    size = {"width": WIDTH, "height": HEIGHT, "n_frames": N_FRAMES, "rate_hz": 30.0}
    if recording is not None:
        size |= {"timestamp_domain": "device"}
    lens = Intrinsics(WIDTH, HEIGHT, 45.0, 45.0, WIDTH / 2, HEIGHT / 2)
    with staging_folder(library) as staging:
        path = staging / "depth.mkv"
        with DepthWriter(path, WIDTH, HEIGHT, 30.0) as depth_file:
            for depth, _ in frames:
                depth_file.write(depth)
        kind = StreamKind.DEPTH
        streams = [StreamDraft(kind, path, codec="ffv1", unit_m=0.001, timestamps_us=times, **size)]
        pairs = np.zeros((0, 3), np.int64)
        if with_colour:
            path = staging / "colour.mkv"
            with ColourWriter(path, WIDTH, HEIGHT, 30.0) as colour_file:
                for _, colour in frames:
                    colour_file.write(colour)
            kind = StreamKind.COLOUR
            early = times - 2_000 - 33_333 * shift
            streams.append(StreamDraft(kind, path, codec="mjpeg", timestamps_us=early, **size))
            index = np.arange(N_FRAMES - shift, dtype=np.int64)
            pairs = np.stack([index, index + shift, np.full_like(index, 2_000)], axis=1)
        draft = TakeDraft(
            session=f"visit of {participant}",
            participant=participant,
            source="test",
            source_key=f"test/{participant}/{action}/{number}",
            started_at_us=1_760_000_000_000_000 + number,
            streams=streams,
            pairs=pairs,
            segments=[(action, 0, N_FRAMES)],
            calibration=Calibration(depth=lens, colour=lens),
            recording=recording,
        )
        return add_take(library, staging, draft).id


@pytest.fixture(scope="session")
def _square_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("squares") / "library"
    with Library.create(root) as library:
        for participant in ("P1", "P2"):
            for action in MOVES:
                for number in range(3):
                    shift = 3 if (participant, action, number) == ("P1", "across", 0) else 0
                    add_square_take(library, participant, action, number, shift=shift)
        add_square_take(library, "P2", "down", 3, with_colour=False)
    return root


@pytest.fixture
def library_root(_square_source: Path, tmp_path: Path) -> Path:
    """13 takes of P1 and P2: 6 of "across", 7 of "down", the last without colour.

    The first of P1 is paired 3 frames apart; the others frame by frame.
    """
    root = tmp_path / "squares"
    shutil.copytree(_square_source, root)
    return root


@pytest.fixture
def library(library_root: Path) -> Iterator[Library]:
    """The same, open without a window."""
    with Library.open(library_root) as opened:
        yield opened


@pytest.fixture
def studio() -> Iterator[Studio]:
    """What the pages share; closed at the end."""
    made = Studio()
    yield made
    made.close()


@pytest.fixture
def open_in(qtbot: QtBot) -> Callable[[Studio, Path], None]:
    """Opens a library in a studio, and waits for it."""

    def open_and_wait(studio: Studio, root: Path) -> None:
        with qtbot.waitSignal(studio.library_opened, timeout=10_000):
            studio.open_library(root)

    return open_and_wait


@pytest.fixture
def puppets(monkeypatch: pytest.MonkeyPatch) -> dict[str, Puppet]:
    """Two cameras that are plugged in, found and opened like any others."""
    return plug_in_puppets(monkeypatch)


@pytest.fixture
def capture_page(
    qtbot: QtBot,
    studio: Studio,
    puppets: dict[str, Puppet],
    tmp_path: Path,
    open_in: Callable[[Studio, Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CapturePage]:
    """The page with the first puppet's pictures on it, in a new library, without a preflight."""
    monkeypatch.setattr("app.pages.capture.preflight_task.preflight", checks_of)
    (tmp_path / "visit").mkdir()
    open_in(studio, tmp_path / "visit")
    made = CapturePage(studio)
    made.conductor.sounds.is_muted = True
    qtbot.addWidget(made)
    made.resize(1192, 690)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: made.viewfinder.opened("puppet:1") is not None, timeout=5000)
    puppets["puppet:1"].give()
    qtbot.waitUntil(lambda: StreamKind.COLOUR in made.view.shown, timeout=5000)
    yield made
    studio.close_library()


@pytest.fixture
def window(qtbot: QtBot, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window, shown, with an engine that does not load by itself."""
    monkeypatch.setattr(studio.engine, "load", lambda: None)
    made = MainWindow(studio)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made
