"""The steps of a wizard, one under the other: a number, a title, and what was chosen."""

from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from app.icons import pixmap
from app.theme import RADIUS, SPACING, interface_font, theme

LIST_WIDTH = 256
_CIRCLE_PX = 24
_MARK_PX = 16
_LEFT = SPACING
_TEXT_LEFT = _LEFT + _CIRCLE_PX + SPACING
_MAX_LINES = 4


class StepMark(Enum):
    """Where a step is."""

    AHEAD = "ahead"
    DONE = "done"
    BLOCKED = "blocked"


class StepButton(QAbstractButton):
    """One step; checked while it is shown.

    Args:
        number: From 1.
        title: What is decided in it.
    """

    def __init__(self, number: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._summary = ""
        self._is_last = False
        self.mark = StepMark.AHEAD
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedWidth(LIST_WIDTH - 2 * SPACING)
        self.setAccessibleName(title)

    def show_state(self, mark: StepMark, summary: str, tooltip: str, *, is_last: bool) -> None:
        """Show where it is, what was chosen in it, and why it can or cannot be gone to."""
        self.mark = mark
        self._summary = summary
        self._is_last = is_last
        self.setToolTip(tooltip)
        done = self.tr("Done.") if mark is StepMark.DONE else ""
        self.setAccessibleDescription(" ".join(part for part in (done, summary) if part))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    @property
    def summary(self) -> str:
        """The line under the title."""
        return self._summary

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its summary needs."""
        height = _CIRCLE_PX + 2 * SPACING
        if self._summary:
            height += self._summary_rect().height()
        return QSize(LIST_WIDTH - 2 * SPACING, height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A circle with number or mark, the title, the summary, and the line to the next step."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        if not self._is_last:
            painter.setPen(QPen(colours.colour("line"), 2))
            x = _LEFT + _CIRCLE_PX / 2
            painter.drawLine(QPointF(x, SPACING + _CIRCLE_PX + 3), QPointF(x, self.height() - 1.0))
        self._paint_circle(painter)
        can_be_chosen = self.isEnabled() or self.isChecked()
        painter.setPen(colours.colour("text" if can_be_chosen else "quiet"))
        painter.setFont(interface_font(13, semibold=self.isChecked()))
        place = QRect(_TEXT_LEFT, SPACING, self.width() - _TEXT_LEFT - SPACING, _CIRCLE_PX)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._summary:
            is_blocked = self.mark is StepMark.BLOCKED and not self.isChecked()
            painter.setPen(colours.colour("caution" if is_blocked else "quiet"))
            painter.setFont(interface_font(12))
            painter.drawText(self._summary_rect(), Qt.TextFlag.TextWordWrap, self._summary)

    def _paint_ground(self, painter: QPainter) -> None:
        colours = theme().palette
        inside = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(colours.colour("raised"))
            painter.setPen(colours.colour("line"))
        elif self.underMouse() and self.isEnabled():
            painter.setBrush(colours.colour("raised"))
        if self.hasFocus():
            painter.setPen(colours.colour("accent"))
        painter.drawRoundedRect(inside, RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_circle(self, painter: QPainter) -> None:
        colours = theme().palette
        circle = QRectF(_LEFT, SPACING, _CIRCLE_PX, _CIRCLE_PX).adjusted(1, 1, -1, -1)
        inside = circle.toRect().center()
        if self.mark is not StepMark.AHEAD and not self.isChecked():
            name = "check" if self.mark is StepMark.DONE else "caution"
            role = "good" if self.mark is StepMark.DONE else "caution"
            painter.setPen(QPen(colours.colour(role), 1.5))
            painter.drawEllipse(circle)
            half = _MARK_PX // 2
            mark = pixmap(name, getattr(colours, role), _MARK_PX)
            painter.drawPixmap(inside.x() - half + 1, inside.y() - half + 1, mark)
            return
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent"))
        else:
            painter.setPen(QPen(colours.colour("line"), 1.5))
        painter.drawEllipse(circle)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(colours.colour("on_accent" if self.isChecked() else "quiet"))
        painter.setFont(interface_font(12, semibold=True))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _summary_rect(self) -> QRect:
        metrics = QFontMetrics(interface_font(12))
        width = LIST_WIDTH - 2 * SPACING - _TEXT_LEFT - SPACING
        most = QRect(0, 0, width, _MAX_LINES * metrics.lineSpacing())
        needed = metrics.boundingRect(most, Qt.TextFlag.TextWordWrap, self._summary)
        height = min(needed.height(), most.height())
        return QRect(_TEXT_LEFT, SPACING + _CIRCLE_PX, width, height)


class StepList(QFrame):
    """All steps of a wizard; a click, or up and down and Space, asks for one."""

    step_wanted = Signal(int)

    def __init__(self, titles: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(LIST_WIDTH)
        self.setAccessibleName(self.tr("Steps"))
        self.buttons = [StepButton(number, title) for number, title in enumerate(titles, start=1)]
        self.layout_below = QVBoxLayout()
        """Free room under the steps, for what belongs to the page beside them."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * SPACING, 0)
        column.setSpacing(0)
        for place, button in enumerate(self.buttons):
            button.clicked.connect(lambda _checked=False, place=place: self.step_wanted.emit(place))
            column.addWidget(button)
        column.addLayout(self.layout_below)
        column.addStretch(1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down go from step to step that can be chosen."""
        move = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        focused = next((b for b in self.buttons if b.hasFocus()), None)
        if move is None or focused is None:
            super().keyPressEvent(event)
            return
        place = self.buttons.index(focused) + move
        if 0 <= place < len(self.buttons) and self.buttons[place].isEnabled():
            self.buttons[place].setFocus()
            self.step_wanted.emit(place)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for button in self.findChildren(StepButton):
                button.update()
