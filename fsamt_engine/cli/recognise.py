"""The command that watches depth live with a recogniser."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    device_option,
    examples,
    library_option,
    names_option,
    open_library,
)

if TYPE_CHECKING:
    from fsamt_engine.library import Library, ModelRecord
    from fsamt_engine.recognition.settings import RecognitionSettings


@click.command(
    epilog=examples(
        "fsamt recognise --library my-library --model recogniser-1a2b3c4d --camera simulated",
        "fsamt recognise --library my-library --model recogniser-1a2b3c4d --take 65ndxy1h7bsq \\",
        "    --every-frame --events events.jsonl",
        "fsamt recognise --library my-library --model recogniser-1a2b3c4d \\",
        "    --suggest-thresholds 0.5 --store",
        "fsamt recognise --library my-library --model detector-5e6f7a8b --take 65ndxy1h7bsq \\",
        "    --every-frame --events -",
    )
)
@library_option
@click.option(
    "--model", "model_name", required=True, metavar="MODEL", help="A recogniser or a detector."
)
@click.option("--camera", "camera_id", metavar="CAMERA", help="As `fsamt cameras` lists it.")
@click.option(
    "--take", "take_id", metavar="TAKE", help="Play a take; its labels tell right and wrong."
)
@click.option("--seconds", type=click.FloatRange(0.1), help="Without it: until Ctrl-C or the end.")
@click.option(
    "--every-frame",
    is_flag=True,
    help="Of a recording, a take or the simulated figure: every frame, not in real time.",
)
@click.option(
    "--events",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE|-",
    help="Add a line of JSON for each begin and end of an action; - for standard output.",
)
@click.option("--lsl", is_flag=True, help="Send events over the Lab Streaming Layer.")
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Add a line of JSON for each frame: what the network says, before smoothing.",
)
@click.option("--smoothing", type=float, metavar="S", help="Time constant in seconds, 0 for none.")
@click.option("--shortest", type=float, metavar="S", help="Shorter actions are not told.")
@click.option(
    "--threshold",
    type=float,
    nargs=2,
    metavar="ON OFF",
    help="Probability at which an action begins, and below which it ends; of every action.",
)
@click.option(
    "--score",
    type=float,
    metavar="P",
    help="Of a detector: the least score of what is told; of every action.",
)
@click.option("--keep-uncertain", is_flag=True, help="Keep uncertain moments for labelling.")
@click.option(
    "--suggest-thresholds",
    "false_alarms",
    type=click.FloatRange(0),
    metavar="N",
    help="Thresholds for at most N false alarms a minute, from labelled takes of others.",
)
@names_option("--participants", help="With --suggest-thresholds: whose takes, instead.")
@click.option(
    "--store", is_flag=True, help="Keep these settings with the model, for every later use."
)
@device_option
def recognise(
    folder: Path,
    model_name: str,
    camera_id: str | None,
    take_id: str | None,
    seconds: float | None,
    every_frame: bool,
    events: Path | None,
    lsl: bool,
    answers: Path | None,
    smoothing: float | None,
    shortest: float | None,
    threshold: tuple[float, float] | None,
    score: float | None,
    keep_uncertain: bool,
    false_alarms: float | None,
    participants: tuple[str, ...] | None,
    store: bool,
    device: str,
) -> None:
    """Say what a person does, from depth alone; colour is never opened.

    An action is told when it ends, with its onset, how long it lasted and how sure it was. A
    detector tells of it later, when it knows where it began and ended, and says how much later.
    Nothing that the camera sees is stored, but for uncertain moments where that is asked for.
    Settings that are not given are those that were stored with the model.
    """
    from fsamt_engine.library.models import model as find
    from fsamt_engine.recognition.live_settings import store_settings

    if camera_id is not None and take_id is not None:
        raise click.UsageError("Give a camera or a take, not both.")
    source = f"take:{take_id}" if take_id is not None else camera_id
    if source is None and false_alarms is None and not store:
        raise click.UsageError("Give what is to be watched: --camera or --take.")
    if participants and false_alarms is None:
        raise click.UsageError("--participants goes with --suggest-thresholds.")
    is_recorded = source is not None and source.split(":")[0] in ("file", "take", "simulated")
    if every_frame and not is_recorded:
        raise click.UsageError("A camera cannot wait: --every-frame is for recordings.")
    if every_frame and lsl:
        raise click.UsageError("Markers tell the time of day, which --every-frame does not keep.")
    with open_library(folder) as opened:
        record = find(opened, model_name)
        _refuse_other_kinds(record, shortest, threshold, score)
        if score is not None:
            threshold = score, score
        settings = _settings(opened, record, smoothing, shortest, threshold)
        if false_alarms is not None:
            settings = _suggest(opened, record, settings, false_alarms, participants, device)
        if store:
            store_settings(opened, record, settings)
            click.echo(f"The settings are kept with {record.id}.", err=True)
        if source is not None:
            from fsamt_engine.cli.live_out import Outlets
            from fsamt_engine.cli.recognising import Watch, watch

            outlets = Outlets(events, answers, lsl)
            plan = Watch(source, settings, seconds, every_frame, outlets, keep_uncertain, device)
            watch(opened, record, plan)


def _refuse_other_kinds(
    record: "ModelRecord",
    shortest: float | None,
    threshold: tuple[float, float] | None,
    score: float | None,
) -> None:
    """Refuse settings that mean nothing to this kind of model.

    Raises:
        UsageError: There are some.
    """
    from fsamt_engine.recognition.kinds import is_detector

    if not is_detector(record):
        if score is not None:
            raise click.UsageError(f"{record.id} is no detector: give --threshold ON OFF.")
        return
    if threshold is not None:
        raise click.UsageError(
            f"{record.id} is a detector: it tells whole actions, so give --score P."
        )
    if shortest is not None:
        raise click.UsageError(
            f"{record.id} is a detector: how long an action lasts it has learned, so --shortest "
            "means nothing to it."
        )


def _settings(
    library: "Library",
    record: "ModelRecord",
    smoothing: float | None,
    shortest: float | None,
    threshold: tuple[float, float] | None,
) -> "RecognitionSettings":
    from fsamt_engine.recognition.live_settings import stored_settings
    from fsamt_engine.recognition.settings import Threshold

    settings = stored_settings(library, record)
    if smoothing is not None:
        settings = replace(settings, smoothing_s=smoothing)
    if shortest is not None:
        settings = replace(settings, shortest_s=shortest)
    if threshold is not None:
        settings = replace(settings, threshold=Threshold(*threshold), thresholds={})
    return settings


def _suggest(
    library: "Library",
    record: "ModelRecord",
    settings: "RecognitionSettings",
    false_alarms: float,
    participants: tuple[str, ...] | None,
    device: str,
) -> "RecognitionSettings":
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.recognition.thresholds import suggest_thresholds

    with long_work() as (on_progress, should_stop):
        found = suggest_thresholds(
            library,
            record,
            false_alarms_per_minute=false_alarms,
            settings=settings,
            participants=resolve_participants(library, participants) if participants else None,
            device=device,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    limits = ("least score",) if found.of_detector else ("begins at", "ends below")
    show_table(
        ("action", *limits, "found", "labelled", "false alarms"),
        [
            (
                one.action,
                *(one.threshold.on, one.threshold.off)[: len(limits)],
                one.n_found,
                one.n_segments,
                one.n_false_alarms,
            )
            for one in found.per_action
        ],
    )
    click.echo(found.words)
    return found.applied_to(settings)
