"""What a person asks to be trained: requests, the queue in which they wait, and their doing.

`perform` and `execute` bring PyTorch in and are therefore imported where they are used.
"""

from fsamt_engine.runs.outcome import Outcome
from fsamt_engine.runs.requests import (
    ExperimentRequest,
    FinetuneRequest,
    HealthRequest,
    Request,
    TeacherRequest,
    TransferRequest,
)

__all__ = [
    "ExperimentRequest",
    "FinetuneRequest",
    "HealthRequest",
    "Outcome",
    "Request",
    "TeacherRequest",
    "TransferRequest",
]
