"""The command about runs: what was started, what waits, and doing what waits."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.models import when
from fsamt_engine.cli.options import examples, json_option, library_option, open_library

if TYPE_CHECKING:
    from fsamt_engine.library import Library
    from fsamt_engine.runs.queue import QueuedRun


@click.command(
    epilog=examples(
        "fsamt runs --library my-library",
        "fsamt runs --library my-library --continue   # what the window has left undone",
    )
)
@library_option
@click.option(
    "--continue", "go_on", is_flag=True, help="Do what waits or is paused, one after the other."
)
@json_option
def runs(folder: Path, go_on: bool, as_json: bool) -> None:
    """List what waits in a library, and what was started: trainings, tests and tables.

    What waits or is paused comes first, in its order; then the newest.
    """
    from fsamt_engine.library.runs import list_runs
    from fsamt_engine.runs.queue import queued

    with open_library(folder) as opened:
        if go_on:
            _do_all(opened)
        waiting, found = queued(opened), list_runs(opened)
    if as_json:
        listed = [_plain(run) for run in waiting] + [asdict(run) for run in found]
        click.echo(json.dumps(listed, indent=1))
        return
    show_table(
        ("run", "kind", "status", "started", "done", "model", "message"),
        [
            (
                f"in the queue: {place}",
                run.request.kind,
                run.status,
                f"added {when(run.added_at_us)}",
                "",
                (run.outcome.model_id if run.outcome else None) or "",
                run.request.title,
            )
            for place, run in enumerate(waiting, start=1)
        ]
        + [
            (
                str(run.id),
                run.kind,
                run.status,
                when(run.started_at_us),
                f"{100 * run.done / run.total:.0f} %" if run.total else "",
                run.model_id or "",
                run.message,
            )
            for run in found
        ],
    )


def _do_all(opened: "Library") -> None:
    """Everything that is open now; what fails does not keep the rest from being done."""
    from fsamt_engine.errors import FsamtError
    from fsamt_engine.runs.execute import execute
    from fsamt_engine.runs.queue import QueueStatus, queued

    for run in queued(opened):
        if run.status is QueueStatus.RUNNING:
            click.echo(f"{run.request.title}: under way in another program.", err=True)
            continue
        click.echo(run.request.title, err=True)
        try:
            with long_work() as (on_progress, should_stop):
                execute(opened, run.id, on_progress=on_progress, should_stop=should_stop)
        except FsamtError as error:
            click.echo(f"Error: {error}", err=True)


def _plain(run: "QueuedRun") -> dict[str, Any]:
    return {
        "id": None,
        "queue_id": run.id,
        "kind": run.request.kind,
        "status": str(run.status),
        "settings": asdict(run.request),
        "model_id": run.outcome.model_id if run.outcome else None,
        "message": run.message or run.request.title,
    }
