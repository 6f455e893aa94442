"""How many clips a second does transfer learn from, and what holds it up?

    python benchmarks/transfer_step.py [--network r3d_tiny] [--device cpu|cuda|all] [--steps 24]

Self-contained: simulated takes in a temporary library, a teacher of one epoch (how good it is does
not change how long a step takes). For every granularity, three ways of a step:

    kept       teacher embeddings computed once and read from the cache (what the program does)
    teacher    the teacher runs at every step: on the clip, or on all windows of the video
    in memory  kept embeddings, and the same batches every time, already made

All go through `learning.loop.fit`, so that `kept` includes reading, augmenting and prefetching real
data. FLOPs are those of forward and backward as PyTorch counts them (teacher included), set against
the best torch.mm of this machine in the same precision, measured in the same run. The last table
repeats `kept` and `in memory` in turn: reading real data must not cost a step more than 10 %.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from fsamt_engine.capture.simulated_library import SimulatedLibrarySettings, add_simulated_takes
from fsamt_engine.evaluation import split_by_participant
from fsamt_engine.learning import (
    Augmentation,
    FitSettings,
    Granularity,
    TeacherSettings,
    loop,
    train_teacher,
)
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.embeddings import VideoEmbeddings, teacher_embeddings
from fsamt_engine.learning.lessons import TeachingLesson, TeachingModule
from fsamt_engine.learning.prepare import prepare, videos_of
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take_ids_with_pairs
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import to_tensor
from fsamt_engine.networks import build, network_names, spec

ACTIONS = ("clap", "kick", "push", "wave")
PARTICIPANTS = ("P01", "P02")
WINDOW_STRIDE = 4
N_WARM_UP = 4
ROUNDS = 5


@dataclass(frozen=True)
class Material:
    """What every lesson is made of."""

    library: Library
    teacher: LoadedModel
    videos: list[SnapshotItem]
    targets: list[VideoEmbeddings]
    device: Device
    network: str
    batch_size: int

    @property
    def fit_settings(self) -> FitSettings:
        """One epoch, as long as the lesson says."""
        return FitSettings(epochs=1, batch_size=self.batch_size)

    def lesson(self, granularity: Granularity, kind: type[TeachingLesson]) -> TeachingLesson:
        """A lesson with a fresh student."""
        student = build(self.network, 1, seed=0)
        module = TeachingModule(student, self.teacher.network.embedding_dim)
        teacher = self.teacher
        depth = ClipReader(self.library, Modality.DEPTH, teacher.preparation, teacher.shape)
        lesson = kind(
            module,
            depth,
            self.videos,
            self.targets,
            [],
            granularity,
            self.fit_settings,
            Augmentation(),
            self.device,
        )
        if isinstance(lesson, TeacherAtEveryStep):
            lesson.use(teacher, self.library)
        return lesson


class TeacherAtEveryStep(TeachingLesson):
    """The same lesson without kept embeddings."""

    def use(self, teacher: LoadedModel, library: Library) -> None:
        """Take this teacher; without it the lesson cannot be used."""
        self._teacher = teacher
        self._colour = ClipReader(library, teacher.modality, teacher.preparation, teacher.shape)

    def _target(
        self, videos: Sequence[int], places: Sequence[int], flipped: Sequence[bool]
    ) -> tuple[Tensor, ...]:
        """The teacher's input in place of its embeddings: the clip's window first, then all others.

        Windows are padded to the same number a video, so that the first axis counts clips.
        """
        rows, counts = [], []
        for video, place, mirrored in zip(videos, places, flipped, strict=True):
            starts = list(self._targets[video].starts)
            starts.insert(0, starts.pop(place))
            if self._granularity is Granularity.CLIP:
                starts = starts[:1]
            windows = [
                Window(self._videos[video].take_id, s, self._videos[video].end) for s in starts
            ]
            rows.append(self._colour.stored(windows, [mirrored] * len(windows)))
            counts.append(len(windows))
        most = max(counts)
        padded = [F.pad(row, (0,) * (2 * row.ndim - 1) + (most - len(row),)) for row in rows]
        return torch.stack(padded), torch.tensor(counts)

    def loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        """Mean cosine distance; the teacher runs first."""
        clips, windows, counts = batch
        real = torch.arange(windows.shape[1], device=counts.device) < counts[:, None]
        with torch.no_grad():
            inputs = to_tensor(windows[real], self._teacher.modality)
            found = self._teacher.network.embed(inputs).float()
        embedded = found.new_zeros((*real.shape, found.shape[1]))
        embedded[real] = found
        means = embedded.sum(1) / counts[:, None]
        return super().loss((clips, embedded[:, 0], means))


class InMemory:
    """A lesson whose batches were made beforehand."""

    def __init__(self, lesson: TeachingLesson, n_batches: int) -> None:
        self.module = lesson.module
        self.steps_per_epoch = lesson.steps_per_epoch
        self.loss = lesson.loss
        self._batches = [lesson.batch(step) for step in range(n_batches)]

    def batch(self, step: int) -> tuple[Tensor, ...]:
        """One of them, in turn."""
        return self._batches[step % len(self._batches)]

    def validate(self) -> None:
        """Nothing is held out."""


def step_seconds(lesson: TeachingLesson | InMemory, material: Material, n_steps: int) -> float:
    """Median seconds of a step in `fit`, after the first ones."""
    lesson.steps_per_epoch = n_steps + N_WARM_UP
    moments: list[float] = []

    def on_progress(_: object) -> None:
        if material.device.is_gpu:
            torch.cuda.synchronize()
        moments.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        loop.fit(
            lesson,
            material.fit_settings,
            material.device,
            Path(folder) / "checkpoint.pt",
            what="measuring",
            on_progress=on_progress,
        )
    return statistics.median(np.diff(moments)[N_WARM_UP - 1 :])


def step_flops(lesson: TeachingLesson, device: Device) -> int:
    """FLOPs of forward and backward of one batch (a multiplication and an addition are two)."""
    lesson.module.to(device.torch_device).train()
    batch = tuple(tensor.to(device.torch_device) for tensor in lesson.batch(0))
    with FlopCounterMode(display=False) as counter, device.autocast():
        lesson.loss(batch).backward()
    lesson.module.zero_grad(set_to_none=True)
    return counter.get_total_flops()


def matrix_peak(device: Device) -> float:
    """FLOP/s of the best of several matrix products in the precision of the steps."""
    kind = torch.bfloat16 if device.bf16 else torch.float32
    best = 0.0
    for side in (1024, 2048) if not device.is_gpu else (4096, 8192):
        one, other = (torch.randn(side, side, device=device.torch_device, dtype=kind) for _ in "ab")
        for _ in range(6):
            began = time.perf_counter()
            for _ in range(4):
                torch.mm(one, other)
            if device.is_gpu:
                torch.cuda.synchronize()
            best = max(best, 4 * 2 * side**3 / (time.perf_counter() - began))
    return best


@contextmanager
def layout(wanted: torch.memory_format | None) -> Iterator[None]:
    """Use a memory layout on the GPU in place of the one that the loop finds to be faster."""
    measured = loop.faster_layout
    if wanted is not None:
        loop.faster_layout = lambda _step, _device: wanted
    try:
        yield
    finally:
        loop.faster_layout = measured


def make_material(
    library: Library, device_name: str, network: str, shape: ClipShape, batch_size: int
) -> Material:
    settings = TeacherSettings(network=network, shape=shape, fit=FitSettings(epochs=1))
    source = split_by_participant(segments(library), ACTIONS, PARTICIPANTS)
    record = train_teacher(library, source, settings, device=device_name)
    device = choose_device(device_name)
    teacher = load_model(library, record, device)
    pairs = take_ids_with_pairs(library)
    prepare(library, pairs, (Modality.DEPTH, Modality.FLOW), teacher.preparation, None, None)
    videos = videos_of(library, pairs, 10.0)
    targets = teacher_embeddings(library, teacher, videos, WINDOW_STRIDE, True, device)
    return Material(library, teacher, videos, targets, device, network, batch_size)


def measure(material: Material, n_steps: int) -> None:
    device = material.device
    peak = matrix_peak(device)
    precision = "bfloat16" if device.bf16 else "float32"
    windows = statistics.mean(len(target.starts) for target in material.targets)
    print(f"\n{device.name}, {precision}: torch.mm peak {peak / 1e9:.0f} GFLOP/s")
    print(
        f"{material.network} at {material.teacher.shape.n_frames}x{material.teacher.shape.size}"
        f"x{material.teacher.shape.size}, batch {material.batch_size}, {len(material.videos)} "
        f"videos of {windows:.1f} windows"
    )
    layouts: list[tuple[str, torch.memory_format | None]] = [("own", None)]
    if device.is_gpu:
        layouts = [
            ("channels_last_3d", torch.channels_last_3d),
            ("contiguous", torch.contiguous_format),
        ]
    print(f"{'layout':<17}{'granularity':<12}{'way':<11}{'clips/s':>9}{'GFLOP/s':>9}{'of peak':>9}")
    for name, wanted in layouts:
        for granularity in Granularity:
            for way, make in _ways(material, granularity).items():
                with layout(wanted):
                    seconds = step_seconds(make(), material, n_steps)
                kind = TeacherAtEveryStep if way == "teacher" else TeachingLesson
                flops = step_flops(material.lesson(granularity, kind), device) / seconds
                print(
                    f"{name:<17}{granularity:<12}{way:<11}{material.batch_size / seconds:>9.1f}"
                    f"{flops / 1e9:>9.1f}{flops / peak:>9.1%}"
                )
    ratios = []
    for _ in range(ROUNDS):
        real, memory = (
            step_seconds(make(), material, n_steps)
            for way, make in _ways(material, Granularity.VIDEO_CLIP).items()
            if way != "teacher"
        )
        ratios.append(real / memory)
    print(
        f"step with real data / step with data in memory: {statistics.median(ratios):.3f} "
        f"({', '.join(f'{ratio:.3f}' for ratio in ratios)})"
    )


def _ways(
    material: Material, granularity: Granularity
) -> dict[str, Callable[[], TeachingLesson | InMemory]]:
    return {
        "kept": lambda: material.lesson(granularity, TeachingLesson),
        "teacher": lambda: material.lesson(granularity, TeacherAtEveryStep),
        "in memory": lambda: InMemory(material.lesson(granularity, TeachingLesson), 8),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=network_names(), default="r3d_tiny")
    parser.add_argument("--device", choices=("cpu", "cuda", "all"), default="all")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--steps", type=int, default=24)
    options = parser.parse_args()
    devices = ["cpu"] if options.device != "cuda" else []
    if options.device != "cpu" and torch.cuda.is_available():
        devices.append("cuda")
    shape = replace(ClipShape(), size=spec(options.network).size)
    loop.CHECKPOINT_EVERY_S = float("inf")
    with tempfile.TemporaryDirectory() as folder, Library.create(Path(folder) / "takes") as library:
        takes = SimulatedLibrarySettings(
            participants=len(PARTICIPANTS), takes_per_action=3, actions=ACTIONS, seconds=4.0
        )
        add_simulated_takes(library, takes)
        for device in devices:
            measure(
                make_material(library, device, options.network, shape, options.batch_size),
                options.steps,
            )


if __name__ == "__main__":
    main()
