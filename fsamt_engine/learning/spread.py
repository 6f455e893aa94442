"""One training over several processes: each takes a part of every batch, all take one step.

`torchrun --nproc-per-node 2 -m fsamt_engine.cli transfer ...` starts the processes. Clips are
shared out, their embeddings are brought together before anything else is computed of them, and
batch norms see the statistics of the whole batch. So the steps are those of one process, but for
rounding, however many there are; and losses that compare the clips of a batch see all of them. What
a network drops by chance within itself (ST-GCN does) is drawn for each part by itself: such a
training is not the same as one process'.

The first process alone writes to the library; the others follow.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import Store
from torch.distributed.rendezvous import rendezvous
from torch.nn.modules.batchnorm import _BatchNorm

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.networks import ActionNetwork

_T = TypeVar("_T")

_PATIENCE = timedelta(hours=2)
"""The first process may validate or write for long while the others wait."""
_TO_MEET = timedelta(minutes=5)
_TO_STOP = timedelta(seconds=20)
"""A wish to stop reaches all of them at about the same time."""


@dataclass(frozen=True)
class Processes:
    """The processes of one training, seen from one of them."""

    rank: int = 0
    n: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and tells."""
        return self.rank == 0

    def part(self, n_clips: int) -> slice:
        """Which clips of a batch this process takes: parts differ by one clip at most."""
        each, more = divmod(n_clips, self.n)
        first = self.rank * each + min(self.rank, more)
        return slice(first, first + each + (self.rank < more))

    def wait(self) -> None:
        """Until all processes are here."""
        if self.n > 1:
            with _with_others():
                dist.barrier()

    def agreed(self, value: _T) -> _T:
        """What the first process says, in all of them."""
        if self.n == 1:
            return value
        said = [value]
        with _with_others():
            dist.broadcast_object_list(said, src=0)
        return said[0]


_ALONE = Processes()
_current = _ALONE


def processes() -> Processes:
    """Those of the training that is under way; one alone unless `spread_over_processes` says so."""
    return _current


def local_device(name: str) -> str:
    """The device of this process: "auto" and "cuda" become a GPU of its own as far as they last."""
    n_gpus = torch.cuda.device_count()
    if name in ("auto", "cuda") and n_gpus and "LOCAL_RANK" in os.environ:
        return f"cuda:{int(os.environ['LOCAL_RANK']) % n_gpus}"
    return name


def share_out_processors() -> None:
    """Give this process its part of the computer's processors: torchrun leaves each with one."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", os.environ.get("WORLD_SIZE", "1")))
    n_cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(max(1, (n_cpus or 1) // here))


@contextmanager
def spread_over_processes() -> Iterator[Processes]:
    """While the block runs, trainings are spread over the processes that torchrun started.

    Without torchrun, or with a single process, nothing changes.

    Raises:
        FsamtError: The processes do not find each other.
    """
    global _current
    n = int(os.environ.get("WORLD_SIZE", "1"))
    if n == 1:
        yield _ALONE
        return
    gpu_each = torch.cuda.device_count() >= int(os.environ.get("LOCAL_WORLD_SIZE", n))
    if gpu_each:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    share_out_processors()
    try:
        store, rank, n = next(iter(rendezvous("env://", timeout=_TO_MEET)))
        backend = "cpu:gloo,cuda:nccl" if gpu_each else "gloo"
        dist.init_process_group(backend, store=store, rank=rank, world_size=n, timeout=_PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise FsamtError(
            f"The {n} processes of this training do not find each other: "
            f"{str(error).splitlines()[0]}",
            "Start them with torchrun, all on one computer or with the same rendezvous.",
        ) from error
    _current = Processes(rank, n)
    try:
        yield _current
    except Cancelled:
        _leave_together(store, _current, _TO_STOP)
        raise
    else:
        _leave_together(store, _current, _PATIENCE)
    finally:
        _current = _ALONE
        dist.destroy_process_group()


def _leave_together(store: Store, team: Processes, patience: timedelta) -> None:
    """Wait for the others, so that nobody hangs up while another one still reads his last word.

    The first process may serve the store, so it is the last to go.
    """
    everybody = range(team.n)
    with suppress(RuntimeError):  # the work is done; one that is gone now costs nothing
        store.set(f"done/{team.rank}", "")
        store.wait([f"done/{rank}" for rank in everybody], patience)
        store.set(f"left/{team.rank}", "")
        if team.leads:
            store.wait([f"left/{rank}" for rank in everybody], patience)


def together(embeddings: Tensor) -> Tensor:
    """The embeddings of the whole batch, (B, D), of those that this process computed.

    Gradients find their way back; they are averaged over the processes by `average_gradients`.
    """
    if _current.n == 1 or not torch.is_grad_enabled():
        return embeddings
    return cast(Tensor, _Together.apply(embeddings))


def average_gradients(module: nn.Module) -> None:
    """Give every process the mean of the gradients of all."""
    if _current.n == 1:
        return
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    flat = torch.cat([gradient.reshape(-1).float() for gradient in gradients])
    _add_up(flat)
    flat /= _current.n
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


@contextmanager
def one_batch_norm(module: nn.Module) -> Iterator[None]:
    """While the block runs, batch norms within networks see the whole batch of all processes.

    Those behind `together`, outside of a network, see it anyway.
    """
    if _current.n == 1:
        yield
        return
    norms = [
        part
        for network in module.modules()
        if isinstance(network, ActionNetwork)
        for part in network.modules()
        if isinstance(part, _BatchNorm)
    ]
    kinds = [type(norm) for norm in norms]
    for norm, kind in zip(norms, kinds, strict=True):
        norm.__class__ = _spread_kind(kind)
    try:
        yield
    finally:
        for norm, kind in zip(norms, kinds, strict=True):
            norm.__class__ = kind


class _Together(torch.autograd.Function):
    """All parts of a batch in the order of the processes.

    Backward, a process takes the gradient of its own part, times the number of processes: what
    follows `together` is computed by each of them, what precedes it is shared out, and the mean
    over the processes is right for both.
    """

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(_current.n)]
        with _with_others():
            dist.all_gather(sizes, torch.tensor([len(own)]))
        counts = [int(size) for size in sizes]
        padded = own.new_zeros(max(counts), *own.shape[1:])
        padded[: len(own)] = own
        parts = [torch.empty_like(padded) for _ in counts]
        with _with_others():
            dist.all_gather(parts, padded)
        ctx.first, ctx.count = sum(counts[: _current.rank]), len(own)
        return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0][ctx.first : ctx.first + ctx.count] * _current.n


class _Sum(torch.autograd.Function):
    """A sum over the processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        total = own.clone()
        _add_up(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone()
        _add_up(total)
        return total


def _spread_kind(kind: type[_BatchNorm]) -> type[_BatchNorm]:
    class SpreadBatchNorm(kind):  # type: ignore[misc,valid-type]
        def forward(self, values: Tensor) -> Tensor:
            if not self.training:
                normed: Tensor = super().forward(values)
                return normed
            return _norm_together(cast(_BatchNorm, self), values)

    return SpreadBatchNorm


def _norm_together(norm: _BatchNorm, values: Tensor) -> Tensor:
    """Batch norm (Ioffe and Szegedy 2015) with mean and variance over all processes.

    Two sums, one after the other: the variance is that around the common mean, which loses less to
    rounding than a mean of squares.
    """
    axes = [axis for axis in range(values.ndim) if axis != 1]
    shape = [-1 if axis == 1 else 1 for axis in range(values.ndim)]
    exact = values.float()
    own_count = exact.new_tensor([exact.numel() / exact.shape[1]])
    sums = _sum(torch.cat([exact.sum(axes), own_count]))
    count = sums[-1].detach()
    mean = sums[:-1] / count
    centred = exact - mean.view(shape)
    variance = _sum(centred.square().sum(axes)) / count
    if norm.track_running_stats and norm.running_mean is not None:
        _follow(norm, mean.detach(), variance.detach() * count / (count - 1).clamp(min=1))
    normed = centred * torch.rsqrt(variance + norm.eps).view(shape)
    if norm.affine:
        normed = normed * norm.weight.view(shape) + norm.bias.view(shape)
    return normed.to(values.dtype)


@torch.no_grad()
def _follow(norm: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    norm.num_batches_tracked.add_(1)
    pace = norm.momentum if norm.momentum is not None else 1 / float(norm.num_batches_tracked)
    norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), pace)
    norm.running_var.lerp_(variance.to(norm.running_var.dtype), pace)


def _sum(own: Tensor) -> Tensor:
    return cast(Tensor, _Sum.apply(own))


def _add_up(values: Tensor) -> None:
    """Put the sum over the processes in place of one's own values."""
    with _with_others():
        dist.all_reduce(values)


@contextmanager
def _with_others() -> Iterator[None]:
    """While processes exchange something: the end of one of them is told in a sentence."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise FsamtError(
            "Another process of this training ended before its time, so this one stops, too.",
            "What it said tells why. The same command goes on from the last checkpoint.",
        ) from error
