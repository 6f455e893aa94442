"""What a camera is asked for beyond size and rate, as far as it obeys."""

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.capture.camera import CameraSettings, Capabilities, StreamMode
from fsamt_engine.library import StreamKind


class CameraOptions(QFrame):
    """Unfolds below a button: infrared, emitter, visual preset, exposure."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.infrared = QCheckBox(self.tr("Record infrared, too"))
        self.emitter = QComboBox()
        for words, value in (
            (self.tr("as it is"), None),
            (self.tr("on"), True),
            (self.tr("off"), False),
        ):
            self.emitter.addItem(words, value)
        self.preset = QComboBox()
        self.exposure_is_fixed = QCheckBox(self.tr("Fixed at"))
        self.exposure = QDoubleSpinBox(minimum=0.1, maximum=200.0, value=8.0, decimals=1)
        self.exposure.setSuffix(self.tr(" ms"))
        self.exposure.setAccessibleName(self.tr("Exposure of colour"))
        self.exposure.lineEdit().setTextMargins(6, 0, 0, 0)
        self.priority = QCheckBox(self.tr("May lower the rate in a dim room"))
        self.priority.setToolTip(
            self.tr("Automatic exposure then halves colour's rate where light is low. Better off.")
        )
        self.nothing = label(self.tr("This camera has no other settings."), quiet=True)
        self._build()
        self.show_capabilities(None)
        self.infrared.toggled.connect(self.changed)
        self.priority.toggled.connect(self.changed)
        self.emitter.currentIndexChanged.connect(self.changed)
        self.preset.currentIndexChanged.connect(self.changed)
        self.exposure_is_fixed.toggled.connect(self._exposure_changed)
        self.exposure.valueChanged.connect(self._exposure_changed)

    def _build(self) -> None:
        for field, name in (
            (self.emitter, self.tr("Emitter")),
            (self.preset, self.tr("Visual preset")),
        ):
            field.setAccessibleName(name)
        self._emitter_title = label(self.tr("Emitter"))
        self._preset_title = label(self.tr("Visual preset"))
        self._exposure_title = label(self.tr("Exposure"))
        self._exposure_row = QWidget()
        row = QHBoxLayout(self._exposure_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.exposure_is_fixed)
        row.addWidget(self.exposure, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, SPACING, 12, SPACING)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.infrared, 0, 0, 1, 2)
        grid.addWidget(self._emitter_title, 1, 0)
        grid.addWidget(self.emitter, 1, 1)
        grid.addWidget(self._preset_title, 2, 0)
        grid.addWidget(self.preset, 2, 1)
        grid.addWidget(self._exposure_title, 3, 0)
        grid.addWidget(self._exposure_row, 3, 1)
        grid.addWidget(self.priority, 4, 1)
        grid.addWidget(self.nothing, 5, 0, 1, 2)

    def show_capabilities(self, capabilities: Capabilities | None) -> None:
        """Offer what the camera obeys."""
        can = capabilities
        has_infrared = can is not None and any(m.kind is StreamKind.INFRARED for m in can.modes)
        presets = can.visual_presets if can else ()
        self.infrared.setVisible(has_infrared)
        self._show((self._emitter_title, self.emitter), bool(can and can.can_set_emitter))
        self._show((self._preset_title, self.preset), bool(presets))
        self._show((self._exposure_title, self._exposure_row), bool(can and can.can_set_exposure))
        self.priority.setVisible(bool(can and can.can_set_exposure_priority))
        chosen = self.preset.currentData()
        self.preset.blockSignals(True)
        self.preset.clear()
        self.preset.addItem(self.tr("as it is"), None)
        for name in presets:
            self.preset.addItem(name, name)
        self.preset.setCurrentIndex(max(0, self.preset.findData(chosen)))
        self.preset.blockSignals(False)
        self._show_exposure()
        offered = (self.infrared, self.emitter, self.preset, self._exposure_row, self.priority)
        self.nothing.setVisible(all(field.isHidden() for field in offered))

    def applied_to(self, settings: CameraSettings) -> CameraSettings:
        """The settings with what is chosen here; what is not offered stays as it is."""
        streams = settings.streams
        if self._is_chosen(self.infrared):
            first = streams[0]
            infrared = StreamMode(StreamKind.INFRARED, first.width, first.height, first.rate_hz)
            streams = (*streams, infrared)
        fixed = not self._exposure_row.isHidden() and self.exposure_is_fixed.isChecked()
        return replace(
            settings,
            streams=streams,
            emitter=None if self.emitter.isHidden() else self.emitter.currentData(),
            visual_preset=None if self.preset.isHidden() else self.preset.currentData(),
            exposure_us=self.exposure.value() * 1000 if fixed else None,
            exposure_priority=self._is_chosen(self.priority),
        )

    def unfold_below(self, button: QWidget) -> None:
        """Show it under the button that opens it."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 4))
        self.move(corner)
        self.show()

    def _exposure_changed(self) -> None:
        self._show_exposure()
        self.changed.emit()

    def _show_exposure(self) -> None:
        is_fixed = self.exposure_is_fixed.isChecked()
        self.exposure.setEnabled(is_fixed)
        self.priority.setEnabled(not is_fixed)

    @staticmethod
    def _is_chosen(box: QCheckBox) -> bool:
        return not box.isHidden() and box.isEnabled() and box.isChecked()

    @staticmethod
    def _show(widgets: tuple[QWidget, QWidget], shown: bool) -> None:
        for widget in widgets:
            widget.setVisible(shown)
