"""A table in a picture: the paper's own numbers as bars, or what teaches whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import interface_font, theme

_ROW_PX = 20
_N_ROWS = 3
_NAME_PX = 84
_BAR_PX = 10
_NUMBER_PX = 40
_STUDENT_PX = 72
_ARROW_PX = 44
_FULL = 80.0
"""Where a bar would end, in %: the paper's numbers are all below."""


@dataclass(frozen=True)
class PictureRow:
    """A line of the picture: its name, and its accuracy in % where the paper gives one."""

    name: str
    value: float | None = None


class KindPicture(QWidget):
    """Painted; quiet, so that the words of its card come first."""

    def __init__(self, rows: Sequence[PictureRow], student: str) -> None:
        super().__init__()
        self._rows = tuple(rows)[:_N_ROWS]
        self._student = student
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def has_numbers(self) -> bool:
        """Whether the paper's own numbers are drawn."""
        return bool(self._rows) and all(row.value is not None for row in self._rows)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Three rows high."""
        return QSize(240, _N_ROWS * _ROW_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """It keeps its height."""
        return QSize(200, _N_ROWS * _ROW_PX)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Bars where there are numbers, and else arrows to the student."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(interface_font(11))
        top = (self.height() - _ROW_PX * len(self._rows)) / 2
        for number, row in enumerate(self._rows):
            place = QRectF(0, top + number * _ROW_PX, self.width(), _ROW_PX)
            if self.has_numbers:
                self._paint_bar(painter, place, row, is_last=number == len(self._rows) - 1)
            else:
                self._paint_teacher(painter, place, row)
        if not self.has_numbers:
            self._paint_student(painter)

    def _paint_bar(
        self, painter: QPainter, place: QRectF, row: PictureRow, *, is_last: bool
    ) -> None:
        colours = theme().palette
        painter.setPen(colours.colour("quiet"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(place.left(), place.top(), _NAME_PX, _ROW_PX), middle, row.name)
        room = place.width() - _NAME_PX - _NUMBER_PX
        value = row.value or 0.0
        wide = room * value / _FULL
        bar = QRectF(_NAME_PX, place.center().y() - _BAR_PX / 2, wide, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("accent" if is_last else "quiet"))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setPen(colours.colour("text" if is_last else "quiet"))
        number = QRectF(bar.right() + 6, place.top(), _NUMBER_PX, _ROW_PX)
        painter.drawText(number, middle, f"{value:.1f}")

    def _paint_teacher(self, painter: QPainter, place: QRectF, row: PictureRow) -> None:
        colours = theme().palette
        width = self.width() - _STUDENT_PX - _ARROW_PX
        box = QRectF(place.left() + 0.5, place.top() + 2, min(width, 132.0), _ROW_PX - 4)
        faint = QColor(colours.mixed("quiet", "surface", 0.55))
        painter.setPen(QPen(faint, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(colours.colour("quiet"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, row.name)
        painter.setPen(QPen(faint, 1.5))
        end = QPointF(box.right() + _ARROW_PX - 8, self.height() / 2)
        painter.drawLine(QPointF(box.right() + 4, box.center().y()), end)

    def _paint_student(self, painter: QPainter) -> None:
        colours = theme().palette
        left = min(self.width() - _STUDENT_PX - _ARROW_PX, 132) + _ARROW_PX
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.mixed("quiet", "surface", 0.55)))
        tip = [QPointF(left, middle), QPointF(left - 8, middle - 5), QPointF(left - 8, middle + 5)]
        painter.drawPolygon(QPolygonF(tip))
        box = QRectF(left + 4, middle - 12, _STUDENT_PX - 8, 24)
        painter.setPen(QPen(colours.colour("accent"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(colours.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._student)
