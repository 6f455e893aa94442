"""The picture as large as it can be, and the bars in what is left beside it."""

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pages.live.bars import ActionBars
from app.pages.live.depth_stage import DepthStage

_LEAST_BARS_PX = 208
_MOST_SHARE = 0.68
_PROPORTIONS = 16 / 9


class StageRow(QWidget):
    """Gives the picture its own proportions and no more, so that nothing lies idle beside it.

    Args:
        stage: The picture.
        bars: As high as the picture.
        gap_px: Between them.
    """

    def __init__(
        self,
        stage: DepthStage,
        bars: ActionBars,
        gap_px: int = 24,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._gap_px = gap_px
        self._stage, self._bars = stage, bars
        self._proportions = _PROPORTIONS
        for part in (stage, bars):
            part.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        stage.proportions_changed.connect(self._show_proportions)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The smallest picture, and bars whose names can be read."""
        stage, bars = self._stage.minimumSizeHint(), self._bars.minimumSize()
        return QSize(
            stage.width() + self._gap_px + _LEAST_BARS_PX, max(stage.height(), bars.height())
        )

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as the page has room."""
        return QSize(880, 380)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Arrange both anew."""
        super().resizeEvent(event)
        self._arrange()

    def _show_proportions(self, width_over_height: float) -> None:
        self._proportions = width_over_height
        self._arrange()

    def _arrange(self) -> None:
        foot_px = self._stage.foot_px
        highest = self.height() - foot_px
        widest = min(
            self.width() - self._gap_px - _LEAST_BARS_PX, round(self.width() * _MOST_SHARE)
        )
        width = max(
            self._stage.minimumSizeHint().width(), min(widest, round(highest * self._proportions))
        )
        height = min(highest, round(width / self._proportions))
        self._stage.setGeometry(QRect(0, 0, width, height + foot_px))
        left = width + self._gap_px
        self._bars.setGeometry(QRect(left, 0, self.width() - left, height))
