"""One process of a training that is spread: some steps on random clips, its weights to a file."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.lessons import NamingModule
from fsamt_engine.learning.loop import Batch, fit
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.spread import spread_over_processes
from fsamt_engine.networks import build

N_ACTIONS = 3


def new_module() -> NamingModule:
    """What is trained, with its first weights."""
    return NamingModule(build("r3d_tiny", 1, N_ACTIONS, seed=0), dropout=0.3, with_norm=True)


class RandomClips:
    """Five clips a step: an odd number, so that the processes get parts of different sizes."""

    steps_per_epoch = 2

    def __init__(self) -> None:
        self.module = new_module()

    def batch(self, step: int) -> Batch:
        """(clips, actions)."""
        source = torch.Generator().manual_seed(step)
        clips = torch.randn(5, 1, 8, 16, 16, generator=source)
        return clips, torch.randint(0, N_ACTIONS, (5,), generator=source)

    def loss(self, batch: Batch) -> Tensor:
        """Mean cross-entropy."""
        return F.cross_entropy(self.module(batch[0]), batch[1])

    def validate(self) -> dict[str, float] | None:
        """Nothing is held out."""
        return None


def main(file: Path) -> None:
    """Train, and keep the weights."""
    with spread_over_processes():
        lesson = RandomClips()
        settings = FitSettings(epochs=2, batch_size=5, learning_rate=1e-3)
        fit(lesson, settings, choose_device("cpu"), file.with_suffix(".checkpoint"), what="")
    torch.save(lesson.module.state_dict(), file)
