"""What every training does with its takes before the first step."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.spread import processes
from fsamt_engine.library import Library, Region, SnapshotItem, Take
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.available import has, kinds_of
from fsamt_engine.modalities.cache import prepare_takes
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.progress import OnProgress, ShouldStop


class InTake(Protocol):
    """A part of a take: an item, a window."""

    @property
    def take_id(self) -> str:
        """Whose part it is."""


def prepare(
    library: Library,
    take_ids: Sequence[str],
    modalities: Sequence[Modality],
    preparation: Preparation,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    """Fill the clip cache for these takes; what is there already costs nothing.

    Raises:
        FsamtError: A take lacks what a modality is made of.
    """
    unique = list(dict.fromkeys(take_ids))
    for modality in modalities:
        refuse_lacking([take(library, i) for i in unique], modality)
    team = processes()
    prepare_takes(
        library,
        unique[team.part(len(unique))],
        tuple(modalities),
        preparation,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    team.wait()


def refuse_lacking(takes: Sequence[Take], modality: Modality) -> None:
    """Refuse takes of which some cannot be seen as this modality.

    Raises:
        FsamtError: Names the first one.
    """
    lacking = [one.id for one in takes if not has(one, modality)]
    if lacking:
        needed = " and ".join(kinds_of(modality))
        raise FsamtError(
            f"{len(lacking)} of {len(takes)} takes have no {needed}, so they cannot be seen "
            f"as {modality} (the first is {lacking[0]}).",
            f"Choose takes with {needed}; of takes with depth, those that have pairs.",
        )


def prepare_both(
    library: Library,
    take_ids: Sequence[str],
    student: tuple[Modality, Preparation],
    teacher: tuple[Modality, Preparation],
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> None:
    """Fill the clip cache for both sides of a transfer, which may differ in their preparation.

    Raises:
        FsamtError: As `prepare`.
    """
    sides: dict[Preparation, list[Modality]] = defaultdict(list)
    for modality, preparation in (student, teacher):
        sides[preparation].append(modality)
    for preparation, modalities in sides.items():
        prepare(library, take_ids, modalities, preparation, on_progress, should_stop)


def regions_of(library: Library, items: Iterable[InTake]) -> dict[str, Region]:
    """The regions that people drew in the takes of these items, by take id; most have none.

    What is seen of a take depends on its region, so keys of what was computed from takes hold them.
    """
    regions = {}
    for take_id in sorted({item.take_id for item in items}):
        region = take(library, take_id).region
        if region is not None:
            regions[take_id] = region
    return regions


def in_key_order(library: Library, items: Sequence[SnapshotItem]) -> list[SnapshotItem]:
    """Items in the order of their takes' source keys.

    Take ids are made anew in every library; source keys are not. With this order the same data and
    seed give the same training in any library.
    """
    keys = {item.take_id: "" for item in items}
    for take_id in keys:
        keys[take_id] = take(library, take_id).source_key
    return sorted(items, key=lambda item: (keys[item.take_id], item.start))


def videos_of(library: Library, take_ids: Sequence[str], max_video_s: float) -> list[SnapshotItem]:
    """Unlabelled videos: whole takes, longer ones in equal parts of at most `max_video_s`.

    Reads no labels.
    """
    videos = []
    for take_id in take_ids:
        record = take(library, take_id)
        n_frames = record.main.n_frames
        if n_frames == 0:
            continue
        longest = max(1, round(max_video_s * record.main.rate_hz))
        n_parts = -(-n_frames // longest)
        edges = [round(i * n_frames / n_parts) for i in range(n_parts + 1)]
        for start, end in pairwise(edges):
            videos.append(SnapshotItem(take_id, record.participant, start, end))
    return in_key_order(library, videos)


def held_out_items(
    items: Sequence[SnapshotItem], share: float, seed: int
) -> tuple[list[SnapshotItem], list[SnapshotItem]]:
    """Hold out a share of each action's items, to choose weights by; at least one is left to train.

    Returns:
        Items to train on, items held out.
    """
    by_action: dict[str | None, list[SnapshotItem]] = defaultdict(list)
    for item in items:
        by_action[item.action].append(item)
    held: set[SnapshotItem] = set()
    for action, own in sorted(by_action.items(), key=lambda pair: str(pair[0])):
        n_held = min(len(own) - 1, round(share * len(own)))
        held.update(random.Random(f"{seed}|{action}").sample(own, n_held))
    return [i for i in items if i not in held], [i for i in items if i in held]
