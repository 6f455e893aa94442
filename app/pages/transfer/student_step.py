"""The step that says what the student is, and what it has to match."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from app.engine import MOST_JOINTS, EngineFacts
from app.model_words import loss_name
from app.pages.transfer.granularity_picture import GranularityPicture
from app.pages.transfer.loss_field import PAPERS, LossField
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice, FitFields
from app.widgets.wizard import WizardStep
from fsamt_engine.library import ModelRecord

_FIELDS_WIDTH = 416


class StudentStep(WizardStep):
    """Network, granularity, epochs, seed, device and loss."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Student"),
            self.tr(
                "Here you choose the student’s network, and what it has to match; what is chosen "
                "already suits most libraries."
            ),
        )
        self._teacher: ModelRecord | None = None
        self._facts: EngineFacts | None = None
        self._target = "depth"
        self._n_joints = MOST_JOINTS
        self.granularity = Choice(
            self.tr("Granularity"),
            (
                (
                    "clip",
                    self.tr("clip"),
                    self.tr(
                        "A clip of the student matches the teacher’s embedding of the same clip."
                    ),
                ),
                (
                    "video",
                    self.tr("video"),
                    self.tr("It matches the teacher’s mean embedding of the whole take."),
                ),
                (
                    "video+clip",
                    self.tr("video+clip"),
                    self.tr(
                        "It matches both. The best of the three in the paper; with takes of a few "
                        "seconds they hardly differ."
                    ),
                ),
            ),
            chosen="video+clip",
        )
        self.picture = GranularityPicture()
        self.fit = FitFields(self.tr("Network"))
        self.fit.setFixedWidth(_FIELDS_WIDTH)
        self.start_from_teacher = QCheckBox(self.tr("Start from the teacher’s weights"))
        self.start_from_teacher.setChecked(True)
        self.loss = LossField()
        self._build()
        self.loss.changed.connect(self.changed)
        self.granularity.changed.connect(self._granularity_chosen)
        self.fit.changed.connect(self._fit_chosen)
        self.start_from_teacher.toggled.connect(self.changed)
        self._granularity_chosen()
        self._fit_chosen()

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.fit)
        left.addWidget(self.start_from_teacher)
        row = QHBoxLayout()
        row.setSpacing(4 * SPACING)
        row.addLayout(left)
        row.addWidget(self.loss, 1)
        self.body.addWidget(label(self.tr("Granularity"), name="heading"))
        self.body.addWidget(self.granularity)
        self.body.addWidget(self.picture)
        self.body.addSpacing(SPACING)
        self.body.addWidget(label(self.tr("Training"), name="heading"))
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self._facts = facts
        offered = facts
        if facts is not None and self._target == "skeleton":
            offered = replace(facts, networks=facts.skeleton_networks.get(self._n_joints, ()))
        self.fit.show_engine(offered, facts.transfer_epochs if facts else 1)
        self._suit_teacher()

    def show_target(self, modality: str) -> None:
        """What the student receives is different now: so are the networks to choose from."""
        if modality != self._target:
            self._target = modality
            self.picture.show_target(modality)
            self.show_engine(self._facts)

    def show_joints(self, n_joints: int | None) -> None:
        """Offer the networks for takes with skeletons of so many joints; None: nothing is known."""
        known = self._facts.skeleton_networks if self._facts else {}
        if n_joints is None or n_joints not in known or n_joints == self._n_joints:
            return
        place, self._n_joints = self.fit.network.currentIndex(), n_joints
        if self._target == "skeleton":
            self.show_engine(self._facts)
            self.fit.network.setCurrentIndex(max(0, place))

    def choose(self, network: str, epochs: int, seed: int) -> None:
        """Choose what a student was trained with, but for the device."""
        known = self._facts.skeleton_networks if self._facts else {}
        for n_joints, offered in known.items():
            if network in (name for name, _ in offered):
                self.show_joints(n_joints)
        self.fit.choose(network, epochs, seed)

    def show_teacher(self, teacher: ModelRecord | None) -> None:
        """A student of the teacher's own network can start from its weights: choose that one."""
        is_new = teacher is not None and (self._teacher is None or teacher.id != self._teacher.id)
        self._teacher = teacher
        self.loss.show_answers(teacher is None or bool(teacher.actions))
        if is_new:
            self._suit_teacher()
        self._fit_chosen()

    @property
    def starts_from_teacher(self) -> bool:
        """Whether the student begins with its teacher's weights."""
        return self.start_from_teacher.isEnabled() and self.start_from_teacher.isChecked()

    @property
    def summary(self) -> str:
        """Network, granularity and epochs."""
        choice = self.fit.choice
        if choice is None:
            return self.granularity.value
        matched = self.granularity.value
        if self.loss.value != PAPERS:
            matched = f"{matched}, {loss_name(self.loss.value)}"
        return self.tr("{network}, {matched}, {epochs} epochs").format(
            network=choice.network, matched=matched, epochs=choice.epochs
        )

    @property
    def obstacle(self) -> str:
        """PyTorch has to be there."""
        return "" if self.fit.choice else self.tr("PyTorch is still loading; this takes seconds.")

    def _suit_teacher(self) -> None:
        if self._teacher is not None:
            self.fit.choose_network(self._teacher.network)

    def _granularity_chosen(self) -> None:
        self.picture.show_granularity(self.granularity.value, self.granularity.explanation)
        self.changed.emit()

    def _fit_chosen(self) -> None:
        choice, teacher = self.fit.choice, self._teacher
        is_same = choice is not None and teacher is not None and choice.network == teacher.network
        self.start_from_teacher.setEnabled(is_same)
        self.start_from_teacher.setToolTip(
            self.tr(
                "What the teacher knows about motion serves the student too, so it needs fewer "
                "pairs; without it the student starts from random weights."
            )
            if is_same
            else self.tr(
                "The student has another network than the teacher: it starts from nothing."
            )
        )
        self.changed.emit()
