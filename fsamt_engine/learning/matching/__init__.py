"""The losses of a transfer: the paper's, its rivals', and further ones, behind one interface."""

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.matching.answers import HardLabels, SoftTargets
from fsamt_engine.learning.matching.base import MatchingLoss, Wanted
from fsamt_engine.learning.matching.contrastive import InfoNCE, InfoNCECosine
from fsamt_engine.learning.matching.embeddings import Cosine, MeanSquared
from fsamt_engine.learning.matching.relational import Relational
from fsamt_engine.learning.settings import Granularity, TransferLoss
from fsamt_engine.networks import ActionNetwork

__all__ = ["MatchingLoss", "Wanted", "matching_loss"]

_WITH_TEMPERATURE = (TransferLoss.INFONCE, TransferLoss.INFONCE_COSINE, TransferLoss.SOFT_TARGETS)


def matching_loss(
    loss: TransferLoss,
    granularity: Granularity,
    teacher: ActionNetwork,
    temperature: float | None = None,
) -> MatchingLoss:
    """The loss of a transfer from this teacher.

    Args:
        loss: Which one.
        granularity: What of the teacher has to be matched.
        teacher: Its dimension is needed, and its classifier where answers are handed on.
        temperature: None for the loss's own.

    Raises:
        FsamtError: The loss has no temperature, it is not above 0, or the teacher has no answers.
    """
    given = _given(loss, temperature)
    dim, classifier = teacher.embedding_dim, teacher.classifier
    match loss:
        case TransferLoss.COSINE:
            return Cosine(granularity, dim)
        case TransferLoss.MSE:
            return MeanSquared(granularity, dim)
        case TransferLoss.INFONCE:
            return InfoNCE(granularity, dim, **given)
        case TransferLoss.INFONCE_COSINE:
            return InfoNCECosine(granularity, dim, **given)
        case TransferLoss.RELATIONAL:
            return Relational(granularity, dim)
        case TransferLoss.SOFT_TARGETS:
            return SoftTargets(granularity, dim, classifier, **given)
        case TransferLoss.HARD_LABELS:
            return HardLabels(granularity, dim, classifier)


def _given(loss: TransferLoss, temperature: float | None) -> dict[str, float]:
    if temperature is None:
        return {}
    if loss not in _WITH_TEMPERATURE:
        raise FsamtError(
            f'The loss "{loss}" has no temperature.',
            f"Leave it out, or choose {', '.join(_WITH_TEMPERATURE)}.",
        )
    if not temperature > 0:
        raise FsamtError(
            f"A temperature of {temperature} is not above 0.", "Leave it out for the loss's own."
        )
    return {"temperature": temperature}
