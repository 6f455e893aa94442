"""What people say of takes, what they throw away, and how all of that is undone."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import show_table
from fsamt_engine.cli.libraries import library
from fsamt_engine.cli.options import (
    examples,
    json_option,
    library_argument,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.errors import FsamtError

if TYPE_CHECKING:
    from fsamt_engine.library.history import Change

_takes_argument = click.argument("take_ids", nargs=-1, required=True, metavar="TAKE...")


@library.command(
    "bin",
    epilog=examples("fsamt library bin my-library", "fsamt library bin my-library 4k2m9w0tq1xz"),
)
@library_argument
@click.argument("take_ids", nargs=-1, metavar="[TAKE...]")
@json_option
def bin_(folder: Path, take_ids: tuple[str, ...], as_json: bool) -> None:
    """Throw takes away; without any, list what was. Nothing is lost until the bin is emptied."""
    from fsamt_engine.library.bin import bin_takes, list_bin

    with open_library(folder) as opened:
        if take_ids:
            bin_takes(opened, take_ids)
        binned = list_bin(opened)
    if as_json:
        click.echo(json.dumps([asdict(take) for take in binned], indent=1))
        return
    rows = [
        (one.id, one.session, one.participant, one.number, _time(one.thrown_away_at_us))
        for one in binned
    ]
    if rows:
        show_table(("take", "session", "participant", "number", "thrown away"), rows)
    click.echo(f"{len(rows)} in the bin.")


@library.command(epilog=examples("fsamt library restore my-library 4k2m9w0tq1xz"))
@library_argument
@_takes_argument
def restore(folder: Path, take_ids: tuple[str, ...]) -> None:
    """Bring takes back from the bin, with their labels."""
    from fsamt_engine.library.bin import restore_takes

    with open_library(folder) as opened:
        restore_takes(opened, take_ids)
    click.echo(f"{len(set(take_ids))} restored.")


@library.command("empty-bin", epilog=examples("fsamt library empty-bin my-library --yes"))
@library_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
def empty_bin(folder: Path, yes: bool) -> None:
    """Delete for good what is in the bin. This cannot be undone."""
    from fsamt_engine.library.bin import empty_bin, list_bin

    with open_library(folder) as opened:
        n_takes = len(list_bin(opened))
        if n_takes and not yes:
            click.confirm(f"Delete what is in the bin ({n_takes}) for good?", abort=True)
        click.echo(f"{empty_bin(opened)} deleted.")


@library.command(
    epilog=examples(
        "fsamt library tag my-library                      # which tags there are",
        "fsamt library tag my-library 4k2m9w0tq1xz 9tz03hfe6a7c --add occluded --remove new",
    )
)
@library_argument
@click.argument("take_ids", nargs=-1, metavar="[TAKE...]")
@names_option("--add", help="Tags that they get.")
@names_option("--remove", help="Tags that they lose.")
def tag(
    folder: Path,
    take_ids: tuple[str, ...],
    add: tuple[str, ...] | None,
    remove: tuple[str, ...] | None,
) -> None:
    """Tag takes, to find them again; without any, list the tags."""
    from fsamt_engine.library.organising import set_tags, tags

    if bool(take_ids) is not bool(add or remove):
        raise FsamtError("Both takes and tags are needed.", "Give --add or --remove, and takes.")
    with open_library(folder) as opened:
        if take_ids:
            set_tags(opened, take_ids, add or (), remove or ())
        counts = tags(opened)
    if counts:
        show_table(("tag", "takes"), list(counts.items()))
    else:
        click.echo("There are no tags.")


@library.command(
    epilog=examples(
        "fsamt library rename my-library --participant P1 --to Anna",
        'fsamt library rename my-library --take 4k2m9w0tq1xz --to "the clumsy one"',
    )
)
@library_argument
@click.option("--participant", help="Who.")
@click.option("--session", help="Or which session.")
@click.option("--take", "take_id", help="Or which take; an empty name takes its title away.")
@click.option("--to", "new_name", required=True, help="The new name.")
def rename(
    folder: Path, participant: str | None, session: str | None, take_id: str | None, new_name: str
) -> None:
    """Give a participant, a session or a take another name.

    Models remember a participant under every name, so no test becomes unfair by it.
    """
    from fsamt_engine.library import organising

    chosen = [
        (function, name)
        for function, name in (
            (organising.rename_participant, participant),
            (organising.rename_session, session),
            (organising.set_title, take_id),
        )
        if name is not None
    ]
    if len(chosen) != 1:
        raise FsamtError(
            "It is not clear what to rename.", "Give one of --participant, --session and --take."
        )
    ((function, name),) = chosen
    with open_library(folder) as opened:
        function(opened, name, new_name)
    click.echo(f"{name} is {new_name} now." if new_name else f"{name} has no title now.")


@library.command(
    epilog=examples("fsamt library assign my-library 4k2m9w0tq1xz 9tz03hfe6a7c --to P3")
)
@library_argument
@_takes_argument
@click.option("--to", "participant", required=True, help="Who is seen in them; may be new.")
def assign(folder: Path, take_ids: tuple[str, ...], participant: str) -> None:
    """Say who is seen in takes, where that was wrong."""
    from fsamt_engine.library.organising import assign_takes

    with open_library(folder) as opened:
        assign_takes(opened, take_ids, participant)
    click.echo(f"{len(set(take_ids))} assigned to {participant}.")


@library.command(epilog=examples("fsamt library region my-library 4k2m9w0tq1xz --box 0.2 0 0.7 1"))
@library_argument
@_takes_argument
@click.option(
    "--box", type=float, nargs=4, help="Left, top, right, bottom as shares; without: anywhere."
)
def region(
    folder: Path, take_ids: tuple[str, ...], box: tuple[float, float, float, float] | None
) -> None:
    """Say in which part of the pictures the participant is, where it is not found by itself."""
    from fsamt_engine.library.organising import set_region

    with open_library(folder) as opened:
        set_region(opened, take_ids, box)
    click.echo(f"{len(set(take_ids))} changed.")


@click.command(epilog=examples("fsamt undo --library my-library"))
@library_option
def undo(folder: Path) -> None:
    """Take back the last change of labels, actions, tags, names or the bin."""
    from fsamt_engine.library.history import undo

    with open_library(folder) as opened:
        change = undo(opened)
    click.echo(f"Undone: {change.words}." if change else "There is nothing to undo.")


@click.command(epilog=examples("fsamt redo --library my-library"))
@library_option
def redo(folder: Path) -> None:
    """Do again what was undone last."""
    from fsamt_engine.library.history import redo

    with open_library(folder) as opened:
        change = redo(opened)
    click.echo(f"Done again: {change.words}." if change else "There is nothing to do again.")


@click.command(epilog=examples("fsamt history --library my-library"))
@library_option
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@json_option
def history(folder: Path, limit: int, as_json: bool) -> None:
    """List what was changed last, the newest first."""
    from fsamt_engine.library.history import history

    with open_library(folder) as opened:
        changes = history(opened, limit)
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], indent=1))
    elif changes:
        show_table(("when", "what", "undone"), [_shown(change) for change in changes])
    else:
        click.echo("Nothing was changed by hand yet.")


def _shown(change: "Change") -> tuple[str, str, str]:
    return _time(change.at_us), change.words, "yes" if change.is_undone else ""


def _time(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d %H:%M}"
