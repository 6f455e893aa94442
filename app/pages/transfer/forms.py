"""What is to be trained: a transfer, or first a teacher."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.engine import EngineFacts
from app.pages.transfer.fields import Choice, FitFields, TickList
from app.pages.transfer.pair_set import PairSet
from app.theme import SPACING
from app.training import TeacherChoice, TransferChoice, teacher_segments
from app.widgets.buttons import label
from fsamt_engine.library import Library, ModelKind, ModelRecord, TakeRow
from fsamt_engine.library.labels import actions
from fsamt_engine.library.models import list_models
from fsamt_engine.library.takes import participant_counts
from fsamt_engine.units import format_percent

TRANSFER_EPOCHS = 60
TEACHER_EPOCHS = 40


class TransferForm(QWidget):
    """Teacher, granularity, pairs, student."""

    changed = Signal()
    teacher_wanted = Signal()
    """The user wants to train another teacher."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[ModelRecord] = []
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
        self.fit = FitFields(self.tr("Student"), TRANSFER_EPOCHS)
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

    def show_takes(self, rows: list[TakeRow]) -> None:
        """Offer the takes of the library."""
        self.pairs.show_takes(rows)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.fit.show_engine(facts)

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
        count = self.pairs.count().n_pairs
        return self.tr("Transfer {count} pairs").format(count=f"{count:,}")

    @property
    def obstacle(self) -> str:
        """Why it cannot start, "" where it can."""
        if self.chosen_teacher is None:
            return self.tr("There is no teacher yet.")
        if not self.pairs.take_ids():
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
        words = ""
        if teacher is not None:
            words = self.tr("Sees {modality}, knows {count} actions, {network}.").format(
                modality=teacher.modality, count=len(teacher.actions), network=teacher.network
            )
            accuracy = teacher.metrics.get("validation_accuracy")
            if accuracy is not None:
                words += " " + self.tr("Right on {share} of held-out takes.").format(
                    share=format_percent(accuracy)
                )
        self.teacher_hint.setText(words)
        self.changed.emit()


class TeacherForm(QWidget):
    """Source modality, source actions, participants, network."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._n_labels = 0
        self.modality = Choice(
            self.tr("Source modality"),
            (
                (
                    "flow",
                    self.tr("flow"),
                    self.tr("Sees how the picture moves; the better teacher in the paper."),
                ),
                ("rgb", self.tr("rgb"), self.tr("Sees the colours themselves.")),
            ),
        )
        self.source_actions = TickList(self.tr("Source actions"))
        self.source_actions.setToolTip(
            self.tr("Other actions than the ones that the student is to recognise later")
        )
        self.participants = TickList(self.tr("Participants"))
        self.participants.setToolTip(
            self.tr("Untick the people you will test on later, so that the test stays fair")
        )
        self.summary = label(small=True, quiet=True, wrap=True)
        self.fit = FitFields(self.tr("Network"), TEACHER_EPOCHS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(4)
        column.addWidget(label(self.tr("Source modality")))
        column.addWidget(self.modality)
        column.addSpacing(SPACING)
        lists = QGridLayout()
        lists.setSpacing(4)
        lists.setHorizontalSpacing(SPACING)
        lists.addWidget(label(self.tr("Source actions")), 0, 0)
        lists.addWidget(label(self.tr("Participants")), 0, 1)
        lists.addWidget(self.source_actions, 1, 0)
        lists.addWidget(self.participants, 1, 1)
        lists.setColumnStretch(0, 4)
        lists.setColumnStretch(1, 3)
        column.addLayout(lists, 1)
        column.addWidget(self.summary)
        column.addSpacing(SPACING)
        column.addWidget(self.fit)
        self.modality.changed.connect(self.changed)
        self.source_actions.ticked.connect(self._count)
        self.participants.ticked.connect(self._count)
        self.fit.changed.connect(self.changed)

    def read_library(self, library: Library) -> None:
        """Offer the actions and participants of a library.

        Raises:
            FsamtError: It cannot be read.
        """
        self._library = library
        self.source_actions.show_names(
            {
                action.name: self.tr("{action} · {count} labels").format(
                    action=action.name, count=f"{action.n_segments:,}"
                )
                for action in actions(library)
                if action.n_segments
            }
        )
        self.participants.show_names(
            {
                name: self.tr("{participant} · {count} takes").format(
                    participant=name, count=f"{count:,}"
                )
                for name, count in participant_counts(library).items()
            }
        )
        self._count()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.fit.show_engine(facts)

    @property
    def button_text(self) -> str:
        """What the primary button says."""
        return self.tr("Train teacher on {count} labels").format(count=f"{self._n_labels:,}")

    @property
    def obstacle(self) -> str:
        """Why it cannot start, "" where it can."""
        if len(self.source_actions.names()) < 2:
            return self.tr("A teacher needs at least two actions to tell apart.")
        if not self._n_labels:
            return self.tr("No take with colour has a label of these actions and participants.")
        if self.fit.choice is None:
            return self.tr("PyTorch is still loading.")
        return ""

    @property
    def choice(self) -> TeacherChoice | None:
        """What is chosen, None while something is missing."""
        fit = self.fit.choice
        if fit is None or self.obstacle:
            return None
        return TeacherChoice(
            self.modality.value, self.source_actions.names(), self.participants.names(), fit
        )

    def _count(self) -> None:
        if self._library is None:
            return
        labelled = teacher_segments(
            self._library, self.source_actions.names(), self.participants.names()
        )
        self._n_labels = len(labelled)
        self.summary.setText(
            self.tr("{labels} labels of {actions} actions, on takes with colour.").format(
                labels=f"{self._n_labels:,}", actions=len({s.action for s in labelled})
            )
        )
        self.changed.emit()
