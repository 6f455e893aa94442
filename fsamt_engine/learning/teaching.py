"""What a student learns on pairs without labels: to agree with its teacher."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.clips import (
    ClipReader,
    Window,
    as_tensor,
    step_items,
    step_rng,
    steps_per_epoch,
)
from fsamt_engine.learning.device import Device
from fsamt_engine.learning.embeddings import VideoEmbeddings
from fsamt_engine.learning.lessons import mirrored
from fsamt_engine.learning.loop import Batch
from fsamt_engine.learning.matching import MatchingLoss, Wanted
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.learning.spread import together
from fsamt_engine.library.records import SnapshotItem
from fsamt_engine.modalities.tensors import to_tensor
from fsamt_engine.networks import ActionNetwork


class TeachingModule(nn.Module):
    """A student and the head that its loss compares by, or several that learn together.

    Args:
        student: The one that is kept.
        projection: What its embeddings pass: see `MatchingLoss.head`.
        peer: A second student, which teaches and is taught.
    """

    def __init__(
        self, student: ActionNetwork, projection: nn.Module, peer: "TeachingModule | None" = None
    ) -> None:
        super().__init__()
        self.student = student
        self.projection = projection
        self.peer = peer

    def forward(self, clips: Tensor) -> Tensor:
        """(B, D) of what the head gives; (B, 2, D) with a peer."""
        own: Tensor = self.projection(self.student.embed(clips))
        return own if self.peer is None else torch.stack([own, self.peer(clips)], 1)


def teaching_module(
    matching: MatchingLoss, student: ActionNetwork, peers: Sequence[ActionNetwork]
) -> TeachingModule:
    """A student with what its loss asks for.

    Args:
        matching: The loss; `n_students` - 1 is the number of peers.
        student: The one that is kept.
        peers: At most one.
    """
    own, *others = [(one, matching.head(one.embedding_dim)) for one in (student, *peers)]
    peer = TeachingModule(*others[0]) if others else None
    return TeachingModule(*own, peer)


class TeachingLesson:
    """Agree with the teacher on unlabelled pairs.

    Both sides see the same window of the same take, and the same mirroring.

    Raises:
        FsamtError: A step has fewer clips than the loss compares.
    """

    def __init__(
        self,
        module: TeachingModule,
        reader: ClipReader,
        videos: Sequence[SnapshotItem],
        targets: Sequence[VideoEmbeddings],
        held_out: Sequence[int],
        matching: MatchingLoss,
        fit: FitSettings,
        augmentation: Augmentation,
        device: Device,
    ) -> None:
        self.module: nn.Module = module
        unseen = set(held_out)
        self._trained = [i for i in range(len(videos)) if i not in unseen]
        self._held_out = sorted(unseen)
        self.steps_per_epoch = steps_per_epoch(len(self._trained), fit.batch_size)
        n_clips = min(fit.batch_size, len(self._trained))
        if n_clips < matching.least_clips:
            raise FsamtError(
                f"This loss compares {matching.least_clips} clips at least, and a step of this "
                f"transfer has {n_clips}.",
                "Use a larger batch and more takes, or the cosine loss.",
            )
        self._teaching = module
        self._reader = reader
        self._videos = videos
        self._targets = targets
        self._matching = matching
        self._fit = fit
        self._augmentation = augmentation
        self._device = device

    def batch(self, step: int) -> Batch:
        """(clips as stored, teacher's clip embeddings, teacher's video embeddings, step, places).

        The last two are the number of the step, and where in it a clip stands.
        """
        rng = step_rng(self._fit.seed, step)
        chosen, starts, flipped = self._draw(step, rng)
        windows = [self._window(i, place) for i, place in zip(chosen, starts, strict=True)]
        clips = self._reader.stored(windows, flipped, self._augmentation, rng)
        n = len(chosen)
        of_clips, of_videos = self._target(chosen, starts, flipped)
        return clips, of_clips, of_videos, as_tensor([step] * n), as_tensor(range(n))

    def _draw(self, step: int, rng: np.random.Generator) -> tuple[list[int], list[int], list[bool]]:
        """Videos of a step, which window of each, and whether it is mirrored."""
        items = step_items(len(self._trained), self._fit.batch_size, self._fit.seed, step)
        chosen = [self._trained[i] for i in items]
        starts = [int(rng.integers(len(self._targets[i].starts))) for i in chosen]
        return chosen, starts, mirrored(len(chosen), self._augmentation, rng)

    def _window(self, video: int, place: int) -> Window:
        item = self._videos[video]
        return Window(item.take_id, self._targets[video].starts[place], item.end)

    def _target(
        self, videos: Sequence[int], places: Sequence[int], flipped: Sequence[bool]
    ) -> tuple[Tensor, Tensor]:
        rows = list(zip(videos, places, flipped, strict=True))
        of_clips = np.stack([self._targets[v].clips[int(f), p] for v, p, f in rows])
        of_videos = np.stack([self._targets[v].video[int(f)] for v, _, f in rows])
        return as_tensor(of_clips), as_tensor(of_videos)

    def loss(self, batch: Batch) -> Tensor:
        """What the matching loss says, a mean over the clips."""
        clips, of_clips, of_videos, steps, places = batch
        outputs = together(self._outputs(clips))
        is_part = len(places) < min(self._fit.batch_size, max(2, len(self._trained)))
        whole = self._whole(int(steps[0]), of_clips) if is_part else (of_clips, of_videos)
        sides = zip((of_clips, of_videos), whole, strict=True)
        return self._matched(outputs, [Wanted(own, step, places) for own, step in sides])

    def _outputs(self, clips: Tensor) -> Tensor:
        reader = self._reader
        outputs: Tensor = self._teaching(to_tensor(clips, reader.modality, reader.normalisation))
        return outputs.float()

    def _whole(self, step: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """The teacher's side of a whole step, where memory let a part of it pass."""
        of_clips, of_videos = self._target(*self._draw(step, step_rng(self._fit.seed, step)))
        return of_clips.to(like.device), of_videos.to(like.device)

    def _matched(self, outputs: Tensor, sides: Sequence[Wanted]) -> Tensor:
        # In bfloat16 the inner products of near embeddings would be all the same.
        with torch.autocast(outputs.device.type, enabled=False):
            return self._matching(outputs, *sides)

    @torch.no_grad()
    def validate(self) -> dict[str, float] | None:
        """The same loss, and what can be read of it, on the middle window of held-out videos."""
        n = len(self._held_out)
        if n < max(1, self._matching.least_clips):
            return None
        sums: dict[str, float] = {}
        for videos in np.array_split(self._held_out, -(-n // self._fit.batch_size)):
            for name, value in self._measures([int(video) for video in videos]).items():
                sums[name] = sums.get(name, 0.0) + value * len(videos) / n
        return {"score": -sums["loss"], **sums}

    def _measures(self, videos: Sequence[int]) -> dict[str, float]:
        middle = [len(self._targets[video].starts) // 2 for video in videos]
        windows = [self._window(*one) for one in zip(videos, middle, strict=True)]
        device = self._device.torch_device
        with self._device.autocast():
            outputs = self._outputs(self._reader.stored(windows).to(device))
        places = torch.arange(len(videos), device=device)
        targets = self._target(videos, middle, [False] * len(videos))
        sides = [Wanted(own, own, places) for own in (side.to(device) for side in targets)]
        loss = self._matched(outputs, sides).item()
        return {"loss": loss, **self._matching.measures(outputs, *sides)}
