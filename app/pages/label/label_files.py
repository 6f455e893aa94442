"""Labels out to files, and in from them with a look at what would change."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QToolButton, QWidget

from app import words
from app.pages.label.export_dialog import BORIS, CSV, ELAN, JSON, ExportDialog
from app.pages.label.import_dialog import ImportDialog
from app.studio import Studio
from app.tasks import Work
from app.widgets.work_strip import WorkStrip
from fsamt_engine.library import Library
from fsamt_engine.library.labels import segments
from fsamt_engine.progress import OnProgress, ShouldStop

if TYPE_CHECKING:
    from fsamt_engine.labelling.files import LabelImport


class LabelFiles(QObject):
    """The menu for label files, and what its entries do; all of it in the background."""

    arrived = Signal(str)
    """Labels are in the library now; what was saved, in words."""
    written = Signal(str)
    """Labels were written; where, in words."""

    def __init__(self, studio: Studio, strip: WorkStrip, place: QWidget) -> None:
        super().__init__(place)
        self._studio = studio
        self._strip = strip
        self._place = place
        self.shown_take = ""
        self.menu = QMenu(place)
        self.import_entry = self.menu.addAction(self.tr("Import labels…"), self.choose_files)
        self.export_entry = self.menu.addAction(self.tr("Export labels…"), self.choose_form)
        self.button = QToolButton()
        self.button.setText(self.tr("Label files"))
        self.button.setToolTip(self.tr("Labels as CSV, JSON, for ELAN and for BORIS"))
        self.button.setAccessibleName(self.tr("Label files"))
        self.button.setObjectName("choiceButton")
        self.button.setFixedHeight(32)
        self.button.setIconSize(QSize(16, 16))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setMenu(self.menu)
        # Qt's own arrow lies over the words.
        self.button.setStyleSheet("QToolButton::menu-indicator { image: none; }")

    def choose_files(self) -> None:
        """Ask for label files, and read them."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._place,
            self.tr("Import labels"),
            str(Path.home()),
            self.tr("Label files (*.csv *.json *.eaf *.boris)"),
        )
        if chosen:
            self.read([Path(path) for path in chosen])

    def read(self, paths: Sequence[Path]) -> None:
        """Read label files; a dialog then shows what they would change."""
        library = self._studio.library
        if library is not None:
            self._strip.start(self.tr("Reading labels"), _reading(library, paths), self._look)

    def take_over(self, found: "LabelImport", *, replace: bool) -> None:
        """Bring labels into the library."""
        library = self._studio.library
        if library is not None:
            self._strip.start(
                self.tr("Importing labels"), _taking_over(library, found, replace), self._arrived
            )

    def choose_form(self) -> None:
        """Ask for a form and a place, and write labels there."""
        dialog = ExportDialog(bool(self.shown_take), self._place)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        form, is_one = dialog.form.value, dialog.only_this.isChecked()
        chosen = self._ask_place(form, is_one)
        if chosen:
            self.write(Path(chosen), form, [self.shown_take] if is_one else None)

    def write(self, path: Path, form: str, take_ids: Sequence[str] | None = None) -> None:
        """Write labels of these takes (None: of all that have some).

        Args:
            path: A file; a folder where ELAN gets several takes.
            form: The ending of the form's files.
            take_ids: Which takes.
        """
        library = self._studio.library
        if library is None:
            return

        def say(n: int) -> None:
            self.written.emit(
                self.tr("{labels} written to {path}").format(labels=words.labels(n), path=path)
            )

        self._strip.start(self.tr("Exporting labels"), _writing(library, path, form, take_ids), say)

    def _ask_place(self, form: str, is_one: bool) -> str:
        title = self.tr("Where the labels are written")
        if form == ELAN and not is_one:
            return QFileDialog.getExistingDirectory(self._place, title, str(Path.home()))
        kinds = {
            CSV: self.tr("Tables (*.csv)"),
            JSON: self.tr("JSON (*.json)"),
            ELAN: self.tr("ELAN files (*.eaf)"),
            BORIS: self.tr("BORIS projects (*.boris)"),
        }
        name = f"{self.shown_take if is_one else 'labels'}.{form}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._place, title, str(Path.home() / name), kinds[form]
        )
        return chosen

    def _look(self, found: "LabelImport") -> None:
        library = self._studio.library
        if library is None:
            return
        there = len(segments(library, take_ids=found.take_ids)) - found.n_there
        dialog = ImportDialog(found, there, self._place)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.take_over(found, replace=dialog.replaces)

    def _arrived(self, n: int) -> None:
        self.arrived.emit(self.tr("{labels} imported").format(labels=words.labels(n)))


# The engine's label files are imported in the task: their room brings PyTorch in.


def _reading(library: Library, paths: Sequence[Path]) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> "LabelImport":
        from fsamt_engine.labelling.files import read_labels

        return read_labels(library, paths)

    return work


def _taking_over(library: Library, found: "LabelImport", replace: bool) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> int:
        from fsamt_engine.labelling.files import apply_labels

        return apply_labels(library, found, replace=replace)

    return work


def _writing(library: Library, path: Path, form: str, take_ids: Sequence[str] | None) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> int:
        from fsamt_engine.labelling.files import LabelFormat, write_labels

        return write_labels(library, path, LabelFormat(form), take_ids)

    return work
