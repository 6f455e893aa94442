"""A detector searches takes that its test does not have, in the background."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.pages.finetune.search_dialog import SearchDialog
from app.pages.finetune.shown_takes import span_of, title_of
from app.studio import Studio
from app.tasks import Problem, Work
from app.widgets.work_strip import WorkStrip
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_test import TestedTake
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.listing import list_takes
from fsamt_engine.library.takes import take, take_ids_with
from fsamt_engine.modalities.available import kinds_of
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, ShouldStop


@dataclass(frozen=True)
class SearchedTake:
    """A take that was searched.

    Attributes:
        found: The surest first.
    """

    span: TestedTake
    title: str
    found: tuple[Detection, ...]


class Searching(QWidget):
    """Asks which takes, and runs the search; seen only while one is under way."""

    found = Signal(str, object)
    """Id of the detector, and a list of `SearchedTake`."""
    changed = Signal()
    """It has begun or ended."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.strip = WorkStrip(studio, "finetune")
        self.strip.failed.connect(self.failed)
        self.strip.ended.connect(self._ended)
        self.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)

    @property
    def is_busy(self) -> bool:
        """Whether takes are being searched."""
        return self.strip.is_busy

    def ask(self, model: ModelRecord, tested: Collection[str]) -> None:
        """Ask which takes, those of the test aside, and search them."""
        library = self._studio.library
        if library is None or self.is_busy:
            return
        try:
            able = set(take_ids_with(library, kinds_of(Modality(model.modality)))) - set(tested)
            rows = [row for row in list_takes(library) if row.id in able]
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
            return
        if not rows:
            nothing = self.tr("There is no other take with {modality}.").format(
                modality=model.modality
            )
            self.failed.emit(Problem(nothing, self.tr("Record or import takes first.")))
            return
        dialog = SearchDialog(rows, self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.search(model, dialog.chosen)

    def search(self, model: ModelRecord, take_ids: Sequence[str]) -> None:
        """Search these takes."""
        library = self._studio.library
        if library is not None and take_ids:
            work = search_work(library, model, take_ids)
            name = self.tr("Searching takes")
            self.strip.start(name, work, lambda found: self.found.emit(model.id, found))
            self.show()
            self.changed.emit()

    def _ended(self) -> None:
        self.hide()
        self.changed.emit()


def search_work(library: Library, model: ModelRecord, take_ids: Sequence[str]) -> Work:
    """The search as a task's work; its result is a list of `SearchedTake`.

    A take whose frames cannot be read is left out, unless it is the only one.
    """

    def work(on_progress: OnProgress, should_stop: ShouldStop) -> list[SearchedTake]:
        from fsamt_engine.detection.search import detect

        damaged: list[FsamtError] = []
        found = detect(
            library,
            model,
            take_ids,
            on_progress=on_progress,
            should_stop=should_stop,
            on_damaged=lambda _, error: damaged.append(error),
        )
        if damaged and not found:
            raise damaged[0]
        takes = [take(library, take_id) for take_id in found]
        return [SearchedTake(span_of(one), title_of(one), found[one.id]) for one in takes]

    return work
