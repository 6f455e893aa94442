"""Bringing takes in: dropped on the page, or chosen; and handing takes on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from app import words
from app.pages.library.arrival_dialog import ArrivalDialog
from app.pages.library.data_set_dialog import DataSetDialog
from app.pages.library.export_dialog import ExportDialog
from app.pages.library.moving import MovingBar
from app.pages.library.organiser import ids_of
from app.studio import Studio
from app.tasks import Task
from fsamt_engine.library import Library
from fsamt_engine.library.labels import actions
from fsamt_engine.library.listing import participants, sessions
from fsamt_engine.progress import OnProgress, ShouldStop, Stop

if TYPE_CHECKING:
    from fsamt_engine.datasets import ImportResult
    from fsamt_engine.datasets.arrivals import Arrival, Contents
    from fsamt_engine.datasets.exchange import ExchangeResult
    from fsamt_engine.datasets.importing import ImportChoice
    from fsamt_engine.learning.arrival_estimate import ArrivalEstimate

_NAMED = 3


class Arriving(QObject):
    """Recognises what comes, asks for names where they are missing, brings it in with progress."""

    arrived = Signal()
    """Takes came into the library, or may have."""
    labels_came = Signal(tuple)
    """Paths of label files: they come in on the page for labels."""
    told = Signal(str, str, str)
    """A message, a hint and its tone, for the page's notice."""

    def __init__(self, studio: Studio, page: QWidget, moving: MovingBar) -> None:
        super().__init__(page)
        self._studio = studio
        self._page = page
        self._moving = moving
        self.dialog: ArrivalDialog | None = None
        self.data_set_dialog: DataSetDialog | None = None
        self._measuring: Task | None = None
        self.export_dialog: ExportDialog | None = None

    def import_button(self) -> QPushButton:
        """A button with what can be chosen; folders and files need different dialogs."""
        button = QPushButton(self.tr("Import…"))
        button.setToolTip(
            self.tr("Bring takes in: a library, a data set, or recordings of a RealSense camera")
        )
        menu = QMenu(button)
        menu.addAction(self.tr("A folder: library, data set, recordings…"), self.choose_folder)
        menu.addAction(self.tr("Recordings (.db3, .bag)…"), self.choose_files)
        button.setMenu(menu)
        button.setProperty("menu", True)
        return button

    def choose_folder(self) -> None:
        """Let the user choose a folder to bring in."""
        chosen = QFileDialog.getExistingDirectory(
            self._page, self.tr("A library, a data set or a folder of recordings")
        )
        if chosen:
            self.take_in([Path(chosen)])

    def choose_files(self) -> None:
        """Let the user choose recordings to bring in."""
        chosen, _ = QFileDialog.getOpenFileNames(
            self._page,
            self.tr("Recordings of a RealSense camera"),
            "",
            self.tr("Recordings (*.db3 *.bag)"),
        )
        if chosen:
            self.take_in([Path(path) for path in chosen])

    def take_in(self, paths: Sequence[Path]) -> None:
        """Look at what came, then ask what has to be asked."""
        if self._studio.library is None:
            self.told.emit(
                self.tr("No library is open."), self.tr("Open or create one first."), "caution"
            )
            return
        if self._moving.is_moving:
            self.told.emit(
                self.tr("Something is on its way already."),
                self.tr("Wait until it is done, or stop it."),
                "caution",
            )
            return

        def work(
            on_progress: OnProgress, should_stop: ShouldStop
        ) -> "tuple[Arrival, Contents | None]":
            from fsamt_engine.datasets.arrivals import ArrivalKind, contents_of, what_is

            found = what_is(paths)
            is_data_set = found.kind is ArrivalKind.DATA_SET
            return found, contents_of(found) if is_data_set else None

        self._moving.start(self.tr("Looking at what came"), work, self._recognised)

    def hand_on(self, keys: NDArray[np.int64]) -> None:
        """Ask where takes go, and copy them there as a library; `keys` as in `takes_at`."""
        library = self._studio.library
        if library is None or not len(keys) or self._moving.is_moving:
            return
        dialog = ExportDialog(len(keys), self._page)
        dialog.accepted.connect(lambda: self._copy(library, keys, dialog))
        dialog.finished.connect(dialog.deleteLater)
        self.export_dialog = dialog
        dialog.open()

    def _copy(self, library: Library, keys: NDArray[np.int64], dialog: ExportDialog) -> None:
        folder, with_colour, with_labels = dialog.folder, dialog.with_colour, dialog.with_labels

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "ExchangeResult":
            from fsamt_engine.datasets.exchange import ExchangeChoice, export_takes

            return export_takes(
                library,
                ids_of(library, keys),
                folder,
                ExchangeChoice(with_colour, with_labels),
                on_progress=on_progress,
                should_stop=should_stop,
            )

        self._moving.start(self.tr("Exporting"), work, lambda found: self._handed_on(folder, found))

    def _recognised(self, looked_at: object) -> None:
        from fsamt_engine.datasets.arrivals import Arrival, ArrivalKind

        library = self._studio.library
        assert isinstance(looked_at, tuple)
        found, contents = looked_at
        assert isinstance(found, Arrival)
        if library is None:
            return
        if contents is not None:
            self._ask_what_of(library, found, contents)
            return
        if found.kind is ArrivalKind.LABELS:
            self.labels_came.emit(found.paths)
            return
        dialog = ArrivalDialog(
            found.words,
            self._page,
            needs_names=found.needs_names,
            sessions=sessions(library),
            participants=participants(library),
            actions=[action.name for action in actions(library)],
        )
        dialog.accepted.connect(lambda: self._bring_in(found, dialog))
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def _ask_what_of(self, library: Library, found: "Arrival", contents: "Contents") -> None:
        dialog = DataSetDialog(found.words, contents, self._page)
        dialog.estimate_wanted.connect(lambda: self._estimate(library, found, dialog))
        dialog.accepted.connect(lambda: self._bring_some_in(library, found, dialog.choice))
        dialog.finished.connect(self._drop_estimate)
        dialog.finished.connect(dialog.deleteLater)
        self.data_set_dialog = dialog
        dialog.open()

    def _estimate(self, library: Library, arrival: "Arrival", dialog: DataSetDialog) -> None:
        choice = dialog.choice

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "ArrivalEstimate":
            from fsamt_engine.datasets import DATA_SETS
            from fsamt_engine.learning.arrival_estimate import estimate_arrival

            reader = DATA_SETS[arrival.data_set]
            return estimate_arrival(
                library, reader, arrival.paths[0], choice, should_stop=should_stop
            )

        def show(found: object) -> None:
            from fsamt_engine.learning.arrival_estimate import ArrivalEstimate

            assert isinstance(found, ArrivalEstimate)
            if dialog.choice == choice:
                dialog.show_estimate(found)

        task = Task(self.tr("Measuring an import"), work, self, gentle=True, page="library")
        task.finished.connect(show)
        task.failed.connect(lambda problem: dialog.say(f"{problem.message} {problem.hint}"))
        task.ended.connect(lambda: self._forget_estimate(task))
        self._drop_estimate()
        self._measuring = task
        self._studio.board.add(task)
        task.start()

    def _drop_estimate(self) -> None:
        """The dialog is gone, or asks for another one: what is measured now is for nobody."""
        if self._measuring is not None:
            self._measuring.finished.disconnect()
            self._measuring.failed.disconnect()
            self._measuring.stop(Stop.CANCEL)
            self._measuring = None

    def _forget_estimate(self, task: Task) -> None:
        if self._measuring is task:
            self._measuring = None
        QTimer.singleShot(0, task, task.deleteLater)

    def _bring_some_in(self, library: Library, arrival: "Arrival", choice: "ImportChoice") -> None:
        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "ImportResult":
            from fsamt_engine.datasets.arrivals import bring_in

            return bring_in(
                library, arrival, choice=choice, on_progress=on_progress, should_stop=should_stop
            )

        self._moving.start(self.tr("Importing"), work, self._brought_in, can_pause=True)

    def _bring_in(self, arrival: "Arrival", dialog: ArrivalDialog) -> None:
        library = self._studio.library
        if library is None:
            return
        session, participant, action = dialog.session, dialog.participant, dialog.action

        def work(on_progress: OnProgress, should_stop: ShouldStop) -> "ImportResult":
            from fsamt_engine.datasets.arrivals import bring_in

            return bring_in(
                library,
                arrival,
                session=session,
                participant=participant,
                action=action or None,
                on_progress=on_progress,
                should_stop=should_stop,
            )

        self._moving.start(self.tr("Importing"), work, self._brought_in)

    def _brought_in(self, found: object) -> None:
        from fsamt_engine.datasets import ImportResult

        assert isinstance(found, ImportResult)
        self.arrived.emit()
        self.told.emit(
            self.tr("Came in: {takes}.").format(takes=words.takes(found.added)),
            "\n".join(self._besides(found)),
            "caution" if found.skipped else "good",
        )

    def _besides(self, found: "ImportResult") -> list[str]:
        """What did not come, and why."""
        sentences = []
        if found.already_there:
            takes = words.takes(found.already_there)
            sentences.append(self.tr("Already there: {takes}.").format(takes=takes))
        for skipped in found.skipped[:_NAMED]:
            left_out = self.tr("Left out: {file}. {reason}")
            sentences.append(left_out.format(file=skipped.file.name, reason=skipped.reason))
        if len(found.skipped) > _NAMED:
            more = self.tr("And {n} more were left out.")
            sentences.append(more.format(n=f"{len(found.skipped) - _NAMED:,}"))
        for missing in found.missing:
            sentences.append(self.tr("Missing in the data set: {what}.").format(what=missing))
        return sentences

    def _handed_on(self, folder: Path, found: object) -> None:
        from fsamt_engine.datasets.exchange import ExchangeResult

        assert isinstance(found, ExchangeResult)
        sentences = self._besides(found)
        if found.without_colour:
            takes = words.takes(len(found.without_colour))
            sentences.append(
                self.tr("Without colour, as its consent says: {takes}.").format(takes=takes)
            )
        self.told.emit(
            self.tr("Copied to {folder}: {takes}.").format(
                folder=folder, takes=words.takes(found.added)
            ),
            " ".join(sentences),
            "caution" if found.skipped or found.without_colour else "good",
        )
