"""By what the list of takes is sorted, and which way."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.widgets.buttons import IconButton
from fsamt_engine.library.listing import TakeOrder


class Sorting(QWidget):
    """A field and an arrow."""

    order_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QComboBox()
        for order, words in (
            (TakeOrder.SESSION, self.tr("Session")),
            (TakeOrder.PARTICIPANT, self.tr("Participant")),
            (TakeOrder.STARTED, self.tr("Date")),
            (TakeOrder.DURATION, self.tr("Length")),
            (TakeOrder.PAIRS, self.tr("Pairs")),
            (TakeOrder.LEVEL, self.tr("Verdict")),
        ):
            self.field.addItem(words, order)
        self.field.setAccessibleName(self.tr("Sort by"))
        self.field.setToolTip(self.tr("What the list is sorted by; equal takes go by session"))
        self.direction = IconButton("chevron-up", "", checkable=True)
        self.field.currentIndexChanged.connect(self.order_changed)
        self.direction.toggled.connect(self._turned)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.field)
        row.addWidget(self.direction)
        self._show()

    @property
    def order(self) -> TakeOrder:
        """What is sorted by."""
        return TakeOrder(self.field.currentData())

    @property
    def is_descending(self) -> bool:
        """Whether the last comes first."""
        return self.direction.isChecked()

    def _turned(self) -> None:
        self._show()
        self.order_changed.emit()

    def _show(self) -> None:
        self.direction.show_icon("chevron-down" if self.is_descending else "chevron-up")
        self.direction.say(
            self.tr("Sorted downwards; turn the order round")
            if self.is_descending
            else self.tr("Sorted upwards; turn the order round")
        )
