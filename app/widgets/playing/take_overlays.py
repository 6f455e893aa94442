"""What can be drawn on the pictures of a take, computed in a thread of its own."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from app.tasks import Problem
from app.widgets.take_frames import TakeFiles, load_codecs
from fsamt_engine.errors import Cancelled
from fsamt_engine.library import StreamKind
from fsamt_engine.progress import Stop

if TYPE_CHECKING:
    from app.widgets.playing.flow_pictures import FlowPictures
    from fsamt_engine.modalities.boxes import View

_AHEAD = 12
_MOST_KEPT = 512


class Overlay(StrEnum):
    """What can be drawn on the pictures."""

    CROP = "crop"
    FLOW = "flow"
    SKELETON = "skeleton"


class TakeOverlays(QObject):
    """Computes what is wanted of one take. Everything found stays until the take is left."""

    found = Signal()
    """Something that was wanted is there."""
    failed = Signal(str, object)
    """An `Overlay` that cannot be shown of this take, and the `Problem`."""
    busy_changed = Signal(bool)
    """Whether it looks for the person now, which takes a while the first time."""
    ended = Signal()
    """The thread has ended, after `ask_to_end`."""

    def __init__(self, files: TakeFiles, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = files
        self._condition = threading.Condition()
        self._wanted: frozenset[Overlay] = frozenset()
        self._broken: set[Overlay] = set()
        self._index = 0
        self._is_over = False
        self._views: list[View] | None = None
        self._joints: NDArray[np.float32] | None = None
        self._flow: OrderedDict[int, QImage] = OrderedDict()
        self._thread = _OverlayThread(self)
        self._thread.finished.connect(self.ended)

    def want(self, overlays: frozenset[Overlay], index: int) -> None:
        """Compute this for a moment (and flow for those after it) next."""
        with self._condition:
            self._wanted, self._index = overlays, index
            self._condition.notify()
        if overlays and not self._thread.isRunning() and not self._is_over:
            self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether its thread was started and has not ended."""
        return self._thread.isRunning()

    def view(self, index: int) -> "View | None":
        """What the student sees of a moment, as far as it was computed."""
        views = self._views
        return views[index] if views is not None and index < len(views) else None

    def joints(self, index: int) -> NDArray[np.float32] | None:
        """The bodies of a moment, (B, J, 3) metres, as far as they were read."""
        joints = self._joints
        return joints[index] if joints is not None and index < len(joints) else None

    def flow(self, index: int) -> QImage | None:
        """The flow that leads to a moment, as far as it was computed."""
        with self._condition:
            return self._flow.get(index)

    def ask_to_end(self) -> None:
        """Let the thread end soon."""
        with self._condition:
            self._is_over = True
            self._condition.notify()

    def close(self) -> None:
        """End the thread, and wait for what it does now."""
        self.ask_to_end()
        self._thread.wait()

    def work_until_over(self) -> None:
        """The thread's work."""
        flow: FlowPictures | None = None
        load_codecs()
        try:
            while (job := self._next_job()) is not None:
                overlay, index = job
                try:
                    if overlay is Overlay.SKELETON:
                        self._joints = self._read_joints()
                    elif overlay is Overlay.CROP:
                        self._find_views()
                    else:
                        flow = flow or self._open_flow()
                        self._keep_flow(index, flow.picture(index))
                except Cancelled:
                    continue
                except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
                    self._give_up(overlay, Problem.of(error))
                else:
                    self.found.emit()
        finally:
            if flow is not None:
                flow.close()

    def _next_job(self) -> tuple[Overlay, int] | None:
        """What to do next; waits while there is nothing. None at the end."""
        with self._condition:
            while not self._is_over:
                job = self._missing()
                if job is not None:
                    return job
                self._condition.wait()
        return None

    def _missing(self) -> tuple[Overlay, int] | None:
        wanted = self._wanted - self._broken
        if Overlay.SKELETON in wanted and self._joints is None:
            return Overlay.SKELETON, 0
        if wanted & {Overlay.CROP, Overlay.FLOW} and self._views is None:
            return Overlay.CROP, 0
        if Overlay.FLOW in wanted:
            last = min(self._index + _AHEAD, len(self._files.timeline))
            for index in range(self._index, last):
                if index not in self._flow:
                    return Overlay.FLOW, index
        return None

    def _give_up(self, overlay: Overlay, problem: Problem) -> None:
        broken = {Overlay.CROP, Overlay.FLOW} if overlay is Overlay.CROP else {overlay}
        with self._condition:
            self._broken |= broken
        for one in sorted(broken):
            self.failed.emit(str(one), problem)

    def _find_views(self) -> None:
        """Prepares the take's depth as every training does, where the cache does not hold it."""
        from fsamt_engine.modalities.cache import prepare_takes, views
        from fsamt_engine.modalities.preparation import Modality, Preparation

        library, take_id = self._files.library, self._files.take.id
        preparation = Preparation()
        self.busy_changed.emit(True)
        try:
            prepare_takes(
                library,
                [take_id],
                [Modality.DEPTH],
                preparation,
                should_stop=lambda: Stop.PAUSE if self._is_over else None,
                workers=1,
            )
            self._views = views(library, take_id, preparation)
        finally:
            self.busy_changed.emit(False)

    def _open_flow(self) -> "FlowPictures":
        from app.widgets.playing.flow_pictures import FlowPictures

        assert self._views is not None
        return FlowPictures(self._files, self._views)

    def _keep_flow(self, index: int, picture: QImage) -> None:
        with self._condition:
            self._flow[index] = picture
            if len(self._flow) > _MOST_KEPT:
                self._flow.popitem(last=False)

    def _read_joints(self) -> NDArray[np.float32]:
        """The joints of every moment: the skeleton frame nearest to it in time, NaN if none is."""
        from fsamt_engine.media.skeleton import read_skeleton

        files = self._files
        stream = files.take.stream(StreamKind.SKELETON)
        assert stream is not None
        joints = read_skeleton(files.library.absolute(stream.path))
        if not len(joints):
            return joints
        numbers = files.skeleton_frames
        of_moments = joints[np.minimum(numbers, len(joints) - 1)].copy()
        of_moments[(numbers < 0) | (numbers >= len(joints))] = np.nan
        return of_moments


class _OverlayThread(QThread):
    def __init__(self, overlays: TakeOverlays) -> None:
        super().__init__(overlays)
        self._work: Callable[[], None] = overlays.work_until_over

    def run(self) -> None:
        self._work()
