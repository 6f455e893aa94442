"""What can be done with a table that is there: copied, its report opened, thrown away."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from app.pages.experiments.entries import Entry
from app.studio import Studio
from app.tasks import Problem
from app.widgets.notice import Notice
from app.widgets.question import ask
from fsamt_engine.errors import FsamtError
from fsamt_engine.experiments.published import published
from fsamt_engine.experiments.stored import StoredExperiment, remove_experiment, report_path
from fsamt_engine.experiments.tabular import as_csv, as_latex


class TakingOut(QObject):
    """Acts on the experiment that is shown."""

    removed = Signal()
    """An experiment is no more."""

    def __init__(self, studio: Studio, notice: Notice, place: QWidget) -> None:
        super().__init__(place)
        self._studio = studio
        self._notice = notice
        self._place = place
        self._entry: Entry | None = None

    def show_entry(self, entry: Entry | None) -> None:
        """Act on this one from here on."""
        self._entry = entry

    @property
    def has_table(self) -> bool:
        """Whether there is something to copy."""
        return self._stored is not None

    @property
    def has_report(self) -> bool:
        """Whether a report was written."""
        library, stored = self._studio.library, self._stored
        return bool(library and stored and report_path(library, stored.id).is_file())

    def copy_latex(self) -> None:
        """The table, for a paper."""
        self._copy(
            lambda stored: as_latex(stored.table, published(stored.kind)),
            self.tr("The table is on the clipboard, as LaTeX."),
        )

    def copy_csv(self) -> None:
        """The table, for a spreadsheet."""
        self._copy(
            lambda stored: as_csv(stored.table, published(stored.kind)),
            self.tr("The table is on the clipboard, as CSV."),
        )

    def copy_command(self) -> None:
        """What does the same from a terminal."""
        self._copy(lambda stored: stored.command, self.tr("The command is on the clipboard."))

    def open_report(self) -> None:
        """Show the report in a browser."""
        library, stored = self._studio.library, self._stored
        if library is not None and stored is not None:
            path = report_path(library, stored.id)
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def remove(self) -> None:
        """Throw the table away, if the user agrees; its models stay."""
        library, entry = self._studio.library, self._entry
        if library is None or entry is None or not self._may_remove():
            return
        self._notice.hide()
        try:
            run = entry.run
            if run is not None and (entry.stored is None or not run.status.is_over):
                self._studio.runs.remove(run.id)
            if entry.stored is not None:
                remove_experiment(library, entry.stored.id)
        except FsamtError as error:
            self._notice.show_problem(Problem.of(error))
        self.removed.emit()

    @property
    def _stored(self) -> StoredExperiment | None:
        return self._entry.stored if self._entry else None

    def _may_remove(self) -> bool:
        return ask(
            self._place,
            self.tr("Remove this table?"),
            self.tr(
                "The table and its report go. The models that were trained for it stay in the "
                "library: filled in again with the same choices, it is there at once."
            ),
            self.tr("Remove"),
            self.tr("Keep"),
        )

    def _copy(self, text_of: Callable[[StoredExperiment], str], said: str) -> None:
        if self._stored is not None:
            QGuiApplication.clipboard().setText(text_of(self._stored))
            self._notice.show_message(said, "", "good")
