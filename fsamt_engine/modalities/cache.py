"""Prepared takes, kept in the library's cache so that a file is decoded once."""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import numpy.typing as npt

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library import takes as library_takes
from fsamt_engine.modalities.boxes import View, still_view
from fsamt_engine.modalities.building import build, view_from
from fsamt_engine.modalities.kept import VIEWS, KeptTake
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop, Stopwatch

Array = npt.NDArray[Any]

_ASK_EVERY_S = 0.2


def prepared_take(
    library: Library, take_id: str, modality: Modality, preparation: Preparation
) -> Array:
    """The prepared frames of a take, from the cache or made now.

    Every modality is indexed by the take's main frames (of depth, where it has depth);
    `matching.py` says which frames of the other streams go with them.

    Returns:
        A mapped array: depth (T, S, S) float16 in 0..1, infrared (T, S, S) uint8, rgb
        (T, S, S, 3) uint8, flow (T, S, S, 2) uint8 as coded by `flow.py` (the first frame repeats
        the second's), skeleton (T, 2, J, 3) float32 metres as `skeleton.py` fills it.

    Raises:
        FsamtError: The take has no such stream, its files lack frames, or the disk is full.
    """
    kept = KeptTake(library, library_takes.take(library, take_id), preparation)
    array = kept.read(modality)
    if array is None:
        build(kept, [modality], threading.Event())
        array = kept.read(modality)
    return _still_there(array, take_id)


def prepare_takes(
    library: Library,
    take_ids: Sequence[str],
    modalities: Sequence[Modality],
    preparation: Preparation,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    workers: int = 2,
) -> None:
    """Fills the cache for many takes at once; what is there already costs next to nothing.

    Args:
        library: Where the takes are.
        take_ids: Which takes.
        modalities: Which arrays of each.
        preparation: The settings.
        on_progress: Told after every take.
        should_stop: Asked several times a second.
        workers: Takes prepared at the same time, in threads (decoding leaves Python's lock alone).

    Raises:
        Cancelled: `should_stop` said so. What was prepared stays.
        FsamtError: As `prepared_take`; the other takes that were under way are given up.
    """
    stop = threading.Event()

    def prepare(take_id: str) -> None:
        kept = KeptTake(library, library_takes.take(library, take_id), preparation)
        missing = [modality for modality in modalities if kept.read(modality) is None]
        if missing and not stop.is_set():
            build(kept, missing, stop)

    watch = Stopwatch(len(take_ids))
    waiting = list(reversed(take_ids))
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prepare") as pool:
        try:
            while waiting or running:
                while waiting and len(running) < 2 * workers:
                    running.add(pool.submit(prepare, waiting.pop()))
                finished, running = wait(running, _ASK_EVERY_S, FIRST_COMPLETED)
                for future in finished:
                    future.result()
                done = len(take_ids) - len(waiting) - len(running)
                if on_progress and finished:
                    left = watch.seconds_left(done)
                    on_progress(Progress("Preparing takes", done, len(take_ids), {}, left))
                asked = should_stop() if should_stop else None
                if asked:
                    raise Cancelled(resumable=asked is not Stop.CANCEL)
        finally:
            stop.set()


def views(library: Library, take_id: str, preparation: Preparation) -> list[View]:
    """What is seen of each main frame of a take, (T,); prepares its depth where needed.

    Without depth, the whole frame or the region, every time.
    """
    kept = KeptTake(library, library_takes.take(library, take_id), preparation)
    if not kept.has_depth:
        main, crop = kept.take.main, preparation.depth.crop
        return [still_view(crop, main.width, main.height, kept.take.region)] * main.n_frames
    if kept.read(VIEWS) is None:
        build(kept, [Modality.DEPTH], threading.Event())
    return [view_from(row) for row in _still_there(kept.read(VIEWS), take_id)]


def _still_there(array: Array | None, take_id: str) -> Array:
    if array is None:
        raise FsamtError(
            f"The cache of take {take_id} was removed while it was read.", "Try again."
        )
    return array
