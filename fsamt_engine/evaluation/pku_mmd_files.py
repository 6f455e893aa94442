"""Predictions in PKU-MMD's own form, for its script and for other programs.

A file a take, a line a detection: `label,start,end,confidence`, with start and end in whole frames
(of the take's main stream; PKU-MMD's have 30 a second). Takes of PKU-MMD are called as there
(`0291-L.txt`) and labels are the official 1..51. Other takes' files are called as the take, labels
count the detector's actions from 1, and `labels.txt` says what they are, `1,wave` a line. A take in
which nothing was found has an empty file: the script counts only takes that have one.
Source: the read-me and evaluate.py of github.com/ECHO960/PKU-MMD.
"""

import math
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fsamt_engine.datasets.pku_mmd import ACTIONS, PkuMmd
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.evaluation.pku_mmd_score import official_actions
from fsamt_engine.library import Library
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.takes import take, take_ids_by_name

LABELS = "labels.txt"
_OFFICIAL = f"{PkuMmd().name}/"


def as_written(found: Sequence[Detection]) -> tuple[Detection, ...]:
    """Detections with bounds in whole frames, as the files have them; at least one frame long.

    The official score is to be that of the files, so it is to be computed from these.
    """
    return tuple(_whole(one) for one in found)


def write_predictions(
    library: Library,
    folder: Path,
    found: Mapping[str, Sequence[Detection]],
    actions: Sequence[str],
) -> None:
    """Write a folder of predictions; it is there whole or not at all.

    Args:
        folder: Must not exist, or be empty: the script takes every file in it for predictions.
        found: By take, every take that was searched.
        actions: Those that the detector knows.

    Raises:
        FsamtError: A take is not in the library, the folder is not empty, or cannot be written.
    """
    names = {take_id: _file_name(library, take_id) for take_id in found}
    official = official_actions(actions) == ACTIONS and all(known for _, known in names.values())
    labels = ACTIONS if official else tuple(actions)
    number = {action: place for place, action in enumerate(labels, 1)}
    with environment_errors(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FsamtError(
                f"There is something in {folder} already.", "Choose a new or an empty folder."
            )
        folder = folder.absolute()
        beside = folder.with_name(f"{folder.name}.{os.getpid()}.new")
        beside.mkdir(parents=True)
        try:
            for take_id, answers in found.items():
                lines = [_line(number[one.action], one) for one in as_written(answers)]
                _write(beside / f"{names[take_id][0]}.txt", lines)
            if not official:
                _write(beside / LABELS, [f"{place},{name}" for name, place in number.items()])
            if folder.exists():
                folder.rmdir()
            os.replace(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def read_predictions(library: Library, folder: Path) -> dict[str, tuple[Detection, ...]]:
    """Predictions of takes of the library, from this program or another one.

    Returns:
        By take, in the order of the files' names; a take whose file is empty is in it.

    Raises:
        FsamtError: The folder holds no predictions, a file is of no take of the library, or a line
            of it is none.
    """
    with environment_errors(folder):
        files = sorted(folder.glob("*.txt")) if folder.is_dir() else []
        actions = _labels(folder / LABELS) if (folder / LABELS) in files else ACTIONS
        files = [file for file in files if file.name != LABELS]
        if not files:
            raise FsamtError(
                f"There are no predictions in {folder}.",
                "Choose the folder with a text file for every take.",
            )
        names = take_ids_by_name(library)
        takes = {_take_of(names, file): file for file in files}
        return {
            take_id: tuple(_detections(library, take_id, file, actions))
            for take_id, file in takes.items()
        }


def _file_name(library: Library, take_id: str) -> tuple[str, bool]:
    """What a take's file is called, and whether it is so in PKU-MMD."""
    key = take(library, take_id).source_key
    is_official = key.startswith(_OFFICIAL)
    return (key.removeprefix(_OFFICIAL) if is_official else take_id), is_official


def _take_of(names: Mapping[str, str], file: Path) -> str:
    for name in (file.stem, f"{_OFFICIAL}{file.stem}"):
        if name in names:
            return names[name]
    raise FsamtError(
        f"{file.name} is of no take of this library.", "Import that take first, or take it out."
    )


def _whole(one: Detection) -> Detection:
    start = round(one.start)
    return replace(one, start=start, end=max(round(one.end), start + 1))


def _line(number: int, one: Detection) -> str:
    return f"{number},{one.start:.0f},{one.end:.0f},{one.score!r}"


def _write(file: Path, lines: Sequence[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _labels(file: Path) -> tuple[str, ...]:
    rows = [line.split(",", 1) for line in file.read_text(encoding="utf-8").splitlines() if line]
    if [row[0] for row in rows] != [str(place) for place in range(1, len(rows) + 1)]:
        raise FsamtError(
            f"{file} does not number the labels 1, 2, 3 ...", "Write a line like `1,wave` for each."
        )
    return tuple(row[-1] for row in rows)


def _detections(
    library: Library, take_id: str, file: Path, actions: Sequence[str]
) -> list[Detection]:
    participant = take(library, take_id).participant
    detections = []
    for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            number, start, end, score = (float(word) for word in line.replace(",", " ").split())
            if not (1 <= number <= len(actions) and start < end and math.isfinite(score)):
                raise ValueError
        except ValueError as error:
            raise FsamtError(
                f"Line {n} of {file.name} is no prediction: {line[:60]}",
                f"It takes label (1 to {len(actions)}), start, end and confidence.",
            ) from error
        action = actions[int(number) - 1]
        detections.append(Detection(take_id, participant, action, start, end, score))
    return detections
