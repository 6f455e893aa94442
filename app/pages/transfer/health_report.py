"""What is known of a student's transfer, with the names that a person knows takes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import model
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.takes import list_takes

if TYPE_CHECKING:
    from fsamt_engine.evaluation.health_record import TransferHealth

translate = QCoreApplication.translate

GO_ON, MORE_PAIRS, MORE_EPOCHS, CHECK = (
    "go on to labelling",
    "more pairs",
    "more epochs",
    "check these takes",
)


@dataclass(frozen=True)
class HealthReport:
    """A student with its health.

    Attributes:
        names: Of takes, by id ("S3 · take 12").
        take_ids: Of the takes whose pairs were transferred.
        more_epochs: What it is tried with again: twice as many, or the usual number.
    """

    student: ModelRecord
    health: "TransferHealth"
    names: Mapping[str, str]
    take_ids: tuple[str, ...]
    more_epochs: int

    def name_of(self, take_id: str) -> str:
        """A take's name; its id where it is gone."""
        return self.names.get(take_id, take_id)

    @property
    def code(self) -> str:
        """What to do, as the engine names it."""
        return str(self.health.advice.code)

    @property
    def button_text(self) -> str:
        """What the primary button says."""
        if self.code == MORE_PAIRS:
            return translate("HealthReport", "Record more pairs")
        if self.code == MORE_EPOCHS:
            return translate("HealthReport", "Transfer again with {n} epochs").format(
                n=self.more_epochs
            )
        if self.code == CHECK:
            takes = words.takes(len(self.health.advice.take_ids))
            return translate("HealthReport", "Look at {takes} in the library").format(takes=takes)
        return translate("HealthReport", "Go on to labelling")


def read_report(library: Library, student_id: str) -> HealthReport | None:
    """The health that was measured of a student, None where it was not; brings PyTorch in.

    Raises:
        FsamtError: There is no such student, or the library cannot be read.
    """
    from fsamt_engine.evaluation.health import stored_health
    from fsamt_engine.learning.settings import TRANSFER_FIT

    student = model(library, student_id)
    health = stored_health(library, student)
    if health is None:
        return None
    seen = {pair.item.take_id for pair in (*health.pairs, *health.worst)}
    seen |= {n.item.take_id for pair in (*health.pairs, *health.worst) for n in pair.neighbours}
    name = translate("HealthReport", "{participant} · take {number}")
    names = {
        row.id: name.format(participant=row.participant, number=row.number)
        for row in list_takes(library)
        if row.id in seen
    }
    learned = snapshot(library, str(student.snapshot_id)).train
    return HealthReport(
        student,
        health,
        names,
        tuple(sorted({item.take_id for item in learned})),
        max(2 * int(student.settings["fit"]["epochs"]), TRANSFER_FIT.epochs),
    )
