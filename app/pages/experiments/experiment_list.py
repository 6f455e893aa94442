"""The experiments of a library, the newest first."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.icons import pixmap
from app.pages.experiments.entries import Entry
from app.theme import SPACING, interface_font, theme

_ENTRY = Qt.ItemDataRole.UserRole
_ROW_PX = 72
_LINE_PX = 19
_ICON_PX = 16
WIDTH = 256


class ExperimentList(QListWidget):
    """Three lines for each: its table, how it stands, since when."""

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Experiments"))
        self.setUniformItemSizes(True)
        self.setItemDelegate(_EntryDelegate(self))
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentItemChanged.connect(lambda: self.chosen_changed.emit())
        theme().changed.connect(self.viewport().update)

    @property
    def chosen(self) -> Entry | None:
        """The chosen experiment."""
        item = self.currentItem()
        entry: Entry | None = item.data(_ENTRY) if item is not None else None
        return entry

    @property
    def entries(self) -> tuple[Entry, ...]:
        """From top to bottom."""
        return tuple(self.item(row).data(_ENTRY) for row in range(self.count()))

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """List these; what was chosen stays, or else the first is."""
        before = self.chosen
        with QSignalBlocker(self):
            while self.count() > len(entries):
                self.takeItem(self.count() - 1)
            while self.count() < len(entries):
                self.addItem(QListWidgetItem())
            for row, entry in enumerate(entries):
                item = self.item(row)
                item.setData(_ENTRY, entry)
                said = f"{entry.title}, {entry.state_line}, {entry.day}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
                item.setToolTip(f"{entry.title}\n{entry.id}")
            places = [row for row, one in enumerate(entries) if before and one.is_same(before)]
            self.setCurrentRow(places[0] if places else min(0, len(entries) - 1))
        self.chosen_changed.emit()

    def choose(self, wanted: str) -> bool:
        """Choose one by its id, or by that of its run ("run-7"); whether it is there."""
        for row, entry in enumerate(self.entries):
            if wanted in (entry.id, f"run-{entry.run.id}" if entry.run else ""):
                self.setCurrentRow(row)
                return True
        return False


class _EntryDelegate(QStyledItemDelegate):
    """The first line stands out; the second has the state's icon."""

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Every row is as high as the others."""
        return QSize(0, _ROW_PX)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one experiment."""
        entry: Entry | None = index.data(_ENTRY)
        if entry is None:
            return
        colours = theme().palette
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(colours.mixed("accent", "surface", 0.18)))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, QColor(colours.mixed("text", "raised", 0.06)))
        inside = place.adjusted(12, 7, -8, -7)
        name, role = entry.look
        mark = pixmap(name, getattr(colours, role), _ICON_PX)
        painter.drawPixmap(inside.left(), inside.top() + _LINE_PX + 2, mark)
        after_mark = inside.adjusted(_ICON_PX + SPACING - 2, 0, 0, 0)
        for line, text, text_role, is_bold, where in (
            (0, entry.title, "text", True, inside),
            (1, entry.state_line, "text", False, after_mark),
            (2, entry.day, "quiet", False, inside),
        ):
            painter.setFont(interface_font(12 if line else 13, semibold=is_bold))
            painter.setPen(colours.colour(text_role))
            row = QRect(where.left(), where.top() + _LINE_PX * line, where.width(), _LINE_PX)
            elided = painter.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, row.width()
            )
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()
