"""What is recognised, as large as its place allows, to be read across a room."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.icons import pixmap
from app.pages.live import sayings
from app.pages.live.sayings import Saying
from app.theme import SPACING, interface_font, theme
from app.widgets.action_colours import line_colour

_STRIPE_PX = 8
_MARK_PX = 16
_SHARE_OF_WORD = 0.62
_GROWN = 0.22
"""The line below the word, in shares of the word."""


class AnswerView(QWidget):
    """The word of the moment, how sure it is, and a line about it.

    The size of the word changes with the window and with the model, but not from word to word.

    Args:
        least_px: The word is never smaller.
    """

    painted = Signal(int)
    """The number of the answer that is on the screen from now on."""

    def __init__(self, least_px: int = 56, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_px = least_px
        self._actions: tuple[str, ...] = ()
        self._colours: dict[str, str] = {}
        self._saying = sayings.idle()
        self._verdict = ""
        self._word_font = interface_font(least_px, semibold=True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(round(least_px * 1.6))
        self._describe()

    @property
    def saying(self) -> Saying:
        """What it shows."""
        return self._saying

    @property
    def word_px(self) -> int:
        """How large the word is."""
        return self._word_font.pixelSize()

    def show_actions(self, actions: Sequence[str], colours: dict[str, str]) -> None:
        """Make room for the names of a model; `colours` as `#RRGGBB` by name."""
        self._actions, self._colours = tuple(actions), dict(colours)
        self._fit()
        self.update()

    def show_saying(self, saying: Saying, verdict: str = "") -> None:
        """Say this now.

        Args:
            saying: The word, and what goes with it.
            verdict: On a take with labels, whether it is right, in words.
        """
        if (saying, verdict) == (self._saying, self._verdict):
            return
        is_news = saying.word != self._saying.word
        self._saying, self._verdict = saying, verdict
        if is_news:
            self._describe()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room."""
        return QSize(640, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The word grows with its place."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The colour of the action, its name, how sure, and the line."""
        said, colours = self._saying, theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = self.word_px
        line_px = max(13, round(size * _GROWN))
        word_height = QFontMetrics(self._word_font).height()
        top = max(0, (self.height() - word_height - round(line_px * 1.5)) // 2)
        block = QRect(0, top, self.width(), word_height + round(line_px * 1.5))
        if said.word:
            self._paint_stripe(painter, block)
        left = _STRIPE_PX + 2 * SPACING
        share_width = self._paint_share(painter, QRect(left, top, self.width() - left, word_height))
        place = QRect(left, top, self.width() - left - share_width, word_height)
        painter.setFont(self._word_font)
        painter.setPen(colours.colour(said.tone))
        word = painter.fontMetrics().elidedText(
            said.word, Qt.TextElideMode.ElideRight, place.width()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, word)
        below = QRect(left, top + word_height, self.width() - left, round(line_px * 1.5))
        self._paint_line(painter, below, line_px)
        painter.end()
        if said.number:
            self.painted.emit(said.number)

    def _paint_stripe(self, painter: QPainter, block: QRect) -> None:
        colour = self._colours.get(self._saying.action)
        role = line_colour(colour, "ground") if colour else theme().palette.line
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(role))
        painter.drawRoundedRect(QRectF(0, block.top(), _STRIPE_PX, block.height()), 4, 4)

    def _paint_share(self, painter: QPainter, place: QRect) -> int:
        """How sure it is, at the right end; returns the width that it keeps free."""
        font = interface_font(round(self.word_px * _SHARE_OF_WORD))
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance("100 %") + 2 * SPACING
        if self._saying.share is not None:
            painter.setPen(theme().palette.colour("quiet"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, flags, sayings.percent(self._saying.share))
        return width

    def _paint_line(self, painter: QPainter, place: QRect, line_px: int) -> None:
        colours = theme().palette
        painter.setFont(interface_font(line_px))
        metrics = painter.fontMetrics()
        flags = Qt.AlignmentFlag.AlignVCenter
        if self._verdict:
            tone = "good" if self._saying.is_right else "bad"
            mark_px = max(_MARK_PX, line_px)
            mark = pixmap(tone, getattr(colours, tone), mark_px)
            painter.drawPixmap(place.left(), place.top() + (place.height() - mark_px) // 2, mark)
            place = place.adjusted(mark_px + 6, 0, 0, 0)
            painter.setPen(colours.colour("text"))
            painter.drawText(place, flags, self._verdict)
            place = place.adjusted(metrics.horizontalAdvance(self._verdict) + 2 * SPACING, 0, 0, 0)
        painter.setPen(colours.colour("quiet"))
        painter.drawText(place, flags, self._saying.detail)
        if self._saying.share is not None:
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, right, self.tr("confidence"))

    def _fit(self) -> None:
        """The largest size at which the longest name fits."""
        highest = max(self._least_px, round(self.height() / (1.25 + 1.5 * _GROWN)))
        font = QFont(interface_font(highest, semibold=True))
        metrics = QFontMetrics(font)
        names = (*self._actions, self.tr("nobody there"))
        widest = max(metrics.horizontalAdvance(name) for name in names)
        share = QFontMetrics(interface_font(round(highest * _SHARE_OF_WORD)))
        needed = widest + share.horizontalAdvance("100 %")
        room = max(1, self.width() - _STRIPE_PX - 4 * SPACING)
        fitting = min(highest, int(highest * room / max(1, needed)))
        self._word_font = interface_font(max(self._least_px, fitting), semibold=True)

    def _describe(self) -> None:
        self.setAccessibleName(self.tr("Recognised: {word}").format(word=self._saying.word or "–"))
