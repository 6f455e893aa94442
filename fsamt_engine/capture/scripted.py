"""Records a script, take by take: what a window does with a person before it, without one."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fsamt_engine.capture.feed import CameraFeed, FeedState
from fsamt_engine.capture.markers import Markers
from fsamt_engine.capture.recorder import Recorder, RecorderStatus, RecordingOrder
from fsamt_engine.capture.script import Script, ScriptTake
from fsamt_engine.capture.script_runner import Cue, CueKind, Phase, ScriptRunner
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.bin import bin_take
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import Take
from fsamt_engine.progress import ShouldStop

_TICK_S = 0.05


@dataclass(frozen=True)
class ScriptMoment:
    """Where a script that is recorded is.

    Attributes:
        take: That is recorded, or comes next; None at the end.
        seconds_left: Of the phase; None where it has no end of its own.
        script_seconds_left: Of the whole script, if all goes on as planned.
        cues: What just happened.
        recorder: While a take is recorded.
        message: What is wrong, in words; empty where nothing is.
    """

    phase: Phase
    take: ScriptTake | None
    seconds_left: float | None
    n_kept: int
    n_left: int
    script_seconds_left: float
    cues: tuple[Cue, ...]
    recorder: RecorderStatus | None
    message: str


def record_script(
    library: Library,
    feeds: Sequence[CameraFeed],
    order: RecordingOrder,
    script: Script,
    *,
    markers: Markers | None = None,
    on_moment: Callable[[ScriptMoment], None] | None = None,
    should_stop: ShouldStop | None = None,
) -> tuple[Take, ...]:
    """Records every take of a script; each carries its action from the first to the last frame.

    An unplugged camera pauses the script: the take is performed again when the camera is back,
    and what there was of it goes into the bin. A disk that is nearly full ends it.

    Args:
        library: Where the takes go.
        feeds: Of the cameras, which go on afterwards.
        order: Whose takes they are; its action is that of the script.
        script: What is performed.
        markers: Where starts and stops are told.
        on_moment: Called about 20 times a second.
        should_stop: Asked as often. A take that is being recorded then is kept.

    Returns:
        The takes, in the order of their recording.

    Raises:
        FsamtError: A camera cannot be used any more, or a take could not be added. What was
            recorded before is in the library.
    """
    scripted = _ScriptedRecording(library, feeds, order, script, markers)
    try:
        cues = scripted.runner.start()
        while True:
            scripted.do(cues)
            if on_moment is not None:
                on_moment(scripted.moment(cues))
            if scripted.runner.phase == Phase.FINISHED or scripted.has_ended():
                break
            if should_stop is not None and should_stop() is not None:
                break
            time.sleep(_TICK_S)
            cues = scripted.wait_for_cameras() or scripted.runner.advance()
    finally:
        scripted.stop()
    return tuple(scripted.takes)


class _ScriptedRecording:
    """Does what the cues of a script say."""

    def __init__(
        self,
        library: Library,
        feeds: Sequence[CameraFeed],
        order: RecordingOrder,
        script: Script,
        markers: Markers | None,
    ) -> None:
        self.runner = ScriptRunner(script)
        self.takes: list[Take] = []
        self._library, self._feeds, self._order = library, feeds, order
        self._markers = markers
        self._recorder: Recorder | None = None
        self._action = ""

    def do(self, cues: Sequence[Cue]) -> None:
        for cue in cues:
            match cue.kind:
                case CueKind.START if cue.take is not None:
                    self._start(cue.take)
                case CueKind.KEEP:
                    self.stop()
                case CueKind.DISCARD:
                    self._discard()

    def moment(self, cues: Sequence[Cue]) -> ScriptMoment:
        runner = self.runner
        status = self._recorder.status() if self._recorder is not None else None
        return ScriptMoment(
            runner.phase,
            runner.take,
            runner.seconds_left,
            runner.n_kept,
            runner.n_left,
            runner.script_seconds_left,
            tuple(cues),
            status,
            status.message if status is not None and status.message else self._trouble(),
        )

    def wait_for_cameras(self) -> list[Cue]:
        """Pauses while a camera is gone, and goes on when all are back.

        At the end of a played file the recorder ends by itself.

        Raises:
            FsamtError: A camera does not come back.
        """
        for feed in self._feeds:
            status = feed.status()
            if status.state == FeedState.FAILED and status.failure is not None:
                raise status.failure
            is_over = status.state in (FeedState.ENDED, FeedState.CLOSED)
            if is_over and self._recorder is None:
                raise FsamtError(
                    f"The camera {feed.camera_id} gives no frames any more.",
                    "What was recorded before is in the library.",
                )
        if self._trouble():
            return self.runner.pause()
        return self.runner.start() if self.runner.phase == Phase.PAUSED else []

    def has_ended(self) -> bool:
        """Whether the recorder ended by itself: nothing more can be recorded."""
        return self._recorder is not None and self._recorder.status().ended is not None

    def stop(self) -> None:
        """Ends the take that is recorded, and keeps it."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        if self._markers is not None:
            self._markers.stopped(self._action)
        takes = recorder.stop()
        self.takes += takes
        if self._markers is not None:
            for take in takes:
                self._markers.kept(take.id, self._action)

    def _start(self, take: ScriptTake) -> None:
        self._action = take.action
        recorder = Recorder(self._library, self._feeds, replace(self._order, action=take.action))
        recorder.start()
        self.runner.recording_began()
        self._recorder = recorder
        if self._markers is not None:
            self._markers.started(take.action)

    def _discard(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        if self._markers is not None:
            self._markers.stopped(self._action)
            self._markers.discarded(self._action)
        for take in recorder.throw_away():
            bin_take(self._library, take.id)

    def _trouble(self) -> str:
        """Why a camera gives nothing now, in words; empty while all do."""
        for feed in self._feeds:
            status = feed.status()
            if status.state in (FeedState.STARTING, FeedState.GONE):
                return status.message or f"The camera {feed.camera_id} is {status.state}."
        return ""
