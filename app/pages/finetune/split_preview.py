"""How many labels of each action are trained on, and how many are tested."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.icons import icon
from app.pages.finetune.starts import Labels


class SplitPreview(QTableWidget):
    """A row for each action and one for all; what is missing carries a mark and says why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self.setAccessibleName(self.tr("Labels of each action on both sides"))
        self.setHorizontalHeaderLabels(
            [self.tr("Action"), self.tr("To train on"), self.tr("To test on")]
        )
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        for column in range(3):
            self._align(self.horizontalHeaderItem(column), column)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setMinimumSize(280, 240)

    def show_split(
        self,
        labels: Labels,
        actions: tuple[str, ...],
        trained: tuple[str, ...],
        tested: tuple[str, ...],
    ) -> None:
        """Count the labels of these people."""
        self.setRowCount(len(actions) + 1)
        self._put(0, self.tr("all actions"), labels.n(actions, trained), labels.n(actions, tested))
        for row, action in enumerate(actions, start=1):
            self._put(row, action, labels.of(action, trained), labels.of(action, tested))
            if not labels.of(action, trained):
                why = self.tr("Without a label to train on it cannot be learned.")
                self._mark(row, 1, "bad", why)
            if tested and not labels.of(action, tested):
                why = self.tr("Nothing can be said of this action: it is not tested.")
                self._mark(row, 2, "caution", why)

    def _mark(self, row: int, column: int, level: str, why: str) -> None:
        item = self.item(row, column)
        if item is not None:
            item.setIcon(icon(level, level))
            item.setToolTip(why)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}. {why}")

    def _align(self, item: QTableWidgetItem | None, column: int) -> None:
        if item is not None:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)

    def _put(self, row: int, name: str, n_trained: int, n_tested: int) -> None:
        for column, text in enumerate((name, f"{n_trained:,}", f"{n_tested:,}")):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._align(item, column)
            if not row:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            self.setItem(row, column, item)
