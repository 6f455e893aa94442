"""A card that is chosen by a click: an icon, a title, what it is, and what comes of it."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from app.icons import pixmap
from app.theme import RADIUS, SPACING, theme
from app.widgets.buttons import label

_ICON_PX = 24
_MARK_PX = 16


class ChoiceCard(QAbstractButton):
    """One of a few large choices; put them into an exclusive group.

    Args:
        icon: Its name.
        title: In a few words.
        what: What one gets, in a sentence or two.
        needs: What is needed to use it, in a short line.
    """

    def __init__(self, icon: str, title: str, what: str, needs: str) -> None:
        super().__init__()
        self._icon = icon
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{what} {needs}")
        self.setToolTip(self.tr("Choose this (Space); the arrow keys go to the others"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._picture, self._mark = QLabel(), QLabel()
        self._mark.setFixedSize(_MARK_PX, _MARK_PX)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._picture)
        top.addWidget(label(title, name="heading"))
        top.addStretch(1)
        top.addWidget(self._mark)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(label(what, wrap=True))
        column.addStretch(1)
        column.addWidget(label(needs, quiet=True, small=True, wrap=True))
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._draw)
        self._draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its words need."""
        return self._column.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as half a step."""
        return QSize(240, self._column.minimumSize().height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Its words break."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Of the words at this width."""
        return self._column.totalHeightForWidth(width)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A card; the chosen one has a line in the accent's colour, and a mark."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colours.surface
        if self.isChecked():
            ground = colours.mixed("accent", "surface", 0.12)
        elif self.underMouse():
            ground = colours.mixed("text", "surface", 0.06)
        painter.setBrush(QColor(ground))
        is_marked = self.isChecked() or self.hasFocus()
        pen = QPen(colours.colour("accent" if is_marked else "line"), 2 if self.hasFocus() else 1)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _draw(self) -> None:
        colours = theme().palette
        role = "accent" if self.isChecked() else "quiet"
        self._picture.setPixmap(pixmap(self._icon, getattr(colours, role), _ICON_PX))
        if self.isChecked():
            self._mark.setPixmap(pixmap("check", colours.accent, _MARK_PX))
        else:
            self._mark.clear()
