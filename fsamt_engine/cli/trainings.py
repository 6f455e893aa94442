"""Commands that train teachers and transfer from them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fsamt_engine.cli.options import (
    device_option,
    examples,
    library_option,
    names_option,
    open_library,
)
from fsamt_engine.cli.together import training_of_all
from fsamt_engine.errors import FsamtError

if TYPE_CHECKING:
    from fsamt_engine.library import Library, ModelRecord
    from fsamt_engine.modalities.clips import ClipShape

_F = TypeVar("_F", bound=Callable[..., Any])


def network_option(function: _F) -> _F:
    """`--network`; the engine knows the names."""
    return click.option(
        "--network",
        default="r3d_tiny",
        show_default=True,
        metavar="NAME",
        help="r3d_tiny needs no GPU; a wrong name lists all.",
    )(function)


def fit_options(function: _F) -> _F:
    """`--epochs`, `--batch-size`, `--learning-rate`, `--seed`."""
    for option in (
        click.option("--seed", type=int, default=0, show_default=True),
        click.option("--learning-rate", type=click.FloatRange(0, min_open=True)),
        click.option("--batch-size", type=click.IntRange(1)),
        click.option("--epochs", type=click.IntRange(1), help="Passes over the data."),
    ):
        function = option(function)
    return function


def shape_of(network: str) -> "ClipShape":
    """The clips that a network was designed for."""
    from fsamt_engine.modalities.clips import ClipShape
    from fsamt_engine.networks import spec

    known = spec(network)
    return ClipShape(n_frames=known.n_frames, size=known.size)


def given(**values: Any) -> dict[str, Any]:
    """The options that were given; what was not keeps the default of the settings."""
    return {name: value for name, value in values.items() if value is not None}


def modality_option(words: str) -> Callable[[_F], _F]:
    """`--modality`, of a student or a recogniser."""
    return click.option(
        "--modality",
        type=click.Choice(("depth", "infrared", "skeleton")),
        default="depth",
        show_default=True,
        help=words,
    )


@click.group()
def teacher() -> None:
    """Train teachers."""


@teacher.command(
    epilog=examples(
        "fsamt teacher train --library my-library --actions clap,push,kick --participants P01,P02",
        "fsamt teacher train --library ntu --source ntu120-minus-60",
    )
)
@library_option
@click.option(
    "--source",
    metavar="PROTOCOL",
    help="A source set: ntu120-minus-60, kinetics400, …; a wrong name lists all.",
)
@names_option("--actions", help="Source actions, names or numbers; all there are by default.")
@names_option("--participants", help="Who trains it; all there are by default.")
@names_option("--exclude-actions", help="None of these: those to be recognised later.")
@names_option("--exclude-participants", help="Nobody of these: those to be tested later.")
@click.option(
    "--apart-from",
    metavar="PROTOCOL",
    help="Leave out whom it tests, too. For ntu120-minus-60 that is ntu60-cross-subject unless "
    "another is named, or none.",
)
@click.option("--modality", type=click.Choice(("flow", "rgb")), default="flow", show_default=True)
@network_option
@fit_options
@device_option
def train(
    folder: Path,
    source: str | None,
    actions: tuple[str, ...] | None,
    participants: tuple[str, ...] | None,
    exclude_actions: tuple[str, ...] | None,
    exclude_participants: tuple[str, ...] | None,
    apart_from: str | None,
    modality: str,
    network: str,
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | None,
    seed: int,
    device: str,
) -> None:
    """Train a teacher on labelled source actions, from flow or RGB.

    The actions should not be those that you want to recognise from few labels. Takes need colour,
    and nothing else. Several processes train together, each with a part of every batch:
    torchrun --nproc-per-node 2 -m fsamt_engine.cli teacher train ...
    """
    from dataclasses import replace

    from fsamt_engine.evaluation.source_sets import source_snapshot
    from fsamt_engine.experiments.names import resolve_actions, resolve_participants
    from fsamt_engine.learning import TeacherSettings, train_teacher

    if not (source or actions or exclude_actions):
        raise click.UsageError("Say what it learns: --source, --actions or --exclude-actions.")

    settings = TeacherSettings(modality=modality, network=network, shape=shape_of(network))
    fit = given(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    settings = replace(settings, fit=replace(settings.fit, **fit))
    with open_library(folder) as opened, training_of_all(device) as shared:
        snapshot = source_snapshot(
            opened,
            source,
            actions=None if actions is None else resolve_actions(opened, actions),
            participants=None
            if participants is None
            else resolve_participants(opened, participants),
            exclude_actions=resolve_actions(opened, exclude_actions or ()),
            exclude_participants=resolve_participants(opened, exclude_participants or ()),
            apart_from=apart_from,
        )
        model = train_teacher(
            opened,
            snapshot,
            settings,
            device=shared.device,
            on_progress=shared.on_progress,
            should_stop=shared.should_stop,
        )
        if shared.tells:
            tell_model(model)


LOSSES = (
    "cosine",
    "mse",
    "infonce",
    "infonce+cosine",
    "relational",
    "soft-targets",
    "hard-labels",
)
"""As `TransferLoss` has them, with no blank in a word of the command line."""


@click.command(
    epilog=examples(
        "fsamt transfer --library my-library --teacher teacher-1a2b3c4d --participants P01,P02",
        "fsamt transfer --library my-library --teacher teacher-1a2b3c4d --modality skeleton",
    )
)
@library_option
@click.option("--teacher", "teacher_name", required=True, metavar="MODEL", help="Its id or name.")
@names_option("--participants", help="Whose pairs to use; all by default.")
@click.option(
    "--protocol",
    metavar="NAME",
    help="Only pairs of its training side: ntu60-cross-subject, …; a wrong name lists all.",
)
@click.option(
    "--granularity",
    type=click.Choice(("clip", "video", "video+clip")),
    default="video+clip",
    show_default=True,
    help="Which embedding of the teacher a clip of the student has to match.",
)
@modality_option("What the student receives.")
@click.option(
    "--network",
    metavar="NAME",
    help="Of the student; by default the teacher's, or where that does not fit a small one.",
)
@click.option(
    "--loss",
    type=click.Choice(LOSSES),
    default="cosine",
    show_default=True,
    help="How the student is made to agree: the paper's cosine, a rival's, or a further one.",
)
@click.option(
    "--temperature",
    type=click.FloatRange(0, min_open=True),
    help="Of infonce (0.1 by default) and soft targets (4).",
)
@click.option(
    "--start-from-teacher/--random-start",
    default=True,
    show_default=True,
    help="Start from the teacher's weights, where both have the same network.",
)
@fit_options
@device_option
def transfer(
    folder: Path,
    teacher_name: str,
    participants: tuple[str, ...] | None,
    protocol: str | None,
    granularity: str,
    modality: str,
    network: str | None,
    loss: str,
    temperature: float | None,
    start_from_teacher: bool,
    epochs: int | None,
    batch_size: int | None,
    learning_rate: float | None,
    seed: int,
    device: str,
) -> None:
    """Let a student of depth, infrared or skeletons learn from a teacher, on pairs without labels.

    Leave out the people that you want to test on. Several processes train together, each with a
    part of every batch: torchrun --nproc-per-node 2 -m fsamt_engine.cli transfer ...
    """
    from dataclasses import replace

    from fsamt_engine.datasets.protocols import split
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.learning import Granularity, TransferLoss, TransferSettings
    from fsamt_engine.learning import transfer as transfer_to_student
    from fsamt_engine.learning.fitting_network import usual_network
    from fsamt_engine.library.compositions import composed_take_ids
    from fsamt_engine.library.takes import take_ids_with
    from fsamt_engine.modalities.available import kinds_of
    from fsamt_engine.modalities.preparation import Modality

    fit = given(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    with open_library(folder) as opened, training_of_all(device) as shared:
        record = _teacher(opened, teacher_name)
        target = Modality(modality)
        settings = TransferSettings(
            modality=modality,
            network=network or usual_network(target, record.network),
            granularity=Granularity(granularity),
            start_from_teacher=start_from_teacher,
            loss=TransferLoss(loss.replace("-", " ")),
            temperature=temperature,
        )
        settings = replace(settings, fit=replace(settings.fit, **fit))
        people = resolve_participants(opened, participants) if participants else None
        kinds = kinds_of(Modality(record.modality)) + kinds_of(target)
        composed = composed_take_ids(opened)
        take_ids = [one for one in take_ids_with(opened, kinds, people) if one not in composed]
        if protocol:
            trained = set(split(opened, protocol).train)
            take_ids = [take_id for take_id in take_ids if take_id in trained]
        model = transfer_to_student(
            opened,
            record,
            take_ids,
            settings,
            device=shared.device,
            on_progress=shared.on_progress,
            should_stop=shared.should_stop,
        )
        if shared.tells:
            tell_model(model)


def _teacher(opened: "Library", name: str) -> "ModelRecord":
    from fsamt_engine.library import ModelKind
    from fsamt_engine.library.models import list_models
    from fsamt_engine.library.models import model as find

    record = find(opened, name)
    if record.kind is not ModelKind.TEACHER:
        known = [one.id for one in list_models(opened, ModelKind.TEACHER)]
        raise FsamtError(
            f"{record.id} is a {record.kind}, not a teacher.",
            f"Teachers are: {', '.join(known)}." if known else "Train one: `fsamt teacher train`.",
        )
    return record


def tell_model(model: "ModelRecord") -> None:
    """One line about a model that was made."""
    numbers = ", ".join(f"{name} {value:.3f}" for name, value in model.metrics.items())
    click.echo(f"{model.id}: {model.name} ({numbers})")
