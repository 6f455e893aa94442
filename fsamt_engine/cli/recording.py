"""What `fsamt record` does, step by step; imported when it is asked for."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import click

from fsamt_engine.capture import cameras
from fsamt_engine.capture.camera import Camera, CameraSettings, StreamMode
from fsamt_engine.capture.checks import Check
from fsamt_engine.capture.feed import CameraFeed, FeedStatus
from fsamt_engine.capture.markers import STREAM_NAME, Markers
from fsamt_engine.capture.preflight import preflight
from fsamt_engine.capture.record import record_feeds
from fsamt_engine.capture.recorder import RecorderStatus, RecordingOrder
from fsamt_engine.capture.recovery import recover_takes
from fsamt_engine.capture.script import Script
from fsamt_engine.capture.script_runner import CueKind
from fsamt_engine.capture.scripted import ScriptMoment, record_script
from fsamt_engine.cli.console import show_table, stop_on_interrupt
from fsamt_engine.cli.live_line import LiveLine, recording_words, script_words
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.consent import consent
from fsamt_engine.library.labels import segments
from fsamt_engine.library.quality import take_quality
from fsamt_engine.library.records import QualityLevel, StreamKind, Take
from fsamt_engine.progress import ShouldStop

_LISTENER_S = 30.0
_WORST_FIRST = (QualityLevel.BAD, QualityLevel.CAUTION, QualityLevel.GOOD)
_BELLS = (CueKind.COUNT, CueKind.START, CueKind.KEEP, CueKind.DISCARD)


@dataclass(frozen=True)
class Plan:
    """What is to be recorded.

    Attributes:
        settings: With colour; it is left out where it may not be kept.
        seconds: Of one take; None until it is stopped.
        script: Takes to record; None for one take.
        is_check: Only look whether everything is fit.
    """

    camera_ids: tuple[str, ...]
    settings: CameraSettings
    session: str
    participant: str
    action: str | None
    seconds: float | None
    script: Script | None
    depth_only: bool
    with_markers: bool
    is_check: bool


def record_takes(library: Library, plan: Plan, as_json: bool) -> None:
    """Looks at the cameras, records, and shows the takes.

    Raises:
        Cancelled: Ctrl-C before anything was recorded.
        FsamtError: A camera cannot be used, nothing was recorded, or less than was asked for.
    """
    _recover(library)
    with_colour = not plan.depth_only and _colour_may_be_kept(library, plan)
    settings = plan.settings
    if not with_colour:
        modes = tuple(mode for mode in settings.streams if mode.kind != StreamKind.COLOUR)
        settings = replace(settings, streams=modes)
    with ExitStack() as stack:
        markers = stack.enter_context(Markers()) if plan.with_markers else None
        feeds = [
            stack.enter_context(CameraFeed(one, settings, _open_camera)) for one in plan.camera_ids
        ]
        for feed in feeds:
            _say_what_is_open(feed, settings)
        should_stop = stack.enter_context(stop_on_interrupt("Stopping"))
        _look(library, feeds, plan.is_check, should_stop)
        if plan.is_check:
            return
        if markers is not None:
            _wait_for_listener(markers, should_stop)
        order = RecordingOrder(plan.session, plan.participant, plan.action, with_colour)
        recording = _Recording(library, feeds, order, markers, should_stop)
        takes = recording.script(plan.script) if plan.script else recording.one(plan.seconds)
    _show_takes(library, takes, as_json)
    recording.raise_for_end()
    if not takes:
        raise FsamtError(
            "Nothing was recorded: no frame came.",
            "See `fsamt record --check` with the same camera.",
        )


def _recover(library: Library) -> None:
    recovered = recover_takes(library)
    if recovered:
        ids = ", ".join(take.id for take in recovered)
        click.echo(f"Recovered from a recording that was killed: {ids}.", err=True)


def _colour_may_be_kept(library: Library, plan: Plan) -> bool:
    if consent(library, plan.session, plan.participant).allows_colour:
        return True
    click.echo(
        f"Colour of {plan.participant} may not be kept in the session {plan.session}, or not any "
        "more: only depth is recorded.",
        err=True,
    )
    return False


def _open_camera(camera_id: str) -> Camera:
    """A played file gives every frame, as fast as it is recorded."""
    return cameras.open_camera(camera_id, real_time=not camera_id.startswith("file:"))


def _say_what_is_open(feed: CameraFeed, wanted: CameraSettings) -> None:
    try:
        opened = feed.wait_until_open()
    except FsamtError as error:
        # Not there, says the driver; the feed itself goes on looking for it.
        raise feed.status().failure or error from None
    found = [stream.mode for stream in opened.streams]
    if set(found) != set(wanted.streams):
        click.echo(
            f"{feed.camera_id} gives {_modes(found)}, not {_modes(wanted.streams)}.", err=True
        )


def _modes(modes: Sequence[StreamMode]) -> str:
    return ", ".join(f"{m.kind} {m.width}x{m.height} at {m.rate_hz:g}" for m in modes)


def _look(
    library: Library, feeds: Sequence[CameraFeed], show_all: bool, should_stop: ShouldStop
) -> None:
    """The preflight: what is not good, or everything."""
    found: list[tuple[str, Check]] = []
    for feed in feeds:
        checks = preflight(library.root, feed, should_stop=should_stop)
        found += [(feed.camera_id, check) for check in checks]
    if show_all:
        show_table(
            ("camera", "check", "level", "found", "what to do"),
            [(camera, one.name, one.level, one.words, one.hint) for camera, one in found],
        )
        if any(check.level == QualityLevel.BAD for _, check in found):
            raise FsamtError(
                "Not everything is fit for a recording.", "What to do is written with each of them."
            )
        return
    for camera, one in found:
        if one.level != QualityLevel.GOOD:
            which = f"{camera}, " if len(feeds) > 1 else ""
            click.echo(f"{one.level.capitalize()}: {which}{one.words} {one.hint}", err=True)


def _wait_for_listener(markers: Markers, should_stop: ShouldStop) -> None:
    """Markers that are sent before anybody listens are lost."""
    click.echo(
        f'Markers go out as the LSL stream "{STREAM_NAME}"; waiting {_LISTENER_S:.0f} s at most '
        "for a program that records it.",
        err=True,
    )
    until = time.monotonic() + _LISTENER_S
    while not markers.has_listener() and time.monotonic() < until:
        if should_stop() is not None:
            raise Cancelled
        time.sleep(0.1)
    if not markers.has_listener():
        click.echo("Nobody listens to the markers; they are sent anyway.", err=True)


class _Recording:
    """Records with a line that says how it goes."""

    def __init__(
        self,
        library: Library,
        feeds: Sequence[CameraFeed],
        order: RecordingOrder,
        markers: Markers | None,
        should_stop: ShouldStop,
    ) -> None:
        self._library, self._feeds, self._order = library, feeds, order
        self._markers, self._should_stop = markers, should_stop
        self._last: RecorderStatus | None = None

    def one(self, seconds: float | None) -> tuple[Take, ...]:
        """One take of each camera, and more where one was unplugged."""
        with LiveLine() as line:

            def show(status: RecorderStatus) -> None:
                self._note(status, line)
                line.show(recording_words(status, self._statuses(), seconds))

            return record_feeds(
                self._library,
                self._feeds,
                self._order,
                seconds,
                markers=self._markers,
                on_status=show,
                should_stop=self._should_stop,
            )

    def script(self, script: Script) -> tuple[Take, ...]:
        """The takes of a script."""
        with LiveLine() as line:

            def show(moment: ScriptMoment) -> None:
                if moment.recorder is not None:
                    self._note(moment.recorder, line)
                words = script_words(moment, self._statuses())
                if any(cue.kind in _BELLS for cue in moment.cues):
                    line.ring()
                line.show(words, now=bool(moment.cues))

            return record_script(
                self._library,
                self._feeds,
                self._order,
                script,
                markers=self._markers,
                on_moment=show,
                should_stop=self._should_stop,
            )

    def raise_for_end(self) -> None:
        """Says it where the recording ended before it should.

        Raises:
            FsamtError: The disk is nearly full, or what failed is from outside the program.
        """
        if self._last is None:
            return
        if self._last.failure is not None:
            raise self._last.failure
        if self._last.ended == "disk full":
            raise FsamtError(self._last.message, "Free some space, or use another disk.")

    def _note(self, status: RecorderStatus, line: LiveLine) -> None:
        """Lets a message stay on the screen."""
        before = self._last.message if self._last is not None else ""
        self._last = status
        if status.message and status.message != before:
            line.say(status.message)

    def _statuses(self) -> list[FeedStatus]:
        return [feed.status() for feed in self._feeds]


def _show_takes(library: Library, takes: Sequence[Take], as_json: bool) -> None:
    qualities = [take_quality(library, take.id) for take in takes]
    if as_json:
        content = [
            {"id": take.id, "seconds": take.duration_us / 1e6, "pairs": take.n_pairs}
            | {"level": quality.level, "verdict": quality.verdict, "hints": quality.hints}
            for take, quality in zip(takes, qualities, strict=True)
        ]
        click.echo(json.dumps(content, indent=1))
        return
    rows = [
        (
            take.id,
            take.participant,
            take.number,
            ", ".join(one.action for one in segments(library, take_ids=[take.id])),
            round(take.duration_us / 1e6, 1),
            quality.level,
            quality.verdict,
        )
        for take, quality in zip(takes, qualities, strict=True)
    ]
    if rows:
        columns = ("take", "participant", "number", "action", "seconds", "level", "verdict")
        show_table(columns, rows)
    worst = min(qualities, key=lambda one: _WORST_FIRST.index(one.level), default=None)
    for hint in worst.hints if worst is not None else ():
        click.echo(f"Hint: {hint}", err=True)
