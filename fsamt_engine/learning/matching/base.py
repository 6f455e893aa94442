"""What a loss of the transfer is: a student's answers to a batch against its teacher's."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from fsamt_engine.learning.settings import Granularity


class Wanted(NamedTuple):
    """A teacher's embeddings, of clips or of their videos.

    Attributes:
        own: (b, D) float32, those of the clips that are matched.
        step: (B, D) float32, those of all clips of the step; more than `own` where memory asks for
            micro-batches.
        places: (b,) int64, where `own` stands in `step`.
    """

    own: Tensor
    step: Tensor
    places: Tensor


class MatchingLoss(ABC):
    """How a student is made to agree with its teacher, on pairs without labels.

    Attributes:
        metric: What the value is called where it is kept and shown.
        least_clips: Clips that the loss has to see at once; fewer teach it nothing.
        n_students: Students that learn together; the first one is kept.
    """

    metric: ClassVar[str]
    least_clips: ClassVar[int] = 1
    n_students: ClassVar[int] = 1

    def __init__(self, granularity: Granularity, teacher_dim: int) -> None:
        self._granularity = granularity
        self._teacher_dim = teacher_dim

    def __call__(self, outputs: Tensor, of_clips: Wanted, of_videos: Wanted) -> Tensor:
        """The mean over the clips; with video+clip the mean of the two, to have one scale.

        Args:
            outputs: What the students' heads give for b clips: (b, ...) float32.
            of_clips: The teacher's embeddings of the same clips.
            of_videos: Its mean embeddings of the videos that they are from.
        """
        sides = self._sides(of_clips, of_videos)
        return torch.stack([self.match(outputs, side) for side in sides]).mean()

    def head(self, student_dim: int) -> nn.Module:
        """What a student's embeddings (b, `student_dim`) pass before they are compared.

        A projection to the teacher's dimension where the two differ. It is not kept.
        """
        same = student_dim == self._teacher_dim
        return nn.Identity() if same else nn.Linear(student_dim, self._teacher_dim)

    @abstractmethod
    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """The loss against one side of the teacher, a scalar."""

    def measures(self, outputs: Tensor, of_clips: Wanted, of_videos: Wanted) -> dict[str, float]:
        """Further numbers that a person can read, of held-out clips; mean over clips and sides."""
        found = [self.measure(outputs, side) for side in self._sides(of_clips, of_videos)]
        return {name: sum(one[name] for one in found) / len(found) for name in found[0]}

    def measure(self, outputs: Tensor, wanted: Wanted) -> dict[str, float]:
        """The same against one side of the teacher; none by default."""
        return {}

    def _sides(self, of_clips: Wanted, of_videos: Wanted) -> tuple[Wanted, ...]:
        match self._granularity:
            case Granularity.CLIP:
                return (of_clips,)
            case Granularity.VIDEO:
                return (of_videos,)
            case Granularity.VIDEO_CLIP:
                return of_clips, of_videos
