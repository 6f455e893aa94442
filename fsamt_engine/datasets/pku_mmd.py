"""PKU-MMD: long recordings of 51 actions by 66 people before three Kinect v2.

Liu, Hu, Li, Song, Liu: PKU-MMD, 2017 (phase 1). Names are `XXXX-V`: the number of the recording and
the view L, M or R. Colour `XXXX-V.avi`; depth and infrared a folder of pictures, or a video;
skeletons 150 numbers a line (two bodies of 25 joints); labels `label,start,end,confidence` a line,
in frames at 30 Hz. Source: the read-me of github.com/ECHO960/PKU-MMD.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fsamt_engine.datasets.found import FoundTakes, lacking, places_in, require_folder
from fsamt_engine.datasets.frames import (
    colour_pictures,
    colour_video,
    depth_pictures,
    depth_video,
    infrared_pictures,
    infrared_video,
    pairs_of,
)
from fsamt_engine.datasets.kinect import kinect_v2
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place

ACTIONS = (
    "bow",
    "brushing hair",
    "brushing teeth",
    "check time (from watch)",
    "cheer up",
    "clapping",
    "cross hands in front (say stop)",
    "drink water",
    "drop",
    "eat meal/snack",
    "falling",
    "giving something to other person",
    "hand waving",
    "handshaking",
    "hopping (one foot jumping)",
    "hugging other person",
    "jump up",
    "kicking other person",
    "kicking something",
    "make a phone call/answer phone",
    "pat on back of other person",
    "pickup",
    "playing with phone/tablet",
    "point finger at the other person",
    "pointing to something with finger",
    "punching/slapping other person",
    "pushing other person",
    "put on a hat/cap",
    "put something inside pocket",
    "reading",
    "rub two hands together",
    "salute",
    "sitting down",
    "standing up",
    "take off a hat/cap",
    "take off glasses",
    "take off jacket",
    "take out something from pocket",
    "taking a selfie",
    "tear up paper",
    "throw",
    "touch back (backache)",
    "touch chest (stomachache/heart pain)",
    "touch head (headache)",
    "touch neck (neckache)",
    "typing on a keyboard",
    "use a fan (with hand or paper)/feeling warm",
    "wear jacket",
    "wear on glasses",
    "wipe face",
    "writing",
)
"""The actions in the official order: number 1 is ACTIONS[0]."""

TEST_RECORDINGS = range(291, 335)
"""Of the official cross-subject split (cross-subject.txt): 44 recordings, three views each."""

_NAME = re.compile(r"(\d{4}-[LMR])(?:[-_ ]?(rgb|color|depth|ir|infrared))?(\.\w+)?", re.I)
_TAKE_FOLDER = re.compile(r"\d{4}-[LMR](?:[-_ ]?(?:rgb|color|depth|ir|infrared))?", re.I)
_PICTURE = re.compile(r".*\d+\.(?:png|jpg|jpeg)", re.I)
_VIDEOS = (".avi", ".mp4", ".mkv")
_TEXT_WORDS = {"labels": re.compile("label", re.I), "skeleton": re.compile("skeleton", re.I)}
_PICTURE_WORDS = {
    "depth": re.compile("depth", re.I),
    "infrared": re.compile(r"infrared|(?<![a-z])ir(?![a-z])", re.I),
    "colour": re.compile("rgb|colou?r", re.I),
}
_LACK = {
    "colour": "no colour",
    "depth": "no depth",
    "infrared": "no infrared",
    "skeleton": "no skeleton",
    "labels": "no labels",
}
_RATE_HZ = 30.0
_N_BODIES, _N_JOINTS = 2, 25


class PkuMmd:
    """Reads PKU-MMD's first phase, in its folders, nested deeper, or inside zips.

    Who is seen is not published; the official cross-subject split tells apart two groups of people
    of whom nobody is in both, and these are the participants. Depth as a video of 8 bits holds no
    distances and is left out. Moments without a label have none.
    """

    @property
    def name(self) -> str:
        """As the library and the command line call it."""
        return "pku-mmd"

    @property
    def actions(self) -> Mapping[str, str]:
        """The official number of every action, as "PKU-MMD 1"."""
        return {action: f"PKU-MMD {number}" for number, action in enumerate(ACTIONS, 1)}

    def find(self, source: Path) -> FoundTakes:
        """The recordings in a folder or zip, by number and view.

        Raises:
            FsamtError: There is no such folder, or no recording of PKU-MMD in it.
        """
        hint = "Give the folder that holds RGB_VIDEO, the skeletons and the labels."
        require_folder(source, hint)
        found = FoundTakes(_describe)
        for place in places_in(source, _is_take_folder, found.broken_zips):
            match = _NAME.fullmatch(place.name)
            kind = None if match is None else _kind(source, place, match)
            if match is not None and kind is not None:
                found.add(match[1].upper(), kind, place)
        if not any(True for kind in _LACK if kind != "labels" for _ in found.keys_with(kind)):
            raise FsamtError(
                f"There are no recordings of PKU-MMD in {source}.",
                "They are called like 0002-L.avi; unpack .7z files first. " + hint,
            )
        return found

    def missing(self, source: Path) -> list[Missing]:
        """Recordings that lack colour, depth, infrared, skeleton or labels while others have it."""
        found = self.find(source)
        flat = [
            key
            for key, place in self._depth_videos(found)[:1]
            if _depth(place) is None  # One tells for all: they were made alike.
        ]
        n_flat = len(self._depth_videos(found)) if flat else 0
        told = [Missing("depth only as a video of 8 bits, which holds no distances", n_flat)]
        return [*(one for one in told if one.n), *lacking(found, _LACK)]

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a recording.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing, or it has labels only.
        """
        files = take.files
        colour = _colour(files["colour"]) if "colour" in files else None
        depth = _depth(files["depth"]) if "depth" in files else None
        infrared = _infrared(files["infrared"]) if "infrared" in files else None
        skeleton = _skeleton(files["skeleton"]) if "skeleton" in files else None
        main = depth or infrared or colour
        n_frames = len(main.timestamps_us) if main else 0 if skeleton is None else len(skeleton)
        if not n_frames:
            raise BrokenFileError(
                next(iter(files.values())).shown, "There is nothing to see in it."
            )
        return LoadedTake(
            session=f"PKU-MMD {take.key[:4]}",
            participant=take.participant,
            depth=depth,
            colour=colour,
            infrared=infrared,
            skeleton=skeleton,
            skeleton_rate_hz=_RATE_HZ,
            pairs=pairs_of(depth, colour, _RATE_HZ),
            segments=_labels(files["labels"], n_frames) if "labels" in files else (),
            calibration=kinect_v2(depth or infrared, colour),
        )

    def _depth_videos(self, found: FoundTakes) -> list[tuple[str, Place]]:
        return [
            (key, place)
            for key, place in found.places_of("depth")
            if place.name.lower().endswith(_VIDEOS)
        ]


def _is_take_folder(name: str) -> bool:
    return _TAKE_FOLDER.fullmatch(name) is not None


def _describe(key: str) -> tuple[str, tuple[str, ...]]:
    side = "test" if int(key[:4]) in TEST_RECORDINGS else "train"
    return f"PKU-MMD {side}", ()


def _kind(source: Path, place: Place, match: re.Match[str]) -> str | None:
    """What a file holds: its ending, its name and then the folders around it, nearest first, say.

    The folder that was given says it too, where none in it does: somebody may give DEPTH alone.
    """
    ending = (match[3] or "").lower()
    around = [*reversed(place.shown.parent.relative_to(source).parts), source.name]
    if ending in (".label", ".skeleton"):
        return "labels" if ending == ".label" else "skeleton"
    if ending == ".txt":
        told = _told(around, _TEXT_WORDS)
        return told or ("labels" if _is_label_file(place) else "skeleton")
    if ending and ending not in _VIDEOS:
        return None
    return _told([match[2] or "", *around], _PICTURE_WORDS) or "colour"


def _told(names: Iterable[str], words: Mapping[str, re.Pattern[str]]) -> str | None:
    return next((kind for name in names for kind in words if words[kind].search(name)), None)


def _is_label_file(place: Place) -> bool:
    try:
        with place.open() as file:
            return b"," in file.readline(200)
    except FsamtError:
        return False


def _is_video(place: Place) -> bool:
    return place.name.lower().endswith(_VIDEOS)


def _colour(place: Place) -> FrameSource:
    if _is_video(place):
        return colour_video(place, _RATE_HZ)
    return colour_pictures(place, _RATE_HZ, _PICTURE)


def _depth(place: Place) -> FrameSource | None:
    """Depth of 16 bits; None for a video of fewer."""
    if not _is_video(place):
        return depth_pictures(place, _RATE_HZ, _PICTURE)
    video = depth_video(place, _RATE_HZ)
    return None if video is None else replace(video, unit_m=0.001)


def _infrared(place: Place) -> FrameSource:
    if _is_video(place):
        return infrared_video(place, _RATE_HZ)
    return infrared_pictures(place, _RATE_HZ, _PICTURE)


def _skeleton(place: Place) -> npt.NDArray[np.float32] | None:
    """(T, 2, 25, 3) float32 metres, y down; a body of zeros is one that is not there."""
    try:
        text = place.read().decode("ascii", "replace")
        joints = np.array(text.split(), np.float32)
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    except ValueError as error:
        raise BrokenFileError(place.shown, "It is no skeleton file.") from error
    if joints.size % (_N_BODIES * _N_JOINTS * 3):
        raise BrokenFileError(place.shown, "It is cut off or no skeleton file.")
    joints = joints.reshape(-1, _N_BODIES, _N_JOINTS, 3)
    joints[(joints == 0).all(axis=(2, 3))] = np.nan
    joints[..., 1] *= -1
    return joints if np.isfinite(joints).any() else None


def _labels(place: Place, n_frames: int) -> tuple[tuple[str, int, int], ...]:
    """Segments within the recording; what lies behind its end is cut off."""
    try:
        lines = place.read().decode("ascii", "replace").splitlines()
        rows = [[int(float(w)) for w in line.split(",")[:3]] for line in lines if line.strip()]
        named = [(ACTIONS[number - 1], start, end) for number, start, end in rows if number > 0]
        if len(named) < len(rows):
            raise IndexError
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    except (ValueError, IndexError) as error:
        raise BrokenFileError(place.shown, "It holds something else than labels.") from error
    cut = [(action, max(0, start), min(end, n_frames)) for action, start, end in named]
    return tuple(segment for segment in cut if segment[1] < segment[2])
