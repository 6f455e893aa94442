"""How long does a label take, from the key to the disk and to the next take on screen?

    python benchmarks/labelling.py [--takes 100000] [--library DIR] [--labels 100] [--json OUT]

Labels whole takes by key, one after the other, on the page Label, as a person does who labels by
taps. For each: milliseconds until the label is on disk and shown, and until the first picture of
the next take is on screen. Without `--library` it makes one of rows that share two real files (see
`browser.py`). With `--library`, labels are written into it: name a copy.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "benchmarks")]
KEYS = "123456789"
LIMIT_MS = 100.0
"""Above this an answer to a key is felt as a delay (Miller, 1968; Nielsen, 1993)."""


def label(root: Path, n_labels: int) -> dict[str, list[float]]:
    """Milliseconds of each label, by what is waited for."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.garbage import Collector
    from app.pages.label import LabelPage
    from app.studio import Studio
    from app.theme import Theme
    from fsamt_engine.library import Library
    from fsamt_engine.library.labels import actions, change_action, unlabel_takes
    from fsamt_engine.library.takes import list_takes

    with Library.open(root) as library:
        for key, action in zip(KEYS, actions(library), strict=False):
            change_action(library, action.name, key=key)
        unlabel_takes(library, [row.id for row in list_takes(library, limit=n_labels + 1)])
    application = QApplication(sys.argv[:1])
    Theme(application)
    Collector(application)
    studio = Studio()
    studio.open_library(root)
    while studio.library is None:
        QCoreApplication.processEvents()
    page = LabelPage(studio)
    page.resize(1192, 690)
    page.show()
    began = time.perf_counter()
    page.entered()
    page.repaint()
    found: dict[str, list[float]] = {
        "page shown": [1000 * (time.perf_counter() - began)],
        "label on disk": [],
        "next take on screen": [],
    }
    for number in range(n_labels):
        while page.player.shown < 0:
            QCoreApplication.processEvents()
        began = time.perf_counter()
        QTest.keyClick(page.queue.list, KEYS[number % len(KEYS)])
        found["label on disk"].append(1000 * (time.perf_counter() - began))
        while page.player.shown < 0:
            QCoreApplication.processEvents()
        found["next take on screen"].append(1000 * (time.perf_counter() - began))
    studio.close()
    return found


def main() -> int:
    """Measure, print, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=100_000)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--labels", type=int, default=100)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        root = arguments.library
        if root is None:
            import browser

            root = Path(folder) / "library"
            browser.make_library(root, arguments.takes)
        found = label(root, arguments.labels)
    table = {}
    for name, times in found.items():
        middle, late = np.percentile(times, [50, 95])
        table[name] = {"p50_ms": round(float(middle), 1), "p95_ms": round(float(late), 1)}
        print(f"{name:24} p50 {middle:7.1f} ms   p95 {late:7.1f} ms   n {len(times)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=2))
    return int(table["label on disk"]["p95_ms"] > LIMIT_MS)


if __name__ == "__main__":
    raise SystemExit(main())
