"""What was measured when a recogniser was opened, to choose what computes its network."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.icons import pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import label
from fsamt_engine.recognition.state import Measured

_MARK_PX = 16


class MeasuredList(QWidget):
    """A line for each way to compute it, with a tick at the chosen one; why is in the tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measured: tuple[Measured, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACING)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)

    def show_measured(self, measured: tuple[Measured, ...]) -> None:
        """Show other numbers; the same ones cost nothing."""
        if measured != self.measured:
            self.measured = measured
            self._fill()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the tick anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, one in enumerate(self.measured):
            mark = QLabel()
            mark.setFixedSize(_MARK_PX, _MARK_PX)
            if one.chosen:
                mark.setPixmap(pixmap("check", theme().palette.good, _MARK_PX))
                mark.setAccessibleName(self.tr("Chosen"))
            name = label(one.name, small=True, wrap=True, quiet=not one.chosen)
            ms = self.tr("{ms:.1f} ms").format(ms=one.ms) if one.ms is not None else "–"
            number = label(ms, small=True, quiet=not one.chosen)
            for widget in (name, number):
                widget.setToolTip(one.reason)
                widget.setAccessibleDescription(one.reason)
            top = Qt.AlignmentFlag.AlignTop
            self._grid.addWidget(mark, row, 0, top)
            self._grid.addWidget(name, row, 1)
            self._grid.addWidget(number, row, 2, top | Qt.AlignmentFlag.AlignRight)
