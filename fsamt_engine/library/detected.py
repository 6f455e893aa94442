"""What a detector has found in takes, accepted as labels or put among the suggestions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.actions import actions, add_action
from fsamt_engine.library.history import Edit, edit
from fsamt_engine.library.labels import label_interval, segments
from fsamt_engine.library.library import Library
from fsamt_engine.library.records import ModelRecord, Segment
from fsamt_engine.library.suggestions import Suggestion, list_suggestions, save_suggestions
from fsamt_engine.library.takes import take


class Found(Protocol):
    """A segment that a detector predicts; frames of the main stream, `end` not included."""

    @property
    def take_id(self) -> str: ...  # noqa: D102

    @property
    def participant(self) -> str: ...  # noqa: D102

    @property
    def action(self) -> str: ...  # noqa: D102

    @property
    def start(self) -> float: ...  # noqa: D102

    @property
    def end(self) -> float: ...  # noqa: D102

    @property
    def score(self) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Acceptance:
    """What accepting found segments does to the labels that there are.

    Attributes:
        n_found: Segments that are accepted, of `n_takes` takes.
        n_new: Labels that there were not.
        n_changed: Labels that become longer or shorter.
        n_gone: Labels that vanish, since something else lies over all of them, or they become one
            with others of their action.
        new_actions: Actions that the library does not have yet.
    """

    n_found: int
    n_takes: int
    n_new: int
    n_changed: int
    n_gone: int
    new_actions: tuple[str, ...] = ()


def whole_frames(one: Found, n_frames: int) -> tuple[int, int]:
    """The nearest whole frames of a found segment, within its take; at least one frame long."""
    start = min(max(0, round(one.start)), n_frames - 1)
    return start, min(n_frames, max(start + 1, round(one.end)))


def preview(library: Library, found: Iterable[Found]) -> Acceptance:
    """What `accept_found` would do; nothing is changed.

    Raises:
        FsamtError: A take is not there.
    """
    chosen = _in_order(found)
    intervals = _intervals(library, chosen)
    before = segments(library, take_ids=sorted({one.take_id for one in chosen}))
    after = _labelled(before, chosen, intervals)
    was = {one.id: (one.start, one.end) for one in before}
    known = {action.name for action in actions(library)}
    return Acceptance(
        n_found=len(chosen),
        n_takes=len({one.take_id for one in chosen}),
        n_new=sum(label_id not in was for label_id in after),
        n_changed=sum(after.get(label_id, place) != place for label_id, place in was.items()),
        n_gone=sum(label_id not in after for label_id in was),
        new_actions=tuple(sorted({one.action for one in chosen} - known)),
    )


def accept_found(library: Library, found: Iterable[Found]) -> tuple[Segment, ...]:
    """Makes labels of found segments, as one step that can be undone.

    Each interval is labelled as by `label_interval`. Where two of them overlap, the moments in
    common belong to the one of higher score. An action that the library does not have comes with
    them.

    Returns:
        The labels, those of lower scores first; one that others have cut is as it was made.

    Raises:
        FsamtError: A take is not there; nothing was labelled.
    """
    chosen = _in_order(found)
    if not chosen:
        raise FsamtError("No found segment is chosen.", "Choose one, or lower the threshold.")

    def change(step: Edit) -> tuple[Segment, ...]:
        for name in sorted({one.action for one in chosen}):
            add_action(library, name)
        return tuple(
            label_interval(library, one.take_id, one.action, start, end)
            for one, (start, end) in zip(chosen, _intervals(library, chosen), strict=True)
        )

    n = len(chosen)
    return edit(library, f"accept {'a found segment' if n == 1 else f'{n} found segments'}", change)


def suggest_found(
    library: Library, found: Iterable[Found], model: ModelRecord, n: int | None = None
) -> tuple[Suggestion, ...]:
    """Puts what a detector has found in the place of older suggestions, the surest first.

    What is labelled already is left out. Moments that a person kept stay, and come first.

    Args:
        library: Where the takes are.
        found: Segments within their takes.
        model: The detector.
        n: So many at most; None for all.

    Returns:
        What is in the library now.
    """
    surest = sorted(found, key=lambda one: (-one.score, one.take_id, one.start, one.action))
    labelled: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments(library, take_ids=sorted({one.take_id for one in surest})):
        labelled[segment.take_id].append(segment)

    def is_open(one: Found) -> bool:
        middle = (one.start + one.end) / 2
        return not any(label.start <= middle < label.end for label in labelled[one.take_id])

    groups = {name: number for number, name in enumerate(model.actions)}
    made = [
        Suggestion(
            0,
            one.take_id,
            one.participant,
            *(max(0, round(one.start)), max(round(one.start) + 1, round(one.end))),
            one.action,
            one.score,
            f"{model.name} finds {one.action} here, with a score of {one.score:.2f}.",
            groups.get(one.action, len(groups)),
            model.id,
        )
        for one in filter(is_open, surest)
    ]
    kept = [one for one in list_suggestions(library) if one.cluster is None]
    return save_suggestions(library, [*kept, *made[:n]])


def _in_order(found: Iterable[Found]) -> list[Found]:
    """The surest last: what is labelled last has the moments in common."""
    return sorted(found, key=lambda one: (one.score, one.take_id, one.start, one.action))


def _intervals(library: Library, chosen: Sequence[Found]) -> list[tuple[int, int]]:
    lengths = {
        take_id: take(library, take_id).main.n_frames
        for take_id in sorted({one.take_id for one in chosen})
    }
    return [whole_frames(one, lengths[one.take_id]) for one in chosen]


def _labelled(
    before: Sequence[Segment], chosen: Sequence[Found], intervals: Sequence[tuple[int, int]]
) -> Mapping[int, tuple[int, int]]:
    """The intervals of all labels by their ids, after `label_interval` of each in turn."""
    places = {one.id: (one.start, one.end) for one in before}
    names = {one.id: one.action for one in before}
    of_take: dict[str, list[int]] = defaultdict(list)
    for label in sorted(before, key=lambda label: label.id):
        of_take[label.take_id].append(label.id)
    next_id = max(places, default=0) + 1
    for one, (start, end) in zip(chosen, intervals, strict=True):
        ids = of_take[one.take_id]
        same = [
            i
            for i in ids
            if names[i] == one.action and places[i][0] <= end and places[i][1] >= start
        ]
        joined = (
            min([start, *(places[i][0] for i in same)]),
            max([end, *(places[i][1] for i in same)]),
        )
        for label_id in same[1:]:
            ids.remove(label_id)
            del places[label_id]
        kept = same[0] if same else None
        for label_id in [i for i in ids if i != kept]:
            its_start, its_end = places[label_id]
            if its_start >= end or its_end <= start:
                continue
            if its_start < start:
                places[label_id] = (its_start, start)
                if its_end > end:
                    places[next_id], names[next_id] = (end, its_end), names[label_id]
                    ids.append(next_id)
                    next_id += 1
            elif its_end > end:
                places[label_id] = (end, its_end)
            else:
                ids.remove(label_id)
                del places[label_id]
        if kept is None:
            kept, next_id = next_id, next_id + 1
            ids.append(kept)
            names[kept] = one.action
        places[kept] = joined
    return places
