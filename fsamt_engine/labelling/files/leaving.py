"""Writing labels to files."""

import os
import secrets
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.labelling.files import boris, document, elan, table
from fsamt_engine.labelling.files.outgoing import LabelledTake, Outgoing, TakeTimes
from fsamt_engine.library import Library
from fsamt_engine.library.actions import actions
from fsamt_engine.library.environment import environment_errors
from fsamt_engine.library.labels import segments
from fsamt_engine.library.takes import take


class LabelFormat(StrEnum):
    """A form of label file; the value is the ending of its name."""

    CSV = "csv"
    JSON = "json"
    ELAN = "eaf"
    BORIS = "boris"


def write_labels(
    library: Library,
    path: Path,
    form: LabelFormat | None = None,
    take_ids: Sequence[str] | None = None,
) -> int:
    """Writes the labels of takes to a file, or, for ELAN, of each take to a file of its own.

    Each file is written beside its place and renamed there.

    Args:
        path: The file. For ELAN with more than one take, a folder, which is made if need be.
        form: None takes it from the path's ending.
        take_ids: None for all takes that have a label. ELAN and BORIS get those without one, too,
            to be labelled there.

    Returns:
        Labels that were written.

    Raises:
        FsamtError: There is nothing to write, the ending says nothing, or the disk refuses.
    """
    form = form or _form_of(path)
    labelled = {one.take_id for one in segments(library)} if take_ids is None else set(take_ids)
    outgoing = _collect(library, sorted(labelled))
    if not outgoing.takes or (outgoing.n_segments == 0 and take_ids is None):
        raise FsamtError("There are no labels to write.", "Label some takes first.")
    match form:
        case LabelFormat.CSV:
            _write(path, table.write(outgoing))
        case LabelFormat.JSON:
            _write(path, document.write(outgoing))
        case LabelFormat.BORIS:
            _write(path, boris.write(path, outgoing))
        case LabelFormat.ELAN:
            _write_elan(path, outgoing)
    return outgoing.n_segments


def _write_elan(path: Path, outgoing: Outgoing) -> None:
    is_file = path.suffix.lower() == f".{LabelFormat.ELAN}"
    if len(outgoing.takes) == 1 and is_file:
        _write(path, elan.write(path, outgoing.takes[0]))
        return
    if is_file:
        raise FsamtError(
            f"ELAN keeps one take in a file, and these are {len(outgoing.takes)}.",
            "Choose a folder, which gets a file for each take.",
        )
    with environment_errors(path):
        path.mkdir(parents=True, exist_ok=True)
    for one in outgoing.takes:
        file = path / f"{one.take.id}.{LabelFormat.ELAN}"
        _write(file, elan.write(file, one))


def _collect(library: Library, take_ids: Sequence[str]) -> Outgoing:
    found = segments(library, take_ids=take_ids)
    takes = [take(library, take_id) for take_id in take_ids]
    takes.sort(key=lambda one: (one.session, one.number))
    return Outgoing(
        tuple(
            LabelledTake(
                one,
                TakeTimes.of(library, one),
                tuple(segment for segment in found if segment.take_id == one.id),
            )
            for one in takes
        ),
        tuple(actions(library)),
    )


def _form_of(path: Path) -> LabelFormat:
    try:
        return LabelFormat(path.suffix.lower().removeprefix("."))
    except ValueError:
        endings = ", ".join(f".{one}" for one in LabelFormat)
        raise FsamtError(
            f"The name {path.name} does not say which kind of label file it is to be.",
            f"Let it end with one of {endings}.",
        ) from None


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with environment_errors(path.parent):
        try:
            beside.write_text(text, encoding="utf-8", newline="")
            os.replace(beside, path)
        except FileNotFoundError as error:
            raise FsamtError(
                f"There is no folder {path.parent}.", "Choose a folder that is there."
            ) from error
        finally:
            beside.unlink(missing_ok=True)
