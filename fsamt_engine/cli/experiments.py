"""Commands that fill in tables: the experiments on one's own data, and the demo."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    device_option,
    examples,
    library_option,
    names_option,
    numbers_option,
    open_library,
    out_option,
    write_json,
)
from fsamt_engine.cli.trainings import given, network_option, shape_of

if TYPE_CHECKING:
    from fsamt_engine.experiments.result import ExperimentResult
    from fsamt_engine.library import Library

_json_out = out_option("--json", "json_file", help="Write the table there.")
_html_out = out_option("--html", "html_file", help="Write a report there.")


@click.command(
    epilog=examples(
        "fsamt experiment classification --library my-library \\",
        "   --source-actions 2,4,6,8 --target-actions 1,3,5,7 \\",
        "   --train-participants 1,3,5 --test-participants 7 \\",
        "   --labels-per-action 2,5 --seeds 3 --json table.json --html report.html",
    )
)
@click.argument("kind", type=click.Choice(("source-modality", "granularity", "classification")))
@library_option
@names_option("--source-actions", required=True, help="The teacher learns these.")
@names_option("--target-actions", required=True, help="These are recognised.")
@names_option("--train-participants", required=True)
@names_option("--test-participants", required=True, help="None of them trains.")
@numbers_option("--labels-per-action", default="2,5", show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--transfer-seeds",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Transfers that the seeds take turns with.",
)
@network_option
@click.option(
    "--granularity",
    type=click.Choice(("clip", "video", "video+clip")),
    help="Of the transfer; the table's own by default.",
)
@click.option(
    "--pairs",
    type=click.Choice(("target", "all")),
    default="target",
    show_default=True,
    help="Transfer on the takes of the target actions, or on all that have pairs.",
)
@click.option("--epochs-teacher", type=click.IntRange(1), help="Passes over the source takes.")
@click.option("--epochs-transfer", type=click.IntRange(1), help="Passes over the pairs.")
@click.option("--epochs-finetune", type=click.IntRange(1), help="Passes over the labels.")
@click.option(
    "--steps-finetune",
    type=click.IntRange(1),
    help="Steps whatever the number of labels, in place of passes.  [default: 1000]",
)
@device_option
@_json_out
@_html_out
def experiment(
    kind: str,
    folder: Path,
    source_actions: tuple[str, ...],
    target_actions: tuple[str, ...],
    train_participants: tuple[str, ...],
    test_participants: tuple[str, ...],
    labels_per_action: tuple[int, ...],
    seeds: int,
    transfer_seeds: int,
    network: str,
    granularity: str | None,
    pairs: str,
    epochs_teacher: int | None,
    epochs_transfer: int | None,
    epochs_finetune: int | None,
    steps_finetune: int | None,
    device: str,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Fill in a table of the paper on your data.

    source-modality compares students of an RGB teacher with students of a flow teacher;
    granularity compares clip-to-clip, video-to-clip, and both; classification compares training
    from scratch, flow pretraining, and the transfer (ours).

    Actions and participants are given by name, or by the number that their data set gives them.
    What was computed is kept: the same command goes on where it stopped.
    """
    if epochs_finetune and steps_finetune:
        raise click.UsageError("Give --epochs-finetune or --steps-finetune, not both.")
    from dataclasses import replace

    from fsamt_engine.experiments.experiment import run_experiment
    from fsamt_engine.experiments.settings import (
        ExperimentKind,
        ExperimentSettings,
        PairChoice,
    )
    from fsamt_engine.learning import Granularity

    settings = ExperimentSettings(
        kind=ExperimentKind(kind),
        source_actions=source_actions,
        target_actions=target_actions,
        train_participants=train_participants,
        test_participants=test_participants,
        labels_per_action=labels_per_action,
        n_seeds=seeds,
        transfer_seeds=transfer_seeds,
        network=network,
        shape=shape_of(network),
        pairs=PairChoice(pairs),
        granularity=Granularity(granularity) if granularity else None,
    )
    settings = replace(
        settings,
        teacher=replace(settings.teacher, **given(epochs=epochs_teacher)),
        transfer=replace(settings.transfer, **given(epochs=epochs_transfer)),
        finetune=replace(settings.finetune, **given(epochs=epochs_finetune)),
        finetune_steps=0 if epochs_finetune else steps_finetune or settings.finetune_steps,
    )
    with open_library(folder) as opened:
        with long_work() as (on_progress, should_stop):
            result = run_experiment(
                opened, settings, device=device, on_progress=on_progress, should_stop=should_stop
            )
        _show(opened, result, json_file, html_file, [_this_command()])


@click.command(epilog=examples("fsamt demo", "fsamt demo --library my-demo --json table.json"))
@click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path),
    default="demo-library",
    show_default=True,
    metavar="DIR",
    help="Folder for the demo's library.",
)
@device_option
@_json_out
@_html_out
def demo(folder: Path, device: str, json_file: Path | None, html_file: Path | None) -> None:
    """Do the whole main job on simulated takes: no camera, no data, no network needed.

    Simulates people who act in rooms; trains a flow teacher on source actions; transfers to depth
    on unlabelled pairs; finetunes on a few labels; tests on people never trained on; compares with
    training from scratch and with flow pretraining. Takes some minutes on two cores. Stopped or
    killed, it goes on where it was.
    """
    from fsamt_engine.experiments.demo import demo_library, run_demo

    with demo_library(folder) as opened:
        with long_work() as (on_progress, should_stop):
            result = run_demo(
                opened, device=device, on_progress=on_progress, should_stop=should_stop
            )
        report = html_file or opened.root / "report.html"
        _show(opened, result, json_file or opened.root / "table.json", report, [_this_command()])
        click.echo(f"To see the library in the window: ./studio {shlex.quote(str(opened.root))}")
        click.echo(f"To see the report, open in a browser: {report}")


def _show(
    opened: "Library",
    result: "ExperimentResult",
    json_file: Path | None,
    html_file: Path | None,
    commands: Sequence[str],
) -> None:
    from fsamt_engine.experiments.report import write_report
    from fsamt_engine.experiments.reporting import TITLES, make_report, summary

    names = list(dict.fromkeys(row.method for row in result.rows))
    labels = result.settings.labels_per_action
    click.echo(f"{TITLES[result.settings.kind]}: accuracy in %")
    show_table(
        ("method", *(f"{n} label{'' if n == 1 else 's'} an action" for n in labels)),
        [(name, *(str(result.row(name, n).accuracy) for n in labels)) for name in names],
    )
    for sentence in summary(result):
        click.echo(sentence)
    if json_file:
        write_json(json_file, result.to_dict() | {"command": commands[0]})
        click.echo(f"Table: {json_file}")
    if html_file:
        write_report(html_file, make_report(opened, result, commands))
        click.echo(f"Report: {html_file}")


def _this_command() -> str:
    return shlex.join(["fsamt", *sys.argv[1:]])
