"""Finetuning: a student learns the lab's own actions from a few labels, and is tested."""

from app.pages.finetune.page import FinetunePage

__all__ = ["FinetunePage"]
