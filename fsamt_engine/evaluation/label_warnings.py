"""Whether the labels of a library can train and test anything, said before they are used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.scores import wilson_interval
from fsamt_engine.evaluation.seen import seen_participants
from fsamt_engine.library import Library, ModelKind, QualityLevel
from fsamt_engine.library.models import list_models
from fsamt_engine.units import format_percent

ENOUGH_TO_TEST = 30
"""Test clips. With 30, an accuracy of 75 % is known to about 15 points up and down (Wilson, 95 %).

A transfer gains 4 to 12 points over its rivals in `docs/results.md`, less than that: fewer clips
can tell a network that works from one that guesses, and hardly more.
"""

ENOUGH_OF_AN_ACTION = 5
"""Labels of one action. Even 4 right of 4 leave its recall anywhere from 51 to 100 %."""

Counts = Mapping[str, Mapping[str, int]]
"""Labels by action, then by participant."""


@dataclass(frozen=True)
class LabelWarning:
    """What the labels cannot do yet.

    Attributes:
        code: The same for the same kind of warning.
        level: BAD where no fair test is possible at all.
        message: What is so, in a sentence.
        hint: What to do about it.
    """

    code: str
    level: QualityLevel
    message: str
    hint: str


@dataclass(frozen=True)
class Seen:
    """Who took part in making a student.

    Attributes:
        model_id: The student.
        participants: Of its transfer and of its teacher's training.
    """

    model_id: str = ""
    participants: frozenset[str] = frozenset()


def label_warnings(counts: Counts, seen: Seen = Seen()) -> tuple[LabelWarning, ...]:
    """What a test of networks trained on these labels would leak, or could not say.

    A test is fair on people only whom no part of the network was trained on, the student's transfer
    and its teacher included.

    Args:
        counts: The labels; zeros may be left out.
        seen: Whom the student has seen that is to be finetuned.

    Returns:
        The gravest first; empty without any label, and where nothing is wrong.
    """
    labelled = {
        action: {who: n for who, n in by_person.items() if n}
        for action, by_person in counts.items()
        if any(by_person.values())
    }
    people = sorted({who for by_person in labelled.values() for who in by_person})
    if not people:
        return ()
    testable = [who for who in people if who not in seen.participants]
    if len(people) < 2:
        found = [_one_person(people[0])]
    elif not testable:
        found = [_all_seen(people, seen)]
    else:
        found = _untestable(labelled, testable, seen) + _small_test(labelled, people, testable)
    if len(labelled) < 2:
        found.insert(0, _one_action(next(iter(labelled))))
    return tuple(found + _few(labelled))


def library_warnings(library: Library, counts: Counts) -> tuple[LabelWarning, ...]:
    """The warnings for the labels of a library, whose newest student is the one to be finetuned.

    Raises:
        FsamtError: The library cannot be read.
    """
    try:
        seen = newest_student_has_seen(library)
    except FsamtError as unknown:
        about = LabelWarning("unknown", QualityLevel.CAUTION, unknown.message, unknown.hint)
        return (*label_warnings(counts), about)
    return label_warnings(counts, seen)


def newest_student_has_seen(library: Library) -> Seen:
    """Who took part in the newest student's transfer and in its teacher's training.

    Raises:
        FsamtError: It is not known any more who took part, or the library cannot be read.
    """
    students = list_models(library, ModelKind.STUDENT)
    if not students:
        return Seen()
    return Seen(students[0].id, seen_participants(library, students[0]))


def _one_action(action: str) -> LabelWarning:
    return LabelWarning(
        "one action",
        QualityLevel.BAD,
        f"Only “{action}” has labels.",
        "A recogniser has to tell at least two actions apart: label a second one, or background.",
    )


def _one_person(who: str) -> LabelWarning:
    return LabelWarning(
        "one participant",
        QualityLevel.BAD,
        f"All labels are of {who}, so nobody is left to test on.",
        "Label takes of a second participant: a test on people whom the network was trained on "
        "proves nothing.",
    )


def _all_seen(people: Sequence[str], seen: Seen) -> LabelWarning:
    return LabelWarning(
        "all seen",
        QualityLevel.BAD,
        f"Everybody with labels ({_listed(people)}) took part in making {seen.model_id}: a test "
        "on them would leak.",
        "Label takes of somebody else, or run a transfer that leaves one of them out.",
    )


def _untestable(labelled: Counts, testable: Sequence[str], seen: Seen) -> list[LabelWarning]:
    """Actions of which nobody can be tested while somebody else is trained on."""
    alone = {a: set(of) for a, of in labelled.items() if len(of) < 2}
    leaking = [a for a, of in labelled.items() if a not in alone and not set(of) & set(testable)]
    found = []
    if alone:
        people = sorted(set().union(*alone.values()))
        whose = f"of {people[0]} only" if len(people) == 1 else "of one participant each"
        found.append(
            LabelWarning(
                "untestable action",
                QualityLevel.CAUTION,
                f"{_quoted(alone)} can be learned or tested, not both: there are labels {whose}.",
                "Label the same action of a second participant.",
            )
        )
    if leaking:
        found.append(
            LabelWarning(
                "leaking action",
                QualityLevel.CAUTION,
                f"A test of {_quoted(leaking)} would leak: only people have labels of it that took "
                f"part in making {seen.model_id}.",
                f"Label it of {_listed(testable, 'or')}, whom no network has seen.",
            )
        )
    return found


def _small_test(
    labelled: Counts, people: Sequence[str], testable: Sequence[str]
) -> list[LabelWarning]:
    n, tested = _largest_test(labelled, people, testable)
    if not 0 < n < ENOUGH_TO_TEST:
        return []
    n_right = round(0.75 * n)
    low, high = (format_percent(share) for share in wilson_interval(n_right, n))
    return [
        LabelWarning(
            "small test",
            QualityLevel.CAUTION,
            f"A test on {_listed(tested)} has {n} {'clip' if n == 1 else 'clips'}: {n_right} right "
            f"would mean anything from {low} to {high}.",
            f"About {ENOUGH_TO_TEST} clips tell to 15 points up and down; label more of those "
            "who are tested.",
        )
    ]


def _largest_test(
    labelled: Counts, people: Sequence[str], testable: Sequence[str]
) -> tuple[int, tuple[str, ...]]:
    """The most clips that a fair test can have, and of whom.

    All whom the student has not seen, where there are others to train on; else one person.
    """
    if set(people) - set(testable):
        tested = set(testable)
        n_clips = sum(
            sum(n for who, n in by_person.items() if who in tested)
            for by_person in labelled.values()
            if by_person.keys() - tested
        )
        return n_clips, tuple(testable)
    of_each = dict.fromkeys(testable, 0)
    for by_person in labelled.values():
        if len(by_person) > 1:
            for who, n in by_person.items():
                of_each[who] += n
    largest = max(of_each, key=lambda who: of_each[who])
    return of_each[largest], (largest,)


def _few(labelled: Counts) -> list[LabelWarning]:
    totals = {action: sum(by_person.values()) for action, by_person in labelled.items()}
    few = {action: n for action, n in totals.items() if n < ENOUGH_OF_AN_ACTION}
    if not few:
        return []
    counted = _listed([f"“{action}” {n}" for action, n in sorted(few.items())])
    return [
        LabelWarning(
            "few labels",
            QualityLevel.CAUTION,
            f"Few labels: {counted}.",
            f"With fewer than {ENOUGH_OF_AN_ACTION} labels nothing can be said of an action by "
            "itself: even 4 right of 4 leave 51 to 100 % possible.",
        )
    ]


def _quoted(names: Iterable[str]) -> str:
    return _listed([f"“{name}”" for name in names])


def _listed(words: Sequence[str], last: str = "and") -> str:
    """As "a", "a and b", "a, b and 3 more"."""
    if len(words) > 4:
        return f"{', '.join(words[:3])} {last} {len(words) - 3} more"
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
