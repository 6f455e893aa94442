"""The way to a model, drawn: its stations from left to right, with an arrow between them."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.pages.models.nodes import Station
from app.theme import RADIUS, SPACING, theme
from app.widgets.buttons import label

_ICON_PX = 20
_MARK_PX = 14
_ARROW_PX = 20
_HEIGHT = 152


class LineageView(QWidget):
    """Stations as buttons; the arrow keys go from one to the next."""

    chosen_changed = Signal(object)
    """The `Station` that is chosen now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Lineage"))
        self.stations: tuple[Station, ...] = ()
        self.buttons: list[StationButton] = []
        self._group = QButtonGroup(self)
        self._group.idToggled.connect(self._toggled)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setFixedHeight(_HEIGHT)

    def show_stations(self, made: tuple[Station, ...]) -> None:
        """Draw a lineage, and choose its last station, or the same as before."""
        before = self.chosen
        is_same = [s.model_id for s in made] == [s.model_id for s in self.stations]
        while (item := self._row.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for button in self.buttons:
            self._group.removeButton(button)
        self.stations, self.buttons = made, []
        for number, station in enumerate(made):
            if number:
                self._row.addWidget(_Arrow())
            button = StationButton(station)
            self._group.addButton(button, number)
            self.buttons.append(button)
            self._row.addWidget(button, 1)
        if len(made) < 3:
            self._row.addStretch(3 - len(made))
        if not made:
            return
        place = len(made) - 1
        if is_same and before is not None:
            place = next((i for i, s in enumerate(made) if (s.model_id, s.part) == before), place)
        self.buttons[place].setChecked(True)

    @property
    def chosen(self) -> tuple[str, str] | None:
        """Model and part of the chosen station."""
        number = self._group.checkedId()
        if not 0 <= number < len(self.stations):
            return None
        station = self.stations[number]
        return station.model_id, station.part

    def _toggled(self, number: int, is_chosen: bool) -> None:
        if is_chosen:
            self.chosen_changed.emit(self.stations[number])


class StationButton(QAbstractButton):
    """One station: its icon, its name, its lines."""

    def __init__(self, station: Station, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.station = station
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(96)
        said = ", ".join(filter(None, (station.number, *station.lines)))
        self.setAccessibleName(f"{station.title}: {said}")
        what = {
            "model": self.tr("Show how it was trained and how good it is"),
            "data": self.tr("Show whose takes these are, and the takes"),
        }
        self.setToolTip(what.get(station.part, " ".join(station.lines)))
        self._picture, self._mark = QLabel(), QLabel()
        self._mark.setVisible(bool(station.tone))
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._picture)
        top.addWidget(label(station.title, name="heading"))
        top.addStretch(1)
        top.addWidget(self._mark)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 8, 8)
        column.setSpacing(2)
        column.addLayout(top)
        column.addSpacing(4)
        if station.number:
            column.addWidget(label(station.number, name="bigNumber"))
        for line in station.lines:
            column.addWidget(label(line, small=True, wrap=True))
        column.addStretch(1)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the others, whatever is said in it."""
        return QSize(152, _HEIGHT)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A card; what was removed has a broken line around it."""
        colours = theme().palette
        is_marked = self.isChecked() or self.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colours.surface
        if self.isChecked():
            ground = colours.mixed("accent", "surface", 0.18)
        elif self.underMouse():
            ground = colours.mixed("text", "surface", 0.06)
        painter.setBrush(QColor(ground))
        pen = QPen(colours.colour("accent" if is_marked else "line"), 2 if self.hasFocus() else 1)
        if self.station.part == "removed":
            pen.setStyle(Qt.PenStyle.DashLine)
            pen.setColor(colours.colour("caution"))
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _draw(self) -> None:
        colours = theme().palette
        role = "caution" if self.station.part == "removed" else "accent"
        self._picture.setPixmap(pixmap(self.station.icon, getattr(colours, role), _ICON_PX))
        if self.station.tone:
            tone = self.station.tone
            self._mark.setPixmap(pixmap(tone, getattr(colours, tone), _MARK_PX))


class _Arrow(QWidget):
    """From one station to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_ARROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A line with a head."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().palette.colour("quiet"), 1.5))
        middle, end = self.height() / 2, self.width() - 4
        path = QPainterPath(QPointF(3, middle))
        path.lineTo(end, middle)
        path.moveTo(end - 5, middle - 5)
        path.lineTo(end, middle)
        path.lineTo(end - 5, middle + 5)
        painter.drawPath(path)
