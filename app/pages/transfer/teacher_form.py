"""Choosing what a teacher learns, and from whom."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app import words
from app.engine import EngineFacts
from app.lookup import Lookup
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice, FitFields, TickList
from fsamt_engine.evaluation.protocols import left_for_test
from fsamt_engine.library import BACKGROUND, Library, StreamKind
from fsamt_engine.library.labels import actions, segments
from fsamt_engine.library.takes import participant_counts, take_ids_with
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs import TeacherRequest

_FEWEST_ACTIONS = 2


class TeacherForm(QWidget):
    """Source modality, source actions, participants, network."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library: Library | None = None
        self._n_labels: int | None = None
        self._counting = Lookup(self.tr("Counting labels"), self)
        self._counting.found.connect(self._show_count)
        self._counting.failed.connect(self._show_count_problem)
        self.modality = Choice(
            self.tr("Source modality"),
            (
                (
                    "flow",
                    self.tr("flow"),
                    self.tr("Sees how the picture moves; the better teacher in the paper."),
                ),
                ("rgb", self.tr("rgb"), self.tr("Sees the colours themselves.")),
            ),
        )
        self.source_actions = TickList(self.tr("Source actions"))
        self.source_actions.setToolTip(
            self.tr("Other actions than the ones that the student is to recognise later")
        )
        self.participants = TickList(self.tr("Participants"))
        self.participants.setToolTip(
            self.tr("Untick the people you will test on later, so that the test stays fair")
        )
        self.summary = label(small=True, quiet=True, wrap=True)
        self.fit = FitFields(self.tr("Network"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(4)
        column.addWidget(label(self.tr("Source modality")))
        column.addWidget(self.modality)
        column.addSpacing(SPACING)
        lists = QGridLayout()
        lists.setSpacing(4)
        lists.setHorizontalSpacing(SPACING)
        lists.addWidget(label(self.tr("Source actions")), 0, 0)
        lists.addWidget(label(self.tr("Participants")), 0, 1)
        lists.addWidget(self.source_actions, 1, 0)
        lists.addWidget(self.participants, 1, 1)
        lists.setColumnStretch(0, 4)
        lists.setColumnStretch(1, 3)
        lists.setRowStretch(1, 1)
        column.addLayout(lists, 1)
        column.addWidget(self.summary)
        column.addSpacing(SPACING)
        column.addWidget(self.fit)
        self.modality.changed.connect(self.changed)
        self.source_actions.ticked.connect(self._count)
        self.participants.ticked.connect(self._count)
        self.fit.changed.connect(self.changed)

    def read_library(self, library: Library) -> None:
        """Offer the actions and participants of a library.

        Raises:
            FsamtError: It cannot be read.
        """
        is_new = library is not self._library
        self._library = library
        participants = participant_counts(library)
        known = {action.name: action.n_segments for action in actions(library) if action.n_segments}
        self.source_actions.show_names(
            {name: f"{name} · {words.labels(n)}" for name, n in known.items()}
        )
        self.participants.show_names(
            {name: f"{name} · {words.takes(count)}" for name, count in participants.items()}
        )
        if is_new:
            for name in participants:
                self.participants.tick(name, name not in left_for_test(tuple(participants)))
            for name in _left_for_student(known):
                self.source_actions.tick(name, False)
        self._count()

    def show_engine(self, facts: EngineFacts | None) -> None:
        """Offer networks and devices."""
        self.fit.show_engine(facts, facts.teacher_epochs if facts else 1)

    @property
    def button_text(self) -> str:
        """What the primary button says."""
        if self._n_labels is None:
            return self.tr("Train teacher")
        return self.tr("Train teacher on {labels}").format(labels=words.labels(self._n_labels))

    @property
    def obstacle(self) -> str:
        """Why it cannot start, "" where it can."""
        if len(self.source_actions.names()) < _FEWEST_ACTIONS:
            return self.tr("A teacher needs at least two actions to tell apart.")
        if self._n_labels is None:
            return self.tr("The labels are being counted.")
        if not self._n_labels:
            return self.tr("No take with colour has a label of these actions and participants.")
        if self.fit.choice is None:
            return self.tr("PyTorch is still loading.")
        return ""

    @property
    def request(self) -> TeacherRequest | None:
        """What is chosen, None while something is missing."""
        fit = self.fit.choice
        if fit is None or self.obstacle:
            return None
        return TeacherRequest(
            modality=self.modality.value,
            actions=self.source_actions.names(),
            participants=self.participants.names(),
            network=fit.network,
            epochs=fit.epochs,
            seed=fit.seed,
            device=fit.device,
        )

    def wait(self) -> None:
        """Wait until the labels are counted, before the library is closed."""
        self._library = None
        self._counting.drop()

    def _count(self) -> None:
        """Count what is ticked, in the background: a large library has a million labels."""
        library = self._library
        if library is None:
            return
        actions, participants = self.source_actions.names(), self.participants.names()

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> tuple[int, int]:
            with_colour = set(take_ids_with(library, (StreamKind.COLOUR,), participants))
            found = segments(library, actions=actions, participants=participants, composed=False)
            usable = [segment.action for segment in found if segment.take_id in with_colour]
            return len(usable), len(set(usable))

        self._n_labels = None
        self.summary.setText(self.tr("Counting labels…"))
        self._counting.ask(work)
        self.changed.emit()

    def _show_count(self, counts: tuple[int, int]) -> None:
        self._n_labels, n_actions = counts
        self.summary.setText(
            self.tr("{labels} of {actions}, on takes with colour.").format(
                labels=words.labels(self._n_labels), actions=words.actions(n_actions)
            )
        )
        self.changed.emit()

    def _show_count_problem(self, problem: Problem) -> None:
        self.summary.setText(f"{problem.message} {problem.hint}")


def _left_for_student(actions: Iterable[str]) -> list[str]:
    """The actions that are not ticked at first: what a teacher learns, a student need not.

    Pairs of the teacher's own takes teach little, so a teacher of everything leaves none.
    """
    others = sorted(name for name in actions if name != BACKGROUND)
    n_source = max(_FEWEST_ACTIONS, len(others) // 2)
    return [*others[n_source:], BACKGROUND]
