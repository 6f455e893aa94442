"""What lists of takes paint alike: a thumbnail, a ground, a line, a verdict's mark."""

from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyle

from app.icons import pixmap
from app.theme import interface_font, theme
from fsamt_engine.library.records import QualityLevel

MARK_PX = 14
_RADIUS = 4
_ROW_RADIUS = 6


def draw_thumbnail(painter: QPainter, place: QRect, picture: QPixmap | None) -> None:
    """A picture with round corners; a plain place where it is not made yet."""
    path = QPainterPath()
    path.addRoundedRect(place, _RADIUS, _RADIUS)
    painter.save()
    painter.setClipPath(path)
    if picture is None:
        painter.fillRect(place, theme().palette.colour("line"))
    else:
        painter.drawPixmap(place, picture)
    painter.restore()


def draw_ground(painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
    """What shows that a row is selected, or under the pointer."""
    colours = theme().palette
    if state & QStyle.StateFlag.State_Selected:
        shade = colours.mixed("accent", "surface", 0.18)
    elif state & QStyle.StateFlag.State_MouseOver:
        shade = colours.mixed("text", "surface", 0.05)
    else:
        return
    painter.fillPath(row_path(area), QColor(shade))


def row_path(area: QRect) -> QPainterPath:
    """The outline of a row's ground."""
    path = QPainterPath()
    path.addRoundedRect(area, _ROW_RADIUS, _ROW_RADIUS)
    return path


def draw_line(
    painter: QPainter, place: QRect, text: str, colour: str, *, semibold: bool = False
) -> None:
    """A line of text, cut with dots where it is too long; the first line is semibold."""
    font, metrics = _font(semibold)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, elided)


@lru_cache
def _font(semibold: bool) -> tuple[QFont, QFontMetrics]:
    """Kept, since a list paints dozens of lines sixty times a second."""
    font = interface_font(13 if semibold else 12, semibold=semibold)
    return font, QFontMetrics(font)


def draw_mark(painter: QPainter, left: int, line: QRect, level: QualityLevel) -> None:
    """The mark of a verdict, in the middle of a line's height."""
    colour = getattr(theme().palette, str(level))
    top = line.top() + (line.height() - MARK_PX) // 2
    painter.drawPixmap(left, top, pixmap(str(level), colour, MARK_PX))
