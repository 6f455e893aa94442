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
    write_text,
)
from fsamt_engine.cli.together import long_work_of_all
from fsamt_engine.cli.trainings import given, network_option, shape_of
from fsamt_engine.experiments.kinds import ExperimentKind

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
        "fsamt experiment detection --library my-library --size 64 --heads anchor-free",
    )
)
@click.argument("kind", type=click.Choice([str(kind) for kind in ExperimentKind]))
@library_option
@names_option("--source-actions", help="The teacher learns these; by default every other action.")
@names_option("--target-actions", help="These are recognised; by default the other half.")
@names_option("--train-participants", help="By default all but a quarter.")
@names_option("--test-participants", help="None of them trains; by default the last quarter.")
@click.option(
    "--protocol",
    default="",
    metavar="NAME",
    help="An official split (ntu60-cross-subject, ...) in place of participants.",
)
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
    "--size",
    type=click.IntRange(16),
    help="Side of the pictures of a clip; by default the network's. 64 takes a third of 112.",
)
@click.option(
    "--target-modality",
    type=click.Choice(("depth", "infrared", "skeleton")),
    default="depth",
    show_default=True,
    help="What students and recognisers receive; of the skeleton table always that.",
)
@click.option("--student-network", metavar="NAME", help="Where it differs from --network.")
@names_option(
    "--teachers",
    help="Models of the library that serve as teachers of their modality, in place of new ones.",
)
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="LINE",
    help="Only this line of the table, by its name; may be given several times.",
)
@names_option(
    "--heads", help="Of a detection table: r-c3d, anchor-free; both by default, a line each."
)
@click.option(
    "--overlap",
    type=float,
    help="Of a detection table: from which overlap a detection is right.  [default: 0.5]",
)
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
@out_option("--csv", "csv_file", help="Write the table there, one column a seed.")
@out_option("--latex", "latex_file", help="Write the table there, for a paper (booktabs).")
def experiment(
    kind: str,
    folder: Path,
    source_actions: tuple[str, ...] | None,
    target_actions: tuple[str, ...] | None,
    train_participants: tuple[str, ...] | None,
    test_participants: tuple[str, ...] | None,
    protocol: str,
    labels_per_action: tuple[int, ...],
    seeds: int,
    transfer_seeds: int,
    network: str,
    size: int | None,
    target_modality: str,
    student_network: str | None,
    teachers: tuple[str, ...] | None,
    methods: tuple[str, ...],
    heads: tuple[str, ...] | None,
    overlap: float | None,
    granularity: str | None,
    pairs: str,
    epochs_teacher: int | None,
    epochs_transfer: int | None,
    epochs_finetune: int | None,
    steps_finetune: int | None,
    device: str,
    json_file: Path | None,
    html_file: Path | None,
    csv_file: Path | None,
    latex_file: Path | None,
) -> None:
    """Fill in a table of the paper on your data, with the paper's numbers beside it.

    source-modality compares students of an RGB teacher with students of a flow teacher;
    granularity compares clip-to-clip, video-to-clip, and both; classification compares training
    from scratch, pretraining, the rival ways to learn from a teacher, and the transfer (ours);
    skeleton does it for 3D skeletons; target-labels takes any list of --labels-per-action; losses
    goes beyond the paper; detection compares them in finding where actions start and end in
    untrimmed takes, with two heads, and tells the mAP; ntu-to-ntu and kinetics-to-ntu compare the
    teachers that --teachers names.

    Actions and participants are given by name, or by the number that their data set gives them.
    What was computed is kept: the same command goes on where it stopped. With several processes
    the work is shared out: torchrun --nproc-per-node 2 -m fsamt_engine.cli experiment ...
    """
    if epochs_finetune and steps_finetune:
        raise click.UsageError("Give --epochs-finetune or --steps-finetune, not both.")
    if kind != ExperimentKind.DETECTION and (heads or overlap):
        raise click.UsageError("--heads and --overlap are of the detection table.")
    if kind == ExperimentKind.DETECTION and steps_finetune:
        raise click.UsageError(
            "Detectors are trained for passes over the labels: give --epochs-finetune instead."
        )
    if size and teachers:
        raise click.UsageError(
            "With --teachers the clips are theirs, as far as the students' network takes them so: "
            "leave --size out."
        )
    from dataclasses import replace

    from fsamt_engine.experiments.defaults import experiment_defaults
    from fsamt_engine.experiments.experiment import run_experiment
    from fsamt_engine.experiments.settings import PairChoice
    from fsamt_engine.learning import Granularity
    from fsamt_engine.library.processes import is_first

    chosen = given(
        source_actions=source_actions,
        target_actions=target_actions,
        train_participants=train_participants,
        test_participants=test_participants,
    )
    if protocol and (train_participants or test_participants):
        raise click.UsageError("A protocol says who trains and who is tested: give one of them.")
    with open_library(folder) as opened:
        settings = experiment_defaults(
            opened,
            kind,
            target_modality,
            chosen=chosen,
            protocol=protocol,
            teachers=teachers or (),
        )
        settings = replace(
            settings,
            network=network,
            shape=replace(shape_of(network), **given(size=size)),
            labels_per_action=labels_per_action,
            n_seeds=seeds,
            transfer_seeds=transfer_seeds,
            target_modality=target_modality,
            student_network=student_network,
            methods=methods,
            **given(heads=heads, overlap=overlap),
            pairs=PairChoice(pairs),
            granularity=Granularity(granularity) if granularity else None,
            teacher=replace(settings.teacher, **given(epochs=epochs_teacher)),
            transfer=replace(settings.transfer, **given(epochs=epochs_transfer)),
            finetune=replace(settings.finetune, **given(epochs=epochs_finetune)),
            finetune_steps=0 if epochs_finetune else steps_finetune or settings.finetune_steps,
        )
        with long_work_of_all() as (on_progress, should_stop):
            result = run_experiment(
                opened,
                settings,
                device=device,
                on_progress=on_progress,
                should_stop=should_stop,
                command=_this_command(),
            )
        if is_first():
            _show(opened, result, json_file, html_file, [_this_command()])
            _write_tables(result, csv_file, latex_file)


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
    from fsamt_engine.experiments.ordering import ordering
    from fsamt_engine.experiments.published import published
    from fsamt_engine.experiments.report import write_report
    from fsamt_engine.experiments.reporting import make_report, summary
    from fsamt_engine.experiments.tabular import columns, rows

    kind, table = result.settings.kind, result.table
    paper = published(kind)
    click.echo(f"{kind.heading}: {table.measure} in %")
    shown = paper if paper and paper.cells else None
    show_table(columns(table, shown), rows(table, shown))
    if shown:
        click.echo(f"Paper: {shown.setting} ({shown.source}).")
    for sentence in summary(result):
        click.echo(sentence)
    if json_file:
        said = [
            {
                "verdict": str(one.verdict),
                "better": one.better,
                "worse": one.worse,
                "words": one.words,
            }
            for one in ordering(table, paper)
        ]
        content = result.to_dict() | {"command": commands[0], "ordering": said}
        write_json(json_file, content | ({"paper": paper.to_dict()} if paper else {}))
        click.echo(f"Table: {json_file}")
    if html_file:
        write_report(html_file, make_report(opened, result, commands))
        click.echo(f"Report: {html_file}")


def _write_tables(
    result: "ExperimentResult", csv_file: Path | None, latex_file: Path | None
) -> None:
    from fsamt_engine.experiments.published import published
    from fsamt_engine.experiments.tabular import as_csv, as_latex

    paper = published(result.settings.kind)
    for path, make, name in ((csv_file, as_csv, "CSV"), (latex_file, as_latex, "LaTeX")):
        if path:
            write_text(path, make(result.table, paper))
            click.echo(f"{name}: {path}")


def _this_command() -> str:
    return shlex.join(["fsamt", *sys.argv[1:]])
