"""How long a step of training takes on a device, and how much memory: a few steps on made-up clips.

Nothing here draws from torch's global generator, so a training that runs beside stays exact.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.loop import Batch, Lesson, Prefetch, is_out_of_memory
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.modalities.skeleton import N_BODIES
from fsamt_engine.modalities.tensors import GREY, n_channels
from fsamt_engine.networks import spec
from fsamt_engine.progress import ShouldStop

_STEPS = 30
_AT_MOST_S = 3.0
_OPTIMISER_COPIES = 4
"""Numbers that AdamW keeps of each weight: itself, its gradient, and two moments."""
_BACKWARD = 2.4
"""Memory of a step on a CPU over what its backward pass needs of the forward pass, at most.

By the growth of the process it was 2.3 to 2.4 for r3d_tiny at 16 and 32 clips, and 1.2 to 1.6 for
r3d_18, mc3_18, s3d and resnext3d_101 at one or two.
"""


@dataclass(frozen=True)
class Pace:
    """What a step costs.

    Attributes:
        seconds: A step with all its clips.
        memory_bytes: At its peak: on a GPU as measured, else at most, from the weights and what the
            backward pass needs of the forward pass.
    """

    seconds: float
    memory_bytes: int


class MadeUpReader(ClipReader):
    """Gives made-up clips of the right shape, in no more time than reading real ones takes.

    Args:
        network: What the clips are for: it says how many joints skeletons have.
    """

    def __init__(
        self,
        library: Library,
        modality: Modality,
        preparation: Preparation,
        shape: ClipShape,
        network: str,
    ) -> None:
        super().__init__(library, modality, preparation, shape)
        n_joints = spec(network).n_joints if modality is Modality.SKELETON else None
        self._made_up = _made_up_clip(modality, shape, n_joints)

    def clip(self, window: Window) -> npt.NDArray[np.generic]:
        """The same frames for every window."""
        return self._made_up


def _made_up_clip(
    modality: Modality, shape: ClipShape, n_joints: int | None
) -> npt.NDArray[np.generic]:
    rng = np.random.default_rng(0)
    if modality is Modality.SKELETON:
        return rng.random((shape.n_frames, N_BODIES, n_joints or 0, 3), np.float32)
    channels = () if modality in GREY else (n_channels(modality),)
    size = (shape.n_frames, shape.size, shape.size, *channels)
    if modality is Modality.DEPTH:
        return rng.random(size).astype(np.float16)
    return rng.integers(0, 256, size, np.uint8)


_Module = TypeVar("_Module", bound=nn.Module)


def without_chance(make: Callable[[], _Module]) -> _Module:
    """A module that `make` builds, with small numbers for weights, on the CPU.

    A training in another thread may draw from torch's global generator at this moment, so nothing
    is drawn from it, nor is it set and restored.
    """
    with torch.device("meta"):
        module = make()
    module.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module.parameters():
            weight.normal_(0, 0.05, generator=generator)
        for name, buffer in module.named_buffers():
            buffer.fill_(1 if name.endswith("running_var") else 0)
    return module


def step_pace(
    lesson: Lesson, batch_size: int, device: Device, should_stop: ShouldStop | None = None
) -> Pace:
    """Take a few steps of a lesson, with its batches made beside as in a real training.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: Not even one clip fits into memory.
    """
    lesson.module.to(device.torch_device).train()
    optimizer = torch.optim.AdamW(lesson.module.parameters(), lr=1e-4)
    if device.is_gpu:
        torch.cuda.reset_peak_memory_stats(device.torch_device)
        before = torch.cuda.memory_allocated(device.torch_device)
    kept_for_backward = 0
    micro = batch_size
    times: list[float] = []
    began = time.monotonic()
    with Prefetch(lesson, 0, _STEPS) as batches:
        for _ in range(_STEPS):
            if should_stop and should_stop():
                raise Cancelled
            at = time.monotonic()
            batch = batches.next()
            while True:
                try:
                    kept_for_backward = max(kept_for_backward, _step(lesson, batch, micro, device))
                    break
                except RuntimeError as error:
                    if not is_out_of_memory(error):
                        raise
                    micro //= 2
                    if micro == 0:
                        raise FsamtError(
                            f"Not even one clip fits into the memory of {device.name}.",
                            "Choose a smaller network, or close other programs that use it.",
                        ) from error
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            times.append(_now(device) - at)
            if time.monotonic() - began > _AT_MOST_S and len(times) > 1:
                break
    if device.is_gpu:
        memory = torch.cuda.max_memory_allocated(device.torch_device) - before
    else:
        memory = _OPTIMISER_COPIES * _bytes_of(lesson.module) + round(_BACKWARD * kept_for_backward)
    # The first steps choose kernels and reserve memory, and find batches that were made ahead.
    return Pace(float(np.median(times[len(times) // 2 :])), memory)


def _step(lesson: Lesson, batch: Batch, micro: int, device: Device) -> int:
    """One forward and backward pass; returns the bytes that the backward pass needed."""
    weights = {p.untyped_storage().data_ptr() for p in lesson.module.parameters()}
    largest = 0
    for at in range(0, len(batch[0]), micro):
        storages: dict[int, int] = {}

        def note(tensor: Tensor, storages: dict[int, int] = storages) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in weights:
                storages[storage.data_ptr()] = storage.nbytes()
            return tensor

        part = tuple(t[at : at + micro].to(device.torch_device) for t in batch)
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            with device.autocast():
                loss = lesson.loss(part)
            loss.backward()  # type: ignore[no-untyped-call]
        largest = max(largest, sum(storages.values()))
    return largest


@torch.no_grad()
def clip_seconds(
    network: nn.Module,
    function: Callable[[Tensor], Tensor],
    reader: ClipReader,
    batch_size: int,
    device: Device,
) -> float:
    """Seconds that a clip takes through a network without learning, reading included."""
    network.to(device.torch_device).eval()
    windows = [Window("", 0, reader.shape.span)] * batch_size
    times = []
    for _ in range(3):
        at = time.monotonic()
        clips = reader.tensor(windows).to(device.torch_device)
        with device.autocast():
            function(clips).float().cpu()
        times.append(_now(device) - at)
    return min(times) / batch_size


def _bytes_of(module: nn.Module) -> int:
    return sum(p.numel() * p.element_size() for p in module.parameters())


def _now(device: Device) -> float:
    if device.is_gpu:
        torch.cuda.synchronize(device.torch_device)
    return time.monotonic()
