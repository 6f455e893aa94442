"""Reading a recogniser or detector with all that is known of it; it may need PyTorch: in a task."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app import words
from app.pages.finetune.shown_takes import titles_of
from app.tasks import Work
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_result import DetectionResult, detection_result
from fsamt_engine.evaluation.result import FinetuneResult, finetune_result
from fsamt_engine.evaluation.seen import ancestry, seen_participants
from fsamt_engine.library import Library, ModelKind, ModelRecord, Snapshot, SnapshotItem
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.models import model
from fsamt_engine.library.records import Action
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.library.untrimmed import untrimmed_takes
from fsamt_engine.progress import OnProgress, ShouldStop


@dataclass(frozen=True)
class Loaded:
    """A recogniser or detector, and its test if there is one.

    Attributes:
        line: The model and what it was made from, up to the teacher, as far as it is there.
        snapshot: What it was trained on; None where that is not known.
        result: None while it was not tested, and for a detector.
        testable: What it could be tested on now, where it was not.
        why_not: Why it cannot be tested; "" where it can.
        detection: None while it was not tested, and for a recogniser.
        titles: What the takes of a detector's test are called.
    """

    line: tuple[ModelRecord, ...]
    actions: tuple[Action, ...]
    snapshot: Snapshot | None
    result: FinetuneResult | None
    testable: tuple[SnapshotItem, ...] = ()
    why_not: str = ""
    detection: DetectionResult | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> ModelRecord:
        """The recogniser or detector itself."""
        return self.line[0]

    @property
    def is_detector(self) -> bool:
        """Whether it says when, and not only what."""
        return self.model.kind is ModelKind.DETECTOR

    @property
    def is_tested(self) -> bool:
        """Whether there is a result to show."""
        return self.result is not None or self.detection is not None

    @property
    def title(self) -> str:
        """Its name and id."""
        return f"{self.model.name} · {self.model.id} · {words.day(self.model.created_at_us)}"


def loading(library: Library, model_id: str) -> Work:
    """Reading one as a task's work; its result is `Loaded`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Loaded:
        return load(library, model_id)

    return work


def load(library: Library, model_id: str) -> Loaded:
    """What is known of a recogniser or detector.

    Raises:
        FsamtError: It is not there any more.
    """
    found = model(library, model_id)
    known = tuple(actions(library))
    try:
        line = tuple(ancestry(library, found))
    except FsamtError:
        line = (found,)
    frozen = snapshot(library, found.snapshot_id) if found.snapshot_id else None
    try:
        if found.kind is ModelKind.DETECTOR:
            tested = detection_result(library, model_id)
            titles = titles_of(library, tested.test.takes)
            return Loaded(line, known, frozen, None, detection=tested, titles=titles)
        return Loaded(line, known, frozen, finetune_result(library, model_id))
    except FsamtError:
        testable, why_not = _testable(library, found, frozen)
    return Loaded(line, known, frozen, None, testable, why_not)


def _testable(
    library: Library, found: ModelRecord, frozen: Snapshot | None
) -> tuple[tuple[SnapshotItem, ...], str]:
    """The test that it was made for, or else all labels of people whom it has never seen."""
    try:
        seen = seen_participants(library, found)
    except FsamtError as error:
        return (), f"{error.message} {error.hint}"
    if frozen is not None and frozen.test:
        return frozen.test, ""
    takes = untrimmed_takes(library) if found.kind is ModelKind.DETECTOR else None
    labelled = segments(library, actions=found.actions, take_ids=takes, composed=takes is not None)
    items = tuple(
        SnapshotItem(one.take_id, one.participant, one.start, one.end, one.action)
        for one in labelled
        if one.participant not in seen
    )
    return items, ""
