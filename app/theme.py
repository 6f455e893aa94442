"""Colours, fonts and style sheet of the program, dark or light as the system is."""

import json
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

RESOURCES = Path(__file__).parent.parent / "resources"

SPACING = 8
RADIUS = 6
CONTROL_HEIGHT = 32

_SHEET_ICONS = (
    ("check", "on_accent"),
    ("check", "quiet"),
    ("partly", "on_accent"),
    ("chevron-down", "quiet"),
    ("chevron-up", "quiet"),
    ("chevron-right", "quiet"),
)


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as `#RRGGBB`; `quiet` is quiet text, `bad` also means recording."""

    ground: str
    surface: str
    raised: str
    line: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    good: str
    caution: str
    bad: str

    def colour(self, role: str) -> QColor:
        """The colour called `role` as Qt wants it."""
        return QColor(getattr(self, role))

    def mixed(self, role: str, ground: str, share: float) -> str:
        """`share` (0..1) of one colour over another, as `#RRGGBB`."""
        over, under = self.colour(role), self.colour(ground)
        channels = (
            round(share * a + (1 - share) * b)
            for a, b in (
                (over.red(), under.red()),
                (over.green(), under.green()),
                (over.blue(), under.blue()),
            )
        )
        return "#" + "".join(f"{channel:02X}" for channel in channels)


def read_palettes() -> dict[str, Palette]:
    """The palettes of `resources/palettes.json`, by name."""
    stored = json.loads((RESOURCES / "palettes.json").read_text(encoding="utf-8"))
    return {name: Palette(**colours) for name, colours in stored.items()}


class Theme(QObject):
    """The theme of the running program; follows the system's change between dark and light.

    Widgets that paint themselves read `palette` and repaint on `changed`.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._palettes = read_palettes()
        self._template = Template((RESOURCES / "style.css").read_text(encoding="utf-8"))
        self._sheet_icons = QTemporaryDir()
        self._preferred: bool | None = None
        self.is_dark = self._wants_dark()
        application.setStyle("Fusion")
        application.setFont(interface_font())
        self._apply()
        application.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def palette(self) -> Palette:
        """The colours of now."""
        return self._palettes["dark" if self.is_dark else "light"]

    def prefer(self, dark: bool | None) -> None:
        """Be dark or light whatever the system is; None follows the system again."""
        self._preferred = dark
        self._follow_system()

    def _wants_dark(self) -> bool:
        """Dark where nothing is said: the camera's picture is to be the brightest thing."""
        if self._preferred is not None:
            return self._preferred
        return self._application.styleHints().colorScheme() != Qt.ColorScheme.Light

    def _follow_system(self) -> None:
        is_dark = self._wants_dark()
        if is_dark != self.is_dark:
            self.is_dark = is_dark
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._application.setPalette(_qt_palette(self.palette))
        self._application.setStyleSheet(self._style_sheet())

    def _style_sheet(self) -> str:
        palette = self.palette
        values = {field.name: getattr(palette, field.name) for field in fields(palette)}
        values["hover"] = palette.mixed("text", "raised", 0.06)
        values["pressed"] = palette.mixed("text", "raised", 0.12)
        values["chosen"] = palette.mixed("accent", "surface", 0.18)
        values["accent_hover"] = palette.mixed("text", "accent", 0.12)
        values["faint"] = palette.mixed("quiet", "ground", 0.55)
        for name, role in _SHEET_ICONS:
            values[f"{name}_{role}".replace("-", "_")] = self._tinted_file(name, role)
        return self._template.substitute(values)

    def _tinted_file(self, name: str, role: str) -> str:
        """Path of a tinted copy of an icon, since a style sheet takes nothing but files."""
        colour = getattr(self.palette, role)
        path = Path(self._sheet_icons.path()) / f"{name}-{colour[1:]}.svg"
        path.write_text(svg_source(name, colour), encoding="utf-8")
        return path.as_posix()


def svg_source(name: str, colour: str) -> str:
    """The icon `name` of `resources/icons` drawn in a colour, as SVG text."""
    return _icon_source(name).replace("#000000", colour)


@lru_cache
def _icon_source(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def interface_font(pixels: int = 13, *, semibold: bool = False) -> QFont:
    """The system's font with figures of equal width, so that changing numbers stand still."""
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if semibold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def theme() -> Theme:
    """The theme of the running application."""
    application = QApplication.instance()
    found = application.findChild(Theme) if application is not None else None
    if found is None:
        raise RuntimeError("the application has no theme yet")
    return found


def _qt_palette(colours: Palette) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for qt_role, name in (
        (role.Window, "ground"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "raised"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "text"),
        (role.Text, "text"),
        (role.Button, "raised"),
        (role.ButtonText, "text"),
        (role.PlaceholderText, "quiet"),
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Link, "accent"),
        (role.Mid, "line"),
    ):
        palette.setColor(qt_role, colours.colour(name))
    for qt_role in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, qt_role, colours.colour("quiet"))
    return palette
