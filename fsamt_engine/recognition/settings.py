"""When an answer counts: smoothing, thresholds, the shortest action. Kept with the model."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from fsamt_engine.errors import FsamtError

LONGEST_SMOOTHING_S = 5.0
LONGEST_SHORTEST_S = 10.0


@dataclass(frozen=True)
class Threshold:
    """When an action begins and when it ends, by its smoothed probability.

    Attributes:
        on: It begins when it reaches this.
        off: It ends when it falls below this; not above `on`, so that it does not flicker.
    """

    on: float = 0.6
    off: float = 0.4

    def __post_init__(self) -> None:
        if not (0 < self.off <= self.on <= 1):
            raise FsamtError(
                f"{self.on:g} to begin and {self.off:g} to end are no threshold of an action.",
                "Both lie above 0 and not above 1, and the end is not above the beginning.",
            )


@dataclass(frozen=True)
class RecognitionSettings:
    """How answers become actions that begin and end.

    Attributes:
        smoothing_s: Time constant of the smoothing, seconds; 0 for none. A change is seen by 63 %
            after this time and by 95 % after three times as much.
        shortest_s: An action that lasts less than this, seconds, is not told.
        threshold: Of every action that has none of its own.
        thresholds: By action.
    """

    smoothing_s: float = 0.4
    shortest_s: float = 0.4
    threshold: Threshold = Threshold()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check("smoothing", self.smoothing_s, LONGEST_SMOOTHING_S)
        _check("shortest duration", self.shortest_s, LONGEST_SHORTEST_S)

    def of(self, action: str) -> Threshold:
        """The threshold of an action."""
        return self.thresholds.get(action, self.threshold)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """What `to_dict` gave.

        Raises:
            FsamtError: A field is missing, or is not what it has to be.
        """
        try:
            return cls(
                float(fields["smoothing_s"]),
                float(fields["shortest_s"]),
                _threshold(fields["threshold"]),
                {str(action): _threshold(one) for action, one in fields["thresholds"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FsamtError(
                f"These are no settings of live recognition ({error}).", "Set them again."
            ) from error


def _threshold(fields: Mapping[str, Any]) -> Threshold:
    return Threshold(float(fields["on"]), float(fields["off"]))


def _check(what: str, seconds: float, longest_s: float) -> None:
    if not (math.isfinite(seconds) and 0 <= seconds <= longest_s):
        raise FsamtError(f"{seconds:g} seconds are no {what}.", f"Give 0 to {longest_s:g} seconds.")
