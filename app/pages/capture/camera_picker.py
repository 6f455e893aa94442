"""Which cameras record: one, or several together."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QPushButton, QVBoxLayout, QWidget

from app.icons import icon
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.capture.camera import CameraInfo


class CameraPicker(QPushButton):
    """Names the chosen cameras; unfolds into a list with a tick each."""

    picked = Signal()
    """Other cameras are ticked now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cameras: tuple[CameraInfo, ...] = ()
        self._chosen: list[str] = []
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setObjectName("popup")
        self._ticks = QVBoxLayout(self._popup)
        self._ticks.setContentsMargins(12, SPACING, 12, SPACING)
        self._ticks.setSpacing(0)
        self.setProperty("choice", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumWidth(200)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.clicked.connect(self._unfold)
        self._write()

    @property
    def cameras(self) -> tuple[CameraInfo, ...]:
        """What there is to choose from; a chosen camera that is gone is still among them."""
        return self._cameras

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the ticked cameras, in the order in which they were ticked."""
        return tuple(self._chosen)

    def name(self, camera_id: str) -> str:
        """What a camera is called."""
        return next((c.name for c in self._cameras if c.id == camera_id), camera_id)

    def show_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Offer other cameras."""
        here = {camera.id for camera in cameras}
        gone = [c for c in self._cameras if c.id in self._chosen and c.id not in here]
        self._cameras = (*cameras, *gone)
        self._fill(here)
        self._write()

    def choose(self, camera_ids: Sequence[str]) -> None:
        """Tick exactly these."""
        if list(camera_ids) == self._chosen:
            return
        self._chosen = list(camera_ids)
        for tick in self.ticks.values():
            tick.blockSignals(True)
            tick.setChecked(tick.property("camera") in self._chosen)
            tick.blockSignals(False)
        self._write()
        self.picked.emit()

    @property
    def ticks(self) -> dict[str, QCheckBox]:
        """The boxes of the list, by camera."""
        boxes = self._popup.findChildren(
            QCheckBox, options=Qt.FindChildOption.FindDirectChildrenOnly
        )
        return {box.property("camera"): box for box in boxes if not box.isHidden()}

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()

    def _fill(self, here: set[str]) -> None:
        while (item := self._ticks.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for camera in self._cameras:
            tick = QCheckBox(_words(camera))
            tick.setProperty("camera", camera.id)
            tick.setChecked(camera.id in self._chosen)
            tick.toggled.connect(lambda on, camera=camera.id: self._tick(camera, on))
            if camera.id not in here:
                tick.setText(self.tr("{name} · unplugged").format(name=_words(camera)))
            self._ticks.addWidget(tick)
        hint = label(self.tr("Several cameras record one take together."), small=True, quiet=True)
        self._ticks.addSpacing(4)
        self._ticks.addWidget(hint)

    def _tick(self, camera_id: str, on: bool) -> None:
        if on:
            self._chosen.append(camera_id)
        else:
            self._chosen.remove(camera_id)
        self._write()
        self.picked.emit()

    def _unfold(self) -> None:
        self._popup.setMinimumWidth(self.width())
        self._popup.adjustSize()
        self._popup.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        self._popup.show()

    def _write(self) -> None:
        if not self._chosen:
            words = self.tr("Choose a camera")
        elif len(self._chosen) == 1:
            words = self.name(self._chosen[0])
        else:
            words = self.tr("{count} cameras").format(count=len(self._chosen))
        self.setText(words)
        self.setIcon(icon("capture", "quiet"))
        self.setAccessibleName(self.tr("Camera: {name}").format(name=words))
        names = [_words(c) for c in self._cameras if c.id in self._chosen]
        self.setToolTip("\n".join(names) or self.tr("Which cameras record"))


def _words(camera: CameraInfo) -> str:
    serial = camera.serial if camera.id.startswith("realsense:") else ""
    usb = f"USB {camera.usb_type}" if camera.usb_type else ""
    return " · ".join(part for part in (camera.name, serial, usb) if part)
