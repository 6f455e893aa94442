"""Runs a script: tells when to record, what to sound, and what the participant reads."""

import math

from PySide6.QtCore import QObject, QTimer, Signal

from app.pages.capture.prompt import Prompt, PromptKind
from app.pages.capture.sounds import Sound, Sounds
from fsamt_engine.capture.script import Script, ScriptTake
from fsamt_engine.capture.script_runner import Cue, CueKind, Phase, ScriptRunner

_TICK_MS = 30


class Director(QObject):
    """Goes through a script by the clock. Knows no camera and no recorder.

    Args:
        sounds: What is heard.
    """

    record_wanted = Signal(object)
    """Start recording this `ScriptTake`."""
    keep_wanted = Signal()
    """Stop recording; the take is good."""
    discard_wanted = Signal()
    """Stop recording; the take is not wanted."""
    throw_away_wanted = Signal()
    """The take that was kept last is not wanted."""
    changed = Signal()
    """Another phase."""
    finished = Signal()
    """Nothing is left."""

    def __init__(self, sounds: Sounds, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sounds = sounds
        self._runner: ScriptRunner | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def phase(self) -> Phase | None:
        """What the participant does now; None while no script is under way."""
        return self._runner.phase if self._runner is not None else None

    @property
    def is_under_way(self) -> bool:
        """Whether a script was begun and not ended; it may be paused."""
        return self._runner is not None

    @property
    def is_running(self) -> bool:
        """Whether the clock runs."""
        return self.phase in (Phase.COUNTDOWN, Phase.RECORDING, Phase.REST)

    def begin(self, script: Script) -> None:
        """Start a script with its first countdown."""
        self._runner = ScriptRunner(script)
        self.go_on()

    @property
    def n_begun(self) -> int:
        """Takes of the script that are behind, or under way."""
        runner = self._runner
        return len(runner.script.takes) - runner.n_left if runner is not None else 0

    def recording_began(self) -> None:
        """The take that was wanted is recorded from now on: its seconds begin."""
        if self._runner is not None:
            self._runner.recording_began()

    def go_on(self) -> None:
        """Go on after a pause."""
        if self._runner is not None:
            self._timer.start()
            self._act(self._runner.start())

    def pause(self) -> None:
        """Wait; a take that is being recorded is performed again later."""
        if self._runner is not None:
            self._timer.stop()
            self._act(self._runner.pause())

    def repeat(self) -> None:
        """Perform the present take, or the last one, again."""
        if self._runner is not None:
            self._act(self._runner.repeat())

    def skip(self) -> None:
        """Leave the present take, or the next one, out."""
        if self._runner is not None:
            self._act(self._runner.skip())

    def end(self) -> None:
        """Leave the rest of the script out."""
        if self._runner is not None:
            cues = self._runner.pause()
            self._close()
            for cue in cues:
                self._do(cue)
            self.changed.emit()

    def prompt(self) -> Prompt:
        """What the participant reads."""
        runner = self._runner
        if runner is None or runner.take is None:
            return Prompt()
        take = runner.take
        left_s = runner.seconds_left or 0.0
        number = str(math.ceil(left_s))
        detail = self.tr("take {number} of {count}").format(
            number=runner.n_kept + 1, count=runner.n_kept + runner.n_left
        )
        match runner.phase:
            case Phase.COUNTDOWN:
                return Prompt(PromptKind.COUNTDOWN, take.action, number, detail)
            case Phase.RECORDING:
                share = round(1 - left_s / take.seconds, 2)
                return Prompt(PromptKind.RECORDING, take.action, number, detail, share)
            case Phase.REST:
                words = self.tr("Rest. Next: {action}").format(action=take.action)
                return Prompt(PromptKind.REST, words, number, detail)
        words = self.tr("Paused. Space goes on with {action}.").format(action=take.action)
        return Prompt(PromptKind.IDLE, words, "", detail)

    def _advance(self) -> None:
        if self._runner is not None:
            self._act(self._runner.advance())

    def _act(self, cues: list[Cue]) -> None:
        for cue in cues:
            self._do(cue)
        if cues:
            self.changed.emit()

    def _do(self, cue: Cue) -> None:
        match cue.kind:
            case CueKind.COUNT:
                self._sounds.play(Sound.COUNT)
            case CueKind.START:
                assert isinstance(cue.take, ScriptTake)
                self._sounds.play(Sound.START)
                self.record_wanted.emit(cue.take)
            case CueKind.KEEP:
                self._sounds.play(Sound.END)
                self.keep_wanted.emit()
            case CueKind.DISCARD:
                self.discard_wanted.emit()
            case CueKind.THROW_AWAY:
                self.throw_away_wanted.emit()
            case CueKind.FINISH:
                self._close()
                self.finished.emit()

    def _close(self) -> None:
        self._timer.stop()
        self._runner = None
