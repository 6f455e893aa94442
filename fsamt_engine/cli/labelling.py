"""Commands between the transfer and the labels: its health, and which clips to label next."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    device_option,
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.units import format_percent


@click.command(epilog=examples("fsamt health student-1a2b3c4d --library my-library"))
@library_option
@click.argument("student")
@device_option
@json_option
def health(folder: Path, student: str, device: str, as_json: bool) -> None:
    """Measure how well a STUDENT answers as its teacher does, on pairs that were held out."""
    from fsamt_engine.evaluation.health import transfer_health
    from fsamt_engine.library.models import model as find

    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        record = find(opened, student)
        found = transfer_health(
            opened, record, device=device, on_progress=on_progress, should_stop=should_stop
        )
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
        return
    click.echo(
        f"{found.student_id}: {found.n_held_out} of {found.n_videos} pairs were held out; cosine"
        f" {found.matched_mean:.2f} with their partners, {found.random_mean:.2f} with random ones,"
        f" {found.trained_mean:.2f} on trained pairs."
    )
    rows = [
        (
            f"among the first {one.k} of {found.n_candidates}",
            format_percent(one.share),
            f"{100 * one.interval[0]:.0f} to {100 * one.interval[1]:.0f} %",
            format_percent(one.chance),
        )
        for one in found.retrieval
    ]
    if rows:
        show_table(("the right partner is", "held-out pairs", "95 %", "by chance"), rows)
    show_table(
        ("worst pairs", "frames", "cosine", "rank", ""),
        [
            (
                f"{one.item.take_id} ({one.item.participant})",
                f"{one.item.start}-{one.item.end}",
                one.cosine,
                one.rank,
                "" if one.was_held_out else "trained on",
            )
            for one in found.worst[:5]
        ],
    )
    click.echo(f"What next: {found.advice.code}. {found.advice.words}")


@click.command(
    epilog=examples(
        "fsamt suggest --library my-library --model student-1a2b3c4d --participants P01,P02"
    )
)
@library_option
@click.option("--model", "name", required=True, metavar="MODEL", help="A student or a recogniser.")
@names_option("--participants", help="Whose takes to look at; all by default.")
@click.option("-n", "n", type=click.IntRange(1), default=48, show_default=True, help="How many.")
@device_option
@json_option
def suggest(
    folder: Path,
    name: str,
    participants: tuple[str, ...] | None,
    n: int,
    device: str,
    as_json: bool,
) -> None:
    """Suggest which clips to label next, in the place of older suggestions.

    A student suggests what is typical of clips without a label; a recogniser what it wavers on. No
    suggestion is a label: the page for labelling shows them, to be accepted or dismissed.
    """
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.labelling import suggest as suggest_clips
    from fsamt_engine.library.compositions import composed_take_ids
    from fsamt_engine.library.models import model as find
    from fsamt_engine.library.pair_rows import pair_rows
    from fsamt_engine.library.takes import take_ids_with
    from fsamt_engine.modalities.available import kinds_of
    from fsamt_engine.modalities.preparation import Modality

    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        record = find(opened, name)
        people = resolve_participants(opened, participants) if participants else None
        able = set(take_ids_with(opened, kinds_of(Modality(record.modality)), people))
        able -= composed_take_ids(opened)
        takes = [row.id for row in pair_rows(opened, people) if row.id in able]
        found = suggest_clips(
            opened,
            record,
            n=n,
            take_ids=takes,
            device=device,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=1))
        return
    show_table(
        ("take", "participant", "frames", "guess", "worth", "why"),
        [
            (
                one.take_id,
                one.participant,
                f"{one.start}-{one.end}",
                one.action or "",
                round(one.score, 2),
                one.reason,
            )
            for one in found
        ],
    )
