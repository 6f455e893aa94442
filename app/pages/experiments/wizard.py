"""The steps that lead to a new table, each fed by the ones before it."""

from typing import Any

from PySide6.QtWidgets import QWidget

from app.engine import EngineFacts
from app.pages.experiments.kind_step import KindStep
from app.pages.experiments.kinds import words_of
from app.pages.experiments.offers import Offers
from app.pages.experiments.sides_steps import ActionsStep, PeopleStep
from app.pages.experiments.size_step import SizeStep
from app.pages.experiments.teacher_step import TeacherStep
from app.widgets.wizard import Wizard
from fsamt_engine.runs import ExperimentRequest


class ExperimentWizard(Wizard):
    """Table, teachers, actions, people, size; `request` is what comes of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.kind_step = KindStep()
        self.teacher_step = TeacherStep()
        self.actions_step = ActionsStep()
        self.people_step = PeopleStep()
        self.size_step = SizeStep()
        self._offers = Offers()
        self._filled_for = ""
        super().__init__(
            (
                self.kind_step,
                self.teacher_step,
                self.actions_step,
                self.people_step,
                self.size_step,
            ),
            parent,
        )
        self.kind_step.changed.connect(self._kind_changed)
        self.teacher_step.changed.connect(self._teacher_changed)
        self.actions_step.changed.connect(self._actions_changed)

    def begin_anew(self) -> None:
        """Another library: nothing of what was chosen says anything any more."""
        self._filled_for = ""
        self.actions_step.is_touched = self.people_step.is_touched = False
        self.kind_step.show_offers(())
        self.restart()

    def show_offers(self, offers: Offers) -> None:
        """Offer what was found in the library; what a person has chosen in it stays."""
        self._offers = offers
        self.teacher_step.show_teachers(offers.teachers)
        self.actions_step.show_counts(offers.counts)
        self.people_step.show_counts(offers.counts)
        self.kind_step.show_offers(offers.tables)
        self.refresh()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.size_step.show_engine(facts)

    @property
    def settings(self) -> dict[str, Any] | None:
        """Of the experiment, as JSON has them; None while something is missing before the end."""
        offer = self.kind_step.offer
        if offer is None or offer.settings is None or not self.can_go_to(len(self.steps) - 1):
            return None
        size = self.size_step
        if not size.labels_per_action or size.device.currentData() is None:
            return None
        chosen: dict[str, Any] = {
            "target_actions": list(self.actions_step.target),
            "train_participants": list(self.people_step.trained),
            "test_participants": list(self.people_step.tested),
            "labels_per_action": list(size.labels_per_action),
            "n_seeds": size.seeds.value(),
            "network": size.network.currentData(),
            "teachers": list(self.teacher_step.chosen),
            "source_actions": list(self.actions_step.source),
        }
        if words_of(offer.kind).finds_when:
            chosen["heads"] = list(size.heads.currentData())
        if size.sees.count() > 1:
            chosen["target_modality"] = size.sees.currentData()
        return {**offer.settings, **chosen}

    @property
    def request(self) -> ExperimentRequest | None:
        """What is to be run, None while something is missing."""
        settings = self.settings
        if settings is None or not self.can_go_to(len(self.steps)):
            return None
        if self.size_step.left_out:
            settings["methods"] = list(self.size_step.rows.names())
        return ExperimentRequest(settings=settings, device=self.size_step.device.currentData())

    def _kind_changed(self) -> None:
        """Begin the steps after it with what suits the chosen table."""
        offer = self.kind_step.offer
        if offer is None or offer.settings is None or offer.kind == self._filled_for:
            return
        self._filled_for = offer.kind
        own = offer.settings
        kind = words_of(offer.kind)
        self.teacher_step.choose(own.get("teachers", ()), must_be_given=kind.needs_teachers)
        self._suggest_actions()
        self.people_step.show_kind(finds_when=kind.finds_when)
        self.people_step.suggest(own["train_participants"], own["test_participants"])
        sees = own.get("target_modality", "depth")
        # The skeleton table is about skeletons; every other one takes what the takes have.
        seen = (sees,) if offer.kind == "skeleton" else self._offers.seen
        self.size_step.show_settings(
            own["labels_per_action"],
            own["n_seeds"],
            own["network"],
            sees,
            seen,
            finds_when=kind.finds_when,
        )

    def _teacher_changed(self) -> None:
        self.actions_step.need_source(not self.teacher_step.are_given)
        self._suggest_actions()

    def _suggest_actions(self) -> None:
        """Given teachers need no source actions, unless one more has to be trained."""
        own = self.kind_step.offer.settings if self.kind_step.offer else None
        if own is not None:
            source = () if self.teacher_step.are_given else own["source_actions"]
            self.actions_step.suggest(source, own["target_actions"])

    def _actions_changed(self) -> None:
        self.people_step.show_target(self.actions_step.target)
