"""Bringing the frames of a camera to the pace that a model was trained at."""

from fsamt_engine.errors import FsamtError

_EARLY = 0.75
"""A frame that comes sooner than this share of a frame's time after the last one is left out."""


class Pacer:
    """Tells for each frame of how many frames of the model's pace it stands.

    A clip's frames are a fixed number of frames apart, so a faster or slower camera would show a
    model actions slower or faster than it knows them. Cameras whose rate is a whole multiple or
    fraction of the model's are brought to it exactly; others are taken frame by frame.

    Args:
        rate_hz: Of the takes that the model was trained on.
        span: Frames of a clip at that pace; after a longer gap nothing before it counts.
    """

    def __init__(self, rate_hz: float, span: int) -> None:
        if not rate_hz > 0:
            raise FsamtError(
                f"A model cannot be trained at {rate_hz:g} frames a second.",
                "Import or record its takes again, with their rate.",
            )
        self._rate_hz, self._span = rate_hz, span
        self._last_us: int | None = None

    def steps(self, at_us: int) -> int | None:
        """How often the frame of this moment counts.

        Args:
            at_us: When it was exposed, by the same clock as the frame before.

        Returns:
            0 to leave it out, 1, or more after a gap; None where all starts anew with this frame:
            the first one, after a gap longer than a clip, or where time ran backwards.
        """
        if self._last_us is None or at_us < self._last_us:
            self._last_us = at_us
            return None
        frames = (at_us - self._last_us) * self._rate_hz / 1e6
        if frames < _EARLY:
            return 0
        self._last_us = at_us
        steps = max(1, round(frames))
        return steps if steps <= self._span else None
