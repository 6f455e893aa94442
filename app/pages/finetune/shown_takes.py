"""The takes that a detector was tested on or has searched, as far as they are still there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from app.widgets.take_frames import TakeFiles
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_test import TestedTake
from fsamt_engine.library import Library, Take
from fsamt_engine.library.records import COMPOSED
from fsamt_engine.library.takes import take

translate = QCoreApplication.translate


@dataclass(frozen=True)
class OpenTake:
    """A take that can be played, or the times of one that is gone.

    Attributes:
        files: None where it is not in the library any more.
        times_us: (n_frames,) int64, from 0; made from the rate where the take is gone.
        problem: Why it cannot be played, "" where it can.
    """

    files: TakeFiles | None
    times_us: NDArray[np.int64]
    problem: str = ""


def open_take(library: Library | None, tested: TestedTake) -> OpenTake:
    """What of a take is there."""
    nominal = np.rint(np.arange(tested.n_frames) * 1e6 / tested.rate_hz).astype(np.int64)
    if library is None:
        return OpenTake(None, nominal)
    try:
        files = TakeFiles.of(library, take(library, tested.take_id))
    except FsamtError:
        gone = translate(
            "ShownTakes",
            "This take is not in the library any more. What was found in it stays here; its "
            "pictures do not.",
        )
        return OpenTake(None, nominal, gone)
    times_us = files.timeline.times_us
    return OpenTake(files, times_us if len(times_us) == tested.n_frames else nominal)


def titles_of(library: Library, takes: Sequence[TestedTake]) -> dict[str, str]:
    """What the takes are called: short, and each by its own id where it is gone."""
    titles = {}
    for one in takes:
        try:
            titles[one.take_id] = title_of(take(library, one.take_id))
        except FsamtError:
            titles[one.take_id] = translate("ShownTakes", "{who}, {id} (gone)").format(
                who=one.participant, id=one.take_id
            )
    return titles


def title_of(one: Take) -> str:
    """As "P7, take 3", or what a person called it; composed takes are marked as such."""
    name = one.title or translate("ShownTakes", "take {number}").format(number=one.number)
    said = f"{one.participant}, {name}"
    if one.source == COMPOSED:
        said = translate("ShownTakes", "{take} (composed)").format(take=said)
    return said


def span_of(one: Take) -> TestedTake:
    """A take as a test has it."""
    return TestedTake(one.id, one.participant, one.main.n_frames, one.main.rate_hz)
