"""Commands that bring takes into a library."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsamt_engine.cli.console import long_work
from fsamt_engine.cli.options import (
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
    out_option,
    write_json,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.datasets import DataSetReader, ImportResult
    from fsamt_engine.datasets.importing import ImportChoice
    from fsamt_engine.learning.arrival_estimate import ArrivalEstimate
    from fsamt_engine.library import Library

DATA_SET_NAMES = ("kinetics", "ntu", "nw-ucla", "pku-mmd", "utd-mhad")
"""Names of the readers, written out so that help needs no reader."""
_MANY = 1000
"""Before an import of so many takes, it is measured what that will take."""


@click.group("import")
def import_() -> None:
    """Bring takes into a library that lie elsewhere.

    A second time adds only what is not there yet. A broken file is named and left out; the rest
    arrives.
    """


def _add_data_set(name: str) -> None:
    """A command for a data set, whose files say who does what."""

    @import_.command(
        name,
        help=f"Bring the data set {name} into a library.\n\nWhat it will take is measured on a few"
        " takes first where there are many. Stopped or killed, the same command goes on where it"
        " was.",
        epilog=examples(
            f"fsamt import {name} ~/{name} --library my-library",
            f"fsamt import {name} /data/{name} --library my-library --in-place --yes",
        ),
    )
    @click.argument("source", type=click.Path(path_type=Path))
    @library_option
    @click.option(
        "--in-place", is_flag=True, help="Leave videos and pictures where they are, and read them."
    )
    @names_option("--participants", help="Only takes of these people.")
    @names_option("--actions", help="Only takes with one of these actions.")
    @click.option("--workers", type=click.IntRange(1), help="Takes at the same time.")
    @click.option(
        "--short-side",
        type=click.IntRange(0),
        metavar="PIXELS",
        help="Reduce colour that is copied to this; 0 keeps it. By default what is larger than"
        " 640x480 is reduced to 256.",
    )
    @click.option("--estimate", is_flag=True, help="Only say what it will take.")
    @click.option("--yes", is_flag=True, help="Say what it will take, but do not ask.")
    @out_option("--report", "report", help="Write here what came and what is missing, as JSON.")
    @json_option
    def import_it(
        source: Path,
        folder: Path,
        in_place: bool,
        participants: tuple[str, ...] | None,
        actions: tuple[str, ...] | None,
        workers: int | None,
        short_side: int | None,
        estimate: bool,
        yes: bool,
        report: Path | None,
        as_json: bool,
    ) -> None:
        from fsamt_engine.datasets import DATA_SETS, import_data_set
        from fsamt_engine.datasets.importing import ImportChoice

        choice = ImportChoice(participants or (), actions or (), in_place, short_side)
        plan = _Plan(DATA_SETS[name], source, choice, workers)
        with open_library(folder) as opened:
            if estimate or plan.is_large(opened):
                found = plan.measure(opened)
                if estimate and as_json:
                    click.echo(json.dumps(asdict(found), indent=1))
                    return
                _tell_estimate(found, in_place=in_place)
                if estimate:
                    return
                if not yes and sys.stdin.isatty():
                    click.confirm("Import them?", default=True, abort=True)
            with long_work() as (on_progress, should_stop):
                result = import_data_set(
                    opened,
                    plan.reader,
                    source,
                    choice,
                    on_progress=on_progress,
                    should_stop=should_stop,
                    workers=workers,
                )
        if report is not None:
            write_json(report, _content(result))
        if as_json:
            click.echo(json.dumps(_content(result), indent=1))
        else:
            tell_imported(result)


for data_set_name in DATA_SET_NAMES:
    _add_data_set(data_set_name)


@dataclass(frozen=True)
class _Plan:
    """An import that was asked for."""

    reader: "DataSetReader"
    source: Path
    choice: "ImportChoice"
    workers: int | None

    def is_large(self, opened: "Library") -> bool:
        """Whether it is worth half a minute to say first what it will take."""
        from fsamt_engine.datasets.importing import TakesToDo

        to_do = TakesToDo(opened, self.reader, self.reader.find(self.source), self.choice)
        return len(to_do) >= _MANY

    def measure(self, opened: "Library") -> "ArrivalEstimate":
        """What it will take."""
        from fsamt_engine.learning.arrival_estimate import estimate_arrival

        with long_work() as (on_progress, should_stop):
            return estimate_arrival(
                opened,
                self.reader,
                self.source,
                self.choice,
                workers=self.workers,
                on_progress=on_progress,
                should_stop=should_stop,
            )


@import_.command(
    "realsense",
    epilog=examples(
        "fsamt import realsense 1.db3 2.bag --library my-library --participant P01 --action wave"
    ),
)
@click.argument(
    "files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@library_option
@click.option("--session", default="RealSense recordings", show_default=True)
@click.option("--participant", required=True, help="Who is seen in all of the files.")
@click.option("--action", help="What they do in all of them; without it the takes get no label.")
def realsense(
    files: tuple[Path, ...], folder: Path, session: str, participant: str, action: str | None
) -> None:
    """Bring recordings of the RealSense SDK (.db3, .bag) into a library, each as a take."""
    from fsamt_engine.datasets.realsense import RecordingNames, import_realsense

    names = RecordingNames(session, participant, action)
    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        result = import_realsense(
            opened, files, names, on_progress=on_progress, should_stop=should_stop
        )
    if len(files) == len(result.skipped) == 1:
        raise FsamtError(result.skipped[0].reason, "Nothing of it was kept.")
    tell_imported(result)


def tell_imported(result: "ImportResult") -> None:
    """Say what came in, what was there, what could not come, and what a data set lacks."""
    for skipped in result.skipped:
        click.echo(f"Left out {skipped.file}: {skipped.reason}", err=True)
    for missing in result.missing:
        click.echo(f"Missing in the data set: {missing}.", err=True)
    click.echo(
        f"{_takes(result.added)} added, {result.already_there:,} were there already, "
        f"{len(result.skipped):,} left out."
    )


def _tell_estimate(found: "ArrivalEstimate", *, in_place: bool) -> None:
    arrival = found.arrival
    click.echo(f"{_takes(arrival.n_takes)} to import, {arrival.n_already_there:,} there already.")
    if not arrival.n_takes:
        return
    click.echo(
        f"On this machine, measured on {_takes(arrival.n_tried)}: about"
        f" {format_duration(arrival.seconds)}, and {format_bytes(arrival.n_bytes)} of"
        f" {format_bytes(arrival.free_bytes)} free on the disk."
    )
    if found.flow_s:
        click.echo(
            f"Later, when a training first asks for them: flow"
            f" {format_duration(found.flow_s)} and {format_bytes(found.flow_bytes)}, a"
            f" {found.teacher} teacher's embeddings {format_duration(found.embeddings_s)} and"
            f" {format_bytes(found.embeddings_bytes)} ({found.device})."
        )
    if not arrival.fits:
        raise FsamtError(
            f"There is no room for it: {format_bytes(arrival.n_bytes)} are needed.",
            "Import fewer takes, or into a library on a larger disk."
            if in_place
            else "Import in place (--in-place), fewer takes, or into a library on a larger disk.",
        )


def _content(result: "ImportResult") -> dict[str, Any]:
    return {
        "found": result.found,
        "added": result.added,
        "already_there": result.already_there,
        "left_out": [
            {"file": str(skipped.file), "reason": skipped.reason} for skipped in result.skipped
        ],
        "missing": [asdict(missing) for missing in result.missing],
    }


def _takes(n: int) -> str:
    return "1 take" if n == 1 else f"{n:,} takes"
