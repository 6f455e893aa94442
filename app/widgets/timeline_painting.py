"""How a timeline looks: its ruler, its blocks, the playhead, and the whole take in small."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen, QPixmap, QPolygonF

from app.theme import interface_font, theme
from app.widgets.action_colours import line_colour, mixed, text_on
from app.widgets.timeline_blocks import Block, Blocks
from app.widgets.timeline_ruler import Ruler
from app.widgets.timeline_window import TimeWindow

RULER_PX = 20
TRACK_PX = 44
OVERVIEW_PX = 10
GAP_PX = 4
SIDE_PX = 8
_NAMED_PX = 24
_NARROW_PX = 3.0
_CORNER = 4
_HATCH_PX = 8


def track_place(width: int) -> QRect:
    """Where the blocks lie."""
    return QRect(SIDE_PX, RULER_PX, max(1, width - 2 * SIDE_PX), TRACK_PX)


def overview_place(width: int) -> QRect:
    """Where the whole take is shown in small."""
    top = RULER_PX + TRACK_PX + GAP_PX
    return QRect(SIDE_PX, top, max(1, width - 2 * SIDE_PX), OVERVIEW_PX)


def block_place(block: Block, window: TimeWindow, n_lanes: int) -> QRectF:
    """Where a block lies on the track; at least a pixel wide."""
    left, right = window.x(block.start), window.x(block.end)
    height = (TRACK_PX - 2) / n_lanes
    top = RULER_PX + 1 + min(block.lane, n_lanes - 1) * height
    return QRectF(left, top, max(1.0, right - left), height)


def paint_ruler(painter: QPainter, window: TimeWindow, ruler: Ruler, width: int) -> None:
    """The marks of time above the track."""
    colours = theme().palette
    painter.setFont(interface_font(11))
    metrics = painter.fontMetrics()
    for x, text in ruler.marks(window):
        painter.setPen(colours.colour("line"))
        painter.drawLine(x, RULER_PX - 5, x, RULER_PX)
        painter.setPen(colours.colour("quiet"))
        wide = metrics.horizontalAdvance(text)
        left = max(0, min(x - wide // 2, width - wide))
        painter.drawText(left, metrics.ascent() + 1, text)


def paint_track(painter: QPainter, window: TimeWindow, width: int) -> None:
    """The ground on which blocks lie: what is not labelled."""
    colours = theme().palette
    place = QRectF(track_place(width))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour("surface"))
    painter.drawRoundedRect(place, _CORNER, _CORNER)
    if window.px_per_frame >= 6:
        painter.setPen(QColor(mixed(colours.line, colours.surface, 0.55)))
        for frame in range(int(window.first) + 1, int(window.last) + 1):
            x = round(window.x(frame))
            painter.drawLine(x, RULER_PX + 2, x, RULER_PX + TRACK_PX - 3)
    painter.setPen(colours.colour("line"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)


def paint_blocks(painter: QPainter, window: TimeWindow, blocks: Blocks, chosen: int | None) -> None:
    """The blocks in sight; of those that share a pixel, one."""
    painted = [-1] * blocks.n_lanes
    for block in blocks.between(window.first, window.last):
        place = block_place(block, window, blocks.n_lanes)
        right = round(place.right())
        if block.id != chosen and place.width() <= _NARROW_PX:
            if right > painted[block.lane]:
                painter.fillRect(place, QColor(block.colour))
        else:
            paint_block(painter, place, block, is_chosen=block.id == chosen)
        painted[block.lane] = right


def paint_block(painter: QPainter, place: QRectF, block: Block, *, is_chosen: bool) -> None:
    """One block: full for a label, hatched and with a question mark for a suggestion."""
    colours = theme().palette
    box = place.adjusted(0.5, 0.5, -0.5, -0.5)
    corner = min(_CORNER, box.width() / 3)
    if block.is_suggestion:
        ground = mixed(block.colour, colours.surface, 0.16)
        painter.setPen(_dashed(QColor(line_colour(block.colour))))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box, corner, corner)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(hatched(mixed(block.colour, colours.surface, 0.5)))
        painter.drawRoundedRect(box, corner, corner)
        text, text_colour = f"{block.name} ?" if block.name else "?", colours.text
    else:
        edge = mixed(colours.surface, block.colour, 0.35)
        painter.setPen(QColor(edge))
        painter.setBrush(QColor(block.colour))
        painter.drawRoundedRect(box, corner, corner)
        ground, text, text_colour = block.colour, block.name, text_on(block.colour)
    if is_chosen:
        _paint_choice(painter, place, colours.text)
    write_name(painter, box, text, text_colour, ground if block.is_suggestion else "")


def paint_drawn(
    painter: QPainter, window: TimeWindow, start: int, end: int, colour: str, name: str = ""
) -> None:
    """An interval that is being drawn or held: nothing is labelled yet."""
    left, right = window.x(start), window.x(end)
    place = QRectF(left, RULER_PX + 1, max(2.0, right - left), TRACK_PX - 2)
    filling = QColor(colour)
    filling.setAlphaF(0.45)
    painter.setBrush(filling)
    painter.setPen(_dashed(QColor(line_colour(colour))))
    painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)
    write_name(painter, place, name, theme().palette.text, "")


def paint_playhead(painter: QPainter, window: TimeWindow, frame: int) -> None:
    """A line through the middle of the frame that is on screen."""
    x = window.x(frame + 0.5)
    colours = theme().palette
    colour = colours.colour("text")
    under = QPen(colours.colour("ground"), 3.5)
    top, bottom = RULER_PX - 2, RULER_PX + TRACK_PX
    for pen in (under, QPen(colour, 1.5)):
        painter.setPen(pen)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    head = [QPointF(x - 5, top - 6), QPointF(x + 5, top - 6), QPointF(x, top + 1)]
    painter.drawPolygon(QPolygonF(head))


def overview(blocks: Blocks, n_frames: int, width: int, ratio: float) -> QPixmap:
    """All of the take in small; painted once for every change of the labels."""
    drawn = QPixmap(max(1, round(width * ratio)), round(OVERVIEW_PX * ratio))
    drawn.setDevicePixelRatio(ratio)
    colours = theme().palette
    drawn.fill(colours.colour("line"))
    painter = QPainter(drawn)
    for block in blocks:
        left = block.start * width / max(1, n_frames)
        right = max(left + 1, block.end * width / max(1, n_frames))
        painter.fillRect(QRectF(left, 0, right - left, OVERVIEW_PX), QColor(block.colour))
    painter.end()
    return drawn


def paint_overview(painter: QPainter, window: TimeWindow, small: QPixmap, width: int) -> None:
    """The whole take, and a frame around the part that the track shows."""
    place = overview_place(width)
    colours = theme().palette
    painter.setOpacity(0.6)
    painter.drawPixmap(place.topLeft(), small)
    painter.setOpacity(1)
    share = place.width() / max(1, window.n_frames)
    left = place.left() + window.first * share
    frame = QRectF(left, place.top(), max(8.0, window.n_shown * share), place.height())
    painter.setPen(QPen(colours.colour("text"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


def hatched(colour: str) -> QBrush:
    """Diagonal lines of a colour on nothing."""
    tile = QPixmap(_HATCH_PX, _HATCH_PX)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.6))
    for start in (-_HATCH_PX, 0, _HATCH_PX):
        painter.drawLine(start, _HATCH_PX, start + _HATCH_PX, 0)
    painter.end()
    return QBrush(tile)


def _dashed(colour: QColor) -> QPen:
    pen = QPen(colour, 1.2)
    pen.setDashPattern([4, 3])
    return pen


def _paint_choice(painter: QPainter, place: QRectF, colour: str) -> None:
    """A strong frame, and a grip at either end that can be dragged."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ground = theme().palette.colour("ground")
    for pen in (QPen(ground, 4), QPen(QColor(colour), 2)):
        painter.setPen(pen)
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), _CORNER, _CORNER)
    if place.width() < 20:
        return
    middle = place.center().y()
    painter.setPen(QPen(QColor(colour), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for x in (place.left() + 5.5, place.right() - 5.5):
        painter.drawLine(QPointF(x, middle - 5), QPointF(x, middle + 5))


def write_name(painter: QPainter, box: QRectF, text: str, colour: str, ground: str) -> None:
    """The name in the middle of what is seen of its block; on a plate where that is hatched."""
    seen = box.intersected(painter.clipBoundingRect()) if painter.hasClipping() else box
    if seen.width() < _NAMED_PX or seen.height() < 12:
        return
    font = interface_font(12, semibold=not ground)
    painter.setFont(font)
    metrics = QFontMetrics(font)
    room = seen.adjusted(4, 0, -4, 0)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()))
    if not shown or shown == "…":
        return
    if ground:
        wide = metrics.horizontalAdvance(shown)
        plate = QRectF(0, 0, wide + 8, min(18.0, box.height() - 4))
        plate.moveCenter(room.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(QColor(colour))
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, shown)
