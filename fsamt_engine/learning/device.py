"""Where a network runs, and how it is computed there."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.memory import keep_freed_memory, resident_bytes


@dataclass(frozen=True)
class Device:
    """A device with the way of computing that was found right on it.

    Attributes:
        torch_device: For `.to()`.
        name: For people ("NVIDIA RTX 4090", "CPU, 2 threads").
        bf16: Whether steps run in bfloat16 autocast.
    """

    torch_device: torch.device
    name: str
    bf16: bool

    @property
    def is_gpu(self) -> bool:
        """Whether this is a GPU."""
        return self.torch_device.type == "cuda"

    def autocast(self) -> torch.autocast:
        """Context for the forward pass."""
        return torch.autocast(self.torch_device.type, dtype=torch.bfloat16, enabled=self.bf16)

    def used_bytes(self) -> int | None:
        """Memory that this program occupies on the device, None where the system does not say."""
        if self.is_gpu:
            return int(torch.cuda.memory_reserved(self.torch_device))
        return resident_bytes()


def choose_device(name: str = "auto") -> Device:
    """Find the device called `name`: "auto", "cpu", "cuda" or "cuda:1".

    Raises:
        FsamtError: The name is unknown, or there is no such device.
    """
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        keep_freed_memory()
        n = torch.get_num_threads()
        return Device(torch.device("cpu"), f"CPU, {n} thread{'' if n == 1 else 's'}", bf16=False)
    if name != "auto" and not name.startswith("cuda"):
        raise FsamtError(f'There is no device called "{name}".', 'Use "auto", "cpu" or "cuda".')
    if not torch.cuda.is_available():
        raise FsamtError(
            "A GPU was asked for, but PyTorch finds none on this machine.",
            'Use the device "cpu" or "auto", or install a GPU driver and a CUDA build of PyTorch.',
        )
    try:
        device = torch.device("cuda" if name == "auto" else name)
        title = torch.cuda.get_device_name(device)
        return Device(device, title, bf16=_bf16_is_right(device))
    except (RuntimeError, AssertionError, ValueError) as error:
        raise FsamtError(
            f'The GPU "{name}" cannot be used: {str(error).splitlines()[0]}',
            f"This machine has {torch.cuda.device_count()} GPU(s), counted from cuda:0.",
        ) from error


def _bf16_is_right(device: torch.device) -> bool:
    """Compare a bf16 conv3d with float32 once: some cuDNN builds compute it wrongly."""
    if not torch.cuda.is_bf16_supported():
        return False
    generator = torch.Generator().manual_seed(0)
    clips = torch.randn(2, 16, 8, 16, 16, generator=generator).to(device)
    kernel = (torch.randn(32, 16, 3, 3, 3, generator=generator) / 20).to(device)
    exact = F.conv3d(clips, kernel, padding=1)
    with torch.autocast("cuda", dtype=torch.bfloat16):
        rounded = F.conv3d(clips, kernel, padding=1).float()
    right = bool((exact - rounded).norm() < 0.02 * exact.norm())
    if not right:
        warnings.warn("bfloat16 convolutions are wrong on this GPU; float32 is used.", stacklevel=2)
    return right


def faster_layout(
    step: Callable[[torch.memory_format], None], device: Device
) -> torch.memory_format:
    """Run `step` in both memory layouts and tell which took less time on the device.

    Tensor cores want `channels_last_3d`, but whether it helps depends on the network, on cuDNN and
    on the GPU, so it is measured.
    """
    seconds = {}
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        step(layout)  # chooses kernels and reserves memory
        _wait(device)
        began = time.perf_counter()
        for _ in range(2):
            step(layout)
        _wait(device)
        seconds[layout] = time.perf_counter() - began
    return min(seconds, key=lambda layout: seconds[layout])


def _wait(device: Device) -> None:
    if device.is_gpu:
        torch.cuda.synchronize(device.torch_device)
