"""The step that says what is made, and what it begins from."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app import words
from app.pages.finetune.starts import SCRATCH, StartChoice, possible_starts, start_choice
from app.pages.finetune.task_cards import TaskCards
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.runs.requests import DETECTION
from fsamt_engine.units import format_percent

_MODEL = Qt.ItemDataRole.UserRole
_ROW_PX = 30
_MOST_ROWS = 6


class StartStep(WizardStep):
    """A recogniser or a detector; from a student, a teacher's weights, or nothing.

    Attributes:
        why_not: Why a detector cannot be made of this library, "" where it can.
    """

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Start"),
            self.tr(
                "A student already knows how people move, so it needs few labels. Starting from "
                "scratch or from a teacher’s weights is for comparing."
            ),
        )
        self._library: Library | None = None
        self.why_not = ""
        self.tasks = TaskCards()
        self.tasks.changed.connect(self.changed)
        self.choice = SCRATCH
        self._items: list[QTreeWidgetItem] = []
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("What the recogniser begins from"))
        self.table.setHeaderLabels([self.tr("Begins from"), self.tr("Kind"), self.tr("Made")])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.currentItemChanged.connect(self._chosen)
        self._heading = label(name="heading", wrap=True)
        self.about = label(wrap=True)
        self.body.addWidget(self.tasks)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self.table)
        self.body.addSpacing(SPACING)
        self.body.addWidget(self._heading)
        self.body.addWidget(self.about)
        self.body.addStretch(1)

    def read_library(self, library: Library) -> None:
        """Offer what is in a library; what was chosen stays where it is still there.

        Raises:
            FsamtError: It cannot be read.
        """
        is_same = library is self._library
        chosen = self.choice.model.id if self.choice.model else ""
        self._library = library
        models = possible_starts(library)
        self.table.blockSignals(True)
        self.table.clear()
        self._items = []
        for model in models:
            made = words.day(model.created_at_us)
            item = QTreeWidgetItem([model.name, self._kind(model), made])
            item.setData(0, _MODEL, model)
            item.setToolTip(0, model.id)
            self._items.append(item)
        scratch = [self.tr("From scratch"), self.tr("random weights"), ""]
        self._items.append(QTreeWidgetItem(scratch))
        self.table.addTopLevelItems(self._items)
        self.table.blockSignals(False)
        self.table.setFixedHeight(_ROW_PX * (2 + min(len(models), _MOST_ROWS)) + SPACING)
        ids = [model.id for model in models] + [""]
        place = ids.index(chosen) if is_same and chosen in ids else 0
        self.table.setCurrentItem(self._items[place])
        self._chosen()

    def choose(self, model_id: str) -> None:
        """Choose a start by its id; "" is from scratch."""
        for item in self._items:
            model = item.data(0, _MODEL)
            if (model.id if model else "") == model_id:
                self.table.setCurrentItem(item)

    @property
    def task(self) -> str:
        """RECOGNITION or DETECTION."""
        return self.tasks.task

    def show_why_not(self, why_not: str) -> None:
        """Say why no detector can be made, "" where one can."""
        if why_not != self.why_not:
            self.why_not = why_not
            self.changed.emit()

    @property
    def summary(self) -> str:
        """What is chosen."""
        if self.task == DETECTION:
            return self.tr("Find when, from {start}").format(start=self._start_name)
        return self._start_name

    @property
    def obstacle(self) -> str:
        """A detector needs untrimmed takes."""
        return self.why_not if self.task == DETECTION else ""

    @property
    def _start_name(self) -> str:
        return self.choice.model.name if self.choice.model else self.tr("From scratch")

    def _kind(self, model: ModelRecord) -> str:
        if model.kind is ModelKind.STUDENT:
            return self.tr("student")
        return self.tr("{modality} teacher’s weights").format(modality=model.modality)

    def _chosen(self) -> None:
        item = self.table.currentItem()
        if item is None or self._library is None:
            return
        model = item.data(0, _MODEL)
        self.choice = SCRATCH if model is None else start_choice(self._library, model)
        self._heading.setText(self._start_name)
        self.about.setText(self._about(self.choice))
        self.changed.emit()

    def _about(self, choice: StartChoice) -> str:
        model = choice.model
        if model is None:
            return self.tr(
                "A network that knows nothing learns from the labels alone. With few labels it "
                "is far behind a student, unless there is no teacher that fits."
            )
        if model.kind is ModelKind.STUDENT:
            said = self.tr(
                "A student that sees {modality}, {network}, transferred on unlabelled pairs."
            ).format(modality=model.modality, network=model.network)
            distance = model.metrics.get("validation_cosine_distance")
            if distance is not None:
                said += " " + self.tr("Cosine distance on held-out pairs: {distance:.3f}.").format(
                    distance=distance
                )
        else:
            said = self.tr(
                "The weights of a teacher that sees {modality} are the start of a depth network, "
                "without a transfer."
            ).format(modality=model.modality)
            accuracy = model.metrics.get("validation_accuracy")
            if accuracy is not None:
                said += " " + self.tr("The teacher is right on {share} of held-out takes.").format(
                    share=format_percent(accuracy)
                )
        if choice.problem:
            return f"{said}\n{choice.problem}"
        seen = self.tr(
            "It has seen {people} in training, its teacher included: they can be trained on, and "
            "not be tested."
        ).format(people=words.listed(sorted(choice.seen)))
        return f"{said}\n{seen}"
