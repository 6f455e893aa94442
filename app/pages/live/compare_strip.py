"""Raw and smoothed probability of the leading actions, with the thresholds of one of them."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.pages.live.answer_history import KEPT_US, AnswerHistory
from app.pages.live.line_film import Line, LineFilm
from app.theme import RADIUS, interface_font, theme
from app.widgets.action_colours import line_colour, mixed
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState

_N_SHOWN = 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 84, 24, 8
_MAIN_PX, _OTHER_PX = 2.5, 1.5
_CHOSEN_AFTER_US = 300_000


class CompareStrip(QWidget):
    """The last 20 seconds: thin as the network gave it, thick smoothed, dashed the thresholds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours: dict[str, str] = {}
        self._names: list[str] = []
        self._settings = RecognitionSettings()
        self._decides_later = False
        self._history = AnswerHistory(0)
        self._now_us = 0
        self._step = 0
        self._chosen_at_us = 0
        self._followed: int | None = None
        self._leader: int | None = None
        self._shown: list[int] = []
        self._film: LineFilm | None = None
        self._still: QPixmap | None = None
        self._line_colours: dict[str, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Raw and smoothed probability of the last 20 seconds"))
        self.setToolTip(
            self.tr(
                "The last 20 seconds of the actions that came up. Thin: the leading one as the "
                "network gave it. Thick: smoothed. It begins where the thick line reaches the "
                "upper dashed line, and ends where it falls below the lower one. A click on a "
                "name, or a row of the thresholds, shows that action; a click below, the leading "
                "one."
            )
        )

    @property
    def leader(self) -> str | None:
        """The action whose raw line and thresholds are drawn."""
        return self._names[self._main] if self._main is not None else None

    def show_actions(self, colours: Mapping[str, str], *, decides_later: bool = False) -> None:
        """The actions of the model, in its order, with their colours as `#RRGGBB`.

        Args:
            decides_later: Of a detector no thresholds are drawn: they are of whole actions.
        """
        self._decides_later = decides_later
        if list(colours) != self._names:
            self._names = list(colours)
            self._history = AnswerHistory(len(self._names))
            self._leader = self._followed = None
            self._shown = []
        self._colours = dict(colours)
        self._draw_anew()

    def show_settings(self, settings: RecognitionSettings) -> None:
        """The thresholds that are drawn."""
        self._settings = settings
        self._still = None
        self.update()

    def follow(self, action: str | None) -> None:
        """Draw the raw line and the thresholds of this action; None for the leading one."""
        self._followed = self._names.index(action) if action in self._names else None
        self._choose(self._now_us)
        self._draw_anew()

    def begin(self) -> None:
        """A recogniser begins: its answers are numbered from 1 again."""
        self._history.begin_again()

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; repainted when it has moved by a pixel.

        Args:
            now_us: The computer's clock, microseconds since 1970 UTC.
        """
        is_settled = 0 <= now_us - self._chosen_at_us < _CHOSEN_AFTER_US
        if self._history.add(state.answer) and not is_settled:
            self._choose(now_us)
        step = int(now_us * self._plot().width() * self.devicePixelRatioF() / KEPT_US)
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
            self._draw_anew()

    def event(self, event: QEvent) -> bool:
        """On another screen, pixels are others."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._draw_anew()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the lines in another size."""
        super().resizeEvent(event)
        self._draw_anew()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """A click on a name follows it; anywhere else, the leading action is shown again."""
        if event.button() == Qt.MouseButton.LeftButton:
            place = self._legend_place(event.position().x())
            is_name = event.position().y() < _TOP and place is not None
            self.follow(self._names[self._shown[place]] if is_name and place is not None else None)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Axes and thresholds, the raw line, the smoothed ones, who is who."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot, main = self._plot(), self._main
        if self._still is None:
            self._still = self._still_part(plot, main)
        painter.drawPixmap(0, 0, self._still)
        if main is None:
            return
        self._paint_lines(painter, plot, main)
        self._paint_legend(painter, plot, main)

    def _choose(self, now_us: int) -> None:
        before = self._main, self._shown
        self._chosen_at_us = now_us
        self._leader = self._history.leader(self._leader)
        self._shown = self._history.leaders(_N_SHOWN, self._main)
        if (self._main, self._shown) != before:
            self._draw_anew()

    @property
    def _main(self) -> int | None:
        return self._followed if self._followed is not None else self._leader

    def _draw_anew(self) -> None:
        self._film = self._still = None
        self._line_colours = {name: line_colour(colour) for name, colour in self._colours.items()}
        self.update()

    def _plot(self) -> QRectF:
        return QRectF(
            _LEFT, _TOP, max(1, self.width() - _LEFT - _RIGHT), self.height() - _TOP - _BOTTOM
        )

    def _still_part(self, plot: QRectF, main: int | None) -> QPixmap:
        """What does not move: axes and thresholds, or why there are none."""
        ratio = self.devicePixelRatioF()
        drawn = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axes(painter, plot)
        if main is None:
            self._paint_emptiness(painter, plot)
        elif not self._decides_later:
            self._paint_thresholds(painter, plot, main)
        painter.end()
        return drawn

    def _paint_axes(self, painter: QPainter, plot: QRectF) -> None:
        colours = theme().palette
        painter.setPen(QPen(colours.colour("line"), 1))
        painter.setBrush(colours.colour("surface"))
        ground = plot.adjusted(0.5, -3.5, -0.5, 3.5)
        painter.drawRoundedRect(ground, RADIUS, RADIUS)
        painter.setFont(interface_font(11))
        for percent in (0, 50, 100):
            y = plot.bottom() - percent / 100 * plot.height()
            painter.setPen(QPen(QColor(mixed(colours.line, colours.surface, 0.6)), 1))
            painter.drawLine(QPointF(plot.left() + 1, y), QPointF(plot.right() - 1, y))
            painter.setPen(colours.colour("quiet"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 6, 16), flags, f"{percent} %")
        room = QRectF(plot.right() + 6, 3, _RIGHT - 6, 16)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, flags, self.tr("last {n} s").format(n=KEPT_US // 1_000_000))

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
        if self._film is None:
            ratio = self.devicePixelRatioF()
            self._film = LineFilm(round(plot.width()), round(plot.height()), ratio, KEPT_US)
            self._film.picture.setDevicePixelRatio(1)
        raw = history.raw[:, main]
        lines = [Line(raw, self._line(main), 1, 0.6, keeps_extremes=True)]
        for number in sorted(self._shown, key=lambda one: one == main):
            width = _MAIN_PX if number == main else _OTHER_PX
            lines.append(Line(history.smoothed[:, number], self._line(number), width))
        self._film.move_on(self._now_us, history.times_us, lines)
        picture = self._film.picture
        painter.drawPixmap(plot, picture, QRectF(picture.rect()))

    def _line(self, number: int) -> str:
        return self._line_colours[self._names[number]]

    def _paint_legend(self, painter: QPainter, plot: QRectF, main: int) -> None:
        colours = theme().palette
        newest = self._history.smoothed[-1] if len(self._history.times_us) else None
        each = plot.width() / _N_SHOWN
        for place, number in enumerate(self._shown):
            x = plot.left() + place * each
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

    def _legend_place(self, x: float) -> int | None:
        plot = self._plot()
        place = int((x - plot.left()) * _N_SHOWN // plot.width())
        return place if 0 <= place < len(self._shown) else None
