"""Commands about detectors: searching takes, and testing on takes of other people."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fsamt_engine.cli.console import long_work, show_table
from fsamt_engine.cli.options import (
    device_option,
    examples,
    json_option,
    library_option,
    names_option,
    open_library,
    out_option,
    write_json,
    write_text,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.units import format_percent

if TYPE_CHECKING:
    from fsamt_engine.evaluation.detection_scores import DetectionScores
    from fsamt_engine.evaluation.detection_test import DetectionTest
    from fsamt_engine.evaluation.detections import Detection
    from fsamt_engine.evaluation.pku_mmd_score import PkuMmdScores
    from fsamt_engine.library import Library, ModelRecord, SnapshotItem

_OVERLAPS = (0.1, 0.3, 0.5, 0.7)


def is_detector(model: "ModelRecord") -> bool:
    """Whether a model says when actions start and end."""
    from fsamt_engine.library import ModelKind

    return model.kind is ModelKind.DETECTOR


@click.command(
    epilog=examples(
        "fsamt detect detector-1a2b3c4d --library my-library --participants P07",
        "fsamt detect detector-1a2b3c4d --library my-library --takes 65ndxy1h7bsq \\",
        "   --csv found.csv --suggest",
    )
)
@library_option
@click.argument("model")
@names_option("--takes", help="Takes to search: ids, source keys, or session/number.")
@names_option("--participants", help="Search all takes of these that the detector can see.")
@click.option(
    "--score",
    type=click.FloatRange(0, 1),
    help="The least score of what is told; by default the one stored with the detector.",
)
@click.option(
    "--out",
    "folder_out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write all that was found, of any score, in PKU-MMD's form: a file a take.",
)
@out_option("--csv", "csv_file", help="Write what is told there, a line each.")
@click.option(
    "--suggest",
    is_flag=True,
    help="Put what is told in the place of older suggestions, to be accepted on the page Label.",
)
@device_option
@json_option
def detect(
    folder: Path,
    model: str,
    takes: tuple[str, ...] | None,
    participants: tuple[str, ...] | None,
    score: float | None,
    folder_out: Path | None,
    csv_file: Path | None,
    suggest: bool,
    device: str,
    as_json: bool,
) -> None:
    """Say where in whole takes each action starts and ends, with a detector MODEL.

    What was searched before is read again. A take that is damaged is named, and the others are
    searched all the same.
    """
    if bool(takes) == bool(participants):
        raise click.UsageError("Give --takes or --participants, one of them.")
    from fsamt_engine.detection.search import detect as search
    from fsamt_engine.evaluation.pku_mmd_files import write_predictions
    from fsamt_engine.library.detected import suggest_found
    from fsamt_engine.library.models import model as find

    damaged: list[str] = []

    def tell_damaged(take_id: str, error: FsamtError) -> None:
        damaged.append(f"{take_id} was left out: {error.message}")

    with open_library(folder) as opened:
        record = find(opened, model)
        _refuse_others(record)
        wanted = _takes(opened, record, takes or (), participants or ())
        with long_work() as (on_progress, should_stop):
            found = search(
                opened,
                record,
                wanted,
                device=device,
                on_progress=on_progress,
                should_stop=should_stop,
                on_damaged=tell_damaged,
            )
        least = _threshold(opened, record) if score is None else score
        told = [one for of_take in found.values() for one in of_take if one.score >= least]
        told.sort(key=lambda one: (one.take_id, one.start, one.end))
        if folder_out:
            write_predictions(opened, folder_out, found, record.actions)
        rows = _rows(opened, told)
        n_suggested = len(suggest_found(opened, told, record)) if suggest else None
    if csv_file:
        write_text(csv_file, _as_csv(rows))
    if as_json:
        content = {"model": record.id, "least_score": least, "found": rows, "damaged": damaged}
        click.echo(json.dumps(content, indent=1))
        return
    show_table(
        ("take", "participant", "action", "from, s", "to, s", "score"),
        [
            (one["take"], one["participant"], one["action"], *_shown(one), f"{one['score']:.2f}")
            for one in rows
        ],
    )
    click.echo(
        f"{_count(len(rows), 'segment')} in {_count(len(found), 'take')}, with a score of "
        f"{least:.2f} or more."
    )
    for sentence in damaged:
        click.echo(sentence)
    if folder_out:
        click.echo(f"Predictions: {folder_out}")
    if csv_file:
        click.echo(f"CSV: {csv_file}")
    if n_suggested is not None:
        click.echo(
            f"{_count(n_suggested, 'suggestion')} on the page Label; what is labelled already is "
            "left out."
        )


def show_detector_test(
    opened: "Library",
    record: "ModelRecord",
    people: Sequence[str],
    protocol: str,
    device: str,
    out: Path | None,
    predictions: Path | None,
    *,
    official: bool,
) -> None:
    """What `fsamt evaluate` does with a detector.

    Args:
        people: Whom to test on, where no protocol says it.
        out: JSON file for everything.
        predictions: Folder for what was found, in PKU-MMD's form.
        official: Score by PKU-MMD's protocol, too.

    Raises:
        FsamtError: Nobody of them is in an untrimmed take with these actions, or trained it.
    """
    from fsamt_engine.detection.evaluate import evaluate_detector
    from fsamt_engine.evaluation.detection_test import kept_detection_test
    from fsamt_engine.evaluation.pku_mmd_files import as_written, write_predictions
    from fsamt_engine.evaluation.pku_mmd_score import official_actions, pku_mmd_score
    from fsamt_engine.evaluation.seen import shared_people, unknown_whom

    items = _items(opened, record, people, protocol)
    with long_work() as (on_progress, should_stop):
        test = evaluate_detector(
            opened,
            record,
            items,
            device=device,
            on_progress=on_progress,
            should_stop=should_stop,
            as_result=kept_detection_test(opened, record) is None,
            protocol=protocol,
            watched_s=0.0,
        )
    by_pku_mmd = None
    if official:
        whole = {take_id: as_written(found) for take_id, found in test.by_take.items()}
        by_pku_mmd = pku_mmd_score(test.truth, whole, official_actions(record.actions))
    _show_scores(test.scores)
    if by_pku_mmd:
        _show_official(by_pku_mmd)
    for caution in filter(None, (unknown_whom(opened, record), shared_people(protocol))):
        click.echo(caution)
    if predictions:
        write_predictions(opened, predictions, test.by_take, record.actions)
        click.echo(f"Predictions: {predictions}")
    if out:
        write_json(out, _as_content(test, by_pku_mmd))


def _refuse_others(record: "ModelRecord") -> None:
    if not is_detector(record):
        raise FsamtError(
            f"{record.id} is a {record.kind}: it does not say when an action starts and ends.",
            "Finetune for detection first: `fsamt finetune --task detection`.",
        )


def _takes(
    opened: "Library", record: "ModelRecord", takes: Sequence[str], people: Sequence[str]
) -> list[str]:
    """Ids of the takes that were named, or of all of these people that the detector can see."""
    from fsamt_engine.experiments.names import resolve_participants
    from fsamt_engine.library.takes import take_ids_by_name, take_ids_with
    from fsamt_engine.modalities.available import kinds_of
    from fsamt_engine.modalities.preparation import Modality

    if takes:
        known = take_ids_by_name(opened)
        if unknown := [name for name in takes if name not in known]:
            raise FsamtError(
                f"There is no take {unknown[0]} in this library.",
                "`fsamt library list` lists them; --participants needs no names.",
            )
        return [known[name] for name in takes]
    wanted = resolve_participants(opened, people)
    kinds = kinds_of(Modality(record.modality))
    found = take_ids_with(opened, kinds, wanted)
    if not found:
        raise FsamtError(
            f"{', '.join(wanted)} have no take with {' and '.join(kinds)}.",
            "Choose others, or import their takes with it.",
        )
    return found


def _items(
    opened: "Library", record: "ModelRecord", people: Sequence[str], protocol: str
) -> "list[SnapshotItem]":
    """The untrimmed takes of a test, whole."""
    from fsamt_engine.datasets.protocols import split
    from fsamt_engine.evaluation.detection_labels import whole_takes
    from fsamt_engine.library.labels import segments
    from fsamt_engine.library.takes import take_ids_with
    from fsamt_engine.library.untrimmed import untrimmed_takes
    from fsamt_engine.modalities.available import kinds_of
    from fsamt_engine.modalities.preparation import Modality

    tested = set(take_ids_with(opened, kinds_of(Modality(record.modality))))
    if protocol:
        tested &= set(split(opened, protocol).test)
    tested &= set(untrimmed_takes(opened, None if protocol else people))
    labelled = segments(opened, actions=record.actions, take_ids=sorted(tested))
    if not labelled:
        whose = f"Those whom {protocol} tests" if protocol else ", ".join(people)
        raise FsamtError(
            f"{whose} have no untrimmed take with a segment of the actions of {record.id}.",
            f"It knows: {', '.join(record.actions)}. Label where they start and end in long takes.",
        )
    return whole_takes(opened, labelled)


def _threshold(opened: "Library", record: "ModelRecord") -> float:
    from fsamt_engine.learning.store import read_description

    return float(read_description(opened, record)["detector"]["threshold"])


def _rows(opened: "Library", told: "Sequence[Detection]") -> list[dict[str, Any]]:
    from fsamt_engine.library.takes import take

    rates = {take_id: take(opened, take_id).main.rate_hz for take_id in {o.take_id for o in told}}
    return [
        {
            "take": one.take_id,
            "participant": one.participant,
            "action": one.action,
            "start": one.start,
            "end": one.end,
            "start_s": round(one.start / rates[one.take_id], 3),
            "end_s": round(one.end / rates[one.take_id], 3),
            "score": one.score,
        }
        for one in told
    ]


def _shown(row: Mapping[str, Any]) -> tuple[str, str]:
    return f"{row['start_s']:.1f}", f"{row['end_s']:.1f}"


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    names = ("take", "participant", "action", "start", "end", "start_s", "end_s", "score")
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _show_scores(scores: "DetectionScores") -> None:
    show_table(
        ("action", "segments", *(f"AP at {overlap:g}" for overlap in _OVERLAPS)),
        [
            (action, scores.n_truth_of[place], *_ap(scores, action))
            for place, action in enumerate(scores.actions)
        ],
    )
    means = ", ".join(
        f"{format_percent(scores.map_at(overlap))} at {overlap:g}" for overlap in _OVERLAPS
    )
    click.echo(f"mAP {means}; {format_percent(scores.mean_map)} over 0.5:0.05:0.95.")
    low, high = (100 * bound for bound in scores.interval)
    click.echo(
        f"mAP at 0.5: {format_percent(scores.map_at(0.5))} (95 %: {low:.1f} to {high:.1f}), "
        f"{_count(scores.n_truth, 'segment')} in {_count(scores.n_takes, 'take')}. "
        f"{scores.interval_says}"
    )
    best = scores.f1_at(0.5)
    click.echo(
        f"F1 at 0.5: {format_percent(best.f1)} from a score of {best.threshold:.2f} on (precision "
        f"{format_percent(best.precision)}, recall {format_percent(best.recall)})."
    )


def _ap(scores: "DetectionScores", action: str) -> tuple[str, ...]:
    values = (scores.ap_at(overlap)[action] for overlap in _OVERLAPS)
    return tuple("" if value is None else format_percent(value) for value in values)


def _show_official(scores: "PkuMmdScores") -> None:
    click.echo(
        f"PKU-MMD's protocol at {scores.theta:g}: F1 {format_percent(scores.f1)}, AP "
        f"{format_percent(scores.ap)}, mAP over actions {format_percent(scores.map_actions)}, mAP "
        f"over videos {format_percent(scores.map_videos)}; 2D-AP {format_percent(scores.ap_2d)}."
    )


def _as_content(test: "DetectionTest", official: "PkuMmdScores | None") -> dict[str, Any]:
    scores = test.scores
    content: dict[str, Any] = {
        "model": test.model_id,
        "settings": dict(test.settings),
        "device": test.device,
        "scores": scores.to_dict(),
        "map": {f"{one:g}": scores.map_at(one) for one in scores.overlaps},
        "mean_map": scores.mean_map,
        "truth": [asdict(item) for item in test.truth],
        "predictions": [asdict(one) for one in test.found],
    }
    return content | ({"pku_mmd": official.to_dict()} if official else {})


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
