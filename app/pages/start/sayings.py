"""What comes next, in words: a title, why, and what the button says."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app import words
from app.journey import Standing
from app.model_words import is_tested, result_line
from app.pages.start.next_step import NextStep, Step
from fsamt_engine.library import ModelKind
from fsamt_engine.runs.queue import QueuedRun

translate = QCoreApplication.translate


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
        translate(
            "Start",
            "FSAMT Studio teaches a network to recognise actions from depth alone, with a handful "
            "of labels. Everything that belongs together is in one folder, the library: takes, "
            "labels and models.",
        ),
        translate("Start", "Open or create a library…"),
        "open",
    )


def simulating() -> Said:
    """While simulated takes are being made."""
    return Said(
        translate("Start", "Simulated takes are being made"),
        translate(
            "Start", "They can be looked at as they come; a teacher is trained when all are there."
        ),
        translate("Start", "Look at the takes"),
        "library",
    )


def under_way(run: QueuedRun, page: str) -> Said:
    """While a run is under way."""
    return Said(
        translate("Start", "A run is under way"),
        translate("Start", "{title}. The program can be used meanwhile.").format(
            title=run.request.title
        ),
        translate("Start", "Watch it"),
        page,
    )


def waiting(runs: list[QueuedRun], page: str) -> Said:
    """While runs wait that nobody has continued since the library was opened."""
    n = len(runs)
    title = (
        translate("Start", "1 run is waiting")
        if n == 1
        else translate("Start", "{n} runs are waiting").format(n=n)
    )
    return Said(
        title,
        translate(
            "Start", "The first is {title}. What has begun goes on exactly where it was."
        ).format(title=f"“{runs[0].request.title}”"),
        translate("Start", "Continue"),
        page,
    )


def said(following: NextStep, standing: Standing) -> Said:
    """The next step of a library."""
    title, why, button, page = {
        Step.TAKES: (
            translate("Start", "Record takes, or bring some in"),
            translate(
                "Start",
                "This library is empty. A camera records colour and depth together; takes of "
                "another library and published data sets are brought in on the page Library.",
            ),
            translate("Start", "Record takes"),
            "capture",
        ),
        Step.PAIRS: (
            translate("Start", "Add takes of colour and depth"),
            translate(
                "Start",
                "The library has {takes}, but no pair. Transfer learns from pairs: the same "
                "moments in colour and in what is recognised from, as depth.",
            ).format(takes=words.takes(standing.n_takes)),
            translate("Start", "Record colour and depth"),
            "capture",
        ),
        Step.SOURCE_LABELS: (
            translate("Start", "Label some actions for a teacher"),
            translate(
                "Start",
                "The pairs are there. A teacher learns from colour, and needs labels of some "
                "actions; they need not be those that you want to recognise. A teacher of another "
                "library can be brought in on the page Transfer instead.",
            ),
            translate("Start", "Label takes"),
            "label",
        ),
        Step.TEACHER: (
            translate("Start", "Train a teacher"),
            translate(
                "Start",
                "{actions} have labels. A teacher learns some of them from colour; what it then "
                "knows of moving people goes on to a depth student.",
            ).format(actions=words.actions(standing.n_labelled_actions)),
            translate("Start", "Train a teacher"),
            "transfer",
        ),
        Step.TRANSFER: (
            translate("Start", "Transfer to depth"),
            translate(
                "Start",
                "The teacher is there. On pairs, without any label, a student learns to see in "
                "depth what the teacher sees in colour.",
            ),
            translate("Start", "Transfer to depth"),
            "transfer",
        ),
        Step.MORE_PAIRS: (
            translate("Start", "Record more pairs"),
            "",
            translate("Start", "Record more pairs"),
            "capture",
        ),
        Step.MORE_EPOCHS: (
            translate("Start", "Transfer again, for longer"),
            "",
            translate("Start", "Open the transfer health"),
            "",
        ),
        Step.CHECK_TAKES: (
            translate("Start", "Look at the takes that are in doubt"),
            "",
            translate("Start", "Open the transfer health"),
            "",
        ),
        Step.LABELS: (
            translate("Start", "Label your own actions"),
            translate(
                "Start",
                "The student is ready. A few labelled examples of each action that you want to "
                "recognise are enough to begin with; those of two people, so that one can be "
                "tested.",
            ),
            translate("Start", "Label takes"),
            "label",
        ),
        Step.OTHER_LABELS: (
            translate("Start", "Label a little more"),
            "",
            translate("Start", "Label takes"),
            "label",
        ),
        Step.FINETUNE: (
            translate("Start", "Finetune the student"),
            translate("Start", "There are labels to train on, and people to test on."),
            translate("Start", "Finetune the student"),
            "finetune",
        ),
        Step.TEST: (
            translate("Start", "Test the recogniser"),
            translate(
                "Start",
                "It is trained, but nobody knows how good it is. A test on people whom it has "
                "never seen says so.",
            ),
            translate("Start", "Test the recogniser"),
            "",
        ),
        Step.MORE_LABELS: (
            translate("Start", "More labels make it better"),
            "",
            translate("Start", "Label more takes"),
            "label",
        ),
        Step.LARGER_TEST: (
            translate("Start", "Label takes of more people"),
            "",
            translate("Start", "Label more takes"),
            "label",
        ),
        Step.ENOUGH: (
            translate("Start", "It has learned what these labels can teach"),
            translate(
                "Start", "Other people, other clothes and other rooms say more than further labels."
            ),
            translate("Start", "Open its result"),
            "",
        ),
        Step.CURVE: (
            translate("Start", "Look at what it confuses"),
            translate(
                "Start",
                "Whether more labels would help was not found out yet: finetune with “How good it "
                "is with fewer labels” to see it.",
            ),
            translate("Start", "Open its result"),
            "",
        ),
        Step.TEST_DETECTOR: (
            translate("Start", "Test the detector"),
            translate(
                "Start",
                "It is trained, but nobody knows what it finds. A test on untrimmed takes of "
                "people whom it has never seen says so.",
            ),
            translate("Start", "Test the detector"),
            "",
        ),
        Step.DETECTOR: (
            translate("Start", "Look at what the detector misses"),
            translate(
                "Start", "Its result lists what it missed, and what it found where nothing is."
            ),
            translate("Start", "Open its result"),
            "",
        ),
    }[following.step]
    result = ""
    if following.model is not None and is_tested(following.model):
        is_detector = following.model.kind is ModelKind.DETECTOR
        result = (
            translate("Start", "The newest detector was tested: {result}.")
            if is_detector
            else translate("Start", "The newest recogniser is right on {result}.")
        ).format(result=result_line(following.model))
    reasons = " ".join(filter(None, (result, why, following.reason)))
    other, other_page = {
        Step.TAKES: (translate("Start", "Bring takes in"), "library"),
        Step.PAIRS: (translate("Start", "Bring takes in"), "library"),
        Step.SOURCE_LABELS: (translate("Start", "Bring a teacher in"), "transfer"),
        **dict.fromkeys(
            (Step.MORE_LABELS, Step.LARGER_TEST, Step.ENOUGH, Step.CURVE, Step.DETECTOR),
            (translate("Start", "See it live"), "live"),
        ),
    }.get(following.step, ("", ""))
    return Said(title, reasons, button, page, other, other_page)
