"""Average precision of each action at several overlaps."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from fsamt_engine.evaluation.detection_scores import STRICT_OVERLAPS, DetectionScores

_SHOWN = (0.1, 0.3, 0.5)
_ROW_PX = 28
_MOST_ROWS = 14
_NUMBERS_PX = 72


class OverlapTable(QTableWidget):
    """A row for all actions and one for each, those that are found worst first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 6, parent)
        self.setObjectName("scoresTable")
        self.setAccessibleName(self.tr("Average precision of each action"))
        columns = (
            (self.tr("Action"), ""),
            *(
                (
                    f"{overlap:g}",
                    self.tr(
                        "Average precision, where a detection is right that overlaps by {overlap:g}"
                    ).format(overlap=overlap),
                )
                for overlap in _SHOWN
            ),
            (self.tr("0.5–0.95"), self.tr("Mean over the overlaps 0.5, 0.55 … 0.95")),
            (self.tr("Labels"), self.tr("Labelled segments of it in the test")),
        )
        for place, (title, tooltip) in enumerate(columns):
            item = QTableWidgetItem(title)
            item.setToolTip(tooltip)
            side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(place, item)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setDefaultSectionSize(_NUMBERS_PX)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)

    def show_scores(self, scores: DetectionScores) -> None:
        """Show a test."""
        columns = [scores.ap_at(overlap) for overlap in _SHOWN]
        strict = [scores.ap_at(overlap) for overlap in STRICT_OVERLAPS]
        order = sorted(
            range(len(scores.actions)),
            key=lambda place: (
                columns[-1][scores.actions[place]] is None,
                columns[-1][scores.actions[place]] or 0.0,
                scores.actions[place],
            ),
        )
        self.setRowCount(1 + len(order))
        means = [scores.map_at(overlap) for overlap in _SHOWN]
        mean = [*means, scores.mean_map]
        self._fill(0, self.tr("mean of all"), mean, scores.n_truth, is_bold=True)
        for row, place in enumerate(order, start=1):
            name = scores.actions[place]
            every = [one for column in strict if (one := column[name]) is not None]
            strict_mean = sum(every) / len(every) if every else None
            values = [*(column[name] for column in columns), strict_mean]
            self._fill(row, name, values, scores.n_truth_of[place])
        rows = min(self.rowCount(), _MOST_ROWS)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * _ROW_PX + 4)

    def _fill(
        self,
        row: int,
        name: str,
        values: Sequence[float | None],
        n_labels: int,
        *,
        is_bold: bool = False,
    ) -> None:
        shares = ["–" if value is None else f"{100 * value:.1f} %" for value in values]
        for column, text in enumerate((name, *shares, f"{n_labels:,}")):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            if not column:
                item.setToolTip(text)
            if text == "–":
                item.setToolTip(self.tr("The test has no label of this action."))
            if is_bold:
                font = item.font()
                font.setBold(True)
                item.setFont(font)
            self.setItem(row, column, item)
