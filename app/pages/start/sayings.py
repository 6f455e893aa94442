"""What comes next, in words: a title, why, and what the button says."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app import words
from app.journey import Standing
from app.model_words import result_line, tested
from app.pages.start.next_step import NextStep, Step
from fsamt_engine.runs.queue import QueuedRun


@dataclass(frozen=True)
class Said:
    """A next step as it is shown.

    Attributes:
        page: Key of the page that the button leads to; "" where it leads to a model's result.
        button: What it says.
        other: What a second button says; "" where there is one way only.
        other_page: Where that leads.
    """

    title: str
    why: str
    button: str
    page: str
    other: str = ""
    other_page: str = ""


def no_library() -> Said:
    """Before a library is open."""
    return Said(
        "",
        _tr(
            "FSAMT Studio teaches a network to recognise actions from depth alone, with a handful "
            "of labels. Everything that belongs together is in one folder, the library: takes, "
            "labels and models."
        ),
        _tr("Open or create a library…"),
        "open",
    )


def simulating() -> Said:
    """While simulated takes are being made."""
    return Said(
        _tr("Simulated takes are being made"),
        _tr("They can be looked at as they come; a teacher is trained when all are there."),
        _tr("Look at the takes"),
        "library",
    )


def under_way(run: QueuedRun, page: str) -> Said:
    """While a run is under way."""
    return Said(
        _tr("A run is under way"),
        _tr("{title}. The program can be used meanwhile.").format(title=run.request.title),
        _tr("Watch it"),
        page,
    )


def waiting(runs: list[QueuedRun], page: str) -> Said:
    """While runs wait that nobody has continued since the library was opened."""
    n = len(runs)
    title = _tr("1 run is waiting") if n == 1 else _tr("{n} runs are waiting").format(n=n)
    return Said(
        title,
        _tr("The first is {title}. What has begun goes on exactly where it was.").format(
            title=f"“{runs[0].request.title}”"
        ),
        _tr("Continue"),
        page,
    )


def said(following: NextStep, standing: Standing) -> Said:
    """The next step of a library."""
    title, why, button, page = {
        Step.TAKES: (
            _tr("Record takes, or bring some in"),
            _tr(
                "This library is empty. A camera records colour and depth together; takes of "
                "another library and published data sets are brought in on the page Library."
            ),
            _tr("Record takes"),
            "capture",
        ),
        Step.PAIRS: (
            _tr("Add takes with colour"),
            _tr(
                "{takes} hold depth only. Transfer learns from pairs, the same moments in colour "
                "and in depth, and there are none yet."
            ).format(takes=words.takes(standing.n_takes)),
            _tr("Record colour and depth"),
            "capture",
        ),
        Step.SOURCE_LABELS: (
            _tr("Label some actions for a teacher"),
            _tr(
                "The pairs are there. A teacher learns from colour, and needs labels of some "
                "actions; they need not be those that you want to recognise. A teacher of another "
                "library can be brought in on the page Transfer instead."
            ),
            _tr("Label takes"),
            "label",
        ),
        Step.TEACHER: (
            _tr("Train a teacher"),
            _tr(
                "{actions} have labels. A teacher learns some of them from colour; what it then "
                "knows of moving people goes on to a depth student."
            ).format(actions=words.actions(standing.n_labelled_actions)),
            _tr("Train a teacher"),
            "transfer",
        ),
        Step.TRANSFER: (
            _tr("Transfer to depth"),
            _tr(
                "The teacher is there. On pairs, without any label, a student learns to see in "
                "depth what the teacher sees in colour."
            ),
            _tr("Transfer to depth"),
            "transfer",
        ),
        Step.MORE_PAIRS: (
            _tr("Record more pairs"),
            "",
            _tr("Record more pairs"),
            "capture",
        ),
        Step.MORE_EPOCHS: (
            _tr("Transfer again, for longer"),
            "",
            _tr("Open the transfer health"),
            "",
        ),
        Step.CHECK_TAKES: (
            _tr("Look at the takes that are in doubt"),
            "",
            _tr("Open the transfer health"),
            "",
        ),
        Step.LABELS: (
            _tr("Label your own actions"),
            _tr(
                "The student is ready. A few labelled examples of each action that you want to "
                "recognise are enough to begin with; those of two people, so that one can be "
                "tested."
            ),
            _tr("Label takes"),
            "label",
        ),
        Step.OTHER_LABELS: (
            _tr("Label a little more"),
            "",
            _tr("Label takes"),
            "label",
        ),
        Step.FINETUNE: (
            _tr("Finetune the student"),
            _tr("There are labels to train on, and people to test on."),
            _tr("Finetune the student"),
            "finetune",
        ),
        Step.TEST: (
            _tr("Test the recogniser"),
            _tr(
                "It is trained, but nobody knows how good it is. A test on people whom it has "
                "never seen says so."
            ),
            _tr("Test the recogniser"),
            "",
        ),
        Step.MORE_LABELS: (
            _tr("More labels make it better"),
            "",
            _tr("Label more takes"),
            "label",
        ),
        Step.LARGER_TEST: (
            _tr("Label takes of more people"),
            "",
            _tr("Label more takes"),
            "label",
        ),
        Step.ENOUGH: (
            _tr("It has learned what these labels can teach"),
            _tr("Other people, other clothes and other rooms say more than further labels."),
            _tr("Open its result"),
            "",
        ),
        Step.CURVE: (
            _tr("Look at what it confuses"),
            _tr(
                "Whether more labels would help was not found out yet: finetune with “How good it "
                "is with fewer labels” to see it."
            ),
            _tr("Open its result"),
            "",
        ),
    }[following.step]
    result = ""
    if following.model is not None and tested(following.model) is not None:
        result = _tr("The newest recogniser is right on {result}.").format(
            result=result_line(following.model)
        )
    reasons = " ".join(filter(None, (result, why, following.reason)))
    other, other_page = {
        Step.TAKES: (_tr("Bring takes in"), "library"),
        Step.PAIRS: (_tr("Bring takes in"), "library"),
        Step.SOURCE_LABELS: (_tr("Bring a teacher in"), "transfer"),
    }.get(following.step, ("", ""))
    return Said(title, reasons, button, page, other, other_page)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Start", text)
