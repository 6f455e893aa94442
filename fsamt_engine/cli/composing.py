"""Making untrimmed takes of trimmed ones."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.datasets.composing import CompositionSettings
    from fsamt_engine.library import Library

_RANGE = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")


def _seconds(_context: click.Context, _option: click.Parameter, value: str) -> tuple[float, float]:
    """Two numbers from "0.5-3"; "1" is the same one twice."""
    match = _RANGE.fullmatch(value.strip())
    if match is None:
        raise click.BadParameter(f"'{value}' is not a range of seconds such as 0.5-3.")
    return float(match[1]), float(match[2] or match[1])


@click.command(
    epilog=examples(
        "fsamt compose --library my-library --actions 1,3,5 --participants 1,3,5,7",
        'fsamt compose --library my-library --actions wave,clap --distractors "walk" --estimate',
        "fsamt compose --library my-library --actions 1,3,5 --participants 7 --minutes 60",
    )
)
@library_option
@names_option("--actions", required=True, help="What is labelled in the takes, by name or number.")
@names_option("--participants", help="Of whom takes are made; of everybody by default.")
@click.option(
    "--pieces",
    type=click.IntRange(2, 100),
    help="Labelled pieces a take, about; 8 by default. Every one is used once.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(0, 600, min_open=True),
    help="Instead one take as long as this of each participant; pieces come again and again.",
)
@click.option(
    "--rest",
    "rest_s",
    callback=_seconds,
    default="0.5-3",
    show_default=True,
    metavar="MIN-MAX",
    help="Seconds between two pieces.",
)
@names_option(
    "--distractors", help="Actions that are joined in without a label, one for every two pieces."
)
@click.option("--with-colour", is_flag=True, help="Join colour too, where it may be kept.")
@click.option(
    "--seed", default=0, show_default=True, help="Another one gives other orders and rests."
)
@click.option("--estimate", is_flag=True, help="Only say what will be made.")
@json_option
def compose(
    folder: Path,
    actions: tuple[str, ...],
    participants: tuple[str, ...] | None,
    pieces: int | None,
    minutes: float | None,
    rest_s: tuple[float, float],
    distractors: tuple[str, ...] | None,
    with_colour: bool,
    seed: int,
    estimate: bool,
    as_json: bool,
) -> None:
    """Join labelled takes of one participant into untrimmed ones with exact boundaries.

    For trying out detection where there are no labelled long takes. Every piece is shown whole,
    with rests between pieces that are made of its own still frames; composed takes are marked, and
    count nowhere as labels a second time. Stopped or killed, the same command goes on where it was.
    """
    from fsamt_engine.datasets.composing import compose as compose_takes
    from fsamt_engine.datasets.composing import plan_composition
    from fsamt_engine.datasets.composing_estimate import estimate_composition

    if pieces is not None and minutes is not None:
        raise FsamtError(
            "A take has either about so many pieces or so many minutes.",
            "Give --pieces or --minutes, not both.",
        )
    with open_library(folder) as opened:
        settings = _settings(
            opened, actions, participants, pieces, minutes, rest_s, distractors, with_colour, seed
        )
        plan = plan_composition(opened, settings)
        expected = estimate_composition(opened, plan)
        for remark in plan.remarks:
            click.echo(remark, err=True)
        if estimate and as_json:
            click.echo(json.dumps(asdict(expected), indent=1))
            return
        if estimate or not as_json:
            click.echo(
                f"{_takes(expected.n_takes)} to compose, {format_duration(expected.seconds)} and"
                f" about {format_bytes(expected.n_bytes)} of {format_bytes(expected.free_bytes)}"
                f" free; {expected.n_already_there} there already."
            )
        if estimate:
            return
        with long_work() as (on_progress, should_stop):
            made = compose_takes(opened, settings, on_progress=on_progress, should_stop=should_stop)
        rows = [_row(opened, take_id) for take_id in made]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    show_table(
        ("take", "participant", "session", "number", "length", "labels", "actions"),
        [
            (
                *(row[name] for name in ("take", "participant", "session", "number")),
                format_duration(row["seconds"]),
                row["labels"],
                ", ".join(row["actions"]),
            )
            for row in rows
        ],
    )


def _settings(
    opened: "Library",
    actions: Sequence[str],
    participants: Sequence[str] | None,
    pieces: int | None,
    minutes: float | None,
    rest_s: tuple[float, float],
    distractors: Sequence[str] | None,
    with_colour: bool,
    seed: int,
) -> "CompositionSettings":
    from fsamt_engine.datasets.composing import CompositionSettings
    from fsamt_engine.experiments.names import resolve_actions, resolve_participants

    return CompositionSettings(
        actions=resolve_actions(opened, actions),
        participants=resolve_participants(opened, participants) if participants else (),
        **({} if pieces is None else {"pieces": pieces}),
        rest_s=rest_s,
        minutes=minutes or 0.0,
        distractors=resolve_actions(opened, distractors) if distractors else (),
        with_colour=with_colour,
        seed=seed,
    )


def _row(opened: "Library", take_id: str) -> dict[str, Any]:
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.takes import take

    one, labelled = take(opened, take_id), segments(opened, take_ids=[take_id])
    return {
        "take": take_id,
        "participant": one.participant,
        "session": one.session,
        "number": one.number,
        "seconds": one.duration_us / 1e6,
        "labels": len(labelled),
        "actions": sorted({label.action for label in labelled}),
    }


def _takes(n: int) -> str:
    return "1 take" if n == 1 else f"{n:,} takes"
