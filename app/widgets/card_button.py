"""A card that is chosen by a click or by Space."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.theme import RADIUS, SPACING, theme
from app.widgets.buttons import label

MARK_PX = 16


class CardButton(QAbstractButton):
    """One of a few large choices; put them into an exclusive group.

    Who makes one fills in `column` below the title, and then calls `finish`.

    Args:
        title: In a few words.
        narrowest_px: The width below which its words do not fit.
        picture: Stands before the title.
    """

    def __init__(self, title: str, narrowest_px: int, picture: QWidget | None = None) -> None:
        super().__init__()
        self._narrowest_px = narrowest_px
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._mark = QLabel()
        self._mark.setFixedSize(MARK_PX, MARK_PX)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        if picture is not None:
            top.addWidget(picture)
        top.addWidget(label(title, name="heading"), 1)
        top.addWidget(self._mark)
        self.column = QVBoxLayout(self)
        self.column.addLayout(top)

    def finish(self) -> None:
        """Everything is in its place: clicks go to the card, and its mark is drawn."""
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self.draw)
        self.draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its words need."""
        return self.column.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as its words allow."""
        return QSize(self._narrowest_px, self.column.minimumSize().height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Its words break."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Of the words at this width."""
        return self.column.totalHeightForWidth(width)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw pictures anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "column"):
            self.draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A card; the chosen one has a line in the accent's colour, and a mark."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colours.surface if self.isEnabled() else colours.ground
        if self.isChecked():
            ground = colours.mixed("accent", "surface", 0.12)
        elif self.underMouse() and self.isEnabled():
            ground = colours.mixed("text", "surface", 0.06)
        painter.setBrush(QColor(ground))
        is_marked = self.isChecked() or self.hasFocus()
        colour = colours.colour("accent" if is_marked else "line")
        painter.setPen(QPen(colour, 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def draw(self) -> None:
        """Draw the mark; a card with pictures of its own draws them, too."""
        if self.isChecked():
            self._mark.setPixmap(pixmap("check", theme().palette.accent, MARK_PX))
        else:
            self._mark.clear()
