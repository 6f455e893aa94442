"""The last step: what will happen, and how long it will take on this machine."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app import words
from app.lookup import Lookup
from app.tasks import Problem
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep
from fsamt_engine.library import Library
from fsamt_engine.progress import OnProgress, ShouldStop
from fsamt_engine.runs import TransferRequest
from fsamt_engine.units import format_bytes, format_duration

if TYPE_CHECKING:
    from fsamt_engine.learning.estimate import Estimate

_LEAST_ADVISED_PAIRS = 1000


class SummaryStep(WizardStep):
    """All choices in words, a measured estimate, and the button that starts it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Summary"),
            self.tr("What will happen. Every line can be changed in its step on the left."),
        )
        self._library: Library | None = None
        self._request: TransferRequest | None = None
        self._measured: TransferRequest | None = None
        self._n_pairs = 0
        self._is_shown = False
        self._look_up = Lookup(self.tr("Measuring the pace"), self)
        self._look_up.found.connect(self._show_estimate)
        self._look_up.failed.connect(self._show_problem)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(3 * SPACING)
        self._facts.setVerticalSpacing(SPACING)
        self._facts.setColumnStretch(1, 1)
        self.time = label(name="bigNumber")
        self.parts = QGridLayout()
        self.parts.setHorizontalSpacing(3 * SPACING)
        self.parts.setVerticalSpacing(4)
        self.parts.setColumnStretch(1, 1)
        self.device = label(quiet=True, wrap=True)
        self.advice = label(quiet=True, wrap=True)
        self._build()

    def _build(self) -> None:
        facts = QFrame()
        facts.setObjectName("card")
        inside = QVBoxLayout(facts)
        inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        inside.addWidget(label(self.tr("What is transferred"), name="heading"))
        inside.addLayout(self._facts)
        inside.addStretch(1)
        estimate = QFrame()
        estimate.setObjectName("card")
        inside = QVBoxLayout(estimate)
        inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        inside.setSpacing(SPACING)
        inside.addWidget(label(self.tr("How long it takes here"), name="heading"))
        inside.addWidget(self.time)
        inside.addLayout(self.parts)
        inside.addWidget(self.device)
        inside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        row.addWidget(facts, 5)
        row.addWidget(estimate, 4)
        self.body.addLayout(row)
        self.body.addWidget(self.advice)
        self.body.addStretch(1)

    def read_library(self, library: Library) -> None:
        """Measure in this library from now on."""
        self._library = library
        self._measured = None

    def show_request(
        self, request: TransferRequest | None, n_pairs: int, facts: tuple[tuple[str, str], ...]
    ) -> None:
        """Show what would be run.

        Args:
            request: None while something is missing.
            n_pairs: Of its takes.
            facts: Name and value of each choice, in words.
        """
        self._request, self._n_pairs = request, n_pairs
        _fill(self._facts, facts)
        few = 0 < n_pairs < _LEAST_ADVISED_PAIRS
        self.advice.setText(
            self.tr(
                "These are few pairs: a student of less than a thousand often stays close to where "
                "it started. It can be tried; the page after it says how well it went."
            )
            if few
            else ""
        )
        if self._is_shown:
            self._measure()

    def entered(self) -> None:
        """Measure now, unless these choices were measured before."""
        self._is_shown = True
        self._measure()
        self.changed.emit()

    def left(self) -> None:
        """Another step is shown: nothing is measured any more."""
        self._is_shown = False

    def wait(self) -> None:
        """Stop measuring, before a run begins or the library is closed."""
        self._is_shown = False
        self._measured = None
        self._look_up.drop()

    @property
    def next_text(self) -> str:
        """What the primary button starts."""
        return self.tr("Transfer {pairs}").format(pairs=words.pairs(self._n_pairs))

    @property
    def is_measured(self) -> bool:
        """Whether nothing is being measured any more."""
        return not self._look_up.is_busy

    def _measure(self) -> None:
        library, request = self._library, self._request
        if library is None or request is None or request == self._measured:
            return
        self._measured = request

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "Estimate":
            from fsamt_engine.learning.estimate import estimate_transfer

            return estimate_transfer(library, request, should_stop=should_stop)

        self.time.setText(self.tr("Measuring…"))
        self.device.setText(
            self.tr("A few steps are tried on this machine; there is no need to wait for it.")
        )
        _fill(self.parts, ())
        self._look_up.ask(work)

    def _show_estimate(self, estimate: "Estimate") -> None:
        total = estimate.prepare_s + estimate.embeddings_s + estimate.training_s
        self.time.setText(self.tr("about {time}").format(time=format_duration(total)))
        parts = (
            (self.tr("getting takes ready"), estimate.prepare_s),
            (self.tr("teacher’s embeddings"), estimate.embeddings_s),
            (self.tr("training"), estimate.training_s),
        )
        done = self.tr("done before")
        rows = [(name, format_duration(s) if round(s) else done) for name, s in parts]
        memory = self.tr("up to {bytes}").format(bytes=format_bytes(estimate.memory_bytes))
        _fill(self.parts, (*rows, (self.tr("memory"), memory)))
        self.device.setText(
            self.tr("Measured on {device} just now, as busy as it is.").format(
                device=estimate.device
            )
        )
        self.time.setAccessibleName(self.time.text())

    def _show_problem(self, problem: Problem) -> None:
        self.time.setText("–")
        self.device.setText(f"{problem.message} {problem.hint}".strip())


def _fill(grid: QGridLayout, rows: tuple[tuple[str, str], ...]) -> None:
    """Names on the left, values on the right, in place of those before."""
    while (item := grid.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
    for number, (name, value) in enumerate(rows):
        grid.addWidget(label(name, quiet=True), number, 0)
        grid.addWidget(label(value, wrap=True), number, 1)
