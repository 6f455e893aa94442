"""The report of an experiment: one HTML file that carries everything and needs no network."""

import math
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from fsamt_engine.experiments import svg
from fsamt_engine.experiments.pictures import Image, data_uri
from fsamt_engine.experiments.svg import Series
from fsamt_engine.library import Library
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.models import model as find_model

_TEMPLATES = Path(__file__).parent / "templates"
_PACKAGES = ("fsamt-studio", "torch", "torchvision", "numpy", "opencv-python-headless", "av")


@dataclass(frozen=True)
class Row:
    """One line of a result table, as in the JSON.

    Attributes:
        mean: Of `values`, in %.
        std: Of `values`, in percentage points; None for a single seed.
        values: One for each seed, in %.
    """

    method: str
    labels_per_action: int
    mean: float
    std: float | None
    values: tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """Methods against labels an action. Methods keep the order in which they come.

    Attributes:
        measure: What its values are, at the beginning of a sentence.
    """

    title: str
    rows: tuple[Row, ...]
    note: str = ""
    measure: str = "Accuracy"


@dataclass(frozen=True)
class Curve:
    """A chart of values over training.

    Attributes:
        series: Lines; "training" and "validation" have colours of their own.
        best_step: Where the weights were kept, None where that says nothing.
        y_label: What the values are, with their unit.
        x_label: What the steps count.
    """

    title: str
    series: tuple[Series, ...]
    best_step: float | None
    y_label: str
    x_label: str = "step"


@dataclass(frozen=True)
class ConfusionMatrix:
    """What was shown (rows) against what was recognised (columns).

    Attributes:
        actions: Names, in the order of rows and columns.
        counts: (A, A) ints.
    """

    title: str
    actions: tuple[str, ...]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Picture:
    """Images of one moment side by side, each (H, W, 3) uint8 RGB with a word over it."""

    caption: str
    images: tuple[tuple[str, Image], ...]


@dataclass(frozen=True)
class Listing:
    """Rows of texts and numbers under their columns, as they are.

    Attributes:
        folded: Show the title alone until a reader opens it.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Report:
    """All that a report shows. What is empty is left out.

    Attributes:
        summary: Sentences that say what came out, numbers with their spread.
        charts: Titles and `<svg>` elements, shown after the result tables.
        listings: Shown after these; folded ones at the end.
        bands: Captions and `<svg>` elements of takes: what is true, and what was found.
        settings: Nested mappings are shown with dotted names.
        commands: How to run it again, one command a line.
        versions: Of the programs that made it.
    """

    title: str
    summary: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[tuple[str, str], ...] = ()
    listings: tuple[Listing, ...] = ()
    bands: tuple[tuple[str, str], ...] = ()
    curves: tuple[Curve, ...] = ()
    curves_title: str = "Training"
    confusions: tuple[ConfusionMatrix, ...] = ()
    pictures: tuple[Picture, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=lambda: program_versions())


def program_versions() -> dict[str, str]:
    """Versions of what computes a result, by name."""
    versions = {"python": platform.python_version(), "system": platform.platform(terse=True)}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def write_report(path: Path, report: Report) -> None:
    """Writes a report as one HTML file, beside and then renamed, so that it is whole or not there.

    Args:
        path: The file to write; its folder is made.
        report: What it shows.

    Raises:
        FsamtError: The file cannot be written: disk full, not allowed.
    """
    page = render_report(report)
    beside = path.with_name(path.name + ".part")
    with environment_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(page, encoding="utf-8")
        os.replace(beside, path)


def write_report_of(library: Library, model_id: str, report: Report, path: Path | None) -> Path:
    """Writes the report of a model: beside its weights, and to a chosen file.

    Args:
        path: The chosen file; None for the one beside the weights alone.

    Returns:
        The file that was asked for.

    Raises:
        FsamtError: As `write_report`.
    """
    own = library.absolute(find_model(library, model_id).path) / "report.html"
    for place in (own, path) if path else (own,):
        write_report(place, report)
    return path or own


def render_report(report: Report) -> str:
    """The report as HTML text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html").render(
        report=report,
        tables=[_table(table) for table in report.tables],
        charts=[(title, Markup(chart)) for title, chart in report.charts],
        bands=[(caption, Markup(chart)) for caption, chart in report.bands],
        curves=[(curve.title, _chart(curve)) for curve in report.curves],
        confusions=[_confusion(matrix) for matrix in report.confusions],
        pictures=[
            (picture.caption, [(name, data_uri(image)) for name, image in picture.images])
            for picture in report.pictures
        ],
        settings=list(_flat(report.settings)),
    )


def _chart(curve: Curve) -> Markup:
    return Markup(svg.line_chart(curve.series, curve.best_step, curve.x_label, curve.y_label))


@dataclass(frozen=True)
class _Cell:
    row: Row
    is_best: bool


def _table(table: Table) -> dict[str, Any]:
    """The table with a column for each number of labels, its best marked unless others share it."""
    labels = sorted({row.labels_per_action for row in table.rows})
    methods = list(dict.fromkeys(row.method for row in table.rows))
    cells = {(row.method, row.labels_per_action): row for row in table.rows}
    means = {n: [row.mean for row in table.rows if row.labels_per_action == n] for n in labels}
    return {
        "title": table.title,
        "note": table.note,
        "measure": table.measure,
        "labels": labels,
        "lines": [
            (
                method,
                [
                    _Cell(row, row.mean == max(means[n]) and means[n].count(row.mean) == 1)
                    if (row := cells.get((method, n)))
                    else None
                    for n in labels
                ],
            )
            for method in methods
        ],
    }


@dataclass(frozen=True)
class _Share:
    count: int
    percent: int
    """Of its row, in steps of 5: the strength of the hue."""
    words: str


def _confusion(matrix: ConfusionMatrix) -> dict[str, Any]:
    totals = matrix.counts.sum(axis=1)
    lines = []
    for truth, counts, total in zip(matrix.actions, matrix.counts, totals, strict=True):
        shares = [
            _Share(
                int(count),
                5 * math.ceil(20 * count / total) if total else 0,
                f"{count} of {total} clips of {truth} recognised as {seen}",
            )
            for seen, count in zip(matrix.actions, counts, strict=True)
        ]
        lines.append((truth, shares, int(total)))
    return {"title": matrix.title, "actions": matrix.actions, "lines": lines}


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield prefix + name, ", ".join(str(one) for one in value)
        else:
            yield prefix + name, str(value)
