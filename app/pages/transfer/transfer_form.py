"""Choosing a transfer: from whom, on what, how."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import words
from app.engine import EngineFacts
from app.pages.transfer.fields import Choice, FitFields
from app.pages.transfer.pair_set import OwnTakes, PairSet
from app.theme import SPACING
from app.training import TransferChoice
from app.widgets.buttons import label
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.units import format_percent


class TransferForm(QWidget):
    """Teacher, granularity, pairs, student."""

    changed = Signal()
    teacher_wanted = Signal()
    """The user wants to train another teacher."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[ModelRecord] = []
        self._suited_to = ""
        self.teacher = QComboBox()
        self.teacher.setAccessibleName(self.tr("Teacher"))
        self.teacher.setToolTip(self.tr("The network whose embeddings the student learns to give"))
        self.teacher.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.teacher_hint = label(small=True, quiet=True, wrap=True)
        self.other_teacher = QPushButton(self.tr("New…"))
        self.other_teacher.setToolTip(self.tr("Train another teacher"))
        self.other_teacher.setAccessibleName(self.tr("Train another teacher"))
        self.other_teacher.clicked.connect(self.teacher_wanted)
        self.granularity = Choice(
            self.tr("Granularity"),
            (
                (
                    "clip",
                    self.tr("clip"),
                    self.tr("Match the teacher's embedding of the same clip."),
                ),
                (
                    "video",
                    self.tr("video"),
                    self.tr("Match the teacher's mean embedding of the whole take."),
                ),
                (
                    "video+clip",
                    self.tr("video+clip"),
                    self.tr("Match both; the best of the three in the paper."),
                ),
            ),
            chosen="video+clip",
        )
        self.pairs = PairSet()
        self.fit = FitFields(self.tr("Student"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(4)
        column.addWidget(label(self.tr("Teacher")))
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.teacher, 1)
        row.addWidget(self.other_teacher)
        column.addLayout(row)
        column.addWidget(self.teacher_hint)
        column.addSpacing(SPACING)
        column.addWidget(label(self.tr("Granularity")))
        column.addWidget(self.granularity)
        column.addSpacing(SPACING)
        column.addWidget(label(self.tr("Pairs")))
        column.addWidget(self.pairs, 1)
        column.addSpacing(SPACING)
        column.addWidget(self.fit)
        self.teacher.currentIndexChanged.connect(self._teacher_chosen)
        self.granularity.changed.connect(self.changed)
        self.pairs.changed.connect(self.changed)
        self.fit.changed.connect(self.changed)

    def read_library(self, library: Library) -> None:
        """Offer the teachers of a library, the newest first.

        Raises:
            FsamtError: It cannot be read.
        """
        chosen = self.chosen_teacher
        self._models = list_models(library, ModelKind.TEACHER)
        self.teacher.blockSignals(True)
        self.teacher.clear()
        for model in self._models:
            self.teacher.addItem(model.name, model.id)
        self.teacher.setCurrentIndex(max(0, self.teacher.findData(chosen.id if chosen else "")))
        self.teacher.blockSignals(False)
        self._teacher_chosen()

    def show_takes(self, own: Mapping[str, OwnTakes]) -> None:
        """Offer the takes of the library."""
        self.pairs.show_takes(own)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.fit.show_engine(facts, facts.transfer_epochs if facts else 1)
        self._choose_its_network()

    def choose_teacher(self, model: ModelRecord) -> None:
        """Choose a teacher of the list."""
        self.teacher.setCurrentIndex(max(0, self.teacher.findData(model.id)))

    @property
    def has_teachers(self) -> bool:
        """Whether the library has any."""
        return bool(self._models)

    @property
    def chosen_teacher(self) -> ModelRecord | None:
        """The teacher that is chosen."""
        place = self.teacher.currentIndex()
        return self._models[place] if 0 <= place < len(self._models) else None

    @property
    def button_text(self) -> str:
        """What the primary button says."""
        return self.tr("Transfer {pairs}").format(pairs=words.pairs(self.pairs.count().n_pairs))

    @property
    def obstacle(self) -> str:
        """Why it cannot start, "" where it can."""
        if self.chosen_teacher is None:
            return self.tr("There is no teacher yet.")
        if not self.pairs.count().n_takes:
            return self.tr("No takes with pairs are chosen.")
        if self.fit.choice is None:
            return self.tr("PyTorch is still loading.")
        return ""

    @property
    def choice(self) -> TransferChoice | None:
        """What is chosen, None while something is missing."""
        teacher, fit = self.chosen_teacher, self.fit.choice
        take_ids = self.pairs.take_ids()
        if teacher is None or fit is None or not take_ids:
            return None
        return TransferChoice(teacher, take_ids, self.granularity.value, fit)

    def _teacher_chosen(self) -> None:
        teacher = self.chosen_teacher
        hint = ""
        if teacher is not None:
            hint = self.tr("Sees {modality}, knows {actions}, {network}.").format(
                modality=teacher.modality,
                actions=words.actions(len(teacher.actions)),
                network=teacher.network,
            )
            accuracy = teacher.metrics.get("validation_accuracy")
            if accuracy is not None:
                hint += " " + self.tr("Right on {share} of held-out takes.").format(
                    share=format_percent(accuracy)
                )
        self.teacher_hint.setText(hint)
        self._choose_its_network()
        self.changed.emit()

    def _choose_its_network(self) -> None:
        """A student of the teacher's own network can start from its weights; offered once."""
        teacher = self.chosen_teacher
        if teacher is None or self.fit.choice is None or teacher.id == self._suited_to:
            return
        self._suited_to = teacher.id
        self.fit.choose_network(teacher.network)
