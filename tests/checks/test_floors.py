"""DESIGN.md's rules hold in this repository, and each check finds what breaks its rule."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checks import floors

REPOSITORY = Path(__file__).parents[2]

RULES = [
    floors.rooms_without_a_floor,
    floors.imports_upwards,
    floors.qt_in_engine,
    floors.work_in_app,
    floors.long_files,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds_here(rule: Callable[[Path], list[str]]) -> None:
    assert rule(REPOSITORY) == []


def test_no_qt_is_loaded_by_any_module_of_the_engine() -> None:
    modules = [name for name in floors.engine_modules(REPOSITORY) if not name.endswith("__main__")]
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(sorted({{m.split('.')[0] for m in sys.modules}} & {set(floors.QT)!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


# --- each rule can fail: made-up trees ---------------------------------------------------------

BROKEN = [
    (
        floors.imports_upwards,
        {"fsamt_engine/library/takes.py": "from fsamt_engine.learning import transfer\n"},
        "fsamt_engine/library/takes.py:1: library may not import learning",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/library/takes.py": "def f():\n    import fsamt_engine.modalities.flow\n"},
        "fsamt_engine/library/takes.py:2: library may not import modalities",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/networks/loading.py": "from ..library import records\n"},
        "fsamt_engine/networks/loading.py:1: networks may not import library",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/networks/a.py": "from fsamt_engine import library\n"},
        "fsamt_engine/networks/a.py:1: networks may not import library",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/media/a.py": "importlib.import_module('fsamt_engine.cli.main')\n"},
        "fsamt_engine/media/a.py:1: media may not import cli",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/units.py": "from fsamt_engine.networks import registry\n"},
        "fsamt_engine/units.py:1: units may not import networks",
    ),
    (
        floors.imports_upwards,
        {"fsamt_engine/privacy/a.py": "import fsamt_engine.export.onnx\n"},
        "fsamt_engine/privacy/a.py:1: privacy may not import export",
    ),
    (
        floors.rooms_without_a_floor,
        {"fsamt_engine/attic/a.py": ""},
        "fsamt_engine/attic has no floor in DESIGN.md",
    ),
    (
        floors.qt_in_engine,
        {"fsamt_engine/capture/a.py": "def f():\n    from PySide6.QtCore import QThread\n"},
        "fsamt_engine/capture/a.py:2: the engine may not import PySide6.QtCore.QThread",
    ),
    (
        floors.qt_in_engine,
        {"fsamt_engine/cli.py": "import app.main\n"},
        "fsamt_engine/cli.py:1: the engine may not import app.main",
    ),
    (
        floors.work_in_app,
        {"app/pages/library.py": "import av\n"},
        "app/pages/library.py:1: app/ may not do a codec itself (av)",
    ),
    (
        floors.work_in_app,
        {"app/pages/library.py": "from sqlite_utils import Database\n"},
        "app/pages/library.py:1: app/ may not do SQL itself (sqlite_utils.Database)",
    ),
    (
        floors.long_files,
        {"app/main_window.py": "#\n" * 301},
        "app/main_window.py has 301 lines, 300 are allowed",
    ),
    (
        floors.long_files,
        {"tests/test_a.py": "#\n" * 501},
        "tests/test_a.py has 501 lines, 500 are allowed",
    ),
]


def made_up(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(("rule", "files", "sentence"), BROKEN)
def test_rule_names_the_place_that_breaks_it(
    rule: Callable[[Path], list[str]], files: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    assert rule(made_up(tmp_path, files)) == [sentence]


def test_a_house_in_order_breaks_no_rule(tmp_path: Path) -> None:
    files = {
        "fsamt_engine/__init__.py": "",
        "fsamt_engine/errors.py": "",
        "fsamt_engine/progress.py": "from fsamt_engine.errors import Cancelled\n",
        "fsamt_engine/library/takes.py": "from . import records\nfrom .records import Take\n",
        "fsamt_engine/library/records.py": "from fsamt_engine.media import depth\n",
        "fsamt_engine/learning/a.py": "from ..modalities.clips import ClipShape\nimport torch\n",
        "fsamt_engine/cli/main.py": "from fsamt_engine.experiments import report\n",
        "app/pages/library.py": "from fsamt_engine.library import Library\nimport PySide6\n",
        "app/main_window.py": "#\n" * 300,
    }
    made_up(tmp_path, files)
    assert [rule(tmp_path) for rule in RULES] == [[]] * len(RULES)
