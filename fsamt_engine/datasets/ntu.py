"""NTU RGB+D 60 and 120: 120 actions of 106 people before three Kinect v2.

Shahroudy, Liu, Ng, Wang: NTU RGB+D, CVPR 2016; Liu and others: NTU RGB+D 120, TPAMI 2020. Names
begin with SsssCcccPpppRrrrAaaa: setup, camera, performer, replication, action. Colour
`<name>_rgb.avi`, infrared `<name>_ir.avi`, skeleton `<name>.skeleton`, depth a folder `<name>` of
`Depth-%08d.png` or, with all but people cut out, `MDepth-%08d.png`. Both sets are read alike.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from fsamt_engine.datasets.found import FoundTakes, lacking, missing_of, places_in, require_folder
from fsamt_engine.datasets.frames import colour_video, depth_pictures, infrared_video, pairs_of
from fsamt_engine.datasets.kinect import kinect_v2
from fsamt_engine.datasets.ntu_actions import ACTIONS
from fsamt_engine.datasets.ntu_skeleton import read_ntu_skeleton
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.places import Place

_KEY = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")
_FILE = re.compile(rf"({_KEY.pattern})(_rgb\.(?:avi|mp4)|_ir\.(?:avi|mp4)|\.skeleton|)", re.I)
_KINDS = {"_rgb": "colour", "_ir": "infrared", ".skeleton": "skeleton"}
_PICTURE = re.compile(r"M?Depth-?\d+\.png", re.I)
_LIST = re.compile(r".*missing.*skeleton.*\.txt", re.I)
_NO_LISTED_SKELETON = "no skeleton, as the data set's own list says"
_LACK = {
    "colour": "no colour",
    "depth": "no depth",
    "masked": "no depth",
    "infrared": "no infrared",
    "skeleton": "no skeleton",
}
_RATE_HZ = 30.0


class Ntu:
    """Reads any part of NTU RGB+D: in its folders, nested deeper, or inside the official zips.

    Times are nominal (30 Hz): none were published. Where depth is there both whole and with the
    background cut out, the whole one is taken. A sample that the official list of missing or
    incomplete skeletons names comes without its skeleton.
    """

    @property
    def name(self) -> str:
        """As the library and the command line call it."""
        return "ntu"

    @property
    def actions(self) -> Mapping[str, str]:
        """The official number of every action, as "NTU RGB+D A1"."""
        return {action: f"NTU RGB+D A{number}" for number, action in enumerate(ACTIONS, 1)}

    def find(self, source: Path) -> FoundTakes:
        """The samples in a folder or zip, by name.

        Raises:
            FsamtError: There is no such folder, or no sample of NTU RGB+D in it.
        """
        return self._find(source)[0]

    def missing(self, source: Path) -> list[Missing]:
        """Samples that lack colour, depth, infrared or skeleton while others have it."""
        found, listed = self._find(source)
        excused = {_LACK["skeleton"]: listed}
        has_skeletons = next(found.keys_with("skeleton"), None) is not None
        said = missing_of(_NO_LISTED_SKELETON, sorted(listed)) if has_skeletons else None
        return [*([said] if said and said.n else []), *lacking(found, _LACK, excused)]

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a sample.

        Raises:
            BrokenFileError: A file of it is broken, cut off or missing.
        """
        files = take.files
        _, camera, _, _, action = map(int, _parts(take.key))
        if not 1 <= action <= len(ACTIONS):
            raise BrokenFileError(
                next(iter(files.values())).shown, f"NTU RGB+D has no action {action}."
            )
        folder = files.get("depth", files.get("masked"))
        depth = None if folder is None else depth_pictures(folder, _RATE_HZ, _PICTURE)
        colour = colour_video(files["colour"], _RATE_HZ) if "colour" in files else None
        infrared = infrared_video(files["infrared"], _RATE_HZ) if "infrared" in files else None
        skeleton = read_ntu_skeleton(files["skeleton"]) if "skeleton" in files else None
        n_frames = _n_frames(depth, infrared, colour) or (0 if skeleton is None else len(skeleton))
        if not n_frames:
            raise BrokenFileError(
                files["skeleton"].shown, "There is no body in it, and no picture."
            )
        return LoadedTake(
            session=f"NTU {take.key[:4]} camera {camera}",
            participant=take.participant,
            depth=depth,
            colour=colour,
            infrared=infrared,
            skeleton=skeleton,
            skeleton_rate_hz=_RATE_HZ,
            pairs=pairs_of(depth, colour, _RATE_HZ),
            segments=((ACTIONS[action - 1], 0, n_frames),),
            calibration=kinect_v2(depth or infrared, colour),
        )

    def _find(self, source: Path) -> tuple[FoundTakes, set[str]]:
        """The samples, and which of them the data set's list says to have no sound skeleton."""
        hint = "Give the folder that holds nturgb+d_rgb, nturgb+d_depth_masked or their zips."
        require_folder(source, hint)
        found = FoundTakes(_describe)
        listed: set[str] = set()
        for place in places_in(source, _is_take_folder, found.broken_zips):
            match = _FILE.fullmatch(place.name)
            if match is None:
                if _LIST.fullmatch(place.name):
                    listed.update(_named_in(place))
                continue
            kind = _KINDS.get(match[7].lower().removesuffix(".avi").removesuffix(".mp4"))
            if kind is None:
                kind = "masked" if "masked" in str(place.shown).lower() else "depth"
            found.add(match[1].upper(), kind, place)
        if not len(found):
            raise FsamtError(
                f"There are no samples of NTU RGB+D in {source}.",
                "They are called like S001C001P001R001A001_rgb.avi. " + hint,
            )
        listed &= set(found.take_keys)
        for key in listed:
            found.drop(key, "skeleton")
        return found, listed


def _is_take_folder(name: str) -> bool:
    return _KEY.fullmatch(name) is not None


def _named_in(place: Place) -> set[str]:
    """The samples that a list names; prose around them is passed by."""
    try:
        text = place.read().decode("utf-8", "replace")
    except FsamtError:
        return set()
    return {match[0] for match in _KEY.finditer(text)}


def _parts(key: str) -> tuple[str, ...]:
    match = _KEY.fullmatch(key)
    assert match is not None
    return match.groups()


def _describe(key: str) -> tuple[str, tuple[str, ...]]:
    _, _, performer, _, action = _parts(key)
    return f"P{performer}", ACTIONS[int(action) - 1 : int(action)]


def _n_frames(*sources: FrameSource | None) -> int:
    return next((len(one.timestamps_us) for one in sources if one is not None), 0)
