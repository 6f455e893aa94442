"""One picture of a take, as large as its place allows, and the scale of depth's colours."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    qRgba,
)
from PySide6.QtWidgets import QWidget

from app.theme import RADIUS, Palette, interface_font, theme
from app.widgets.depth_colours import DepthRange, turbo_table

_HATCH_PX = 6


def turbo_colours() -> list[int]:
    """The colour table of an indexed depth picture, as Qt wants it."""
    return [qRgba(*(int(channel) for channel in entry)) for entry in turbo_table()]


def hatch(colours: Palette) -> QBrush:
    """Fine diagonal lines on the surface colour: there was no reading here."""
    tile = QPixmap(_HATCH_PX, _HATCH_PX)
    tile.fill(colours.colour("surface"))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colours.mixed("quiet", "surface", 0.35)), 1.0))
    for start in (-_HATCH_PX, 0, _HATCH_PX):
        painter.drawLine(start, _HATCH_PX, start + _HATCH_PX, 0)
    painter.end()
    return QBrush(tile)


class FrameView(QWidget):
    """Shows a picture in its own proportions; transparent pixels show the hatch.

    Args:
        title: What it shows, for the corner and for a screen reader.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._image: QImage | None = None
        self._absence = ""
        self.setAccessibleName(title)

    @property
    def image(self) -> QImage | None:
        """The picture that is shown."""
        return self._image

    def show_image(self, image: QImage | None, absence: str = "") -> None:
        """Show a picture, or say in words why there is none."""
        self._image = image
        self._absence = absence
        self.setAccessibleDescription(absence)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the picture, or the hatch and the reason."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._image is None:
            frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(QPen(colours.colour("line")))
            painter.setBrush(colours.colour("surface"))
            painter.drawRoundedRect(frame, RADIUS, RADIUS)
            if self._absence:
                self._write_absence(painter, colours)
            return
        place = self._place()
        if self._image.hasAlphaChannel():
            painter.fillRect(place, hatch(colours))
        painter.drawImage(place, self._image)

    def _place(self) -> QRect:
        assert self._image is not None
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        x = (self.width() - size.width()) // 2
        return QRect(x, (self.height() - size.height()) // 2, size.width(), size.height())

    def _write_absence(self, painter: QPainter, colours: Palette) -> None:
        painter.setFont(interface_font())
        painter.setPen(colours.colour("quiet"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(16, 16, -16, -16), flags, self._absence)


class DepthScale(QWidget):
    """The colours of depth with the metres that they stand for, and how "no reading" looks."""

    _BAR_WIDTH = 80
    _BAR_HEIGHT = 10

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range: DepthRange | None = None
        self._turbo = turbo_colours()
        self.setFixedHeight(20)
        self.setMinimumWidth(self._BAR_WIDTH)

    def show_range(self, shown: DepthRange | None) -> None:
        """Write another range beside the colours; None hides the scale."""
        self._range = shown
        if shown is not None:
            words = self.tr("Depth from {near:.1f} m, warm, to {far:.1f} m, cold")
            self.setAccessibleName(words.format(near=shown.near_m, far=shown.far_m))
            self.setToolTip(
                self.tr(
                    "Near is warm, far is cold. Where the sensor had no reading, it is hatched."
                )
            )
        self.update()

    def texts(self) -> tuple[str, str, str]:
        """What is written: near, far, no reading."""
        assert self._range is not None
        return (
            self.tr("{metres:.1f} m").format(metres=self._range.near_m),
            self.tr("{metres:.1f} m").format(metres=self._range.far_m),
            self.tr("no reading"),
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint near, the colours, far, and the hatch, as far as there is room."""
        if self._range is None:
            return
        colours = theme().palette
        painter = QPainter(self)
        painter.setFont(interface_font(12))
        metrics = painter.fontMetrics()
        near, far, nothing = self.texts()
        middle = self.height() // 2
        top = middle - self._BAR_HEIGHT // 2
        text_pen = QPen(self.palette().color(QPalette.ColorRole.WindowText))
        x = 0

        def write(text: str) -> None:
            nonlocal x
            width = metrics.horizontalAdvance(text)
            painter.setPen(text_pen)
            painter.drawText(QRect(x, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + 6

        write(near)
        gradient = QLinearGradient(x, 0, x + self._BAR_WIDTH, 0)
        for stop in range(0, 255, 12):
            gradient.setColorAt(stop / 254, QColor.fromRgba(self._turbo[1 + stop]))
        painter.fillRect(x, top, self._BAR_WIDTH, self._BAR_HEIGHT, QBrush(gradient))
        x += self._BAR_WIDTH + 6
        write(far)
        x += 10
        if x + 26 + metrics.horizontalAdvance(nothing) <= self.width():
            box = QRect(x, top, 20, self._BAR_HEIGHT)
            painter.fillRect(box, hatch(colours))
            painter.setPen(colours.colour("line"))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
            x += 26
            write(nothing)
