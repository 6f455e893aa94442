"""Northwestern-UCLA Multiview Action 3D: 10 actions of 10 people before three Kinect v1.

Wang, Nie, Xia, Wu, Zhu: Cross-view action modeling, learning and recognition, CVPR 2014. Folders
`view_<camera>/a<action>_s<person>_e<repetition>` hold a file for every frame and stream:
`frame_<number>_tc_<milliseconds>_rgb.jpg`, `…_depth.png`, `…_skeletons.txt`; `fileList.txt` says
which of them are of one frame. Only action numbers 1 to 6, 8, 9, 11 and 12 are used.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fsamt_engine.capture.pairing import nominal_timestamps
from fsamt_engine.datasets.found import FoundTakes, lacking, places_in, require_folder
from fsamt_engine.datasets.frames import pairs_of, pictures
from fsamt_engine.datasets.kinect import kinect_v1
from fsamt_engine.datasets.reader import (
    BrokenFileError,
    FrameSource,
    LoadedTake,
    Missing,
    SourceTake,
)
from fsamt_engine.errors import FsamtError
from fsamt_engine.media.pictures import RgbConversion, decode_picture, grey16
from fsamt_engine.media.places import Place

ACTIONS: Mapping[int, str] = {
    1: "pick up with one hand",
    2: "pick up with two hands",
    3: "drop trash",
    4: "walk around",
    5: "sit down",
    6: "stand up",
    8: "donning",
    9: "doffing",
    11: "throw",
    12: "carry",
}
"""The actions by their official numbers."""

_FOLDER = re.compile(r"(a(\d\d)_s(\d\d)_e(\d\d))")
_KEY = re.compile(r"v(\d)_a(\d\d)_s(\d\d)_e(\d\d)")
_VIEW = re.compile(r"view_?(\d)", re.I)
_FRAME = re.compile(r"frame_(\d+)_tc_(\d+)_(rgb\.jpg|depth\.png|skeletons?\.txt)", re.I)
_RATE_HZ = 30.0
_N_JOINTS = 20
_MOST_MILLIMETRES = 10_000

Joints = npt.NDArray[np.float32]


class _File(NamedTuple):
    number: int
    at_ms: int
    name: str


class NwUcla:
    """Reads NW-UCLA where its view folders are, nested deeper, or inside a zip.

    The times of the frames are those in their names (the computer's clock, in milliseconds); where
    they go backwards, nominal ones. Depth is in millimetres, or, where it holds more than a Kinect
    v1 can see, in eighths: the sensor's own format, whose lowest three bits name the person.
    """

    @property
    def name(self) -> str:
        """As the library and the command line call it."""
        return "nw-ucla"

    @property
    def actions(self) -> Mapping[str, str]:
        """The official number of every action, as "NW-UCLA a01"."""
        return {action: f"NW-UCLA a{number:02d}" for number, action in ACTIONS.items()}

    def find(self, source: Path) -> FoundTakes:
        """The takes in a folder or zip, by view, action, person and repetition.

        Raises:
            FsamtError: There is no such folder, or no take of NW-UCLA in it.
        """
        hint = "Give the folder that holds view_1, view_2 and view_3."
        require_folder(source, hint)
        found = FoundTakes(_describe, lambda key: key[3:])
        for place in places_in(source, _is_take_folder, found.broken_zips):
            match = _FOLDER.fullmatch(place.name)
            views = _VIEW.findall(str(place.shown.parent))
            if match and views:
                found.add(f"v{views[-1]}_{match[1]}", "frames", place)
        if not len(found):
            raise FsamtError(
                f"There are no takes of NW-UCLA in {source}.",
                "They are folders called like view_1/a01_s01_e00. " + hint,
            )
        return found

    def missing(self, source: Path) -> list[Missing]:
        """Only zips that cannot be read: what a folder lacks is seen when it is opened."""
        return lacking(self.find(source), {})

    def load(self, take: SourceTake) -> LoadedTake:
        """Opens a take; it may lack depth, colour or skeleton.

        Raises:
            BrokenFileError: Its folder is empty, or a file is broken.
        """
        folder = take.files["frames"]
        match = _KEY.fullmatch(take.key)
        assert match is not None
        view, action, person = (int(match[group]) for group in (1, 2, 3))
        if action not in ACTIONS:
            raise BrokenFileError(folder.shown, f"NW-UCLA has no action {action}.")
        files = _files(folder)
        times = _Times(files)
        depth = _depth(folder, files["depth"], times)
        colour = _pictures(folder, files["rgb"], times, RgbConversion())
        frames = files["depth"] or files["rgb"] or files["skeleton"]
        skeleton = _skeleton(folder, frames, files["skeleton"])
        if depth is None and colour is None and skeleton is None:
            raise BrokenFileError(folder.shown, "There is no frame in it.")
        return LoadedTake(
            session=f"NW-UCLA s{person:02d} view {view}",
            participant=take.participant,
            depth=depth,
            colour=colour,
            skeleton=skeleton,
            skeleton_rate_hz=times.rate_hz,
            skeleton_us=times.of(frames),
            pairs=pairs_of(depth, colour, times.rate_hz),
            segments=((ACTIONS[action], 0, len(frames)),),
            calibration=kinect_v1(depth, colour),
        )


class _Times:
    """The clock of a take: real where it only goes forward, nominal otherwise."""

    def __init__(self, files: Mapping[str, list[_File]]) -> None:
        told = [np.array([file.at_ms for file in own], np.int64) for own in files.values() if own]
        steps = [np.diff(at_ms) for at_ms in told if len(at_ms) > 1]
        self._is_real = bool(steps) and all((step > 0).all() for step in steps)
        self._first_ms = min((int(at_ms[0]) for at_ms in told), default=0)
        frame_ms = float(np.median(np.concatenate(steps))) if self._is_real else 1e3 / _RATE_HZ
        self.rate_hz = 1e3 / frame_ms
        self.domain = "host" if self._is_real else "nominal"

    def of(self, files: list[_File]) -> npt.NDArray[np.int64]:
        if not self._is_real:
            return nominal_timestamps(len(files), self.rate_hz)
        at_ms = np.array([file.at_ms for file in files], np.int64)
        return (at_ms - self._first_ms) * 1000


def _is_take_folder(name: str) -> bool:
    return _FOLDER.fullmatch(name) is not None


def _describe(key: str) -> tuple[str, tuple[str, ...]]:
    match = _KEY.fullmatch(key)
    assert match is not None
    action = ACTIONS.get(int(match[2]))
    return f"s{match[3]}", () if action is None else (action,)


def _files(folder: Place) -> dict[str, list[_File]]:
    """The files of each stream by frame number."""
    files: dict[str, list[_File]] = {"rgb": [], "depth": [], "skeleton": []}
    try:
        names = folder.names()
    except FsamtError as error:
        raise BrokenFileError(folder.shown, error.message) from error
    for name in names:
        if match := _FRAME.fullmatch(name):
            kind = match[3].lower().partition(".")[0].rstrip("s")
            files[kind].append(_File(int(match[1]), int(match[2]), name))
    return {kind: sorted(own) for kind, own in files.items()}


def _pictures(
    folder: Place, files: list[_File], times: _Times, convert: RgbConversion
) -> FrameSource | None:
    if not files:
        return None
    names = [file.name for file in files]
    return pictures(folder, names, convert, times.of(files), times.rate_hz, times.domain)


def _depth(folder: Place, files: list[_File], times: _Times) -> FrameSource | None:
    if not files:
        return None
    names = [file.name for file in files]
    source = pictures(folder, names, grey16, times.of(files), times.rate_hz, times.domain)
    try:
        farthest = int(grey16(decode_picture(folder / names[0], (folder / names[0]).read())).max())
    except FsamtError as error:
        raise BrokenFileError((folder / names[0]).shown, error.message) from error
    except ValueError as error:
        raise BrokenFileError((folder / names[0]).shown, f"It holds no depth: {error}.") from error
    return replace(source, unit_m=0.001 if farthest <= _MOST_MILLIMETRES else 0.001 / 8)


def _skeleton(folder: Place, frames: list[_File], files: list[_File]) -> Joints | None:
    """Joints at the frames of the main stream: (T, B, 20, 3) float32 metres, y down."""
    by_number = {file.number: _joints(folder / file.name) for file in files}
    n_bodies = max((len(bodies) for bodies in by_number.values()), default=0)
    if not n_bodies:
        return None
    joints = np.full((len(frames), n_bodies, _N_JOINTS, 3), np.nan, np.float32)
    for row, frame in enumerate(frames):
        bodies = by_number.get(frame.number)
        if bodies is not None:
            joints[row, : len(bodies)] = bodies
    joints[..., 1] *= -1
    return joints


def _joints(place: Place) -> Joints:
    """(B, 20, 3): lines of x, y, z (metres, y up) and confidence, 20 a body, below one other."""
    try:
        lines = place.read().decode("ascii", "replace").splitlines()
        rows = [[float(word) for word in line.split(",")[:3]] for line in lines if "," in line]
    except FsamtError as error:
        raise BrokenFileError(place.shown, error.message) from error
    except ValueError as error:
        raise BrokenFileError(place.shown, "It is no skeleton file.") from error
    if len(rows) % _N_JOINTS or any(len(row) < 3 for row in rows):
        raise BrokenFileError(place.shown, "It is cut off: joints are missing.")
    return np.array(rows, np.float32).reshape(-1, _N_JOINTS, 3)
