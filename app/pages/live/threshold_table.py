"""When each action begins and ends, in a table that can be written into."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.pages.live.swatch import swatch
from app.theme import interface_font, theme
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold

_ROW_PX = 28
_HEADER_PX = 26
_SHOWN_ROWS = 12
_SWATCH_PX = 10
_NAME, _ON, _OFF = range(3)

Index = QModelIndex | QPersistentModelIndex


def moved(before: Threshold, *, on: float | None = None, off: float | None = None) -> Threshold:
    """A threshold with another end; the other one gives way, so that it stays a threshold."""
    if on is not None:
        return Threshold(on, min(before.off, on))
    if off is not None:
        return Threshold(max(before.on, off), off)
    return before


class ThresholdModel(QAbstractTableModel):
    """A row for each action; those with a threshold of their own stand out."""

    edited = Signal(str, object)
    """An action and its new `Threshold`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self._colours: dict[str, str] = {}
        self._swatches: dict[str, QPixmap] = {}
        self._settings = RecognitionSettings()
        self._of_detector = False

    def show_actions(self, colours: Mapping[str, str], *, of_detector: bool = False) -> None:
        """Other actions, or other colours; of a detector, which has one number an action."""
        self.beginResetModel()
        self._of_detector = of_detector
        self.names = tuple(colours)
        self._colours = dict(colours)
        self._swatches = {name: swatch(c, _SWATCH_PX) for name, c in colours.items()}
        self.endResetModel()

    def show_settings(self, settings: RecognitionSettings) -> None:
        """Other numbers."""
        self._settings = settings
        if self.names:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.names) - 1, _OFF))

    def redraw(self) -> None:
        """The colours of another theme."""
        self.show_actions(self._colours, of_detector=self._of_detector)

    def is_own(self, row: int) -> bool:
        """Whether the action of a row has a threshold of its own."""
        return self.names[row] in self._settings.thresholds

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Actions."""
        return 0 if parent.isValid() else len(self.names)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """Name, begins, ends."""
        return 0 if parent.isValid() else 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Numbers can be written."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if index.column() == _NAME else flags | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A name with its colour, or a share in percent."""
        name, column = self.names[index.row()], index.column()
        threshold = self._settings.of(name)
        percent = round(100 * (threshold.on if column == _ON else threshold.off))
        if role == Qt.ItemDataRole.DisplayRole:
            return name if column == _NAME else f"{percent} %"
        if role == Qt.ItemDataRole.EditRole:
            return name if column == _NAME else percent
        if role == Qt.ItemDataRole.DecorationRole and column == _NAME:
            return self._swatches[name]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._words(name, threshold)
        if role == Qt.ItemDataRole.FontRole:
            return interface_font(12, semibold=self.is_own(index.row()) and column != _NAME)
        if role == Qt.ItemDataRole.ForegroundRole and column != _NAME:
            return theme().palette.colour("text" if self.is_own(index.row()) else "quiet")
        if role == Qt.ItemDataRole.TextAlignmentRole and column != _NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(  # noqa: N802 - Qt's name
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """A number that was written."""
        if role != Qt.ItemDataRole.EditRole or index.column() == _NAME:
            return False
        name = self.names[index.row()]
        before, share = self._settings.of(name), int(value) / 100
        which = "on" if index.column() == _ON else "off"
        if round(100 * getattr(before, which)) == int(value):
            return False
        self.edited.emit(name, moved(before, **{which: share}))
        return True

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """What the columns are."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        begins = self.tr("Told from") if self._of_detector else self.tr("Begins")
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("Action"), begins, self.tr("Ends"))[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return (
                self.tr("The colour is that of its bars and events"),
                self.tr("The least score of what is told")
                if self._of_detector
                else self.tr("An action begins when its smoothed probability reaches this"),
                self.tr(
                    "It ends when its smoothed probability falls below this; the further below "
                    "the beginning, the less it flickers"
                ),
            )[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _words(self, name: str, threshold: Threshold) -> str:
        said = (
            self.tr("{action} is told from a score of {on:.0f} % on.")
            if self._of_detector
            else self.tr("{action} begins at {on:.0f} % and ends below {off:.0f} %.")
        ).format(action=name, on=100 * threshold.on, off=100 * threshold.off)
        if name in self._settings.thresholds:
            return f"{said} {self.tr('Delete gives it the threshold of all again.')}"
        return f"{said} {self.tr('That is the threshold of all; write a number for its own.')}"


class ThresholdTable(QTableView):
    """Type, F2 or a double click writes a number; Delete gives an action the one of all again."""

    own_removed = Signal(str)
    """The action that is to have the threshold of all again."""
    action_chosen = Signal(str)
    """The action of the row that is looked at; "" for none any more."""

    def __init__(self, model: ThresholdModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setObjectName("thresholdTable")
        self.setAccessibleName(self.tr("Thresholds of each action"))
        self.setItemDelegate(_Percent(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setFixedHeight(_HEADER_PX)
        header.setMinimumSectionSize(48)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column in (_ON, _OFF):
            self.setColumnWidth(column, 62)
        model.modelReset.connect(self._fit)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self._fit()

    def show_ends(self, has_ends: bool) -> None:
        """Whether the model has a number for where an action ends; a detector finds the end."""
        self.setColumnHidden(_OFF, not has_ends)
        for column in (_ON, _OFF):
            self.setColumnWidth(column, 62 if has_ends else 84)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Delete: the threshold of all again. Escape: no row is looked at."""
        row = self.currentIndex().row()
        if event.key() == Qt.Key.Key_Escape and row >= 0:
            self.setCurrentIndex(QModelIndex())
            return
        is_deleting = event.matches(QKeySequence.StandardKey.Delete) or (
            event.key() == Qt.Key.Key_Backspace
        )
        if is_deleting and row >= 0:
            if self._model.is_own(row):
                self.own_removed.emit(self._model.names[row])
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        rows = min(max(self._model.rowCount(), 1), _SHOWN_ROWS)
        self.setFixedHeight(_HEADER_PX + rows * _ROW_PX + 2)

    def _current_changed(self, index: QModelIndex) -> None:
        self.action_chosen.emit(self._model.names[index.row()] if index.isValid() else "")


class _Percent(QStyledItemDelegate):
    """Shares are written as whole percents."""

    def createEditor(  # noqa: N802 - Qt's name
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        field = QSpinBox(parent, minimum=1, maximum=100, suffix=" %")
        field.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        field.setFrame(False)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        return field
