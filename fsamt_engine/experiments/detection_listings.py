"""What the report of a detection table lists besides its figures; of other tables nothing."""

from collections.abc import Iterator
from statistics import fmean

from fsamt_engine.experiments.report import Listing
from fsamt_engine.experiments.result import TOLD_OVERLAPS, ExperimentResult, ResultRow

_OVERLAPS = (
    "A detection is right where it and a labelled segment of its action, which no surer one has "
    "found, overlap by at least so much (time of both over time of either). mAP: mean over the "
    "actions of the area under precision over recall. F1 is at the threshold that is best for it "
    "on this very test."
)


def detection_listings(result: ExperimentResult) -> Iterator[Listing]:
    """Every line at the usual overlaps, and the actions one by one at the table's own."""
    if not result.settings.is_of_detection:
        return
    yield Listing(
        "At other overlaps",
        (
            "method",
            "labels an action",
            *(f"mAP at {overlap:g}" for overlap in TOLD_OVERLAPS),
            "0.5:0.05:0.95",
            "F1 at 0.5",
        ),
        tuple(_at_overlaps(row) for row in result.rows),
        f"In %, mean over the seeds. {_OVERLAPS}",
    )
    most = max(result.settings.labels_per_action)
    rows = [row for row in result.rows if row.labels_per_action == most]
    yield Listing(
        f"Action by action, with {most} label{'' if most == 1 else 's'}",
        ("action", "segments", *(row.method for row in rows)),
        tuple(
            (action, rows[0].detected[0].n_truth_of[place], *(_ap(row, place) for row in rows))
            for place, action in enumerate(rows[0].detected[0].actions)
        ),
        f"Average precision at {result.settings.overlap:g} in %, mean over the seeds.",
        folded=True,
    )


def _at_overlaps(row: ResultRow) -> tuple[str | int, ...]:
    found = row.detected
    shares = [
        *(fmean(one.map_at(overlap) for one in found) for overlap in TOLD_OVERLAPS),
        fmean(one.mean_map for one in found),
        fmean(one.f1_at(0.5).f1 for one in found),
    ]
    return row.method, row.labels_per_action, *(f"{100 * share:.1f}" for share in shares)


def _ap(row: ResultRow, place: int) -> str:
    overlap = row.cells[0].overlap
    known = [
        value
        for one in row.detected
        if (value := one.ap_at(overlap)[one.actions[place]]) is not None
    ]
    return f"{100 * fmean(known):.1f}" if known else ""
