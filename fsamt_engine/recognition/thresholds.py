"""Thresholds from data: as many actions found as a wished rate of false alarms allows."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scipy.special import gammaincinv

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.evaluation.seen import seen_participants, unknown_whom
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.labels import segments
from fsamt_engine.library.organising import known_as
from fsamt_engine.library.records import BACKGROUND, Segment
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch
from fsamt_engine.recognition.kinds import is_detector
from fsamt_engine.recognition.live_settings import stored_settings
from fsamt_engine.recognition.opening import open_watcher
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.threshold_choice import (
    DETECTION_LEVELS,
    LEVELS,
    choose_thresholds,
    tally,
)
from fsamt_engine.recognition.watching import WatchedTake, smoothed, watch_take

_LABEL_OTHERS = (
    "Label some takes of somebody else, with background among them, then ask again; or set the "
    "thresholds by hand."
)


@dataclass(frozen=True)
class ActionThreshold:
    """The threshold of one action, and what it does.

    Attributes:
        n_found: Labelled actions that are found with it.
        n_segments: Labelled actions that were watched.
        n_false_alarms: Events where a person labelled something else.
    """

    action: str
    threshold: Threshold
    n_found: int
    n_segments: int
    n_false_alarms: int


@dataclass(frozen=True)
class ThresholdSuggestion:
    """Thresholds, and what they rest on.

    Attributes:
        per_action: Of every action but `background`, in the order of the model.
        wanted_per_minute: False alarms that were allowed.
        minutes: Labelled time that was watched; of a detector, to which what has no label is
            background, all of it.
        background_minutes: Of it, with `background`.
        participants: Who was watched.
        is_of_test: Whether the model is tested on some of them.
        unknown_whom: That its training may have seen them, where nobody knows; else "".
        of_detector: Whether the thresholds are least scores of detections.
    """

    per_action: tuple[ActionThreshold, ...]
    wanted_per_minute: float
    minutes: float
    background_minutes: float
    participants: tuple[str, ...]
    is_of_test: bool
    unknown_whom: str = ""
    of_detector: bool = False

    @property
    def n_found(self) -> int:
        """Labelled actions that are found."""
        return sum(one.n_found for one in self.per_action)

    @property
    def n_segments(self) -> int:
        """Labelled actions that were watched."""
        return sum(one.n_segments for one in self.per_action)

    @property
    def n_false_alarms(self) -> int:
        """Events where a person labelled something else."""
        return sum(one.n_false_alarms for one in self.per_action)

    @property
    def false_alarms_per_minute(self) -> float:
        """Of labelled time; above what was wanted where even the strictest thresholds give more."""
        return self.n_false_alarms / self.minutes

    @property
    def false_alarms_at_most(self) -> float:
        """What the rate may really be, a minute: the 95 % bound for so many in so much time.

        Of a Poisson process, exactly (Garwood, Biometrika 28, 1936), one-sided.
        """
        return float(gammaincinv(self.n_false_alarms + 1, 0.95)) / self.minutes

    @property
    def words(self) -> str:
        """All of it in sentences, with what limits it."""
        return " ".join(_sentences(self))

    @property
    def thresholds(self) -> dict[str, Threshold]:
        """By action."""
        return {one.action: one.threshold for one in self.per_action}

    def applied_to(self, settings: RecognitionSettings) -> RecognitionSettings:
        """Settings with these thresholds instead of their own."""
        return replace(settings, thresholds={**settings.thresholds, **self.thresholds})


def suggest_thresholds(
    library: Library,
    record: ModelRecord,
    *,
    false_alarms_per_minute: float,
    settings: RecognitionSettings | None = None,
    participants: Sequence[str] | None = None,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ThresholdSuggestion:
    """Suggests a threshold for each action.

    The labelled takes of people whom no part of the training has seen are watched as they would be
    live, every frame of them; those of the model's test only where there is nobody else (clips that
    chose its best weights count as seen). On these streams each action gets the threshold with
    which the most labelled actions are found and the wished rate of false alarms is kept. A false
    alarm is an event where a person labelled something else; what nobody labelled
    counts neither way. The event ends at two thirds of the probability at which it begins.

    Of a detector it is the least score of its detections. It is right where it overlaps a label by
    half, and a false alarm everywhere else; composed takes are watched as well.

    Args:
        record: A recogniser or a detector.
        false_alarms_per_minute: Of labelled time, of all actions together.
        settings: Their smoothing and shortest duration hold; those stored with the model by
            default.
        participants: Who is watched, instead.
        device: "auto", "cpu" or "cuda".
        on_progress: Told of each take.
        should_stop: Asked at every frame, then at every take that is judged.

    Raises:
        Cancelled: `should_stop` asked for it.
        FsamtError: Nobody is left whom the training has not seen, or who has labels; the model is
            neither a recogniser nor a detector of depth; a take is damaged.
    """
    if not (math.isfinite(false_alarms_per_minute) and false_alarms_per_minute >= 0):
        raise FsamtError(
            f"{false_alarms_per_minute:g} false alarms a minute cannot be kept.",
            "Give 0 or more, 0.5 for one in two minutes.",
        )
    settings = settings or stored_settings(library, record)
    people, is_of_test = _people(library, record, participants)
    model = open_watcher(library, record, device, on_progress=on_progress)
    labels = _labels(library, record, people)
    take_ids = list(dict.fromkeys(segment.take_id for segment in labels))
    stopwatch = Stopwatch(len(take_ids))
    watched: list[WatchedTake] = []
    for take_id in take_ids:
        one = watch_take(library, model, take_id, should_stop=should_stop)
        watched.append(smoothed(one, settings.smoothing_s))
        if on_progress:
            n_done, n_all = len(watched), len(take_ids)
            left_s = stopwatch.seconds_left(n_done)
            on_progress(Progress("Watching labelled takes", n_done, n_all, seconds_left=left_s))
    of_detector = is_detector(record)
    labelled_minutes = sum(one.seconds_of() for one in watched) / 60
    minutes = sum(one.seconds for one in watched) / 60 if of_detector else labelled_minutes
    if minutes == 0:
        raise FsamtError(
            "The labelled takes are too short: none of them is half as long as what "
            f"{record.id} sees at once.",
            _LABEL_OTHERS,
        )
    if on_progress:
        on_progress(Progress("Choosing thresholds", len(take_ids), len(take_ids)))
    allowed = false_alarms_per_minute * minutes
    levels = DETECTION_LEVELS if of_detector else LEVELS
    chosen = choose_thresholds(watched, model, settings, allowed, levels, should_stop=should_stop)
    result = tally(watched, model, replace(settings, thresholds={**settings.thresholds, **chosen}))
    labelled = Counter(s.action for one in watched for s in one.segments)
    unlabelled_minutes = minutes - labelled_minutes
    return ThresholdSuggestion(
        tuple(
            ActionThreshold(
                action,
                threshold,
                result.found[action],
                labelled[action],
                result.false_alarms[action],
            )
            for action, threshold in chosen.items()
        ),
        false_alarms_per_minute,
        minutes,
        sum(one.seconds_of([BACKGROUND]) for one in watched) / 60 + unlabelled_minutes,
        tuple(sorted({one.participant for one in watched})),
        is_of_test,
        unknown_whom(library, record),
        of_detector,
    )


def _labels(
    library: Library, record: ModelRecord, people: Sequence[str] | None = None
) -> list[Segment]:
    """Labels of takes that may be watched; clips of composed takes are for detectors alone."""
    return segments(library, participants=people, composed=is_detector(record))


def _people(
    library: Library, record: ModelRecord, wanted: Sequence[str] | None
) -> tuple[list[str], bool]:
    """Who is watched, and whether it is those of the test.

    Raises:
        FsamtError: Nobody has labels whom the training has not seen.
    """
    trained = seen_participants(library, record)
    labelled = {segment.participant for segment in _labels(library, record)}
    tested = _tested(library, record)
    if wanted is not None:
        people = set(wanted) & labelled
        if seen := sorted(set(wanted) & trained):
            raise FsamtError(
                f"The training of {record.id} has seen {', '.join(seen)}, so it is surer of them "
                "than of anybody else.",
                "Choose others.",
            )
    else:
        people = labelled - trained
    if not people:
        raise FsamtError(
            f"Nobody has labelled takes whom the training of {record.id} has not seen.",
            _LABEL_OTHERS,
        )
    if wanted is None and people - tested:
        people -= tested
    return sorted(people), bool(people & tested)


def _tested(library: Library, record: ModelRecord) -> frozenset[str]:
    """Every name of the people whom the model is tested on."""
    if record.snapshot_id is None:
        return frozenset()
    people = {item.participant for item in snapshot(library, record.snapshot_id).test}
    return frozenset().union(*(known_as(library, who) for who in people))


def _sentences(found: ThresholdSuggestion) -> Iterator[str]:
    minutes = "minutes of labelled takes" if found.of_detector else "labelled minutes"
    people = f"{len(found.participants)} {'person' if len(found.participants) == 1 else 'people'}"
    yield (
        f"Watched: {found.minutes:.1f} {minutes} of {people} "
        f"({', '.join(found.participants)}), frame by frame as live."
    )
    if found.n_segments:
        low, high = wilson_interval(found.n_found, found.n_segments)
        yield (
            f"Found: {found.n_found} of {found.n_segments} labelled actions "
            f"({100 * found.n_found / found.n_segments:.0f} %; 95 %: {100 * low:.0f} to "
            f"{100 * high:.0f}){', each by half its time at least' * found.of_detector}."
        )
    yield (
        f"False alarms: {found.n_false_alarms}, {found.false_alarms_per_minute:.2g} a minute; from "
        f"so few minutes up to {found.false_alarms_at_most:.2g} cannot be ruled out."
    )
    if found.false_alarms_per_minute > found.wanted_per_minute:
        yield (
            "Even the strictest thresholds give more than the "
            f"{found.wanted_per_minute:g} a minute that were wished."
        )
    if not found.background_minutes:
        yield (
            "No background is labelled in these takes, so how often it fires when nothing happens "
            "is not known."
        )
    if unlabelled := [one.action for one in found.per_action if not one.n_segments]:
        yield f"Without a label there: {', '.join(unlabelled)}."
    if found.unknown_whom:
        yield f"{found.unknown_whom} If it has, it does worse on others."
    if found.is_of_test:
        yield (
            "The model is tested on these people: once you use these thresholds, only others can "
            "test them fairly."
        )
    yield "They were chosen on these takes, so on others they do a little worse."
