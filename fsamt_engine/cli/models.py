"""Commands about what was trained: models and their tests."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.detecting import is_detector, show_detector_test
from fsamt_engine.cli.options import (
    device_option,
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
    out_option,
    write_json,
)
from fsamt_engine.cli.published import download, published, published_options, say_brought_in
from fsamt_engine.errors import FsamtError
from fsamt_engine.units import format_percent

if TYPE_CHECKING:
    from fsamt_engine.library import ModelRecord
    from fsamt_engine.library.lineage import Lineage


@click.command(
    epilog=examples(
        "fsamt evaluate recogniser-1a2b3c4d --library my-library --participants 7",
        "fsamt evaluate recogniser-1a2b3c4d --library ntu --protocol ntu60-cross-subject",
        "fsamt evaluate detector-1a2b3c4d --library pku --protocol pku-mmd-cross-subject \\",
        "   --pku-mmd --predictions found",
    )
)
@library_option
@click.argument("model")
@names_option("--participants", help="To test on; none of them has trained it.")
@click.option(
    "--protocol",
    default="",
    metavar="NAME",
    help="The test of an official split instead: ntu60-cross-subject, …; a wrong name lists all.",
)
@click.option(
    "--clips",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Of a recogniser: per segment.",
)
@click.option(
    "--averaging",
    type=click.Choice(("probabilities", "logits")),
    default="probabilities",
    show_default=True,
    help="Of a recogniser: what of the clips is averaged into the segment's answer.",
)
@click.option(
    "--predictions",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Of a detector: write what it found there, in PKU-MMD's form.",
)
@click.option(
    "--pku-mmd", "official", is_flag=True, help="Of a detector: PKU-MMD's own protocol, too."
)
@device_option
@out_option("--json", "out", help="Write scores and predictions there.")
def evaluate(
    folder: Path,
    model: str,
    participants: tuple[str, ...] | None,
    protocol: str,
    clips: int,
    averaging: str,
    predictions: Path | None,
    official: bool,
    device: str,
    out: Path | None,
) -> None:
    """Test a MODEL on people whom none of its training has seen.

    A recogniser names labelled segments. A detector searches their untrimmed takes whole: mAP and
    F1 at several overlaps, with an interval over the people.

    A protocol that shares people tests on takes that no training has seen, and says so. Takes of
    its test without what the model receives are left out.
    """
    if bool(participants) == bool(protocol):
        raise click.UsageError("Give --participants or a --protocol, one of them.")
    from fsamt_engine.datasets.protocols import split
    from fsamt_engine.evaluation import ClipAveraging
    from fsamt_engine.evaluation.answers import EvaluationSettings
    from fsamt_engine.evaluation.evaluate import evaluate as evaluate_model
    from fsamt_engine.evaluation.seen import shared_people, unknown_whom
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.library import SnapshotItem
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.models import model as find
    from fsamt_engine.library.takes import take_ids_with
    from fsamt_engine.modalities.available import kinds_of
    from fsamt_engine.modalities.preparation import Modality

    settings = EvaluationSettings(clips, ClipAveraging(averaging))
    with open_library(folder) as opened:
        record = find(opened, model)
        if is_detector(record):
            _refuse_given("a recogniser", "clips", "averaging")
            people = resolve_participants(opened, participants or ())
            show_detector_test(
                opened, record, people, protocol, device, out, predictions, official=official
            )
            return
        _refuse_given("a detector", "predictions", "official")
        if protocol:
            tested = set(split(opened, protocol).test)
            tested &= set(take_ids_with(opened, kinds_of(Modality(record.modality))))
            known = segments(opened, actions=record.actions, composed=False)
            labelled = [one for one in known if one.take_id in tested]
            people = tuple(sorted({one.participant for one in labelled}))
        else:
            people = resolve_participants(opened, participants or ())
            labelled = segments(opened, actions=record.actions, participants=people, composed=False)
        items = [
            SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
            for one in labelled
        ]
        if record.actions and not items:
            raise FsamtError(
                f"{', '.join(people) or f'Those whom {protocol} tests'} performed none of the "
                f"actions of {record.id} with a label.",
                f"It knows: {', '.join(record.actions)}.",
            )
        with long_work() as (on_progress, should_stop):
            result = evaluate_model(
                opened,
                record,
                items,
                settings,
                device=device,
                on_progress=on_progress,
                should_stop=should_stop,
                protocol=protocol,
            )
        cautions = (unknown_whom(opened, record), shared_people(protocol))
    scores = result.scores
    show_table(
        ("action", "segments", "precision", "recall", "F1"),
        [
            (one.action, one.support, *(round(v, 3) for v in (one.precision, one.recall, one.f1)))
            for one in scores.per_action
        ],
    )
    low, high = (100 * bound for bound in scores.interval)
    click.echo(
        f"{format_percent(scores.accuracy)} right (95 %: {low:.1f} to {high:.1f}), "
        f"{scores.n} segments of {len(people)} {'person' if len(people) == 1 else 'people'}; "
        f"macro F1 {format_percent(scores.macro_f1)}."
    )
    for caution in filter(None, cautions):
        click.echo(caution)
    if out:
        answers = [asdict(one) for one in result.predictions]
        content = {"model": record.id, "settings": asdict(settings), "device": result.device}
        write_json(out, content | {"scores": scores.to_dict(), "predictions": answers})


def _refuse_given(whose: str, *names: str) -> None:
    """Refuse options that say nothing of this model, rather than pass over them."""
    context = click.get_current_context()
    for option in context.command.params:
        source = context.get_parameter_source(str(option.name))
        if option.name in names and source is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]} is of {whose}.")


@click.group()
def models() -> None:
    """List, look at and remove trained models."""


@models.command("list")
@library_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """List all models, the newest first."""
    from fsamt_engine.library.models import list_models

    with open_library(folder) as opened:
        found = list_models(opened)
    if as_json:
        click.echo(json.dumps([asdict(record) for record in found], indent=1))
        return
    rows = []
    for record in found:
        made = when(record.created_at_us)
        rows.append((record.id, record.name, record.network, made, _tested(record)))
    show_table(("model", "name", "network", "made", "test"), rows)


def _tested(record: "ModelRecord") -> str:
    """As "82.7 %", of a detector "mAP 41.3 %"; "" where it was not tested."""
    accuracy, mean = (record.metrics.get(f"test_{name}") for name in ("accuracy", "map_50"))
    if accuracy is not None:
        return format_percent(accuracy)
    return "" if mean is None else f"mAP {format_percent(mean)}"


@models.command()
@library_option
@click.argument("model")
@click.option("--lineage", "with_lineage", is_flag=True, help="All that it was made from.")
@json_option
def show(folder: Path, model: str, with_lineage: bool, as_json: bool) -> None:
    """Say everything that is known of a MODEL: what made it, and how it did."""
    from fsamt_engine.library.lineage import lineage
    from fsamt_engine.library.models import model as find

    if with_lineage:
        with open_library(folder) as opened:
            found = lineage(opened, model)
        if as_json:
            click.echo(json.dumps(asdict(found), indent=1))
        else:
            _show_lineage(found)
        return
    with open_library(folder) as opened:
        record = find(opened, model)
        path = opened.absolute(record.path) / "model.json"
    if as_json:
        click.echo(json.dumps(asdict(record), indent=1))
        return
    metrics = {name: f"{value:.4g}" for name, value in record.metrics.items()}
    facts = {
        "name": record.name,
        "network": f"{record.network}, sees {record.modality}",
        "actions": ", ".join(record.actions),
        "made": when(record.created_at_us),
        "made from": record.parent_id or "",
        "snapshot": record.snapshot_id or "",
        "files": str(path.parent),
    }
    show_table((record.id, ""), [*facts.items(), *metrics.items()])


def _show_lineage(found: "Lineage") -> None:
    rows = []
    for one in found.line:
        seen = one.trained_on
        what = "labels" if seen.by_action else "videos of pairs"
        rows.append(
            (
                one.model.id,
                one.model.name,
                one.model.method,
                f"{seen.n_items:,} {what}, {seen.seconds:.0f} s",
                ", ".join(seen.by_participant),
                ", ".join(one.tested_on.by_participant),
            )
        )
    show_table(("model", "name", "method", "trained on", "of", "tested on"), rows)
    for sentence in found.missing:
        click.echo(sentence)
    if found.descendants:
        click.echo(f"Made from it: {', '.join(one.id for one in found.descendants)}.")


@models.command(
    "import",
    epilog=examples(
        "fsamt models import other-library --library my-library",
        "fsamt models import Flow_Kinetics_16f.pth --library my-library",
    ),
)
@library_option
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--model", "name", metavar="MODEL", help="Of a library; all its teachers by default.")
@published_options
def import_(
    folder: Path,
    source: Path,
    name: str | None,
    crop: str,
    n_frames: int | None,
    step: int | None,
    flow: str | None,
) -> None:
    """Bring a model in: of another library, or the weights of a published network.

    SOURCE is a library, a model's folder with model.json and weights.safetensors, or a bundle
    (.zip) that was exported: what it was made from and has seen comes along. Or it is a file of
    published weights: MARS, 3D-ResNets-PyTorch, torchvision, SlowOnly of MMAction2; which one, and
    how it wants its input, is read from the file. Or a folder with config.json and
    model.safetensors of VideoMAE or V-JEPA 2.
    """
    from fsamt_engine.learning.published_import import bring_in

    options = published(crop, n_frames, step, flow)
    with open_library(folder) as opened:
        found = bring_in(opened, source, name, options)
    say_brought_in(found)


models.add_command(download)


@models.command()
@library_option
@click.argument("model")
def remove(folder: Path, model: str) -> None:
    """Remove a MODEL and its files; the same command that made it makes it again."""
    from fsamt_engine.library.models import list_models, remove_model
    from fsamt_engine.library.models import model as find

    with open_library(folder) as opened:
        record = find(opened, model)
        children = [one.id for one in list_models(opened) if one.parent_id == record.id]
        if children:
            raise FsamtError(
                f"{len(children)} models were made from {record.id} ({', '.join(children[:5])}), "
                "and without it they could no longer be tested fairly.",
                "Remove those first.",
            )
        remove_model(opened, record.id)
    click.echo(f"Removed {record.id}.")


def when(at_us: int) -> str:
    """A moment as a date and a time of day."""
    return f"{datetime.fromtimestamp(at_us / 1e6):%Y-%m-%d %H:%M}"
