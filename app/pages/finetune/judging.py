"""What of a detector's test is right, wrong or missed from a score on, take by take."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.pages.finetune.judging_words import (
    FOUND_FROM,
    Fact,
    interval_words,
    words_of_found,
    words_of_truth,
)
from app.widgets.bands_content import BandItem, Verdict
from fsamt_engine.evaluation.detection_findings import AlarmKind
from fsamt_engine.evaluation.detection_test import DetectionTest, TestedTake
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Segment

_VERDICTS = {
    AlarmKind.AGAIN: Verdict.AGAIN,
    AlarmKind.OTHER_ACTION: Verdict.WRONG_ACTION,
    AlarmKind.INEXACT: Verdict.INEXACT,
    AlarmKind.NOTHING: Verdict.FALSE_ALARM,
}


@dataclass(frozen=True)
class Evidence:
    """One take with its two bands, from a score on.

    Attributes:
        title: Of the take, in few words.
        items: What lies on the bands; ids of detections begin at `FOUND_FROM`.
        detections: By their ids.
        facts: What is known of each, by id; nothing where nobody has judged it.
        is_test: Whether it is a take of the test, so that every detection is judged.
    """

    take: TestedTake
    title: str
    threshold: float
    items: Mapping[int, BandItem]
    detections: Mapping[int, Detection]
    facts: Mapping[int, Fact]
    is_test: bool

    def words(self, item_id: int) -> str:
        """What is said of an item."""
        item, found = self.items[item_id], self.detections.get(item_id)
        fact = self.facts.get(item_id)
        said = interval_words(item.action, item.start, item.end, self.take.rate_hz)
        if found is not None:
            return words_of_found(said, found, fact)
        return words_of_truth(said, fact)

    @property
    def above(self) -> list[Detection]:
        """What was found, the surest first."""
        return sorted(self.detections.values(), key=lambda one: -one.score)

    @property
    def n_true(self) -> int:
        """Labelled segments."""
        return len(self.items) - len(self.detections)

    @property
    def n_missed(self) -> int:
        """Labelled segments that were not found."""
        return sum(one.verdict is Verdict.MISSED for one in self.items.values())

    @property
    def n_wrong(self) -> int:
        """Detections that are wrong."""
        return sum(one.verdict.is_error and not one.verdict.is_above for one in self.items.values())


@dataclass(frozen=True)
class Judged:
    """A test, judged from a score on.

    Attributes:
        takes: In the order of the test.
        misses: Take and item of each segment that was not found, the worst first.
        alarms: Take and item of each detection that is wrong, the surest first.
    """

    threshold: float
    takes: Mapping[str, Evidence]
    misses: tuple[tuple[str, int], ...]
    alarms: tuple[tuple[str, int], ...]


def judge(test: DetectionTest, threshold: float, titles: Mapping[str, str]) -> Judged:
    """Judge what a test found with at least this score.

    Args:
        threshold: In 0..1.
        titles: Of the takes.
    """
    truth_ids = {item: place for place, item in enumerate(test.truth)}
    found_ids = {one: FOUND_FROM + place for place, one in enumerate(test.found)}
    facts = defaultdict[str, dict[int, Fact]](dict)
    verdicts: dict[int, Verdict] = {}
    for match in test.matches(threshold=threshold):
        for item_id, verdict in (
            (truth_ids[match.truth], Verdict.FOUND),
            (found_ids[match.detection], Verdict.RIGHT),
        ):
            facts[match.truth.take_id][item_id] = match
            verdicts[item_id] = verdict
    misses, alarms = test.misses(threshold), test.false_alarms(threshold)
    for miss in misses:
        facts[miss.truth.take_id][truth_ids[miss.truth]] = miss
        verdicts[truth_ids[miss.truth]] = Verdict.MISSED
    for alarm in alarms:
        facts[alarm.detection.take_id][found_ids[alarm.detection]] = alarm
        verdicts[found_ids[alarm.detection]] = _VERDICTS[alarm.kind]
    items = defaultdict[str, dict[int, BandItem]](dict)
    for item, place in truth_ids.items():
        name = str(item.action)
        items[item.take_id][place] = BandItem(
            place, item.start, item.end, name, verdicts[place], name
        )
    detections = defaultdict[str, dict[int, Detection]](dict)
    for one, item_id in found_ids.items():
        if item_id in verdicts:
            detections[one.take_id][item_id] = one
            items[one.take_id][item_id] = BandItem(
                item_id, one.start, one.end, one.action, verdicts[item_id], one.action
            )
    takes = {
        take.take_id: Evidence(
            take,
            titles.get(take.take_id, take.take_id),
            threshold,
            items[take.take_id],
            detections[take.take_id],
            facts[take.take_id],
            True,
        )
        for take in test.takes
    }
    return Judged(
        threshold,
        takes,
        tuple((one.truth.take_id, truth_ids[one.truth]) for one in misses),
        tuple((one.detection.take_id, found_ids[one.detection]) for one in alarms),
    )


def only_found(
    take: TestedTake,
    title: str,
    threshold: float,
    found: Sequence[Detection],
    labels: Sequence[Segment],
) -> Evidence:
    """A take that was searched only: what was found above a score, beside its labels of now."""
    items = {
        place: BandItem(place, one.start, one.end, one.action, Verdict.LABELLED, one.action)
        for place, one in enumerate(labels)
    }
    detections = {
        FOUND_FROM + place: one for place, one in enumerate(found) if one.score >= threshold
    }
    for item_id, one in detections.items():
        items[item_id] = BandItem(
            item_id, one.start, one.end, one.action, Verdict.UNKNOWN, one.action
        )
    return Evidence(take, title, threshold, items, detections, {}, False)
