"""Weights that others have published: how they are prepared, and fetching them by name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import examples, library_option, open_library

if TYPE_CHECKING:
    from fsamt_engine.learning.published_model import PublishedOptions
    from fsamt_engine.library import ModelRecord

_F = TypeVar("_F", bound=Callable[..., Any])


def published_options(function: _F) -> _F:
    """`--crop`, `--frames`, `--step` and `--flow`: what a file of weights does not say."""
    for option in (
        click.option(
            "--flow",
            type=click.Choice(("tv-l1", "dis", "raft")),
            help="How flow is computed for published flow weights; as published (tv-l1) by"
            " default. dis is much quicker without a GPU.",
        ),
        click.option(
            "--step",
            type=click.IntRange(1),
            help="Frames of a take from one frame of a clip to the next; as published by default.",
        ),
        click.option(
            "--frames",
            "n_frames",
            type=click.IntRange(1),
            help="Frames of a clip; as published by default.",
        ),
        click.option(
            "--crop",
            type=click.Choice(("person", "frame", "centre")),
            default="person",
            show_default=True,
            help="What published weights, and students of theirs, see: the square around the"
            " person, the whole frame, or the frame's middle as published.",
        ),
    ):
        function = option(function)
    return function


def published(
    crop: str, n_frames: int | None, step: int | None, flow: str | None
) -> "PublishedOptions":
    """The options of `published_options` as the engine takes them."""
    from fsamt_engine.learning.published_model import PublishedCrop, PublishedOptions
    from fsamt_engine.modalities.preparation import FlowMethod

    method = None if flow is None else FlowMethod(flow)
    return PublishedOptions(PublishedCrop(crop), n_frames, step, method)


def say_brought_in(found: "tuple[ModelRecord, ...]") -> None:
    """One line a model, and of published weights how their input is made."""
    for record in found:
        click.echo(f"{record.id}: {record.name}")
        settings = record.settings
        if "licence" in settings:
            shape = settings["shape"]
            click.echo(
                f"  {record.modality}, clips of {shape['n_frames']} frames, {shape['step']} apart,"
                f" {shape['size']} x {shape['size']} pixels; licence: {settings['licence']}"
            )
        if settings.get("flow") == "tv-l1":
            click.echo(
                "  Flow is computed with TV-L1, as published: seconds a frame without a GPU. With"
                " --flow dis it is quick, and a little unlike what the network was trained on."
            )


@click.command(epilog=examples("fsamt models download r3d_18 --library my-library"))
@library_option
@click.argument("name", required=False)
@published_options
def download(
    folder: Path,
    name: str | None,
    crop: str,
    n_frames: int | None,
    step: int | None,
    flow: str | None,
) -> None:
    """Fetch published weights by NAME, as a teacher; without a NAME, list what there is.

    Torchvision's video networks come from its own address. videomae:NAME and vjepa2:NAME come from
    the Hugging Face Hub and need the extra "transformers"; NAME is a short one or owner/name.
    """
    from fsamt_engine.library.offered_weights import OFFERED

    if name is None:
        rows = [(one.name, f"{one.megabytes} MB", one.summary, one.licence) for one in OFFERED]
        show_table(("name", "to fetch", "", "licence"), rows)
        return
    from fsamt_engine.learning.weights_download import download as fetch_weights

    options = published(crop, n_frames, step, flow)
    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        model = fetch_weights(
            opened, name, options, on_progress=on_progress, should_stop=should_stop
        )
    say_brought_in((model,))
