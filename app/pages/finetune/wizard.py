"""The steps that lead to a recogniser, each fed by the ones before it."""

from PySide6.QtWidgets import QWidget

from app.engine import EngineFacts
from app.pages.finetune.actions_step import ActionsStep
from app.pages.finetune.people_step import PeopleStep
from app.pages.finetune.settings_step import SettingsStep
from app.pages.finetune.start_step import StartStep
from app.pages.finetune.starts import Labels
from app.widgets.wizard import Wizard
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions, label_counts
from fsamt_engine.runs.requests import FinetuneRequest


class FinetuneWizard(Wizard):
    """Start, actions, people, settings; `request` is what comes of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.start_step = StartStep()
        self.actions_step = ActionsStep()
        self.people_step = PeopleStep()
        self.settings_step = SettingsStep()
        self._library: Library | None = None
        super().__init__(
            (self.start_step, self.actions_step, self.people_step, self.settings_step), parent
        )
        self.start_step.changed.connect(self._start_changed)
        self.actions_step.changed.connect(self._actions_changed)
        self.people_step.changed.connect(self._people_changed)

    def read_library(self, library: Library) -> None:
        """Offer what is in a library; what a person has chosen in it stays.

        Raises:
            FsamtError: It cannot be read.
        """
        is_new = library is not self._library
        known, labels = actions(library), Labels(label_counts(library))
        self._library = library
        self.start_step.read_library(library)
        self.actions_step.show_labels(known, labels, is_new=is_new)
        self.people_step.show_choices(
            labels, self.actions_step.chosen, self.start_step.choice, is_new=is_new
        )
        if is_new:
            self.restart()
        else:
            self.refresh()

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
        )

    def _start_changed(self) -> None:
        self.actions_step.show_start(self.start_step.choice)

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
