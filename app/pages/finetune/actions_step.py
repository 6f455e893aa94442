"""The step that says which actions are to be recognised, with the labels that each has."""

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
)

from app import words
from app.pages.finetune.starts import SCRATCH, Labels, StartChoice, sensible_actions
from app.theme import SPACING
from app.widgets.action_colours import colours_of
from app.widgets.wizard import WizardStep
from fsamt_engine.library.records import BACKGROUND, Action
from fsamt_engine.runs.requests import DETECTION, RECOGNITION

_NAME = Qt.ItemDataRole.UserRole
_SWATCH_PX = 12


class ActionsStep(WizardStep):
    """A tick for each action that has labels."""

    def __init__(self) -> None:
        super().__init__()
        self._task = RECOGNITION
        self._describe()
        self.labels = Labels()
        self._actions: list[Action] = []
        self._start = SCRATCH
        self._is_touched = False
        self._items: list[QTreeWidgetItem] = []
        self.table = QTreeWidget()
        self.table.setAccessibleName(self.tr("Actions to recognise"))
        self.table.setHeaderLabels(
            [self.tr("Action"), self.tr("Labels"), self.tr("People"), self.tr("To know")]
        )
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setMinimumHeight(240)
        header = self.table.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        numbers = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in (1, 2):
            self.table.headerItem().setTextAlignment(column, numbers)
        self.table.itemChanged.connect(self._ticked)
        self.all_button = QPushButton(self.tr("Choose all"))
        self.all_button.setToolTip(self.tr("Every action that has labels"))
        self.all_button.clicked.connect(lambda: self._tick_by_hand(set(self._labelled())))
        self.none_button = QPushButton(self.tr("Choose none"))
        self.none_button.setToolTip(self.tr("Begin the choice anew"))
        self.none_button.clicked.connect(lambda: self._tick_by_hand(set()))
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.all_button)
        row.addWidget(self.none_button)
        row.addStretch(1)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(row)

    def show_task(self, task: str) -> None:
        """Another thing is made: what a person ticked for the other one says nothing of it."""
        if task != self._task:
            self._task = task
            self._is_touched = False
            self._describe()

    def show_labels(self, actions: list[Action], labels: Labels, *, is_new: bool) -> None:
        """Offer the actions of a library.

        Args:
            actions: All of them.
            labels: Their counts.
            is_new: Another library than before: what was ticked says nothing any more.
        """
        before = set(self.chosen)
        self._actions, self.labels = actions, labels
        self._is_touched = self._is_touched and not is_new
        self._fill()
        self._tick(before if self._is_touched else set(sensible_actions(labels, self._start)))

    def show_start(self, start: StartChoice) -> None:
        """Another start suggests other actions, until a person has chosen."""
        self._start = start
        before = set(self.chosen)
        self._fill()
        self._tick(before if self._is_touched else set(sensible_actions(self.labels, start)))

    def tick(self, names: Collection[str]) -> None:
        """Tick these and no others."""
        self._tick_by_hand(set(names))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ticked actions, by name."""
        return tuple(
            str(item.data(0, _NAME))
            for item in self._items
            if item.checkState(0) == Qt.CheckState.Checked
        )

    @property
    def summary(self) -> str:
        """How many actions, and how many labels they have."""
        chosen = self.chosen
        return self.tr("{actions}, {labels}").format(
            actions=words.actions(len(chosen)), labels=words.labels(self.labels.n(chosen))
        )

    @property
    def obstacle(self) -> str:
        """Two actions are the least that can be told apart; one can be found."""
        if self._task == DETECTION:
            return "" if self.chosen else self.tr("Choose at least one action that is to be found.")
        if len(self._labelled()) < 2:
            return self.tr(
                "Fewer than two actions have labels. Label some takes first, on the page Label."
            )
        if len(self.chosen) < 2:
            return self.tr("Choose at least two actions: a recogniser tells them apart.")
        return ""

    def _describe(self) -> None:
        said = self.tr(
            "The recogniser tells these actions apart, and nothing else: with “background” "
            "among them it can also say that nothing of interest happens."
        )
        if self._task == DETECTION:
            said = self.tr(
                "The detector finds these actions; all else in a take is background. Only labels "
                "of untrimmed takes count here, in which something lies around them."
            )
        self.describe(self.tr("Actions"), said)

    def _labelled(self) -> list[str]:
        return [action.name for action in self._actions if self.labels.of(action.name)]

    def _fill(self) -> None:
        colours = colours_of(self._actions)
        self.table.blockSignals(True)
        self.table.clear()
        self._items = []
        for action in self._actions:
            if self._task == DETECTION and action.name == BACKGROUND:
                continue
            n = self.labels.of(action.name)
            people = self.labels.people(action.name)
            item = QTreeWidgetItem(
                [action.name, f"{n:,}", str(len(people)), self._remark(action.name, people)]
            )
            item.setData(0, _NAME, action.name)
            item.setIcon(0, _swatch(colours[action.name]))
            item.setToolTip(0, action.description or action.name)
            item.setToolTip(2, words.listed(people))
            item.setToolTip(3, item.text(3))
            for column in (1, 2):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            item.setCheckState(0, Qt.CheckState.Unchecked)
            item.setDisabled(not n)
            self._items.append(item)
        self.table.addTopLevelItems(self._items)
        self.table.blockSignals(False)
        self.table.resizeColumnToContents(0)
        # Qt counts the swatch in, and forgets the tick.
        self.table.setColumnWidth(0, self.table.columnWidth(0) + 4 * SPACING)

    def _remark(self, action: str, people: list[str]) -> str:
        if not people:
            is_detector = self._task == DETECTION
            return self.tr("none in untrimmed takes") if is_detector else self.tr("no labels yet")
        if action in self._start.taught:
            return self.tr("its labels taught the teacher")
        if len(people) == 1:
            return self.tr("only of {who}: cannot be learned and tested").format(who=people[0])
        return ""

    def _tick(self, names: set[str]) -> None:
        self.table.blockSignals(True)
        for item in self._items:
            ticked = item.data(0, _NAME) in names and not item.isDisabled()
            item.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.table.blockSignals(False)
        self.changed.emit()

    def _tick_by_hand(self, names: set[str]) -> None:
        self._is_touched = True
        self._tick(names)

    def _ticked(self) -> None:
        self._is_touched = True
        self.changed.emit()


def _swatch(colour: str) -> QIcon:
    """A small square of an action's colour."""
    drawn = QPixmap(_SWATCH_PX, _SWATCH_PX)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(drawn.rect(), 3, 3)
    painter.end()
    return QIcon(drawn)
