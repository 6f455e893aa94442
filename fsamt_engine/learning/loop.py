"""The one training loop: teachers, transfer and finetuning all go through `fit`.

Everything random in a step is drawn from (seed, step), so a run that was interrupted anywhere and
goes on from its checkpoint ends with the same weights as one that was not.
"""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.checkpoint import load_checkpoint, save_checkpoint
from fsamt_engine.learning.device import Device, faster_layout
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.spread import average_gradients, one_batch_norm, processes
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop, Stopwatch

CHECKPOINT_EVERY_S = 20.0
"""Work that a kill can cost; a checkpoint of a small network takes some milliseconds."""

Batch = tuple[Tensor, ...]
"""The clips first, then whatever the loss needs; the first axis of each is the clip."""


class Lesson(Protocol):
    """What is learned: the data of a step, its loss, and a score to choose weights by.

    Attributes:
        module: Everything that is trained.
        steps_per_epoch: Optimiser steps in one pass over the data.
    """

    module: nn.Module
    steps_per_epoch: int

    def batch(self, step: int) -> Batch:
        """The data of a step; depends on the settings' seed and on `step` alone."""

    def loss(self, batch: Batch) -> Tensor:
        """Mean loss over the clips of a (micro-)batch on the device."""

    def validate(self) -> dict[str, float] | None:
        """Metrics on held-out data with "score" (higher is better), or None without such data."""


@dataclass(frozen=True)
class Epoch:
    """One line of a training's history. `metrics` are the validation's."""

    epoch: int
    step: int
    loss: float
    metrics: dict[str, float]


@dataclass(frozen=True)
class FitResult:
    """How a training went; the lesson's module holds the best weights.

    Attributes:
        best_epoch: Epoch (from 1) whose weights were kept.
        ended: "finished", "early" (no better score for `patience` epochs) or "kept best" (asked).
        micro_batch: Clips that fit into memory at once.
        seconds: Time spent training, pauses not counted.
    """

    history: tuple[Epoch, ...]
    best_epoch: int
    ended: str
    micro_batch: int
    seconds: float


OnEpoch = Callable[[Epoch], None]


def fit(
    lesson: Lesson,
    settings: FitSettings,
    device: Device,
    checkpoint: Path,
    *,
    what: str,
    on_progress: OnProgress | None = None,
    on_epoch: OnEpoch | None = None,
    should_stop: ShouldStop | None = None,
) -> FitResult:
    """Train until the schedule's end, the early stop, or a wish to stop.

    Goes on from `checkpoint` if there is one. The caller deletes it once the result is kept.
    Within `spread_over_processes` all of them have to call it alike.

    Raises:
        Cancelled: Paused (resumable, with a checkpoint) or cancelled (without one).
        FsamtError: The loss is no longer a number, memory is too small for one clip, full disk.
    """
    lesson.module.to(device.torch_device)
    training = _Training(lesson, settings, device, checkpoint)
    training.resume()
    stopwatch = Stopwatch(training.total, training.step)
    pace_from, pace_step = time.monotonic(), training.step
    with (
        Prefetch(lesson, training.step, training.total) as batches,
        _deterministic(device),
        one_batch_norm(lesson.module),
    ):
        while not training.is_over():
            stop = processes().agreed(should_stop() if should_stop else None)
            if stop is Stop.PAUSE:
                training.save()
                raise Cancelled(resumable=True)
            if stop is Stop.CANCEL:
                training.forget()
                raise Cancelled
            if stop is Stop.KEEP_BEST and training.history:
                training.ended = "kept best"
                break
            loss = training.take_step(batches.next())
            epoch = training.end_epoch_if_due()
            if epoch and on_epoch:
                on_epoch(epoch)
            training.save_if_due()
            if on_progress:
                elapsed = max(1e-9, time.monotonic() - pace_from)
                clips = (training.step - pace_step) * settings.batch_size
                metrics = {
                    "loss": loss,
                    "epoch": training.step / lesson.steps_per_epoch,
                    "clips_per_s": clips / elapsed,
                }
                if epoch:
                    metrics |= {f"validation_{k}": v for k, v in epoch.metrics.items()}
                    metrics["epoch_loss"] = epoch.loss
                left = stopwatch.seconds_left(training.step)
                on_progress(Progress(what, training.step, training.total, metrics, left))
    return training.finish()


class _Training:
    """The state of one training: all of it goes into the checkpoint."""

    def __init__(
        self, lesson: Lesson, settings: FitSettings, device: Device, checkpoint: Path
    ) -> None:
        self.lesson = lesson
        self.settings = settings
        self.device = device
        self.path = checkpoint
        self.total = settings.epochs * lesson.steps_per_epoch
        self.step = 0
        self.micro_batch = settings.batch_size
        self.history: list[Epoch] = []
        self.ended = "finished"
        # A network brings the layout that is fastest on a CPU; on a GPU it is measured.
        self._layout_chosen = not device.is_gpu
        self._channels_last = False
        self._best_score = -math.inf
        self._best_epoch = 0
        self._best_weights: dict[str, Tensor] = {}
        self._epoch_loss = 0.0
        self._seconds_before = 0.0
        self._started_at = self._saved_at = time.monotonic()
        decayed = [p for p in lesson.module.parameters() if p.requires_grad and p.ndim > 1]
        others = [p for p in lesson.module.parameters() if p.requires_grad and p.ndim <= 1]
        self._optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
        )

    def is_over(self) -> bool:
        return self.step >= self.total or self.ended == "early"

    def take_step(self, batch: Batch) -> float:
        """One optimiser step, in as many micro-batches as memory asks for; returns its loss."""
        torch.manual_seed((self.settings.seed << 32) + self.step)
        self.lesson.module.train()
        for group in self._optimizer.param_groups:
            group["lr"] = self._learning_rate()
        while True:
            try:
                if not self._layout_chosen:
                    self._choose_layout(batch)
                loss = self._accumulate(batch)
                break
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                self._back_off(error)
        if not math.isfinite(loss):
            raise FsamtError(
                f"Training went wrong at step {self.step}: the loss is no longer a number.",
                "Use a lower learning rate.",
            )
        nn.utils.clip_grad_norm_(self.lesson.module.parameters(), self.settings.gradient_clip)
        self._optimizer.step()
        self.step += 1
        self._epoch_loss += loss
        return loss

    def _accumulate(self, batch: Batch) -> float:
        self._optimizer.zero_grad(set_to_none=True)
        n_clips = len(batch[0])
        if processes().n > 1:
            return self._own_part(batch, n_clips)
        total = 0.0
        for at in range(0, n_clips, self.micro_batch):
            part = tuple(self._to_device(t[at : at + self.micro_batch]) for t in batch)
            with self.device.autocast():
                loss = self.lesson.loss(part)
            share = len(part[0]) / n_clips
            (loss * share).backward()  # type: ignore[no-untyped-call]
            total += loss.item() * share
        return total

    def _own_part(self, batch: Batch, n_clips: int) -> float:
        """This process' clips, and the loss of all: `together` brings their embeddings together."""
        clips = batch[0][processes().part(n_clips)]
        part = tuple(self._to_device(tensor) for tensor in (clips, *batch[1:]))
        with self.device.autocast():
            loss = self.lesson.loss(part)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(self.lesson.module)
        return loss.item()

    def _to_device(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.device.torch_device, non_blocking=True)

    def _choose_layout(self, batch: Batch) -> None:
        weights = _copy(self.lesson.module)

        def step(layout: torch.memory_format) -> None:
            self._use_layout(layout)
            self._accumulate(batch)

        self._use_layout(faster_layout(step, self.device))
        self.lesson.module.load_state_dict(weights)  # batch norm has counted the trials

    def _use_layout(self, layout: torch.memory_format) -> None:
        self._channels_last = layout is torch.channels_last_3d
        self._layout_chosen = True
        for parameter in self.lesson.module.parameters():
            if parameter.ndim == 5:
                parameter.data = parameter.data.contiguous(memory_format=layout)

    def _back_off(self, error: RuntimeError) -> None:
        self._optimizer.zero_grad(set_to_none=True)
        if processes().n > 1:
            raise FsamtError(
                f"A part of a batch does not fit into the memory of {self.device.name}.",
                "Spread the training over more processes, or choose a smaller network.",
            ) from error
        if self.micro_batch == 1:
            raise FsamtError(
                f"Not even one clip fits into the memory of {self.device.name}.",
                "Choose a smaller network, or close other programs that use it.",
            ) from error
        self.micro_batch = max(1, self.micro_batch // 2)
        if self.device.is_gpu:
            torch.cuda.empty_cache()

    def _learning_rate(self) -> float:
        warmup = max(1, round(self.settings.warmup_share * self.total))
        if self.step < warmup:
            return self.settings.learning_rate * (self.step + 1) / warmup
        done = (self.step - warmup) / max(1, self.total - warmup)
        return self.settings.learning_rate * 0.5 * (1 + math.cos(math.pi * done))

    def end_epoch_if_due(self) -> Epoch | None:
        if self.step % self.lesson.steps_per_epoch:
            return None
        number = self.step // self.lesson.steps_per_epoch
        self.lesson.module.eval()
        own = self.lesson.validate() if processes().leads else None
        metrics = processes().agreed(own or {})
        loss = self._epoch_loss / self.lesson.steps_per_epoch
        epoch = Epoch(number, self.step, loss, metrics)
        self.history.append(epoch)
        self._epoch_loss = 0.0
        # Without held-out data the last weights are the best that one can know of.
        score = metrics.get("score", math.inf)
        if score >= self._best_score:
            self._best_score, self._best_epoch = score, number
            if metrics:
                self._best_weights = _copy(self.lesson.module)
        patience = self.settings.patience
        if patience is not None and number - self._best_epoch >= patience:
            self.ended = "early"
        return epoch

    def save_if_due(self) -> None:
        if time.monotonic() - self._saved_at >= CHECKPOINT_EVERY_S and not self.is_over():
            self.save()

    def save(self) -> None:
        if not processes().leads:
            return
        began = time.monotonic()
        save_checkpoint(
            self.path,
            {
                "step": self.step,
                "micro_batch": self.micro_batch,
                "channels_last": self._channels_last,
                "weights": self.lesson.module.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "best_weights": self._best_weights,
                "best_score": self._best_score,
                "best_epoch": self._best_epoch,
                "epoch_loss": self._epoch_loss,
                "seconds": self._seconds_before + began - self._started_at,
                "history": [(e.epoch, e.step, e.loss, e.metrics) for e in self.history],
            },
        )
        # A slow disk must not eat the training: at most a tenth of the time goes into checkpoints.
        cost = time.monotonic() - began
        self._saved_at = time.monotonic() + max(0.0, 9 * cost - CHECKPOINT_EVERY_S)

    def forget(self) -> None:
        if processes().leads:
            self.path.unlink(missing_ok=True)

    def resume(self) -> None:
        processes().wait()
        state: dict[str, Any] | None = load_checkpoint(self.path)
        if state is None:
            return
        self.lesson.module.load_state_dict(state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
        self.micro_batch = state["micro_batch"]
        if self.device.is_gpu:
            # Measured again it might come out otherwise, and the last bits of the weights with it.
            last = state["channels_last"]
            self._use_layout(torch.channels_last_3d if last else torch.contiguous_format)
        self.history = [Epoch(*row) for row in state["history"]]
        self._best_weights = state["best_weights"]
        self._best_score = state["best_score"]
        self._best_epoch = state["best_epoch"]
        self._epoch_loss = state["epoch_loss"]
        self._seconds_before = state["seconds"]

    def finish(self) -> FitResult:
        if self._best_weights:
            self.lesson.module.load_state_dict(self._best_weights)
        self.lesson.module.eval()
        seconds = self._seconds_before + time.monotonic() - self._started_at
        return FitResult(
            tuple(self.history), self._best_epoch, self.ended, self.micro_batch, seconds
        )


class Prefetch:
    """Makes the next batches in a thread of its own while a step runs."""

    AHEAD = 3

    def __init__(self, lesson: Lesson, first: int, total: int) -> None:
        self._lesson = lesson
        self._steps = iter(range(first, total))
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="batches")
        self._waiting: list[Future[Batch]] = []

    def __enter__(self) -> "Prefetch":
        for _ in range(self.AHEAD):
            self._ask()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self) -> None:
        step = next(self._steps, None)
        if step is not None:
            self._waiting.append(self._pool.submit(self._lesson.batch, step))

    def next(self) -> Batch:
        """The batch of the next step."""
        self._ask()
        return self._waiting.pop(0).result()


def _copy(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in module.state_dict().items()}


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether a step failed since the device's memory is full."""
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in text


@contextmanager
def _deterministic(device: Device) -> Iterator[None]:
    """Keep cuDNN from choosing other algorithms after a pause than before."""
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    if device.is_gpu:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before
