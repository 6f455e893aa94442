"""All that is known of a detector, from what is stored; read without PyTorch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_scores import DetectionScores
from fsamt_engine.evaluation.detection_test import DetectionTest, kept_detection_test
from fsamt_engine.evaluation.seen import shared_people, unknown_whom
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot
from fsamt_engine.library.models import list_models
from fsamt_engine.library.models import model as find_model
from fsamt_engine.library.snapshots import snapshot as find_snapshot
from fsamt_engine.library.takes import take

FEW_SEGMENTS = 5
"""Test segments of an action below which its average precision is mostly chance."""

SMALL_TEST = 30
"""Test segments below which the whole test is."""

WIDE = 0.3
"""Width of an interval of mAP from which it settles little."""

_NAMELESS = "pku-mmd"
"""The source of takes that does not say who is seen: a participant is a group of people there."""


@dataclass(frozen=True)
class DetectionResult:
    """A detector with its test.

    Attributes:
        snapshot: What it was trained on and tested on.
        scratch: The detector from scratch on the same labels with the same settings, if there.
        scratch_test: Its test on the same takes.
        n_labels: Labelled segments trained on, by action.
        remarks: What a reader has to know to judge the numbers, in sentences.
    """

    model: ModelRecord
    snapshot: Snapshot
    test: DetectionTest
    scratch: ModelRecord | None
    scratch_test: DetectionTest | None
    n_labels: dict[str, int]
    remarks: tuple[str, ...]

    @property
    def scores(self) -> DetectionScores:
        """Of the test."""
        return self.test.scores

    @property
    def scratch_scores(self) -> DetectionScores | None:
        """Of the detector from scratch."""
        return self.scratch_test.scores if self.scratch_test else None

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The participants whose labels it was trained on."""
        return tuple(sorted({item.participant for item in self.snapshot.train}))

    @property
    def tested_on(self) -> tuple[str, ...]:
        """The participants of the test."""
        return self.test.scores.participants


def detection_result(library: Library, model_id: str) -> DetectionResult:
    """What is stored of a detector and its test.

    Raises:
        FsamtError: There is no such model, it is no detector, or it was not tested yet.
    """
    model = find_model(library, model_id)
    if model.kind is not ModelKind.DETECTOR or model.snapshot_id is None:
        raise FsamtError(f"{model.id} is a {model.kind}, not a detector.", "Choose a detector.")
    test = kept_detection_test(library, model)
    if test is None:
        raise FsamtError(
            f"{model.id} was not tested yet.",
            "Finetune again and leave somebody out to test on, or test it on other people.",
        )
    snapshot = find_snapshot(library, model.snapshot_id)
    scratch = _from_scratch(library, model)
    scratch_test = kept_detection_test(library, scratch) if scratch else None
    if scratch_test and (scratch_test.truth, scratch_test.takes) != (test.truth, test.takes):
        scratch_test = None
    counts = Counter(item.action for item in snapshot.train)
    n_labels = {action: counts[action] for action in model.actions}
    before = [shared_people(snapshot.protocol), unknown_whom(library, model)]
    nameless = any(_source(library, one.take_id) == _NAMELESS for one in test.takes)
    said = (*(one for one in before if one), *remarks(test, n_labels, nameless))
    return DetectionResult(model, snapshot, test, scratch, scratch_test, n_labels, said)


def remarks(
    test: DetectionTest, n_labels: Mapping[str, int], nameless: bool = False
) -> tuple[str, ...]:
    """What limits the meaning of a test, in sentences.

    Args:
        n_labels: Labelled segments trained on, by action.
        nameless: Whether the takes are of PKU-MMD, which does not say who is seen.
    """
    scores = test.scores
    said = []
    if nameless:
        said.append(
            "PKU-MMD does not say who is seen, and three takes show each of its recordings: the "
            "interval takes them for independent and may be too narrow."
        )
    elif len(scores.participants) == 1:
        said.append("One person was tested: how much people differ cannot be seen from that.")
    if scores.n_truth < SMALL_TEST:
        said.append(
            f"The test has only {scores.n_truth} labelled "
            f"{'segment' if scores.n_truth == 1 else 'segments'}: a few more or fewer found would "
            "move every number."
        )
    low, high = scores.interval
    if high - low >= WIDE:
        said.append(
            f"The mAP may well be anything from {100 * low:.0f} to {100 * high:.0f} % (95 %, over "
            f"{scores.interval_over}): test on more people or longer takes before choosing by it."
        )
    support = dict(zip(scores.actions, scores.n_truth_of, strict=True))
    absent = [action for action, n in support.items() if n == 0]
    if absent:
        said.append(
            f"No tested take shows {_listed(absent)}: nothing is known of how well it is found, "
            "and the mAP leaves it out."
        )
    few = [action for action, n in support.items() if 0 < n < FEW_SEGMENTS]
    if few and scores.n_truth >= SMALL_TEST:
        said.append(
            f"{_listed(few)} {'has' if len(few) == 1 else 'have'} fewer than {FEW_SEGMENTS} "
            "segments in the test: what is said of single actions is mostly chance there."
        )
    fewest, most = min(n_labels.values()), max(n_labels.values())
    if most > 2 * fewest:
        rare = [action for action, n in n_labels.items() if 2 * n < most]
        said.append(
            f"{_listed(rare)} had less than half as many labels as others ({fewest} against "
            f"{most}), and may be found less often for that."
        )
    return tuple(said)


def _source(library: Library, take_id: str) -> str:
    """Where a take came from, "" for one that is gone: its test stays."""
    try:
        return take(library, take_id).source
    except FsamtError:
        return ""


def _from_scratch(library: Library, model: ModelRecord) -> ModelRecord | None:
    """The detector from scratch that differs from this one in nothing but its start."""
    if model.parent_id is None:
        return None
    for other in list_models(library, ModelKind.DETECTOR):
        same = all(
            other.settings.get(name) == model.settings.get(name)
            for name in ("head", "modality", "fit", "adapt", "augmentation")
        )
        if (
            same
            and other.parent_id is None
            and other.snapshot_id == model.snapshot_id
            and other.network == model.network
        ):
            return other
    return None


def _listed(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
