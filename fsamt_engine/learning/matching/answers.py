"""Losses that hand on a teacher's answers: which of its own actions it sees."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.matching.base import MatchingLoss, Wanted
from fsamt_engine.learning.settings import Granularity

TEMPERATURE = 4.0
"""Hinton et al. used 2.5 to 4 where the student is much smaller than its teacher."""


class _Answers(MatchingLoss):
    """Compares answers. The teacher's are its classifier on its embeddings, cached as they are.

    For a video that is the mean of its clips' logits, for the classifier is linear. The student has
    a fresh classifier of the same actions, which is not kept.
    """

    def __init__(
        self, granularity: Granularity, teacher_dim: int, classifier: nn.Linear | None
    ) -> None:
        super().__init__(granularity, teacher_dim)
        if classifier is None:
            raise FsamtError(
                "This teacher has embeddings and no answers: it has no classifier.",
                "Choose a loss that matches embeddings, such as cosine.",
            )
        self._weight = classifier.weight.detach().float()
        self._bias = classifier.bias.detach().float()

    def head(self, student_dim: int) -> nn.Module:
        """A classifier; all actions start out equally likely."""
        classifier = nn.Linear(student_dim, len(self._bias))
        nn.init.normal_(classifier.weight, std=0.01)
        nn.init.zeros_(classifier.bias)
        return classifier

    def logits(self, embeddings: Tensor) -> Tensor:
        """What the teacher answers for its embeddings (b, D): (b, A)."""
        device = embeddings.device
        return F.linear(embeddings, self._weight.to(device), self._bias.to(device))


class SoftTargets(_Answers):
    """Knowledge distillation (Hinton, Vinyals and Dean 2015) by its soft targets alone.

    Hinton's method wants a teacher of the very actions that the student is for. With a teacher of
    other actions nothing has to be labelled: what is handed on is how much the clip looks like each
    of them.
    """

    metric = "soft_targets"

    def __init__(
        self,
        granularity: Granularity,
        teacher_dim: int,
        classifier: nn.Linear | None,
        temperature: float = TEMPERATURE,
    ) -> None:
        super().__init__(granularity, teacher_dim, classifier)
        self._temperature = temperature

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """T^2 KL(teacher || student) of the answers softened by T; T^2 keeps gradients in size."""
        t = self._temperature
        truth = (self.logits(wanted.own) / t).log_softmax(1)
        return t**2 * F.kl_div(
            (outputs / t).log_softmax(1), truth, reduction="batchmean", log_target=True
        )

    def measure(self, outputs: Tensor, wanted: Wanted) -> dict[str, float]:
        """The share of clips for which both give the same answer."""
        return {"agreement": _agreement(outputs, self.logits(wanted.own))}


class HardLabels(_Answers):
    """Thoker and Gall, ICIP 2019: the teacher's answer as a label, and two students.

    Each student learns the answer by cross-entropy, and by KL divergence what the other one says
    (mutual learning: Zhang et al., CVPR 2018, who hold the other one still). The number of students
    is the smallest that they report.
    """

    metric = "hard_labels"
    n_students = 2

    def match(self, outputs: Tensor, wanted: Wanted) -> Tensor:
        """Cross-entropy and KL, means over the students; outputs are (b, 2, A)."""
        truth = self.logits(wanted.own).argmax(1)
        logs = outputs.log_softmax(2)
        losses = []
        for one in range(self.n_students):
            peer = logs[:, 1 - one].detach()
            mutual = F.kl_div(logs[:, one], peer, reduction="batchmean", log_target=True)
            losses.append(F.nll_loss(logs[:, one], truth) + mutual)
        return torch.stack(losses).mean()

    def measure(self, outputs: Tensor, wanted: Wanted) -> dict[str, float]:
        """The share of clips for which teacher and first student give the same answer."""
        return {"agreement": _agreement(outputs[:, 0], self.logits(wanted.own))}


def _agreement(outputs: Tensor, logits: Tensor) -> float:
    return (outputs.argmax(1) == logits.argmax(1)).float().mean().item()
