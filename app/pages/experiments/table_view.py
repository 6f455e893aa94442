"""The table of an experiment: a number with its spread, and a dot for each seed under it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.icons import pixmap
from app.pages.experiments.kinds import measure_words
from app.pages.experiments.table_model import (
    PaperCell,
    ResultTableModel,
    Role,
    TableCell,
    TableContent,
)
from app.theme import interface_font, theme

_ROW_PX = 40
_HEADER_PX = 40
_CELL_PX = (92, 136)
"""Least and most of a column; the paper's columns are narrower."""
_PAPER_SHARE = 0.85
_NAMES_PX = 216
_RUNNING_PX = 18
_DOT_PX = 5
_DOTS_BELOW_PX = 12
_MOST_DOTS = 12
_MARK_PX = 14


class ResultTable(QTableView):
    """As high as its rows; the arrow keys go from cell to cell."""

    cell_chosen = Signal(object)
    """The chosen `TableCell`, None where no cell of this library is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = ResultTableModel()
        self.setModel(self.content)
        self.setObjectName("resultTable")
        self.setItemDelegate(_CellDelegate(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setDefaultSectionSize(_ROW_PX)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMaximumWidth(_NAMES_PX)
        rows.setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        )
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setFixedHeight(_HEADER_PX)
        for header in (rows, columns):
            header.setHighlightSections(False)
        self.selectionModel().currentChanged.connect(self._chosen)
        self.content.modelReset.connect(lambda: self.cell_chosen.emit(None))
        theme().changed.connect(self.viewport().update)

    def show_content(self, content: TableContent) -> None:
        """Show a table; the cell that is chosen stays chosen while the table is the same."""
        self.content.show_content(content)
        measure = measure_words(content.overlap)
        self.setAccessibleName(self.tr("{measure} in %, methods by labels").format(measure=measure))
        self._fit()
        if self.currentIndex().isValid():
            self._chosen(self.currentIndex())

    def choose(self, method: str, n_labels: int) -> None:
        """Choose a cell of this library."""
        shown = self.content.content
        row, column = shown.methods.index(method), shown.numbers.index(n_labels)
        self.setCurrentIndex(self.content.index(row, column))

    @property
    def chosen(self) -> TableCell | None:
        """The chosen cell."""
        return self.content.cell(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Share the room out anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        """Columns fill the width as far as that looks well; every row is seen."""
        shown = self.content.content
        n_own, n_paper = len(shown.numbers), len(shown.paper_numbers)
        if not n_own:
            return
        least, most = _CELL_PX
        names = min(_NAMES_PX, self.verticalHeader().sizeHint().width())
        frame = 2 * self.frameWidth()
        room = self.width() - frame - names
        wide = max(least, min(most, int(room / (n_own + _PAPER_SHARE * n_paper))))
        needed = 0
        for column in range(n_own + n_paper):
            own = wide if column < n_own else int(_PAPER_SHARE * wide)
            self.setColumnWidth(column, own)
            needed += own
        bar = self.horizontalScrollBar().sizeHint().height() if needed > room else 0
        self.setFixedHeight(_HEADER_PX + _ROW_PX * len(shown.methods) + frame + bar)

    def _chosen(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(self.content.cell(index))


class _CellDelegate(QStyledItemDelegate):
    """Paints the cells; the paper's are quiet."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Every cell is as large as the others."""
        return QSize(_CELL_PX[0], _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One cell."""
        colours = theme().palette
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        cell: TableCell | None = index.data(Role.CELL)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(colours.mixed("accent", "surface", 0.18)))
        elif state & QStyle.StateFlag.State_MouseOver and cell is not None:
            painter.fillRect(place, QColor(colours.mixed("text", "surface", 0.06)))
        text = str(index.data() or "")
        if cell is not None:
            self._paint_cell(painter, place, cell, text)
        else:
            self._paint_paper(painter, place, index.data(Role.PAPER), text)
        painter.restore()

    def _paint_cell(self, painter: QPainter, place: QRect, cell: TableCell, text: str) -> None:
        colours = theme().palette
        painter.setFont(interface_font(14))
        painter.setPen(colours.colour("text" if cell.n_done == cell.n_seeds else "quiet"))
        line = place.adjusted(0, 3, 0, -_DOTS_BELOW_PX)
        if text:
            beside = _RUNNING_PX // 2 if cell.is_running else 0
            moved = line.translated(-beside, 0)
            painter.drawText(moved, Qt.AlignmentFlag.AlignCenter, text)
        elif not cell.is_running:
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "–")
        if cell.is_running:
            wide = painter.fontMetrics().horizontalAdvance(text)
            left = line.center().x() + (wide // 2 if text else -_MARK_PX // 2)
            top = line.center().y() - _MARK_PX // 2 + 1
            painter.drawPixmap(left, top, pixmap("run", colours.accent, _MARK_PX))
        self._paint_seeds(painter, place, cell)

    def _paint_seeds(self, painter: QPainter, place: QRect, cell: TableCell) -> None:
        """A dot for each seed: full where it is there."""
        colours = theme().palette
        y = place.bottom() - _DOTS_BELOW_PX / 2 - 2
        if cell.n_seeds > _MOST_DOTS:
            return
        left = place.center().x() - (cell.n_seeds - 1) * (_DOT_PX + 3) / 2
        for number in range(cell.n_seeds):
            is_there = number < cell.n_done
            is_next = cell.is_running and number == cell.n_done
            role = "quiet" if is_there else "accent" if is_next else "line"
            painter.setPen(QPen(colours.colour(role), 1))
            painter.setBrush(
                colours.colour("quiet") if is_there else QColor(Qt.GlobalColor.transparent)
            )
            middle = QPointF(left + number * (_DOT_PX + 3), y)
            painter.drawEllipse(middle, _DOT_PX / 2, _DOT_PX / 2)

    def _paint_paper(
        self, painter: QPainter, place: QRect, cell: PaperCell | None, text: str
    ) -> None:
        painter.setFont(interface_font(12))
        painter.setPen(theme().palette.colour("quiet"))
        line = place.adjusted(0, 3, 0, -_DOTS_BELOW_PX)
        if cell is not None and text:
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
