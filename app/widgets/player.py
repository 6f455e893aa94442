"""Colour and depth of one take, played side by side in step."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.action_colours import colours_of
from app.widgets.depth_colours import DepthRange
from app.widgets.playing.controls import PlayControls
from app.widgets.playing.overlays import Overlays
from app.widgets.playing.picture_stage import PictureStage
from app.widgets.playing.range_tool import RangeTool
from app.widgets.playing.region_tool import RegionTool
from app.widgets.scrub_bar import ScrubBar
from app.widgets.take_frames import OpenedTake, TakeFiles, TakeFrames
from fsamt_engine.library.records import Action, Segment, StreamKind

_TICK_MS = 8
_ZOOM_STEP = 1.25


class Player(QWidget):
    """Plays takes. Space plays and pauses, the arrows go from frame to frame.

    The clock follows the recorded times. A moment is shown when both of its pictures are decoded,
    so colour and depth stay in step whatever the machine can do; the window never waits for them.

    Attributes:
        index: The moment that is wanted; `shown` says which is on screen.
        controls: The buttons below the pictures.
        pictures: The pictures, and what is written beside them.
        zoom: What part of the pictures is shown; Ctrl with plus, minus and 0 changes it.
    """

    moment_changed = Signal(int)
    opened = Signal(object)
    """`OpenedTake`: what the files turned out to hold."""
    failed = Signal(object)
    """A `Problem`."""
    region_drawn = Signal(object)
    """After `draw_region`: x0, y0, x1, y1 as shares of the depth picture, or None for no region."""
    region_left = Signal()
    """Drawing a region has ended, whether one was drawn or not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = 0
        self._shown = -1
        self._n_moments = 0
        self._files: TakeFiles | None = None
        self._frames: TakeFrames | None = None
        self._retired: list[TakeFrames] = []
        self._played_from = (0.0, 0.0)
        self._interval: tuple[int, int] | None = None
        self._labels: tuple[Sequence[Segment], Sequence[Action]] = ((), ())
        self._clock = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        self._build()
        theme().changed.connect(self._paint_labels)
        self.show_take(None)

    def _build(self) -> None:
        self.pictures = PictureStage()
        self.zoom, self.scale = self.pictures.zoom, self.pictures.scale
        self.colour_view, self.depth_view = self.pictures.colour_view, self.pictures.depth_view
        self.scrub = ScrubBar()
        self.scrub.setAccessibleName(self.tr("Position in the take"))
        self.scrub.valueChanged.connect(self.go_to)
        self.controls = PlayControls()
        self.controls.stepped.connect(self.step)
        self.controls.toggled.connect(self.toggle)
        self.controls.speed_changed.connect(self._restart_clock)
        self.range_tool = RangeTool()
        self.range_tool.range_chosen.connect(self._range_chosen)
        self.sensor = QComboBox()
        self.sensor.setAccessibleName(self.tr("Beside colour"))
        self.sensor.setToolTip(self.tr("What is shown beside colour: depth or infrared"))
        self.sensor.currentIndexChanged.connect(self._sensor_chosen)
        self.overlays = Overlays(self.colour_view, self.depth_view, self)
        self.overlays.status_changed.connect(self.pictures.show_status)
        self.region_tool = RegionTool(self.depth_view, self)
        self.region_tool.drawn.connect(self.region_drawn)
        self.region_tool.ended.connect(self.region_left)
        self.controls.tools.addWidget(self.sensor)
        self.controls.tools.addWidget(self.range_tool)
        self.controls.tools.addWidget(self.overlays.tool)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.pictures, 1)
        layout.addWidget(self.scrub)
        layout.addWidget(self.controls)

    @property
    def is_playing(self) -> bool:
        """Whether the clock runs."""
        return self._clock.isActive()

    @property
    def shown(self) -> int:
        """The moment whose pictures are on screen, -1 before the first."""
        return self._shown

    @property
    def n_moments(self) -> int:
        """Moments of the take."""
        return self._n_moments

    @property
    def interval(self) -> tuple[int, int] | None:
        """The marked interval, end not included."""
        return self._interval

    def show_take(self, files: TakeFiles | None) -> None:
        """Show the first moment of a take; None for an empty player. No interval is marked then."""
        self.pause()
        self._retire()
        self._files = files
        self._shown = -1
        self.index = 0
        self._n_moments = len(files.timeline) if files else 0
        self.range_tool.show_found(None)
        self.region_tool.end()
        self.overlays.show_take(None)
        self.pictures.show_take(files)
        self._offer_sensors(files)
        self.controls.allow(self._n_moments > 0)
        self.scrub.setEnabled(self._n_moments > 0)
        self.scrub.blockSignals(True)
        self.scrub.setRange(0, max(0, self._n_moments - 1))
        self.scrub.setValue(0)
        self.scrub.blockSignals(False)
        self.show_segments((), ())
        self.show_interval(None)
        self._write_position()
        if files is None or not self._n_moments:
            return
        self._frames = TakeFrames(files, self)
        self._frames.opened.connect(self._take_opened)
        self._frames.moment_ready.connect(self._moment_arrived)
        self._frames.failed.connect(self._take_failed)
        self._frames.show_range(self.range_tool.chosen)
        self._frames.want(0)
        self._frames.start()
        self.overlays.show_take(files)

    def show_segments(self, segments: Sequence[Segment], actions: Sequence[Action]) -> None:
        """Show the labels of the take on the scrub bar, in the colours of their actions."""
        self._labels = (segments, actions)
        self._paint_labels()

    def show_interval(self, start: int | None = None, end: int | None = None) -> None:
        """Mark an interval, `end` not included, which can be played alone; None marks nothing."""
        is_given = start is not None and end is not None and 0 <= start < end
        self._interval = (
            (start, end) if is_given and start is not None and end is not None else None
        )
        self.scrub.show_interval(self._interval)
        self.controls.allow_interval(self._interval is not None)

    def play_only_interval(self, is_only: bool = True) -> None:
        """Press (or let go) the button that plays only the marked interval."""
        self.controls.interval.setChecked(is_only)

    def draw_region(self) -> None:
        """Let the user draw on depth where the participant is; `region_drawn` tells it."""
        if self._files is not None and self._files.depth_path is not None:
            self.pause()
            self.region_tool.begin(self._files.take.region)

    def play(self) -> None:
        """Run the clock; from the start where the take (or the interval) was at its end."""
        if self._frames is None or self._n_moments < 2:
            return
        begin, end = self._bounds()
        if not begin <= self.index < end - 1:
            self.go_to(begin)
        self._restart_clock()
        self._clock.start()
        self.controls.show_playing(True)

    def pause(self) -> None:
        """Stop the clock."""
        self._clock.stop()
        self.controls.show_playing(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def step(self, n_frames: int) -> None:
        """Pause, and go some frames on or back."""
        self.pause()
        self.go_to(self.index + n_frames)

    def go_to(self, index: int) -> None:
        """Show a moment as soon as it is decoded."""
        if not self._n_moments:
            return
        self.index = max(0, min(index, self._n_moments - 1))
        self._restart_clock()
        self._show_if_ready()

    def close_files(self) -> None:
        """Let go of every file, and wait until the decoding threads have ended."""
        self.show_take(None)
        for frames in list(self._retired):
            frames.close()
        self.overlays.close_files()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Act on a key of the player; False where it is not one."""
        key = event.key()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self._zoom_by_key(key)
        if key == Qt.Key.Key_Space:
            self.toggle()
        elif key in steps:
            self.step(steps[Qt.Key(key)])
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The player's keys, where no control of it took them."""
        if not self.handle_key(event):
            super().keyPressEvent(event)

    def _zoom_by_key(self, key: int) -> bool:
        middle = QPointF(0.5, 0.5)
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom.zoom(_ZOOM_STEP, middle)
        elif key == Qt.Key.Key_Minus:
            self.zoom.zoom(1 / _ZOOM_STEP, middle)
        elif key == Qt.Key.Key_0:
            self.zoom.show_whole()
        else:
            return False
        return True

    def _retire(self) -> None:
        if self._frames is None:
            return
        frames, self._frames = self._frames, None
        for signal in (frames.opened, frames.moment_ready, frames.failed):
            signal.disconnect()
        self._retired.append(frames)
        frames.ended.connect(self._forget_ended)
        frames.ask_to_end()

    def _forget_ended(self) -> None:
        for frames in [retired for retired in self._retired if not retired.is_running]:
            self._retired.remove(frames)
            frames.deleteLater()

    def _take_opened(self, opened: OpenedTake) -> None:
        self._n_moments = opened.n_moments
        self.scrub.setMaximum(max(0, opened.n_moments - 1))
        if self._files is not None and self._files.depth_path is not None:
            self.range_tool.show_found(opened.range)
        self._write_position()
        self.opened.emit(opened)

    def _take_failed(self, problem: object) -> None:
        self.pause()
        self.pictures.show_failure()
        self.failed.emit(problem)

    def _offer_sensors(self, files: TakeFiles | None) -> None:
        """Let be chosen what is shown beside colour, where there is a choice."""
        sensors = files.sensors if files is not None else ()
        names = {
            StreamKind.DEPTH: self.tr("Depth"),
            StreamKind.INFRARED: self.tr("Infrared"),
            StreamKind.SKELETON: self.tr("Skeleton"),
        }
        self.sensor.blockSignals(True)
        self.sensor.clear()
        for kind in sensors:
            self.sensor.addItem(names[kind], kind)
        self.sensor.blockSignals(False)
        self.sensor.setVisible(len(sensors) > 1)

    def _sensor_chosen(self) -> None:
        if self._frames is not None:
            self._frames.show_sensor(StreamKind(self.sensor.currentData()))
            self._show_if_ready()

    def _range_chosen(self, shown: DepthRange | None) -> None:
        if self._frames is not None:
            self._frames.show_range(shown)
            self._show_if_ready()

    def _moment_arrived(self, index: int) -> None:
        if index == self.index:
            self._show_if_ready()

    def _show_if_ready(self) -> None:
        if self._frames is None:
            return
        moment = self._frames.want(self.index)
        if moment is None:
            return
        is_new = self._shown != moment.index
        self._shown = moment.index
        self.pictures.show_moment(moment)
        self.scrub.blockSignals(True)
        self.scrub.setValue(self.index)
        self.scrub.blockSignals(False)
        self._write_position()
        if is_new:
            self.overlays.show_moment(moment.index)
            self.moment_changed.emit(moment.index)

    def _bounds(self) -> tuple[int, int]:
        """The first moment that is played, and the one after the last."""
        whole = (0, self._n_moments)
        if self._interval is None or not self.controls.interval.isChecked():
            return whole
        begin, end = self._interval
        end = min(end, self._n_moments)
        return (begin, end) if begin < end else whole

    def _tick(self) -> None:
        """Follow the clock; wait for the decoder where it is behind, rather than jump."""
        if self._files is None:
            return
        if self._shown != self.index:
            self._restart_clock()
            return
        timeline = self._files.timeline
        started_at, from_us = self._played_from
        elapsed_us = (time.monotonic() - started_at) * 1e6 * self.controls.speed.currentData()
        now_us = from_us + elapsed_us
        begin, end = self._bounds()
        if now_us >= timeline.ends_us(end - 1) or not begin <= self.index < end:
            if self.controls.loop.isChecked():
                self.go_to(begin)
            else:
                self.pause()
                self.go_to(end - 1)
            return
        index = min(timeline.at(now_us), end - 1)
        if index != self.index:
            self.index = index
            self._show_if_ready()

    def _restart_clock(self) -> None:
        if self._files is not None and self._n_moments:
            self._played_from = (
                time.monotonic(),
                float(self._files.timeline.times_us[self.index]),
            )

    def _paint_labels(self) -> None:
        segments, actions = self._labels
        colours, quiet = colours_of(actions), theme().palette.quiet
        self.scrub.show_segments([(s.start, s.end, colours.get(s.action, quiet)) for s in segments])

    def _write_position(self) -> None:
        if self._files is None or not self._n_moments:
            self.controls.position.setText("")
            return
        at = min(self.index, len(self._files.timeline) - 1)
        seconds = self._files.timeline.times_us[at] / 1e6
        text = self.tr("frame {number} of {count} · {seconds:.2f} s").format(
            number=at + 1, count=self._n_moments, seconds=seconds
        )
        self.controls.position.setText(text)
        self.pictures.write_skew(at)
