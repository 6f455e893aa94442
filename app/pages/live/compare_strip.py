"""Raw and smoothed probability of the leading actions, with the thresholds of one of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pages.live.answer_history import KEPT_US, AnswerHistory
from app.theme import interface_font, theme
from app.widgets.action_colours import line_colour, mixed
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState

_N_SHOWN = 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 76, 24, 6
_POINT_PX = 1.5
_GAP_US = 500_000
_CHOSEN_AFTER_US = 300_000


class CompareStrip(QWidget):
    """The last 20 seconds: thin as the network gave it, thick smoothed, dashed the thresholds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours: dict[str, str] = {}
        self._names: list[str] = []
        self._settings = RecognitionSettings()
        self._history = AnswerHistory(0)
        self._now_us = 0
        self._step = 0
        self._chosen_at_us = 0
        self._followed: int | None = None
        self._leader: int | None = None
        self._shown: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Raw and smoothed probability of the last 20 seconds"))
        self.setToolTip(
            self.tr(
                "The last 20 seconds of the actions that came up. Thin: the leading one as the "
                "network gave it. Thick: smoothed. It begins where the thick line reaches the "
                "upper dashed line, and ends where it falls below the lower one."
            )
        )

    @property
    def leader(self) -> str | None:
        """The action whose raw line and thresholds are drawn."""
        number = self._followed if self._followed is not None else self._leader
        return self._names[number] if number is not None else None

    def show_actions(self, colours: Mapping[str, str]) -> None:
        """The actions of the model, in its order, with their colours as `#RRGGBB`."""
        if list(colours) != self._names:
            self._names = list(colours)
            self._history = AnswerHistory(len(self._names))
            self._leader = self._followed = None
            self._shown = []
        self._colours = dict(colours)
        self.update()

    def show_settings(self, settings: RecognitionSettings) -> None:
        """The thresholds that are drawn."""
        self._settings = settings
        self.update()

    def follow(self, action: str | None) -> None:
        """Draw the raw line and the thresholds of this action; None for the leading one."""
        self._followed = self._names.index(action) if action in self._names else None
        self._choose(self._now_us)
        self.update()

    def begin(self) -> None:
        """A recogniser begins: its answers are numbered from 1 again."""
        self._history.begin_again()

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; repainted when it has moved by a pixel.

        Args:
            now_us: The computer's clock, microseconds since 1970 UTC.
        """
        if self._history.add(state.answer) and now_us - self._chosen_at_us > _CHOSEN_AFTER_US:
            self._choose(now_us)
        step = int(now_us * self._plot().width() / KEPT_US)
        if step != self._step:
            self._now_us, self._step = now_us, step
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide and low."""
        return QSize(480, 136)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Still readable."""
        return QSize(280, 104)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Axes and thresholds, the raw line, the smoothed ones, who is who."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        self._paint_axes(painter, plot)
        main = self._followed if self._followed is not None else self._leader
        if main is None:
            self._paint_emptiness(painter, plot)
            return
        self._paint_thresholds(painter, plot, main)
        self._paint_lines(painter, plot, main)
        self._paint_legend(painter, plot, main)

    def _choose(self, now_us: int) -> None:
        self._chosen_at_us = now_us
        self._leader = self._history.leader(self._leader)
        main = self._followed if self._followed is not None else self._leader
        self._shown = self._history.leaders(_N_SHOWN, main)

    def _plot(self) -> QRectF:
        return QRectF(
            _LEFT, _TOP, max(1, self.width() - _LEFT - _RIGHT), self.height() - _TOP - _BOTTOM
        )

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        colours = theme().palette
        painter.setPen(QPen(QColor(mixed(colours.line, colours.surface, 0.8)), 1))
        painter.setFont(interface_font(11))
        for percent in (0, 50, 100):
            y = plot.bottom() - percent / 100 * plot.height()
            painter.setPen(QPen(colours.colour("line"), 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colours.colour("quiet"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 6, 16), flags, f"{percent} %")

    def _paint_emptiness(self, painter: QPainter, plot: QRectF) -> None:
        painter.setFont(interface_font(12))
        painter.setPen(theme().palette.colour("quiet"))
        painter.drawText(plot, Qt.AlignmentFlag.AlignCenter, self.tr("No answer yet"))

    def _paint_thresholds(self, painter: QPainter, plot: QRectF, main: int) -> None:
        colours = theme().palette
        threshold = self._settings.of(self._names[main])
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        on_y, off_y = (
            plot.bottom() - share * plot.height() for share in (threshold.on, threshold.off)
        )
        apart = max(0.0, 14 - (off_y - on_y)) / 2
        for y, word_y, text in (
            (on_y, on_y - apart, self.tr("begins {n:.0f} %").format(n=100 * threshold.on)),
            (off_y, off_y + apart, self.tr("ends {n:.0f} %").format(n=100 * threshold.off)),
        ):
            painter.setPen(QPen(colours.colour("quiet"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colours.colour("text"))
            painter.drawText(QRectF(plot.right() + 6, word_y - 8, _RIGHT - 6, 16), flags, text)

    def _paint_lines(self, painter: QPainter, plot: QRectF, main: int) -> None:
        history = self._history
        times = history.times_us
        xs = plot.right() - (self._now_us - times) * (plot.width() / KEPT_US)
        painter.save()
        painter.setClipRect(plot.adjusted(0, -2, 0, 2))
        raw = QColor(self._line(main))
        raw.setAlphaF(0.55)
        self._paint_line(
            painter, plot, xs, times, history.raw[:, main], QPen(raw, 1), extremes=True
        )
        for number in sorted(self._shown, key=lambda one: one == main):
            pen = QPen(QColor(self._line(number)), 2.5 if number == main else 1.5)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            values = history.smoothed[:, number]
            self._paint_line(painter, plot, xs, times, values, pen, extremes=False)
        painter.restore()

    def _line(self, number: int) -> str:
        return line_colour(self._colours[self._names[number]], "ground")

    @staticmethod
    def _paint_line(
        painter: QPainter,
        plot: QRectF,
        xs: NDArray[np.floating[Any]],
        times: NDArray[np.int64],
        values: NDArray[np.floating[Any]],
        pen: QPen,
        *,
        extremes: bool,
    ) -> None:
        """A line that breaks where there were no answers; no finer than can be seen."""
        painter.setPen(pen)
        ys = plot.bottom() - values * plot.height()
        breaks = np.flatnonzero(np.diff(times) > _GAP_US) + 1
        for part_x, part_y in zip(np.split(xs, breaks), np.split(ys, breaks), strict=True):
            part_x, part_y = thinned(part_x, part_y, extremes=extremes)
            points = [QPointF(x, y) for x, y in zip(part_x.tolist(), part_y.tolist(), strict=True)]
            painter.drawPolyline(points)

    def _paint_legend(self, painter: QPainter, plot: QRectF, main: int) -> None:
        colours = theme().palette
        newest = self._history.smoothed[-1] if len(self._history.times_us) else None
        x = plot.left()
        each = plot.width() / _N_SHOWN
        for number in self._shown:
            font = interface_font(12, semibold=number == main)
            painter.setFont(font)
            painter.setPen(QPen(QColor(self._line(number)), 2.5 if number == main else 1.5))
            painter.drawLine(QPointF(x, 11), QPointF(x + 14, 11))
            painter.setPen(colours.colour("text" if number == main else "quiet"))
            share = f"  {100 * newest[number]:.0f} %" if newest is not None else ""
            metrics = painter.fontMetrics()
            room = round(each - 30 - metrics.horizontalAdvance("  100 %"))
            name = metrics.elidedText(self._names[number], Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(x + 20, 15), name + share)
            x += each


def thinned(
    xs: NDArray[np.floating[Any]], ys: NDArray[np.floating[Any]], *, extremes: bool
) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """As many points as can be told apart.

    Args:
        xs: (n,) rising, pixels.
        ys: (n,) pixels.
        extremes: Keep the highest and the lowest of those that fall together, else their last.
    """
    if len(xs) < 3:
        return xs, ys
    buckets = np.floor(xs / (2 * _POINT_PX if extremes else _POINT_PX)).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(buckets) > 0])
    if len(starts) * (2 if extremes else 1) >= len(xs):
        return xs, ys
    if not extremes:
        last = np.r_[starts[1:] - 1, len(xs) - 1]
        return xs[last], ys[last]
    middle = xs[starts]
    both = np.stack([np.minimum.reduceat(ys, starts), np.maximum.reduceat(ys, starts)], axis=1)
    return np.repeat(middle, 2), both.reshape(-1)
