"""What a test says of a network: protocols, scores and their spread."""

from fsamt_engine.evaluation.protocols import (
    few_labels,
    leave_one_participant_out,
    split_by_participant,
)
from fsamt_engine.evaluation.scores import (
    ActionScore,
    ClipAveraging,
    Scores,
    score,
    wilson_interval,
)
from fsamt_engine.evaluation.summary import Summary, summarise

__all__ = [
    "ActionScore",
    "ClipAveraging",
    "Scores",
    "Summary",
    "few_labels",
    "leave_one_participant_out",
    "score",
    "split_by_participant",
    "summarise",
    "wilson_interval",
]
