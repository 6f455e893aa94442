"""The depth picture, the square in it that the student sees, and what its colours stand for."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.pages.capture.distance_view import DistanceView
from app.pages.capture.live_range import LiveRange
from app.widgets.depth_colours import DepthRange
from app.widgets.frame_view import DepthScale
from fsamt_engine.capture.camera import Frame
from fsamt_engine.modalities.boxes import Box, View

_FOOT_PX = 24


class SquareView(DistanceView):
    """Depth with a thin square around what the student sees."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._square: Box | None = None
        self._frame_size = (1, 1)

    def show_frame(self, frame: NDArray[np.uint16], unit_m: float, shown: DepthRange) -> None:
        """Show a depth frame, in the pixels of the screen: large, that is painted twice as fast."""
        super().show_frame(frame, unit_m, shown)
        if self.image is not None:
            self.show_image(self.image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))

    @property
    def square(self) -> Box | None:
        """The square in pixels of the frame; None where the whole picture is seen."""
        return self._square

    def show_square(self, view: View | None, width: int, height: int) -> None:
        """Draw what is seen of a frame of this size; nothing where it is all of it."""
        seen = view.box.intersection(view.limits) if view is not None else None
        if seen is not None and seen.x1 - seen.x0 >= width and seen.y1 - seen.y0 >= height:
            seen = None
        square = view.box if view is not None and seen is not None else None
        if (square, width, height) != (self._square, *self._frame_size):
            self._square, self._frame_size = square, (width, height)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The picture, and the square on it."""
        super().paintEvent(event)
        if self._square is None or self.image is None:
            return
        place = QRectF(self._place())
        across, down = place.width() / self._frame_size[0], place.height() / self._frame_size[1]
        box = self._square
        square = QRectF(
            place.left() + box.x0 * across,
            place.top() + box.y0 * down,
            (box.x1 - box.x0) * across,
            (box.y1 - box.y0) * down,
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Where it reaches beyond the picture it still closes at the edge.
        seen = square.intersected(place.adjusted(1.5, 1.5, -1.5, -1.5))
        for colour, width in (("#000000", 3.0), ("#FFFFFF", 1.2)):
            pen = QPen(QColor(colour), width)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(seen)


class DepthStage(QWidget):
    """The picture as large as its place allows, and the scale of its colours below it.

    Args:
        has_foot: Whether the scale stands below the picture.

    Attributes:
        foot_px: What stands below the picture takes so much.
    """

    proportions_changed = Signal(float)
    """Width over height of the pictures that come now."""

    def __init__(self, parent: QWidget | None = None, *, has_foot: bool = True) -> None:
        super().__init__(parent)
        self._range = LiveRange()
        self._frame: Frame | None = None
        self._size = (0, 0)
        self.view = SquareView(self.tr("Depth"))
        self.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.view.setMinimumSize(280, 160)
        self.view.setToolTip(
            self.tr(
                "Depth, near is warm. The square is what the recogniser sees; the pointer reads "
                "the distance."
            )
        )
        self.scale = DepthScale()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.view, 1)
        column.addWidget(self.scale)
        self.scale.setVisible(has_foot)
        self.foot_px = _FOOT_PX if has_foot else 0
        self.show_nothing("")

    @property
    def frame(self) -> Frame | None:
        """The frame on screen."""
        return self._frame

    def show_frame(self, frame: Frame, unit_m: float, view: View | None) -> None:
        """Show a new frame, and the square in it.

        Args:
            frame: Of depth.
            unit_m: Metres of one unit.
            view: What the student saw last; None for nothing yet.
        """
        if frame is not self._frame:
            self._frame = frame
            shown = self._range.update(frame.pixels, unit_m)
            self.view.show_frame(frame.pixels, unit_m, shown)
            self.scale.show_range(shown)
        height, width = frame.pixels.shape
        if self._size != (width, height):
            self._size = (width, height)
            self.proportions_changed.emit(width / height)
        self.view.show_square(view, width, height)

    def show_nothing(self, why: str) -> None:
        """Say in words that there is no picture."""
        self._frame = None
        self._range = LiveRange()
        self.view.show_square(None, 1, 1)
        self.view.show_nothing(why)
        self.scale.show_range(None)
