"""The choice of what is made: something that recognises clips, or that finds when actions are."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from app.theme import SPACING, theme
from app.widgets.action_colours import text_on
from app.widgets.buttons import label
from app.widgets.card_button import CardButton
from fsamt_engine.runs.requests import DETECTION, RECOGNITION

_NARROWEST_PX = 240
_PICTURE = QSize(96, 44)
_FIRST, _SECOND, _THIRD = "#E69F00", "#56B4E9", "#009E73"


class TaskCards(QWidget):
    """Two cards, one of which is chosen."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What it is to say"))
        self.cards = {
            RECOGNITION: _TaskCard(
                self.tr("Recognise clips"),
                self.tr("Says which action a clip shows, and live which one is being done now."),
                RECOGNITION,
            ),
            DETECTION: _TaskCard(
                self.tr("Find when"),
                self.tr("Says where in a long take each action starts and ends."),
                DETECTION,
            ),
        }
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for card in self.cards.values():
            self._group.addButton(card)
            row.addWidget(card, 1)
        self.choose(RECOGNITION)
        self._group.buttonToggled.connect(self._toggled)

    @property
    def task(self) -> str:
        """RECOGNITION or DETECTION."""
        return next(task for task, card in self.cards.items() if card.isChecked())

    def choose(self, task: str) -> None:
        """Choose a card."""
        self.cards[task].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The arrows go from card to card."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            task = DETECTION if event.key() == Qt.Key.Key_Right else RECOGNITION
            self.cards[task].setFocus()
            self.choose(task)
        else:
            super().keyPressEvent(event)

    def _toggled(self, _: object, is_checked: bool) -> None:
        if is_checked:
            self.changed.emit()


class _TaskCard(CardButton):
    def __init__(self, title: str, sentence: str, task: str) -> None:
        super().__init__(title, _NARROWEST_PX, _TaskPicture(task))
        self.setAccessibleDescription(sentence)
        self.setToolTip(sentence)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(6)
        self.column.addWidget(label(sentence, quiet=True, wrap=True))
        self.column.addStretch(1)
        self.finish()


class _TaskPicture(QWidget):
    """One clip with its action; or a take of which some stretches are actions."""

    def __init__(self, task: str) -> None:
        super().__init__()
        self._task = task
        self.setFixedSize(_PICTURE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw it in the colours of the theme of now."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._task == RECOGNITION:
            self._paint_clip(painter)
        else:
            self._paint_take(painter)

    def _paint_clip(self, painter: QPainter) -> None:
        """Frames one behind the other, and the answer."""
        colours = theme().palette
        painter.setBrush(QColor(colours.raised))
        for place in (2, 1, 0):
            painter.setPen(QPen(colours.colour("quiet"), 1))
            painter.drawRoundedRect(QRectF(2 + 5 * place, 13 - 4 * place, 36, 28), 3, 3)
        painter.setPen(QPen(colours.colour("quiet"), 1.6))
        painter.drawEllipse(QRectF(17, 18, 6, 6))
        painter.drawLine(20, 25, 20, 36)
        painter.drawLine(20, 28, 27, 22)
        painter.drawLine(20, 28, 14, 32)
        painter.setPen(QPen(colours.colour("text"), 1.4))
        painter.drawLine(56, 24, 64, 24)
        painter.drawLine(61, 21, 64, 24)
        painter.drawLine(61, 27, 64, 24)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_FIRST))
        painter.drawRoundedRect(QRectF(70, 15, 24, 18), 4, 4)
        painter.setPen(QColor(text_on(_FIRST)))
        painter.drawText(QRectF(70, 15, 24, 18), Qt.AlignmentFlag.AlignCenter, "A")

    def _paint_take(self, painter: QPainter) -> None:
        """A band of time, of which three stretches are named."""
        colours = theme().palette
        painter.setPen(QPen(colours.colour("line"), 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(QRectF(1.5, 16.5, 93, 19), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        for left, wide, colour, name in (
            (10, 20, _FIRST, "A"),
            (38, 14, _SECOND, "B"),
            (62, 24, _THIRD, "C"),
        ):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(QRectF(left, 17, wide, 18), 3, 3)
            painter.setPen(QColor(text_on(colour)))
            place = QRectF(left, 17, wide, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
            painter.setPen(QPen(colours.colour("text"), 1.2))
            for x in (left, left + wide):
                painter.drawLine(x, 10, x, 14)
