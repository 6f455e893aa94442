"""What a file or folder is that somebody drops on the program, and how it comes in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from fsamt_engine.datasets import DATA_SETS, ImportResult, import_data_set
from fsamt_engine.datasets.exchange import copy_takes
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
    kinds = {_kind_of_file(path) for path in chosen}
    if len(kinds) > 1:
        raise FsamtError(
            "These files are of different kinds.", "Bring in recordings and label files apart."
        )
    kind = kinds.pop()
    what = "recording" if kind is ArrivalKind.RECORDINGS else "label file"
    return Arrival(kind, tuple(sorted(chosen)), f"{_counted(len(chosen), what)}.")


def bring_in(
    library: Library,
    arrival: Arrival,
    *,
    session: str = "",
    participant: str = "",
    action: str | None = None,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ImportResult:
    """Brings takes in; what is there already stays as it is. Labels come by `labelling.files`.

    Args:
        session, participant, action: For recordings, which do not tell; the action may be None.

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
                library, reader, arrival.paths[0], on_progress=on_progress, should_stop=should_stop
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
    for name, reader in DATA_SETS.items():
        try:
            takes = reader.find(folder)
        except FsamtError:
            continue
        words = f"The data set {name} with {_counted(len(takes), 'take')}."
        return Arrival(ArrivalKind.DATA_SET, (folder,), words, name)
    raise FsamtError(
        f"{folder} holds nothing that can be brought in.",
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


def _counted(n: int, thing: str) -> str:
    return f"1 {thing}" if n == 1 else f"{n:,} {thing}s"
