"""All models of a library: filtered by kind, searched, sorted."""

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
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.model_words import (
    icon_name,
    is_tested,
    kind_name,
    made_line,
    method_name,
    result_line,
    share_of_test,
)
from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label
from fsamt_engine.library import ModelKind, ModelRecord

_MODEL = Qt.ItemDataRole.UserRole
_ROW_PX = 72
_ICON_PX = 20
WIDTH = 328


class ModelList(QWidget):
    """The models that pass the filter; what is chosen stays chosen while it passes.

    Attributes:
        models: All of them.
    """

    chosen_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.models: tuple[ModelRecord, ...] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search models"))
        self.search.setToolTip(
            self.tr("Part of a name, an id, a method, a network or an action (Ctrl+F)")
        )
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._list)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind"))
        self.kind.setToolTip(self.tr("Which kind of model is listed"))
        self.kind.addItem(self.tr("All kinds"), "")
        for kind in ModelKind:
            self.kind.addItem(kind_name(kind), str(kind))
        self.kind.currentIndexChanged.connect(self._list)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("Order"))
        self.order.setToolTip(self.tr("What comes first in the list"))
        for key, name in (
            ("made", self.tr("Newest first")),
            ("name", self.tr("By name")),
            ("result", self.tr("Best tested first")),
        ):
            self.order.addItem(name, key)
        self.order.currentIndexChanged.connect(self._list)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Models"))
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(_ModelDelegate(self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self.chosen_changed)
        self.count = label(quiet=True, small=True)
        theme().changed.connect(self.list.viewport().update)
        choices = QHBoxLayout()
        choices.setSpacing(SPACING)
        choices.addWidget(self.kind, 1)
        choices.addWidget(self.order, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.search)
        column.addLayout(choices)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)

    @property
    def chosen(self) -> ModelRecord | None:
        """The chosen model."""
        item = self.list.currentItem()
        model: ModelRecord | None = item.data(_MODEL) if item is not None else None
        return model

    @property
    def shown(self) -> tuple[ModelRecord, ...]:
        """The models that pass, from top to bottom."""
        return tuple(self.list.item(row).data(_MODEL) for row in range(self.list.count()))

    def show_models(self, models: tuple[ModelRecord, ...]) -> None:
        """List these; what was chosen stays, or else the first is."""
        self.models = models
        self._list()

    def choose(self, model_id: str) -> None:
        """Choose a model; a filter that hides it is taken away."""
        if not self._select(model_id) and any(one.id == model_id for one in self.models):
            with QSignalBlocker(self.search), QSignalBlocker(self.kind):
                self.search.clear()
                self.kind.setCurrentIndex(0)
            self._list()
            self._select(model_id)

    def _select(self, model_id: str) -> bool:
        for row, one in enumerate(self.shown):
            if one.id == model_id:
                self.list.setCurrentRow(row)
                return True
        return False

    def _list(self) -> None:
        before = self.chosen
        kind, text = self.kind.currentData(), self.search.text().casefold().split()
        passing = [
            one
            for one in self.models
            if kind in ("", str(one.kind)) and all(word in _searched(one) for word in text)
        ]
        if self.order.currentData() == "name":
            passing.sort(key=lambda one: one.name.casefold())
        elif self.order.currentData() == "result":
            passing.sort(key=lambda one: -share_of_test(one))
        with QSignalBlocker(self.list):
            self.list.clear()
            for one in passing:
                item = QListWidgetItem()
                item.setData(_MODEL, one)
                said = f"{one.name}, {made_line(one)}, {result_line(one)}"
                item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
                item.setToolTip(f"{one.name}\n{one.id}")
                self.list.addItem(item)
        if before is None or not self._select(before.id):
            with QSignalBlocker(self.list):
                self.list.setCurrentRow(0)
        self.count.setText(
            self.tr("{n} of {total} models").format(n=len(passing), total=len(self.models))
        )
        self.chosen_changed.emit()


def _searched(model: ModelRecord) -> str:
    """All in which a search looks, in folded case."""
    texts = (model.name, model.id, model.method, method_name(model), model.network, model.modality)
    return " ".join((*texts, kind_name(model.kind), *model.actions)).casefold()


class _ModelDelegate(QStyledItemDelegate):
    """Three lines: the name, what it is and since when, its one number."""

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
        """Draw one model."""
        model: ModelRecord = index.data(_MODEL)
        colours = theme().palette
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, QColor(colours.mixed("accent", "surface", 0.18)))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, QColor(colours.mixed("text", "raised", 0.06)))
        inside = place.adjusted(12, 8, -8, -8)
        painter.drawPixmap(
            inside.left(), inside.top(), pixmap(icon_name(model.kind), colours.accent, _ICON_PX)
        )
        inside.setLeft(inside.left() + _ICON_PX + SPACING)
        for line, text, role, is_bold in (
            (0, model.name, "text", True),
            (1, made_line(model), "quiet", False),
            (2, result_line(model), "text" if is_tested(model) else "quiet", False),
        ):
            painter.setFont(interface_font(13 if line == 0 else 12, semibold=is_bold))
            painter.setPen(colours.colour(role))
            row = QRect(inside.left(), inside.top() + 19 * line, inside.width(), 19)
            middle = Qt.TextElideMode.ElideMiddle if line == 0 else Qt.TextElideMode.ElideRight
            elided = painter.fontMetrics().elidedText(text, middle, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, elided)
        painter.restore()
