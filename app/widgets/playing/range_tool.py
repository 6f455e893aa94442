"""Which distances the colours of depth stand for: found by itself, or set by hand."""

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.depth_colours import SMALLEST_RANGE_M, DepthRange
from app.widgets.playing.range_bar import RangeBar
from app.widgets.playing.tool_popup import ToolPopup

_FARTHEST_M = 20.0


class RangeTool(ToolPopup):
    """A button with the range of distances that depth is shown in."""

    range_chosen = Signal(object)
    """A `DepthRange`, or None: as each take needs it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("range", parent)
        self.show_title(
            self.tr("Range of depth"), self.tr("Range of depth: what its colours stand for")
        )
        self.automatic = QCheckBox(self.tr("As the take needs it"))
        self.automatic.setToolTip(
            self.tr("Leaves out the nearest and the farthest 1 % of all readings of the take.")
        )
        self.bar = RangeBar()
        self.bar.setAccessibleName(self.tr("Nearest and farthest distance"))
        self.near, self.far = self._field(self.tr("Near")), self._field(self.tr("Far"))
        self._shown = DepthRange(0.0, 1.0)
        self._found: DepthRange | None = None
        grid = QGridLayout()
        grid.setSpacing(SPACING)
        for column, (name, field) in enumerate(
            ((self.tr("Near, warm"), self.near), (self.tr("Far, cold"), self.far))
        ):
            grid.addWidget(label(name, quiet=True, small=True), 0, column)
            grid.addWidget(field, 1, column)
        self.rows.addWidget(self.automatic)
        self.rows.addWidget(self.bar)
        self.rows.addLayout(grid)
        self.automatic.setChecked(True)
        self.automatic.toggled.connect(self._automatic_toggled)
        self.bar.range_changed.connect(self._choose)
        self.near.valueChanged.connect(self._near_changed)
        self.far.valueChanged.connect(self._far_changed)
        self.show_found(None)

    def show_found(self, found: DepthRange | None) -> None:
        """Show the range that a take needs; None where there is no depth."""
        self._found = found
        self.setEnabled(found is not None)
        if found is not None and self.automatic.isChecked():
            self._write(found)

    @property
    def chosen(self) -> DepthRange | None:
        """The range set by hand, None where each take has its own."""
        return None if self.automatic.isChecked() else self._shown

    def _field(self, name: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox(minimum=0.0, maximum=_FARTHEST_M, decimals=2, singleStep=0.05)
        field.setSuffix(self.tr(" m"))
        field.setAccessibleName(name)
        field.setKeyboardTracking(False)
        field.lineEdit().setTextMargins(6, 0, 0, 0)
        return field

    def _automatic_toggled(self, is_automatic: bool) -> None:
        if is_automatic and self._found is not None:
            self._write(self._found)
        self.range_chosen.emit(self.chosen)

    def _near_changed(self, near_m: float) -> None:
        self._choose(DepthRange(near_m, max(self._shown.far_m, near_m + SMALLEST_RANGE_M)))

    def _far_changed(self, far_m: float) -> None:
        near_m = min(self._shown.near_m, far_m - SMALLEST_RANGE_M)
        self._choose(DepthRange(max(near_m, 0.0), max(far_m, SMALLEST_RANGE_M)))

    def _choose(self, shown: DepthRange) -> None:
        self._write(shown)
        self.automatic.blockSignals(True)
        self.automatic.setChecked(False)
        self.automatic.blockSignals(False)
        self.range_chosen.emit(shown)

    def _write(self, shown: DepthRange) -> None:
        self._shown = shown
        for field, metres in ((self.near, shown.near_m), (self.far, shown.far_m)):
            field.blockSignals(True)
            field.setValue(metres)
            field.blockSignals(False)
        found_m = self._found.far_m if self._found is not None else 0.0
        self.bar.show_range(shown, max(4.0, math.ceil(1.4 * max(found_m, shown.far_m))))
