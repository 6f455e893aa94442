"""The last step: how many labels, how long, what is found out besides, and what that takes."""

from PySide6.QtWidgets import QCheckBox, QSpinBox, QVBoxLayout, QWidget

from app import words
from app.engine import EngineFacts
from app.pages.finetune.starts import SCRATCH, Labels, StartChoice
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice, FitFields
from app.widgets.folding import Folding
from app.widgets.plan_card import beside_what_will_happen
from app.widgets.wizard import WizardStep
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.runs.requests import DETECTION, RECOGNITION

_FIELDS_WIDTH = 416
_ALL, _SOME = "all", "some"


class SettingsStep(WizardStep):
    """Few settings, and a summary of what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Settings"),
            self.tr("What is set already suits most libraries; the summary says what will happen."),
        )
        self._labels = Labels()
        self._actions: tuple[str, ...] = ()
        self._trained: tuple[str, ...] = ()
        self._tested: tuple[str, ...] = ()
        self._start = SCRATCH
        self._task = RECOGNITION
        self._facts: EngineFacts | None = None
        self.amount = Choice(
            self.tr("Labels to train on"),
            (
                (_ALL, self.tr("All of them"), self.tr("Every label of those who are trained on.")),
                (
                    _SOME,
                    self.tr("A few of each action"),
                    self.tr(
                        "So many of each action, drawn by the seed and evenly over the people; "
                        "the others are left alone."
                    ),
                ),
            ),
        )
        self.per_action = QSpinBox(minimum=1, maximum=1, value=1)
        self.per_action.setAccessibleName(self.tr("Labels of each action"))
        self.per_action.lineEdit().setTextMargins(6, 0, 0, 0)
        self.fit = FitFields(self.tr("Network"))
        self.heads = Choice(
            self.tr("How it finds"),
            (
                (
                    DetectionHead.ANCHOR_FREE,
                    self.tr("Anchor-free"),
                    self.tr(
                        "The network is finetuned on clips; a small one then reads its embeddings "
                        "along the take. Minutes without a GPU, and any network will do."
                    ),
                ),
                (
                    DetectionHead.R_C3D,
                    self.tr("R-C3D"),
                    self.tr(
                        "As in the paper: proposals over long windows, learned with the network "
                        "as one. Takes several times as long, more memory, and a network of 3D "
                        "convolutions."
                    ),
                ),
            ),
        )
        self.more = Folding(
            self.tr("More"), self.tr("How the detector finds; seldom changed"), self.heads
        )
        self.more.hide()
        self.with_scratch = QCheckBox(self.tr("How good it is from scratch, on the same labels"))
        self.with_scratch.setToolTip(
            self.tr("Shows what the transfer was worth; takes as long once more")
        )
        self.with_curve = QCheckBox(self.tr("How good it is with fewer labels"))
        self.with_curve.setToolTip(
            self.tr(
                "Trains with 1, 2, 5 and 10 labels of each action too, which shows whether more "
                "labels would help; takes several times as long"
            )
        )
        for box in (self.with_scratch, self.with_curve):
            box.setChecked(True)
            box.toggled.connect(self.changed)
        self.plan = label(wrap=True)
        self.cost = label(quiet=True, wrap=True)
        self._build()
        self.amount.changed.connect(self._show_amount)
        self.per_action.valueChanged.connect(self.changed)
        self.fit.changed.connect(self.changed)
        self.heads.changed.connect(self._head_chosen)
        self.changed.connect(self._show_plan)
        self._show_amount()

    def _build(self) -> None:
        left = QWidget()
        left.setMaximumWidth(_FIELDS_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(label(self.tr("Labels"), name="heading"))
        column.addWidget(self.amount)
        column.addWidget(self.per_action)
        column.addSpacing(SPACING)
        column.addWidget(label(self.tr("Training"), name="heading"))
        column.addWidget(self.fit)
        column.addWidget(self.more)
        column.addSpacing(SPACING)
        column.addWidget(label(self.tr("Also find out"), name="heading"))
        column.addWidget(self.with_scratch)
        column.addWidget(self.with_curve)
        column.addStretch(1)
        self.body.addLayout(beside_what_will_happen(left, self.plan, self.cost), 1)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self._facts = facts
        if facts is not None and facts.detection_epochs:
            self.heads.choose(next(iter(facts.detection_epochs)))
        self.fit.show_engine(facts, self._usual_epochs())
        self._suit_start()

    def show_task(self, task: str) -> None:
        """Another thing is made: what is asked for differs."""
        self._task = task
        self.more.setVisible(task == DETECTION)
        self.with_curve.setVisible(task != DETECTION)
        self._suit_epochs()
        self._suit_start()

    def show_choices(
        self,
        labels: Labels,
        actions: tuple[str, ...],
        sides: tuple[tuple[str, ...], tuple[str, ...]],
        start: StartChoice,
    ) -> None:
        """The steps before are different now."""
        self._labels, self._actions = labels, actions
        self._trained, self._tested = sides
        self._start = start
        self._suit_start()
        self.per_action.setMaximum(max(1, self.fewest))
        self._show_amount()

    def show_cost(self, said: str) -> None:
        """How long it takes and how much memory, in words."""
        self.cost.setText(said)

    @property
    def head(self) -> str:
        """What finds the actions, of a detector."""
        return self.heads.value

    @property
    def fewest(self) -> int:
        """Labels of the action that has the fewest to train on."""
        return min((self._labels.of(one, self._trained) for one in self._actions), default=0)

    @property
    def labels_per_action(self) -> int | None:
        """None for all of them."""
        return self.per_action.value() if self.amount.value == _SOME else None

    @property
    def n_labels(self) -> int:
        """That are trained on."""
        if self.labels_per_action is not None:
            return self.labels_per_action * len(self._actions)
        return self._labels.n(self._actions, self._trained)

    @property
    def finds_scratch(self) -> bool:
        """Whether a second recogniser from scratch is trained."""
        return self.with_scratch.isEnabled() and self.with_scratch.isChecked()

    @property
    def finds_curve(self) -> bool:
        """Whether the accuracy with fewer labels is found."""
        is_possible = self._task != DETECTION and self.with_curve.isEnabled()
        return is_possible and self.with_curve.isChecked()

    @property
    def summary(self) -> str:
        """Labels and epochs."""
        choice = self.fit.choice
        said = words.labels(self.n_labels)
        if choice is None:
            return said
        return self.tr("{labels}, {epochs} epochs").format(labels=said, epochs=choice.epochs)

    @property
    def obstacle(self) -> str:
        """PyTorch has to be there."""
        return "" if self.fit.choice else self.tr("PyTorch is still loading; this takes seconds.")

    @property
    def next_text(self) -> str:
        """The primary button says what it does."""
        said = self.tr("Finetune on {labels}")
        if self._task == DETECTION:
            said = self.tr("Train the detector on {labels}")
        return said.format(labels=words.labels(self.n_labels))

    def _usual_epochs(self) -> int:
        if self._facts is None:
            return 1
        if self._task == DETECTION:
            return self._facts.detection_epochs.get(self.head, self._facts.finetune_epochs)
        return self._facts.finetune_epochs

    def _suit_epochs(self) -> None:
        """Each has its own number of epochs; what was set for another says nothing of it."""
        if self._facts is not None:
            self.fit.epochs.setValue(self._usual_epochs())

    def _head_chosen(self) -> None:
        self._suit_epochs()
        self.changed.emit()

    def _suit_start(self) -> None:
        """A start brings its network; what needs a test needs somebody who is tested."""
        model = self._start.model
        self.fit.show_network_of("" if model is None else model.network)
        self.fit.network.setEnabled(model is None and self.fit.choice is not None)
        self.fit.network.setToolTip(
            self.tr("The network of {start}: its weights are the beginning").format(start=model.id)
            if model is not None
            else self.tr("What learns; a larger one needs more labels and a GPU")
        )
        for box, is_possible, why_not in (
            (
                self.with_scratch,
                model is not None,
                self.tr("What is made begins from scratch itself"),
            ),
            (self.with_curve, bool(self._tested), self.tr("Nobody is tested")),
        ):
            possible = is_possible and bool(self._tested)
            box.setEnabled(possible)
            teaches = box.property("teaches") or box.toolTip()
            box.setProperty("teaches", teaches)
            box.setToolTip(
                teaches
                if possible
                else (why_not if not is_possible else self.tr("Nobody is tested"))
            )

    def _show_amount(self) -> None:
        self.per_action.setVisible(self.amount.value == _SOME)
        self.changed.emit()

    def _show_plan(self) -> None:
        name = self._start.model.name if self._start.model else self.tr("random weights")
        finds_when = self._task == DETECTION
        lines = [
            self.tr("A detector of {actions} is trained from {start} on {labels} of {people}.")
            if finds_when
            else self.tr(
                "A recogniser of {actions} is trained from {start} on {labels} of {people}."
            )
        ]
        if self._tested and finds_when:
            lines.append(
                self.tr(
                    "It searches whole takes of {tested}, whom it has never seen; they have "
                    "{sought}."
                )
            )
        elif self._tested:
            lines.append(self.tr("It is tested on {clips} of {tested}, whom it has never seen."))
        else:
            lines.append(self.tr("It is not tested: nobody is left for that."))
        if self.finds_scratch:
            lines.append(
                self.tr("A second one from scratch gets the same labels and the same test.")
            )
        if self.finds_curve:
            lines.append(
                self.tr(
                    "Further ones with 1, 2, 5 and 10 labels of each action, as far as there "
                    "are so many, draw the curve."
                )
            )
        self.plan.setText(
            "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)).format(
                actions=words.actions(len(self._actions)),
                start=name,
                labels=words.labels(self.n_labels),
                people=words.people(len(self._trained)),
                clips=words.clips(self._labels.n(self._actions, self._tested)),
                sought=words.labels(self._labels.n(self._actions, self._tested)),
                tested=words.listed(self._tested),
            )
        )
