"""What the person before the camera reads from across the room."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.theme import RADIUS, SPACING, interface_font, theme

BAND_PX, LARGEST_BAND_PX = 72, 128


class PromptKind(Enum):
    """What the participant does now."""

    IDLE = "idle"
    COUNTDOWN = "countdown"
    RECORDING = "recording"
    REST = "rest"


@dataclass(frozen=True)
class Prompt:
    """What is said to the participant.

    Attributes:
        words: The action to perform, or what else there is to know.
        number: Seconds to go, or seconds so far, as it is written.
        detail: Which take of how many.
        share: How much of this phase is over, 0..1; None where it has no end of its own.
    """

    kind: PromptKind = PromptKind.IDLE
    words: str = ""
    number: str = ""
    detail: str = ""
    share: float | None = None

    @property
    def spoken(self) -> str:
        """The same as one line."""
        return " · ".join(part for part in (self.words, self.number, self.detail) if part)


class PromptBand(QWidget):
    """One large line above the pictures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt = Prompt()
        self.setFixedHeight(BAND_PX)

    @property
    def prompt(self) -> Prompt:
        """What it says."""
        return self._prompt

    def show_prompt(self, prompt: Prompt) -> None:
        """Say something else."""
        if prompt == self._prompt:
            return
        self._prompt = prompt
        self.setAccessibleName(prompt.spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the mark, the words, the number, and how much is over."""
        colours = theme().palette
        prompt = self._prompt
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.rect().adjusted(2 * SPACING, 0, -2 * SPACING, 0)
        is_recording = prompt.kind is PromptKind.RECORDING
        if is_recording:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("bad"))
            dot_px = self.height() // 3
            dot = QRectF(0, 0, dot_px, dot_px)
            dot.moveCenter(QRectF(area).center())
            dot.moveLeft(area.left())
            painter.drawEllipse(dot)
            area.setLeft(area.left() + dot_px + 2 * SPACING)
        is_large = prompt.kind is not PromptKind.IDLE
        area = self._write_number(painter, area)
        self._write_detail(painter, area)
        font = interface_font(self.height() * 5 // 9 if is_large else 20, semibold=is_large)
        painter.setFont(font)
        painter.setPen(colours.colour("text" if is_large else "quiet"))
        words = QFontMetrics(font).elidedText(
            prompt.words, Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        if prompt.share is not None:
            line = QRectF(0, self.height() - 3, self.width() * min(1.0, prompt.share), 3)
            painter.fillRect(line, colours.colour("bad" if is_recording else "accent"))

    def _write_number(self, painter: QPainter, area: QRect) -> QRect:
        """On the right; returns what is left of the area."""
        if not self._prompt.number:
            return area
        font = interface_font(self.height() * 2 // 3, semibold=True)
        painter.setFont(font)
        painter.setPen(theme().palette.colour("text"))
        painter.drawText(
            area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._prompt.number
        )
        width = QFontMetrics(font).horizontalAdvance(self._prompt.number)
        return area.adjusted(0, 0, -width - 3 * SPACING, 0)

    def _write_detail(self, painter: QPainter, area: QRect) -> None:
        """At the right end of what is left, if the words leave the room for it."""
        font = interface_font(13)
        width = QFontMetrics(font).horizontalAdvance(self._prompt.detail) + 2 * SPACING
        if not self._prompt.detail or width > area.width() // 3:
            return
        painter.setFont(font)
        painter.setPen(theme().palette.colour("quiet"))
        painter.drawText(
            area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._prompt.detail
        )
        area.setRight(area.right() - width)


class CountdownCover(QWidget):
    """The seconds until a take, as large as there is room, over everything else."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._prompt = Prompt(PromptKind.COUNTDOWN)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def prompt(self) -> Prompt:
        """What it says."""
        return self._prompt

    def show_prompt(self, prompt: Prompt) -> None:
        """Cover everything while a countdown runs; anything else uncovers it."""
        is_counting = prompt.kind is PromptKind.COUNTDOWN
        if is_counting and prompt != self._prompt:
            self._prompt = prompt
            self.setAccessibleName(prompt.spoken)
            self.update()
        if is_counting != self.isVisible():
            self.setVisible(is_counting)
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the action above the number, on a veil."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = colours.colour("ground")
        veil.setAlphaF(0.9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        painter.drawRoundedRect(self.rect(), RADIUS, RADIUS)
        area = self.rect().adjusted(3 * SPACING, 2 * SPACING, -3 * SPACING, -2 * SPACING)
        words_height = max(32, area.height() // 5)
        words = QRect(area.left(), area.top(), area.width(), words_height)
        _write(painter, words, self._prompt.words, colours.text, semibold=True)
        foot = QRect(area.left(), area.bottom() - 24, area.width(), 24)
        number = QRect(
            area.left(), words.bottom(), area.width(), foot.top() - words.bottom() - SPACING
        )
        _write(painter, number, self._prompt.number, colours.accent, semibold=True)
        _write(painter, foot, self._prompt.detail, colours.quiet, semibold=False, largest_px=16)


def _write(
    painter: QPainter,
    area: QRect,
    text: str,
    colour: str,
    *,
    semibold: bool,
    largest_px: int = 400,
) -> None:
    """Text in the middle of an area, as large as fits."""
    pixels = min(largest_px, max(12, round(area.height() * 0.86)))
    font = interface_font(pixels, semibold=semibold)
    width = QFontMetrics(font).horizontalAdvance(text)
    if width > area.width():
        font.setPixelSize(max(12, pixels * area.width() // width))
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
