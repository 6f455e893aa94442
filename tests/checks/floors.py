"""What DESIGN.md says of who may import whom, and of the size of a file, as functions over a tree.

Each function gets the repository root and returns sentences, one for each place that breaks the
rule; none means that the rule holds. Only the text is read, nothing is imported: imports inside
functions count like those at the top.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENGINE = "fsamt_engine"
BASE = ("errors", "progress", "units")

# DESIGN.md's drawing from the ground up. Rooms of one floor do not use each other; the base may.
FLOORS: tuple[tuple[str, ...], ...] = (
    BASE,
    ("networks",),
    ("media",),
    ("library",),
    ("capture",),
    ("datasets",),
    ("modalities",),
    ("learning",),
    ("labelling",),
    ("evaluation",),
    ("detection",),
    ("export", "recognition", "privacy"),
    ("experiments",),
    ("runs",),
    ("cli",),
)

QT = ("PySide6", "shiboken6", "pyqtgraph", "pytestqt")
NOT_IN_APP = {
    "sqlite3": "SQL",
    "sqlite_utils": "SQL",
    "av": "a codec",
}

MAX_LINES = 500
MAX_LINES_OF = {"app/main_window.py": 300}


@dataclass(frozen=True)
class Import:
    """One imported module: absolute dotted name, and where it stands."""

    path: Path
    line: int
    module: str


def imports_below(root: Path, package: str) -> Iterator[Import]:
    """Every import of every Python file of `package`, relative ones made absolute."""
    for path in sorted((root / package).rglob("*.py")):
        yield from imports_of(root, path)


def imports_of(root: Path, path: Path) -> Iterator[Import]:
    """Every import of one file. `from a import b` gives `a.b`: b may be a module."""
    place = path.relative_to(root)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(place, node.lineno, name.name)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                package = place.parent.parts[: len(place.parent.parts) - node.level + 1]
                origin = ".".join((*package, origin) if origin else package)
            for name in node.names:
                yield Import(place, node.lineno, f"{origin}.{name.name}")
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            argument = node.args[0] if node.args else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Import(place, node.lineno, argument.value)


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _floor_of(room: str) -> int | None:
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def _room_of_file(place: Path) -> str:
    """The room of a file of the engine; the package's own __init__ counts as base."""
    room = place.parts[1].removesuffix(".py")
    return BASE[0] if room == "__init__" else room


def rooms_without_a_floor(root: Path) -> list[str]:
    """Rooms of the engine that DESIGN.md's drawing does not have."""
    rooms = {_room_of_file(path.relative_to(root)) for path in (root / ENGINE).rglob("*.py")}
    return [
        f"{ENGINE}/{room} has no floor in DESIGN.md"
        for room in sorted(rooms)
        if _floor_of(room) is None
    ]


def imports_upwards(root: Path) -> list[str]:
    """Imports of the engine that reach a floor above, or another room of the same floor."""
    broken = []
    for found in imports_below(root, ENGINE):
        parts = found.module.split(".")
        if parts[0] != ENGINE or len(parts) < 2:
            continue
        here, there = _room_of_file(found.path), parts[1]
        own, other = _floor_of(here), _floor_of(there)
        if own is None or other is None or here == there or own == other == 0:
            continue
        if other >= own:
            broken.append(f"{found.path}:{found.line}: {here} may not import {there}")
    return broken


def qt_in_engine(root: Path) -> list[str]:
    """Imports of Qt or of app/ in the engine."""
    return [
        f"{found.path}:{found.line}: the engine may not import {found.module}"
        for found in imports_below(root, ENGINE)
        if found.module.split(".")[0] in (*QT, "app")
    ]


def work_in_app(root: Path) -> list[str]:
    """SQL and codecs imported by app/: a page calls the engine for them."""
    return [
        f"{found.path}:{found.line}: app/ may not do {NOT_IN_APP[name]} itself ({found.module})"
        for found in imports_below(root, "app")
        if (name := found.module.split(".")[0]) in NOT_IN_APP
    ]


def long_files(root: Path) -> list[str]:
    """Python files with more lines than they may have."""
    broken = []
    for folder in (ENGINE, "app", "tests", "benchmarks"):
        for path in sorted((root / folder).rglob("*.py")):
            place = path.relative_to(root).as_posix()
            n_lines = len(path.read_text(encoding="utf-8").splitlines())
            allowed = MAX_LINES_OF.get(place, MAX_LINES)
            if n_lines > allowed:
                broken.append(f"{place} has {n_lines} lines, {allowed} are allowed")
    return broken


def engine_modules(root: Path) -> list[str]:
    """Dotted names of every module of the engine."""
    names = []
    for path in sorted((root / ENGINE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names
