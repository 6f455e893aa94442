"""What is said of this moment: one word to be read across a room, and a line about it."""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import LiveState
from fsamt_engine.recognition.truth import Truth

translate = QCoreApplication.translate

Tone = Literal["text", "quiet"]


@dataclass(frozen=True)
class Saying:
    """What stands on the screen now.

    Attributes:
        word: What is read first.
        detail: A line below it.
        action: Whose colour goes with it, "" for none.
        tone: What is no action is quiet.
        share: How sure it is of the word, 0..1; None where the word is no action.
        number: Of the answer that it comes from, 0 for none.
        is_right: On a take with labels; None where there is none.
    """

    word: str
    detail: str = ""
    action: str = ""
    tone: Tone = "quiet"
    share: float | None = None
    number: int = 0
    is_right: bool | None = None


def percent(share: float) -> str:
    """A share in 0..1 as "87 %": a tenth would only flicker."""
    return f"{100 * share:.0f} %"


def idle() -> Saying:
    """Before anything is recognised."""
    return Saying(
        translate("Live", "ready"),
        translate("Live", "Space starts. Depth alone is opened, and nothing is stored."),
    )


def over(too_short: str = "") -> Saying:
    """When a take or a recording was played to its end; perhaps it was too short for an answer."""
    return Saying(
        translate("Live", "the end"),
        too_short or translate("Live", "It was played to its end. Space plays it again."),
    )


def too_short(clip_s: float) -> str:
    """Why what was played to its end got no answer."""
    return translate("Live", "Too short: a clip is {seconds:.1f} s.").format(seconds=clip_s)


def opening(what: str) -> Saying:
    """While the recogniser or the camera is on its way."""
    return Saying(translate("Live", "one moment"), what)


def gone() -> Saying:
    """While the camera is away."""
    return Saying(translate("Live", "no camera"), translate("Live", "It goes on by itself."))


def saying(state: LiveState, actions: tuple[str, ...], settings: RecognitionSettings) -> Saying:
    """What is to be said of a running recogniser.

    Args:
        state: As it is now.
        actions: Of its model.
        settings: That hold now.
    """
    now, answer = state.now, state.answer
    if state.opened is None and answer is not None:
        return gone()
    if answer is None or now.kind == "gathering":
        share = answer.clip_share if answer is not None else 0.0
        return Saying(
            translate("Live", "watching"),
            translate("Live", "It answers when its first clip is full: {share}.").format(
                share=percent(share)
            ),
            number=answer.number if answer is not None else 0,
        )
    truth = state.truth
    is_right = truth.is_right if truth is not None else None
    if now.kind == "nobody":
        detail = translate("Live", "Step into the picture, and move.")
        return Saying(translate("Live", "nobody there"), detail, number=answer.number)
    if now.kind == "unknown":
        best = max(range(len(actions)), key=lambda place: answer.smoothed[place], default=None)
        detail = ""
        if best is not None:
            is_above = answer.smoothed[best] >= settings.of(actions[best]).on
            if answer.found is not None:
                detail = translate("Live", "Nothing is likely enough; nearest: {action}, {share}")
            elif is_above:
                detail = translate(
                    "Live", "Perhaps {action}, {share}: it has to last {seconds:.1f} s."
                )
            else:
                detail = translate(
                    "Live", "No action reaches its threshold; nearest: {action}, {share}"
                )
            detail = detail.format(
                action=actions[best],
                share=percent(answer.smoothed[best]),
                seconds=settings.shortest_s,
            )
        return Saying(
            translate("Live", "unknown"),
            detail,
            number=answer.number,
            is_right=is_right,
        )
    since_s = max(0.0, (answer.at_us - now.since_us) / 1e6)
    action = now.action or ""
    if now.kind == "background":
        detail = translate("Live", "Nothing of interest happens, for {seconds:.1f} s.")
    elif answer.found is not None:
        detail = translate("Live", "so it seems, for {seconds:.1f} s: told when it is over")
    else:
        detail = translate("Live", "for {seconds:.1f} s")
    return Saying(
        action,
        detail.format(seconds=since_s),
        action,
        "quiet" if now.kind == "background" else "text",
        now.confidence,
        answer.number,
        is_right,
    )


def truth_line(truth: Truth, n_takes: int) -> str:
    """How it has done on takes with labels so far; "" where there is nothing to say."""
    if truth.share is None and truth.overlap is None:
        return ""
    parts = []
    if truth.share is not None:
        parts.append(
            translate("Live", "Right at {share} of the labelled moments of {takes}").format(
                share=percent(truth.share), takes=words.takes(n_takes)
            )
        )
    if truth.n_segments:
        found = translate("Live", "{found} of {labels} found").format(
            found=truth.n_found, labels=words.labels(truth.n_segments)
        )
        if truth.overlap is not None:
            found = translate("Live", "{found} in {takes} (overlap of {share} or more)").format(
                found=found, takes=words.takes(n_takes), share=percent(truth.overlap)
            )
        parts.append(found)
    if truth.n_false_alarms:
        parts.append(translate("Live", "false alarms: {count}").format(count=truth.n_false_alarms))
    return " · ".join(parts)


def verdict(saying: Saying, truth: Truth | None) -> str:
    """Whether what is said is what a person labelled, in words; "" where nobody labelled."""
    if saying.is_right is None or truth is None or truth.expected is None:
        return ""
    if saying.is_right:
        return translate("Live", "right")
    return translate("Live", "wrong: labelled {action}").format(action=truth.expected)
