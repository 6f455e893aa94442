"""The steps of a transfer, and how what is chosen in one is seen in the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.engine import EngineFacts
from app.model_words import loss_name
from app.pages.transfer.loss_field import PAPERS
from app.pages.transfer.modality_step import ModalityStep
from app.pages.transfer.pair_set import count_words
from app.pages.transfer.pairs_step import PairsStep
from app.pages.transfer.student_step import StudentStep
from app.pages.transfer.summary_step import SummaryStep
from app.pages.transfer.teacher_step import TeacherStep
from app.widgets.wizard import Wizard
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.runs import TransferRequest


@dataclass(frozen=True)
class Teachers:
    """The teachers of a library, the newest first, and who each was trained on."""

    models: tuple[ModelRecord, ...]
    trained_on: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, library: Library) -> "Teachers":
        """Read them.

        Raises:
            FsamtError: The library cannot be read.
        """
        models = tuple(list_models(library, ModelKind.TEACHER))
        trained_on = {
            model.id: sorted(
                {item.participant for item in snapshot(library, model.snapshot_id).train}
            )
            for model in models
            if model.snapshot_id is not None
        }
        return cls(models, trained_on)


class TransferWizard(Wizard):
    """Teacher, source modality, pairs, student, summary."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._library: Library | None = None
        self._trained_on: Mapping[str, Sequence[str]] = {}
        self.teacher = TeacherStep()
        self.modality = ModalityStep()
        self.pairs = PairsStep()
        self.student = StudentStep()
        self.summary = SummaryStep()
        super().__init__(
            (self.teacher, self.modality, self.pairs, self.student, self.summary), parent
        )
        self.teacher.changed.connect(self._teacher_chosen)
        self.modality.student.chosen.connect(self._target_chosen)
        self.pairs.changed.connect(self._pairs_changed)
        self.student.changed.connect(self._sum_up)
        self.modality.teacher_wanted.connect(self.teacher.choose)
        self.modality.new_wanted.connect(self._train_new)
        self.step_changed.connect(self._step_changed)
        self._teacher_chosen()

    def read_library(self, library: Library, teachers: Teachers) -> None:
        """Offer what a library holds; what was chosen stays chosen as far as it is there.

        Raises:
            FsamtError: It cannot be read.
        """
        self._library = library
        self._trained_on = teachers.trained_on
        self.summary.read_library(library)
        self.teacher.read_library(library, teachers.models, teachers.trained_on)
        self.pairs.read_library(library)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.teacher.show_engine(facts)
        self.pairs.show_engine(facts)
        self.student.show_engine(facts)

    @property
    def request(self) -> TransferRequest | None:
        """What is chosen, None while something is missing."""
        teacher, fit = self.teacher.chosen, self.student.fit.choice
        if teacher is None or fit is None or self.pairs.obstacle:
            return None
        return TransferRequest(
            teacher_id=teacher.id,
            take_ids=self.pairs.pairs.take_ids(),
            granularity=self.student.granularity.value,
            network=fit.network,
            epochs=fit.epochs,
            seed=fit.seed,
            device=fit.device,
            start_from_teacher=self.student.starts_from_teacher,
            modality=self.modality.student.modality,
            loss=self.student.loss.value,
            temperature=self.student.loss.given_temperature,
        )

    def repeat(self, student: ModelRecord, take_ids: Iterable[str], epochs: int) -> None:
        """Choose what a student was made with, but for the number of epochs; show the summary.

        Args:
            student: Of a transfer in this library.
            take_ids: Of its snapshot.
            epochs: To train for this time.
        """
        settings = student.settings
        self.teacher.choose(str(student.parent_id))
        self.modality.student.choice.choose(student.modality)
        self.pairs.choose(take_ids)
        self.student.loss.choose(settings.get("loss", PAPERS), settings.get("temperature"))
        self.student.granularity.choose(str(settings["granularity"]))
        self.student.start_from_teacher.setChecked(bool(settings["start_from_teacher"]))
        self.student.choose(student.network, epochs, int(settings["fit"]["seed"]))
        self.go_to(self.steps.index(self.summary))

    def wait(self) -> None:
        """Wait for what is read in the background, before the library is closed."""
        self._library = None
        self.teacher.wait()
        self.modality.wait()
        self.pairs.wait()
        self.summary.wait()

    def _train_new(self, modality: str) -> None:
        self.teacher.train_new(modality)
        self.go_to(0)

    def _teacher_chosen(self) -> None:
        teacher = self.teacher.chosen
        self.modality.show_teacher(teacher, self.teacher.list.teachers)
        seen = self._trained_on.get(teacher.id, ()) if teacher is not None else ()
        self.pairs.show_teacher(teacher, seen)
        self.student.show_teacher(teacher)
        self._sum_up()

    def _target_chosen(self) -> None:
        target = self.modality.student.modality
        self.pairs.show_target(target)
        self.student.show_target(target)
        self._sum_up()

    def _pairs_changed(self) -> None:
        if self.pairs.targets:
            self.modality.student.offer(self.pairs.targets)
        self.student.show_joints(self.pairs.n_joints)
        examples = self.pairs.examples
        if self._library is not None and examples:
            self.modality.show_moment_of(self._library, examples)
        self._sum_up()

    def _step_changed(self, place: int) -> None:
        if self.steps[place] is not self.summary:
            self.summary.left()

    def _sum_up(self) -> None:
        self.summary.show_request(self.request, self.pairs.count.n_pairs, self._facts())

    def _facts(self) -> tuple[tuple[str, str], ...]:
        teacher, fit = self.teacher.chosen, self.student.fit.choice
        if teacher is None or fit is None:
            return ()
        left_out = self.pairs.left_out.n_takes + self.pairs.pairs.n_unticked
        beginning = (
            self.tr("the teacher’s weights")
            if self.student.starts_from_teacher
            else self.tr("random weights, seed {seed}").format(seed=fit.seed)
        )
        return (
            (self.tr("Teacher"), f"{teacher.name} ({teacher.id})"),
            (self.tr("Teacher sees"), teacher.modality),
            (self.tr("Student sees"), self.modality.student.modality),
            (self.tr("Pairs"), count_words(self.pairs.count)),
            (self.tr("From"), ", ".join(self.pairs.pairs.people()[:12])),
            (self.tr("Left out"), self.tr("{n} takes").format(n=f"{left_out:,}")),
            (self.tr("Network"), fit.network),
            (self.tr("Starts from"), beginning),
            (self.tr("Granularity"), self.student.granularity.value),
            *self._loss_fact(),
            (
                self.tr("Training"),
                self.tr("{epochs} epochs, seed {seed}, {device}").format(
                    epochs=fit.epochs, seed=fit.seed, device=self.student.fit.device.currentText()
                ),
            ),
        )

    def _loss_fact(self) -> tuple[tuple[str, str], ...]:
        """Said where it is not the paper's."""
        loss = self.student.loss
        if loss.value == PAPERS:
            return ()
        words = loss_name(loss.value)
        if loss.given_temperature is not None:
            words = self.tr("{loss}, temperature {t}").format(loss=words, t=loss.given_temperature)
        return ((self.tr("Loss"), words),)
