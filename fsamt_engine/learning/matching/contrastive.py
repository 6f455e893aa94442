"""Losses that tell a clip's own teacher embedding from those of the other clips."""

import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.learning.matching.base import MatchingLoss, Wanted
from fsamt_engine.learning.matching.embeddings import cosine_distance
from fsamt_engine.learning.settings import Granularity

TEMPERATURE = 0.1


class InfoNCE(MatchingLoss):
    """In-batch contrastive learning (van den Oord, Li and Vinyals 2018), from student to teacher.

    Each clip of the student has to find its own embedding among the teacher's of the whole step, by
    the cosine over a temperature. The teacher's are computed beforehand, so that all of them are
    there even where memory lets the student see a part of the step only: micro-batches change
    nothing. Larger batches ask harder questions.
    """

    metric = "infonce"
    least_clips = 2

    def __init__(
        self, granularity: Granularity, teacher_dim: int, temperature: float = TEMPERATURE
    ) -> None:
        super().__init__(granularity, teacher_dim)
        self._temperature = temperature

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Mean cross-entropy of the own embedding, in nats: log B where the student guesses."""
        return F.cross_entropy(self._similarities(outputs, wanted), wanted.places)

    def measure(self, outputs: Tensor, wanted: Wanted) -> dict[str, float]:
        """The cosine distance, and the share of clips whose own embedding is the nearest."""
        nearest = self._similarities(outputs, wanted).argmax(1)
        return {
            "cosine_distance": cosine_distance(outputs, wanted.own).item(),
            "found": (nearest == wanted.places).float().mean().item(),
        }

    def _similarities(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        cosines = F.normalize(outputs) @ F.normalize(wanted.step).T
        return cosines / self._temperature


class InfoNCECosine(InfoNCE):
    """The sum of InfoNCE and the paper's cosine distance."""

    metric = "infonce_and_cosine"

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Mean cross-entropy and mean cosine distance, added."""
        return super().match(outputs, wanted) + cosine_distance(outputs, wanted.own)
