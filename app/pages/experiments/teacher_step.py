"""The second step: teachers that are trained for the table, or teachers that are there."""

from collections.abc import Sequence

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice, TickList
from app.widgets.wizard import WizardStep
from fsamt_engine.library import ModelRecord
from fsamt_engine.units import format_percent

NEW, GIVEN = "new", "given"


class TeacherStep(WizardStep):
    """Two ways; the second one lists the library's teachers."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Teachers"),
            self.tr(
                "A teacher has learned other actions than those that are to be recognised, from "
                "RGB or from flow; its embeddings are what the students match."
            ),
        )
        self.way = Choice(
            self.tr("Teachers"),
            (
                (
                    NEW,
                    self.tr("Train them for this table"),
                    self.tr(
                        "On the source actions that are chosen in the next step. A teacher that "
                        "was trained so before is found again, and not trained twice."
                    ),
                ),
                (
                    GIVEN,
                    self.tr("Teachers of this library"),
                    self.tr(
                        "Trained before, or with published weights that were brought in on the "
                        "page Models."
                    ),
                ),
            ),
        )
        self.list = TickList(self.tr("Teachers of this library"))
        self.list.setMinimumHeight(208)
        self._none = label(
            self.tr(
                "This library has no teacher yet. Train one on the page Transfer, or bring "
                "published weights in on the page Models."
            ),
            quiet=True,
            wrap=True,
        )
        self._teachers: tuple[ModelRecord, ...] = ()
        self._must_be_given = False
        self.body.addWidget(self.way)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._none)
        self.body.addStretch(1)
        self.way.changed.connect(self._show_way)
        self.list.ticked.connect(self.changed)
        self._show_way()

    def show_teachers(self, teachers: Sequence[ModelRecord]) -> None:
        """Offer these; none is ticked at first."""
        known = {one.id for one in self._teachers}
        self._teachers = tuple(teachers)
        ticked = set(self.list.names()) & known
        self.list.show_names({one.id: self._words(one) for one in teachers})
        for one in teachers:
            self.list.tick(one.id, one.id in ticked)
        self._show_way()

    def choose(self, teacher_ids: Sequence[str], *, must_be_given: bool) -> None:
        """Take these teachers of the library; none to train new ones.

        Args:
            teacher_ids: To be ticked.
            must_be_given: The table compares teachers that were trained before.
        """
        self._must_be_given = must_be_given
        self.way.choose(GIVEN if teacher_ids or must_be_given else NEW)
        for one in self._teachers:
            self.list.tick(one.id, one.id in teacher_ids)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the given teachers; none where they are trained."""
        return self.list.names() if self.way.value == GIVEN else ()

    @property
    def are_given(self) -> bool:
        """Whether teachers of the library are taken."""
        return self.way.value == GIVEN

    @property
    def summary(self) -> str:
        """How many, and from where."""
        if not self.are_given:
            return self.tr("trained for this table")
        return self.tr("{n} of this library").format(n=len(self.chosen))

    @property
    def obstacle(self) -> str:
        """A given teacher has to be chosen."""
        if self._must_be_given and not self.are_given:
            return self.tr(
                "This table compares teachers that were trained before: choose teachers of this "
                "library."
            )
        if self.are_given and not self._teachers:
            return self._none.text()
        if self.are_given and not self.chosen:
            return (
                self.tr("Tick at least one teacher.")
                if self._must_be_given
                else self.tr("Tick at least one teacher, or let them be trained for this table.")
            )
        return ""

    def _words(self, teacher: ModelRecord) -> str:
        said = self.tr("{name} · {modality} · {network}").format(
            name=teacher.name, modality=teacher.modality, network=teacher.network
        )
        accuracy = teacher.metrics.get("validation_accuracy")
        if accuracy is None:
            return said
        return self.tr("{said} · right on {share} of held-out takes").format(
            said=said, share=format_percent(accuracy)
        )

    def _show_way(self) -> None:
        self.list.setVisible(self.are_given and bool(self._teachers))
        self._none.setVisible(self.are_given and not self._teachers)
        self.changed.emit()
