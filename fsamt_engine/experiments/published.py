"""What the paper publishes, as far as it can be read with certainty.

Source: the ICPR 2020 poster and the abstract of "Feature-Supervised Action Modality Transfer"
(Thoker and Snoek, arXiv 2108.03329). The poster's tables are read number by number; its bar charts
carry numbers that cannot be assigned to their bars with certainty, so those cells are empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fsamt_engine.experiments.kinds import ExperimentKind

SOURCE = "Thoker and Snoek, ICPR 2020, poster and abstract (arXiv 2108.03329)"
SETTING = (
    "NTU RGB+D 60, depth, cross-subject; teachers of NTU RGB+D 120's other actions; 20, 50 and "
    "100 labels an action"
)
OURS = "ours"


@dataclass(frozen=True)
class PublishedCell:
    """A figure of the paper in %, with its spread in percentage points."""

    mean: float
    std: float

    def __str__(self) -> str:
        """For a table: "69.2 ± 0.2"."""
        return f"{self.mean:.1f} ± {self.std:.1f}"


@dataclass(frozen=True)
class Claim:
    """The paper says that one method is better than another.

    Attributes:
        better: What a line of the table is called, or is called before its first comma or bracket;
            likewise `worse`. What follows (a network, a teacher) has to be the same.
        said_in: Where the paper says so.
    """

    better: str
    worse: str
    said_in: str


@dataclass(frozen=True)
class PublishedTable:
    """A table of the paper.

    Attributes:
        labels: Labels an action, its columns.
        cells: By method, as this program calls it, and labels an action. Empty where no figure can
            be told with certainty.
        setting: On which data, with which networks.
        note: What is not known, or has to be known to read it.
        claims: Which order the paper finds.
    """

    labels: tuple[int, ...]
    cells: Mapping[tuple[str, int], PublishedCell]
    setting: str = SETTING
    source: str = SOURCE
    note: str = ""
    claims: tuple[Claim, ...] = field(default=())

    def of(self, method: str) -> tuple[tuple[int, PublishedCell], ...]:
        """The figures of a line, with their labels an action."""
        return tuple((n, self.cells[method, n]) for n in self.labels if (method, n) in self.cells)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        cells = [
            {"method": method, "labels": n, "mean": cell.mean, "std": cell.std}
            for (method, n), cell in self.cells.items()
        ]
        return {"source": self.source, "setting": self.setting, "note": self.note, "cells": cells}


_LABELS = (20, 50, 100)
_RGB = ((62.85, 0.5), (66.01, 0.6), (68.64, 0.3))
_FLOW = ((68.43, 0.2), (71.53, 0.1), (73.43, 0.3))
_CLIP = ((64.80, 1.0), (70.30, 0.4), (72.92, 0.5))
_VIDEO_CLIP = ((69.16, 0.2), (73.60, 0.1), (76.24, 0.3))
_IN_THE_TABLE = "the numbers of its table"
_IN_THE_ABSTRACT = "its abstract"
_BARS = (
    "The paper shows this as bars whose numbers cannot be assigned with certainty: the column is "
    "empty. Its granularity table has flow with video+clip at 69.2 ± 0.2, 73.6 ± 0.1 and "
    "76.2 ± 0.3 % with 20, 50 and 100 labels, which is the method called ours here."
)


def _cells(**lines: tuple[tuple[float, float], ...]) -> dict[tuple[str, int], PublishedCell]:
    return {
        (name.replace("_", " ").replace(" plus ", "+"), n): PublishedCell(*figure)
        for name, figures in lines.items()
        for n, figure in zip(_LABELS, figures, strict=True)
    }


_AGAINST_OURS = tuple(
    Claim(OURS, rival, _IN_THE_ABSTRACT)
    for rival in ("from scratch", "flow pretraining", "soft targets, same actions")
)
"""Whom the paper compares with; lines of later or other methods are none of its claims."""

_TABLES = {
    ExperimentKind.SOURCE_MODALITY: PublishedTable(
        _LABELS,
        _cells(rgb_teacher=_RGB, flow_teacher=_FLOW),
        claims=(Claim("flow teacher", "rgb teacher", _IN_THE_TABLE),),
    ),
    ExperimentKind.GRANULARITY: PublishedTable(
        _LABELS,
        _cells(clip=_CLIP, video=_FLOW, video_plus_clip=_VIDEO_CLIP),
        claims=(
            Claim("video", "clip", _IN_THE_TABLE),
            Claim("video+clip", "video", _IN_THE_TABLE),
            Claim("video+clip", "clip", _IN_THE_TABLE),
        ),
    ),
    ExperimentKind.CLASSIFICATION: PublishedTable(_LABELS, {}, note=_BARS, claims=_AGAINST_OURS),
    ExperimentKind.TARGET_LABELS: PublishedTable(_LABELS, {}, note=_BARS, claims=_AGAINST_OURS),
    ExperimentKind.SKELETON: PublishedTable(
        _LABELS,
        {},
        setting="NTU RGB+D 60, 3D skeletons, cross-subject",
        note="The paper's numbers for skeletons are in charts that cannot be read with certainty.",
        claims=(
            Claim("ours flow", "from scratch", _IN_THE_ABSTRACT),
            Claim("ours rgb", "from scratch", _IN_THE_ABSTRACT),
            Claim("ours flow", "ours rgb", _IN_THE_ABSTRACT),
        ),
    ),
    ExperimentKind.DETECTION: PublishedTable(
        (),
        {},
        setting="PKU-MMD, depth, R-C3D",
        note="The paper's numbers for detection cannot be told with certainty.",
        claims=(
            Claim(OURS, "from scratch", _IN_THE_ABSTRACT),
            Claim(OURS, "flow pretraining", _IN_THE_ABSTRACT),
        ),
    ),
    ExperimentKind.NTU_TO_NTU: PublishedTable(_LABELS, {}, note=_BARS, claims=_AGAINST_OURS),
    ExperimentKind.KINETICS_TO_NTU: PublishedTable(
        _LABELS,
        {},
        setting="NTU RGB+D 60, depth, cross-subject; teachers of Kinetics-400",
        note="The paper shows this as bars whose numbers cannot be assigned with certainty.",
        claims=_AGAINST_OURS,
    ),
}


def published(kind: ExperimentKind | str) -> PublishedTable | None:
    """The paper's table of this kind; None where the paper has none (it is beyond the paper)."""
    return _TABLES.get(ExperimentKind(kind))
