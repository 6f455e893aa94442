"""Which part of a picture is looked at; both pictures of a moment share it."""

from PySide6.QtCore import QObject, QPointF, QRectF, Signal

MOST = 16.0


class Zoom(QObject):
    """A part of a picture, in shares (0..1) of its width and height."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scale = 1.0
        self._middle = QPointF(0.5, 0.5)

    @property
    def scale(self) -> float:
        """How much larger than whole; 1 shows all of the picture."""
        return self._scale

    @property
    def is_whole(self) -> bool:
        """Whether all of the picture is shown."""
        return self._scale == 1.0

    @property
    def part(self) -> QRectF:
        """What is shown, in shares of the picture."""
        side = 1 / self._scale
        return QRectF(self._middle.x() - side / 2, self._middle.y() - side / 2, side, side)

    def show_whole(self) -> None:
        """Show all of the picture."""
        self._become(1.0, QPointF(0.5, 0.5))

    def zoom(self, factor: float, at: QPointF) -> None:
        """Show it `factor` times as large; what is at the share `at` of the view stays there."""
        part = self.part
        fixed = QPointF(part.x() + at.x() * part.width(), part.y() + at.y() * part.height())
        scale = min(max(self._scale * factor, 1.0), MOST)
        corner = fixed - at / scale
        self._become(scale, corner + QPointF(0.5, 0.5) / scale)

    def move(self, by: QPointF) -> None:
        """Push the picture by shares of the view."""
        self._become(self._scale, self._middle - by / self._scale)

    def _become(self, scale: float, middle: QPointF) -> None:
        half = 0.5 / scale
        x = min(max(middle.x(), half), 1 - half)
        y = min(max(middle.y(), half), 1 - half)
        if (scale, x, y) != (self._scale, self._middle.x(), self._middle.y()):
            self._scale, self._middle = scale, QPointF(x, y)
            self.changed.emit()
