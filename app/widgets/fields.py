"""Fields that several pages ask with: one of a few, ticks, and how a network is trained."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.engine import EngineFacts
from app.theme import SPACING
from app.widgets.buttons import label


@dataclass(frozen=True)
class FitChoice:
    """What a person decides about any training."""

    network: str
    epochs: int
    seed: int
    device: str


class FitFields(QWidget):
    """Network, epochs, seed and device."""

    changed = Signal()

    def __init__(self, network_words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_engine = False
        self._offered: tuple[str, ...] = ()
        self.network = QComboBox()
        self.network.setAccessibleName(network_words)
        self.network.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.device = QComboBox()
        self.device.setAccessibleName(self.tr("Device"))
        self.device.setToolTip(self.tr("Where it is computed; a GPU is many times as fast"))
        self.device.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.epochs = self._number(self.tr("Epochs"), 1, 10_000, 1)
        self.epochs.setToolTip(
            self.tr("How often all pairs or labels are gone through; the best weights are kept")
        )
        self.seed = self._number(self.tr("Seed"), 0, 2**31 - 1, 0)
        self.seed.setToolTip(self.tr("The same seed and choices give the same weights"))
        self.network_hint = label(small=True, quiet=True, wrap=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(4)
        for place, (words, field) in enumerate(
            (
                (network_words, self.network),
                (self.tr("Device"), self.device),
                (self.tr("Epochs"), self.epochs),
                (self.tr("Seed"), self.seed),
            )
        ):
            row, column = divmod(place, 2)
            title = label(words)
            title.setBuddy(field)
            grid.addWidget(title, 3 * row, column)
            grid.addWidget(field, 3 * row + 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.network_hint, 2, 0, 1, 2)
        self.network.currentIndexChanged.connect(self._network_chosen)
        self.show_engine(None, 1)

    def show_engine(self, facts: EngineFacts | None, epochs: int) -> None:
        """Offer networks and devices, as soon as they are known; `epochs` at first."""
        chosen = self.network.currentText(), self.device.currentData()
        for field in (self.network, self.device):
            field.setEnabled(facts is not None)
            field.clear()
        self.epochs.setEnabled(facts is not None)
        if facts is None:
            for field in (self.network, self.device):
                field.addItem(self.tr("Loading PyTorch…"))
            return
        self._offered = tuple(name for name, _ in facts.networks)
        for name, summary in facts.networks:
            self.network.addItem(name, summary)
        for device in facts.devices:
            self.device.addItem(device.name, device.value)
        if not self._has_engine:
            self._has_engine = True
            self.epochs.setValue(epochs)
        self.network.setCurrentIndex(max(0, self.network.findText(chosen[0])))
        self.device.setCurrentIndex(max(0, self.device.findData(chosen[1])))

    def choose(self, network: str, epochs: int, seed: int) -> None:
        """Choose all but the device."""
        self.choose_network(network)
        self.epochs.setValue(epochs)
        self.seed.setValue(seed)

    def show_network_of(self, model: str) -> None:
        """Show a model's own network, offered or not; "" leaves only what is offered."""
        for place in reversed(range(self.network.count())):
            if self._offered and self.network.itemText(place) not in self._offered:
                self.network.removeItem(place)
                self.network.setCurrentIndex(0)
        if model and self._offered and model not in self._offered:
            self.network.addItem(model, "")
        self.choose_network(model)

    def choose_network(self, name: str) -> None:
        """Choose a network if it is offered."""
        if self.network.findText(name) >= 0:
            self.network.setCurrentText(name)

    @property
    def choice(self) -> FitChoice | None:
        """What is chosen, None while the engine is not there."""
        if self.device.currentData() is None:
            return None
        return FitChoice(
            self.network.currentText(),
            self.epochs.value(),
            self.seed.value(),
            self.device.currentData(),
        )

    def _number(self, name: str, least: int, most: int, value: int) -> QSpinBox:
        field = QSpinBox(minimum=least, maximum=most, value=value)
        field.setAccessibleName(name)
        # A style sheet's padding does not reach the text of a spin box.
        field.lineEdit().setTextMargins(6, 0, 0, 0)
        field.valueChanged.connect(self.changed)
        return field

    def _network_chosen(self) -> None:
        self.network_hint.setText(self.network.currentData() or "")
        self.changed.emit()


class Choice(QWidget):
    """One of a few, each a button with its explanation underneath.

    Args:
        name: Of the group, for a screen reader.
        options: Value, name and explanation of each; the first is chosen unless `chosen` says so.
    """

    changed = Signal()

    def __init__(
        self, name: str, options: tuple[tuple[str, str, str], ...], chosen: str = ""
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values: list[str] = []
        self._explanations: list[str] = []
        row = QHBoxLayout()
        row.setSpacing(4)
        for number, (value, title, explanation) in enumerate(options):
            button = QPushButton(title)
            button.setProperty("choice", True)
            button.setCheckable(True)
            # In a dialog, Enter presses the button that does it, wherever one stands.
            button.setAutoDefault(False)
            button.setToolTip(explanation)
            button.setAccessibleName(f"{name}: {title}")
            button.setAccessibleDescription(explanation)
            self._group.addButton(button, number)
            self._values.append(value)
            self._explanations.append(explanation)
            row.addWidget(button, 1)
        self._explanation = label(small=True, quiet=True, wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self._explanation)
        self._group.idToggled.connect(self._toggled)
        self.choose(chosen or self._values[0])

    @property
    def value(self) -> str:
        """What is chosen."""
        return self._values[self._group.checkedId()]

    @property
    def explanation(self) -> str:
        """What is said of the chosen one."""
        return self._explanations[self._group.checkedId()]

    def choose(self, value: str) -> None:
        """Choose one."""
        self._group.button(self._values.index(value)).setChecked(True)

    def offer(self, values: Sequence[str], why_not: str) -> None:
        """Let only these be chosen, and what is chosen; the others say in their tooltip why."""
        for number, value in enumerate(self._values):
            button = self._group.button(number)
            is_offered = value in values or button.isChecked()
            button.setEnabled(is_offered)
            button.setToolTip(self._explanations[number] if is_offered else why_not)

    def _toggled(self, number: int, checked: bool) -> None:
        if checked:
            self._explanation.setText(self._explanations[number])
            self.changed.emit()


class TickList(QListWidget):
    """Names with a tick each.

    Args:
        name: For a screen reader.
    """

    ticked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMinimumHeight(112)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.itemChanged.connect(lambda: self.ticked.emit())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Place the lines anew: before, they are as high as without the style sheet."""
        super().showEvent(event)
        self.scheduleDelayedItemsLayout()

    def show_names(self, names: dict[str, str]) -> None:
        """Offer names, each with what is written for it; ticks stay where a name stays."""
        unticked = {name for name, ticked in self._all() if not ticked}
        self.blockSignals(True)
        self.clear()
        for name, words in names.items():
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, name)
            ticked = name not in unticked
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)

    def tick(self, name: str, ticked: bool) -> None:
        """Set or take away one tick."""
        for place in range(self.count()):
            item = self.item(place)
            if item.data(Qt.ItemDataRole.UserRole) == name:
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def tick_all(self, ticked: bool) -> None:
        """Set or take away every tick."""
        self.blockSignals(True)
        for place in range(self.count()):
            state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
            self.item(place).setCheckState(state)
        self.blockSignals(False)
        self.ticked.emit()

    def names(self) -> tuple[str, ...]:
        """The ticked ones."""
        return tuple(name for name, ticked in self._all() if ticked)

    def _all(self) -> list[tuple[str, bool]]:
        items = (self.item(place) for place in range(self.count()))
        return [
            (item.data(Qt.ItemDataRole.UserRole), item.checkState() == Qt.CheckState.Checked)
            for item in items
        ]
