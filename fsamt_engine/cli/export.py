"""`fsamt export`: a model leaves the house, checked before it is handed over."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.export.settings import Exported

_FORMATS = ("bundle", "onnx", "onnx-fp16", "onnx-int8", "pt2", "safetensors")


@click.command(
    epilog=examples(
        "fsamt export recogniser-1a2b3c4d --library my-library --format bundle wave.zip",
        "fsamt export recogniser-1a2b3c4d --library my-library --format onnx wave.onnx",
        "fsamt export detector-5e6f7a8b --library my-library finds.zip",
        "fsamt models import wave.zip --library another-library",
    )
)
@library_option
@click.argument("model")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(_FORMATS),
    default="bundle",
    show_default=True,
    help="bundle: a .zip with model, card and runner; onnx: one file, raw depth in, probabilities "
    "out (fp16, int8: smaller); pt2: for PyTorch; safetensors: weights and model.json, in a .zip "
    "or a folder. A detector leaves as bundle or safetensors.",
)
@click.option(
    "--licence", metavar="TEXT|FILE", default="", help="Of the model: its text, or a file with it."
)
@click.option("--note", default="", help="A sentence for the model card.")
@click.option("--with-names", is_flag=True, help="Participants keep their names.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Largest allowed difference of a probability, or of a detection's score; each format has "
    "one of its own.",
)
@names_option(
    "--participants", help="Whose clips (of a detector, untrimmed takes) the file is checked on."
)
@click.option("--replace", is_flag=True, help="Replace a file that is there.")
@json_option
def export(
    folder: Path,
    model: str,
    out: Path,
    kind: str,
    licence: str,
    note: str,
    with_names: bool,
    tolerance: float | None,
    participants: tuple[str, ...] | None,
    replace: bool,
    as_json: bool,
) -> None:
    """Export a MODEL to the file OUT, after comparing it with the original on real clips.

    Clips of people whom no part of its training has seen are taken first; of a detector, untrimmed
    takes. A file that answers otherwise than the model by more than the tolerance is not written.
    """
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.export.export import export_model
    from fsamt_engine.export.settings import ExportFormat, ExportSettings
    from fsamt_engine.library.models import model as find

    with open_library(folder) as opened:
        people = None if participants is None else resolve_participants(opened, participants)
        settings = ExportSettings(
            _text_or_file(licence), note, with_names, tolerance, people, replace
        )
        with long_work() as (on_progress, should_stop):
            exported = export_model(
                opened,
                find(opened, model),
                out,
                ExportFormat(kind),
                settings,
                on_progress=on_progress,
                should_stop=should_stop,
            )
    if as_json:
        content = asdict(exported) | {"agreement": exported.parity.agreement}
        click.echo(json.dumps(content, indent=1, default=str))
    else:
        _show(exported)


def _show(exported: "Exported") -> None:
    if exported.speeds:
        show_table(
            ("weights", "ms a frame", "size"),
            [(one.name, round(one.ms, 1), format_bytes(one.n_bytes)) for one in exported.speeds],
        )
    click.echo(exported.parity.words)
    if exported.speed_words:
        click.echo(exported.speed_words)
    click.echo(
        f"Written: {exported.path} ({format_bytes(exported.n_bytes)}, "
        f"{format_duration(exported.seconds)})."
    )


def _text_or_file(given: str) -> str:
    try:
        return Path(given).read_text(encoding="utf-8") if Path(given).is_file() else given
    except (OSError, ValueError):  # A text that is too long for a name, or a file that is no text.
        return given
