"""The button that lets a network say what to label next, and the work behind it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from app.pages.label.suggest_dialog import GROUPS, SuggestDialog, able_to_suggest
from app.studio import Studio
from app.tasks import Problem, Work
from app.widgets.work_strip import WorkStrip
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.detected import suggest_found
from fsamt_engine.library.suggestions import Suggestion
from fsamt_engine.progress import OnProgress, ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.labelling import Cluster


class Suggesting(QWidget):
    """Asks which network, lets it look at the takes, and tells what came of it.

    Args:
        studio: What all pages share.
        strip: Runs the work.
    """

    suggested = Signal()
    """The library has other suggestions now."""
    grouped = Signal(tuple)
    """A tuple of `Cluster`: all clips without a label."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, strip: WorkStrip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.button = QPushButton(self.tr("Suggest…"))
        self.button.clicked.connect(self.ask)
        self.strip = strip
        self.strip.ended.connect(self.allow)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.button)
        studio.engine.loaded.connect(lambda _: self.allow())
        self.allow()

    def allow(self) -> None:
        """Say what the button does, or why it cannot yet."""
        models = self._models()
        has_engine = self._studio.engine.facts is not None
        self.button.setEnabled(bool(models) and has_engine and not self.strip.is_busy)
        if not models:
            why = self.tr("This needs a student, recogniser or detector: run a transfer first")
        elif not has_engine:
            why = self.tr("PyTorch is still being loaded")
        elif self.strip.is_busy:
            why = self.tr("A network is looking at the takes already")
        else:
            why = self.tr(
                "Let a network choose the clips whose labels teach most, or put clips that look "
                "alike into groups"
            )
        self.button.setToolTip(why)

    def ask(self) -> None:
        """Ask what is wanted, and begin."""
        models = self._models()
        if not models:
            return
        dialog = SuggestDialog(models, self)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        if dialog.kind.value == GROUPS:
            self.group(dialog.chosen)
        else:
            self.suggest(dialog.chosen, dialog.number.value())

    def suggest(self, model: ModelRecord, n: int) -> None:
        """Let a network suggest clips, in the background."""
        library = self._studio.library
        if library is not None:
            finds = model.kind is ModelKind.DETECTOR
            name = self.tr("Searching takes") if finds else self.tr("Suggesting clips")
            work = find_work(library, model, n) if finds else suggest_work(library, model, n)
            self.strip.start(name, work, lambda _: self.suggested.emit())
            self.allow()

    def group(self, model: ModelRecord) -> None:
        """Let a network put clips that look alike together, in the background."""
        library = self._studio.library
        if library is not None:
            name = self.tr("Grouping clips")
            self.strip.start(name, group_work(library, model), self.grouped.emit)
            self.allow()

    def _models(self) -> list[ModelRecord]:
        library = self._studio.library
        if library is None:
            return []
        try:
            return able_to_suggest(library)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return []


def suggest_work(library: Library, model: ModelRecord, n: int) -> Work:
    """The engine's suggestions as a task's work; they are in the library afterwards."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> tuple[Suggestion, ...]:
        from fsamt_engine.labelling import suggest

        return suggest(library, model, n=n, on_progress=on_progress, should_stop=should_stop)

    return work


def find_work(library: Library, model: ModelRecord, n: int) -> Work:
    """A detector's search as a task's work; its surest segments are suggested afterwards."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> tuple[Suggestion, ...]:
        from fsamt_engine.detection.search import detect
        from fsamt_engine.labelling.suggesting import takes_to_look_at

        damaged: list[FsamtError] = []
        found = detect(
            library,
            model,
            takes_to_look_at(library, modality=model.modality),
            on_progress=on_progress,
            should_stop=should_stop,
            on_damaged=lambda _, error: damaged.append(error),
        )
        if damaged and not found:
            raise damaged[0]
        return suggest_found(library, [one for of in found.values() for one in of], model, n)

    return work


def group_work(library: Library, model: ModelRecord) -> Work:
    """The engine's groups as a task's work; its result is a tuple of `Cluster`."""

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> "tuple[Cluster, ...]":
        from fsamt_engine.labelling import clip_embeddings, cluster
        from fsamt_engine.labelling.suggesting import takes_to_look_at

        takes = takes_to_look_at(library, modality=model.modality)
        clips = clip_embeddings(
            library, model, takes, on_progress=on_progress, should_stop=should_stop
        )
        if not len(clips):
            raise FsamtError(
                "There is nothing left without a label in these takes.",
                "Record or import more takes first.",
            )
        return cluster(clips)

    return work
