"""The step that divides the participants: who is trained on, and who is tested."""

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.pages.finetune.sayings import size_of_search, size_of_test
from app.pages.finetune.split_preview import SplitPreview
from app.pages.finetune.starts import SCRATCH, Labels, StartChoice, Untrimmed, sensible_sides
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep

_NAME, _LABELS, _TRAIN, _TEST = range(4)
_PEOPLE_WIDTH = 360
_COLUMN_PX = 72


class PeopleStep(WizardStep):
    """A row for each participant, with the numbers that follow from the choice beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("People"),
            self.tr(
                "Nobody is on both sides: a network does better on people it knows, and the test "
                "is to tell how it does on those it has never seen."
            ),
        )
        self._labels = Labels()
        self._untrimmed: Untrimmed | None = None
        self._start = SCRATCH
        self._actions: tuple[str, ...] = ()
        self._is_touched = False
        self._offered: set[str] = set()
        self.table = QTableWidget(0, 4)
        self.table.setAccessibleName(self.tr("Participants and their sides"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("Participant"), self.tr("Labels"), self.tr("Train"), self.tr("Test")]
        )
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(32)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setObjectName("scoresTable")
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultSectionSize(_COLUMN_PX)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        labels_header = self.table.horizontalHeaderItem(_LABELS)
        if labels_header is not None:
            labels_header.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.setMinimumSize(_PEOPLE_WIDTH, 240)
        self.table.itemChanged.connect(self._ticked)
        self.preview = SplitPreview()
        self.seen_words = label(quiet=True, wrap=True)
        self.test_words = label(wrap=True)
        self._build()

    def _build(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.preview, 1)
        column.addWidget(self.test_words)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addWidget(self.table, 1)
        left.addWidget(self.seen_words)
        row.addLayout(left, 1)
        row.addWidget(right, 1)
        self.body.addLayout(row, 1)

    def show_untrimmed(self, untrimmed: Untrimmed | None) -> None:
        """What a detector's test would search; None where a recogniser is made."""
        self._untrimmed = untrimmed

    def show_choices(
        self, labels: Labels, actions: tuple[str, ...], start: StartChoice, *, is_new: bool = False
    ) -> None:
        """The labels, or the steps before, are different now.

        Args:
            labels: Of the library.
            actions: The chosen ones.
            start: Whom it has seen cannot be tested.
            is_new: Another library than before.
        """
        before = self.sides
        self._is_touched = self._is_touched and not is_new
        self._labels, self._actions, self._start = labels, actions, start
        participants = [who for who in labels.participants if labels.n(actions, (who,))]
        suggested = sensible_sides(participants, start)
        self._fill(participants)
        self._say_seen(participants)
        if self._is_touched:
            trained, tested = before
            known = {*trained, *tested, *self._offered}
            suggested = (
                (*trained, *(who for who in suggested[0] if who not in known)),
                (*tested, *(who for who in suggested[1] if who not in known)),
            )
        self._offered = set(participants)
        self._tick(*suggested)

    def choose(self, trained: Collection[str], tested: Collection[str]) -> None:
        """Put these people on their sides, and nobody else on any."""
        self._is_touched = True
        self._tick(trained, tested)

    @property
    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who is trained on, and who is tested."""
        return self._ticked_in(_TRAIN), self._ticked_in(_TEST)

    @property
    def summary(self) -> str:
        """The number of people on each side."""
        trained, tested = self.sides
        return self.tr("{trained} trained on, {tested} tested").format(
            trained=len(trained), tested=len(tested)
        )

    @property
    def obstacle(self) -> str:
        """Everything that is to be recognised needs a label to learn from."""
        trained, _ = self.sides
        if not trained:
            return self.tr("Nobody is trained on. Tick at least one person under “Train”.")
        missing = [a for a in self._actions if not self._labels.of(a, trained)]
        if missing:
            return self.tr(
                "No label to train on: {actions}. Train on more people, or leave it out."
            ).format(actions=words.listed(missing, 4))
        return ""

    def _fill(self, participants: list[str]) -> None:
        self.table.blockSignals(True)
        self.table.setRowCount(len(participants))
        for row, who in enumerate(participants):
            n = self._labels.n(self._actions, (who,))
            self._put(row, _NAME, who)
            self._put(row, _LABELS, f"{n:,}")
            is_seen = bool(self._start.problem) or who in self._start.seen
            for column, words_for in (
                (_TRAIN, self.tr("Train on {who}")),
                (_TEST, self.tr("Test on {who}")),
            ):
                item = self._put(row, column, "")
                item.setToolTip(words_for.format(who=who))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, words_for.format(who=who))
                if column == _TEST and is_seen:
                    item.setText(self.tr("seen"))
                    item.setFlags(Qt.ItemFlag.ItemIsSelectable)
                    item.setToolTip(self._why_not(who))
                    item.setData(Qt.ItemDataRole.AccessibleTextRole, self._why_not(who))
                else:
                    item.setFlags(
                        Qt.ItemFlag.ItemIsEnabled
                        | Qt.ItemFlag.ItemIsUserCheckable
                        | Qt.ItemFlag.ItemIsSelectable
                    )
                    item.setCheckState(Qt.CheckState.Unchecked)
        self.table.blockSignals(False)

    def _put(self, row: int, column: int, text: str) -> QTableWidgetItem:
        item = QTableWidgetItem(text)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        if column == _LABELS:
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.setItem(row, column, item)
        return item

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _why_not(self, who: str) -> str:
        return self._start.problem or self.tr(
            "{start}, its transfer or its teacher has seen {who} in training: a test on {who} "
            "would prove nothing."
        ).format(start=self._start.name, who=who)

    def _say_seen(self, participants: list[str]) -> None:
        seen = [who for who in participants if who in self._start.seen]
        said = self._start.problem
        if seen:
            said = self.tr(
                "Seen: {start}, its transfer or its teacher was trained on {people}. They can be "
                "trained on; a test on them would prove nothing."
            ).format(start=self._start.name, people=words.listed(seen))
        self.seen_words.setText(said)
        self.seen_words.setVisible(bool(said))

    def _ticked_in(self, column: int) -> tuple[str, ...]:
        return tuple(
            self._item(row, _NAME).text()
            for row in range(self.table.rowCount())
            if self._item(row, column).checkState() == Qt.CheckState.Checked
        )

    def _tick(self, trained: Collection[str], tested: Collection[str]) -> None:
        self.table.blockSignals(True)
        for row in range(self.table.rowCount()):
            who = self._item(row, _NAME).text()
            for column, side in ((_TRAIN, trained), (_TEST, tested)):
                item = self._item(row, column)
                if item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                    wanted = Qt.CheckState.Checked if who in side else Qt.CheckState.Unchecked
                    item.setCheckState(wanted)
        self.table.blockSignals(False)
        self._show_numbers()

    def _ticked(self, item: QTableWidgetItem) -> None:
        """A tick on one side takes that on the other away."""
        if item.column() in (_TRAIN, _TEST) and item.checkState() == Qt.CheckState.Checked:
            other = self._item(item.row(), _TEST if item.column() == _TRAIN else _TRAIN)
            if other.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                self.table.blockSignals(True)
                other.setCheckState(Qt.CheckState.Unchecked)
                self.table.blockSignals(False)
        self._is_touched = True
        self._show_numbers()

    def _show_numbers(self) -> None:
        trained, tested = self.sides
        self.preview.show_split(self._labels, self._actions, trained, tested)
        n_tested = self._labels.n(self._actions, tested)
        nobody = self.table.rowCount() > 0 and not any(
            self._item(row, _TEST).flags() & Qt.ItemFlag.ItemIsUserCheckable
            for row in range(self.table.rowCount())
        )
        if self._untrimmed is None:
            said = size_of_test(n_tested, len(tested), nobody_left=nobody)
        else:
            n_takes = self._untrimmed.n_takes(tested)
            said = size_of_search(n_tested, n_takes, len(tested), nobody_left=nobody)
        self.test_words.setText(said)
        self.changed.emit()
