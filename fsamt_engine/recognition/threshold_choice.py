"""Which thresholds find the most with no more false alarms than are wished."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fsamt_engine.errors import Cancelled
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.progress import ShouldStop
from fsamt_engine.recognition.settings import RecognitionSettings, Threshold
from fsamt_engine.recognition.watcher import Watcher
from fsamt_engine.recognition.watching import WatchedTake, judged

LEVELS = tuple(Threshold(on / 100, round(on / 150, 2)) for on in range(30, 100, 5))
"""What is tried, the most lenient first; an event ends at two thirds of what began it."""

DETECTION_LEVELS = tuple(Threshold(score / 100, score / 100) for score in range(5, 100, 5))
"""Least scores of a detection; many heads are never very sure."""


@dataclass(frozen=True)
class Tally:
    """What thresholds make of takes.

    Attributes:
        found: Labelled actions that were recognised, by action.
        false_alarms: Events where something else was labelled, by action.
    """

    found: Mapping[str, int]
    false_alarms: Mapping[str, int]


def tally(
    watched: Sequence[WatchedTake],
    model: Watcher,
    settings: RecognitionSettings,
    *,
    should_stop: ShouldStop | None = None,
) -> Tally:
    """What settings make of smoothed answers on takes.

    Raises:
        Cancelled: `should_stop`, asked at every take, asked for it.
    """
    found, false_alarms = Counter[str](), Counter[str]()
    for take in watched:
        if should_stop is not None and should_stop():
            raise Cancelled
        result = judged(take, model, settings)
        found.update(segment.action for segment in result.found)
        false_alarms.update(e.action for e in result.events if e.was_right is False)
    return Tally(found, false_alarms)


def choose_thresholds(
    watched: Sequence[WatchedTake],
    model: Watcher,
    settings: RecognitionSettings,
    allowed: float,
    levels: Sequence[Threshold] = LEVELS,
    *,
    should_stop: ShouldStop | None = None,
) -> dict[str, Threshold]:
    """A threshold for each action, so that all together give no more than `allowed` false alarms.

    Every level is tried for all actions at once. Each action begins with the level that finds the
    most; then, while there are too many false alarms, the action that loses the fewest findings
    for each false alarm is made stricter. Of levels that do the same the middle one is taken, as
    far as can be from where it would do worse. Actions push each other out, so the choice is tried
    as a whole, and the action with the most false alarms made stricter until it holds, or none of
    those that give them can be.

    Args:
        watched: With smoothed answers.
        model: That gave them.
        settings: Their shortest duration holds.
        allowed: False alarms on all takes together.
        levels: What is tried, the most lenient first.
        should_stop: Asked at every take, each time that it is judged.

    Raises:
        Cancelled: `should_stop` asked for it.
    """
    actions = [action for action in model.actions if action != BACKGROUND]
    usual = {BACKGROUND: settings.of(BACKGROUND)}

    def tried(thresholds: Mapping[str, Threshold]) -> Tally:
        wanted = replace(settings, thresholds={**usual, **thresholds})
        return tally(watched, model, wanted, should_stop=should_stop)

    tallies = [tried(dict.fromkeys(actions, level)) for level in levels]
    places = _cheapest(tallies, actions, allowed)
    while True:
        chosen = {action: levels[place] for action, place in places.items()}
        n_false = tried(chosen).false_alarms
        firing = [a for a in actions if n_false[a] and places[a] < len(levels) - 1]
        if sum(n_false.values()) <= allowed or not firing:
            return chosen
        places[max(firing, key=lambda action: n_false[action])] += 1


def _cheapest(tallies: Sequence[Tally], actions: Sequence[str], allowed: float) -> dict[str, int]:
    """The level of each action, as if the actions did not touch each other."""

    def outcome(action: str, level: int) -> tuple[int, int]:
        return tallies[level].found[action], tallies[level].false_alarms[action]

    def middle(action: str, wanted: tuple[int, int]) -> int:
        same = [level for level in range(len(tallies)) if outcome(action, level) == wanted]
        return same[len(same) // 2]

    outcomes = {a: {outcome(a, level) for level in range(len(tallies))} for a in actions}
    chosen = {a: max(outcomes[a], key=lambda one: (one[0], -one[1])) for a in actions}
    while sum(n_false for _, n_false in chosen.values()) > allowed:
        steps = [
            ((chosen[a][0] - n_found) / (chosen[a][1] - n_false), a, (n_found, n_false))
            for a in actions
            for n_found, n_false in outcomes[a]
            if n_false < chosen[a][1]
        ]
        if not steps:
            break
        _, action, chosen_outcome = min(steps)
        chosen[action] = chosen_outcome
    return {a: middle(a, chosen[a]) for a in actions}
