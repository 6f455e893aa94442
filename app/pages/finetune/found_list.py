"""A list of what was missed and what was found, each a click away from its place in its take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.icons import pixmap
from app.pages.finetune.judging import Evidence
from app.pages.finetune.judging_words import clock, verdict_name
from app.theme import SPACING, interface_font, theme
from app.widgets.bands_content import BandItem
from fsamt_engine.evaluation.detections import Detection

Index = QModelIndex | QPersistentModelIndex
_ROW_PX, _HEADER_PX, _LINE_PX, _SWATCH_PX, _MARK_PX = 44, 28, 18, 10, 14
_COLOUR = Qt.ItemDataRole.UserRole
_IS_ERROR = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class FoundRow:
    """An item of a take, or a heading above others.

    Attributes:
        evidence: Of its take; None for a heading.
        names_take: Whether its take is named, since there are others.
    """

    evidence: Evidence | None = None
    item: BandItem | None = None
    heading: str = ""
    names_take: bool = True

    @property
    def detection(self) -> Detection | None:
        """What can be accepted as a label, if anything."""
        if self.evidence is None or self.item is None:
            return None
        return self.evidence.detections.get(self.item.id)

    @property
    def place(self) -> tuple[str, int] | None:
        """Id of its take, and its own; None for a heading."""
        if self.evidence is None or self.item is None:
            return None
        return self.evidence.take.take_id, self.item.id


class FoundModel(QAbstractListModel):
    """Rows whose words are made when they are seen: an hour has thousands."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[FoundRow] = ()
        self._colours: dict[str, str] = {}

    def show_rows(self, rows: Sequence[FoundRow], colours: dict[str, str]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows, self._colours = rows, colours
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Qt's name for how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading is not chosen."""
        if self.rows[index.row()].item is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is written, said or painted of a row."""
        row = self.rows[index.row()]
        if row.item is None or row.evidence is None:
            is_text = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return row.heading if is_text else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.evidence.words(row.item.id)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._words(row).replace("\n", ", ")
        if role == _COLOUR:
            return self._colours.get(row.item.action, "")
        if role == _IS_ERROR:
            return row.item.verdict.is_error
        return None

    def _words(self, row: FoundRow) -> str:
        assert row.item is not None
        assert row.evidence is not None
        rate_hz, found = row.evidence.take.rate_hz, row.detection
        first = f"{row.item.action} · {verdict_name(row.item.verdict)}"
        parts = [
            self.tr("at {time}").format(time=clock(row.item.start / rate_hz)),
            self.tr("{length:.1f} s").format(length=(row.item.end - row.item.start) / rate_hz),
        ]
        if found is not None:
            parts.append(self.tr("score {score:.2f}").format(score=found.score))
        if row.names_take:
            parts.append(row.evidence.title)
        return f"{first}\n{' · '.join(parts)}"


class FoundList(QListView):
    """The list; several rows are chosen with Ctrl or Shift."""

    row_chosen = Signal(object)
    """The `FoundRow` that is current now, by hand."""
    selection_changed = Signal()
    menu_wanted = Signal(QPoint)
    """Where on the screen the menu of what is selected is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = FoundModel()
        self.setModel(self.found)
        self.setAccessibleName(self.tr("What was missed and what was found"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_RowDelegate(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.viewport().mapToGlobal(at))
        )
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.selectionModel().selectionChanged.connect(lambda: self.selection_changed.emit())
        self.clicked.connect(self._current_changed)

    def show_rows(self, rows: Sequence[FoundRow], colours: dict[str, str]) -> None:
        """Show other rows; what was current stays where it is still there."""
        current = self.current
        top = self.verticalScrollBar().value()
        self.found.show_rows(rows, colours)
        self.verticalScrollBar().setValue(top)
        if current is not None and current.place is not None:
            self.mark(current.place)

    @property
    def current(self) -> FoundRow | None:
        """The row that has the keyboard's mark."""
        index = self.currentIndex()
        return self.found.rows[index.row()] if index.isValid() else None

    @property
    def detections(self) -> list[Detection]:
        """What of the selected rows can be accepted."""
        rows = [self.found.rows[index.row()] for index in self.selectedIndexes()]
        return [one for row in rows if (one := row.detection) is not None]

    def mark(self, place: tuple[str, int] | None) -> None:
        """Make a row current, without telling anybody; None, or one that is not here: no row."""
        self.selectionModel().blockSignals(True)
        for number, row in enumerate(self.found.rows):
            if place is not None and row.place == place:
                index = self.found.index(number)
                if not self.selectionModel().isSelected(index):
                    self.setCurrentIndex(index)
                self.scrollTo(index)
                break
        else:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        self.selectionModel().blockSignals(False)
        self.viewport().update()
        self.selection_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Space and the arrows to the sides are the player's."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _current_changed(self, index: QModelIndex) -> None:
        if index.isValid() and self.found.rows[index.row()].item is not None:
            self.row_chosen.emit(self.found.rows[index.row()])


class _RowDelegate(QStyledItemDelegate):
    """Two lines with the action's colour before them; a heading in one."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Rows are of two heights."""
        is_heading = index.data(_IS_ERROR) is None
        return QSize(0, _HEADER_PX if is_heading else _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One row."""
        colours, is_error = theme().palette, index.data(_IS_ERROR)
        painter.save()
        if is_error is None:
            painter.setFont(interface_font(12, semibold=True))
            painter.setPen(colours.colour("quiet"))
            place = option.rect.adjusted(SPACING, 4, -SPACING, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(colours.mixed("accent", "surface", 0.18)))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, QColor(colours.mixed("text", "surface", 0.06)))
        place = option.rect.adjusted(SPACING, 4, -SPACING, -4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(index.data(_COLOUR) or colours.quiet))
        swatch = QRectF(place.left(), place.top() + 4, _SWATCH_PX, _SWATCH_PX)
        painter.drawRoundedRect(swatch, 3, 3)
        if is_error:
            mark = pixmap("bad", colours.bad, _MARK_PX)
            painter.drawPixmap(place.right() - _MARK_PX, place.top() + 2, mark)
        left = place.left() + _SWATCH_PX + SPACING
        for number, line in enumerate(str(index.data()).split("\n")):
            painter.setFont(interface_font(12 if number else 13))
            painter.setPen(colours.colour("quiet" if number else "text"))
            width = place.right() - left - (0 if number else _MARK_PX + 4)
            row = QRect(left, place.top() + number * _LINE_PX, width, _LINE_PX)
            elided = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, width)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()
