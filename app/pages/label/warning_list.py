"""What the labels cannot do yet, beside the numbers from which it follows."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app import words
from app.icons import pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import label
from fsamt_engine.evaluation.label_warnings import LabelWarning

_MARK_PX = 16


class WarningList(QWidget):
    """A mark and a sentence for each warning; what to do about it below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.warnings: tuple[LabelWarning, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING)

    def show_warnings(self, warnings: Sequence[LabelWarning]) -> None:
        """Show these instead of those before."""
        if tuple(warnings) == self.warnings:
            return
        self.warnings = tuple(warnings)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for warning in warnings:
            self._column.addWidget(_Line(warning))
        self.setVisible(bool(warnings))

    def texts(self) -> list[str]:
        """The sentences that are shown."""
        return [warning.message for warning in self.warnings or ()]


class _Line(QWidget):
    def __init__(self, warning: LabelWarning) -> None:
        super().__init__()
        self._level = warning.level
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.setAccessibleName(f"{words.level(warning.level)}: {warning.message} {warning.hint}")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(warning.message, small=True, wrap=True), 0, 1)
        grid.addWidget(label(warning.hint, small=True, wrap=True, quiet=True), 1, 1)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        colour = getattr(theme().palette, str(self._level))
        self._mark.setPixmap(pixmap(str(self._level), colour, _MARK_PX))
