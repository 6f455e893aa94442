"""How a script is gone through, second by second, on a clock that the tests move."""

from collections.abc import Callable

import pytest

from fsamt_engine.capture.script import Script, ScriptStep
from fsamt_engine.capture.script_runner import Cue, CueKind, Phase, ScriptRunner

SCRIPT = Script((ScriptStep("wave", 4.0, 2, 2.0), ScriptStep("clap", 3.0)), 3.0)


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Driver:
    """Moves the clock and notes the cues."""

    def __init__(self, script: Script = SCRIPT) -> None:
        self.clock = Clock()
        self.runner = ScriptRunner(script, self.clock)
        self.notes: list[tuple[float, str]] = []

    def do(self, what: Callable[[], list[Cue]]) -> list[CueKind]:
        cues = what()
        self.notes += [(self.clock.now - 100.0, note(cue)) for cue in cues]
        return [cue.kind for cue in cues]

    def wait(self, seconds: float, step_s: float = 0.25) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.now += step_s
            self.do(self.runner.advance)

    def start(self) -> "Driver":
        self.do(self.runner.start)
        return self

    def until(self, phase: Phase) -> "Driver":
        for _ in range(400):
            if self.runner.phase == phase:
                return self
            self.wait(0.25)
        raise AssertionError(f"{phase} never came")


def note(cue: Cue) -> str:
    if cue.kind == CueKind.COUNT:
        return str(cue.seconds)
    return f"{cue.kind} {cue.take.action} {cue.take.number}" if cue.take else cue.kind


def test_a_script_counts_down_records_and_rests() -> None:
    driver = Driver().start()
    driver.wait(26)
    assert driver.notes == [
        *[(0, "3"), (1, "2"), (2, "1"), (3, "start wave 1"), (7, "keep wave 1")],
        *[(9, "3"), (10, "2"), (11, "1"), (12, "start wave 2"), (16, "keep wave 2")],
        *[(18, "3"), (19, "2"), (20, "1"), (21, "start clap 1"), (24, "keep clap 1")],
        (24, "finish"),
    ]
    assert driver.runner.phase == Phase.FINISHED
    assert SCRIPT.seconds == 24


def test_nothing_happens_before_the_start() -> None:
    driver = Driver()
    driver.wait(60, step_s=1)
    assert driver.notes == []
    assert driver.runner.phase == Phase.READY
    assert driver.runner.seconds_left is None
    assert driver.runner.script_seconds_left == SCRIPT.seconds


def test_how_much_is_left_runs_down_to_nothing() -> None:
    driver = Driver().start()
    for spent in range(24):
        assert driver.runner.script_seconds_left == pytest.approx(24 - spent), spent
        driver.wait(1)
    assert driver.runner.script_seconds_left == 0
    assert (driver.runner.n_kept, driver.runner.n_left, driver.runner.take) == (3, 0, None)


def test_a_driver_that_comes_late_cuts_neither_countdown_nor_take() -> None:
    driver = Driver().start().until(Phase.RECORDING)
    driver.wait(4)
    driver.clock.now += 30.0  # Saving the take took longer than the rest.
    driver.do(driver.runner.advance)
    assert driver.runner.phase == Phase.COUNTDOWN
    assert driver.runner.seconds_left == 3.0
    driver.clock.now += 2.5
    assert driver.do(driver.runner.advance) == [CueKind.COUNT]
    assert driver.notes[-1][1] == "1"


def test_a_take_is_as_long_as_asked_when_its_recording_begins_late() -> None:
    driver = Driver().start().until(Phase.RECORDING)
    driver.clock.now += 1.0
    driver.runner.recording_began()
    assert driver.runner.seconds_left == 4.0
    driver.until(Phase.REST)
    driver.runner.recording_began()
    assert driver.runner.phase == Phase.REST
    assert driver.notes[-1] == (8.0, "keep wave 1")


def test_a_script_without_countdown_and_rest_records_at_once() -> None:
    driver = Driver(Script((ScriptStep("wave", 1.0, 2, 0.0),), 0.0)).start()
    driver.wait(3)
    assert [what for _, what in driver.notes] == [
        "start wave 1",
        "keep wave 1",
        "start wave 2",
        "keep wave 2",
        "finish",
    ]


def test_a_pause_discards_the_take_and_performs_it_again() -> None:
    driver = Driver().start().until(Phase.RECORDING)
    assert driver.do(driver.runner.pause) == [CueKind.DISCARD]
    driver.wait(60, step_s=1)
    assert driver.runner.phase == Phase.PAUSED
    driver.start().until(Phase.FINISHED)
    assert [what for _, what in driver.notes if what.startswith("keep")] == [
        "keep wave 1",
        "keep wave 2",
        "keep clap 1",
    ]


@pytest.mark.parametrize("phase", [Phase.COUNTDOWN, Phase.REST])
def test_a_pause_between_takes_discards_nothing(phase: Phase) -> None:
    driver = Driver().start().until(phase)
    assert driver.do(driver.runner.pause) == []
    driver.start()
    assert driver.runner.phase == Phase.COUNTDOWN
    assert driver.runner.seconds_left == 3.0


def test_a_take_that_is_skipped_while_it_is_recorded_is_discarded() -> None:
    driver = Driver().start().until(Phase.RECORDING)
    assert driver.do(driver.runner.skip) == [CueKind.DISCARD, CueKind.COUNT]
    assert driver.runner.take is not None
    assert driver.runner.take.number == 2
    assert (driver.runner.n_kept, driver.runner.n_left) == (0, 2)


def test_a_skip_at_rest_leaves_the_next_take_out_and_the_rest_as_it_is() -> None:
    driver = Driver().start().until(Phase.REST)
    driver.wait(1)
    assert driver.do(driver.runner.skip) == []
    assert driver.runner.phase == Phase.REST
    assert driver.runner.seconds_left == 1.0
    assert driver.runner.take is not None
    assert driver.runner.take.action == "clap"


def test_skipping_everything_finishes() -> None:
    driver = Driver().start()
    kinds = [driver.do(driver.runner.skip) for _ in range(4)]
    assert kinds == [[CueKind.COUNT], [CueKind.COUNT], [CueKind.FINISH], []]


def test_the_take_that_is_recorded_can_be_repeated() -> None:
    driver = Driver().start().until(Phase.RECORDING)
    assert driver.do(driver.runner.repeat) == [CueKind.DISCARD, CueKind.COUNT]
    assert (driver.runner.n_kept, driver.runner.n_left) == (0, 3)


@pytest.mark.parametrize("phase", [Phase.REST, Phase.FINISHED])
def test_the_last_take_can_be_repeated(phase: Phase) -> None:
    driver = Driver().start().until(phase)
    last = driver.notes[-1 if phase == Phase.REST else -2][1].removeprefix("keep ")
    n_left = driver.runner.n_left
    assert driver.do(driver.runner.repeat) == [CueKind.THROW_AWAY, CueKind.COUNT]
    assert driver.notes[-2][1] == f"throw away {last}"
    assert driver.runner.n_left == n_left + 1
    driver.until(Phase.FINISHED)
    assert driver.runner.n_kept == 3


def test_a_skipped_take_is_not_the_last_one_to_repeat() -> None:
    driver = Driver().start().until(Phase.REST)
    driver.do(driver.runner.skip)
    driver.do(driver.runner.repeat)
    assert driver.notes[-2][1] == "throw away wave 1"
    driver.until(Phase.FINISHED)
    assert [what for _, what in driver.notes if what.startswith("keep")][1:] == [
        "keep wave 1",
        "keep clap 1",
    ]


def test_repeating_during_a_pause_waits_for_the_start() -> None:
    driver = Driver().start().until(Phase.REST)
    driver.do(driver.runner.pause)
    assert driver.do(driver.runner.repeat) == [CueKind.THROW_AWAY]
    assert driver.runner.phase == Phase.PAUSED
    assert driver.do(driver.runner.start) == [CueKind.COUNT]


def test_there_is_nothing_to_repeat_before_the_first_take() -> None:
    driver = Driver()
    assert driver.do(driver.runner.repeat) == []
    driver.start()
    assert driver.do(driver.runner.repeat) == []
    assert driver.runner.phase == Phase.COUNTDOWN
