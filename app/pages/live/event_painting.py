"""How the event timeline looks: what stands still is painted once, what moves at every moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPixmap

from app.icons import pixmap
from app.pages.live.event_history import PastEvent, Span
from app.pages.live.event_lanes import EventLanes
from app.pages.live.event_measures import RULER_PX, SWATCH_PX, Measures, sides
from app.theme import RADIUS, interface_font, theme
from app.widgets.action_colours import line_colour, mixed
from app.widgets.timeline_painting import hatched

_CORNER = 3.0
_MARK_PX, _VERDICT_PX = 10, 14
_ROOMY_PX = 22
_KNOWN_PX = 4
_STEPS_S = (5, 10, 15, 30, 60, 120)
_LEAST_STEP_PX = 64

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Inks:
    """Colours and pictures of one theme, worked out once."""

    fill: dict[str, QColor]
    frame: dict[str, QPen]
    tint: dict[str, QColor]
    edge: QColor
    absence: QBrush
    verdict: dict[bool, QPixmap]

    @classmethod
    def of(cls, colours: Mapping[str, str]) -> "Inks":
        """For these actions, in the theme of now."""
        ground = theme().palette.surface
        return cls(
            {name: QColor(colour) for name, colour in colours.items()},
            {name: QPen(QColor(line_colour(colour)), 1) for name, colour in colours.items()},
            {name: QColor(mixed(colour, ground, 0.2)) for name, colour in colours.items()},
            theme().palette.colour("text"),
            hatched(mixed(theme().palette.quiet, ground, 0.28)),
            {was_right: _verdict(was_right) for was_right in (True, False)},
        )


def still_part(
    width: int, height: int, ratio: float, place: Measures, lanes: EventLanes, running: str
) -> QPixmap:
    """Everything that does not move: names, lanes, the ruler. The running action stands out."""
    drawn = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    colours = theme().palette
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QRectF(place.left, RULER_PX, place.right - place.left, place.bottom - RULER_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour("surface"))
    painter.drawRoundedRect(ground, RADIUS, RADIUS)
    _paint_ruler(painter, place)
    painter.setPen(QPen(QColor(mixed(colours.line, colours.surface, 0.6)), 1))
    for number in range(1, place.n_lanes):
        y = round(place.lane(number).top()) + 0.5
        painter.drawLine(QPointF(place.left, y), QPointF(place.right, y))
    painter.setPen(QPen(colours.colour("line"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(ground.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
    for number, name in enumerate(lanes.names):
        _paint_name(painter, place, number, name, lanes.colours[name], is_running=name == running)
    painter.end()
    return drawn


def paint_absence(
    painter: QPainter, place: Measures, spans: Sequence[Span], now_us: int, inks: Inks
) -> None:
    """Hatch the times in which there was nobody to be recognised."""
    for span in reversed(spans):
        left, right = sides(place, span.start_us, span.end_us, now_us)
        if right <= place.left:
            return
        painter.fillRect(
            QRectF(left, RULER_PX, right - left, place.bottom - RULER_PX), inks.absence
        )


def paint_labels(
    painter: QPainter,
    place: Measures,
    spans: Sequence[Span],
    now_us: int,
    lanes: EventLanes,
    inks: Inks,
) -> None:
    """What a person labelled: a frame behind what is recognised."""
    for span in reversed(spans):
        left, right = sides(place, span.start_us, span.end_us, now_us)
        if right <= place.left:
            return
        lane = lanes.lane(span.word)
        if lane is None:
            continue
        box = place.lane(lane).adjusted(0, 2.5, 0, -2.5)
        box.setLeft(left)
        box.setRight(max(right, left + 2))
        painter.setPen(inks.frame[span.word])
        painter.setBrush(inks.tint[span.word])
        painter.drawRoundedRect(box, _CORNER, _CORNER)


def paint_event(
    painter: QPainter, box: QRectF, past: PastEvent, inks: Inks, *, is_chosen: bool
) -> None:
    """One event; while it lasts it is open towards now, and its right end is bright."""
    corner = min(_CORNER, box.width() / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks.fill[past.event.action])
    painter.drawRoundedRect(box, corner, corner)
    if past.end_us is None:
        painter.fillRect(QRectF(box.right() - 2, box.top() - 2, 2, box.height() + 4), inks.edge)
    if is_chosen:
        painter.setPen(QPen(inks.edge, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), corner + 2, corner + 2)


def paint_knowing(
    painter: QPainter, box: QRectF, place: Measures, past: PastEvent, now_us: int, inks: Inks
) -> None:
    """A whisker from the end of an event to the moment at which a detector knew of it."""
    if past.known_us is None or past.end_us is None:
        return
    left, right = sides(place, past.end_us, past.known_us, now_us)
    if right <= place.left:
        return
    y = box.center().y()
    painter.setPen(inks.frame[past.event.action])
    painter.drawLine(QPointF(left, y), QPointF(right, y))
    painter.drawLine(QPointF(right, y - _KNOWN_PX), QPointF(right, y + _KNOWN_PX))


def paint_verdict(
    painter: QPainter, box: QRectF, place: Measures, inks: Inks, *, was_right: bool
) -> None:
    """A tick or a cross at the end of an event: right or wrong, by shape and colour."""
    x = box.right() - _VERDICT_PX if box.width() > _ROOMY_PX else box.right()
    left = min(x, place.right - _VERDICT_PX)
    if left >= place.left:
        top = box.center().y() - _VERDICT_PX / 2
        painter.drawPixmap(QPointF(left, top), inks.verdict[was_right])


def paint_start(painter: QPainter, place: Measures, x: float, words: str) -> None:
    """Where another source began."""
    colours = theme().palette
    painter.setPen(QPen(colours.colour("quiet"), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(x, RULER_PX), QPointF(x, place.bottom))
    if not words:
        return
    painter.setFont(interface_font(11))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, 160)
    wide = metrics.horizontalAdvance(shown) + 8
    plate = QRectF(x + 3, place.bottom - 17, wide, 15)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.colour("ground"))
    painter.drawRoundedRect(plate, 3, 3)
    painter.setPen(colours.colour("quiet"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)


def _verdict(was_right: bool) -> QPixmap:
    """A mark on a small disc, so that it is seen on every colour."""
    colours = theme().palette
    role, name = ("good", "check") if was_right else ("bad", "close")
    mark = pixmap(name, getattr(colours, role), _MARK_PX)
    ratio = mark.devicePixelRatio()
    drawn = QPixmap(round(_VERDICT_PX * ratio), round(_VERDICT_PX * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.colour(role), 1))
    painter.setBrush(colours.colour("surface"))
    painter.drawEllipse(QRectF(0.5, 0.5, _VERDICT_PX - 1, _VERDICT_PX - 1))
    inset = (_VERDICT_PX - _MARK_PX) // 2
    painter.drawPixmap(inset, inset, mark)
    painter.end()
    return drawn


def _paint_ruler(painter: QPainter, place: Measures) -> None:
    colours = theme().palette
    painter.setFont(interface_font(11))
    metrics = painter.fontMetrics()
    px_per_s = place.px_per_us * 1e6
    step = next((s for s in _STEPS_S if s * px_per_s >= _LEAST_STEP_PX), _STEPS_S[-1])
    seconds = 0
    while (x := place.right - seconds * px_per_s) >= place.left:
        text = _ago(seconds)
        wide = metrics.horizontalAdvance(text)
        left = min(x - wide / 2, place.right - wide)
        if left >= place.left - 4:
            painter.setPen(colours.colour("quiet"))
            painter.drawText(QPointF(left, metrics.ascent() + 1), text)
        if seconds > 0 and x > place.left + 2:
            painter.setPen(QPen(QColor(mixed(colours.line, colours.surface, 0.7)), 1))
            painter.drawLine(
                QPointF(round(x) + 0.5, RULER_PX), QPointF(round(x) + 0.5, place.bottom)
            )
        seconds += step


def _paint_name(
    painter: QPainter, place: Measures, lane: int, name: str, colour: str, *, is_running: bool
) -> None:
    colours = theme().palette
    row = place.lane(lane)
    swatch = QRectF(1, row.center().y() - SWATCH_PX / 2, SWATCH_PX, SWATCH_PX)
    painter.setPen(QPen(QColor(line_colour(colour, "ground")), 1))
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(swatch, 3, 3)
    font = interface_font(12, semibold=is_running)
    painter.setFont(font)
    painter.setPen(colours.colour("text" if is_running else "quiet"))
    room = QRectF(SWATCH_PX + 8, row.top(), place.left - SWATCH_PX - 14, row.height())
    shown = QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
    if is_running:
        tint = QColor(colour)
        tint.setAlphaF(0.10)
        painter.fillRect(row.adjusted(1, 1, -1, -1), tint)


def _ago(seconds: int) -> str:
    if seconds == 0:
        return translate("EventTimeline", "now")
    if seconds % 60 == 0:
        return translate("EventTimeline", "−{n} min").format(n=seconds // 60)
    if seconds > 60:
        return f"−{seconds // 60}:{seconds % 60:02d}"
    return translate("EventTimeline", "−{n} s").format(n=seconds)
