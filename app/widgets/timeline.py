"""The labels of one take over time, for a person who labels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
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

from app.theme import theme
from app.widgets import timeline_painting as painting
from app.widgets.timeline_blocks import Block, Suggested
from app.widgets.timeline_content import TimelineContent
from app.widgets.timeline_window import ZOOM_STEP
from fsamt_engine.library.records import Action, Segment

_DRAG_PX = 4


@dataclass
class _Drag:
    """What the mouse does while its button is down.

    Attributes:
        what: "scrub", "edge", "overview", "pan", or "press": not known yet.
        block: Whose edge is dragged, or what was pressed on.
        fixed: The boundary (in frames) that stays where it is.
        moving: The boundary that follows the mouse.
        grip: How far the mouse was from what it moves, in frames.
    """

    what: str
    at: QPoint
    block: Block | None = None
    fixed: int = 0
    moving: int = 0
    grip: float = 0.0

    @property
    def interval(self) -> tuple[int, int]:
        """From the earlier to the later boundary."""
        return min(self.fixed, self.moving), max(self.fixed, self.moving)


class SegmentTimeline(QWidget):
    """Shows segments, suggestions and the playhead; tells what a person wants, and changes nothing.

    A click chooses and goes there; an edge is dragged; dragging over an unlabelled place (or with
    Shift anywhere) draws an interval. Edges snap to frames, and to neighbours and the playhead
    where these are near (Alt: to frames only). The wheel zooms at the pointer, Shift and the wheel
    move through the take.
    """

    segment_chosen = Signal(int)
    """Id of the segment, -1 for none."""
    suggestion_chosen = Signal(int)
    """Id of the suggestion."""
    edges_moved = Signal(int, int, int)
    """Id of a segment, and its new start and end."""
    interval_drawn = Signal(int, int)
    """Start and end of an interval that was drawn; (-1, -1) where a click took it back."""
    frame_wanted = Signal(int)
    """The frame to show now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = TimelineContent()
        self._window = self._content.window
        self._chosen: int | None = None
        self._chosen_suggestion: int | None = None
        self._playhead = 0
        self._pending: tuple[str, int, int] | None = None
        self._drawn: tuple[int, int] | None = None
        self._drag: _Drag | None = None
        self._small: QPixmap | None = None
        self._still: tuple[object, QPixmap] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleName(self.tr("Labels over time"))
        theme().changed.connect(self._recolour)

    @property
    def chosen(self) -> int | None:
        """Id of the chosen segment."""
        return self._chosen

    @property
    def drawn(self) -> tuple[int, int] | None:
        """The interval that was drawn and is still marked."""
        return self._drawn

    def show_labels(
        self,
        segments: Sequence[Segment],
        suggestions: Sequence[Suggested],
        n_frames: int,
        actions: Sequence[Action],
        times_us: NDArray[np.int64] | None = None,
    ) -> None:
        """Show the labels of a take; what was zoomed and chosen stays where the take does.

        Args:
            segments: Of the take.
            suggestions: Of the take; shown as such.
            n_frames: Of the take.
            actions: For their colours.
            times_us: (n_frames,) when each frame was taken, from 0; None writes frame numbers.
        """
        if self._content.show_take(n_frames, times_us):
            self._playhead = 0
            self._drawn = self._pending = self._drag = None
        self._content.show_labels(segments, suggestions, actions)
        self._small = self._still = None
        if self._chosen not in self._content.segments:
            self._chosen = None
        if self._chosen_suggestion not in self._content.suggestions:
            self._chosen_suggestion = None
        self._describe()

    def show_playhead(self, frame: int) -> None:
        """Mark the frame that is on screen, and keep it in sight."""
        self._playhead = frame
        if self._drag is None:
            self._window.follow(frame)
        self.update()

    def show_pending(self, action: str, start: int, end: int) -> None:
        """Show what a held key would label so far; an empty interval shows nothing more."""
        self._pending = (action, start, end) if end > start else None
        self.update()

    def hide_pending(self) -> None:
        """The key was let go."""
        self._pending = None
        self.update()

    def mark_interval(self, start: int, end: int) -> None:
        """Mark an interval as if it had been drawn; an empty one takes the mark away."""
        self._drawn = (start, end) if end > start else None
        self.update()

    def choose(self, segment_id: int | None) -> None:
        """Mark a segment as the chosen one, and bring it into sight."""
        self._chosen = segment_id
        self._chosen_suggestion = None
        block = self._content.segments.get(segment_id)
        if block is not None:
            self._content.bring_into_sight(block)
        self._describe()

    def choose_suggestion(self, suggestion_id: int | None) -> None:
        """Mark a suggestion as the chosen one, and bring it into sight."""
        self._chosen_suggestion = suggestion_id
        self._chosen = None
        block = self._content.suggestions.get(suggestion_id)
        if block is not None:
            self._content.bring_into_sight(block)
        self._describe()

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much; the playhead stays where it is."""
        x = self._window.x(self._playhead + 0.5)
        place = painting.track_place(self.width())
        self._window.zoom(factor, x if place.left() <= x <= place.right() else place.center().x())
        self.update()

    def show_whole(self) -> None:
        """Show all of the take."""
        self._window.show_whole()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room."""
        height = painting.RULER_PX + painting.TRACK_PX + painting.GAP_PX + painting.OVERVIEW_PX
        return QSize(640, height)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Spread over the new width."""
        super().resizeEvent(event)
        place = painting.track_place(self.width())
        self._window.place(place.left(), place.width())
        self._small = self._still = None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window = self._window
        self._paint_still(painter)
        if not window.n_frames:
            return
        painter.save()
        painter.setClipRect(painting.track_place(self.width()))
        self._paint_drag(painter)
        painter.restore()
        if window.first <= self._playhead <= window.last:
            painting.paint_playhead(painter, window, self._playhead)
        if not window.is_whole:
            painting.paint_overview(painter, window, self._overview(), self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to scrub, to move an edge, to draw, or to move the window."""
        at = event.position().toPoint()
        if not self._window.n_frames:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._drag = _Drag("pan", at, grip=self._window.position(at.x()))
        elif event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._begin(at, event.modifiers())
            if self._drag.what == "scrub":
                self._want(self._window.frame(at.x()))
            elif self._drag.what == "overview":
                self._move_overview(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go on with it; without a button, show what a press would do."""
        at = event.position().toPoint()
        drag = self._drag
        if drag is None:
            self.setCursor(self._cursor_at(at))
            return
        if drag.what == "press" and abs(at.x() - drag.at.x()) >= _DRAG_PX:
            drag.what = "draw"
        if drag.what == "scrub":
            self._want(self._window.frame(at.x()))
        elif drag.what == "overview":
            self._move_overview(at)
        elif drag.what == "pan":
            shift = self._window.position(at.x()) - drag.grip
            self._window.move_to(self._window.first - shift)
            self.update()
        elif drag.what in ("edge", "draw"):
            self._move_boundary(drag, at, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Tell what was wanted."""
        drag, self._drag = self._drag, None
        self.update()
        if drag is None:
            return
        start, end = drag.interval
        if drag.what == "press":
            self._click(drag)
        elif drag.what == "edge" and drag.block is not None:
            if (start, end) != (drag.block.start, drag.block.end):
                self.edges_moved.emit(drag.block.id, start, end)
        elif drag.what == "draw" and end > start:
            self._drawn = (start, end)
            self.interval_drawn.emit(start, end)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom at the pointer; with Shift, or sideways, move through the take."""
        turn = event.angleDelta()
        moves = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._window.turn(turn.y(), turn.x(), event.position().x(), moves=moves)
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape gives a drag up; Ctrl with +, - and 0 zooms. All else is the page's."""
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.update()
        elif with_control and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1 / ZOOM_STEP)
        elif with_control and event.key() == Qt.Key.Key_Minus:
            self.zoom(ZOOM_STEP)
        elif with_control and event.key() == Qt.Key.Key_0:
            self.show_whole()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.words_at(event.pos()), self)
            return True
        return super().event(event)

    def words_at(self, at: QPoint) -> str:
        """What the tooltip says of a place."""
        block = self._content.block_at(at, self.width())
        if block is None:
            return self.tr(
                "Drag to mark an interval; drag an edge to move it by frames.\n"
                "The wheel zooms, Shift and the wheel move through the take (Ctrl+0: all of it)."
            )
        words = self.tr("{name}: frames {first} to {last}").format(
            name=block.name or self.tr("no guess"), first=block.start + 1, last=block.end
        )
        begin, end = (
            self._content.ruler.seconds(block.start),
            self._content.ruler.seconds(block.end),
        )
        if begin is not None and end is not None:
            words += f" · {end - begin:.2f} s"
        if not block.is_suggestion:
            return words
        return self.tr("Suggested, not a label yet. {words}\n{reason}").format(
            words=words, reason=block.reason
        )

    def _begin(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> _Drag:
        if at.y() < painting.RULER_PX:
            return _Drag("scrub", at)
        small = painting.overview_place(self.width())
        if at.y() >= small.top() - 2 and not self._window.is_whole:
            return _Drag("overview", at)
        is_drawing = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        edge = None if is_drawing else self._content.edge_at(at, self._chosen, self.width())
        if edge is not None:
            block, is_start = edge
            fixed, moving = (block.end, block.start) if is_start else (block.start, block.end)
            return _Drag("edge", at, block, fixed, moving)
        block_here = None if is_drawing else self._content.block_at(at, self.width())
        boundary = self._window.edge(at.x())
        what = "scrub" if block_here is not None else "press"
        if what == "scrub" and block_here is not None:
            self._choose_block(block_here)
        return _Drag(what, at, block_here, boundary, boundary)

    def _click(self, drag: _Drag) -> None:
        """A press on an unlabelled place that drew nothing: nothing is chosen any more."""
        self._chosen = self._chosen_suggestion = None
        self._describe()
        if self._drawn is not None:
            self._drawn = None
            self.interval_drawn.emit(-1, -1)
        self.segment_chosen.emit(-1)
        self._want(self._window.frame(drag.at.x()))

    def _choose_block(self, block: Block) -> None:
        if block.is_suggestion:
            self._chosen, self._chosen_suggestion = None, block.id
            self.suggestion_chosen.emit(block.id)
        else:
            self._chosen, self._chosen_suggestion = block.id, None
            self.segment_chosen.emit(block.id)
        self._describe()

    def _move_boundary(self, drag: _Drag, at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.AltModifier:
            moving = self._window.edge(at.x())
        else:
            playhead = self._playhead if drag.what == "draw" else None
            moving = self._content.snapped(at.x(), drag.block, playhead)
        if drag.what == "edge" and drag.block is not None:
            is_start = drag.fixed == drag.block.end
            low, high = (0, drag.fixed - 1) if is_start else (drag.fixed + 1, self._window.n_frames)
            moving = min(max(moving, low), high)
        if moving != drag.moving:
            drag.moving = moving
            shown = moving if moving < drag.fixed else moving - 1
            self._want(max(0, min(shown, self._window.n_frames - 1)))
        self.update()

    def _cursor_at(self, at: QPoint) -> Qt.CursorShape:
        if self._content.edge_at(at, self._chosen, self.width()) is not None:
            return Qt.CursorShape.SizeHorCursor
        if (
            painting.track_place(self.width()).contains(at)
            and self._content.block_at(at, self.width()) is None
        ):
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.ArrowCursor

    def _move_overview(self, at: QPoint) -> None:
        place = painting.overview_place(self.width())
        share = (at.x() - place.left()) / place.width()
        self._window.move_to(share * self._window.n_frames - self._window.n_shown / 2)
        self.update()

    def _want(self, frame: int) -> None:
        if frame != self._playhead:
            self._playhead = frame
            self.update()
        self.frame_wanted.emit(frame)

    def _paint_still(self, painter: QPainter) -> None:
        """What does not change while a take plays; painted once, since it can be thousands."""
        window, ratio = self._window, self.devicePixelRatioF()
        key = (window.first, window.n_shown, self._chosen, self._chosen_suggestion, ratio)
        if self._still is None or self._still[0] != key:
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            still = QPainter(drawn)
            still.setRenderHint(QPainter.RenderHint.Antialiasing)
            painting.paint_ruler(still, window, self._content.ruler, self.width())
            painting.paint_track(still, window, self.width())
            still.setClipRect(painting.track_place(self.width()))
            painting.paint_blocks(still, window, self._content.segments, self._chosen)
            painting.paint_blocks(still, window, self._content.suggestions, self._chosen_suggestion)
            still.end()
            self._still = (key, drawn)
        painter.drawPixmap(0, 0, self._still[1])

    def _paint_drag(self, painter: QPainter) -> None:
        colours, drag = theme().palette, self._drag
        if self._drawn is not None and (drag is None or drag.what != "draw"):
            painting.paint_drawn(painter, self._window, *self._drawn, colours.accent)
        if drag is not None and drag.what == "draw":
            painting.paint_drawn(painter, self._window, *drag.interval, colours.accent)
        if drag is not None and drag.what == "edge" and drag.block is not None:
            painting.paint_drawn(painter, self._window, *drag.interval, drag.block.colour)
        if self._pending is not None:
            action, start, end = self._pending
            colour = self._content.colour(action)
            painting.paint_drawn(painter, self._window, start, end, colour, action)

    def _overview(self) -> QPixmap:
        if self._small is None:
            width = painting.overview_place(self.width()).width()
            ratio = self.devicePixelRatioF()
            self._small = painting.overview(
                self._content.segments, self._window.n_frames, width, ratio
            )
        return self._small

    def _recolour(self) -> None:
        self._content.recolour()
        self._small = self._still = None
        self.update()

    def _describe(self) -> None:
        """For a screen reader."""
        words = self.tr("{segments} segments, {suggestions} suggestions").format(
            segments=len(self._content.segments), suggestions=len(self._content.suggestions)
        )
        block = self._content.segments.get(self._chosen)
        if block is not None:
            words += self.tr("; chosen: {name}, frames {first} to {last}").format(
                name=block.name, first=block.start + 1, last=block.end
            )
        self.setAccessibleDescription(words)
        self.update()
