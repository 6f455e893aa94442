"""The model card: what a recogniser is, for people who did not make it.

The headings follow Mitchell et al., "Model cards for model reporting", FAT* 2019, as far as this
program knows what belongs under them. Nothing in it is guessed: what was not measured is said to be
unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fsamt_engine import __version__
from fsamt_engine.evaluation.answers import Evaluation
from fsamt_engine.evaluation.result import remarks, stored_test
from fsamt_engine.evaluation.scores import Scores
from fsamt_engine.evaluation.seen import unknown_whom
from fsamt_engine.export.description import Before, models_before
from fsamt_engine.export.settings import ExportFormat, ExportSettings, Parity, Speed
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.lineage import Ancestor, Gathered, lineage
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.modalities.preparation import CropMode, Preparation
from fsamt_engine.units import format_duration, format_percent

NO_LICENCE = (
    "No licence was given with this model. Ask whoever gave it to you before you use it or pass it"
    " on."
)


@dataclass(frozen=True)
class Origin:
    """A model with everything before it.

    Attributes:
        line: Of the models in the library; itself is the last.
        unknown_whom: Why it is not known whom it has seen; "" where that is known.
    """

    record: ModelRecord
    line: tuple[Ancestor, ...]
    unknown_whom: str
    elsewhere: tuple[Before, ...]
    """What it was made from that is not in the library, as its model.json says; nearest first."""

    @classmethod
    def of(cls, library: Library, record: ModelRecord) -> "Origin":
        """As far as it is known."""
        line = lineage(library, record.id).line
        elsewhere = models_before(library, record)[len(line) - 1 :]
        return cls(record, line, unknown_whom(library, record), elsewhere)

    @property
    def own(self) -> Ancestor:
        """The model itself."""
        return self.line[-1]


@dataclass(frozen=True)
class _Facts:
    loaded: LoadedModel
    origin: Origin
    test: Evaluation | None
    rate_hz: float

    @property
    def own(self) -> Ancestor:
        return self.origin.own


def model_card(
    library: Library,
    loaded: LoadedModel,
    settings: ExportSettings,
    format: ExportFormat,
    rate_hz: float,
    parity: Parity,
    speeds: Sequence[Speed] = (),
) -> str:
    """The card of an exported file, Markdown."""
    record = loaded.record
    test = None
    if record.snapshot_id is not None:
        test = stored_test(library, record, snapshot(library, record.snapshot_id))
    facts = _Facts(loaded, Origin.of(library, record), test, rate_hz)
    parts = [
        f"# {record.name}",
        head_line(record, format),
        "## What it recognises",
        _recognises(facts),
        "## Which streams it opens",
        "Depth, and nothing else. Colour, infrared and sound are neither needed nor opened.",
        "## What it was trained on",
        _trained_on(facts, settings),
        "## How well it recognises",
        _accuracy(facts),
        "## Input and output",
        _signature(facts, format),
        "## Checked against the original",
        _checked(parity, speeds),
        "## Limits",
        _limits(facts),
        "## Licence",
        settings.licence.strip() or NO_LICENCE,
    ]
    if settings.note.strip():
        parts += ["## Note", settings.note.strip()]
    return "\n\n".join(parts) + "\n"


def head_line(record: ModelRecord, format: ExportFormat) -> str:
    """What it is and when it was made."""
    return (
        f"`{record.id}`, network `{record.network}`, made on "
        f"{datetime.fromtimestamp(record.created_at_us / 1e6):%Y-%m-%d}, exported on "
        f"{datetime.now():%Y-%m-%d} as {format} by FSAMT Studio {__version__}."
    )


def _recognises(facts: _Facts) -> str:
    record = facts.loaded.record
    shape = facts.loaded.shape
    listed = "\n".join(f"- {action}" for action in record.actions)
    seconds = shape.span / facts.rate_hz
    said = (
        f"{len(record.actions)} actions of one person, from the last {seconds:.1f} s of depth "
        f"({shape.n_frames} of {shape.span} frames, at {facts.rate_hz:g} frames a second):\n\n"
        f"{listed}"
    )
    if BACKGROUND not in record.actions:
        said += (
            "\n\nIt knows no background: whatever a person does, it answers with one of these. Only"
            " the probabilities tell whether it is sure."
        )
    return said


def _trained_on(facts: _Facts, settings: ExportSettings) -> str:
    own = facts.own.trained_on
    return trained_on(facts.origin, f"Finetuned on {_labels(own)}.", settings)


def trained_on(origin: Origin, first: str, settings: ExportSettings) -> str:
    """What a model and those before it have learned from, and its labels in a table.

    Args:
        first: Of its own training.
    """
    own = origin.own.trained_on
    lines = [f"- {first}"]
    for one in reversed(origin.line[:-1]):
        lines.append(f"- Made from a {one.model.kind}: {_before(one)}.")
    for before in origin.elsewhere:
        kind = before.about["kind"]
        lines.append(f"- Made from a {kind}: {_before_elsewhere(before)}.")
    if len(origin.line) == 1 and not origin.elsewhere and origin.record.method == "from scratch":
        lines.append("- From scratch: nothing else was learned before.")
    if settings.names_included:
        lines += [f"- {sentence}" for sentence in origin.own.missing]
        lines.append(f"- Participants of the labels: {', '.join(own.by_participant)}.")
    table = ["", "| action | labels |", "|---|---|"]
    table += [f"| {name} | {own.by_action.get(name, 0)} |" for name in origin.record.actions]
    return "\n".join([*lines, *table])


def _labels(seen: Gathered) -> str:
    said = (
        f"{count(seen.n_items, 'label')} of {count(len(seen.by_participant), 'participant')}, "
        f"{_duration(seen)}"
    )
    if 0 < seen.n_missing < seen.n_takes:
        said += f" ({count(seen.n_missing, 'take')} more no longer there)"
    return said


def _duration(seen: Gathered) -> str:
    if seen.n_takes and seen.n_missing == seen.n_takes:
        return "how long they are is not known here"
    return f"{format_duration(seen.seconds)} of depth"


def _before(one: Ancestor) -> str:
    seen = one.trained_on
    people, n_actions = len(seen.by_participant), len(seen.by_action)
    said = _learned(one.model.method, one.model.modality, seen.n_items, people, n_actions)
    return said if n_actions else f"{said} ({_duration(seen)})"


def _before_elsewhere(one: Before) -> str:
    items = (*one.seen.train, *one.seen.validation)
    people = {item.participant for item in items}
    known = {item.action for item in items if item.action is not None}
    about = one.about
    return _learned(about["method"], about["modality"], len(items), len(people), len(known))


def _learned(method: str, modality: str, n_items: int, n_people: int, n_actions: int) -> str:
    people = count(n_people, "participant")
    if n_actions:
        return f"{modality}, {count(n_items, 'label')} of {people}, {count(n_actions, 'action')}"
    return f"{method} on {count(n_items, 'unlabelled video')} of {people} with colour and depth"


def _accuracy(facts: _Facts) -> str:
    if facts.test is None:
        said = (
            "No test on people whom its training has not seen is known: how well it recognises "
            "them is not known either."
        )
        return f"{said} {facts.origin.unknown_whom}".rstrip()
    scores = facts.test.scores
    low, high = (100 * bound for bound in scores.interval)
    n_people = len({one.item.participant for one in facts.test.predictions})
    people = count(n_people, "person", "people")
    if not facts.origin.unknown_whom:
        people += " whom no part of its training has seen"
    lines = [
        f"{format_percent(scores.accuracy)} of {count(scores.n, 'clip')} of {people} were "
        f"recognised (95 % interval {low:.1f} to {high:.1f} %; macro F1 "
        f"{format_percent(scores.macro_f1)}).",
        "",
        *_per_action(scores),
    ]
    n_labels = {name: facts.own.trained_on.by_action.get(name, 0) for name in facts.test.actions}
    notes = remarks(facts.test, n_labels, facts.origin.unknown_whom)
    lines += ["", *(f"- {remark}" for remark in notes)]
    return "\n".join(lines).rstrip()


def _per_action(scores: Scores) -> list[str]:
    rows = ["| action | clips | precision | recall |", "|---|---|---|---|"]
    for one in scores.per_action:
        rows.append(f"| {one.action} | {one.support} | {one.precision:.2f} | {one.recall:.2f} |")
    return rows


def _signature(facts: _Facts, format: ExportFormat) -> str:
    shape = facts.loaded.shape
    n_actions = len(facts.loaded.record.actions)
    if format in (ExportFormat.PT2, ExportFormat.SAFETENSORS):
        return (
            f"- in: `clips` (B, {shape.n_frames}, {shape.size}, {shape.size}) float32, prepared "
            "depth, 0 to 1, as the preparation in `model.json` says\n"
            f"- out: probabilities (B, {n_actions}) float32\n\n"
            "Raw depth has to be prepared before; the ONNX formats do that themselves."
        )
    return (
        "- in: `depth` (B, N, H, W) uint16, N frames in steps of the sensor, 0 = no reading; "
        "`unit_m` (B,) float32, metres a step; `intrinsics` (B, 4) float32, fx fy cx cy in pixels, "
        "all 0 where they are not known (60 degrees across are assumed)\n"
        f"- out: `probabilities` (B, {n_actions}) float32 of the newest clip; `person_found` (B,) "
        "bool; `n_seen` (B,) int64, frames so far\n"
        "- state: give `next_samples`, `next_prepared` and `next_numbers` of one call as "
        "`samples`, `prepared` and `numbers` to the next, and N frames more are all it needs; "
        "leave them out to start anew\n"
        "- `steps` (B, N) int64, if wanted: how often each frame counts, more than once after a "
        "gap\n\n"
        f"Frames have to come at about {facts.rate_hz:g} a second. Names, rate and clip are in the "
        "file's metadata."
    )


def _checked(parity: Parity, speeds: Sequence[Speed]) -> str:
    lines = [parity.words]
    if parity.n_streamed:
        lines.append(
            f"{count(parity.n_streamed, 'clip')} of these went through it frame by frame as well, "
            "as a camera delivers them."
        )
    return "\n".join([*lines, *speed_table(speeds)])


def speed_table(speeds: Sequence[Speed]) -> list[str]:
    """What was measured of the files, in lines; none without a measurement."""
    if not speeds:
        return []
    rows = ["", "| file | ms a frame | MB |", "|---|---|---|"]
    rows += [f"| {one.name} | {one.ms:.1f} | {one.n_bytes / 1e6:.1f} |" for one in speeds]
    return [*rows, "", "Measured in one run, on the CPU of the computer that exported it."]


def _limits(facts: _Facts) -> str:
    return limits(facts.origin, facts.loaded.preparation, facts.rate_hz)


def limits(origin: Origin, preparation: Preparation, rate_hz: float) -> str:
    """What it can do only under which conditions."""
    crop = preparation.depth.crop
    lines = [
        "- It knows these actions as the people above did them, from where their camera stood.",
        f"- It needs about {rate_hz:g} frames a second; at another pace actions look quicker "
        "or slower than what it has learned.",
    ]
    if crop.mode is CropMode.PERSON:
        lines.append(
            f"- It watches one person, in a square of {crop.side_m:g} m around them. Of several it "
            "follows one."
        )
    if not origin.own.trained_on.by_participant:
        lines.append("- On whom it was trained is not known.")
    elif len(origin.own.trained_on.by_participant) < 5:
        lines.append("- It learned from few people; others may do the same action differently.")
    return "\n".join(lines)


def count(n: int, word: str, several: str = "") -> str:
    """As "1 label" or "12 labels"."""
    return f"1 {word}" if n == 1 else f"{n:,} {several or word + 's'}"
