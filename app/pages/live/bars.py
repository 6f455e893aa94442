"""The likeliest actions as bars."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pages.live import sayings
from app.pages.live.steady import SteadyFew
from app.theme import interface_font, theme
from app.widgets.action_colours import line_colour

N_BARS = 5
_LEAST_ROW_PX = 36
_LARGEST_FONT_PX = 44


class ActionBars(QWidget):
    """Five bars in steady places: a name, how likely it is, and from where on it counts.

    Attributes:
        shown: Names from top to bottom.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions: tuple[str, ...] = ()
        self._colours: dict[str, str] = {}
        self._thresholds: tuple[float, ...] = ()
        self._probabilities: tuple[float, ...] = ()
        self._steady = SteadyFew(0)
        self._places: tuple[int, ...] = ()
        self._leading = ""
        self.setMinimumSize(160, N_BARS * _LEAST_ROW_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The likeliest actions"))
        self.setToolTip(
            self.tr(
                "The likeliest actions, smoothed over time. The small mark is the threshold from "
                "which on an action counts; a detector, which tells of whole actions, has none."
            )
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Names from top to bottom."""
        return tuple(self._actions[place] for place in self._places)

    @property
    def thresholds(self) -> tuple[float, ...]:
        """From where on each action counts, 0..1."""
        return self._thresholds

    @property
    def colours(self) -> dict[str, str]:
        """By action, as `#RRGGBB`."""
        return self._colours

    def show_actions(self, actions: Sequence[str], colours: dict[str, str]) -> None:
        """Begin anew for another model; `colours` as `#RRGGBB` by name."""
        self._actions, self._colours = tuple(actions), dict(colours)
        self._steady = SteadyFew(len(self._actions), N_BARS)
        self._probabilities = ()
        self._places = tuple(range(min(N_BARS, len(self._actions))))
        self._leading = ""
        self.update()

    def show_thresholds(self, thresholds: Sequence[float]) -> None:
        """Mark from where on each action of the model counts, 0..1."""
        self._thresholds = tuple(thresholds)
        self.update()

    def show_answer(self, smoothed: Sequence[float], leading: str, now_s: float) -> None:
        """Show an answer.

        Args:
            smoothed: One probability for each action of the model.
            leading: The action that is recognised now, "" for none.
            now_s: The time; it never goes back.
        """
        if len(smoothed) != len(self._actions):
            return
        self._probabilities, self._leading = tuple(smoothed), leading
        self._places = self._steady.update(self._probabilities, now_s)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as there is room."""
        return QSize(320, 260)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Row by row."""
        if not self._places:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row_px = self.height() / N_BARS
        font_px = max(13, min(_LARGEST_FONT_PX, round(row_px * 0.27), self.width() // 14))
        bar_px = max(8, round(font_px * 0.62))
        for number, place in enumerate(self._places):
            middle = (number + 0.5) * row_px
            line_px = round(font_px * 1.5)
            top = round(middle - (line_px + bar_px) / 2)
            name = QRect(0, top, self.width(), line_px)
            self._paint_name(painter, name, place, font_px)
            self._paint_bar(painter, QRectF(0, top + line_px, self.width(), bar_px), place)

    def _paint_name(self, painter: QPainter, line: QRect, place: int, font_px: int) -> None:
        colours = theme().palette
        action = self._actions[place]
        is_leading = action == self._leading
        share = sayings.percent(self._probabilities[place]) if self._probabilities else ""
        painter.setFont(interface_font(font_px, semibold=is_leading))
        painter.setPen(colours.colour("text" if is_leading else "quiet"))
        flags = Qt.AlignmentFlag.AlignVCenter
        metrics = painter.fontMetrics()
        room = line.width() - metrics.horizontalAdvance("100 %") - 8
        painter.drawText(line, flags, metrics.elidedText(action, Qt.TextElideMode.ElideRight, room))
        painter.drawText(line, flags | Qt.AlignmentFlag.AlignRight, share)

    def _paint_bar(self, painter: QPainter, track: QRectF, place: int) -> None:
        colours = theme().palette
        radius = track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("line"))
        painter.drawRoundedRect(track, radius, radius)
        colour = self._colours.get(self._actions[place], colours.quiet)
        share = self._probabilities[place] if self._probabilities else 0.0
        width = track.width() * min(1.0, max(0.0, share))
        if width >= 1:
            painter.save()
            painter.setClipRect(QRectF(track.left(), track.top(), width, track.height()))
            painter.setBrush(QColor(line_colour(colour, "ground")))
            painter.drawRoundedRect(track, radius, radius)
            painter.restore()
        if place < len(self._thresholds):
            x = track.left() + track.width() * self._thresholds[place]
            for role, pen_px in (("ground", 4.0), ("text", 1.6)):
                painter.setPen(QPen(colours.colour(role), pen_px))
                painter.drawLine(QPointF(x, track.top() - 2), QPointF(x, track.bottom() + 2))
