"""What holds for every page: it fits, keys reach all of it, all of it has names and translates."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QMargins, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollBar,
    QSizePolicy,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.pages import page_entries
from app.pages.experiments import ExperimentsPage
from app.pages.page import Page
from app.studio import Studio
from fsamt_engine.library import Library
from tests.app.experimenting import GRANULARITY, keep, table
from tests.app.modelling import add_line

Open = Callable[[Studio, Path], None]
SIZES = ((1280, 720), (3840, 2160))
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QSlider, QAbstractSpinBox, QAbstractItemView)
KEYS = tuple(entry.key for entry in page_entries() if entry.make is not None)


@pytest.fixture
def whole_root(library_root: Path) -> Path:
    """A library with takes, labels, one model of each kind and a table."""
    with Library.open(library_root) as library:
        add_line(library)
        keep(library, "granularity", table(GRANULARITY, 3))
    return library_root


@pytest.fixture(params=["no library", "a library"])
def shell(
    request: pytest.FixtureRequest, window: MainWindow, whole_root: Path, open_in: Open
) -> Iterator[MainWindow]:
    """The window, without a library and with one."""
    if request.param == "a library":
        open_in(window.studio, whole_root)
    yield window
    window.studio.close_library()


def show(qtbot: QtBot, window: MainWindow, key: str) -> Page:
    """A page after everything that it looks up by itself has come."""
    window.go_to(key)
    page = window.current_page
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not window.studio.is_opening, timeout=5_000)
    if isinstance(page, ExperimentsPage):
        qtbot.waitUntil(lambda: not page.reading.is_busy, timeout=5_000)
    QApplication.processEvents()
    return page


def controls(page: QWidget) -> list[QWidget]:
    """What can be operated now, without the parts that Qt makes inside of fields and tables."""
    found: list[QWidget] = []
    for kind in CONTROLS:
        found += [one for one in page.findChildren(kind) if one.isVisibleTo(page)]
    return [
        one
        for one in dict.fromkeys(found)
        if not isinstance(one, QScrollBar | QHeaderView)
        and not isinstance(one.parent(), QLineEdit | QAbstractSpinBox | QComboBox)
        and not _is_inside_combo(one)
        and not _is_corner(one)
    ]


def _is_inside_combo(one: QWidget) -> bool:
    parent = one.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox):
            return True
        parent = parent.parentWidget()
    return False


def _is_corner(one: QWidget) -> bool:
    """The button in the corner of a table is Qt's own."""
    return type(one) is QAbstractButton and isinstance(one.parentWidget(), QAbstractItemView)


def named(one: QWidget) -> str:
    """For a message: what it is and what it says."""
    text = one.text() if isinstance(one, QAbstractButton | QLabel) else ""
    return f"{type(one).__name__} {one.objectName()} {one.accessibleName() or text!r}"


@pytest.mark.parametrize("key", KEYS)
def test_page_fits_at_every_size(qtbot: QtBot, shell: MainWindow, key: str):
    page = show(qtbot, shell, key)
    for size in SIZES:
        shell.resize(*size)
        QApplication.processEvents()
        assert (shell.width(), shell.height()) == size
        least, room = page.minimumSizeHint(), shell.size().shrunkBy(_margins(shell))
        assert least.width() <= room.width(), f"{least.width()} of {room.width()} px wide"
        assert least.height() <= room.height(), f"{least.height()} of {room.height()} px high"
        cut = _cut_buttons(page) + _cut_labels(page)
        assert not cut, "\n".join(cut)


def _cut_buttons(page: Page) -> list[str]:
    return [
        named(one)
        for one in page.findChildren(QAbstractButton)
        if one.isVisible() and one.text() and _own_width(one) > one.width() + 1
    ]


def _cut_labels(page: Page) -> list[str]:
    """Lines that are too long for their place; those that may be cut say so by their policy."""
    return [
        named(one)
        for one in page.findChildren(QLabel)
        if one.isVisible()
        and one.text()
        and not one.wordWrap()
        and one.sizePolicy().horizontalPolicy() is not QSizePolicy.Policy.Ignored
        and max(map(one.fontMetrics().horizontalAdvance, one.text().split("\n"))) > one.width() + 1
    ]


def _margins(window: MainWindow) -> QMargins:
    return QMargins(window.rail.width(), 0, 0, window.status_line.height())


def _own_width(button: QAbstractButton) -> int:
    return button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))


@pytest.mark.parametrize("key", KEYS)
def test_every_control_has_a_name_and_every_icon_a_tooltip(
    qtbot: QtBot, shell: MainWindow, key: str
):
    page = show(qtbot, shell, key)
    found = controls(page)
    nameless = [
        named(one)
        for one in found
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert not nameless, "\n".join(nameless)
    silent = [
        named(one)
        for one in found
        if isinstance(one, QAbstractButton)
        and not one.toolTip()
        and (not one.text() or not one.isEnabled())
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("key", KEYS)
def test_tab_reaches_every_control_that_is_enabled(qtbot: QtBot, shell: MainWindow, key: str):
    """But for help, which has a key of its own on every page: F1."""
    page = show(qtbot, shell, key)
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow, timeout=2_000)
    wanted = [
        one
        for one in controls(page)
        if one.isEnabled() and not _is_elsewhere(one) and one is not page.help_button
    ]
    reached: set[QWidget] = set()
    for _ in range(400):
        shell.focusNextChild()
        focused = QApplication.focusWidget()
        if focused is None or focused in reached:
            break
        reached.add(focused)
    missing = [
        named(one)
        for one in wanted
        if one not in reached and one.focusProxy() not in reached and not _in_group(one, reached)
    ]
    assert not missing, "\n".join(missing)


def _is_elsewhere(one: QWidget) -> bool:
    """A table that is for looking only takes no key."""
    return isinstance(one, QAbstractItemView) and one.focusPolicy() == Qt.FocusPolicy.NoFocus


def _in_group(one: QWidget, reached: set[QWidget]) -> bool:
    """Of an exclusive group one member takes the Tab key; the arrow keys lead to the others."""
    if not isinstance(one, QAbstractButton):
        return False
    group = one.group()
    if group is not None and group.exclusive():
        return any(member in reached for member in group.buttons())
    if one.autoExclusive() and one.parentWidget() is not None:
        return any(member in reached for member in one.parentWidget().findChildren(type(one)))
    return False


class Marking(QTranslator):
    """A language in which every text stands in brackets."""

    def translate(  # type: ignore[override]
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return f"⟦{text}⟧"

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False


@pytest.fixture
def marked() -> Iterator[Marking]:
    """Every translatable text is marked."""
    translator = Marking()
    QCoreApplication.installTranslator(translator)
    yield translator
    QCoreApplication.removeTranslator(translator)


# What is data: names of people, actions, takes, models and networks, numbers with units, paths, the
# program's name, and sentences of the engine.
ENGINE = re.compile(
    r".*(pairs dropped|no colour frame|No times were recorded|A test on|clips tell to"
    r"|in the paper, .* better than|it cannot be told who is better).*"
)
DATA = re.compile(
    r"P\d+|visit of P\d+|across|down|squares|r3d_tiny|r2plus1d\w*|[\w-]+-\d{8}|FSAMT Studio"
    r"|[\d.,:×x %–·+-]*(m|mm|s|ms|px|Hz|GB|MB|MiB|%)?|/.*|~/.*|[a-z] |CPU.*|cuda.*"
    r"|(teacher|student|recogniser) of P\d.*|video\+clip|flow|rgb|depth|test"
    r"|(?=[a-z]*\d)[a-z0-9]{12,16}"
    r"|CC BY(-NC)? 4\.0|Apache 2\.0"
    r"|(mjpeg|ffv1), .*|f [\d., cpx\n]+|Simulated camera|[\w-]+-\d{8} ← [\w-]+-\d{8}"
)


@pytest.mark.parametrize("key", KEYS)
def test_every_text_can_be_translated(qtbot: QtBot, marked: Marking, shell: MainWindow, key: str):
    page = show(qtbot, shell, key)
    texts: dict[str, QWidget] = {}
    for one in page.findChildren(QWidget):
        said = [one.toolTip(), one.accessibleName()]
        if isinstance(one, QLabel | QAbstractButton):
            said.append(one.text())
        if isinstance(one, QLineEdit):
            said.append(one.placeholderText())
        if isinstance(one, QComboBox):
            said += [one.itemText(place) for place in range(one.count())]
        texts |= dict.fromkeys(said, one)
    left = [
        f"{type(one).__name__}: {text!r}"
        for text, one in texts.items()
        if "⟦" not in text
        and re.search("[a-zA-Z]{2}", text)
        and not DATA.fullmatch(text.strip())
        and not ENGINE.fullmatch(text)
    ]
    assert not left, "\n".join(left)
