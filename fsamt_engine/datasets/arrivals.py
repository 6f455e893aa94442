"""What a file or folder is that somebody drops on the program, and how it comes in."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from fsamt_engine.datasets import DATA_SETS, ImportResult, import_data_set
from fsamt_engine.datasets.exchange import copy_takes
from fsamt_engine.datasets.importing import EVERYTHING, ImportChoice
from fsamt_engine.datasets.reader import SourceTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.library.library import DATABASE, Library
from fsamt_engine.library.listing import list_takes
from fsamt_engine.progress import OnProgress, ShouldStop

RECORDINGS = (".db3", ".bag")
"""Endings of the RealSense SDK's recordings."""
LABEL_FILES = (".csv", ".json", ".eaf", ".boris")
"""Endings of files that may hold labels; see `labelling.files`."""


class ArrivalKind(StrEnum):
    """What came."""

    RECORDINGS = "recordings"
    DATA_SET = "data set"
    LIBRARY = "library"
    LABELS = "labels"


@dataclass(frozen=True)
class Arrival:
    """Something that can be brought in.

    Attributes:
        kind: What it is.
        paths: Recordings or label files; of a data set or a library, its folder alone.
        words: What it is and how much, in a sentence.
        data_set: Name of the reader, for a data set.
    """

    kind: ArrivalKind
    paths: tuple[Path, ...]
    words: str
    data_set: str = ""

    @property
    def needs_names(self) -> bool:
        """Whether somebody has to say who is seen: recordings do not tell."""
        return self.kind is ArrivalKind.RECORDINGS


def what_is(paths: Sequence[Path]) -> Arrival:
    """Recognises what was dropped or chosen, without reading more than names.

    Raises:
        FsamtError: It is nothing that can be brought in, or several things of different kinds.
    """
    chosen = [path.expanduser().absolute() for path in paths]
    missing = [path for path in chosen if not path.exists()]
    if missing or not chosen:
        raise FsamtError(
            f"{missing[0]} is not there." if missing else "Nothing was chosen.",
            "Choose a file or a folder.",
        )
    empty = [path for path in chosen if path.is_file() and path.stat().st_size == 0]
    if empty:
        raise FsamtError(
            f"{empty[0].name} is empty: nothing was recorded into it.", "Leave it out."
        )
    if len(chosen) == 1 and chosen[0].is_dir():
        return _folder(chosen[0])
    if len(chosen) == 1 and chosen[0].suffix.lower() == ".zip":
        return _data_set(chosen[0])
    kinds = {_kind_of_file(path) for path in chosen}
    if len(kinds) > 1:
        raise FsamtError(
            "These files are of different kinds.", "Bring in recordings and label files apart."
        )
    kind = kinds.pop()
    what = "recording" if kind is ArrivalKind.RECORDINGS else "label file"
    return Arrival(kind, tuple(sorted(chosen)), f"{_counted(len(chosen), what)}.")


@dataclass(frozen=True)
class Contents:
    """What there is to choose from in a data set.

    Attributes:
        counts: Takes by participant and actions.
    """

    counts: Mapping[tuple[str, tuple[str, ...]], int]

    @property
    def participants(self) -> dict[str, int]:
        """Takes of each."""
        return self._by(lambda key: (key[0],))

    @property
    def actions(self) -> dict[str, int]:
        """Takes with each, of those whose actions are known before they are opened."""
        return self._by(lambda key: key[1])

    def n_takes(self, choice: ImportChoice = EVERYTHING) -> int:
        """Takes that a choice takes."""
        return sum(
            n
            for (who, what), n in self.counts.items()
            if choice.takes(SourceTake("", {}, who, what))
        )

    def _by(self, names: Callable[[tuple[str, tuple[str, ...]]], Sequence[str]]) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for key, n in self.counts.items():
            for name in names(key):
                counted[name] += n
        return dict(sorted(counted.items(), key=lambda item: _in_order(item[0])))


def contents_of(arrival: Arrival) -> Contents:
    """Goes through a data set without opening a take.

    Raises:
        FsamtError: It is not there any more.
    """
    found = DATA_SETS[arrival.data_set].find(arrival.paths[0])
    return Contents(Counter((take.participant, tuple(take.actions)) for take in found))


def bring_in(
    library: Library,
    arrival: Arrival,
    *,
    session: str = "",
    participant: str = "",
    action: str | None = None,
    choice: ImportChoice = EVERYTHING,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ImportResult:
    """Brings takes in; what is there already stays as it is. Labels come by `labelling.files`.

    Args:
        session, participant, action: For recordings, which do not tell; the action may be None.
        choice: Which takes of a data set, and how.

    Raises:
        Cancelled: Asked to stop; takes that came in whole stay.
        FsamtError: It cannot be read, or the library cannot be written to.
        ValueError: The arrival holds labels.
    """
    match arrival.kind:
        case ArrivalKind.RECORDINGS:
            from fsamt_engine.datasets.realsense import RecordingNames, import_realsense

            names = RecordingNames(session, participant, action)
            return import_realsense(
                library, arrival.paths, names, on_progress=on_progress, should_stop=should_stop
            )
        case ArrivalKind.DATA_SET:
            reader = DATA_SETS[arrival.data_set]
            return import_data_set(
                library,
                reader,
                arrival.paths[0],
                choice,
                on_progress=on_progress,
                should_stop=should_stop,
            )
        case ArrivalKind.LIBRARY:
            if arrival.paths[0] == library.root:
                raise FsamtError("This library is open already.", "Choose another one.")
            with Library.open(arrival.paths[0]) as other:
                ids = [row.id for row in list_takes(other)]
                return copy_takes(
                    other, ids, library, on_progress=on_progress, should_stop=should_stop
                )
        case ArrivalKind.LABELS:
            raise ValueError("labels are read by labelling.files")


def _folder(folder: Path) -> Arrival:
    if (folder / DATABASE).is_file():
        return Arrival(ArrivalKind.LIBRARY, (folder,), f"The library {folder.name}.")
    recordings = sorted(path for path in folder.iterdir() if path.suffix.lower() in RECORDINGS)
    if recordings:
        found = what_is(recordings)
        return replace(found, words=f"{_counted(len(recordings), 'recording')} in {folder.name}.")
    return _data_set(folder)


def _data_set(source: Path) -> Arrival:
    for name, reader in DATA_SETS.items():
        try:
            takes = reader.find(source)
        except FsamtError:
            continue
        words = f"The data set {name} with {_counted(len(takes), 'take')}."
        return Arrival(ArrivalKind.DATA_SET, (source,), words, name)
    raise FsamtError(
        f"{source} holds nothing that can be brought in.",
        "Choose a library, a folder of RealSense recordings (.db3, .bag), or a data set "
        f"({', '.join(DATA_SETS)}).",
    )


def _kind_of_file(path: Path) -> ArrivalKind:
    ending = path.suffix.lower()
    if ending in RECORDINGS:
        return ArrivalKind.RECORDINGS
    if ending in LABEL_FILES:
        return ArrivalKind.LABELS
    raise FsamtError(
        f"{path.name} is not a file that can be brought in.",
        f"Takes come from {', '.join(RECORDINGS)}; labels from {', '.join(LABEL_FILES)}.",
    )


def _in_order(name: str) -> list[tuple[int, str]]:
    """Numbers in names count as numbers: P9 comes before P10."""
    return [
        (int(part), "") if part.isdecimal() else (0, part.casefold())
        for part in re.split(r"(\d+)", name)
    ]


def _counted(n: int, thing: str) -> str:
    return f"1 {thing}" if n == 1 else f"{n:,} {thing}s"
