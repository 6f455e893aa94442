"""What a library wants next on the way to a recogniser or detector, and why."""

from dataclasses import dataclass
from enum import Enum

from app.journey import Standing
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.health_record import AdviceCode, stored_health
from fsamt_engine.evaluation.label_curve import curve_path
from fsamt_engine.evaluation.label_warnings import Seen, label_warnings, newest_student_has_seen
from fsamt_engine.evaluation.result import finetune_result
from fsamt_engine.library import BACKGROUND, Library, ModelKind, ModelRecord, QualityLevel
from fsamt_engine.library.labels import label_counts
from fsamt_engine.library.lineage import parent_of
from fsamt_engine.library.models import list_models


class Step(Enum):
    """What a library wants next."""

    TAKES = "takes"
    PAIRS = "pairs"
    SOURCE_LABELS = "labels for a teacher"
    TEACHER = "teacher"
    TRANSFER = "transfer"
    MORE_PAIRS = "more pairs"
    MORE_EPOCHS = "more epochs"
    CHECK_TAKES = "check takes"
    LABELS = "labels"
    OTHER_LABELS = "other labels"
    FINETUNE = "finetune"
    TEST = "test"
    MORE_LABELS = "more labels"
    LARGER_TEST = "larger test"
    ENOUGH = "enough"
    CURVE = "curve"
    TEST_DETECTOR = "test of a detector"
    DETECTOR = "detector"


@dataclass(frozen=True)
class NextStep:
    """What comes next, and why.

    Attributes:
        reason: The engine's own sentences, with their numbers; empty where the step says it all.
        model: What it is about, None where that is no model.
    """

    step: Step
    reason: str = ""
    model: ModelRecord | None = None

    @classmethod
    def of(cls, library: Library, standing: Standing) -> "NextStep":
        """Look what a library wants next; reads no weights and needs no PyTorch.

        Raises:
            FsamtError: The library cannot be read.
        """
        if not standing.n_takes:
            return cls(Step.TAKES)
        recogniser = _newest_recogniser(library)
        if recogniser is not None:
            return _after_recogniser(library, recogniser)
        detectors = list_models(library, ModelKind.DETECTOR)
        if detectors:
            is_known = "test_map_50" in detectors[0].metrics
            return cls(Step.DETECTOR if is_known else Step.TEST_DETECTOR, model=detectors[0])
        students = list_models(library, ModelKind.STUDENT)
        if students:
            return _after_student(library, students[0])
        if not standing.has_pairs:
            return cls(Step.PAIRS)
        if standing.n_teachers:
            return cls(Step.TRANSFER)
        return cls(Step.TEACHER if standing.n_labelled_actions else Step.SOURCE_LABELS)


def _newest_recogniser(library: Library) -> ModelRecord | None:
    """The newest that was made from a student or teacher, or else the newest from scratch."""
    found = list_models(library, ModelKind.RECOGNISER)
    return next((one for one in found if parent_of(library, one)), found[0] if found else None)


def _after_student(library: Library, student: ModelRecord) -> NextStep:
    health = stored_health(library, student)
    steps = {
        AdviceCode.MORE_PAIRS: Step.MORE_PAIRS,
        AdviceCode.MORE_EPOCHS: Step.MORE_EPOCHS,
        AdviceCode.CHECK_TAKES: Step.CHECK_TAKES,
    }
    if health is not None and health.advice.code in steps:
        return NextStep(steps[health.advice.code], health.advice.words, student)
    teacher_id = parent_of(library, student)
    taught = {a for one in list_models(library) if one.id == teacher_id for a in one.actions}
    counts = {
        action: by_person
        for action, by_person in label_counts(library).items()
        if action not in taught
    }
    if not any(sum(by_person.values()) for a, by_person in counts.items() if a != BACKGROUND):
        return NextStep(Step.LABELS, model=student)
    try:
        seen = newest_student_has_seen(library)
    except FsamtError:
        seen = Seen()
    warnings = label_warnings(counts, seen)
    hard = [w for w in warnings if w.level is QualityLevel.BAD or w.code == "untestable action"]
    if hard:
        return NextStep(Step.OTHER_LABELS, f"{hard[0].message} {hard[0].hint}", student)
    soft = f"{warnings[0].message} {warnings[0].hint}" if warnings else ""
    return NextStep(Step.FINETUNE, soft, student)


def _after_recogniser(library: Library, recogniser: ModelRecord) -> NextStep:
    if "test_accuracy" not in recogniser.metrics:
        return NextStep(Step.TEST, model=recogniser)
    if not curve_path(library, recogniser).is_file():
        return NextStep(Step.CURVE, model=recogniser)
    try:
        curve = finetune_result(library, recogniser.id).curve
    except FsamtError:
        curve = None
    if curve is None:
        return NextStep(Step.CURVE, model=recogniser)
    steps = {"help": Step.MORE_LABELS, "little": Step.ENOUGH, "unclear": Step.LARGER_TEST}
    step = steps.get(curve.verdict.code, Step.CURVE)
    return NextStep(step, curve.verdict.words, recogniser)
