"""Commands about recognisers and detectors: finetuning, comparing, and their report."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.detecting import is_detector
from fsamt_engine.cli.options import (
    device_option,
    examples,
    library_option,
    names_option,
    open_library,
    out_option,
    write_json,
)
from fsamt_engine.cli.together import training_of_all
from fsamt_engine.cli.trainings import fit_options, modality_option, tell_model
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.runs.requests import DETECTION, RECOGNITION
from fsamt_engine.units import format_percent

if TYPE_CHECKING:
    from fsamt_engine.library import Library, ModelRecord


@click.command(
    epilog=examples(
        "fsamt finetune --library my-library --start student-1a2b3c4d --actions wave,bow \\",
        "   --participants P01,P02 --test-participants P07,P08 --with-scratch --with-curve",
        "fsamt finetune --library ntu --start student-1a2b3c4d --protocol ntu60-cross-subject \\",
        "   --labels-per-action 20",
        "fsamt finetune --task detection --library my-library --start student-1a2b3c4d \\",
        "   --actions wave,bow --participants P01,P02 --test-participants P07,P08",
    )
)
@library_option
@click.option(
    "--task",
    type=click.Choice((RECOGNITION, DETECTION)),
    default=RECOGNITION,
    show_default=True,
    help="Name clips, or find where actions start and end in untrimmed takes.",
)
@click.option(
    "--head",
    type=click.Choice([str(head) for head in DetectionHead]),
    help="Of a detector; the better one of the two by default.",
)
@names_option("--actions", help="To recognise, names or numbers; a protocol has its own.")
@names_option("--participants", help="Whose labels to use.")
@names_option("--test-participants", help="Whom to test on afterwards; no test by default.")
@click.option(
    "--protocol",
    metavar="NAME",
    help="An official split instead of participants: ntu60-cross-subject, utd-mhad-odd-even, …; a "
    "wrong name lists all.",
)
@click.option("--labels-per-action", type=click.IntRange(1), help="All there are by default.")
@click.option(
    "--start",
    metavar="MODEL",
    help="A student (ours) or a teacher (pretraining); from scratch without.",
)
@click.option("--with-scratch", is_flag=True, help="Train and test from scratch, too.")
@click.option("--with-curve", is_flag=True, help="Find the accuracy with 1, 2, 5, 10 labels, too.")
@modality_option("What a recogniser from scratch or from a teacher receives; a student says it.")
@click.option(
    "--network",
    metavar="NAME",
    help="From scratch: r3d_tiny by default, and stgcn_tiny for skeletons; a start has its own.",
)
@fit_options
@device_option
def finetune(
    folder: Path,
    task: str,
    head: str | None,
    actions: tuple[str, ...] | None,
    participants: tuple[str, ...] | None,
    test_participants: tuple[str, ...] | None,
    protocol: str | None,
    labels_per_action: int | None,
    start: str | None,
    with_scratch: bool,
    with_curve: bool,
    modality: str,
    network: str | None,
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | None,
    seed: int,
    device: str,
) -> None:
    """Make a recogniser or a detector from a few labels of each action.

    A recogniser names clips. A detector says where in an untrimmed take each action starts and
    ends; it learns from labelled segments of such takes, of which the rest is background.

    The labels are drawn by the seed, evenly over the participants. With participants to test on,
    the report of the test is written beside the model. Several processes train together:
    torchrun --nproc-per-node 2 -m fsamt_engine.cli finetune ...
    """
    from fsamt_engine.experiments.names import resolve_actions, resolve_participants
    from fsamt_engine.learning.fitting_network import usual_network
    from fsamt_engine.learning.settings import FinetuneSettings
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.models import model as find
    from fsamt_engine.modalities.preparation import Modality
    from fsamt_engine.runs import FinetuneRequest
    from fsamt_engine.runs.finetuning import actions_of_protocol
    from fsamt_engine.runs.perform import perform

    if protocol and (participants or test_participants):
        raise click.UsageError("A --protocol says itself who trains and who is tested.")
    if not protocol and not (actions and participants):
        raise click.UsageError("Give --actions and --participants, or a --protocol.")
    if task == RECOGNITION and head:
        raise click.UsageError("--head is of detectors: give --task detection, too.")
    if task == DETECTION and with_curve:
        raise click.UsageError("There is no --with-curve of a detector.")
    is_tested = bool(protocol or test_participants)
    if (with_scratch or with_curve) and not is_tested:
        raise click.UsageError("--with-scratch and --with-curve need --test-participants.")
    with open_library(folder) as opened, training_of_all(device) as shared:
        begin = find(opened, start) if start else None
        wanted = resolve_actions(opened, actions or ())
        if protocol and not wanted:
            is_student = begin is not None and begin.kind is not ModelKind.TEACHER
            received = Modality(begin.modality if begin and is_student else modality)
            wanted, lacking = actions_of_protocol(opened, protocol, received)
            if lacking and shared.tells:
                click.echo(f"No take to train on has {received} of: {', '.join(lacking)}.")
        request = FinetuneRequest(
            start_id=begin.id if begin else None,
            actions=wanted,
            train_participants=resolve_participants(opened, participants or ()),
            test_participants=resolve_participants(opened, test_participants or ()),
            labels_per_action=labels_per_action,
            network=network or usual_network(Modality(modality), FinetuneSettings().network),
            modality=modality,
            epochs=epochs or _usual_epochs(task, head),
            seed=seed,
            device=shared.device,
            with_scratch=with_scratch,
            with_curve=with_curve,
            learning_rate=learning_rate,
            batch_size=batch_size,
            protocol=protocol or "",
            task=task,
            head=head or "",
        )
        outcome = perform(
            opened, request, on_progress=shared.on_progress, should_stop=shared.should_stop
        )
        if not shared.tells:
            return
        made = find(opened, str(outcome.model_id))
        tell_model(made)
        if is_tested:
            for sentence in (*_summary(opened, made), *outcome.notes):
                click.echo(sentence)
            click.echo(f"The report is {opened.absolute(made.path) / 'report.html'}.")


def _usual_epochs(task: str, head: str | None) -> int:
    from fsamt_engine.detection.settings import DetectorSettings, usual_settings
    from fsamt_engine.learning.settings import FINETUNE_FIT

    if task == RECOGNITION:
        return FINETUNE_FIT.epochs
    return usual_settings(DetectionHead(head) if head else DetectorSettings().head).fit.epochs


def _summary(library: "Library", model: "ModelRecord") -> Iterator[str]:
    """What came of the test of a recogniser or a detector, in sentences."""
    from fsamt_engine.evaluation.detection_result import detection_result
    from fsamt_engine.evaluation.result import finetune_result
    from fsamt_engine.experiments import detection_report, finetune_report

    if is_detector(model):
        yield from detection_report.summary(detection_result(library, model.id))
    else:
        yield from finetune_report.summary(finetune_result(library, model.id))


@click.command(
    epilog=examples("fsamt compare recogniser-1a2b3c4d recogniser-5e6f7a8b --library my-library")
)
@library_option
@click.argument("models", nargs=-1, required=True)
@device_option
@out_option("--json", "out", help="Write the numbers there.")
def compare(folder: Path, models: tuple[str, ...], device: str, out: Path | None) -> None:
    """Compare MODELS on all labelled clips that none of them has seen."""
    from dataclasses import asdict

    from fsamt_engine.evaluation.compare import compare as compare_models

    with open_library(folder) as opened, long_work() as (on_progress, should_stop):
        found = compare_models(
            opened, models, device=device, on_progress=on_progress, should_stop=should_stop
        )
    rows = []
    for model, test in zip(found.models, found.tests, strict=True):
        low, high = (100 * bound for bound in test.scores.interval)
        right = f"{format_percent(test.scores.accuracy)} (95 %: {low:.1f} to {high:.1f})"
        rows.append((model.id, model.method, right, format_percent(test.scores.macro_f1)))
    show_table(("model", "start", "right", "macro F1"), rows)
    people = sorted({item.participant for item in found.items})
    click.echo(f"{len(found.items)} clips of {', '.join(people)}.")
    for one in found.differences:
        click.echo(one.words)
    for remark in found.remarks:
        click.echo(remark)
    if out:
        scores = {test.model_id: test.scores.to_dict() for test in found.tests}
        differences = [asdict(one) for one in found.differences]
        write_json(out, {"scores": scores, "differences": differences, "remarks": found.remarks})


@click.command(
    epilog=examples("fsamt report recogniser-1a2b3c4d --library my-library --out report.html")
)
@library_option
@click.argument("model")
@out_option("--out", "out", help="Where to; beside the model by default.")
def report(folder: Path, model: str, out: Path | None) -> None:
    """Write the report of a tested recogniser or detector MODEL, one HTML file of its own."""
    from fsamt_engine.experiments.detection_report import write_detection_report
    from fsamt_engine.experiments.finetune_report import write_finetune_report
    from fsamt_engine.library.models import model as find

    with open_library(folder) as opened:
        record = find(opened, model)
        write = write_detection_report if is_detector(record) else write_finetune_report
        click.echo(str(write(opened, record.id, out)))
