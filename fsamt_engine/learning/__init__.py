"""One training loop, and what is learned with it: teachers, transfer, finetuned recognisers."""

from fsamt_engine.learning.finetune import finetune
from fsamt_engine.learning.settings import (
    Augmentation,
    FinetuneSettings,
    FitSettings,
    Granularity,
    Start,
    TeacherSettings,
    TransferLoss,
    TransferSettings,
)
from fsamt_engine.learning.teacher import train_teacher
from fsamt_engine.learning.transfer import transfer

__all__ = [
    "Augmentation",
    "FinetuneSettings",
    "FitSettings",
    "Granularity",
    "Start",
    "TeacherSettings",
    "TransferLoss",
    "TransferSettings",
    "finetune",
    "train_teacher",
    "transfer",
]
