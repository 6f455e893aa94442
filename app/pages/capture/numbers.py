"""The numbers of a running camera in a row: rates, drops, skew, queue, disk."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.number_cell import Number, NumberCell


class LiveNumbers(QFrame):
    """All cells side by side, equally wide, so that nothing moves when a number changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.depth_rate = NumberCell(self.tr("Depth"))
        self.colour_rate = NumberCell(self.tr("Colour"))
        self.dropped = NumberCell(self.tr("Dropped"))
        self.skew = NumberCell(self.tr("Skew"))
        self.queue = NumberCell(self.tr("Queue"))
        self.disk = NumberCell(self.tr("Disk"))
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, SPACING)
        row.setSpacing(SPACING)
        for cell in self.cells:
            row.addWidget(cell, 1)

    @property
    def cells(self) -> tuple[NumberCell, ...]:
        """From left to right."""
        return (self.depth_rate, self.colour_rate, self.dropped, self.skew, self.queue, self.disk)

    def clear(self) -> None:
        """No camera runs."""
        for cell in self.cells:
            cell.show_number(Number())
