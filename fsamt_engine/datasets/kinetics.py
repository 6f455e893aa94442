"""Kinetics: videos of the web, of a few seconds each, with one action of 400 (600, 700).

Kay and others: The Kinetics human action video dataset, 2017. Videos are called
`<YouTube id>_<start>_<end>.mp4`, six digits a second, in a folder a class whose name has spaces or
underscores; lists `label,youtube_id,time_start,time_end,split` go with them. No copy is complete.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from fsamt_engine.datasets.found import FoundTakes, lacking, missing_of, places_in, require_folder
from fsamt_engine.datasets.frames import colour_video
from fsamt_engine.datasets.reader import N_EXAMPLES, LoadedTake, Missing, SourceTake
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place

_FILE = re.compile(r"([\w-]{11})(_\d{6}_\d{6})?\.(?:mp4|mkv|webm|avi|mov)", re.I)
_SPLITS = {"train": "train", "val": "val", "validate": "val", "validation": "val", "test": "test"}
_NO_CLASSES = frozenset({"videos", "clips", "compress", "data", "replacement", "k400", "kinetics"})


class Kinetics:
    """Reads copies of Kinetics-400, -600 and -700: class folders, and the lists where they are.

    A list's label goes before the name of the folder; a video that neither names comes without a
    label. Who is seen is not known: all videos of one split are taken for one participant, so that
    training on one split and testing on another is fair as far as the data set makes it so. Takes
    have colour only, at the video's own rate.
    """

    @property
    def name(self) -> str:
        """As the library and the command line call it."""
        return "kinetics"

    @property
    def actions(self) -> Mapping[str, str]:
        """Classes come from folders and lists, without descriptions."""
        return {}

    def find(self, source: Path) -> FoundTakes:
        """The videos in a folder or zip, by id and start.

        Raises:
            FsamtError: There is no such folder, or no video of Kinetics in it.
        """
        return self._find(source)[0]

    def missing(self, source: Path) -> list[Missing]:
        """Videos that the lists name and that are not here, by split."""
        found, lists = self._find(source)
        here = set(found.take_keys)
        counts: dict[str, int] = defaultdict(int)
        examples: dict[str, list[str]] = defaultdict(list)
        for place in lists:
            for key, _, split in _rows(place):
                if key in here or key[:11] in here:
                    continue
                counts[split] += 1
                if len(examples[split]) < N_EXAMPLES:
                    examples[split].append(key)
        told = [
            Missing(f"in the list of the {split} split, but no video", n, tuple(examples[split]))
            for split, n in sorted(counts.items())
        ]
        unknown = [take.key for take in found if not take.actions]
        unlabelled = [missing_of("neither a list nor a folder names the action", unknown)]
        return [*told, *(one for one in unlabelled if one.n), *lacking(found, {})]

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a video.

        Raises:
            BrokenFileError: It is cut off, no video or missing.
        """
        colour = colour_video(take.files["colour"])
        n_frames = len(colour.timestamps_us)
        return LoadedTake(
            session=take.participant,
            participant=take.participant,
            colour=colour,
            segments=tuple((action, 0, n_frames) for action in take.actions),
        )

    def _find(self, source: Path) -> tuple[FoundTakes, list[Place]]:
        hint = "Give the folder that holds the class folders with the videos, and the lists (.csv)."
        require_folder(source, hint)
        known: dict[str, tuple[str, tuple[str, ...]]] = {}
        # Names are shared: a class has one text, however many videos it has.
        described: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}

        def describe(label: str, split: str) -> tuple[str, tuple[str, ...]]:
            who = f"Kinetics {split}".strip()
            return described.setdefault((label, split), (who, (label,) if label else ()))

        found = FoundTakes(known.__getitem__)
        lists: list[Place] = []
        without_times: dict[str, Place] = {}
        for place in places_in(source, lambda name: False, found.broken_zips):
            match = _FILE.fullmatch(place.name)
            if match is not None and match[2]:
                key = match[1] + match[2]
                found.add(key, "colour", place)
                known.setdefault(key, describe(*_told_by_folders(source, place)))
            elif match is not None:
                without_times.setdefault(match[1], place)
            elif place.name.lower().endswith(".csv"):
                lists.append(place)
        # Any video may have a name of 11 letters: it is one of Kinetics where a list says so.
        for key in {key[:11] for one in lists for key, _, _ in _rows(one)} & without_times.keys():
            found.add(key, "colour", without_times[key])
            known[key] = describe(*_told_by_folders(source, without_times[key]))
        if not len(found):
            raise FsamtError(
                f"There are no videos of Kinetics in {source}.",
                "They are called like 0wR5jVB-WPk_000417_000427.mp4; unpack .tar files first. "
                + hint,
            )
        for place in lists:
            for key, label, split in _rows(place):
                for one in (key, key[:11]):
                    if one in known:
                        known[one] = describe(label or "".join(known[one][1]), split)
        return found, lists


def _told_by_folders(source: Path, place: Place) -> tuple[str, str]:
    """Class and split as the folders around a video say, "" where they do not."""
    inside = place.shown.parent.relative_to(source).parts if place.shown != source else ()
    splits = [_SPLITS[part.lower()] for part in inside if part.lower() in _SPLITS]
    words = re.split(r"[_\W]+", inside[-1].lower()) if inside else []
    is_class = bool(words) and not (
        _NO_CLASSES & set(words) or set(words) & set(_SPLITS) or inside[-1].lower().endswith(".zip")
    )
    return inside[-1].replace("_", " ") if is_class else "", splits[-1] if splits else ""


def _rows(place: Place) -> Iterator[tuple[str, str, str]]:
    """Key, label and split of every row of a list; a file that is no list has none."""
    try:
        text = io.TextIOWrapper(place.open(), "utf-8", errors="replace", newline="")
    except FsamtError:
        return
    with text, suppress(csv.Error):
        for row in csv.DictReader(text):
            try:
                start, end = (int(float(row[name])) for name in ("time_start", "time_end"))
                key = f"{row['youtube_id']}_{start:06d}_{end:06d}"
            except (KeyError, ValueError, TypeError, OverflowError):
                continue
            split = _SPLITS.get((row.get("split") or "").strip().lower(), "")
            yield key, (row.get("label") or "").strip(), split
