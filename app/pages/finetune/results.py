"""Recognisers and detectors with what is known of each: one in full, or several compared."""

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app import words
from app.pages.finetune.compare_view import CompareView
from app.pages.finetune.detector_view import DetectorView
from app.pages.finetune.loading import Loaded, loading
from app.pages.finetune.result_view import ResultView
from app.pages.finetune.results_list import ResultsList
from app.pages.finetune.testing import comparing, reporting, testing
from app.pages.finetune.untested_view import UntestedView
from app.studio import Studio
from app.tasks import Problem, Task, Work
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.compare import Comparison
from fsamt_engine.library import Library

_NOTHING, _RESULT, _UNTESTED, _COMPARE, _DETECTOR = range(5)


class Results(QWidget):
    """The list on the left, what is chosen in it on the right."""

    clips_wanted = Signal(object, str)
    """A list of `ShownClip`, and what they have in common."""
    failed = Signal(object)
    """A `Problem`."""
    report_saved = Signal(object)
    """The `Path` of a report that was written."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._reading: Task | None = None
        self._wanted: tuple[str, ...] = ()
        self._test: Task | None = None
        self.loaded: Loaded | None = None
        self.list = ResultsList()
        self.result = ResultView()
        self.untested = UntestedView()
        self.compare = CompareView()
        self.detector = DetectorView(studio)
        self._words = label(quiet=True, wrap=True)
        self.button = primary_button("")
        self.button.clicked.connect(self._act)
        self.list.chosen_changed.connect(self._read_chosen)
        self.result.clips_wanted.connect(self.clips_wanted)
        self.untested.clips_wanted.connect(self.clips_wanted)
        self.detector.clips_wanted.connect(self.clips_wanted)
        self.detector.failed.connect(self.failed)
        nothing = QWidget()
        column = QVBoxLayout(nothing)
        column.addWidget(self._words)
        column.addStretch(1)
        self._views = QStackedWidget()
        for view in (nothing, self.result, self.untested, self.compare, self.detector):
            self._views.addWidget(view)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * SPACING)
        row.addWidget(self.list)
        row.addWidget(self._views, 1)
        self._show_button()

    def read_library(self) -> None:
        """Read the list anew; what was chosen stays.

        Raises:
            FsamtError: The library cannot be read.
        """
        if self._studio.library is not None:
            self.list.read_library(self._studio.library)

    def choose(self, model_id: str) -> None:
        """Show one recogniser."""
        self.list.choose((model_id,))

    @property
    def is_busy(self) -> bool:
        """Whether something is being read or tested."""
        return self._reading is not None or self._test is not None

    def let_go(self) -> None:
        """The library closes: end what reads in it."""
        for task in (self._reading, self._test):
            if task is not None:
                task.wait(60_000)
        self.detector.let_go()
        self._wanted = ()
        self.loaded = None
        self._views.setCurrentIndex(_NOTHING)

    def _read_chosen(self) -> None:
        """Read what is chosen in the background; PyTorch may come in for it."""
        self._wanted = self.list.chosen
        library = self._studio.library
        if library is None:
            return
        if len(self._wanted) > 1:
            self._show_asked()
        elif not self._wanted:
            self._show_nothing(self.tr("This library has no recogniser or detector yet."))
        elif self._reading is None:
            self._read(library)

    def _read(self, library: Library) -> None:
        asked = self._wanted
        task = Task(self.tr("Reading the result"), loading(library, asked[0]), self)
        task.finished.connect(self._show)
        task.failed.connect(self._read_failed)
        task.ended.connect(lambda: self._read_ended(asked))
        self._reading = task
        if self.loaded is None:
            self._show_nothing(self.tr("Reading…"))
        task.start()

    def _read_ended(self, asked: tuple[str, ...]) -> None:
        task, self._reading = self._reading, None
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)
        library = self._studio.library
        if library is not None and self._wanted != asked and len(self._wanted) == 1:
            self._read(library)

    def _show_asked(self) -> None:
        """Several are chosen: they are compared when that is asked for, since it may take long."""
        self.loaded = None
        self.compare.show_asked(len(self._wanted))
        self._views.setCurrentIndex(_COMPARE)
        self._show_button()

    def _show(self, loaded: Loaded) -> None:
        if self._wanted != (loaded.model.id,) or loaded == self.loaded:
            return
        self.loaded = loaded
        if loaded.is_detector:
            self.detector.show_result(loaded)
            self._views.setCurrentIndex(_DETECTOR)
        elif loaded.result is not None:
            self.result.show_result(loaded)
            self._views.setCurrentIndex(_RESULT)
        else:
            self.untested.show_model(loaded)
            self._views.setCurrentIndex(_UNTESTED)
        self._show_button()

    def _read_failed(self, problem: Problem) -> None:
        self._show_nothing(problem.message)
        self.failed.emit(problem)

    def _show_nothing(self, said: str) -> None:
        self.loaded = None
        self._words.setText(said)
        self._views.setCurrentIndex(_NOTHING)
        self._show_button()

    def _show_button(self) -> None:
        """One thing to do with what is shown: save its report, or find out how good it is."""
        loaded = self.loaded
        self.button.setEnabled(loaded is not None)
        self.button.setToolTip("")
        if len(self._wanted) > 1:
            self.button.setText(self.tr("Compare {n} recognisers").format(n=len(self._wanted)))
            why_not = ""
            if self._test is not None:
                why_not = self.tr("A test is under way.")
            elif self.list.has_detector:
                why_not = self.tr("Only recognisers are compared: a detector has another test.")
            self.button.setEnabled(not why_not)
            self.button.setToolTip(
                why_not or self.tr("Test them on the same clips, and say which is better")
            )
            return
        if loaded is None or loaded.is_tested:
            self.button.setText(self.tr("Save report…"))
            if loaded is None:
                self.button.setToolTip(self.tr("No recogniser is chosen."))
            else:
                self.button.setToolTip(
                    self.tr("One HTML file with everything on this page, to send or to keep")
                )
            return
        n_takes = len({item.take_id for item in loaded.testable})
        self.button.setText(
            self.tr("Test on {takes}").format(takes=words.takes(n_takes))
            if loaded.is_detector
            else self.tr("Test on {clips}").format(clips=words.clips(len(loaded.testable)))
        )
        if not loaded.testable:
            said = self.detector.remarks if loaded.is_detector else self.untested.what
            self.button.setEnabled(False)
            self.button.setToolTip(said.text())
        if self._test is not None:
            self.button.setEnabled(False)
            self.button.setToolTip(self.tr("A test is under way."))

    def _act(self) -> None:
        library, loaded = self._studio.library, self.loaded
        if library is None:
            return
        if len(self._wanted) > 1:
            asked = self._wanted
            task = self._begin(self.tr("Comparing"), comparing(library, asked))
            if task is not None:
                task.finished.connect(lambda found: self._show_comparison(asked, found))
        elif loaded is not None and loaded.is_tested:
            self._save_report(library, loaded)
        elif loaded is not None:
            task = self._begin(self.tr("Testing"), testing(library, loaded))
            if task is not None:
                task.finished.connect(self._tested)

    def _save_report(self, library: Library, loaded: Loaded) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Save the report"),
            str(Path.home() / f"{loaded.model.id}.html"),
            self.tr("Web page (*.html)"),
        )
        if chosen:
            work = reporting(library, loaded, Path(chosen))
            task = self._begin(self.tr("Writing the report"), work)
            if task is not None:
                task.finished.connect(self.report_saved)

    def _begin(self, name: str, work: Work) -> Task | None:
        """Something that takes a while; it is seen in the status line."""
        if self._test is not None:
            return None
        task = Task(name, work, self, gentle=True, page="finetune")
        task.failed.connect(self.failed)
        task.ended.connect(self._test_ended)
        self._test = task
        self._studio.board.add(task)
        task.start()
        self._show_button()
        return task

    def _test_ended(self) -> None:
        task, self._test = self._test, None
        if task is not None:
            QTimer.singleShot(0, task, task.deleteLater)
        self._show_button()

    def _show_comparison(self, asked: tuple[str, ...], found: Comparison) -> None:
        if self._wanted == asked:
            self.compare.show_comparison(found)

    def _tested(self) -> None:
        """The list has its accuracy now, and it has a result."""
        try:
            self.read_library()
        except FsamtError as error:
            self.failed.emit(Problem.of(error))
