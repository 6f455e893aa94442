"""The plugin that hides Qt from the engine's tests does hide it."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def pytest_run(test: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, str(test)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_qt_cannot_be_imported_under_the_plugin(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text("def test_it():\n    import PySide6.QtCore\n")
    done = pytest_run(test, "-p", "no:pytest-qt", "-p", "tests.without_qt")
    assert done.returncode == 1
    assert "PySide6 is refused" in done.stdout


def test_the_plugin_refuses_to_run_where_qt_is_loaded_already(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text("def test_it():\n    pass\n")
    done = pytest_run(test, "-p", "PySide6.QtCore", "-p", "no:pytest-qt", "-p", "tests.without_qt")
    assert done.returncode == 4
    assert "loaded already" in done.stderr
