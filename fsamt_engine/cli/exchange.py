"""Takes and labels on their way out, and in from other libraries and programs."""

from pathlib import Path

import click

from fsamt_engine.cli.console import long_work
from fsamt_engine.cli.importing import import_, tell_imported
from fsamt_engine.cli.libraries import library
from fsamt_engine.cli.options import (
    examples,
    library_argument,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.errors import FsamtError


@library.command(
    epilog=examples("fsamt library export my-library handed-on --participants P01 --depth-only")
)
@library_argument
@click.argument("target", type=click.Path(path_type=Path), metavar="TARGET")
@names_option("--sessions")
@names_option("--participants")
@names_option("--actions", help="Takes with a label of one of these.")
@names_option("--tags")
@click.option("--depth-only", is_flag=True, help="Leave all colour behind.")
@click.option("--without-labels", is_flag=True)
def export(
    folder: Path,
    target: Path,
    sessions: tuple[str, ...] | None,
    participants: tuple[str, ...] | None,
    actions: tuple[str, ...] | None,
    tags: tuple[str, ...] | None,
    depth_only: bool,
    without_labels: bool,
) -> None:
    """Copy takes into another library, which is made if need be; all of them by default.

    Colour that a participant did not allow to be kept, or not until today, stays behind.
    """
    from fsamt_engine.datasets.exchange import ExchangeChoice, export_takes
    from fsamt_engine.library import TakeFilter
    from fsamt_engine.library.takes import list_takes

    wanted = TakeFilter(sessions or (), participants or (), actions or (), tags=tags or ())
    choice = ExchangeChoice(with_colour=not depth_only, with_labels=not without_labels)
    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        ids = [row.id for row in list_takes(opened, wanted)]
        if not ids:
            raise FsamtError("No take is like that.", "See `fsamt library list`.")
        result = export_takes(
            opened, ids, target, choice, on_progress=on_progress, should_stop=should_stop
        )
    if result.without_colour:
        n = len(result.without_colour)
        click.echo(f"{n} went without colour, since its consent does not allow it.", err=True)
    tell_imported(result)


@import_.command("library", epilog=examples("fsamt import library handed-on --library my-library"))
@click.argument("source", type=click.Path(path_type=Path))
@library_option
def import_library(source: Path, folder: Path) -> None:
    """Bring all takes of another library into this one, with their labels."""
    from fsamt_engine.datasets.arrivals import Arrival, ArrivalKind, bring_in

    arrival = Arrival(ArrivalKind.LIBRARY, (source.expanduser().absolute(),), "")
    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        result = bring_in(opened, arrival, on_progress=on_progress, should_stop=should_stop)
    tell_imported(result)


@click.group()
def labels() -> None:
    """Labels out to other programs, and in from them."""


@labels.command(
    "export",
    epilog=examples(
        "fsamt labels export labels.csv --library my-library",
        "fsamt labels export for-elan --format eaf --library my-library",
    ),
)
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@library_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("csv", "json", "eaf", "boris")),
    help="By default as the file's name ends. eaf (ELAN) makes a folder with a file a take.",
)
def export_labels(path: Path, folder: Path, form: str | None) -> None:
    """Write all labels to a file."""
    from fsamt_engine.labelling.files import LabelFormat, write_labels

    with open_library(folder) as opened:
        n_labels = write_labels(opened, path, LabelFormat(form) if form else None)
    click.echo(f"{n_labels} labels written to {path}.")


@labels.command(
    "import",
    epilog=examples("fsamt labels import coded.boris --library my-library --dry-run"),
)
@click.argument(
    "paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE..."
)
@library_option
@click.option(
    "--replace", is_flag=True, help="Labels of the files' takes become those of the files."
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_labels(paths: tuple[Path, ...], folder: Path, replace: bool, dry_run: bool) -> None:
    """Take labels over from .csv, .json, .eaf (ELAN) and .boris files; `fsamt undo` undoes it.

    A label that overlaps one of the library is left out, unless labels are replaced.
    """
    from fsamt_engine.labelling.files import apply_labels, read_labels

    with open_library(folder) as opened:
        found = read_labels(opened, paths)
        for problem in found.problems:
            click.echo(f"Left out: {problem}", err=True)
        for name in found.unknown_takes:
            click.echo(f"Left out: no take {name} is in this library.", err=True)
        n_added = 0 if dry_run else apply_labels(opened, found, replace=replace)
    names = ", ".join(action.name for action in found.new_actions)
    if names:
        click.echo(f"New actions: {names}.")
    click.echo(
        f"{len(found.labels)} new labels, {found.n_there} were there already, "
        f"{found.n_overlapping} overlap others. {n_added} added."
    )
