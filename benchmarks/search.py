"""How long does it take to search an hour, and with how much memory?

    python benchmarks/search.py LIBRARY DETECTOR [DETECTOR ...] [--minutes 60] [--threads 2]
        [--json OUT]

Searches the shortest take of at least so many minutes; where there is none, one is composed of the
takes of somebody in the library (the same pieces again and again) and stays there: use a copy. Each
detector searches in a process of its own, with nothing in the cache:

    prepare     seconds until the take's frames are cut out and scaled (decoding is in it)
    search      seconds from these frames to the detections
    processor   seconds of processor time of both, on all cores
    peak        MiB of memory of its own at most while it searches; pages of the cache that are
                mapped are not in it, the system takes them back when it wants
    first tenth the same where only the first tenth of the take is searched: alike if memory is flat

Memory is read from /proc, so it is told on Linux only.
"""

import argparse
import json
import multiprocessing
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

PAUSE_S = 0.05
STATUS = Path("/proc/self/status")


@dataclass
class Peak:
    """MiB; not a number where the system does not say it."""

    mib: float = float("nan")


@dataclass(frozen=True)
class Searched:
    """What one detector took for one take."""

    detector: str
    head: str
    minutes: float
    prepare_s: float
    search_s: float
    processor_s: float
    peak_mib: float
    first_tenth_mib: float
    n_detections: int


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("library", type=Path)
    options.add_argument("detectors", nargs="+")
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--json", type=Path, dest="out")
    given = options.parse_args()
    take_id = long_take(given.library, given.detectors[0], given.minutes)
    results = []
    spawn = multiprocessing.get_context("spawn")
    for detector in given.detectors:
        with ProcessPoolExecutor(1, spawn) as pool:
            one = pool.submit(search, given.library, detector, take_id, given.threads).result()
        results.append(one)
        print(f"{one.detector} ({one.head}), {one.minutes:.1f} minutes, {one.n_detections} found")
        print(f"  prepare {one.prepare_s:.0f} s, search {one.search_s:.0f} s", end=", ")
        print(f"processor {one.processor_s:.0f} s", end=", ")
        print(f"peak {one.peak_mib:.0f} MiB (first tenth {one.first_tenth_mib:.0f})", flush=True)
    if given.out:
        given.out.write_text(json.dumps([asdict(one) for one in results], indent=1))


def long_take(root: Path, detector: str, minutes: float) -> str:
    """A take of at least so many minutes, the shortest there is; composed where there is none."""
    from fsamt_engine.datasets.composing import CompositionSettings, compose
    from fsamt_engine.library import Library
    from fsamt_engine.library.models import model
    from fsamt_engine.library.snapshots import snapshot
    from fsamt_engine.library.takes import take

    with Library.open(root) as library:
        ids = [str(take_id) for (take_id,) in library.rows("SELECT id FROM takes")]
        lengths = {one: take(library, one).main for one in ids}
        long = {
            one: main.n_frames
            for one, main in lengths.items()
            if main.n_frames >= 60 * minutes * main.rate_hz
        }
        if long:
            return min(long, key=lambda one: long[one])
        record = model(library, detector)
        trained = snapshot(library, str(record.snapshot_id)).train
        settings = CompositionSettings(
            record.actions, participants=(trained[0].participant,), minutes=minutes
        )
        return compose(library, settings)[0]


def search(root: Path, detector: str, take_id: str, threads: int) -> Searched:
    """Prepare and search a take from nothing, as `detect` does it, and take the time."""
    import torch

    torch.set_num_threads(threads)
    from fsamt_engine.detection.detector import load_detector
    from fsamt_engine.detection.search import search_of, search_take, span_of
    from fsamt_engine.learning.device import choose_device
    from fsamt_engine.learning.prepare import prepare
    from fsamt_engine.library import Library
    from fsamt_engine.library.models import model
    from fsamt_engine.library.takes import take

    device = choose_device("cpu")
    with Library.open(root) as library:
        record = model(library, detector)
        loaded = load_detector(library, record, device)
        shutil.rmtree(library.cache_folder / "clips" / take_id, ignore_errors=True)
        whole = span_of(take(library, take_id))
        settings = search_of(record)
        processor_at, began = time.process_time(), time.monotonic()
        prepare(library, [take_id], (loaded.modality,), loaded.preparation, None, None)
        prepare_s, prepare_cpu_s = time.monotonic() - began, time.process_time() - processor_at
        tenth = replace(whole, n_frames=whole.n_frames // 10)
        with own_memory() as first:
            search_take(loaded.detector, loaded.reader(library), tenth, settings, device)
        processor_at, began = time.process_time(), time.monotonic()
        with own_memory() as peak:
            found = search_take(loaded.detector, loaded.reader(library), whole, settings, device)
        search_s, search_cpu_s = time.monotonic() - began, time.process_time() - processor_at
    return Searched(
        record.id,
        str(loaded.head),
        whole.n_frames / whole.rate_hz / 60,
        prepare_s,
        search_s,
        prepare_cpu_s + search_cpu_s,
        peak.mib,
        first.mib,
        len(found),
    )


@contextmanager
def own_memory() -> Iterator[Peak]:
    """The most memory of its own that this process has while the block runs."""
    peak, is_over = Peak(), threading.Event()

    def watch() -> None:
        while not is_over.wait(PAUSE_S):
            peak.mib = max(own_mib(), 0.0 if peak.mib != peak.mib else peak.mib)

    watcher = threading.Thread(target=watch, daemon=True)
    if STATUS.exists():
        watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        if watcher.is_alive():
            watcher.join()


def own_mib() -> float:
    """MiB that this process alone has, without files that it has mapped."""
    for line in STATUS.read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
