"""Two bands over one time axis: what is true in a take above, what was found in it below."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
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
from app.widgets import bands_painting as painting
from app.widgets.bands_content import BandItem, BandsContent
from app.widgets.timeline_window import ZOOM_STEP
from fsamt_engine.library.records import Action


class Bands(QWidget):
    """Shows intervals, chooses them and tells where to go; it changes nothing.

    A click on an interval chooses it and goes to its start, a click beside it goes there; pressed
    on the ruler, the mouse scrubs. The wheel zooms at the pointer, Shift and the wheel (or the
    middle button, or the small take below) move through the take. Only what is in sight is painted,
    and once for as long as nothing but the playhead moves.
    """

    item_chosen = Signal(int)
    """Id of the item; -1 for none."""
    frame_wanted = Signal(int)
    """The frame to show now."""
    menu_wanted = Signal(int, QPoint)
    """Id of an item, and where on the screen its menu is wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = BandsContent()
        self._window = self.content.window
        self._names = (self.tr("Truth"), self.tr("Found"))
        self._words_of: Callable[[int], str] = lambda item_id: ""
        self._chosen: int | None = None
        self._playhead = 0
        self._held: tuple[str, float] | None = None
        self._still: tuple[object, QPixmap] | None = None
        self._small: QPixmap | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(painting.HEIGHT_PX)
        self.setAccessibleName(self.tr("What is true and what was found over time"))
        theme().changed.connect(self._recolour)

    @property
    def chosen(self) -> BandItem | None:
        """The chosen item."""
        return None if self._chosen is None else self.content.items.get(self._chosen)

    @property
    def playhead(self) -> int:
        """The marked frame."""
        return self._playhead

    def show_take(self, n_frames: int, times_us: NDArray[np.int64] | None = None) -> None:
        """Show all of a take, with nothing on its bands yet.

        Args:
            n_frames: Of its main stream.
            times_us: (n_frames,) when each frame was taken, from 0; None writes frame numbers.
        """
        self.content.show_take(n_frames, times_us)
        self._playhead = 0
        self._chosen = self._held = None
        self._redraw()

    def show_items(
        self,
        items: Iterable[BandItem],
        actions: Sequence[Action],
        names: tuple[str, str],
        words_of: Callable[[int], str],
    ) -> None:
        """Show other intervals; what is zoomed stays, and what is chosen where it still is.

        Args:
            items: Of both bands.
            actions: For their colours.
            names: Of the upper and of the lower band, each a short word.
            words_of: What is said of an item where the mouse rests on it, and to a screen reader.
        """
        self._words_of = words_of
        self.content.show_items(items, actions)
        self._names = names
        if self._chosen not in self.content.items:
            self._chosen = None
        self._redraw()

    def choose(self, item_id: int | None) -> None:
        """Mark an item, and bring it into sight."""
        self._chosen = item_id if item_id in self.content.items else None
        if self.chosen is not None:
            self.content.bring_into_sight(self.chosen)
        self._redraw()

    def show_playhead(self, frame: int) -> None:
        """Mark the frame that is on screen, and keep it in sight."""
        self._playhead = frame
        if self._held is None:
            self._window.follow(frame)
        self.update()

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much; the playhead stays where it is."""
        x = self._window.x(self._playhead + 0.5)
        place = painting.band_place(self.width(), is_below=False)
        self._window.zoom(factor, x if place.left() <= x <= place.right() else place.center().x())
        self.update()

    def show_whole(self) -> None:
        """Show all of the take."""
        self._window.show_whole()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room."""
        return QSize(560, painting.HEIGHT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Spread over the new width."""
        super().resizeEvent(event)
        place = painting.band_place(self.width(), is_below=False)
        self._window.place(place.left(), place.width())
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is in sight."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window = self._window
        painter.drawPixmap(0, 0, self._painted_still())
        if not window.n_frames:
            return
        if window.first <= self._playhead <= window.last:
            painting.paint_playhead(painter, window, self._playhead)
        if not window.is_whole:
            painting.paint_overview(painter, window, self._overview(), self.width())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose, go there, scrub, or take hold of the window."""
        at = event.position().toPoint()
        if not self._window.n_frames:
            return
        if event.button() == Qt.MouseButton.MiddleButton:
            self._held = ("pan", self._window.position(at.x()))
        elif event.button() == Qt.MouseButton.LeftButton:
            if at.y() >= painting.overview_place(self.width()).top() - 2:
                self._held = ("overview", 0.0)
                self._move_overview(at)
                return
            item = self.content.item_at(at, self.width())
            if item is not None:
                self._choose_by_hand(item)
                return
            self._held = ("scrub", 0.0)
            if at.y() >= painting.RULER_PX and self._chosen is not None:
                self._choose_by_hand(None)
            self.frame_wanted.emit(self._window.frame(at.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Go on with what is held; without a button, show what can be clicked."""
        at = event.position().toPoint()
        if self._held is None:
            is_over = self.content.item_at(at, self.width()) is not None
            shape = Qt.CursorShape.PointingHandCursor if is_over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        what, grip = self._held
        if what == "scrub":
            self.frame_wanted.emit(self._window.frame(at.x()))
        elif what == "overview":
            self._move_overview(at)
        else:
            self._window.move_to(self._window.first - self._window.position(at.x()) + grip)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let go."""
        self._held = None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for the menu of what is under the mouse, or of what is chosen."""
        item = self.chosen
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            item = self.content.item_at(event.pos(), self.width())
            if item is not None:
                self._choose_by_hand(item)
        if item is not None:
            self.menu_wanted.emit(item.id, event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom at the pointer; with Shift, or sideways, move through the take."""
        turn = event.angleDelta()
        moves = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._window.turn(turn.y(), turn.x(), event.position().x(), moves=moves)
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Plus, minus and 0 zoom, with Ctrl or without. All else is the page's."""
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1 / ZOOM_STEP)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom(ZOOM_STEP)
        elif event.key() == Qt.Key.Key_0:
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
        item = self.content.item_at(at, self.width())
        if item is not None:
            return self._words_of(item.id)
        return self.tr(
            "A click goes there. The wheel zooms, Shift and the wheel move through the take "
            "(Ctrl+0: all of it)."
        )

    def _choose_by_hand(self, item: BandItem | None) -> None:
        self._chosen = None if item is None else item.id
        self._redraw()
        self.item_chosen.emit(-1 if item is None else item.id)

    def _move_overview(self, at: QPoint) -> None:
        place = painting.overview_place(self.width())
        share = (at.x() - place.left()) / place.width()
        self._window.move_to(share * self._window.n_frames - self._window.n_shown / 2)
        self.update()

    def _painted_still(self) -> QPixmap:
        """What does not change while a take plays; painted once, since it can be thousands."""
        window, ratio, content = self._window, self.devicePixelRatioF(), self.content
        key = (window.first, window.n_shown, ratio)
        if self._still is None or self._still[0] != key:
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            still = QPainter(drawn)
            still.setRenderHint(QPainter.RenderHint.Antialiasing)
            painting.paint_ruler(still, window, content.ruler, self.width())
            painting.paint_ground(still, self._names, self.width())
            for blocks, is_below in ((content.above, False), (content.below, True)):
                place = painting.band_place(self.width(), is_below=is_below)
                still.setClipRect(place)
                painting.paint_band(still, window, blocks, place, content.look, self._chosen)
                still.setClipping(False)
                painting.paint_marks(still, window, blocks, content.is_error, is_below=is_below)
            still.end()
            self._still = (key, drawn)
        return self._still[1]

    def _overview(self) -> QPixmap:
        if self._small is None:
            self._small = painting.overview(
                self.content.above,
                self.content.below,
                self._window.n_frames,
                painting.overview_place(self.width()).width(),
                self.devicePixelRatioF(),
            )
        return self._small

    def _recolour(self) -> None:
        self.content.recolour()
        self._redraw()

    def _redraw(self) -> None:
        self._still = self._small = None
        content = self.content
        words = self.tr("{above} above, {below} below").format(
            above=len(content.above), below=len(content.below)
        )
        if self.chosen is not None:
            words += self.tr("; chosen: {words}").format(words=self._words_of(self.chosen.id))
        self.setAccessibleDescription(words)
        self.update()
