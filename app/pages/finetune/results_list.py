"""Recognisers and detectors of a library, of which one is looked at or several are compared."""

from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models
from fsamt_engine.units import format_percent

_WIDTH = 248
_LINE_PX = 18
_ROW = QSize(0, 3 * _LINE_PX + 10)
_MODEL = Qt.ItemDataRole.UserRole
_KIND = Qt.ItemDataRole.UserRole + 1
_LISTED = (ModelKind.RECOGNISER, ModelKind.DETECTOR)


class ResultsList(QWidget):
    """Newest first; several are chosen with Ctrl or Shift."""

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Recognisers and detectors"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_TwoTones(self.list))
        self.list.itemSelectionChanged.connect(self.chosen_changed)
        self._hint = label(
            self.tr("Choose several (Ctrl or Shift) to compare them on one test."),
            quiet=True,
            small=True,
            wrap=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._hint)

    def read_library(self, library: Library) -> None:
        """List what is in a library; what was chosen stays, or else the newest is.

        Raises:
            FsamtError: It cannot be read.
        """
        before = self.chosen
        models = [model for model in list_models(library) if model.kind in _LISTED]
        self.list.blockSignals(True)
        self.list.clear()
        for model in models:
            item = QListWidgetItem(self._words(model))
            item.setData(_MODEL, model.id)
            item.setData(_KIND, model.kind)
            item.setToolTip(f"{model.name}\n{model.id}")
            item.setSizeHint(_ROW)
            self.list.addItem(item)
            item.setSelected(model.id in before)
        self.list.blockSignals(False)
        self._hint.setVisible(len(models) > 1)
        if models and not self.chosen:
            self.list.setCurrentRow(0)
        else:
            self.chosen_changed.emit()

    def choose(self, model_ids: tuple[str, ...]) -> None:
        """Choose these and no others."""
        self.list.blockSignals(True)
        for place in range(self.list.count()):
            item = self.list.item(place)
            item.setSelected(item.data(_MODEL) in model_ids)
            if model_ids and item.data(_MODEL) == model_ids[0]:
                self.list.scrollToItem(item)
        self.list.blockSignals(False)
        self.chosen_changed.emit()

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the chosen ones, from top to bottom."""
        items = (self.list.item(place) for place in range(self.list.count()))
        return tuple(str(item.data(_MODEL)) for item in items if item.isSelected())

    @property
    def has_detector(self) -> bool:
        """Whether a detector is among the chosen ones."""
        return any(item.data(_KIND) == ModelKind.DETECTOR for item in self.list.selectedItems())

    @property
    def n_models(self) -> int:
        """How many there are."""
        return self.list.count()

    def _words(self, model: ModelRecord) -> str:
        is_detector = model.kind is ModelKind.DETECTOR
        accuracy = model.metrics.get("test_map_50" if is_detector else "test_accuracy")
        if accuracy is None:
            result = self.tr("not tested yet")
        elif is_detector:
            result = self.tr("mAP {share}, {labels}").format(
                share=format_percent(accuracy),
                labels=words.labels(round(model.metrics.get("test_n", 0))),
            )
        else:
            n_clips = round(model.metrics.get("test_n", 0))
            result = self.tr("{share} of {clips}").format(
                share=format_percent(accuracy), clips=words.clips(n_clips)
            )
        said = self.tr("{method}, {actions}")
        if is_detector:
            said = self.tr("Detector {method}, {actions}")
        first = said.format(method=model.method, actions=words.actions(len(model.actions)))
        return f"{first[:1].upper()}{first[1:]}\n{result}\n{words.day(model.created_at_us)}"


class _TwoTones(QStyledItemDelegate):
    """The first line stands out, the others are quiet."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | Any
    ) -> None:
        """One recogniser."""
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        own.text = ""
        style = QApplication.style() if own.widget is None else own.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, own, painter, own.widget)
        colours = theme().palette
        place = option.rect.adjusted(SPACING, 4, -SPACING, -4)
        painter.save()
        for number, line in enumerate(str(index.data()).split("\n")):
            painter.setFont(interface_font(12 if number else 13, semibold=not number))
            painter.setPen(colours.colour("quiet" if number > 1 else "text"))
            elided = painter.fontMetrics().elidedText(
                line, Qt.TextElideMode.ElideRight, place.width()
            )
            row = QRect(place.left(), place.top() + number * _LINE_PX, place.width(), _LINE_PX)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()
