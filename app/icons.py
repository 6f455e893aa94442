"""The program's own icons, drawn in the theme's colours at the screen's resolution."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.theme import svg_source, theme

_SIZES = (16, 20, 24, 32)


def icon(name: str, role: str = "text", checked_role: str | None = None) -> QIcon:
    """The icon `name` in the colour `role`, quiet where disabled.

    Args:
        name: A file of `resources/icons`, without its ending.
        role: A colour of the palette.
        checked_role: The colour where the button is checked, if another one.
    """
    palette = theme().palette
    faint = palette.mixed("quiet", "ground", 0.55)
    made = QIcon()
    for size in _SIZES:
        made.addPixmap(pixmap(name, getattr(palette, role), size))
        made.addPixmap(pixmap(name, faint, size), QIcon.Mode.Disabled)
        if checked_role is not None:
            checked = pixmap(name, getattr(palette, checked_role), size)
            made.addPixmap(checked, QIcon.Mode.Normal, QIcon.State.On)
    return made


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, size: int) -> QPixmap:
    """The icon `name` in a `#RRGGBB` colour, `size` pixels of the interface wide."""
    ratio = max((screen.devicePixelRatio() for screen in QGuiApplication.screens()), default=1.0)
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    renderer = QSvgRenderer(QByteArray(svg_source(name, colour).encode()))
    renderer.render(painter, QRectF(0, 0, drawn.width(), drawn.height()))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn
