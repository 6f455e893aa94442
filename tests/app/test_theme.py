import re

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QStyle
from pytestqt.qtbot import QtBot

from app.icons import pixmap
from app.pages import page_entries
from app.theme import RESOURCES, Palette, Theme, read_palettes, theme

PALETTES = read_palettes()


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    shares = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_text_has_the_contrast_of_wcag_aa(name: str):
    palette = PALETTES[name]
    for ground in (palette.ground, palette.surface, palette.raised):
        assert contrast(palette.text, ground) >= 4.5
        assert contrast(palette.quiet, ground) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5


@pytest.mark.parametrize("name", ["dark", "light"])
def test_marks_stand_out_from_their_ground(name: str):
    palette = PALETTES[name]
    for mark in (palette.accent, palette.good, palette.caution, palette.bad):
        assert contrast(mark, palette.surface) >= 3.0


def test_every_value_of_the_style_sheet_is_filled_in(application: QApplication):
    sheet = application.styleSheet()
    assert "$" not in sheet
    for path in re.findall(r"url\(([^)]+)\)", sheet):
        assert path.endswith(".svg")


def test_theme_can_be_preferred_and_tells_when_it_changes(application: QApplication):
    current = theme()
    heard: list[Palette] = []
    current.changed.connect(lambda: heard.append(current.palette))
    current.prefer(dark=False)
    current.prefer(dark=True)
    assert [palette.ground for palette in heard[-2:]][-1] == PALETTES["dark"].ground
    assert PALETTES["light"] in heard
    assert PALETTES["dark"].ground in application.styleSheet()
    current.prefer(None)
    assert isinstance(current, Theme)


def test_every_stage_has_an_icon():
    for entry in page_entries():
        drawn = pixmap(entry.key, "#FFFFFF", 24).toImage()
        assert any(
            drawn.pixelColor(x, y).alpha() > 128
            for x in range(drawn.width())
            for y in range(drawn.height())
        )


def test_every_icon_takes_the_colour_of_the_theme():
    for path in (RESOURCES / "icons").glob("*.svg"):
        assert "#000000" in path.read_text(encoding="utf-8")


def test_buttons_of_a_dialog_have_no_pictures_of_the_desktop(qtbot: QtBot):
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    box.ensurePolished()
    hint = QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons
    assert box.style().styleHint(hint, None, box) == 0
