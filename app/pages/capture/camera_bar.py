"""Above the pictures: which camera, which size and rate, with or without colour."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QPushButton, QWidget

from app.pages.capture.camera_options import CameraOptions
from app.pages.capture.camera_picker import CameraPicker
from app.theme import SPACING
from app.widgets.buttons import IconButton
from fsamt_engine.capture.camera import CameraSettings, Capabilities, StreamMode
from fsamt_engine.library import StreamKind

_USUAL = (848, 480, 30.0)


class CameraBar(QWidget):
    """Tells what is to run."""

    changed = Signal()
    """Another camera, or other settings."""
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour_refused = ""
        self.picker = CameraPicker()
        self.mode = QComboBox()
        self.mode.setAccessibleName(self.tr("Size and rate"))
        self.mode.setToolTip(self.tr("Size and rate of colour and depth"))
        self.mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.mode.setMinimumWidth(168)
        self.depth_only = QCheckBox(self.tr("Depth only"))
        self.depth_only.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retry = QPushButton(self.tr("Try again"))
        self.retry.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.retry.clicked.connect(self.retry_wanted)
        self.retry.hide()
        self.more = IconButton("settings", self.tr("Settings of the camera"))
        self.options = CameraOptions(self.more)
        self.more.clicked.connect(lambda: self.options.unfold_below(self.more))
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.picker)
        row.addWidget(self.mode)
        row.addWidget(self.depth_only)
        row.addStretch(1)
        row.addWidget(self.retry)
        row.addWidget(self.more)
        self.show_capabilities(None)
        self.refuse_colour("")
        self.picker.picked.connect(self.changed)
        self.mode.currentIndexChanged.connect(self.changed)
        self.depth_only.toggled.connect(self.changed)
        self.options.changed.connect(self.changed)

    @property
    def settings(self) -> CameraSettings:
        """What the cameras are asked for."""
        width, height, rate_hz = self.mode.currentData() or _USUAL
        kinds = [StreamKind.DEPTH]
        if not self.depth_only.isChecked():
            kinds.append(StreamKind.COLOUR)
        streams = tuple(StreamMode(kind, width, height, rate_hz) for kind in kinds)
        return self.options.applied_to(CameraSettings(streams=streams))

    def add_button(self, button: QWidget) -> None:
        """Put another button beside the settings of the camera."""
        self._row.insertWidget(self._row.count() - 1, button)

    def show_capabilities(self, capabilities: Capabilities | None) -> None:
        """Offer what the camera offers; the chosen size and rate stay."""
        self.options.show_capabilities(capabilities)
        chosen = self.mode.currentData() or _USUAL
        depth = (
            [m for m in capabilities.modes if m.kind is StreamKind.DEPTH] if capabilities else []
        )
        sizes = {(m.width, m.height, m.rate_hz) for m in depth} | {chosen}
        ordered = sorted(sizes, key=lambda s: (-s[0] * s[1], -s[2]))
        if [self.mode.itemData(place) for place in range(self.mode.count())] == ordered:
            return
        with QSignalBlocker(self.mode):
            self.mode.clear()
            for width, height, rate_hz in ordered:
                self.mode.addItem(f"{width} × {height} · {rate_hz:g} Hz", (width, height, rate_hz))
            self.mode.setCurrentIndex(ordered.index(chosen))

    def choose_mode(self, width: int, height: int, rate_hz: float) -> None:
        """Ask for a size and rate."""
        chosen = (width, height, rate_hz)
        place = self.mode.findData(chosen)
        if place < 0:
            with QSignalBlocker(self.mode):
                self.mode.addItem(f"{width} × {height} · {rate_hz:g} Hz", chosen)
            place = self.mode.count() - 1
        self.mode.setCurrentIndex(place)

    def refuse_colour(self, why: str) -> None:
        """Leave colour closed for a reason, or ("") leave the choice to the user."""
        if bool(why) != bool(self._colour_refused):
            self.depth_only.setChecked(bool(why))
        self._colour_refused = why
        self.depth_only.setEnabled(not why)
        self.depth_only.setToolTip(
            why
            or self.tr("The colour stream is not even opened. Such takes cannot serve transfer.")
        )

    def lock(self, locked: bool) -> None:
        """Let nothing be changed while a recording is under way."""
        for field in (self.picker, self.mode, self.more):
            field.setEnabled(not locked)
        self.depth_only.setEnabled(not locked and not self._colour_refused)
