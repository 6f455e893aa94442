"""The last step: how many labels and seeds, which rows, and what that takes."""

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from app import words
from app.engine import EngineFacts
from app.pages.experiments.estimating import Cost
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import TickList
from app.widgets.plan_card import beside_what_will_happen
from app.widgets.wizard import WizardStep
from fsamt_engine.units import format_duration

_FIELDS_PX = 416
_MOST_SEEDS = 20
_ROW_PX = 28
_MOST_ROWS = 10
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_LABELS = re.compile(r"\s*\d+\s*([,;\s]\s*\d+\s*)*")


class SizeStep(WizardStep):
    """Columns, rows and seeds of the table on the left; what will happen on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Size"),
            self.tr(
                "Every row is trained and tested once for each number of labels and each seed; a "
                "cell that is there already is not computed again."
            ),
        )
        self.cost = Cost()
        self._refusal = ""
        self.labels = QLineEdit()
        self.labels.setAccessibleName(self.tr("Labels of each action"))
        self.labels.setPlaceholderText(self.tr("5, 10, 20"))
        self.labels.setToolTip(
            self.tr("One or more numbers: a column of the table each, drawn evenly over the people")
        )
        self.seeds = QSpinBox(minimum=1, maximum=_MOST_SEEDS, value=5)
        self.seeds.setAccessibleName(self.tr("Seeds"))
        self.seeds.lineEdit().setTextMargins(6, 0, 0, 0)
        self.seeds.setToolTip(
            self.tr(
                "How often each cell is computed, with other labels each time: their spread tells "
                "whether a difference means something. The paper has 3 or more."
            )
        )
        self.rows = TickList(self.tr("Rows of the table"))
        self.rows.setToolTip(self.tr("A row that is not ticked is left out"))
        self.sees = self._combo(
            self.tr("Students see"),
            self.tr("What students and recognisers receive; in the paper depth, or skeletons"),
        )
        self.network = self._combo(
            self.tr("Network"),
            self.tr("Of teachers that are trained here, and of students that see pictures"),
        )
        self.device = self._combo(
            self.tr("Device"), self.tr("Where it is computed; a GPU is many times as fast")
        )
        self.heads = self._combo(
            self.tr("Detectors"),
            self.tr("What finds the actions in what the student sees; a row each for every start"),
        )
        self.heads.addItem(self.tr("both kinds"), ())
        self.heads.addItem(self.tr("R-C3D, as the paper"), ("r-c3d",))
        self.heads.addItem(self.tr("anchor-free"), ("anchor-free",))
        self._finds_when = False
        self.plan = label(wrap=True)
        self.time = label(quiet=True, wrap=True)
        self._build()
        self.labels.textChanged.connect(self.changed)
        self.seeds.valueChanged.connect(self.changed)
        self.rows.ticked.connect(self.changed)
        for combo in (self.network, self.device, self.sees, self.heads):
            combo.currentIndexChanged.connect(self.changed)
        self.changed.connect(self._show_plan)

    def _build(self) -> None:
        left = QWidget()
        left.setMaximumWidth(_FIELDS_PX)
        grid = QGridLayout(left)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(4)
        for place, (text, field) in enumerate(
            (
                (self.tr("Labels of each action"), self.labels),
                (self.tr("Seeds"), self.seeds),
                (self.tr("Network"), self.network),
                (self.tr("Device"), self.device),
                (self.tr("Students see"), self.sees),
            )
        ):
            row, column = divmod(place, 2)
            title = label(text)
            title.setBuddy(field)
            if field is self.sees:
                self._sees_title = title
            grid.addWidget(title, 3 * row, column)
            grid.addWidget(field, 3 * row + 1, column)
            grid.setRowMinimumHeight(3 * row + 2, 4)
            grid.setColumnStretch(column, 1)
        self._heads_title = label(self.tr("Detectors"))
        self._heads_title.setBuddy(self.heads)
        grid.addWidget(self._heads_title, 9, 0, 1, 2)
        grid.addWidget(self.heads, 10, 0, 1, 2)
        grid.setRowMinimumHeight(11, 4)
        grid.addWidget(label(self.tr("Rows")), 12, 0, 1, 2)
        grid.addWidget(self.rows, 13, 0, 1, 2)
        grid.setRowStretch(14, 1)
        self.body.addLayout(beside_what_will_happen(left, self.plan, self.time), 1)

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices, as soon as they are known."""
        chosen = self.network.currentText(), self.device.currentData()
        for combo in (self.network, self.device):
            combo.blockSignals(True)
            combo.clear()
            combo.setEnabled(facts is not None)
            if facts is None:
                combo.addItem(self.tr("Loading PyTorch…"))
        if facts is not None:
            for name, summary in facts.networks:
                self.network.addItem(name, name)
                self.network.setItemData(self.network.count() - 1, summary, _TOOLTIP)
            for device in facts.devices:
                self.device.addItem(device.name, device.value)
            self.network.setCurrentIndex(max(0, self.network.findText(chosen[0])))
            self.device.setCurrentIndex(max(0, self.device.findData(chosen[1])))
        for combo in (self.network, self.device):
            combo.blockSignals(False)
        self.changed.emit()

    def show_settings(
        self,
        labels: Sequence[int],
        n_seeds: int,
        network: str,
        sees: str,
        seen: Sequence[str],
        *,
        finds_when: bool = False,
    ) -> None:
        """Another table: begin with what suits it.

        Args:
            labels: Of each action.
            n_seeds: Of each cell.
            network: Its name.
            sees: What the students receive at first.
            seen: What they could receive; nothing to choose where it is one.
            finds_when: Whether its cells are detectors.
        """
        self.labels.setText(", ".join(map(str, labels)))
        self.seeds.setValue(n_seeds)
        if self.network.findData(network) >= 0:
            self.network.setCurrentIndex(self.network.findData(network))
        self.sees.blockSignals(True)
        self.sees.clear()
        for modality in seen:
            self.sees.addItem(self._modality(modality), modality)
        self.sees.setCurrentIndex(max(0, self.sees.findData(sees)))
        self.sees.blockSignals(False)
        for part in (self._sees_title, self.sees):
            part.setVisible(len(seen) > 1)
        self._finds_when = finds_when
        for part in (self._heads_title, self.heads):
            part.setVisible(finds_when)
        self.rows.clear()
        self.show_cost(Cost())

    def show_cost(self, cost: Cost) -> None:
        """What was found of the present choice; it also says which rows there can be."""
        self.cost = cost
        self._refusal = cost.refusal
        if cost.rows and tuple(cost.rows) != self._offered_rows():
            self.rows.show_names({name: name for name in cost.rows})
            self.rows.setFixedHeight(_ROW_PX * min(_MOST_ROWS, len(cost.rows)) + 8)
        self.changed.emit()

    @property
    def labels_per_action(self) -> tuple[int, ...]:
        """Rising, each once; empty where the field cannot be read."""
        text = self.labels.text()
        if not _LABELS.fullmatch(text):
            return ()
        return tuple(sorted({int(one) for one in re.findall(r"\d+", text) if int(one) > 0}))

    @property
    def left_out(self) -> bool:
        """Whether a row is not ticked."""
        return len(self.rows.names()) < self.rows.count()

    @property
    def summary(self) -> str:
        """Columns and seeds."""
        *others, last = self.labels_per_action or (0,)
        labels = ", ".join([*map(str, others), words.labels(last)])
        return f"{labels}, {words.seeds(self.seeds.value())}"

    @property
    def obstacle(self) -> str:
        """Numbers, a row and PyTorch have to be there; the engine may refuse more."""
        if self.device.currentData() is None:
            return self.tr("PyTorch is still loading; this takes seconds.")
        if not self.labels_per_action:
            return self.tr("Write how many labels of each action: one number or more, like 5, 10.")
        if self.rows.count() and not self.rows.names():
            return self.tr("Tick at least one row.")
        return self._refusal

    @property
    def next_text(self) -> str:
        """The primary button says what it starts."""
        if not self.n_trainings:
            return self.tr("Start")
        return self.tr("Start {n} trainings").format(n=f"{self.n_trainings:,}")

    @property
    def n_trainings(self) -> int:
        """Teachers, transfers, and recognisers or detectors; 0 while it is not known."""
        return self.cost.n_trainings if not self._refusal else 0

    def _offered_rows(self) -> tuple[str, ...]:
        return tuple(self.rows.item(row).text() for row in range(self.rows.count()))

    def _show_plan(self) -> None:
        cost = self.cost
        if not cost.n_trainings or self._refusal:
            self.plan.setText(
                self.tr("This cannot be started yet.")
                if self._refusal
                else self.tr("Looking at what there is to do…")
            )
            self.time.clear()
            return
        lines = [
            (
                cost.n_teachers,
                self.tr("{n} to be trained on labels").format(n=words.teachers(cost.n_teachers)),
            ),
            (
                cost.n_students,
                self.tr("{n} to be transferred on unlabelled pairs").format(
                    n=words.students(cost.n_students)
                ),
            ),
            (
                cost.n_recognisers,
                self.tr("{n} to be finetuned and tested").format(
                    n=(words.detectors if self._finds_when else words.recognisers)(
                        cost.n_recognisers
                    )
                ),
            ),
        ]
        said = [f"• {line}" for n, line in lines if n]
        said += [f"• {sentence}" for sentence in cost.left_out]
        self.plan.setText("\n".join(said))
        self.time.setText(
            self.tr("About {time} on {device}. It can be paused at any moment.").format(
                time=format_duration(cost.seconds), device=cost.device
            )
            if cost.seconds is not None
            else self.tr("How long it takes is measured when nothing else runs.")
        )

    def _modality(self, modality: str) -> str:
        names = {
            "depth": self.tr("depth"),
            "infrared": self.tr("infrared"),
            "skeleton": self.tr("skeletons"),
        }
        return names.get(modality, modality)

    def _combo(self, name: str, tooltip: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(tooltip)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        return combo
