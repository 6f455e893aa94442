"""The desktop program's beginning: arguments, application, window."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.garbage import Collector
from app.main_window import MainWindow
from app.qt_environment import forget_opencv_plugins
from app.studio import Studio
from app.tasks import Problem
from app.theme import Theme
from app.widgets.problem_dialog import ProblemDialog
from fsamt_engine import __version__

SWITCH_INTERVAL_S = 0.0005
"""With Python's own 5 ms a busy thread would keep the window waiting that long each time."""


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
    application = QApplication(sys.argv[:1])
    application.setApplicationName("FSAMT Studio")
    application.setApplicationVersion(__version__)
    Theme(application)
    Collector(application)
    studio = Studio()
    window = MainWindow(studio)
    _show_bugs(window)
    if options.report_first_paint:
        window.first_painted.connect(lambda: print("first paint", flush=True))
    window.show()
    if options.library is not None:
        library = options.library
        QTimer.singleShot(0, lambda: studio.open_library(library))
    return application.exec()


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
