"""The last minutes as they were recognised: a lane for each action, the newest at the right."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.pages.live import event_painting as painting
from app.pages.live.event_history import EventHistory, PastEvent
from app.pages.live.event_lanes import EventLanes
from app.pages.live.event_measures import event_place, measures, room_for, wanted_height
from app.theme import interface_font, theme
from fsamt_engine.recognition.state import LiveState
from fsamt_engine.units import format_percent

SPANS_S = (30, 60, 120, 300)
_FINENESS = 2
"""It moves by half a pixel at least: less is not seen, and would be painted for nothing."""

_NEAR_PX = 4
_START_WORDS_PX = 96
_NEW_EVENTS = 20


class EventTimeline(QWidget):
    """Scrolls by itself with every state it is shown; what lasts grows towards now.

    On a take with labels a pale frame is what a person labelled, and a tick or a cross follows
    each event. Left and Right choose an event, Enter asks for its clip, + and − change how much
    time is shown.
    """

    clip_wanted = Signal(str, int, int)
    """A take's id and an interval of its depth frames, the last not included."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = EventHistory()
        self._lanes = EventLanes()
        self._span = SPANS_S.index(60)
        self._now_us = 0
        self._step = 0
        self._running = ""
        self._chosen: tuple[int, int] | None = None
        self._still: QPixmap | None = None
        self._inks = painting.Inks.of({})
        self._places: list[tuple[QRectF, PastEvent]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Events of the last minutes"))
        self._measure()

    def show_actions(self, colours: Mapping[str, str]) -> None:
        """The actions of the model, in its order, with their colours as `#RRGGBB`."""
        if self._lanes.show_actions(colours):
            self._measure()
            self.updateGeometry()

    def begin(self, at_us: int, words: str = "") -> None:
        """A recogniser begins: another source, or the same one again.

        Args:
            at_us: Now, microseconds since 1970 UTC.
            words: What is watched ("Take 3 of P1"), written where it begins; "" for nothing.
        """
        self.history.begin(at_us, words)
        self._now_us = max(self._now_us, at_us)
        self._repaint()

    def end(self, at_us: int) -> None:
        """It was stopped: what lasts ends, and nothing moves any more."""
        self.history.end(at_us)
        self._show_running()
        self._repaint()

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; cheap enough for every picture of the screen.

        Args:
            now_us: The computer's clock, microseconds since 1970 UTC.
        """
        is_new = self.history.add(state)
        step = int(now_us * self._place.px_per_us * self.devicePixelRatioF() * _FINENESS)
        if not is_new and step == self._step:
            return
        self._now_us, self._step = now_us, step
        if is_new:
            self.history.forget(now_us)
            if self._see(self.history.events[-_NEW_EVENTS:]):
                self._measure()
            self._show_running()
        self.update()

    @property
    def span_s(self) -> int:
        """How many seconds are shown."""
        return SPANS_S[self._span]

    @property
    def chosen(self) -> PastEvent | None:
        """The event that was chosen, while it is known."""
        key = self._chosen
        found = (p for p in reversed(self.history.events) if (p.n_start, p.event.number) == key)
        return next(found, None)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its lanes need, up to ten."""
        return QSize(480, wanted_height(min(10, len(self._lanes.actions))))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for four lanes."""
        return QSize(280, wanted_height(min(4, len(self._lanes.actions))))

    def words_of(self, past: PastEvent) -> str:
        """An event in words."""
        event = past.event
        end_us = past.end_us if past.end_us is not None else self._now_us
        said = self.tr("{action}, {seconds:.1f} s, confidence {confidence}").format(
            action=event.action,
            seconds=max(0, end_us - past.start_us) / 1e6,
            confidence=format_percent(event.confidence),
        )
        if past.end_us is None:
            said += self.tr(", still going on")
        if event.was_right is not None:
            said += self.tr(", right") if event.was_right else self.tr(", wrong")
        if event.delay_s is not None:
            said += "\n" + self.tr("Known {seconds:.1f} s after its end.").format(
                seconds=event.delay_s
            )
        if past.frames is not None:
            said += "\n" + self.tr("Click or Enter shows it in its take.")
        return said

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what stands still from memory, and over it what is in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, now_us = self._place, self._now_us
        self._places = []
        if not self._lanes.colours:
            self._paint_emptiness(painter)
            return
        if self._still is None:
            ratio = self.devicePixelRatioF()
            self._still = painting.still_part(
                self.width(), self.height(), ratio, place, self._lanes, self._running
            )
        painter.drawPixmap(0, 0, self._still)
        painter.setClipRect(QRectF(place.left, 0, self.width() - place.left, self.height()))
        painting.paint_absence(painter, place, self.history.absent, now_us, self._inks)
        painting.paint_labels(
            painter, place, self.history.labelled, now_us, self._lanes, self._inks
        )
        self._paint_events(painter)
        taken_from = float("inf")
        for at_us, words in reversed(self.history.starts):
            x = place.x(at_us, now_us)
            if x < place.left - 160:
                break
            is_named = bool(words) and x + _START_WORDS_PX < taken_from
            painting.paint_start(painter, place, x, words if is_named else "")
            taken_from = x if is_named else taken_from

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lay the lanes out anew."""
        super().resizeEvent(event)
        self._measure()

    def event(self, event: QEvent) -> bool:
        """Say what an event is where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            past = self._at(QPointF(event.pos()))
            said = self.words_of(past) if past else self._explanation()
            QToolTip.showText(event.globalPos(), said, self)
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._measure()
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A hand over what can be shown in its take."""
        past = self._at(event.position())
        has_clip = past is not None and past.frames is not None
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if has_clip else Qt.CursorShape.ArrowCursor
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose an event, and show it in its take."""
        if event.button() == Qt.MouseButton.LeftButton:
            past = self._at(event.position())
            self._choose(past)
            if past is not None:
                self._ask_for(past)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """With Ctrl: more or less time."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self._zoom(-1 if event.angleDelta().y() > 0 else 1)
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Left, Right, Home, End: another event. Enter: its clip. + and −: less or more time."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(-1)
        elif key == Qt.Key.Key_Minus:
            self._zoom(1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk(key)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen and not event.modifiers():
            self._ask_for(self.chosen)
        else:
            super().keyPressEvent(event)

    def _paint_events(self, painter: QPainter) -> None:
        place, now_us = self._place, self._now_us
        judged = []
        for past in reversed(self.history.events):
            lane = self._lanes.lane(past.event.action)
            if lane is None:
                continue
            box = event_place(place, past, lane, now_us)
            gone_us = past.known_us or past.end_us
            if gone_us is not None and place.x(gone_us, now_us) < place.left - 16:
                continue
            is_chosen = (past.n_start, past.event.number) == self._chosen
            painting.paint_knowing(painter, box, place, past, now_us, self._inks)
            painting.paint_event(painter, box, past, self._inks, is_chosen=is_chosen)
            if past.event.was_right is not None and past.end_us is not None:
                judged.append((box, past.event.was_right))
            self._places.append((box, past))
        for box, was_right in judged:
            painting.paint_verdict(painter, box, place, self._inks, was_right=was_right)

    def _paint_emptiness(self, painter: QPainter) -> None:
        painter.setFont(interface_font())
        painter.setPen(theme().palette.colour("quiet"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        said = self.tr("What is recognised appears here, the newest at the right.")
        painter.drawText(self.rect().adjusted(16, 8, -16, -8), flags, said)

    def _explanation(self) -> str:
        return self.tr(
            "The last {seconds} s: a lane for each action, now at the right. It is hatched where "
            "nobody was seen; a pale frame is what a person labelled. Of a detector a thin line "
            "leads from the end of an action to the moment at which it was known. Ctrl and the "
            "wheel, or + and −, show less or more time."
        ).format(seconds=self.span_s)

    def _measure(self) -> None:
        self._lanes.show_lanes(room_for(self.height(), len(self._lanes.actions)))
        self._see(self.history.events)
        span_us = self.span_s * 1_000_000
        self._place = measures(self.width(), self.height(), self._lanes, span_us)
        self._repaint()

    def _see(self, events: Sequence[PastEvent]) -> bool:
        return self._lanes.see((past.event.action, past.start_us) for past in events)

    def _repaint(self) -> None:
        self._still = None
        self._inks = painting.Inks.of(self._lanes.colours)
        self.update()

    def _show_running(self) -> None:
        newest = self.history.events[-1] if self.history.events else None
        running = newest.event.action if newest is not None and newest.end_us is None else ""
        if running != self._running:
            self._running = running
            self._still = None

    def _at(self, position: QPointF) -> PastEvent | None:
        reach = _NEAR_PX
        found = (
            (abs(box.center().x() - position.x()), past)
            for box, past in self._places
            if box.adjusted(-reach, -reach, reach, reach).contains(position)
        )
        return min(found, key=lambda one: one[0], default=(0.0, None))[1]

    def _choose(self, past: PastEvent | None) -> None:
        self._chosen = (past.n_start, past.event.number) if past else None
        self.setAccessibleDescription(self.words_of(past) if past else "")
        self.update()

    def _ask_for(self, past: PastEvent) -> None:
        if past.frames is not None:
            self.clip_wanted.emit(past.take_id, *past.frames)

    def _zoom(self, by: int) -> None:
        self._span = min(max(self._span + by, 0), len(SPANS_S) - 1)
        self._measure()

    def _walk(self, key: int) -> None:
        oldest_us = self._now_us - self.span_s * 1_000_000
        seen = [p for p in self.history.events if p.end_us is None or p.end_us > oldest_us]
        if not seen:
            return
        chosen = self.chosen
        at = seen.index(chosen) if chosen in seen else len(seen)
        places = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(seen) - 1,
        }
        self._choose(seen[min(max(places[Qt.Key(key)], 0), len(seen) - 1)])
