"""What can watch live: a recogniser, which answers moment by moment, or a detector."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.library import ModelRecord
from fsamt_engine.library.records import Segment
from fsamt_engine.recognition.pipeline import Look
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Answer, LiveEvent, Measured, Now

if TYPE_CHECKING:
    from fsamt_engine.recognition.truth import Truth


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network says of the clip that ends with the newest frame.

    Attributes:
        probabilities: (A,) float32 of each action of the watcher, the sum is 1.
        found: What a detector takes for actions so far; None of a recogniser.
    """

    probabilities: npt.NDArray[np.float32]
    found: Candidates | None = None


class Sight(Protocol):
    """A network that watches from one moment on; one thread at a time uses it."""

    def see(self, clip: npt.NDArray[np.float16], at_frame: int) -> Seen:
        """Look at the newest clip.

        Args:
            clip: (T, S, S) float16, 0..1.
            at_frame: Frames that came so far, at the pace of the model.

        Raises:
            FsamtError: The answer is no number.
        """


class Decides(Protocol):
    """Says what goes on, and tells of actions, from one answer after the other."""

    @property
    def next_number(self) -> int:
        """Of the next event: who takes over counts on from here."""

    def change_settings(self, settings: RecognitionSettings) -> None:
        """Decides by these from the next answer on; what is going on stays."""

    def push(self, answer: Answer) -> tuple[Now, tuple[LiveEvent, ...]]:
        """Takes the next answer, with its smoothed probabilities.

        Returns:
            What is to be said now, and the events that became known with it. One that has begun
            comes without an offset, and again under the same number with it.
        """

    def end(self) -> tuple[LiveEvent, ...]:
        """Ends what is going on with the last answer, because no more follow, and starts anew."""


class Judges(Protocol):
    """Compares what is recognised on a take with the labels that people gave it."""

    @property
    def found(self) -> tuple[Segment, ...]:
        """The labelled actions that were recognised, of this time through the take."""

    def push(
        self, answer: Answer, now: Now, events: Sequence[LiveEvent]
    ) -> tuple["Truth", tuple[LiveEvent, ...]]:
        """Judges an answer, and what was said to it.

        Returns:
            How it does so far, and the events with `was_right`.
        """


class Watcher(Protocol):
    """A model that is ready to watch."""

    @property
    def record(self) -> ModelRecord:
        """In the library."""

    @property
    def actions(self) -> tuple[str, ...]:
        """In the order of its probabilities."""

    @property
    def measured(self) -> tuple[Measured, ...]:
        """What was tried to compute it."""

    @property
    def look(self) -> Look:
        """What it is to see."""

    @property
    def computed_by(self) -> str:
        """What computes it, for people."""

    def sight(self) -> Sight:
        """Begin to watch: nothing seen before counts."""

    def decider(self, settings: RecognitionSettings, first_number: int = 1) -> Decides:
        """What makes events of its answers.

        Args:
            first_number: Of the next event.
        """

    def judge(self, segments: Sequence[Segment]) -> Judges:
        """What tells right from wrong on a take with these labels."""
