"""The steps that lead to a recogniser or a detector, each fed by the ones before it."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.engine import EngineFacts
from app.lookup import Lookup
from app.pages.finetune.actions_step import ActionsStep
from app.pages.finetune.people_step import PeopleStep
from app.pages.finetune.settings_step import SettingsStep
from app.pages.finetune.start_step import StartStep
from app.pages.finetune.starts import Labels, Untrimmed, untrimmed
from app.tasks import Problem, Work
from app.widgets.wizard import Wizard
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions, label_counts
from fsamt_engine.library.records import Action
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs.requests import DETECTION, FinetuneRequest

translate = QCoreApplication.translate


class FinetuneWizard(Wizard):
    """Start, actions, people, settings; `request` is what comes of it.

    Attributes:
        lookup: Finds the untrimmed takes, once a detector is asked for.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.start_step = StartStep()
        self.actions_step = ActionsStep()
        self.people_step = PeopleStep()
        self.settings_step = SettingsStep()
        self._library: Library | None = None
        self._known: list[Action] = []
        self._labels = Labels()
        self._untrimmed = Untrimmed()
        self._task = self.start_step.task
        super().__init__(
            (self.start_step, self.actions_step, self.people_step, self.settings_step), parent
        )
        self.lookup = Lookup(self.tr("Looking for untrimmed takes"), self)
        self.lookup.found.connect(self._untrimmed_found)
        self.lookup.failed.connect(self._lookup_failed)
        self.start_step.changed.connect(self._start_changed)
        self.actions_step.changed.connect(self._actions_changed)
        self.people_step.changed.connect(self._people_changed)

    def read_library(self, library: Library) -> None:
        """Offer what is in a library; what a person has chosen in it stays.

        Raises:
            FsamtError: It cannot be read.
        """
        is_new = library is not self._library
        self._known, self._labels = actions(library), Labels(label_counts(library))
        self._library = library
        if is_new:
            self._untrimmed = Untrimmed()
        self.start_step.read_library(library)
        self._look_for_untrimmed()
        self._show_labels(is_new=is_new)
        if is_new:
            self.restart()
        else:
            self.refresh()

    def let_go(self) -> None:
        """The library closes: nothing reads in it any more."""
        self.lookup.drop()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.settings_step.show_engine(facts)

    @property
    def request(self) -> FinetuneRequest | None:
        """What is to be run, None while something is missing."""
        fit = self.settings_step.fit.choice
        if fit is None or not self.can_go_to(len(self.steps)):
            return None
        start = self.start_step.choice.model
        trained, tested = self.people_step.sides
        return FinetuneRequest(
            start_id=start.id if start else None,
            actions=self.actions_step.chosen,
            train_participants=trained,
            test_participants=tested,
            labels_per_action=self.settings_step.labels_per_action,
            network=fit.network,
            epochs=fit.epochs,
            seed=fit.seed,
            device=fit.device,
            with_scratch=self.settings_step.finds_scratch,
            with_curve=self.settings_step.finds_curve,
            task=self._task,
            head=self.settings_step.head if self._task == DETECTION else "",
        )

    def _show_labels(self, *, is_new: bool = False) -> None:
        """The labels that count for what is made."""
        finds_when = self._task == DETECTION
        labels = self._untrimmed.labels if finds_when else self._labels
        self.people_step.show_untrimmed(self._untrimmed if finds_when else None)
        self.actions_step.show_labels(self._known, labels, is_new=is_new)
        self.people_step.show_choices(
            labels, self.actions_step.chosen, self.start_step.choice, is_new=is_new
        )

    def _start_changed(self) -> None:
        self.actions_step.show_start(self.start_step.choice)
        task = self.start_step.task
        if task != self._task:
            self._task = task
            self.actions_step.show_task(task)
            self.settings_step.show_task(task)
            self._look_for_untrimmed()
            self._show_labels(is_new=True)

    def _look_for_untrimmed(self) -> None:
        if self._task != DETECTION or self._library is None:
            return
        if not self._untrimmed.takes:
            self.start_step.show_why_not(self.tr("The library is being looked through…"))
        self.lookup.ask(_looking(self._library))

    def _untrimmed_found(self, found: Untrimmed) -> None:
        self.start_step.show_why_not("" if found.takes else no_untrimmed_takes())
        if found != self._untrimmed:
            self._untrimmed = found
            self._show_labels()

    def _lookup_failed(self, problem: Problem) -> None:
        self.start_step.show_why_not(f"{problem.message} {problem.hint}".strip())

    def _actions_changed(self) -> None:
        self.people_step.show_choices(
            self.actions_step.labels, self.actions_step.chosen, self.start_step.choice
        )

    def _people_changed(self) -> None:
        self.settings_step.show_choices(
            self.actions_step.labels,
            self.actions_step.chosen,
            self.people_step.sides,
            self.start_step.choice,
        )


def no_untrimmed_takes() -> str:
    """Why a detector cannot be made, and what to do."""
    return translate(
        "FinetuneWizard",
        "No untrimmed take has labels: where a label fills its whole take, nothing shows when an "
        "action begins or ends. Label stretches of long takes on the page Label, import PKU-MMD "
        "or labels of ELAN or BORIS, or try it with takes that are composed of those that "
        "you have, as the guide says.",
    )


def _looking(library: Library) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Untrimmed:
        return untrimmed(library)

    return work
