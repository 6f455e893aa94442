"""Found segments become labels: one at once, many after a look at what they would replace."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app import words
from app.lookup import Lookup
from app.studio import Studio
from app.tasks import Problem, Task, Work
from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library
from fsamt_engine.library.detected import Acceptance, accept_found, preview
from fsamt_engine.progress import OnProgress, ShouldStop

translate = QCoreApplication.translate

_AT_ONCE = 20
"""So many are labelled within some milliseconds."""


class Accepting(QObject):
    """Makes labels of detections as one step that can be undone.

    Args:
        studio: Whose library gets the labels.
        place: The dialog stands over it.
    """

    accepted = Signal(int)
    """So many found segments are labels now."""
    failed = Signal(object)
    """A `Problem`; nothing was labelled."""

    def __init__(self, studio: Studio, place: QWidget) -> None:
        super().__init__(place)
        self._studio = studio
        self._place = place
        self._task: Task | None = None

    @property
    def is_busy(self) -> bool:
        """Whether labels are being made."""
        return self._task is not None

    def accept(self, chosen: Sequence[Detection]) -> None:
        """Make labels of these; what several would replace is shown first."""
        library = self._studio.library
        if library is None or not chosen or self._task is not None:
            return
        if len(chosen) > 1:
            dialog = AcceptDialog(library, chosen, self._place)
            is_wanted = dialog.exec() == QDialog.DialogCode.Accepted
            dialog.let_go()
            if not is_wanted:
                return
        self._accept(library, chosen)

    def let_go(self) -> None:
        """The library closes."""
        if self._task is not None:
            self._task.wait(60_000)

    def _accept(self, library: Library, chosen: Sequence[Detection]) -> None:
        if len(chosen) <= _AT_ONCE:
            try:
                accept_found(library, chosen)
            except FsamtError as error:
                self.failed.emit(Problem.of(error))
            else:
                self._tell(len(chosen))
            return

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> int:
            accept_found(library, chosen)
            return len(chosen)

        task = Task(self.tr("Labelling"), work, self._studio, page="finetune")
        task.finished.connect(self._tell)
        task.failed.connect(self.failed)
        task.ended.connect(self._ended)
        self._task = task
        self._studio.board.add(task)
        task.start()

    def _tell(self, n: int) -> None:
        self._studio.undoing.refresh()
        self._studio.library_changed.emit()
        self.accepted.emit(n)

    def _ended(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.retire()


class AcceptDialog(QDialog):
    """How many labels there will be, and what becomes of those that there are.

    Args:
        library: Whose labels they become.
        chosen: What is to be accepted.
    """

    def __init__(
        self, library: Library, chosen: Sequence[Detection], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Accept as labels"))
        self.setMinimumWidth(440)
        self.said = label(self.tr("Comparing with the labels that there are…"), wrap=True)
        self.go = primary_button(self.tr("Accept {n}").format(n=f"{len(chosen):,}"))
        self.go.setEnabled(False)
        self.go.setToolTip(self.tr("Labels are still being compared."))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        lines.setSpacing(2 * SPACING)
        lines.addWidget(self.said)
        lines.addLayout(dialog_buttons(self, self.go))
        self.lookup = Lookup(self.tr("Comparing labels"), self)
        self.lookup.found.connect(self._show)
        self.lookup.failed.connect(self._refuse)
        self.lookup.ask(_previewing(library, tuple(chosen)))

    def let_go(self) -> None:
        """It is closed: compare no more."""
        self.lookup.drop()

    def _show(self, found: Acceptance) -> None:
        self.said.setText(acceptance_words(found))
        self.go.setEnabled(True)
        self.go.setToolTip(self.tr("One step, which Ctrl+Z takes back"))
        self.go.setFocus()

    def _refuse(self, problem: Problem) -> None:
        self.said.setText(f"{problem.message} {problem.hint}".strip())
        self.go.setToolTip(problem.message)


def acceptance_words(found: Acceptance) -> str:
    """What accepting does, in sentences."""
    said = [
        translate("Accepting", "{n} found segments in {takes} become labels.").format(
            n=f"{found.n_found:,}", takes=words.takes(found.n_takes)
        )
    ]
    if found.new_actions:
        said.append(
            translate("Accepting", "Actions that come with them: {names}.").format(
                names=words.listed(found.new_actions)
            )
        )
    if not found.n_changed and not found.n_gone:
        said.append(translate("Accepting", "No existing label changes."))
    if found.n_changed:
        said.append(
            translate("Accepting", "{n} existing labels become longer or shorter.").format(
                n=f"{found.n_changed:,}"
            )
            if found.n_changed > 1
            else translate("Accepting", "1 existing label becomes longer or shorter.")
        )
    if found.n_gone:
        said.append(
            translate("Accepting", "{n} existing labels are replaced.").format(
                n=f"{found.n_gone:,}"
            )
            if found.n_gone > 1
            else translate("Accepting", "1 existing label is replaced.")
        )
    said.append(translate("Accepting", "Ctrl+Z takes all of it back at once."))
    return "\n".join(said)


def _previewing(library: Library, chosen: tuple[Detection, ...]) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Acceptance:
        return preview(library, chosen)

    return work
