"""The desktop program's beginning: arguments, application, window."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from app.garbage import Collector
from app.main_window import MainWindow
from app.preferences import Preferences
from app.qt_environment import forget_opencv_plugins
from app.settings_table import OPEN_LAST, SCALE_PERCENT, THEME
from app.studio import Studio
from app.tasks import Problem
from app.theme import RESOURCES, Theme, theme
from app.widgets.problem_dialog import ProblemDialog
from fsamt_engine import __version__

SWITCH_INTERVAL_S = 0.0005
"""With Python's own 5 ms a busy thread would keep the window waiting that long each time."""

_TRANSLATIONS = RESOURCES / "translations"


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, and serve it until it is closed.

    Args:
        arguments: Without the program's name; None for those of the process.

    Returns:
        The exit code.
    """
    options = _parse(arguments)
    forget_opencv_plugins()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    preferences = Preferences()
    scale_percent = preferences.get(SCALE_PERCENT)
    if scale_percent != SCALE_PERCENT.default:
        os.environ.setdefault("QT_SCALE_FACTOR", str(scale_percent / 100))
    application = QApplication(sys.argv[:1])
    application.setApplicationName("FSAMT Studio")
    application.setApplicationVersion(__version__)
    translator = QTranslator(application)
    if translator.load(QLocale(), "fsamt", "_", str(_TRANSLATIONS)):
        application.installTranslator(translator)
    Theme(application)
    Collector(application)
    studio = Studio()
    studio.preferences.changed.connect(partial(_follow_theme, studio.preferences))
    _follow_theme(studio.preferences)
    window = MainWindow(studio)
    _show_bugs(window)
    if options.report_first_paint:
        window.first_painted.connect(lambda: print("first paint", flush=True))
    window.show()
    library = options.library
    if library is None and preferences.get(OPEN_LAST):
        library = next(iter(preferences.recent_libraries()), None)
    if library is not None:
        QTimer.singleShot(0, partial(studio.open_library, library))
    return application.exec()


def _follow_theme(preferences: Preferences, _key: str = "") -> None:
    theme().prefer({"dark": True, "light": False}.get(preferences.get(THEME)))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fsamt-studio", description="FSAMT Studio: recognise actions from depth alone."
    )
    parser.add_argument(
        "library", nargs="?", type=Path, help="folder of the library to open (optional)"
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--report-first-paint", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _show_bugs(window: MainWindow) -> None:
    """Let a bug in a slot show itself in words, besides the traceback on the terminal."""
    is_shown = False

    def show(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        nonlocal is_shown
        sys.__excepthook__(kind, error, traceback)
        # One dialog at a time: a bug in a timer would open hundreds.
        if is_shown or not isinstance(error, Exception):
            return
        is_shown = True
        try:
            ProblemDialog(Problem.of(error), window).exec()
        finally:
            is_shown = False

    sys.excepthook = show
