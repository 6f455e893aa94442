"""How a wish to stop reaches the stage that it was meant for."""

import pytest

from fsamt_engine.experiments.overall import Job
from fsamt_engine.learning.device import choose_device
from fsamt_engine.progress import Progress, Stop
from fsamt_engine.runs.stages import Stages, training

JOBS = [Job(name, (training(100, name),)) for name in ("First", "Second", "Third")]
EPOCH = {"loss": 1.0, "epoch_loss": 1.0}


class Asker:
    """Somebody who stands by a wish until it is taken back."""

    def __init__(self) -> None:
        self.wish: Stop | None = None
        self.told: list[Progress] = []
        device = choose_device("cpu")
        self.stages = Stages(JOBS, device, self.told.append, lambda: self.wish)


def test_best_can_be_kept_only_once_there_is_one() -> None:
    asker = Asker()
    with asker.stages.stage() as (heard, stop):
        asker.wish = Stop.KEEP_BEST
        heard(Progress("First", 1, 10, {"loss": 1.0}))
        assert stop() is None
        heard(Progress("First", 2, 10, EPOCH))
        assert stop() is Stop.KEEP_BEST


def test_wish_that_still_stands_is_not_for_the_next_stage() -> None:
    asker = Asker()
    asker.wish = Stop.KEEP_BEST
    with asker.stages.stage() as (heard, stop):
        heard(Progress("First", 2, 10, EPOCH))
        assert stop() is Stop.KEEP_BEST
    with asker.stages.stage() as (heard, stop):
        heard(Progress("Second", 2, 10, EPOCH))
        assert stop() is None
        asker.wish = None
        assert stop() is None
        asker.wish = Stop.KEEP_BEST
        assert stop() is Stop.KEEP_BEST, "asked for anew, it is"
    with asker.stages.stage(breaks_off=True) as (heard, stop):
        assert stop() is None


@pytest.mark.parametrize("wish", [Stop.PAUSE, Stop.CANCEL])
def test_pausing_and_cancelling_are_for_all_stages(wish: Stop) -> None:
    asker = Asker()
    asker.wish = wish
    for _ in JOBS:
        with asker.stages.stage() as (_, stop):
            assert stop() is wish


def test_every_stage_is_named_with_its_number_and_the_device() -> None:
    asker = Asker()
    asker.stages.skip()
    with asker.stages.stage() as (heard, _):
        heard(Progress("Second", 5, 10, {"loss": 0.5}, run_id=3))
    last = [one for one in asker.told if one.stage and one.stage.progress.run_id][-1]
    assert last.what == "Second (2 of 3)"
    assert last.done == 500
    assert last.stage is not None
    assert (last.stage.number, last.stage.count, last.stage.progress.run_id) == (2, 3, 3)
    assert last.stage.device.startswith("CPU")
    assert last.metrics["loss"] == 0.5
