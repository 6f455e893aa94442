"""What a run has made so far, so that it need not make it twice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What a run has made, complete at its end.

    Attributes:
        model_id: The model that the run was for, None while there is none.
        also: Further models: of a finetuning, the one from scratch on the same labels.
        notes: What was left out or broken off, and why, in sentences.
        snapshot_id: The labels that it is trained and tested on, frozen at its beginning: whatever
            is labelled during a pause, it goes on with these.
        experiment_id: Of an experiment: where its table is kept.
    """

    model_id: str | None = None
    also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    snapshot_id: str | None = None
    experiment_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Outcome":
        """The reverse of `to_dict`."""
        return cls(
            content["model_id"],
            tuple(content["also"]),
            tuple(content["notes"]),
            content.get("snapshot_id"),
            content.get("experiment_id"),
        )
