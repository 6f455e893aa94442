"""What can be done with a model: another name, away with it, its folder, one from elsewhere."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from app.pages.models.published import Arrival, fetching, is_published, reading, recognising
from app.pages.models.published_dialog import PublishedDialog
from app.pages.models.removing import may_remove
from app.studio import Studio
from app.tasks import Problem, Task, Work
from app.widgets.notice import Notice
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.lineage import Lineage
from fsamt_engine.library.models import remove_model, set_model_name
from fsamt_engine.library.offered_weights import OFFERED, PUBLISHED_WEIGHTS
from fsamt_engine.progress import Stop

if TYPE_CHECKING:
    from fsamt_engine.learning.published_import import Recognised

_WAIT_MS = 60_000


class ModelChanges(QObject):
    """Asks, changes the library, and says what came of it.

    Args:
        notice: Where it is said.
        place: The widget that questions stand before.
    """

    changed = Signal(str)
    """The library's models are others now; the id of what is to be seen, "" for what was."""
    busy_changed = Signal(bool)
    """Whether a model is on its way in."""

    def __init__(self, studio: Studio, notice: Notice, place: QWidget) -> None:
        super().__init__(place)
        self._studio = studio
        self._notice = notice
        self._place = place
        self._import: Task | None = None
        self._recognised: Recognised | None = None

    def rename(self, found: Lineage | None) -> None:
        """Ask for another name."""
        library = self._studio.library
        if library is None or found is None:
            return
        name, is_given = QInputDialog.getText(
            self._place, self.tr("Rename a model"), self.tr("Name:"), text=found.model.name
        )
        if is_given and name.strip() and name != found.model.name:
            self._change(lambda: set_model_name(library, found.model.id, name))

    def may_remove(self, found: Lineage) -> bool:
        """Ask whether a model may go; not while a run might need it."""
        if not self._studio.board.running:
            return may_remove(self._place, found)
        self._notice.show_message(
            self.tr("Something is under way in this library."),
            self.tr("Wait until it is done, or pause it: it may need this model."),
            "caution",
        )
        return False

    def remove(self, found: Lineage) -> None:
        """Remove a model and all that was made from it."""
        library = self._studio.library
        if library is None:
            return

        def remove() -> None:
            for one in (*reversed(found.descendants), found.model):
                remove_model(library, one.id)

        self._change(remove)

    def open_folder(self, found: Lineage | None) -> None:
        """Show a model's files."""
        library = self._studio.library
        if library is not None and found is not None:
            folder = library.absolute(found.model.path)
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def choose_source(self) -> None:
        """Ask where a model is to come from."""
        source = QFileDialog.getExistingDirectory(
            self._place, self.tr("Choose a library, or the folder of one model")
        )
        if source:
            self.bring_in(Path(source))

    def choose_bundle(self) -> None:
        """Ask which bundle is to come in."""
        source, _ = QFileDialog.getOpenFileName(
            self._place, self.tr("Choose a bundle"), "", self.tr("Bundles (*.zip)")
        )
        if source:
            self.bring_in(Path(source))

    def take_in(self, paths: Sequence[Path]) -> None:
        """Bring in what was dropped: one thing at a time, so that it is clear what came of it."""
        if self._studio.library is None:
            self._notice.show_message(
                self.tr("No library is open."), self.tr("Open or create one first."), "caution"
            )
        elif len(paths) > 1:
            self._notice.show_message(
                self.tr("{n} things were dropped at once, and nothing was brought in.").format(
                    n=len(paths)
                ),
                self.tr("Drop one bundle, one model's folder, or one library."),
                "caution",
            )
        elif self._import is not None:
            self._notice.show_message(
                self.tr("A model is on its way in already."),
                self.tr("Drop this one again when it is there."),
                "caution",
            )
        elif is_published(paths[0]):
            self._ask_about(paths[0])
        else:
            self.bring_in(paths[0])

    def choose_weights(self) -> None:
        """Ask which file of published weights is to come in, and then how."""
        source, _ = QFileDialog.getOpenFileName(
            self._place,
            self.tr("Choose published weights"),
            "",
            self.tr("Weights (*.pth *.pt *.pth.tar *.tar *.ckpt);;All files (*)"),
        )
        if source:
            self._ask_about(Path(source))

    def choose_offered(self) -> None:
        """Ask which published weights are to be fetched, and how they come in."""
        dialog = PublishedDialog(OFFERED, "", self._place)
        if dialog.exec():
            asked = dialog.asked
            self._start(self.tr("Fetching {name}").format(name=asked.name), fetching(asked))

    def bring_in(self, source: Path) -> None:
        """Bring the teachers of a library in, the model of a folder, or that of a bundle."""

        def work(library: Library, *_: object) -> list[ModelRecord]:
            from fsamt_engine.learning.model_import import import_model

            return list(import_model(library, source))

        self._start(self.tr("Bringing a model in"), work)

    def stop(self) -> None:
        """Stop what is on its way in; of weights, what was fetched stays for the next time."""
        if self._import is not None:
            self._import.stop(Stop.PAUSE)

    def _ask_about(self, source: Path) -> None:
        """Bring published weights in, after asking what they do not say.

        What they are is found out first: a wrong file is refused before anything is asked.
        """
        self._recognised = None

        def keep(found: "Recognised") -> None:
            self._recognised = found

        def ask() -> None:
            if self._recognised is None or self._studio.library is None:
                return
            what = self.tr("{file}: {network}").format(
                file=source.name, network=self._recognised.name
            )
            sees_flow = self._recognised.modality == "flow"
            dialog = PublishedDialog((), what, self._place, sees_flow=sees_flow)
            if dialog.exec():
                self._start(self.tr("Bringing weights in"), reading(source, dialog.asked))

        name = self.tr("Looking at {file}").format(file=source.name)
        self._run(name, recognising(source), keep, ask)

    def _start(self, name: str, work: Arrival) -> None:
        library = self._studio.library
        if library is not None:
            self._run(name, lambda told, asked: work(library, told, asked), self._brought_in)

    def _run(
        self,
        name: str,
        work: Work,
        use: Callable[..., None],
        then: Callable[[], None] | None = None,
    ) -> None:
        """One task at a time: its result is used, and when nothing is under way, what follows."""
        if self._studio.library is None or self._import is not None:
            return
        self._notice.hide()
        task = self._import = Task(name, work, self, page="models")
        task.finished.connect(use)
        task.failed.connect(self._notice.show_problem)
        task.cancelled.connect(self._stopped)
        task.ended.connect(self._import_ended)
        if then is not None:
            task.ended.connect(then)
        self.busy_changed.emit(True)
        self._studio.board.add(task)
        task.start()

    def let_go(self) -> None:
        """The library closes: end what is under way."""
        if self._import is not None:
            self._import.stop(Stop.CANCEL)
            self._import.wait(_WAIT_MS)

    def _brought_in(self, models: list[ModelRecord]) -> None:
        if self._studio.library is None:
            return
        self.changed.emit(models[0].id)
        hint = self.tr("Whom it has seen came with it.")
        if models[0].method == PUBLISHED_WEIGHTS:
            hint = self.tr("It has seen nobody of this library. Licence: {licence}.").format(
                licence=models[0].settings["licence"]
            )
        if any(one.kind is ModelKind.RECOGNISER for one in models):
            hint = self.tr("Whom it has seen came with it. The page Live can use it at once.")
        self._notice.show_message(
            self.tr("Brought in: {names}.").format(names=", ".join(one.name for one in models)),
            hint,
            "good",
        )

    def _stopped(self) -> None:
        self._notice.show_message(
            self.tr("Stopped; no model came in."),
            self.tr("What was fetched stays: the next time it goes on from there."),
            "caution",
        )

    def _import_ended(self) -> None:
        task, self._import = self._import, None
        self.busy_changed.emit(False)
        if task is not None:
            task.retire()

    def _change(self, change: Callable[[], None]) -> None:
        self._notice.hide()
        try:
            change()
        except FsamtError as error:
            self._notice.show_problem(Problem.of(error))
        self.changed.emit("")
