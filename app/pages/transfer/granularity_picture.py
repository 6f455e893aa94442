"""What a student's clip is matched with, as a picture."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import RADIUS, SPACING, interface_font, theme

_HEIGHT = 168
_STRIP_HEIGHT = 40
_N_CLIPS = 5
_CHOSEN = 1
_TITLE_WIDTH = 128
_MEAN_WIDTH = 88


class GranularityPicture(QWidget):
    """The clips of a take as the teacher and the student see them, and which of them match."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._granularity = "video+clip"
        self._target = "depth"
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(480)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_granularity(self, granularity: str, explanation: str) -> None:
        """Show "clip", "video" or "video+clip"."""
        self._granularity = granularity
        self.setAccessibleName(explanation)
        self.update()

    def show_target(self, modality: str) -> None:
        """What the student receives."""
        self._target = modality
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough for both strips."""
        return QSize(640, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Two strips of clips, the mean of the take, and lines between what is matched."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(interface_font(12))
        top, bottom = 28.0, _HEIGHT - _STRIP_HEIGHT - 8.0
        self._paint_title(painter, top, self.tr("teacher sees"))
        self._paint_title(painter, bottom, self.tr("student sees {m}").format(m=self._target))
        self._paint_caption(painter)
        student = self._clip(_CHOSEN, bottom)
        uses_clip = self._granularity in ("clip", "video+clip")
        uses_video = self._granularity in ("video", "video+clip")
        if uses_clip:
            self._paint_match(painter, student, self._clip(_CHOSEN, top))
        if uses_video:
            self._paint_match(painter, student, self._mean(top))
        for number in range(_N_CLIPS):
            is_target = uses_clip and number == _CHOSEN
            self._paint_clip(painter, self._clip(number, top), "good" if is_target else "")
            chosen = "accent" if number == _CHOSEN else ""
            self._paint_clip(painter, self._clip(number, bottom), chosen)
        self._paint_mean(painter, self._mean(top), is_target=uses_video)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _clip(self, number: int, top: float) -> QRectF:
        room = self.width() - _TITLE_WIDTH - _MEAN_WIDTH - 4 * SPACING
        width = room / _N_CLIPS
        return QRectF(_TITLE_WIDTH + number * width, top, width - 4, _STRIP_HEIGHT)

    def _mean(self, top: float) -> QRectF:
        return QRectF(self.width() - _MEAN_WIDTH - 1, top, _MEAN_WIDTH, _STRIP_HEIGHT)

    def _paint_title(self, painter: QPainter, top: float, words: str) -> None:
        painter.setPen(theme().palette.colour("quiet"))
        place = QRectF(0, top, _TITLE_WIDTH - SPACING, _STRIP_HEIGHT)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_caption(self, painter: QPainter) -> None:
        painter.setPen(theme().palette.colour("quiet"))
        first, last = self._clip(0, 0), self._clip(_N_CLIPS - 1, 0)
        place = QRectF(first.left(), 0, last.right() - first.left(), 24)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("one take, clip by clip"))
        place = QRectF(self._mean(0).left(), 0, _MEAN_WIDTH, 24)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("its mean"))

    def _paint_clip(self, painter: QPainter, place: QRectF, role: str) -> None:
        colours = theme().palette
        painter.setPen(QPen(colours.colour(role or "line"), 2 if role else 1))
        painter.setBrush(colours.colour("surface"))
        if role:
            painter.setBrush(colours.colour("surface"))
        painter.drawRoundedRect(place, RADIUS - 2, RADIUS - 2)
        painter.setPen(QPen(colours.colour("line"), 1))
        for third in (1, 2):
            x = place.left() + place.width() * third / 3
            painter.drawLine(QPointF(x, place.top() + 6), QPointF(x, place.bottom() - 6))

    def _paint_mean(self, painter: QPainter, place: QRectF, *, is_target: bool) -> None:
        colours = theme().palette
        painter.setPen(QPen(colours.colour("good" if is_target else "line"), 2 if is_target else 1))
        painter.setBrush(colours.colour("surface"))
        painter.drawRoundedRect(place, RADIUS - 2, RADIUS - 2)
        painter.setPen(colours.colour("text" if is_target else "quiet"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self.tr("video"))

    def _paint_match(self, painter: QPainter, student: QRectF, target: QRectF) -> None:
        pen = QPen(theme().palette.colour("good"), 2)
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        start = QPointF(student.center().x(), student.top())
        end = QPointF(target.center().x(), target.bottom())
        painter.drawLine(start, end)
