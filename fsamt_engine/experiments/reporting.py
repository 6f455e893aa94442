"""What the report of an experiment shows: what came out, in sentences, charts and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.datasets.protocols import SHARED, protocol
from fsamt_engine.experiments.detection_listings import detection_listings
from fsamt_engine.experiments.ordering import COVERS, ordering
from fsamt_engine.experiments.pictures import Image, depth_picture, flow_picture
from fsamt_engine.experiments.published import PublishedTable, published
from fsamt_engine.experiments.report import (
    ConfusionMatrix,
    Curve,
    Listing,
    Picture,
    Report,
    Row,
    Table,
)
from fsamt_engine.experiments.result import ExperimentResult, ResultRow
from fsamt_engine.experiments.spread_svg import spread_chart
from fsamt_engine.experiments.svg import Series
from fsamt_engine.learning import TransferLoss
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, Segment, StreamKind
from fsamt_engine.library.labels import segments
from fsamt_engine.library.models import model
from fsamt_engine.library.takes import pairs, take, take_ids_with_pairs
from fsamt_engine.media.colour import ColourReader
from fsamt_engine.media.depth import DepthReader
from fsamt_engine.modalities.cache import prepared_take
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.units import format_duration, format_percent

_N_PICTURES = 4
_PICTURE_HEIGHT = 180


def make_report(library: Library, result: ExperimentResult, commands: Sequence[str]) -> Report:
    """Everything that a reader needs to judge a result.

    Args:
        commands: How to run it again.
    """
    title = result.settings.kind.heading
    return Report(
        title=title,
        summary=tuple(summary(result)),
        tables=(result_table(result),),
        charts=(("The table as a chart", spread_chart(result.table)),),
        listings=(
            *_of_paper(published(result.settings.kind)),
            *detection_listings(result),
        ),
        curves=tuple(_curves(library, result)),
        confusions=tuple(_confusions(result)),
        pictures=tuple(_example_pairs(library, result)),
        settings=result.settings.to_dict(),
        commands=tuple(commands),
        versions=result.versions,
    )


def summary(result: ExperimentResult) -> Iterator[str]:
    """What came out, in sentences."""
    people, name = result.settings.test_participants, result.settings.protocol
    shared = bool(name) and protocol(name).shares_people
    yield (
        f"Tested on {result.table.tested} of {len(people)} "
        f"{'person' if len(people) == 1 else 'people'} ({', '.join(people)})"
        f"{'' if shared else ' that no training has seen'}. {result.spread_covers}"
    )
    if name:
        yield f"Divided as {name}: {protocol(name).words} {SHARED if shared else ''}".rstrip()
    for n_labels in result.settings.labels_per_action:
        yield _best(result, n_labels)
    if result.settings.n_seeds == 1:
        yield "One seed cannot tell whether the order of the methods is more than chance."
    else:
        said = ordering(result.table, published(result.settings.kind))
        yield from (sentence.words for sentence in said)
        if any(one.interval for sentence in said for one in sentence.differences):
            yield COVERS
    yield from result.left_out
    yield from result.remarks
    for teacher in result.teachers:
        if teacher.scores:
            scores = teacher.scores
            low, high = (100 * bound for bound in scores.interval)
            yield (
                f"The {teacher.name} names {format_percent(scores.accuracy)} (95 %: {low:.1f} to "
                f"{high:.1f}) of {scores.n} clips of the source actions by the same people."
            )
    yield f"Training everything took {format_duration(result.trained_s)} on {result.device}."


def _best(result: ExperimentResult, n_labels: int) -> str:
    """The two best lines, and where the last one of the table is."""
    rows = [row for row in result.rows if row.labels_per_action == n_labels]
    ranked = sorted(rows, key=lambda row: -row.figure.mean)
    first = ranked[0]
    said = (
        f"With {n_labels} label{'' if n_labels == 1 else 's'} an action, {first.method} is best of "
        f"{len(rows)} with {_percent(first)}"
    )
    if len(rows) == 1:
        does = "finds" if result.settings.is_of_detection else "recognises"
        return f"With {n_labels} labels an action, {first.method} {does} {_percent(first)}."
    second = ranked[1]
    points = first.figure.mean - second.figure.mean
    said += f", {points:.1f} points over {second.method} ({_percent(second)})"
    last = rows[-1]
    if last not in ranked[:2]:
        said += f"; {last.method} is number {ranked.index(last) + 1} with {_percent(last)}"
    return f"{said}."


def _percent(row: ResultRow) -> str:
    std = row.figure.std
    return f"{row.figure.mean:.1f}{'' if std is None else f' ± {std:.1f}'} %"


def _of_paper(paper: PublishedTable | None) -> Iterator[Listing]:
    if paper is None or not paper.labels:
        return
    methods = tuple(dict.fromkeys(method for method, _ in paper.cells))
    yield Listing(
        "What the paper found",
        ("method", *(f"{n} labels an action" for n in paper.labels)),
        tuple(
            (method, *(str(paper.cells.get((method, n), "")) for n in paper.labels))
            for method in methods
        ),
        " ".join(part for part in (f"{paper.source}. {paper.setting}.", paper.note) if part),
    )


def result_table(result: ExperimentResult) -> Table:
    """The table, in %."""
    rows = tuple(
        Row(
            row.method,
            row.labels_per_action,
            row.figure.mean,
            row.figure.std,
            row.figure.values,
        )
        for row in result.rows
    )
    n_seeds = result.settings.n_seeds
    spread = f"mean ± sample standard deviation over {n_seeds} seeds" if n_seeds > 1 else "one seed"
    table = result.table
    note = f"Tested on {table.tested}; {spread}. {result.spread_covers}"
    title = f"{table.measure_heading} in %, by labels an action"
    return Table(title, rows, note, table.measure_heading)


def _curves(library: Library, result: ExperimentResult) -> Iterator[Curve]:
    for source in result.teachers:
        if source.loss is None:
            continue
        yield _curve(library, source.model_id, f"Training the {source.name}", "cross-entropy")
    for source in result.students:
        title = f"Transferring to the {source.name}"
        label = "cosine distance" if source.trained_by == TransferLoss.COSINE else "loss"
        yield _curve(library, source.model_id, title, label)
    most = max(result.settings.labels_per_action)
    lines = [
        _series(row.method, _training(library, row.cells[0].model_id)["history"], "loss")
        for row in result.rows
        if row.labels_per_action == most
    ]
    labels = f"{most} label{'' if most == 1 else 's'}"
    title = f"Finetuning on {labels} an action, seed {result.rows[0].cells[0].seed}"
    label = "loss of the head" if result.settings.is_of_detection else "cross-entropy"
    yield Curve(title, tuple(lines), None, label)


def _curve(library: Library, model_id: str, title: str, y_label: str) -> Curve:
    training = _training(library, model_id)
    history = training["history"]
    lines = [_series("training", history, "loss")]
    validated = [epoch["metrics"] | {"step": epoch["step"]} for epoch in history]
    best_step = None
    if all("loss" in epoch for epoch in validated):
        lines.append(_series("validation", validated, "loss"))
        best_step = float(history[training["best_epoch"] - 1]["step"])
    return Curve(title, tuple(lines), best_step, y_label)


def _training(library: Library, model_id: str) -> dict[str, Any]:
    described = read_description(library, model(library, model_id))
    training: dict[str, Any] = described["training"]
    return training


def _series(name: str, history: Sequence[Mapping[str, Any]], value: str) -> Series:
    return Series(
        name,
        tuple(float(epoch["step"]) for epoch in history),
        tuple(float(epoch[value]) for epoch in history),
    )


def _confusions(result: ExperimentResult) -> Iterator[ConfusionMatrix]:
    """Of recognisers; what detectors take for what is in their own reports."""
    if result.settings.is_of_detection:
        return
    row = result.row(result.rows[-1].method, max(result.settings.labels_per_action))
    title = (
        f"{row.method[0].upper()}{row.method[1:]}, {row.labels_per_action} labels an action, all "
        f"{len(row.cells)} seeds together"
    )
    yield ConfusionMatrix(title, result.settings.target_actions, row.confusion)


def _example_pairs(library: Library, result: ExperimentResult) -> Iterator[Picture]:
    """A moment of some target actions, one participant after the other."""
    own = result.settings
    paired = set(take_ids_with_pairs(library, own.train_participants))
    labelled = [
        one
        for one in segments(
            library,
            actions=own.target_actions,
            participants=own.train_participants,
            composed=False,
        )
        if one.take_id in paired
    ]
    step = max(1, len(own.target_actions) // _N_PICTURES)
    for number, action in enumerate(own.target_actions[::step][:_N_PICTURES]):
        person = own.train_participants[number % len(own.train_participants)]
        shown = [one for one in labelled if one.action == action]
        shown = [one for one in shown if one.participant == person] or shown
        if shown:
            yield _example_pair(library, shown[0], own.preparation)


def _example_pair(library: Library, segment: Segment, preparation: Preparation) -> Picture:
    record = take(library, segment.take_id)
    depth_stream, colour_stream = record.stream(StreamKind.DEPTH), record.stream(StreamKind.COLOUR)
    if depth_stream is None or colour_stream is None:
        raise ValueError(f"{record.id} has pairs, but not both streams")
    of_segment = pairs(library, record.id)
    inside = (of_segment[:, 0] >= segment.start) & (of_segment[:, 0] < segment.end)
    of_segment = of_segment[inside] if inside.any() else of_segment
    coded = prepared_take(library, record.id, Modality.FLOW, preparation)
    # The middle of an action is often the moment at which it turns and stands still.
    speeds = np.abs(coded[of_segment[:, 0]] - np.float32(127.5)).max(axis=3)
    motion = np.quantile(speeds, 0.99, axis=(1, 2))
    depth_frame, colour_frame, _ = of_segment[int(motion.argmax())]
    with closing(DepthReader(library.absolute(depth_stream.path))) as depth_reader:
        depth = depth_reader[int(depth_frame)]
    with closing(ColourReader(library.absolute(colour_stream.path))) as colour_reader:
        colour = colour_reader[int(colour_frame)]
    unit_m = depth_stream.unit_m or 0.001
    near_m, far_m = _range_m(depth, unit_m)
    vectors = (coded[depth_frame].astype(np.float32) / 127.5 - 1) * preparation.bound_px
    seen = prepared_take(library, record.id, Modality.DEPTH, preparation)[depth_frame]
    grey = np.repeat(np.rint(seen.astype(np.float32) * 255).astype(np.uint8)[..., None], 3, axis=2)
    return Picture(
        f"{segment.action}, {segment.participant}: depth from {near_m:.1f} m (warm) to "
        f"{far_m:.1f} m (cold); flow up to {preparation.bound_px:.1f} px a frame",
        (
            ("colour", _scaled(colour)),
            ("depth", _scaled(depth_picture(depth, unit_m, near_m, far_m))),
            ("flow, as the teacher sees it", _scaled(flow_picture(vectors, preparation.bound_px))),
            ("depth, as the student sees it", _scaled(grey)),
        ),
    )


def _range_m(depth: NDArray[np.uint16], unit_m: float) -> tuple[float, float]:
    """The distances that hold nearly all of a picture, in steps of half a metre."""
    values = depth[depth > 0] * unit_m
    if values.size == 0:
        return 0.0, 5.0
    near_m = float(np.floor(2 * np.percentile(values, 2)) / 2)
    return near_m, max(near_m + 0.5, float(np.ceil(2 * np.percentile(values, 98)) / 2))


def _scaled(image: Image) -> Image:
    height, width = image.shape[:2]
    size = (round(width * _PICTURE_HEIGHT / height), _PICTURE_HEIGHT)
    method = cv2.INTER_NEAREST if height < _PICTURE_HEIGHT else cv2.INTER_AREA
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
