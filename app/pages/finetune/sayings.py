"""What a test can tell, in words."""

from PySide6.QtCore import QCoreApplication

from app import words
from fsamt_engine.evaluation.answers import Evaluation
from fsamt_engine.evaluation.label_curve import right_answers
from fsamt_engine.evaluation.label_warnings import ENOUGH_TO_TEST
from fsamt_engine.evaluation.paired import paired_difference
from fsamt_engine.evaluation.result import FinetuneResult
from fsamt_engine.evaluation.scores import Scores, wilson_interval

translate = QCoreApplication.translate

_TYPICAL = 0.75


def size_of_test(n_clips: int, n_people: int, *, nobody_left: bool = False) -> str:
    """What a test of so many clips would tell, before it is made."""
    if nobody_left:
        return translate(
            "FinetuneSayings",
            "Everybody with labels was seen in training, so nobody can be tested. A recogniser can "
            "be trained, but nothing can be said of how good it is. Label takes of somebody else.",
        )
    if not n_clips:
        return translate(
            "FinetuneSayings",
            "Nobody is tested: nothing could be said of how good the recogniser is. Tick a person "
            "under “Test”.",
        )
    n_right = round(_TYPICAL * n_clips)
    low, high = (100 * share for share in wilson_interval(n_right, n_clips))
    said = translate(
        "FinetuneSayings",
        "The test has {clips} of {people}. With {right} of them right, the truth would lie between "
        "{low:.0f} and {high:.0f} %.",
    ).format(
        clips=words.clips(n_clips), people=words.people(n_people), right=n_right, low=low, high=high
    )
    if n_clips < ENOUGH_TO_TEST:
        said += " " + translate(
            "FinetuneSayings", "That is too few to say much; {n} clips or more are worth it."
        ).format(n=ENOUGH_TO_TEST)
    return said


def size_of_search(n_labels: int, n_takes: int, n_people: int, *, nobody_left: bool = False) -> str:
    """What a detector's test searches, and what it would tell, before it is made."""
    if nobody_left:
        return translate(
            "FinetuneSayings",
            "Everybody with untrimmed takes was seen in training, so nobody can be tested. A "
            "detector can be trained, but nothing can be said of how good it is.",
        )
    if not n_labels:
        return translate(
            "FinetuneSayings",
            "Nobody is tested: nothing could be said of how good the detector is. Tick a person "
            "under “Test”.",
        )
    said = translate(
        "FinetuneSayings",
        "The test searches {takes} of {people} from beginning to end, and compares what is found "
        "with {labels}.",
    ).format(
        takes=words.takes(n_takes), people=words.people(n_people), labels=words.labels(n_labels)
    )
    if n_people == 1:
        said += " " + translate(
            "FinetuneSayings", "How much people differ cannot be seen from one person."
        )
    return said


def no_better_than_guessing(scores: Scores) -> list[str]:
    """A sentence where a test cannot tell a network from chance."""
    chance = 1 / len(scores.actions)
    if scores.interval[0] > chance:
        return []
    return [
        translate(
            "FinetuneSayings",
            "It may be no better than guessing, which is right on {share:.0f} % of the clips.",
        ).format(share=100 * chance)
    ]


def against_scratch(result: FinetuneResult) -> str:
    """What the start was worth, on the same clips."""
    if result.scratch_test is None:
        if result.model.parent_id is None:
            return translate(
                "FinetuneSayings", "This one is from scratch itself; nothing stands beside it."
            )
        return translate(
            "FinetuneSayings",
            "Nothing from scratch was trained on the same labels, so there is no comparison.",
        )
    return difference(
        result.scratch_test, result.test, translate("FinetuneSayings", "from scratch")
    )


def difference(base: Evaluation, other: Evaluation, base_name: str) -> str:
    """How much better or worse one is than another on the same clips, and whether by chance."""
    first, second = right_answers(base), right_answers(other)
    low, high = (100 * share for share in paired_difference(first, second))
    gain = 100 * (sum(second) - sum(first)) / len(first)
    only_second = sum(b and not a for a, b in zip(first, second, strict=True))
    only_first = sum(a and not b for a, b in zip(first, second, strict=True))
    said = translate(
        "FinetuneSayings",
        "{gain:+.1f} points against {base} (95 %: {low:+.1f} to {high:+.1f}): right on {won} where "
        "{base} is wrong, wrong on {lost} where it is right.",
    ).format(
        gain=gain,
        base=base_name,
        low=low,
        high=high,
        won=words.clips(only_second),
        lost=words.clips(only_first),
    )
    if low <= 0 <= high:
        said += " " + translate("FinetuneSayings", "So many clips cannot tell the two apart.")
    return said
