"""Colour and depth of a running camera side by side, and the line that its participant reads."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.pages.capture.distance_view import DistanceView
from app.pages.capture.live_range import LiveRange
from app.pages.capture.pictures import colour_picture
from app.pages.capture.prompt import BAND_PX, LARGEST_BAND_PX, CountdownCover, Prompt, PromptBand
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.frame_view import DepthScale, FrameView
from app.widgets.stage import Stage
from fsamt_engine.capture.camera import Frame, OpenStream, StreamMode
from fsamt_engine.capture.feed import OpenedCamera
from fsamt_engine.library import StreamKind


class LiveView(QFrame):
    """The pictures of one camera; where several run, buttons say which one is looked at."""

    camera_chosen = Signal(str)
    """The id of the camera to look at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self._opened: OpenedCamera | None = None
        self._range = LiveRange()
        self._shown: dict[StreamKind, Frame] = {}
        self.band = PromptBand()
        self.colour_view = FrameView(self.tr("Colour"))
        self.depth_view = DistanceView(self.tr("Depth"))
        self.scale = DepthScale()
        self._colour_title = label(self.tr("Colour"), small=True)
        self._depth_title = label(self.tr("Depth"), small=True)
        self._left_foot = label(quiet=True, small=True)
        self._stage = Stage(
            (self._colour_title, self.colour_view, self._left_foot),
            (self._depth_title, self.depth_view, self.scale),
        )
        self._stage.setObjectName("")
        self._tabs = QHBoxLayout()
        self._tabs.setContentsMargins(SPACING, SPACING, SPACING, 0)
        self._tabs.setSpacing(4)
        self._tab_group = QButtonGroup(self)
        self._tab_ids: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tabs)
        column.addWidget(self.band)
        column.addWidget(self._stage, 1)
        self.cover = CountdownCover(self)
        self.show_camera(None)

    @property
    def shown(self) -> dict[StreamKind, Frame]:
        """The frames on screen, by stream."""
        return dict(self._shown)

    def show_prompt(self, prompt: Prompt) -> None:
        """Say something to the participant."""
        self.band.show_prompt(prompt)
        self.cover.show_prompt(prompt)

    def show_tabs(self, cameras: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer cameras (ids and names) to look at; one alone needs no choice."""
        ids = [camera_id for camera_id, _ in cameras] if len(cameras) > 1 else []
        if ids != self._tab_ids:
            self._tab_ids = ids
            while (item := self._tabs.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
            for camera_id, name in cameras if ids else ():
                self._tabs.addWidget(self._tab(camera_id, name))
            if ids:
                self._tabs.addStretch(1)
        for button in self._tab_group.buttons():
            button.setChecked(button.property("camera") == chosen)

    def show_proportions(self, mode: StreamMode) -> None:
        """Make room for pictures of this mode."""
        self._stage.show_proportions(mode.width / mode.height)

    def show_camera(self, opened: OpenedCamera | None) -> None:
        """Show the pictures of this camera from now on; None for no picture."""
        if opened is not self._opened:
            self._opened = opened
            self._range = LiveRange()
        if opened is None:
            self._shown.clear()
            self.scale.show_range(None)
            self.colour_view.show_image(None, self.tr("No picture"))
            self.depth_view.show_nothing(self.tr("No picture"))
        self._write_titles()

    def show_frame(self, frame: Frame) -> None:
        """Show a new frame of the camera."""
        stream = self._opened.stream(frame.kind) if self._opened else None
        before = self._shown.get(frame.kind)
        if stream is None or (before is not None and before is frame):
            return
        self._shown[frame.kind] = frame
        if frame.kind is StreamKind.DEPTH:
            unit_m = stream.unit_m or 0.001
            shown = self._range.update(frame.pixels, unit_m)
            self.depth_view.show_frame(frame.pixels, unit_m, shown)
            self.scale.show_range(shown)
            self.show_proportions(stream.mode)
        elif frame.kind is self._left_kind():
            width_px = round(self.colour_view.width() * self.devicePixelRatioF())
            self.colour_view.show_image(colour_picture(frame.pixels, width_px))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The countdown covers everything; what is read from afar grows with the window."""
        super().resizeEvent(event)
        self.band.setFixedHeight(min(LARGEST_BAND_PX, max(BAND_PX, self.height() // 6)))
        self.cover.resize(self.size())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as the page has room."""
        return QSize(880, 400)

    def _left_kind(self) -> StreamKind:
        """What stands beside depth: colour, or infrared where there is no colour."""
        opened = self._opened
        if opened is not None and opened.stream(StreamKind.COLOUR) is None:
            return StreamKind.INFRARED
        return StreamKind.COLOUR

    def _write_titles(self) -> None:
        kind = self._left_kind()
        left = self._opened.stream(kind) if self._opened else None
        depth = self._opened.stream(StreamKind.DEPTH) if self._opened else None
        is_infrared = kind is StreamKind.INFRARED and left is not None
        name = self.tr("Infrared") if is_infrared else self.tr("Colour")
        self._colour_title.setText(name + _mode_words(left))
        self._depth_title.setText(self.tr("Depth") + _mode_words(depth))
        if self._opened is not None and left is None:
            self._shown.pop(StreamKind.COLOUR, None)
            self.colour_view.show_image(
                None, self.tr("Depth only: the colour stream is not opened.")
            )

    def _tab(self, camera_id: str, name: str) -> QPushButton:
        button = QPushButton(name)
        button.setProperty("choice", True)
        button.setProperty("camera", camera_id)
        button.setCheckable(True)
        button.setToolTip(self.tr("Look at this camera; all of them are recorded"))
        button.clicked.connect(lambda: self.camera_chosen.emit(camera_id))
        self._tab_group.addButton(button)
        return button


def _mode_words(stream: OpenStream | None) -> str:
    if stream is None:
        return ""
    mode = stream.mode
    return f" · {mode.width} × {mode.height} · {mode.rate_hz:g} Hz"
