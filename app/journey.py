"""Where a library stands on the way from takes to a recogniser."""

from dataclasses import dataclass
from enum import Enum

from fsamt_engine.library import Library, ModelKind
from fsamt_engine.library.labels import actions
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import count_takes, participant_counts, take_ids_with_pairs


class Mark(Enum):
    """What the rail says of a stage."""

    NONE = "none"
    DONE = "done"
    NEXT = "next"


@dataclass(frozen=True)
class Standing:
    """What a library holds, counted."""

    n_takes: int
    n_with_pairs: int
    n_participants: int
    n_labelled_actions: int
    n_teachers: int
    n_students: int
    n_recognisers: int

    @classmethod
    def of(cls, library: Library) -> "Standing":
        """Count what is in a library.

        Raises:
            FsamtError: It cannot be read.
        """
        kinds = [model.kind for model in list_models(library)]
        return cls(
            count_takes(library),
            len(take_ids_with_pairs(library)),
            len(participant_counts(library)),
            sum(action.n_segments > 0 for action in actions(library)),
            kinds.count(ModelKind.TEACHER),
            kinds.count(ModelKind.STUDENT),
            kinds.count(ModelKind.RECOGNISER),
        )

    def marks(self) -> dict[str, Mark]:
        """Marks of the journey's stages; the first that is not done comes next."""
        done = {
            "start": True,
            "capture": self.n_takes > 0,
            "transfer": self.n_students > 0,
            "label": self.n_labelled_actions > 0,
            "finetune": self.n_recognisers > 0,
        }
        following = next((key for key, is_done in done.items() if not is_done), None)
        return {
            key: Mark.DONE if is_done else Mark.NEXT if key == following else Mark.NONE
            for key, is_done in done.items()
        }
