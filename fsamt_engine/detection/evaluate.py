"""Testing a detector on whole takes of people that nothing of it was ever trained on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple, replace

from fsamt_engine.detection.detector import load_detector
from fsamt_engine.detection.options import SearchSettings
from fsamt_engine.detection.search import detect, search_of
from fsamt_engine.detection.streaming import streamed
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_test import (
    DetectionTest,
    KnownAfter,
    TestedTake,
    keep_detection_test,
    kept_detection_test,
    read_detection_test,
    write_detection_test,
)
from fsamt_engine.evaluation.seen import protocol_of, refuse_seen
from fsamt_engine.learning.device import Device, choose_device
from fsamt_engine.learning.prepare import in_key_order, regions_of
from fsamt_engine.learning.runs import RecordedRun, recorded_run
from fsamt_engine.library import BACKGROUND, Library, ModelRecord, SnapshotItem, Take
from fsamt_engine.library.models import set_metrics
from fsamt_engine.library.takes import take
from fsamt_engine.progress import OnProgress, ShouldStop

FORMAT = 1
WATCHED_S = 60.0
"""Seconds of the tested takes that are watched as they would be live."""


def evaluate_detector(
    library: Library,
    model: ModelRecord,
    items: Sequence[SnapshotItem],
    settings: SearchSettings | None = None,
    *,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    as_result: bool = True,
    protocol: str = "",
    watched_s: float = WATCHED_S,
) -> DetectionTest:
    """Search the takes of a test whole; asked a second time it reads what it found before.

    Args:
        items: What is true of the takes: segments of the detector's actions, and background.
        settings: By default those of the detector's head.
        as_result: Note the scores as the detector's own, and keep the test beside it; not for a
            test that only serves to compare.
        protocol: The official split that the test is of; by default the detector's own.
        watched_s: Whole takes are watched as they would be live until this many seconds are
            reached, for the delay; 0 for none.

    Raises:
        Cancelled: Stopped; nothing of an unfinished test is kept but the takes that were searched.
        FsamtError: The model is no detector, an item's action is none of its, a take is damaged, or
            an item's participant took part in training the detector or what it was made from.
    """
    used = settings or search_of(model)
    _refuse_unknown_actions(model, items)
    refuse_seen(library, model, items, protocol or protocol_of(library, model))
    ordered = in_key_order(library, items)
    key = _key(library, model, ordered, used, watched_s)
    path = library.cache_folder / "evaluations" / f"{key}.json"
    test = read_detection_test(path, model)
    if test is None:
        chosen = choose_device(device)
        described = {"model": model.id, "n_items": len(ordered), **asdict(used)}
        with recorded_run(library, "evaluation", key, described, on_progress) as run:
            takes = [
                take(library, take_id) for take_id in dict.fromkeys(i.take_id for i in ordered)
            ]
            found = detect(
                library,
                model,
                [one.id for one in takes],
                used,
                device=device,
                on_progress=run.on_progress,
                should_stop=should_stop,
            )
            watched = _watched(takes, watched_s)
            test = DetectionTest(
                model_id=model.id,
                actions=model.actions,
                truth=tuple(item for item in ordered if item.action != BACKGROUND),
                takes=tuple(
                    TestedTake(one.id, one.participant, one.main.n_frames, one.main.rate_hz)
                    for one in takes
                ),
                found=tuple(one for of_take in found.values() for one in of_take),
                settings=asdict(used),
                device=chosen.name,
                watched=tuple(one.id for one in watched),
                known=_known(library, model, watched, chosen, run, should_stop),
            )
            write_detection_test(library, path, test)
            run.model_id = model.id
    if as_result:
        _note(library, model, test)
    return test


def _watched(takes: Sequence[Take], seconds: float) -> list[Take]:
    """The first takes, whole, until they are as long together."""
    chosen: list[Take] = []
    for one in takes:
        if seconds <= 0:
            break
        chosen.append(one)
        seconds -= one.main.n_frames / one.main.rate_hz
    return chosen


def _known(
    library: Library,
    model: ModelRecord,
    takes: Sequence[Take],
    device: Device,
    run: RecordedRun,
    should_stop: ShouldStop | None,
) -> tuple[KnownAfter, ...]:
    if not takes:
        return ()
    loaded = load_detector(library, model, device)
    return tuple(
        KnownAfter(detection, at_frame)
        for one in takes
        for detection, at_frame in streamed(
            library,
            loaded,
            one.id,
            device=device,
            on_progress=run.on_progress,
            should_stop=should_stop,
        )
    )


def _note(library: Library, model: ModelRecord, test: DetectionTest) -> None:
    scores = test.scores
    metrics = {
        "test_map_50": scores.map_at(0.5),
        "test_mean_map": scores.mean_map,
        "test_f1": scores.f1_at(0.5).f1,
        "test_n": float(scores.n_truth),
    }
    if metrics.items() - model.metrics.items():
        set_metrics(library, model.id, metrics)
    kept = kept_detection_test(library, model)
    if kept and not test.watched and replace(kept, watched=(), known=()) == test:
        return  # The same test, of which more is known.
    keep_detection_test(library, model, test)


def _refuse_unknown_actions(model: ModelRecord, items: Sequence[SnapshotItem]) -> None:
    if all(item.action == BACKGROUND for item in items):
        raise FsamtError(
            "There is no labelled segment to test on.", "Choose labelled takes of other people."
        )
    unknown = {str(item.action) for item in items} - {*model.actions, BACKGROUND}
    if unknown:
        raise FsamtError(
            f'{model.id} does not know the action "{min(unknown)}".',
            f"It knows: {', '.join(model.actions)}.",
        )


def _key(
    library: Library,
    model: ModelRecord,
    items: Sequence[SnapshotItem],
    settings: SearchSettings,
    watched_s: float,
) -> str:
    content = [FORMAT, model.key, asdict(settings), [astuple(item) for item in items], watched_s]
    if regions := regions_of(library, items):
        content.append(regions)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
