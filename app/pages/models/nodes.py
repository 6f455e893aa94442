"""The stations of a lineage: what is said of each, in a few short lines."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from app import words
from app.model_words import head_name, icon_name, is_tested, kind_name, result_line, tested
from app.pages.models.sayings import each_action, seconds_long
from fsamt_engine.evaluation.health_record import TransferHealth
from fsamt_engine.library import BACKGROUND, ModelKind, ModelRecord
from fsamt_engine.library.lineage import Ancestor, Lineage
from fsamt_engine.library.offered_weights import PUBLISHED_WEIGHTS
from fsamt_engine.units import format_percent

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Station:
    """One station on the way to a model.

    Attributes:
        part: "model", "data" (what it was trained and tested on) or "removed".
        model_id: Of the model that it is, or that it was gathered for.
        lines: Short ones; the last says how good it is, where it is a model.
        ancestor: None for what was removed.
        tone: "good", "caution" or "" – of the last line.
        number: How good it is, to be read at a glance; below the title.
    """

    part: str
    model_id: str
    icon: str
    title: str
    lines: tuple[str, ...]
    ancestor: Ancestor | None = None
    tone: str = ""
    number: str = ""


def stations(found: Lineage, healths: dict[str, TransferHealth]) -> tuple[Station, ...]:
    """All stations of a lineage, from the first to the model itself.

    Args:
        found: The lineage.
        healths: Of its students, by id, where they were measured.
    """
    made: list[Station] = []
    if found.removed_id:
        made.append(
            Station(
                "removed",
                found.removed_id,
                "caution",
                translate("Models", "Removed"),
                (found.removed_id, translate("Models", "Whom it had seen is no longer known.")),
            )
        )
    for one in found.line:
        if one.model.kind is ModelKind.STUDENT:
            made.append(_pairs(one))
        elif one.model.kind in (ModelKind.RECOGNISER, ModelKind.DETECTOR):
            made.append(_labels(one))
        made.append(_model(one, healths.get(one.model.id)))
    return tuple(made)


def _pairs(one: Ancestor) -> Station:
    seen = one.trained_on
    granularity = str(one.model.settings.get("granularity", ""))
    lines = (
        translate("Models", "pairs of {takes}").format(takes=words.takes(seen.n_takes)),
        seconds_long(seen.seconds) if seen.seconds else "",
        translate("Models", "of {people}").format(
            people=words.participants(len(seen.by_participant))
        ),
        granularity,
    )
    return Station(
        "data",
        one.model.id,
        "library",
        translate("Models", "Pairs"),
        tuple(filter(None, lines)),
        one,
    )


def _labels(one: Ancestor) -> Station:
    seen = one.trained_on
    if one.model.kind is ModelKind.DETECTOR:
        # What is left of its takes was trained on too, and nobody labelled it.
        actions = {a: n for a, n in seen.by_action.items() if a != BACKGROUND}
        seen = replace(seen, n_items=sum(actions.values()), by_action=actions)
    n_people, n_tested = len(seen.by_participant), len(one.tested_on.by_participant)
    lines = [
        translate("Models", "{labels}, {actions}").format(
            labels=words.labels(seen.n_items), actions=words.actions(len(seen.by_action))
        )
    ]
    if seen.by_action:
        lines.append(each_action(seen))
    lines.append(translate("Models", "trained: {people}").format(people=words.people(n_people)))
    if n_tested:
        lines.append(translate("Models", "tested: {people}").format(people=words.people(n_tested)))
    elif not is_tested(one.model):
        lines.append(translate("Models", "tested: nobody"))
    return Station("data", one.model.id, "label", translate("Models", "Labels"), tuple(lines), one)


def _model(one: Ancestor, health: TransferHealth | None) -> Station:
    model, seen, number = one.model, one.trained_on, ""
    if model.method == PUBLISHED_WEIGHTS:
        lines = [
            translate("Models", "sees {modality}").format(modality=model.modality),
            model.network,
            result_line(model),
        ]
        if model.actions:
            lines.insert(1, words.actions(len(model.actions)))
        lines.append(translate("Models", "has seen nobody of this library"))
        tone = ""
    elif model.kind is ModelKind.TEACHER:
        lines = [
            translate("Models", "sees {modality}").format(modality=model.modality),
            translate("Models", "{labels}, {actions}").format(
                labels=words.labels(seen.n_items), actions=words.actions(len(model.actions))
            ),
            translate("Models", "of {people}").format(
                people=words.participants(len(seen.by_participant))
            ),
            result_line(model),
        ]
        tone = ""
    elif model.kind is ModelKind.STUDENT:
        loss = model.metrics.get("cosine_distance")
        lines = [model.network]
        if loss is not None:
            lines.append(translate("Models", "cosine loss {loss:.3f}").format(loss=loss))
        lines.append(
            _health(health)
            if health is not None
            else translate("Models", "health not measured yet")
        )
        tone = "" if health is None else "good" if _is_well(health) else "caution"
    elif model.kind is ModelKind.DETECTOR:
        lines, number = _detector_lines(model)
        tone = ""
    else:
        found = tested(model)
        lines = [model.network]
        if found is None:
            lines.append(translate("Models", "not tested yet"))
        else:
            share, (low, high), n = found
            number = format_percent(share)
            lines += [
                translate("Models", "95 %: {low:.1f} to {high:.1f}").format(
                    low=100 * low, high=100 * high
                ),
                words.clips(n),
            ]
        tone = ""
    return Station(
        "model",
        model.id,
        icon_name(model.kind),
        kind_name(model.kind),
        tuple(lines),
        one,
        tone,
        number,
    )


def _detector_lines(model: ModelRecord) -> tuple[list[str], str]:
    """Head, network and test of a detector, and its number."""
    share = model.metrics.get("test_map_50")
    lines = [head_name(str(model.settings.get("head", ""))), model.network]
    if share is None:
        return [*lines, translate("Models", "not tested yet")], ""
    n = round(model.metrics.get("test_n", 0))
    lines += [translate("Models", "mAP at 0.5"), words.labels(n)]
    return lines, format_percent(share)


def _is_well(health: TransferHealth) -> bool:
    return str(health.advice.code) == "go on to labelling"


def _health(health: TransferHealth) -> str:
    """The health in a line: its number, and what to do."""
    advice = {
        "more pairs": translate("Models", "more pairs are needed"),
        "more epochs": translate("Models", "more epochs are needed"),
        "check these takes": translate("Models", "some takes are in doubt"),
        "go on to labelling": translate("Models", "ready for labels"),
    }[str(health.advice.code)]
    if not health.matched:
        return advice
    return translate("Models", "cosine {cosine:.2f}: {advice}").format(
        cosine=health.matched_mean, advice=advice
    )
