"""The model card of a detector; see `card` for what such a card is."""

from collections.abc import Sequence

from fsamt_engine.detection.detector import LoadedDetector
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.evaluation.detection_result import remarks
from fsamt_engine.evaluation.detection_test import DetectionTest, kept_detection_test
from fsamt_engine.export.card import (
    NO_LICENCE,
    Origin,
    count,
    head_line,
    limits,
    speed_table,
    trained_on,
)
from fsamt_engine.export.settings import DetectionParity, ExportFormat, ExportSettings, Speed
from fsamt_engine.library import Library
from fsamt_engine.units import format_percent

_HEADS = {
    DetectionHead.ANCHOR_FREE: "an anchor-free head over embeddings of clips",
    DetectionHead.R_C3D: "R-C3D (Xu, Das, Saenko, ICCV 2017) over long windows",
}


def detector_card(
    library: Library,
    loaded: LoadedDetector,
    settings: ExportSettings,
    format: ExportFormat,
    parity: DetectionParity,
    speeds: Sequence[Speed] = (),
) -> str:
    """The card of an exported detector, Markdown."""
    record = loaded.record
    origin = Origin.of(library, record)
    test = kept_detection_test(library, record)
    parts = [
        f"# {record.name}",
        head_line(record, format),
        "## What it finds",
        _finds(loaded),
        "## Which streams it opens",
        "Depth, and nothing else. Colour, infrared and sound are neither needed nor opened.",
        "## What it was trained on",
        trained_on(origin, _first(origin), settings),
        "## How well it finds them",
        _accuracy(origin, test),
        "## How soon it is known live",
        _delay(test),
        "## Input and output",
        _signature(loaded, format),
        "## Checked against the original",
        _checked(parity, speeds),
        "## Limits",
        limits(origin, loaded.preparation, loaded.rate_hz),
        "## Licence",
        settings.licence.strip() or NO_LICENCE,
    ]
    if settings.note.strip():
        parts += ["## Note", settings.note.strip()]
    return "\n\n".join(parts) + "\n"


def _finds(loaded: LoadedDetector) -> str:
    listed = "\n".join(f"- {action}" for action in loaded.actions)
    longest = loaded.detector.longest / loaded.rate_hz
    return (
        f"When each of {count(len(loaded.actions), 'action')} of one person starts and ends in a "
        f"recording of any length, or while it goes on; with {_HEADS[loaded.head]}. The longest "
        f"action that it was taught has {longest:.1f} s; what no action is, is background:\n\n"
        f"{listed}"
    )


def _first(origin: Origin) -> str:
    """On how much it was trained, background left out: that is what the labels leave over."""
    own = origin.own.trained_on
    n_labels = sum(own.by_action.get(name, 0) for name in origin.record.actions)
    people = count(len(own.by_participant), "participant")
    return (
        f"Finetuned on {count(n_labels, 'labelled segment')} of {people}, in "
        f"{count(own.n_takes, 'take')}."
    )


def _accuracy(origin: Origin, test: DetectionTest | None) -> str:
    if test is None:
        said = (
            "No test on people whom its training has not seen is known: how well it finds actions "
            "is not known either."
        )
        return f"{said} {origin.unknown_whom}".rstrip()
    scores = test.scores
    low, high = (100 * bound for bound in scores.interval)
    people = count(len(scores.participants), "person", "people")
    if not origin.unknown_whom:
        people += " whom no part of its training has seen"
    best = scores.f1_at(0.5)
    lines = [
        f"mAP {format_percent(scores.map_at(0.5))} at an overlap of 0.5 (95 % interval {low:.1f} to"
        f" {high:.1f} %, over {scores.interval_over}), over {count(scores.n_truth, 'segment')} in "
        f"{count(scores.n_takes, 'take')} of {people}; mAP {format_percent(scores.mean_map)} over "
        f"overlaps of 0.5 to 0.95. At its best threshold ({best.threshold:.2f}) F1 is "
        f"{format_percent(best.f1)} (precision {format_percent(best.precision)}, recall "
        f"{format_percent(best.recall)}).",
        "",
        "| action | segments | AP at 0.5 |",
        "|---|---|---|",
    ]
    precisions = scores.ap_at(0.5)
    for place, action in enumerate(scores.actions):
        precision = precisions[action]
        said = "not known" if precision is None else f"{precision:.2f}"
        lines.append(f"| {action} | {scores.n_truth_of[place]} | {said} |")
    n_labels = {name: origin.own.trained_on.by_action.get(name, 0) for name in test.actions}
    notes = [origin.unknown_whom, *remarks(test, n_labels)]
    lines += ["", *(f"- {remark}" for remark in notes if remark)]
    return "\n".join(lines).rstrip()


def _delay(test: DetectionTest | None) -> str:
    delay = test.delay if test else None
    if delay is None:
        return "How long after an action's end it is known was not measured."
    return (
        f"The end of an action is known {delay.median_s:.1f} s after it (median; nine of ten within"
        f" {delay.ninety_s:.1f} s), and what the computer takes on top: of "
        f"{count(delay.n_truth, 'segment')} that were watched as they would be live "
        f"{delay.n_told} were told, and {count(delay.n_false, 'detection')} of nothing."
    )


def _signature(loaded: LoadedDetector, format: ExportFormat) -> str:
    if format is ExportFormat.SAFETENSORS:
        return (
            "Weights and `model.json`, for another library of FSAMT Studio: `fsamt models import`."
        )
    return (
        "- in: raw depth frames (H, W) uint16 in steps of the sensor, 0 = no reading; metres a "
        "step, and fx fy cx cy in pixels (all 0 where they are not known: 60 degrees across are "
        "assumed)\n"
        "- out: action, start and end in seconds and frames, score 0 to 1; from "
        f"{loaded.threshold:g} on it is told where nothing else is asked for\n\n"
        "`python detect.py recording.db3` searches a recording whole, `python detect.py` tells what"
        " a camera sees; `--help` says the rest. It needs numpy and onnxruntime, and runs "
        "`prepare.onnx` (raw depth to what the networks see) and the networks beside it; "
        "`detector.json` has the numbers around them.\n\n"
        f"Frames have to come at about {loaded.rate_hz:g} a second."
    )


def _checked(parity: DetectionParity, speeds: Sequence[Speed]) -> str:
    lines = [parity.words]
    if parity.n_watched:
        lines.append(
            f"{count(parity.n_watched, 'take')} of these came to it frame by frame as well, as a "
            "camera delivers them."
        )
    return "\n".join([*lines, *speed_table(speeds)])
