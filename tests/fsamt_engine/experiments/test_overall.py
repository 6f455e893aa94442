"""One progress over work of many parts, with a clock of its own."""

import pytest

from fsamt_engine.experiments import overall
from fsamt_engine.experiments.overall import Job, OverallProgress, Phase
from fsamt_engine.progress import Progress


class Clock:
    """A time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(overall, "time", clock)
    return clock


JOBS = [
    Job("Preparing", (Phase("prepare", 10),)),
    Job("Transfer", (Phase("infer", 10, "Embedding"), Phase("train", 60, "Transferring"))),
    Job("Finetuning", (Phase("train", 20, "Finetuning"),)),
]


def run(progress: OverallProgress, clock: Clock, number: int, what: str, seconds: float) -> None:
    with progress.job(number) as heard:
        for done in range(11):
            heard(Progress(what, done, 10))
            clock.now += seconds / 10


def test_time_left_comes_from_the_pace_of_each_kind(clock: Clock) -> None:
    told: list[Progress] = []
    progress = OverallProgress(JOBS, told.append)
    run(progress, clock, 0, "Preparing takes", 30)
    assert progress.seconds_left() == pytest.approx(3 * 90), "nothing else is known yet"
    with progress.job(1) as heard:
        heard(Progress("Embedding", 1, 1))
        heard(Progress("Transferring", 0, 100))
        clock.now += 15
        heard(Progress("Transferring", 50, 100))
        assert progress.seconds_left() == pytest.approx(15 + 10)
        assert told[-1].seconds_left == pytest.approx(25)
        assert told[-1].done == 500


def test_quick_reading_of_a_cache_promises_no_quick_training(clock: Clock) -> None:
    progress = OverallProgress(JOBS, None)
    run(progress, clock, 0, "Preparing takes", 2.5)
    assert progress.seconds_left() == pytest.approx(90)


def test_what_was_done_before_a_pause_says_nothing_of_the_pace(clock: Clock) -> None:
    progress = OverallProgress(JOBS, None)
    with progress.job(0):
        pass
    with progress.job(1) as heard:
        heard(Progress("Transferring", 50, 100))
        clock.now += 6
        heard(Progress("Transferring", 60, 100))
        assert progress.seconds_left() == pytest.approx(24 + 20)


def test_share_never_falls_and_ends_at_the_whole(clock: Clock) -> None:
    told: list[Progress] = []
    progress = OverallProgress(JOBS, told.append)
    run(progress, clock, 0, "Preparing takes", 5)
    with progress.job(1) as heard:
        for what, done in (("Transferring", 5), ("Transferring", 2), ("unknown", 9)):
            heard(Progress(what, done, 10))
    run(progress, clock, 2, "Finetuning (ours)", 5)
    shares = [one.done for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == told[-1].total


def test_longest_fitting_name_tells_which_part_is_meant(clock: Clock) -> None:
    told: list[Progress] = []
    job = Job("Both", (Phase("infer", 10, "Embedding"), Phase("infer", 10, "Embedding again")))
    with OverallProgress([job], told.append).job(0) as heard:
        heard(Progress("Embedding", 5, 10))
        heard(Progress("Embedding again", 0, 10))
    assert [one.done for one in told[1:3]] == [250, 500]


def test_nothing_is_said_of_the_time_before_anything_was_measured(clock: Clock) -> None:
    progress = OverallProgress(JOBS, None)
    assert progress.seconds_left() is None
