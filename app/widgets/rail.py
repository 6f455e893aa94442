"""The journey on the left edge of the window."""

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout, QWidget

from app.icons import icon, pixmap
from app.journey import Mark
from app.theme import SPACING, theme
from app.widgets.buttons import separator

RAIL_WIDTH = 88
_MARK_PX = 14


class RailButton(QToolButton):
    """One stage: its icon over its name, and a mark on whether it is done or comes next."""

    def __init__(self, key: str, title: str, tooltip: str) -> None:
        super().__init__()
        self.key = key
        self._mark = Mark.NONE
        self._tooltip = tooltip
        self.setText(title)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(22, 22))
        self.setCheckable(True)
        self.setFixedSize(RAIL_WIDTH - 1, 54)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._draw()
        self.show_mark(Mark.NONE)

    def show_mark(self, mark: Mark) -> None:
        """Show whether this stage is done, or comes next."""
        self._mark = mark
        words = {
            Mark.NONE: "",
            Mark.DONE: self.tr("Done."),
            Mark.NEXT: self.tr("This comes next."),
        }[mark]
        self.setToolTip(f"{self._tooltip} {words}".strip())
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(f"{self._tooltip} {words}".strip())
        self.update()

    @property
    def mark(self) -> Mark:
        """The mark that is shown."""
        return self._mark

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The button, and its mark in the upper right corner."""
        super().paintEvent(event)
        if self._mark is Mark.NONE:
            return
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner = QPoint(self.width() - 28, 5)
        if self._mark is Mark.DONE:
            painter.drawPixmap(corner, pixmap("check", colours.good, _MARK_PX))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent"))
            painter.drawEllipse(corner + QPoint(7, 7), 4, 4)

    def _draw(self) -> None:
        self.setIcon(icon(self.key, "quiet", "accent"))


class Rail(QFrame):
    """All stages from top to bottom; those below the line stand apart from the journey."""

    page_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFixedWidth(RAIL_WIDTH)
        self.setAccessibleName(self.tr("Stages"))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, SPACING, 0, SPACING)
        self._layout.setSpacing(2)
        self._lower = QVBoxLayout()
        self._lower.setSpacing(2)
        self._layout.addStretch(1)
        self._layout.addWidget(separator())
        self._layout.addSpacing(4)
        self._layout.addLayout(self._lower)

    def add(self, key: str, title: str, tooltip: str, *, below_line: bool, enabled: bool) -> None:
        """Add a stage under the ones that are there."""
        button = RailButton(key, title, tooltip)
        button.setEnabled(enabled)
        button.clicked.connect(lambda: self.page_wanted.emit(key))
        self._group.addButton(button)
        self._buttons[key] = button
        if below_line:
            self._lower.addWidget(button)
        else:
            self._layout.insertWidget(self._layout.count() - 4, button)

    def button(self, key: str) -> RailButton:
        """The button of a stage."""
        return self._buttons[key]

    def show_current(self, key: str) -> None:
        """Mark the stage whose page is shown."""
        self._buttons[key].setChecked(True)

    def show_marks(self, marks: dict[str, Mark]) -> None:
        """Show what is done and what comes next."""
        for key, button in self._buttons.items():
            button.show_mark(marks.get(key, Mark.NONE))
