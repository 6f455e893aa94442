"""A pytest plugin that makes Qt unimportable: `pytest -p no:pytest-qt -p tests.without_qt`.

The engine's tests pass with it: the engine runs on machines that have no Qt.
"""

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

REFUSED = ("PySide6", "shiboken6", "pyqtgraph")


class _Refusal:
    """A finder that goes before all others and finds nothing of Qt."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.split(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"{name} is refused: these tests run without Qt", name=name)
        return None


def refuse_qt() -> None:
    """Refuses Qt from here on, and makes sure that it does.

    Raises:
        pytest.UsageError: Qt is loaded already (pytest-qt does so), or can still be imported.
    """
    loaded = [name for name in REFUSED if name in sys.modules]
    if loaded:
        raise pytest.UsageError(f"{loaded[0]} is loaded already: add -p no:pytest-qt")
    sys.meta_path.insert(0, _Refusal())
    for name in REFUSED:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        raise pytest.UsageError(f"{name} can still be imported")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Knows pytest-qt's setting, which has no owner while that plugin is off."""
    parser.addini("qt_api", "of pytest-qt, which is off")


def pytest_configure() -> None:
    """Refuses Qt before the first test is collected."""
    refuse_qt()


def pytest_report_header() -> str:
    """Says in the first lines that Qt is out of reach."""
    return f"without Qt: {', '.join(REFUSED)} cannot be imported"
