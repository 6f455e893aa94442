"""Two pictures side by side, each with its words right above and below it."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.theme import SPACING
from app.widgets.frame_view import FrameView

Part = tuple[QWidget, FrameView, QWidget]
"""What stands above a picture, the picture, what stands below."""

_LINE_PX = 20


class Stage(QFrame):
    """Makes both pictures as large as they can be, equally large, in the middle."""

    def __init__(self, left: Part, right: Part, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self._parts = (left, right)
        self._proportions = 4 / 3
        for part in self._parts:
            for widget in part:
                widget.setParent(self)
        self.setMinimumSize(2 * 160 + 3 * SPACING, 120 + 2 * _LINE_PX + 4 * SPACING)

    def show_proportions(self, width_over_height: float) -> None:
        """Make room for pictures of these proportions."""
        self._proportions = width_over_height
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange everything anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        words = _LINE_PX + 4
        widest = (self.width() - 3 * SPACING) // 2
        highest = self.height() - 2 * words - 2 * SPACING
        width = min(widest, round(highest * self._proportions))
        height = round(width / self._proportions)
        left = (self.width() - 2 * width - SPACING) // 2
        top = (self.height() - height) // 2
        for above, picture, below in self._parts:
            above.setGeometry(QRect(left, top - words, width, _LINE_PX))
            picture.setGeometry(QRect(left, top, width, height))
            below.setGeometry(QRect(left, top + height + 4, width, _LINE_PX))
            left += width + SPACING
