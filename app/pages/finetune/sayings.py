"""What a test can tell, in words."""

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.evaluation.label_warnings import ENOUGH_TO_TEST
from fsamt_engine.evaluation.scores import Scores, wilson_interval

_TYPICAL = 0.75


def size_of_test(n_clips: int, n_people: int, *, nobody_left: bool = False) -> str:
    """What a test of so many clips would tell, before it is made."""
    if nobody_left:
        return _tr(
            "Everybody with labels was seen in training, so nobody can be tested. A recogniser can "
            "be trained, but nothing can be said of how good it is. Label takes of somebody else."
        )
    if not n_clips:
        return _tr(
            "Nobody is tested: nothing could be said of how good the recogniser is. Tick a person "
            "under “Test”."
        )
    n_right = round(_TYPICAL * n_clips)
    low, high = (100 * share for share in wilson_interval(n_right, n_clips))
    said = _tr(
        "The test has {clips} of {people}. With {right} of them right, the truth would lie between "
        "{low:.0f} and {high:.0f} %."
    ).format(
        clips=words.clips(n_clips), people=words.people(n_people), right=n_right, low=low, high=high
    )
    if n_clips < ENOUGH_TO_TEST:
        said += " " + _tr("That is too few to say much; {n} clips or more are worth it.").format(
            n=ENOUGH_TO_TEST
        )
    return said


def reservations(scores: Scores, n_people: int) -> list[str]:
    """Why a test says less than its number seems to; empty where it says what it says."""
    low, high = (100 * share for share in scores.interval)
    said = []
    if scores.n < ENOUGH_TO_TEST:
        said.append(
            _tr(
                "This test is too small to say much: with {clips}, anything from {low:.0f} to "
                "{high:.0f} % may be the truth. Label more takes of those who are tested."
            ).format(clips=words.clips(scores.n), low=low, high=high)
        )
    if scores.interval[0] <= 1 / len(scores.actions):
        said.append(
            _tr("It may be no better than guessing, which is right on {share:.0f} %.").format(
                share=100 / len(scores.actions)
            )
        )
    if n_people == 1:
        said.append(_tr("All clips are of one person, so it does not say how it is with others."))
    untested = [one.action for one in scores.per_action if not one.support]
    if untested:
        said.append(
            _tr("Not in the test at all: {actions}.").format(actions=words.listed(untested, 6))
        )
    return said


def _tr(text: str) -> str:
    return QCoreApplication.translate("FinetuneSayings", text)
