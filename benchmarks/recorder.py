"""Does the recorder keep up, how does it compare with the SDK's own, and what survives a kill?

    python benchmarks/recorder.py [--minutes 5] [--kill-after 20] [--hour] [--json OUT]

A source gives the same loop of pairs (the simulated figure, with the noise of a depth camera) at
848x480 and 30 Hz in real time, whether anybody keeps up or not, in a process of its own each time:

    source alone   to nobody: what the source itself costs
    this program   to CameraFeed and Recorder: FFV1 and Motion JPEG, journal, library
    SDK            to a software device that `rs.recorder` records into a .db3

Kept frames are counted in the finished files (and depth compared with what was given); CPU is the
processor time of the whole process, as a share of one core. Then both record again and are killed
(SIGKILL); what is readable afterwards is counted, for this program after `recover_takes`.

--hour records as many frames as an hour has, small and as fast as it goes, and shows the memory.
"""

import argparse
import json
import multiprocessing
import os
import platform
import queue
import resource
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fsamt_engine.capture.camera import (
    ActiveStream,
    CameraInfo,
    CameraSettings,
    Capabilities,
    Frame,
    LostFrames,
    OpenStream,
    StreamMode,
)
from fsamt_engine.capture.feed import CameraFeed
from fsamt_engine.capture.playback import PlaybackCamera
from fsamt_engine.capture.realsense_contents import stored_frames
from fsamt_engine.capture.realsense_recording import SoftwareCamera
from fsamt_engine.capture.realsense_sdk import sdk
from fsamt_engine.capture.recorder import Recorder, RecordingOrder
from fsamt_engine.capture.recovery import recover_takes
from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Calibration, Library, StreamKind
from fsamt_engine.media import DepthReader
from fsamt_engine.units import format_bytes

RATE_HZ = 30.0
SIZE, SMALL = (848, 480), (106, 60)
N_LOOP = 60
N_DRIVER_QUEUE = 32
COMPARED_EVERY = 50
FRAMES_OF_AN_HOUR = 2 * 108_000
UNIT_M = 0.001


@dataclass(frozen=True)
class Loop:
    """Pairs that are given again and again: (N, H, W) uint16 depth and (N, H, W, 3) uint8 RGB."""

    depth: np.ndarray
    colour: np.ndarray

    @classmethod
    def load(cls, folder: Path) -> "Loop":
        """What `make_loop` made."""
        return cls(np.load(folder / "depth.npy"), np.load(folder / "colour.npy"))

    @property
    def modes(self) -> tuple[StreamMode, StreamMode]:
        """Depth and colour."""
        _, height, width = self.depth.shape
        return (
            StreamMode(StreamKind.DEPTH, width, height, RATE_HZ),
            StreamMode(StreamKind.COLOUR, width, height, RATE_HZ),
        )

    def frames(self, number: int) -> Iterator[Frame]:
        """Depth and colour of one moment."""
        at_us, now_us = round(number * 1e6 / RATE_HZ), time.time_ns() // 1000
        place = number % len(self.depth)
        for kind, pixels in (
            (StreamKind.DEPTH, self.depth[place]),
            (StreamKind.COLOUR, self.colour[place]),
        ):
            yield Frame(kind, pixels.copy(), at_us, "device", number, now_us)


def make_loop(folder: Path, size: tuple[int, int]) -> None:
    scene = SimulatedScene(SceneSettings(width=size[0], height=size[1], rate_hz=RATE_HZ))
    pairs = [pair for pair, _ in zip(scene.live(), range(N_LOOP), strict=False)]
    folder.mkdir()
    np.save(folder / "depth.npy", np.stack([pair.depth for pair in pairs]))
    np.save(folder / "colour.npy", np.stack([pair.colour for pair in pairs]))


class Source:
    """Calls `give` with every frame when it is due, in a thread of its own, until it is stopped."""

    def __init__(self, loop: Loop, give: Callable[[Frame], None], n_given: Any) -> None:
        self._loop, self._give, self._n_given = loop, give, n_given
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No frame is given after this."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        started_at, number = time.monotonic(), 0
        while not self._stopped.wait(max(0.0, started_at + number / RATE_HZ - time.monotonic())):
            for frame in self._loop.frames(number):
                self._give(frame)
                self._n_given.value += 1
            number += 1


class LoopCamera:
    """The loop as a camera: in real time behind a driver's queue, or as fast as it is read."""

    def __init__(self, loop: Loop, real_time: bool, n_given: Any) -> None:
        self._loop, self._real_time, self._n_given = loop, real_time, n_given
        self._driver: queue.Queue[Frame] = queue.Queue(N_DRIVER_QUEUE)
        self._source: Source | None = None
        self._number = 0
        self.info = CameraInfo("loop", "Loop")
        self.capabilities = Capabilities(loop.modes, real_time)
        self.streams: tuple[OpenStream, ...] = ()
        self.calibration = Calibration()
        self.lost = LostFrames()
        self.has_ended = False

    def start(self, settings: CameraSettings) -> None:
        """Give both streams."""
        depth, colour = self._loop.modes
        self.streams = (OpenStream(depth, "device", UNIT_M), OpenStream(colour, "device"))
        if self._real_time:
            self._source = Source(self._loop, self._arrive, self._n_given)

    def active_streams(self) -> tuple[ActiveStream, ...]:
        """Both, once they are started."""
        return tuple(ActiveStream.of(stream.mode) for stream in self.streams)

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next frame."""
        if not self._real_time and self._driver.empty():
            for frame in self._loop.frames(self._number):
                self._driver.put(frame)
                self._n_given.value += 1
            self._number += 1
        try:
            return self._driver.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Give no more."""
        if self._source is not None:
            self._source.stop()

    def close(self) -> None:
        """Give no more."""
        self.stop()

    def _arrive(self, frame: Frame) -> None:
        try:
            self._driver.put_nowait(frame)
        except queue.Full:
            self.lost.count(frame.kind)


def run_source(folder: Path, seconds: float, n_given: Any) -> dict[str, Any]:
    source = Source(Loop.load(folder / "loop"), lambda frame: None, n_given)
    time.sleep(seconds)
    source.stop()
    return {"n_given": n_given.value, "n_kept": 0, "n_bytes": 0}


def run_ours(folder: Path, seconds: float, n_given: Any) -> dict[str, Any]:
    loop = Loop.load(folder / "loop")
    with ExitStack() as stack:
        library = stack.enter_context(Library.create(folder / "library"))
        camera = LoopCamera(loop, True, n_given)
        feed = stack.enter_context(CameraFeed("loop", None, lambda _: camera))
        feed.wait_until_open()
        recorder = Recorder(library, [feed], RecordingOrder("visit", "P01"))
        recorder.start()
        n_before = n_given.value
        fullest = 0.0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.1)
            fullest = max(fullest, recorder.status().queue_fill)
        n_given_to_it = n_given.value - n_before
        stopped_at = time.monotonic()
        (take,) = recorder.stop()
        finish_s = time.monotonic() - stopped_at
        n_kept = sum(stream.n_frames for stream in take.streams)
        assert take.recording is not None
        return {
            "n_given": n_given_to_it,
            "n_kept": n_kept,
            "n_dropped": sum(take.recording.n_dropped.values()),
            "n_pairs": take.n_pairs,
            "n_bytes": sum(stream.n_bytes for stream in take.streams),
            "fullest_queue": round(fullest, 2),
            "finish_s": round(finish_s, 2),
        }


def run_sdk(folder: Path, seconds: float, n_given: Any) -> dict[str, Any]:
    loop = Loop.load(folder / "loop")
    camera = SoftwareCamera(loop.modes, unit_m=UNIT_M)
    path = folder / "sdk.db3"
    recorder = sdk().recorder(str(path), camera.device)
    sensors = recorder.query_sensors()
    for sensor in sensors:
        sensor.open(sensor.get_stream_profiles())
        sensor.start(lambda _: None)
    source = Source(loop, camera.push, n_given)
    time.sleep(seconds)
    source.stop()
    stopped_at = time.monotonic()
    for sensor in sensors:
        sensor.stop()
        sensor.close()
    del sensor, sensors, recorder
    n_kept = sum(stored_frames(path).values())
    return {
        "n_given": n_given.value,
        "n_kept": n_kept,
        "n_dropped": n_given.value - n_kept,
        "n_bytes": path.stat().st_size,
        "finish_s": round(time.monotonic() - stopped_at, 2),
    }


def run_hour(folder: Path, seconds: float, n_given: Any) -> dict[str, Any]:
    """As many frames as an hour has, as fast as it goes; memory on the way."""
    with ExitStack() as stack:
        library = stack.enter_context(Library.create(folder / "hour"))
        camera = LoopCamera(Loop.load(folder / "small"), False, n_given)
        feed = stack.enter_context(CameraFeed("loop", None, lambda _: camera))
        feed.wait_until_open()
        recorder = Recorder(library, [feed], RecordingOrder("visit", "P01"))
        recorder.start()
        memory: list[int] = []
        while (n := recorder.status().n_frames) < FRAMES_OF_AN_HOUR:
            if n >= len(memory) * FRAMES_OF_AN_HOUR / 10:
                memory.append(_memory_now())
            time.sleep(0.05)
        (take,) = recorder.stop()
        return {
            "n_given": n_given.value,
            "n_kept": sum(stream.n_frames for stream in take.streams),
            "n_bytes": sum(stream.n_bytes for stream in take.streams),
            "memory_mb": [round(m / 1e6, 1) for m in memory],
        }


RUNS = {"source alone": run_source, "this program": run_ours, "SDK": run_sdk, "hour": run_hour}


def _memory_now() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _in_child(name: str, folder: Path, seconds: float, n_given: Any, results: Any) -> None:
    started_at, cpu_before = time.monotonic(), time.process_time()
    result = RUNS[name](folder, seconds, n_given)
    took_s = time.monotonic() - started_at
    cpu_s = time.process_time() - cpu_before
    result["cpu_of_a_core"] = round(cpu_s / took_s, 3)
    result["peak_memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, 1)
    result["seconds"] = round(took_s, 1)
    results.put(result)


def run(name: str, folder: Path, seconds: float, kill: bool = False) -> dict[str, Any]:
    """One run in a process of its own; when killed, only how much was given is known."""
    context = multiprocessing.get_context("spawn")
    n_given, results = context.Value("q", 0), context.SimpleQueue()
    arguments = (name, folder, 1e9 if kill else seconds, n_given, results)
    child = context.Process(target=_in_child, args=arguments)
    child.start()
    if not kill:
        result: dict[str, Any] = results.get()
        child.join()
        return result
    while n_given.value < 2 * seconds * RATE_HZ:
        time.sleep(0.01)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    return {"n_given": n_given.value}


def readable_ours(folder: Path) -> dict[str, Any]:
    with Library.open(folder / "library") as library:
        started_at = time.monotonic()
        recovered = recover_takes(library)
        took_s = time.monotonic() - started_at
        return {
            "n_readable": sum(s.n_frames for take in recovered for s in take.streams),
            "recovery_s": round(took_s, 2),
            "n_compared": sum(compare(library, take.id) for take in recovered),
        }


def readable_sdk(folder: Path) -> dict[str, Any]:
    n_frames = 0
    try:
        camera = PlaybackCamera(folder / "sdk.db3", real_time=False)
        camera.start(CameraSettings(camera.capabilities.modes))
        while not camera.has_ended:
            n_frames += camera.read(5.0) is not None
        camera.close()
    except FsamtError as error:
        return {"n_readable": n_frames, "error": str(error)}
    return {"n_readable": n_frames}


def compare(library: Library, take_id: str) -> int:
    """Reads every 50th depth frame and compares it with what was given; how many there were."""
    from fsamt_engine.library import takes

    loop = Loop.load(library.root.parent / "loop")
    stream = takes.take(library, take_id).stream(StreamKind.DEPTH)
    assert stream is not None
    numbers = takes.frame_numbers(library, take_id, StreamKind.DEPTH)
    assert numbers is not None
    with DepthReader(library.absolute(stream.path), stream.n_frames) as reader:
        assert reader.n_missing == 0
        for index in range(0, stream.n_frames, COMPARED_EVERY):
            given = loop.depth[int(numbers[index]) % len(loop.depth)]
            assert np.array_equal(reader[index], given), f"frame {index} is not what was given"
    return len(range(0, stream.n_frames, COMPARED_EVERY))


def clear(folder: Path) -> None:
    shutil.rmtree(folder / "library", ignore_errors=True)
    (folder / "sdk.db3").unlink(missing_ok=True)


def show(name: str, result: dict[str, Any], seconds: float) -> None:
    per_minute = format_bytes(result["n_bytes"] / seconds * 60)
    print(
        f"{name:13} given {result['n_given']:6}  kept {result['n_kept']:6}  dropped "
        f"{result.get('n_dropped', 0):6}  {format_bytes(result['n_bytes']):>9} ({per_minute} a "
        f"minute)  CPU {result['cpu_of_a_core'] * 100:5.1f} %  memory "
        f"{result['peak_memory_mb']:6.1f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--kill-after", type=float, default=20, metavar="SECONDS")
    parser.add_argument("--hour", action="store_true", help="only the frames of an hour")
    parser.add_argument("--folder", type=Path, help="on the disk to write to")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60
    found: dict[str, Any] = {}
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f}", flush=True)
    if arguments.hour:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            make_loop(Path(folder) / "small", SMALL)
            found["hour"] = result = run("hour", Path(folder), 0)
            print(
                f"{result['n_kept']} frames in {result['seconds']} s; memory at each tenth: "
                f"{', '.join(map(str, result['memory_mb']))} MB"
            )
    else:
        print(f"{SIZE[0]}x{SIZE[1]} depth and colour, {RATE_HZ:g} pairs/s, {seconds:g} s each")
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name_of_folder:
            folder = Path(name_of_folder)
            make_loop(folder / "loop", SIZE)
            for name in ("source alone", "this program", "SDK"):
                length = min(seconds, 20) if name == "source alone" else seconds
                found[name] = run(name, folder, length)
                if name == "this program":
                    with Library.open(folder / "library") as library:
                        (row,) = library.rows("SELECT id FROM takes")
                        found[name]["n_compared"] = compare(library, row[0])
                show(name, found[name], length)
                clear(folder)
            print(f"Killed after {arguments.kill_after:g} s of frames:")
            for name, readable in (("this program", readable_ours), ("SDK", readable_sdk)):
                killed = run(name, folder, arguments.kill_after, kill=True)
                killed |= readable(folder)
                found[f"{name}, killed"] = killed
                print(f"{name:13} {killed}", flush=True)
                clear(folder)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
