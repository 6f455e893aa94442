"""Collecting Python's garbage in Qt's thread alone.

A collection runs in whatever thread allocates, and may end the last Qt object of a cycle there: a
timer or widget that is destroyed in a background thread brings the program down. So the collector
is switched off, and a timer of Qt's thread does its work.
"""

import gc

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

_INTERVAL_MS = 500


class Collector(QObject):
    """Collects as often as Python would, but only here. One for the application."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        gc.disable()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._collect_if_due)
        self._timer.start()

    def hold(self) -> None:
        """Collect nothing until `settle`: a million objects are coming in, and most will stay."""
        self._timer.stop()

    def settle(self) -> None:
        """Never look again at what is there now (imported modules), so that pauses stay short."""
        gc.freeze()
        self._timer.start()

    def _collect_if_due(self) -> None:
        """The oldest generation that has reached its threshold, as Python does it by itself."""
        due = [
            generation
            for generation, (count, threshold) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if count > threshold > 0
        ]
        if due:
            gc.collect(max(due))


def collector() -> Collector:
    """The collector of the running application."""
    application = QApplication.instance()
    found = application.findChild(Collector) if application is not None else None
    if found is None:
        raise RuntimeError("the application has no collector yet")
    return found
