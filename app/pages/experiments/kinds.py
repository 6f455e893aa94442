"""The tables that can be filled in: what each asks, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


@dataclass(frozen=True)
class KindWords:
    """What the page says of one kind of table.

    Attributes:
        kind: As the engine and the command line name it.
        title: A few words.
        question: What the table tells, in a sentence.
        rows: What it compares, for its picture.
        student: What the student of its picture sees.
        needs_teachers: Whether it compares teachers that were trained before.
        finds_when: Whether its cells are detectors.
    """

    kind: str
    title: str
    question: str
    rows: Sequence[str]
    student: str
    needs_teachers: bool = False
    finds_when: bool = False


def kinds() -> tuple[KindWords, ...]:
    """All of them, the paper's main table first."""
    depth = translate("Experiments", "depth")
    scratch = translate("Experiments", "from scratch")
    return (
        KindWords(
            "classification",
            translate("Experiments", "The method and its rivals"),
            translate("Experiments", "On few labels, is the transfer worth more than its rivals?"),
            (scratch, translate("Experiments", "rivals"), translate("Experiments", "transfer")),
            depth,
        ),
        KindWords(
            "source-modality",
            translate("Experiments", "RGB or flow teacher"),
            translate("Experiments", "Does a student learn more from colour, or from motion?"),
            (translate("Experiments", "RGB"), translate("Experiments", "flow")),
            depth,
        ),
        KindWords(
            "granularity",
            translate("Experiments", "Granularity"),
            translate("Experiments", "Match the teacher’s clip, its mean over the take, or both?"),
            (
                translate("Experiments", "clip"),
                translate("Experiments", "video"),
                translate("Experiments", "video+clip"),
            ),
            depth,
        ),
        KindWords(
            "target-labels",
            translate("Experiments", "Number of labels"),
            translate(
                "Experiments", "How many labels are worth making, with the transfer and without?"
            ),
            ("20", "50", "100"),
            depth,
        ),
        KindWords(
            "detection",
            translate("Experiments", "Starts and ends"),
            translate("Experiments", "Does the transfer find when actions start and end?"),
            (scratch, translate("Experiments", "pretrained"), translate("Experiments", "transfer")),
            translate("Experiments", "detector"),
            finds_when=True,
        ),
        KindWords(
            "skeleton",
            translate("Experiments", "Skeleton students"),
            translate("Experiments", "Does the transfer help a student that sees only joints?"),
            (scratch, translate("Experiments", "RGB"), translate("Experiments", "flow")),
            translate("Experiments", "skeleton"),
        ),
        KindWords(
            "losses",
            translate("Experiments", "Losses beyond the paper"),
            translate("Experiments", "Is another loss better than the paper’s cosine distance?"),
            (
                translate("Experiments", "cosine"),
                translate("Experiments", "contrastive"),
                translate("Experiments", "relational"),
            ),
            depth,
        ),
        KindWords(
            "ntu-to-ntu",
            translate("Experiments", "NTU to NTU"),
            translate(
                "Experiments", "What do teachers bring that know the other 60 actions of NTU 120?"
            ),
            (scratch, translate("Experiments", "pretrained"), translate("Experiments", "transfer")),
            depth,
            needs_teachers=True,
        ),
        KindWords(
            "kinetics-to-ntu",
            translate("Experiments", "Kinetics to NTU"),
            translate("Experiments", "What do teachers bring that learned from videos of the web?"),
            (scratch, translate("Experiments", "pretrained"), translate("Experiments", "transfer")),
            depth,
            needs_teachers=True,
        ),
    )


def measure_words(overlap: float | None) -> str:
    """What the figures of a table are: of detectors the mAP at an overlap."""
    if overlap is None:
        return translate("Experiments", "Accuracy")
    return translate("Experiments", "mAP at {overlap}").format(overlap=f"{overlap:g}")


def words_of(kind: str) -> KindWords:
    """Of one kind; one that this window has no words for is called by its own name."""
    found = next((one for one in kinds() if one.kind == kind), None)
    return found or KindWords(kind, kind, "", (), "")
