"""Answers as a recogniser gives them, made by hand."""

from fsamt_engine.modalities.boxes import Box, View
from fsamt_engine.recognition.state import Answer, AnswerStatus, Timings

ACTIONS = ("background", "wave", "jump")
HOST_US = 1_760_000_000_000_000
_BOX = Box(0, 0, 1, 1)
_VIEW = View(_BOX, _BOX)


def answer(
    at_s: float,
    wave: float = 0.0,
    jump: float = 0.0,
    background: float = 0.0,
    *,
    status: AnswerStatus = "answering",
    domain: str = "device",
    frame: int | None = None,
) -> Answer:
    """An answer whose smoothed probabilities are these; frames count 30 a second."""
    at_us = round(at_s * 1e6)
    probabilities = (background, wave, jump)
    return Answer(
        number=1,
        at_us=at_us,
        domain=domain,
        host_at_us=HOST_US + at_us,
        frame_number=round(30 * at_s) if frame is None else frame,
        status=status,
        clip_share=1.0,
        probabilities=probabilities,
        smoothed=probabilities,
        view=_VIEW,
        timings=Timings(1.0, 1.0, 1.0),
    )
