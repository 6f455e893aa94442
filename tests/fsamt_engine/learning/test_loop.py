"""The training loop by itself, on a lesson of a few numbers."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.loop import Batch, FitResult, fit
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.progress import Progress, Stop

CPU = choose_device("cpu")
SETTINGS = FitSettings(epochs=6, batch_size=8, learning_rate=0.3)


class LineLesson:
    """Learn y = 3 x; `scores` are handed out epoch by epoch, `fits` clips fit into memory."""

    def __init__(self, scores: list[float] | None = None, fits: int = 1000) -> None:
        torch.manual_seed(0)
        self.module: nn.Module = nn.Linear(1, 1)
        self.steps_per_epoch = 4
        self.scores = scores
        self.fits = fits
        self.seen: list[int] = []
        self.n_validations = 0

    def batch(self, step: int) -> Batch:
        x = torch.randn(8, 1, generator=torch.Generator().manual_seed(step))
        return x, 3 * x

    def loss(self, batch: Batch) -> Tensor:
        x, y = batch
        if len(x) > self.fits:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.seen.append(len(x))
        noise = torch.randn(len(x), 1) * 0.01  # dropout, as it were: drawn from the global state
        return ((self.module(x) + noise - y) ** 2).mean()

    def validate(self) -> dict[str, float] | None:
        self.n_validations += 1
        return {"score": self.scores.pop(0)} if self.scores else None


def train(lesson: LineLesson, tmp_path: Path, settings: FitSettings = SETTINGS) -> FitResult:
    return fit(lesson, settings, CPU, tmp_path / "checkpoint.pt", what="Learning")


def parameters(lesson: LineLesson) -> list[float]:
    return [float(p.item()) for p in lesson.module.parameters()]


def test_loss_goes_down_over_the_epochs(tmp_path: Path) -> None:
    result = train(LineLesson(), tmp_path)
    assert len(result.history) == 6
    assert result.history[-1].loss < 0.5 * result.history[0].loss
    assert result.ended == "finished"


@pytest.mark.parametrize("stopped_at", [1, 4, 7, 23])
def test_resumed_training_ends_with_the_same_weights(tmp_path: Path, stopped_at: int) -> None:
    whole = LineLesson()
    train(whole, tmp_path / "a")
    steps: list[Progress] = []
    with pytest.raises(Cancelled):
        fit(
            LineLesson(),
            SETTINGS,
            CPU,
            tmp_path / "b.pt",
            what="Learning",
            on_progress=steps.append,
            should_stop=lambda: Stop.PAUSE if len(steps) == stopped_at else None,
        )
    resumed = LineLesson()
    result = fit(resumed, SETTINGS, CPU, tmp_path / "b.pt", what="Learning")
    assert parameters(resumed) == parameters(whole)
    assert len(result.history) == 6


def test_without_memory_the_batch_is_cut_and_the_step_stays_the_same(tmp_path: Path) -> None:
    roomy, tight = LineLesson(), LineLesson(fits=3)
    noiseless = FitSettings(epochs=1, batch_size=8, learning_rate=0.3)
    train(roomy, tmp_path / "a", noiseless)
    result = train(tight, tmp_path / "b", noiseless)
    assert result.micro_batch == 2
    assert set(tight.seen) == {2}
    assert parameters(tight) == pytest.approx(parameters(roomy), abs=0.02)


def test_not_even_one_clip_fits(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="Not even one clip fits"):
        train(LineLesson(fits=0), tmp_path)


def test_weights_of_the_best_epoch_are_kept(tmp_path: Path) -> None:
    lesson = LineLesson(scores=[0.1, 0.9, 0.2, 0.3, 0.4, 0.5])
    result = train(lesson, tmp_path / "a")
    assert result.best_epoch == 2
    longer = FitSettings(epochs=6, batch_size=8, learning_rate=0.3, patience=1)
    until_best = LineLesson(scores=[0.1, 0.9, 0.2])
    early = train(until_best, tmp_path / "b", longer)
    assert early.ended == "early"
    assert parameters(until_best) == parameters(lesson)


def test_loss_that_is_no_number_stops_with_a_sentence(tmp_path: Path) -> None:
    lesson = LineLesson()
    for parameter in lesson.module.parameters():
        nn.init.constant_(parameter, float("inf"))
    with pytest.raises(FsamtError, match="no longer a number"):
        train(lesson, tmp_path)


def test_error_while_making_a_batch_reaches_the_caller(tmp_path: Path) -> None:
    class Broken(LineLesson):
        def batch(self, step: int) -> Batch:
            raise FsamtError("This file is broken.")

    with pytest.raises(FsamtError, match="This file is broken"):
        train(Broken(), tmp_path)


def test_full_disk_keeps_the_checkpoint_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsamt_engine.learning import checkpoint

    path = tmp_path / "checkpoint.pt"
    checkpoint.save_checkpoint(path, {"step": 1})

    def full(state: object, file: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(FsamtError, match="disk is full"):
        checkpoint.save_checkpoint(path, {"step": 2})
    monkeypatch.undo()
    assert checkpoint.load_checkpoint(path) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pt"]
