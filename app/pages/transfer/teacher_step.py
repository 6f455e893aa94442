"""The step that says whose embeddings the student learns to give."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QStackedWidget, QWidget

from app.engine import EngineFacts
from app.pages.transfer.teacher_form import TeacherForm
from app.pages.transfer.teacher_list import TeacherList
from app.widgets.buttons import label
from app.widgets.fields import Choice
from app.widgets.wizard import WizardStep
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.runs import TeacherRequest
from fsamt_engine.units import format_percent

OWN, NEW, ELSEWHERE = "own", "new", "elsewhere"


class TeacherStep(WizardStep):
    """A teacher of the library, a new one, or one that is brought in."""

    train_wanted = Signal(object)
    """A `TeacherRequest`."""
    import_wanted = Signal(object)
    """The `Path` of a model's folder, or of another library."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Teacher"),
            self.tr(
                "A teacher has learned some actions from colour. Its embeddings are what the "
                "student learns to give from what it sees."
            ),
        )
        self._library: Library | None = None
        self.list = TeacherList()
        self.form = TeacherForm()
        self.way = Choice(
            self.tr("Where the teacher comes from"),
            (
                (
                    OWN,
                    self.tr("Of this library"),
                    self.tr("Teachers that were trained here or brought in before."),
                ),
                (
                    NEW,
                    self.tr("Train a new one"),
                    self.tr(
                        "On labels of takes with colour. Choose other actions than the ones that "
                        "the student is to recognise later."
                    ),
                ),
                (
                    ELSEWHERE,
                    self.tr("From elsewhere"),
                    self.tr("A teacher that another library or another lab has trained."),
                ),
            ),
        )
        self.browse = QPushButton(self.tr("Choose a folder…"))
        self.browse.setToolTip(
            self.tr("The folder of a model (with model.json), or of a whole library")
        )
        self._ways = QStackedWidget()
        self._ways.addWidget(self.list)
        self._ways.addWidget(self.form)
        self._ways.addWidget(self._elsewhere())
        self.body.addWidget(self.way)
        self.body.addWidget(self._ways, 1)
        self.way.changed.connect(self._way_chosen)
        self.list.chosen_changed.connect(self.changed)
        self.form.changed.connect(self.changed)
        self.browse.clicked.connect(self._browse)

    def _elsewhere(self) -> QWidget:
        place = WizardStep()
        for paragraph in (
            self.tr(
                "What can be read: a model’s folder with model.json and weights.safetensors, as "
                "every library of FSAMT Studio keeps its models under “models”, or a whole "
                "library, of which all teachers are taken over."
            ),
            self.tr(
                "What is expected of it: a network of this program, trained on flow or rgb. Which "
                "takes and people it has seen comes with it, so that a test on them is still "
                "refused here. Weights that others have published (.pth) come in on the page "
                "Models, and can then be chosen here."
            ),
        ):
            place.body.addWidget(label(paragraph, wrap=True))
        row = QHBoxLayout()
        row.addWidget(self.browse)
        row.addStretch(1)
        place.body.addLayout(row)
        place.body.addStretch(1)
        return place

    def read_library(
        self,
        library: Library,
        teachers: Sequence[ModelRecord],
        trained_on: Mapping[str, Sequence[str]],
    ) -> None:
        """Offer the teachers of a library, and its actions and people for a new one.

        Raises:
            FsamtError: It cannot be read.
        """
        is_new = library is not self._library
        self._library = library
        self.form.read_library(library)
        self.list.show_teachers(teachers, trained_on)
        if is_new:
            self.way.choose(OWN if teachers else NEW)
        self.changed.emit()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices for a new one."""
        self.form.show_engine(facts)

    @property
    def chosen(self) -> ModelRecord | None:
        """The teacher of this library that is chosen."""
        return self.list.chosen

    def choose(self, teacher_id: str) -> None:
        """Choose a teacher of the library."""
        self.way.choose(OWN)
        self.list.choose(teacher_id)

    def train_new(self, modality: str = "") -> None:
        """Show what a new teacher is trained on."""
        self.way.choose(NEW)
        if modality:
            self.form.modality.choose(modality)

    @property
    def summary(self) -> str:
        """Its name, and how often it is right."""
        teacher = self.chosen
        if teacher is None:
            return ""
        accuracy = teacher.metrics.get("validation_accuracy")
        if accuracy is None:
            return teacher.name
        return self.tr("{name}, {share} right").format(
            name=teacher.name, share=format_percent(accuracy)
        )

    @property
    def obstacle(self) -> str:
        """A teacher has to be there, or to be trainable."""
        if self.way.value == NEW:
            return self.form.obstacle
        if self.way.value == ELSEWHERE:
            return self.tr("Choose the folder of a teacher, or a teacher of this library.")
        if self.chosen is None:
            return self.tr("This library has no teacher yet. Train one, or bring one in.")
        return ""

    @property
    def undone(self) -> str:
        """A new teacher is trained before anything can be transferred from it."""
        if self.way.value == NEW:
            return self.tr("Train this teacher first, or choose one of this library.")
        return ""

    @property
    def next_text(self) -> str:
        """On how many labels a new one is trained."""
        return self.form.button_text if self.way.value == NEW else ""

    def act(self) -> bool:
        """Ask for a new teacher's training."""
        if self.way.value != NEW:
            return False
        request = self.form.request
        assert isinstance(request, TeacherRequest)
        self.train_wanted.emit(request)
        return True

    def wait(self) -> None:
        """Wait for what is read in the background, before the library is closed."""
        self.form.wait()

    def _way_chosen(self) -> None:
        self._ways.setCurrentIndex((OWN, NEW, ELSEWHERE).index(self.way.value))
        self.changed.emit()

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("The folder of a teacher, or of a library"), str(Path.home())
        )
        if chosen:
            self.import_wanted.emit(Path(chosen))
