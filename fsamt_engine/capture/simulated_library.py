"""Filling a library with simulated takes: what the demo learns from."""

import hashlib
import json
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from fsamt_engine.capture.figure import JOINTS
from fsamt_engine.capture.simulated import ACTIONS, SceneSettings
from fsamt_engine.capture.simulated_takes import (
    COLOUR_FILE,
    DEPTH_FILE,
    SKELETON_FILE,
    TakeOrder,
    WrittenTake,
    write_take,
)
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import StreamKind
from fsamt_engine.library.takes import (
    StreamDraft,
    TakeDraft,
    add_take,
    existing_source_keys,
    staging_folder,
    sweep_orphans,
)
from fsamt_engine.media.colour import COLOUR_CODEC
from fsamt_engine.media.depth import DEPTH_CODEC
from fsamt_engine.media.skeleton import SKELETON_CODEC
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

SOURCE = "simulated"
_FIRST_TAKE_AT_US = 1_735_722_000_000_000  # 2025-01-01 09:00 UTC
_DAY_US = 86_400_000_000
_BETWEEN_TAKES_US = 9_000_000
_STOP_IS_ASKED_EVERY_S = 0.1


@dataclass(frozen=True)
class SimulatedLibrarySettings:
    """Which simulated takes a library is to have.

    Attributes:
        participants: How many; they are called P01, P02, ...
        takes_per_action: Of each participant.
        actions: What they do, some of `simulated.ACTIONS`.
        visits: Sessions of a participant, over which the takes of an action are spread; clothes,
            room, light and viewpoint are others each time.
        width, height: Of colour and depth, in pixels.
        rate_hz: Pairs a second.
        seconds: How long a take is, more or less: a performance that is over after 3/4 of this is
            followed by standing still until then, one that lasts 5/4 is cut off.
        unit_m: Metres a step of depth.
        seed: Of everything.
    """

    participants: int = 8
    takes_per_action: int = 2
    actions: tuple[str, ...] = ACTIONS
    visits: int = 2
    width: int = 240
    height: int = 180
    rate_hz: float = 30.0
    seconds: float = 2.0
    unit_m: float = 0.001
    seed: int = 0

    @property
    def n_takes(self) -> int:
        """Takes in all."""
        return self.participants * self.takes_per_action * len(self.actions)


@dataclass(frozen=True)
class _PlannedTake:
    order: TakeOrder
    participant: str
    session: str
    source_key: str
    started_at_us: int


def add_simulated_takes(
    library: Library,
    settings: SimulatedLibrarySettings,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    workers: int = 2,
) -> int:
    """Adds the takes of these settings that the library does not have yet.

    Takes come whole and one by one, in the same order and with the same content every time, so this
    may be killed at any moment: the same call goes on after the last take.

    Args:
        library: Where the takes go.
        settings: Which takes.
        on_progress: Gets "Simulating takes", takes done of takes to do.
        should_stop: Asked several times a second; any answer but None stops.
        workers: Takes that are made at the same time, in processes of their own (drawing a figure
            is many small steps, which threads of one process would do in turn); 1 starts none.

    Returns:
        How many takes were added.

    Raises:
        Cancelled: `should_stop` said so. What was added stays.
        FsamtError: The settings make no sense, or the disk is full. What was added stays.
    """
    planned = _plan(settings)
    sweep_orphans(library)
    there = existing_source_keys(library, SOURCE)
    to_do = [take for take in planned if take.source_key not in there]
    watch = Stopwatch(len(to_do))

    def tell(done: int) -> None:
        if on_progress is not None:
            left = watch.seconds_left(done)
            on_progress(Progress("Simulating takes", done, len(to_do), seconds_left=left))

    tell(0)
    with closing(_staged(library, to_do, should_stop, min(workers, len(to_do)))) as staged:
        for done, (take, holder, folder, written) in enumerate(staged, 1):
            with holder:
                add_take(library, folder, _draft(take, folder, written))
            tell(done)
    return len(to_do)


def _plan(settings: SimulatedLibrarySettings) -> list[_PlannedTake]:
    """All takes, those of one session after each other."""
    unknown = sorted(set(settings.actions) - set(ACTIONS))
    if unknown:
        raise FsamtError(
            f"The simulated participants do not know the action '{unknown[0]}'.",
            f"They know: {', '.join(ACTIONS)}.",
        )
    least = min(settings.participants, settings.takes_per_action, settings.visits)
    if least < 1 or min(settings.width, settings.height) < 32 or settings.seconds <= 0:
        raise FsamtError(
            "Simulated takes need a participant, a take, a visit, 32x32 pixels and some length.",
            "Give larger numbers.",
        )
    # What makes takes different makes their keys different; more of the same are new keys only.
    made_by = asdict(settings)
    for name in ("participants", "takes_per_action", "actions"):
        del made_by[name]
    family = hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:8]
    takes = []
    for participant in range(settings.participants):
        name = f"P{participant + 1:02d}"
        for visit in range(settings.visits):
            scene = SceneSettings(
                settings.seed, participant, visit, settings.width, settings.height,
                settings.rate_hz, settings.unit_m,
            )  # fmt: skip
            day = _FIRST_TAKE_AT_US + (visit * settings.participants + participant) * _DAY_US
            orders = [
                TakeOrder(scene, action, k, (0.75 * settings.seconds, 1.25 * settings.seconds))
                for k in range(visit, settings.takes_per_action, settings.visits)
                for action in settings.actions
            ]
            takes += [
                _PlannedTake(
                    order,
                    name,
                    f"Simulated {name}, visit {visit + 1}",
                    f"{SOURCE}/{family}/{name}/{order.action}/{order.number + 1}",
                    day + index * _BETWEEN_TAKES_US,
                )
                for index, order in enumerate(orders)
            ]
    return takes


_Staged = tuple[_PlannedTake, ExitStack, Path, WrittenTake]


def _staged(
    library: Library, takes: list[_PlannedTake], should_stop: ShouldStop | None, workers: int
) -> Generator[_Staged, None, None]:
    """Makes takes, some ahead, and gives them in order; whoever gets one closes its holder.

    However this ends, no process is left behind and no staged folder either.
    """
    if not takes:
        return
    waiting: deque[tuple[_PlannedTake, ExitStack, Path, Future[WrittenTake]]] = deque()

    def next_one() -> _Staged:
        take, holder, folder, future = waiting[0]
        _wait(future, should_stop)
        written = future.result()
        waiting.popleft()
        return take, holder, folder, written

    with _pool(workers) as pool:
        try:
            for take in takes:
                holder = ExitStack()
                folder = holder.enter_context(staging_folder(library))
                waiting.append((take, holder, folder, pool.submit(write_take, take.order, folder)))
                if len(waiting) > 2 * workers:
                    yield next_one()
            while waiting:
                yield next_one()
        except BrokenProcessPool as error:
            raise FsamtError(
                "A process that was making simulated takes was ended from outside.",
                "Start again: it goes on after the last take that was added.",
            ) from error
        finally:
            for *_, future in waiting:
                future.cancel()
            wait([future for *_, future in waiting])
            for _, holder, _, _ in waiting:
                holder.close()


def _wait(future: "Future[WrittenTake]", should_stop: ShouldStop | None) -> None:
    while True:
        if should_stop is not None and should_stop() is not None:
            raise Cancelled(resumable=True)
        if wait([future], _STOP_IS_ASKED_EVERY_S).done:
            return


def _pool(workers: int) -> Executor:
    if workers < 2:
        return ThreadPoolExecutor(1, "simulated takes")
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_begin_process)


def _begin_process() -> None:
    """One thread for each process, and no life after the parent's (which may be killed)."""
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=follow, name="follow parent", daemon=True).start()


def _draft(take: _PlannedTake, folder: Path, written: WrittenTake) -> TakeDraft:
    scene = take.order.scene
    n = len(written.depth_us)
    index = np.arange(n)

    def stream(kind: StreamKind, name: str, codec: str, width: int, height: int) -> StreamDraft:
        return StreamDraft(
            kind,
            folder / name,
            width,
            height,
            n,
            scene.rate_hz,
            codec,
            written.colour_us if kind == StreamKind.COLOUR else written.depth_us,
            scene.unit_m if kind == StreamKind.DEPTH else None,
            written.frame_numbers,
            "device",
        )

    size = (scene.width, scene.height)
    return TakeDraft(
        session=take.session,
        participant=take.participant,
        source=SOURCE,
        source_key=take.source_key,
        started_at_us=take.started_at_us,
        streams=[
            stream(StreamKind.DEPTH, DEPTH_FILE, DEPTH_CODEC, *size),
            stream(StreamKind.COLOUR, COLOUR_FILE, COLOUR_CODEC, *size),
            stream(StreamKind.SKELETON, SKELETON_FILE, SKELETON_CODEC, len(JOINTS), 1),
        ],
        pairs=np.stack([index, index, written.depth_us - written.colour_us], axis=1),
        segments=[(take.order.action, 0, n)],
        calibration=written.calibration,
    )
