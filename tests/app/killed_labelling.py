"""Labels takes in a real window, by keys, until it is killed; tells what is on its screen.

    python -m tests.app.killed_labelling LIBRARY SEED

Each line is JSON: the id of a take, and the labels that the timeline shows of it after a repaint.
"""

import json
import random
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.garbage import Collector
from app.pages.label import LabelPage
from app.studio import Studio
from app.theme import Theme

_MODIFIERS = {
    "none": Qt.KeyboardModifier.NoModifier,
    "alt": Qt.KeyboardModifier.AltModifier,
    "ctrl": Qt.KeyboardModifier.ControlModifier,
}
_KEYS = (
    (Qt.Key.Key_1, "none"),
    (Qt.Key.Key_2, "none"),
    (Qt.Key.Key_Delete, "none"),
    (Qt.Key.Key_PageDown, "none"),
    (Qt.Key.Key_Left, "alt"),
    (Qt.Key.Key_Left, "ctrl"),
    (Qt.Key.Key_Escape, "none"),
    (Qt.Key.Key_Tab, "none"),
    (Qt.Key.Key_Z, "ctrl"),
)


def tell(page: LabelPage) -> None:
    page.repaint()
    if page.desk.files is None:
        return
    seen = [[b.name, b.start, b.end] for b in page.timeline._content.segments]
    print(json.dumps([page.desk.files.take.id, sorted(seen)]), flush=True)


def main() -> None:
    application = QApplication([])
    Theme(application)
    Collector(application)
    root = Path(sys.argv[1])
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(root.parent / "settings")
    )
    studio = Studio()
    studio.open_library(root)
    while studio.library is None:
        QCoreApplication.processEvents()
    page = LabelPage(studio)
    page.resize(1192, 690)
    page.show()
    page.activateWindow()
    page.entered()
    chance = random.Random(sys.argv[2])
    while True:
        if chance.random() < 0.3:
            start = chance.randrange(0, 15)
            page.desk.mark(start, start + chance.randrange(1, 5))
        key, modifier = chance.choice(_KEYS)
        QTest.keyClick(page.queue.list, key, _MODIFIERS[modifier])
        QCoreApplication.processEvents()
        tell(page)


if __name__ == "__main__":
    main()
