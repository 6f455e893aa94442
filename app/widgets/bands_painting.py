"""How two bands over one time look: what is right is full, what is wrong has a pattern of its own.

Wrong intervals differ from right ones by pattern, outline and a mark between the bands, never by
colour alone: colours stand for actions.
"""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF

from app.theme import interface_font, theme
from app.widgets.action_colours import line_colour, mixed, text_on
from app.widgets.timeline_blocks import Block, Blocks
from app.widgets.timeline_painting import hatched, write_name
from app.widgets.timeline_ruler import Ruler
from app.widgets.timeline_window import TimeWindow

RULER_PX = 20
BAND_PX = 36
MARKS_PX = 12
GAP_PX = 4
OVERVIEW_PX = 10
LEFT_PX = 56
SIDE_PX = 8
HEIGHT_PX = RULER_PX + 2 * BAND_PX + MARKS_PX + GAP_PX + OVERVIEW_PX
_CORNER = 4
_NARROW_PX = 3.0
_MARK_PX = 4.0


class Look(Enum):
    """How an interval is painted."""

    SURE = "full"
    OPEN = "light, with a full outline"
    MISSED = "an outline around stripes"
    FALSE = "a dashed outline around stripes the other way"
    CONFUSED = "a dotted outline around a lattice"


def band_place(width: int, *, is_below: bool) -> QRect:
    """Where a band lies."""
    top = RULER_PX + (BAND_PX + MARKS_PX if is_below else 0)
    return QRect(LEFT_PX, top, max(1, width - LEFT_PX - SIDE_PX), BAND_PX)


def overview_place(width: int) -> QRect:
    """Where the whole take is shown in small."""
    top = HEIGHT_PX - OVERVIEW_PX
    return QRect(LEFT_PX, top, max(1, width - LEFT_PX - SIDE_PX), OVERVIEW_PX)


def paint_ruler(painter: QPainter, window: TimeWindow, ruler: Ruler, width: int) -> None:
    """The marks of time above the bands."""
    colours = theme().palette
    painter.setFont(interface_font(11))
    metrics = painter.fontMetrics()
    for x, text in ruler.marks(window):
        painter.setPen(colours.colour("line"))
        painter.drawLine(x, RULER_PX - 5, x, RULER_PX)
        painter.setPen(colours.colour("quiet"))
        wide = metrics.horizontalAdvance(text)
        left = max(LEFT_PX, min(x - wide // 2, width - wide))
        painter.drawText(left, metrics.ascent() + 1, text)


def paint_ground(painter: QPainter, names: tuple[str, str], width: int) -> None:
    """Both bands without anything on them, and what they are called."""
    colours = theme().palette
    painter.setFont(interface_font(12))
    for name, is_below in zip(names, (False, True), strict=True):
        place = band_place(width, is_below=is_below)
        painter.setPen(colours.colour("line"))
        painter.setBrush(colours.colour("surface"))
        painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)
        painter.setPen(colours.colour("quiet"))
        side = QRect(0, place.top(), LEFT_PX - SIDE_PX, place.height())
        painter.drawText(side, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


def paint_band(
    painter: QPainter,
    window: TimeWindow,
    blocks: Blocks,
    place: QRect,
    look: Callable[[int], Look],
    chosen: int | None,
) -> None:
    """The intervals in sight; of those that share a pixel, one."""
    painted = [-1] * blocks.n_lanes
    last = None
    for block in blocks.between(window.first, window.last):
        box = _box(block, window, place, blocks.n_lanes)
        if block.id == chosen:
            last = (box, block)
        elif box.width() <= _NARROW_PX:
            if round(box.right()) > painted[block.lane]:
                painter.fillRect(box, QColor(block.colour))
        else:
            _paint_block(painter, box, block, look(block.id))
        painted[block.lane] = round(box.right())
    if last is not None:
        _paint_block(painter, last[0], last[1], look(last[1].id))
        _paint_choice(painter, last[0])


def paint_marks(
    painter: QPainter,
    window: TimeWindow,
    blocks: Blocks,
    is_error: Callable[[int], bool],
    *,
    is_below: bool,
) -> None:
    """A small triangle between the bands for each error, however narrow; it points at it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().palette.colour("bad"))
    base = RULER_PX + BAND_PX + (MARKS_PX - 1.5 if is_below else 1.5)
    away = -_MARK_PX if is_below else _MARK_PX
    free_from = -1.0
    for block in blocks.between(window.first, window.last):
        if is_error(block.id):
            middle = (max(block.start, window.first) + min(block.end, window.last)) / 2
            x = window.x(middle)
            if x < free_from:
                continue
            free_from = x + 2 * _MARK_PX
            points = [QPointF(x - _MARK_PX, base + away), QPointF(x + _MARK_PX, base + away)]
            painter.drawPolygon(QPolygonF([*points, QPointF(x, base)]))


def paint_playhead(painter: QPainter, window: TimeWindow, frame: int) -> None:
    """A line through the middle of the frame that is on screen."""
    x = window.x(frame + 0.5)
    colours = theme().palette
    top, bottom = RULER_PX - 2, RULER_PX + 2 * BAND_PX + MARKS_PX
    for pen in (QPen(colours.colour("ground"), 3.5), QPen(colours.colour("text"), 1.5)):
        painter.setPen(pen)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour("text"))
    head = [QPointF(x - 5, top - 6), QPointF(x + 5, top - 6), QPointF(x, top + 1)]
    painter.drawPolygon(QPolygonF(head))


def overview(above: Blocks, below: Blocks, n_frames: int, width: int, ratio: float) -> QPixmap:
    """All of the take in small; painted once for every change of what lies on the bands."""
    drawn = QPixmap(max(1, round(width * ratio)), round(OVERVIEW_PX * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(theme().palette.colour("line"))
    painter = QPainter(drawn)
    half = OVERVIEW_PX / 2
    for blocks, top in ((above, 0.0), (below, half)):
        for block in blocks:
            left = block.start * width / max(1, n_frames)
            right = max(left + 1, block.end * width / max(1, n_frames))
            painter.fillRect(QRectF(left, top, right - left, half - 1), QColor(block.colour))
    painter.end()
    return drawn


def paint_overview(painter: QPainter, window: TimeWindow, small: QPixmap, width: int) -> None:
    """The whole take, and a frame around the part that the bands show."""
    place = overview_place(width)
    painter.setOpacity(0.6)
    painter.drawPixmap(place.topLeft(), small)
    painter.setOpacity(1)
    share = place.width() / max(1, window.n_frames)
    left = place.left() + window.first * share
    frame = QRectF(left, place.top(), max(8.0, window.n_shown * share), place.height())
    painter.setPen(QPen(theme().palette.colour("text"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def _box(block: Block, window: TimeWindow, place: QRect, n_lanes: int) -> QRectF:
    left, right = window.x(block.start), window.x(block.end)
    height = (place.height() - 2) / n_lanes
    top = place.top() + 1 + min(block.lane, n_lanes - 1) * height
    return QRectF(left, top, max(1.0, right - left), height)


def _paint_block(painter: QPainter, place: QRectF, block: Block, look: Look) -> None:
    colours = theme().palette
    box = place.adjusted(0.5, 0.5, -0.5, -0.5)
    corner = min(_CORNER, box.width() / 3)
    if look is Look.SURE:
        painter.setPen(QColor(mixed(colours.surface, block.colour, 0.35)))
        painter.setBrush(QColor(block.colour))
        painter.drawRoundedRect(box, corner, corner)
        write_name(painter, box, block.name, text_on(block.colour), "")
        return
    ground = mixed(block.colour, colours.surface, 0.35 if look is Look.OPEN else 0.14)
    painter.setPen(_outline(QColor(line_colour(block.colour)), look))
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, corner, corner)
    pattern = _pattern(mixed(block.colour, colours.surface, 0.55), look)
    if pattern is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pattern)
        painter.drawRoundedRect(box, corner, corner)
    write_name(painter, box, block.name, colours.text, ground)


def _outline(colour: QColor, look: Look) -> QPen:
    pen = QPen(colour, 1.4)
    if look is Look.FALSE:
        pen.setDashPattern([4, 3])
    elif look is Look.CONFUSED:
        pen.setDashPattern([1.2, 2])
    return pen


def _pattern(colour: str, look: Look) -> QBrush | None:
    if look is Look.MISSED:
        return hatched(colour)
    if look is Look.FALSE:
        return QBrush(QColor(colour), Qt.BrushStyle.FDiagPattern)
    if look is Look.CONFUSED:
        return QBrush(QColor(colour), Qt.BrushStyle.DiagCrossPattern)
    return None


def _paint_choice(painter: QPainter, place: QRectF) -> None:
    """A strong frame, at least as wide as can be seen."""
    colours = theme().palette
    wide = place.adjusted(-2, 0, 2, 0) if place.width() < 6 else place
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.colour("ground"), 4), QPen(colours.colour("text"), 2)):
        painter.setPen(pen)
        painter.drawRoundedRect(wide.adjusted(1, 1, -1, -1), _CORNER, _CORNER)
