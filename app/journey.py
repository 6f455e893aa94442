"""Where a library stands on the way from takes to a recogniser or detector."""

from dataclasses import dataclass
from enum import Enum

from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import actions
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import count_takes, has_two_sides, participant_counts


class Mark(Enum):
    """What the rail says of a stage."""

    NONE = "none"
    DONE = "done"
    NEXT = "next"


@dataclass(frozen=True)
class Standing:
    """What a library holds, counted.

    Attributes:
        has_pairs: Whether any take can serve a transfer.
        n_labelled_actions: Actions with labels; those that a teacher has learned do not count,
            since they are not what is to be recognised.
    """

    n_takes: int
    has_pairs: bool
    n_participants: int
    n_labelled_actions: int
    n_teachers: int
    n_students: int
    n_recognisers: int
    n_detectors: int

    @classmethod
    def of(cls, library: Library) -> "Standing":
        """Count what is in a library.

        Raises:
            FsamtError: It cannot be read.
        """
        models = list_models(library)
        kinds = [model.kind for model in models]
        taught = {a for one in models if one.kind is ModelKind.TEACHER for a in one.actions}
        return cls(
            count_takes(library),
            has_two_sides(library),
            len(participant_counts(library)),
            sum(one.n_segments > 0 and one.name not in taught for one in actions(library)),
            kinds.count(ModelKind.TEACHER),
            kinds.count(ModelKind.STUDENT),
            kinds.count(ModelKind.RECOGNISER),
            kinds.count(ModelKind.DETECTOR),
        )

    def marks(self) -> dict[str, Mark]:
        """Marks of the journey's steps; the first that is not done comes next."""
        is_finetuned = self.n_recognisers + self.n_detectors > 0
        done = {
            "capture": self.n_takes > 0,
            "teacher": self.n_teachers > 0 or self.n_students > 0,
            "transfer": self.n_students > 0,
            "label": self.n_labelled_actions > 0 or is_finetuned,
            "finetune": is_finetuned,
        }
        following = next((key for key, is_done in done.items() if not is_done), None)
        return {
            key: Mark.DONE if is_done else Mark.NEXT if key == following else Mark.NONE
            for key, is_done in done.items()
        }

    def rail_marks(self) -> dict[str, Mark]:
        """The same for the rail: a teacher is part of the transfer, and live comes last."""
        marks = self.marks()
        if Mark.NEXT not in marks.values():
            marks["live"] = Mark.NEXT
        teacher = marks.pop("teacher")
        if teacher is Mark.NEXT:
            marks["transfer"] = Mark.NEXT
        return marks | {"start": Mark.DONE}
