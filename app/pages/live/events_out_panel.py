"""Whether events go out, and where to."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QVBoxLayout, QWidget

from app.pages.live.going_out import GoingOut
from app.tasks import Problem
from app.widgets.buttons import label
from fsamt_engine.errors import FsamtError

_WRITTEN_US = 500_000


class EventsOutPanel(QWidget):
    """Two ticks, and what became of them."""

    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, going_out: GoingOut, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._going_out = going_out
        self._written_us = 0
        self.to_file = QCheckBox(self.tr("Write events to a file…"))
        self.to_file.setToolTip(
            self.tr(
                "One line of JSON for each begin and each end: action, onset, offset, confidence, "
                "times; of a detector also when it was known, and how long after the end. Lines "
                "are added to a file that is there."
            )
        )
        self.markers = QCheckBox(self.tr("Send LSL markers"))
        self.markers.setToolTip(
            self.tr(
                "Every begin and end goes out over the Lab Streaming Layer, as “FSAMT Studio "
                "live”, stamped with the moment itself"
            )
        )
        self.state = label(quiet=True, small=True, wrap=True)
        self.state.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.to_file, self.state, self.markers):
            column.addWidget(part)
        self.to_file.toggled.connect(self._choose_file)
        self.markers.toggled.connect(self._send_markers)

    def follow(self, now_us: int) -> None:
        """Say how many were written; `now_us` by the computer's clock, since 1970 UTC."""
        if abs(now_us - self._written_us) >= _WRITTEN_US:
            self._written_us = now_us
            self._write()

    def clear(self) -> None:
        """Nothing goes out any more."""
        for tick in (self.to_file, self.markers):
            with QSignalBlocker(tick):
                tick.setChecked(False)
        self._write()

    def _choose_file(self, is_wanted: bool) -> None:
        path = ""
        if is_wanted:
            path, _ = QFileDialog.getSaveFileName(
                self,
                self.tr("Where events are written"),
                "events.jsonl",
                self.tr("JSON lines (*.jsonl)"),
                options=QFileDialog.Option.DontConfirmOverwrite,
            )
        try:
            self._going_out.write_to(Path(path) if path else None)
        except FsamtError as error:
            path = ""
            self.failed.emit(Problem.of(error))
        with QSignalBlocker(self.to_file):
            self.to_file.setChecked(bool(path))
        self._write()

    def _send_markers(self, is_wanted: bool) -> None:
        try:
            self._going_out.send_markers(is_wanted)
        except FsamtError as error:
            with QSignalBlocker(self.markers):
                self.markers.setChecked(False)
            self.failed.emit(Problem.of(error))

    def _write(self) -> None:
        path, failure = self._going_out.path, self._going_out.failure
        self.state.setVisible(path is not None)
        if failure is not None:
            self.state.setText(f"{failure.message} {failure.hint}")
        elif path is not None:
            self.state.setText(
                self.tr("{name}: {count} lines").format(
                    name=path.name, count=f"{self._going_out.n_written:,}"
                )
            )
            self.state.setToolTip(str(path))
