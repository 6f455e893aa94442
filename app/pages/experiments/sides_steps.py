"""The steps that divide actions and people: what teaches, and what is tested."""

from collections.abc import Mapping, Sequence

from app import words
from app.pages.experiments.sides_table import SideRow, SidesTable
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep

Counts = Mapping[str, Mapping[str, int]]
"""Labels by action, then by participant."""
_LEAST_ACTIONS = 2


class ActionsStep(WizardStep):
    """Source actions for the teachers, target actions to be recognised."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Actions"),
            self.tr(
                "No action is on both sides: what a teacher was told of an action with labels "
                "would count as knowledge that the student was given."
            ),
        )
        self._needs_source = True
        self.is_touched = False
        self.table = SidesTable(
            self.tr("Actions and their sides"),
            (
                self.tr("Action"),
                self.tr("Labels"),
                self.tr("Teacher learns"),
                self.tr("To recognise"),
            ),
        )
        self.table.ticked.connect(self._ticked)
        self.body.addWidget(self.table, 1)

    def show_counts(self, counts: Counts) -> None:
        """Offer the actions that have labels."""
        self.table.show_rows(
            [
                SideRow(
                    action,
                    f"{sum(of.values()):,}",
                    self.tr("Labels of {people}").format(people=words.listed(sorted(of))),
                )
                for action, of in counts.items()
                if of
            ]
        )

    def suggest(self, source: Sequence[str], target: Sequence[str]) -> None:
        """Tick these, unless a person has ticked something."""
        if not self.is_touched:
            self.table.tick(source, target)
        self.changed.emit()

    def need_source(self, needed: bool) -> None:
        """Whether all teachers are trained: given ones have learned their actions already."""
        self._needs_source = needed
        self.changed.emit()

    @property
    def source(self) -> tuple[str, ...]:
        """What the teachers learn."""
        return self.table.sides[0]

    @property
    def target(self) -> tuple[str, ...]:
        """What is to be recognised."""
        return self.table.sides[1]

    @property
    def summary(self) -> str:
        """How many on each side."""
        if not self.source:
            return self.tr("{target} to recognise").format(target=words.actions(len(self.target)))
        return self.tr("{source} teach, {target} to recognise").format(
            source=len(self.source), target=len(self.target)
        )

    @property
    def obstacle(self) -> str:
        """Two actions are the least that can be told apart."""
        if self._needs_source and len(self.source) < _LEAST_ACTIONS:
            return self.tr("Tick at least two actions under “Teacher learns”.")
        if len(self.target) < _LEAST_ACTIONS:
            return self.tr("Tick at least two actions under “To recognise”.")
        return ""

    def _ticked(self) -> None:
        self.is_touched = True
        self.changed.emit()


class PeopleStep(WizardStep):
    """Who is learned from, and who is tested."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("People"),
            self.tr(
                "Teachers, pairs and labels come from the people on the left; every recogniser is "
                "tested on those on the right, whom no training has seen."
            ),
        )
        self.is_touched = False
        self._counts: Counts = {}
        self.table = SidesTable(
            self.tr("Participants and their sides"),
            (self.tr("Participant"), self.tr("Labels"), self.tr("Train"), self.tr("Test")),
        )
        self.test_words = label(wrap=True)
        self.table.ticked.connect(self._ticked)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.test_words)
        self.changed.connect(self._say_test)
        self._target: tuple[str, ...] = ()
        self._finds_when = False

    def show_counts(self, counts: Counts) -> None:
        """Offer everybody who has labels."""
        self._counts = counts
        people = sorted({who for of in counts.values() for who in of})
        rows = []
        for who in people:
            n = sum(of.get(who, 0) for of in counts.values())
            n_actions = sum(1 for of in counts.values() if of.get(who))
            rows.append(SideRow(who, f"{n:,}", words.actions(n_actions)))
        self.table.show_rows(rows)

    def show_target(self, target: tuple[str, ...]) -> None:
        """Other actions are to be recognised now."""
        self._target = target
        self._say_test()

    def show_kind(self, *, finds_when: bool) -> None:
        """Detectors are tested on whole takes, whatever their labels count."""
        self._finds_when = finds_when
        self._say_test()

    def suggest(self, trained: Sequence[str], tested: Sequence[str]) -> None:
        """Tick these, unless a person has ticked something."""
        if not self.is_touched:
            self.table.tick(trained, tested)
        self.changed.emit()

    @property
    def trained(self) -> tuple[str, ...]:
        """Who is learned from."""
        return self.table.sides[0]

    @property
    def tested(self) -> tuple[str, ...]:
        """Who is tested."""
        return self.table.sides[1]

    @property
    def summary(self) -> str:
        """How many on each side."""
        return self.tr("{trained} trained on, {tested} tested").format(
            trained=len(self.trained), tested=len(self.tested)
        )

    @property
    def obstacle(self) -> str:
        """Both sides need somebody."""
        if not self.trained:
            return self.tr("Tick at least one person under “Train”.")
        if not self.tested:
            return self.tr("Tick at least one person under “Test”.")
        return ""

    def _ticked(self) -> None:
        self.is_touched = True
        self.changed.emit()

    def _say_test(self) -> None:
        n = sum(
            self._counts.get(action, {}).get(who, 0)
            for action in self._target
            for who in self.tested
        )
        if self._finds_when and self.tested:
            self.test_words.setText(
                self.tr("Every cell is tested on the untrimmed takes of {people}, whole.").format(
                    people=words.people(len(self.tested))
                )
            )
            return
        self.test_words.setText(
            self.tr("Every cell is tested on {clips} of {people}.").format(
                clips=words.clips(n), people=words.people(len(self.tested))
            )
            if self.tested
            else ""
        )
