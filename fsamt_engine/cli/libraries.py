"""Commands about a library."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    examples,
    json_option,
    library_argument,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.library import Library


@click.group()
def library() -> None:
    """Make, look into and check a library: one folder with takes, labels and models."""


@library.command(epilog=examples("fsamt library create my-library"))
@library_argument
def create(folder: Path) -> None:
    """Make a new library in a folder that is new or empty."""
    from fsamt_engine.library import Library

    with Library.create(folder) as made:
        click.echo(f"Made a library in {made.root}.")


@library.command(epilog=examples("fsamt library info my-library"))
@library_argument
@json_option
def info(folder: Path, as_json: bool) -> None:
    """Say what is in a library: takes, participants, actions, models, and how large it is."""
    with open_library(folder) as opened:
        facts = _facts(opened)
    if as_json:
        click.echo(json.dumps(facts, indent=1))
        return
    click.echo(f"Library {facts['folder']}")
    click.echo(
        f"{_takes(facts['takes'])} ({facts['takes_with_pairs']} with colour and depth), "
        f"{format_duration(facts['seconds'])}, {format_bytes(facts['bytes'])}"
    )
    for outside in facts["elsewhere"]:
        is_there = "" if outside["is_there"] else " (not there now)"
        click.echo(f"Frames outside the library: {outside['folder']}{is_there}")
    click.echo(f"{facts['models']} models, {facts['runs']} runs")
    if facts["participants"]:
        people = [f"{name} ({n})" for name, n in facts["participants"].items()]
        click.echo(f"Participants (takes): {', '.join(people)}")
    if facts["actions"]:
        rows = [(one["name"], one["segments"], one["description"]) for one in facts["actions"]]
        show_table(("action", "segments", "description"), rows)


def _takes(n: int) -> str:
    return "1 take" if n == 1 else f"{n} takes"


def _facts(opened: "Library") -> dict[str, Any]:
    from fsamt_engine.library.labels import actions
    from fsamt_engine.library.models import list_models
    from fsamt_engine.library.runs import list_runs
    from fsamt_engine.library.takes import (
        count_takes,
        participant_counts,
        session_counts,
        take_ids_with_pairs,
    )

    ((n_bytes,),) = opened.rows("SELECT COALESCE(SUM(n_bytes), 0) FROM streams")
    ((duration_us,),) = opened.rows("SELECT COALESCE(SUM(duration_us), 0) FROM takes")
    return {
        "folder": str(opened.root),
        "takes": count_takes(opened),
        "takes_with_pairs": len(take_ids_with_pairs(opened)),
        "seconds": duration_us / 1e6,
        "bytes": n_bytes,
        "elsewhere": [
            {"folder": str(folder), "is_there": folder.is_dir()} for folder in _outside(opened)
        ],
        "sessions": len(session_counts(opened)),
        "participants": participant_counts(opened),
        "actions": [
            {"name": one.name, "description": one.description, "segments": one.n_segments}
            for one in actions(opened)
        ],
        "models": len(list_models(opened)),
        "runs": len(list_runs(opened)),
    }


def _outside(opened: "Library") -> tuple[Path, ...]:
    from fsamt_engine.library.records import ELSEWHERE

    if not opened.rows("SELECT 1 FROM streams WHERE path LIKE '%' || ? LIMIT 1", [ELSEWHERE]):
        return ()
    from fsamt_engine.library.elsewhere import folders_elsewhere

    return folders_elsewhere(opened)


@library.command(
    "list", epilog=examples('fsamt library list my-library --participants 1,3 --actions "draw x"')
)
@library_argument
@names_option("--sessions", help="Only takes of these sessions.")
@names_option("--participants", help="Only takes of these people.")
@names_option("--actions", help="Only takes with one of these actions.")
@click.option("--with-colour/--depth-only", "has_colour", default=None, help="By what there is.")
@names_option("--tags", help="Only takes with one of these tags.")
@names_option("--verdicts", help="Only takes that are good, caution or bad.")
@click.option("--labelled/--unlabelled", default=None, help="By whether there is any label.")
@click.option("--from", "from_", type=click.DateTime(), help="Only takes from then on.")
@click.option("--before", type=click.DateTime(), help="Only takes before then.")
@click.option("--text", default="", help="Only takes with this in one of their names.")
@click.option("--limit", type=click.IntRange(1), help="At most so many.")
@json_option
def list_(
    folder: Path,
    sessions: tuple[str, ...] | None,
    participants: tuple[str, ...] | None,
    actions: tuple[str, ...] | None,
    has_colour: bool | None,
    tags: tuple[str, ...] | None,
    verdicts: tuple[str, ...] | None,
    labelled: bool | None,
    from_: datetime | None,
    before: datetime | None,
    text: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """List takes, all of them or those that pass a filter."""
    from fsamt_engine.library import QualityLevel, TakeFilter
    from fsamt_engine.library.takes import count_takes, list_takes

    unknown = set(verdicts or ()) - set(QualityLevel)
    if unknown:
        raise FsamtError(
            f"{min(unknown)} is no verdict.", f"Choose from {', '.join(QualityLevel)}."
        )
    wanted = TakeFilter(
        sessions or (),
        participants or (),
        actions or (),
        has_colour,
        text,
        tuple(map(QualityLevel, verdicts or ())),
        labelled,
        tags or (),
        None if from_ is None else int(from_.timestamp() * 1e6),
        None if before is None else int(before.timestamp() * 1e6),
    )
    with open_library(folder) as opened:
        rows = list_takes(opened, wanted, limit=limit)
        n_all = count_takes(opened, wanted)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
        return
    columns = ("take", "session", "participant", "number", "seconds", "pairs", "actions", "tags")
    show_table(
        columns,
        [
            (
                row.id,
                row.session,
                row.participant,
                row.number,
                round(row.duration_us / 1e6, 1),
                row.n_pairs,
                ", ".join(row.actions),
                ", ".join(row.tags),
            )
            for row in rows
        ],
    )
    click.echo(f"{len(rows)} of {n_all} takes." if len(rows) < n_all else f"{_takes(n_all)}.")


@library.command(epilog=examples("fsamt library verify my-library"))
@library_argument
@json_option
def verify(folder: Path, as_json: bool) -> None:
    """Read every file, and say which takes and models are sound.

    Ends with exit code 2 if something is missing, cut short or altered.
    """
    from fsamt_engine.library.verify import verify as verify_library

    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        found = verify_library(opened, on_progress=on_progress, should_stop=should_stop)
    if as_json:
        problems = [asdict(problem) for problem in found.problems]
        content = {"is_sound": found.is_sound, "sound": found.sound, "problems": problems}
        click.echo(json.dumps(content, indent=1))
    else:
        for problem in found.told:
            click.echo(f"{problem.what} {problem.hint}")
        click.echo(f"{_takes(len(found.sound))} {'is' if len(found.sound) == 1 else 'are'} sound.")
    if not found.is_sound:
        n = sum(not problem.harmless for problem in found.told)
        raise FsamtError(
            f"{n} thing{'s are' if n > 1 else ' is'} not as the library knows "
            f"{'them' if n > 1 else 'it'}.",
            "What to do is written with each of them.",
        )


@library.command(
    epilog=examples(
        "fsamt library relocate my-library /new/disk/ntu",
        "fsamt library relocate my-library /new/disk --from /old/disk",
    )
)
@library_argument
@click.argument("to", type=click.Path(path_type=Path), metavar="TO")
@click.option(
    "--from",
    "moved_from",
    type=click.Path(path_type=Path),
    metavar="OLD",
    help="Which folder was moved, where takes lie in several.",
)
def relocate(folder: Path, to: Path, moved_from: Path | None) -> None:
    """Say where a data set is now whose takes lie outside the library.

    The files are compared with what the library knows first; nothing is copied or moved.
    """
    from fsamt_engine.library.elsewhere import relocate as relocate_in

    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        found = relocate_in(
            opened, to, moved_from, on_progress=on_progress, should_stop=should_stop
        )
    click.echo(f"{found.n_found:,} streams are there: {', '.join(map(str, found.folders))}.")
    if found.n_missing:
        click.echo(
            f"{found.n_missing:,} are not: {', '.join(map(str, found.missing))}, …", err=True
        )


@click.command(
    epilog=examples("fsamt simulate --library my-library --participants 4 --actions wave,clap,kick")
)
@library_option
@click.option("--participants", type=click.IntRange(1), default=8, show_default=True)
@click.option("--takes", type=click.IntRange(1), default=2, show_default=True, help="Per action.")
@names_option("--actions", help="Some of those they know; all by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="Other people and rooms.")
def simulate(
    folder: Path, participants: int, takes: int, actions: tuple[str, ...] | None, seed: int
) -> None:
    """Add takes of simulated people, for trying things out without a camera."""
    from dataclasses import replace

    from fsamt_engine.capture.simulated_library import (
        SimulatedLibrarySettings,
        add_simulated_takes,
    )

    settings = SimulatedLibrarySettings(
        participants=participants, takes_per_action=takes, seed=seed
    )
    if actions:
        settings = replace(settings, actions=actions)
    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        added = add_simulated_takes(
            opened, settings, on_progress=on_progress, should_stop=should_stop
        )
    click.echo(f"{_takes(added)} added, {settings.n_takes - added} were there already.")
