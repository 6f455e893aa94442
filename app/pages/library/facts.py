"""What is known of the chosen take, for the inspector."""

from datetime import datetime

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.take_frames import OpenedTake, TakeFiles
from fsamt_engine.library import Intrinsics, Segment, Stream, StreamKind
from fsamt_engine.units import format_bytes


class TakeFacts(QWidget):
    """Facts in groups: take, streams, pairs, labels, calibration."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self._missing = label(small=True, wrap=True)
        self._missing.hide()
        self._content = QWidget()
        self._grid = QGridLayout(self._content)
        self._place.addWidget(self._missing)
        self._place.addWidget(self._content)
        self._place.addStretch(1)
        self.show_take(None, ())

    def show_take(self, files: TakeFiles | None, segments: tuple[Segment, ...]) -> None:
        """Show one take's facts; None asks for a take to be chosen."""
        self._clear()
        if files is None:
            self._line(self.tr("Choose a take to see what is known of it."), quiet=True)
            return
        take = files.take
        self._heading(
            self.tr("{participant} · take {number}").format(
                participant=take.participant, number=take.number
            )
        )
        self._fact(self.tr("Session"), take.session)
        if take.started_at_us > 0:
            started = datetime.fromtimestamp(take.started_at_us / 1e6)
            self._fact(self.tr("Recorded"), f"{started:%Y-%m-%d %H:%M:%S}")
        self._fact(self.tr("Length"), f"{take.duration_us / 1e6:.2f} s")
        self._fact(self.tr("Source"), take.source)
        self._fact(self.tr("Id"), take.id)
        names = {
            StreamKind.COLOUR: self.tr("Colour"),
            StreamKind.DEPTH: self.tr("Depth"),
            StreamKind.INFRARED: self.tr("Infrared"),
            StreamKind.SKELETON: self.tr("Skeleton"),
        }
        for stream in take.streams:
            self._heading(names[stream.kind])
            self._stream(stream)
        self._heading(self.tr("Pairs"))
        self._pairs(files)
        self._heading(self.tr("Labels"))
        for segment in segments:
            self._fact(segment.action, f"{segment.start}–{segment.end - 1}")
        if not segments:
            self._line(self.tr("no label"), quiet=True)
        self._heading(self.tr("Calibration"))
        self._calibration(files)

    def show_missing(self, opened: OpenedTake) -> None:
        """Say how many frames the files lack."""
        self._missing.setVisible(opened.n_missing > 0)
        self._missing.setText(
            self.tr("A file of this take is cut short or damaged. Frames missing: {count}.").format(
                count=f"{opened.n_missing:,}"
            )
        )

    def texts(self) -> str:
        """Everything that is shown, line by line."""
        shown = [self._missing, *self._content.findChildren(QLabel)]
        return "\n".join(found.text() for found in shown if not found.isHidden())

    def _stream(self, stream: Stream) -> None:
        if stream.kind is not StreamKind.SKELETON:
            self._fact(self.tr("Size"), f"{stream.width} × {stream.height}")
        self._fact(self.tr("Frames"), f"{stream.n_frames:,}")
        self._fact(self.tr("Rate"), f"{stream.rate_hz:.4g} Hz")
        if stream.unit_m is not None:
            self._fact(self.tr("Unit"), f"{stream.unit_m * 1000:.4g} mm")
        domains = {
            "device": self.tr("camera's clock"),
            "host": self.tr("computer's clock"),
            "nominal": self.tr("from the rate"),
        }
        domain = domains.get(stream.timestamp_domain, stream.timestamp_domain)
        self._fact(self.tr("Times"), domain)
        self._fact(self.tr("File"), f"{stream.codec}, {format_bytes(stream.n_bytes)}")

    def _pairs(self, files: TakeFiles) -> None:
        timeline = files.timeline
        has_both = files.depth_path is not None and files.colour_path is not None
        skews_ms = timeline.skews_us[timeline.colour_frames >= 0] / 1000
        if not has_both or not len(skews_ms):
            self._line(
                self.tr("None: this take cannot serve transfer.")
                if has_both
                else self.tr("None: this take has a single stream, so it cannot serve transfer."),
                quiet=True,
            )
            return
        self._fact(self.tr("Count"), f"{len(skews_ms):,}")
        self._fact(self.tr("Skew, median"), f"{np.median(skews_ms):.1f} ms".replace("-", "−"))
        self._fact(self.tr("Skew, largest"), f"{np.abs(skews_ms).max():.1f} ms")

    def _calibration(self, files: TakeFiles) -> None:
        calibration = files.take.calibration
        if calibration.depth is None and calibration.colour is None:
            self._line(self.tr("none stored"), quiet=True)
        for name, intrinsics in (
            (self.tr("Depth"), calibration.depth),
            (self.tr("Colour"), calibration.colour),
        ):
            if intrinsics is not None:
                self._fact(name, _intrinsics_words(intrinsics))
        if calibration.depth is not None and calibration.colour is not None:
            baseline_mm = float(np.linalg.norm(calibration.depth_to_colour_translation)) * 1000
            self._fact(self.tr("Baseline"), f"{baseline_mm:.1f} mm")

    def _clear(self) -> None:
        self._missing.hide()
        self._content.hide()
        self._content.deleteLater()
        self._content = QWidget()
        self._grid = QGridLayout(self._content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._place.insertWidget(1, self._content)

    def _wide(self, widget: QWidget) -> None:
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2)

    def _heading(self, text: str) -> None:
        heading = label(text, name="heading", wrap=True)
        if self._grid.count():
            heading.setContentsMargins(0, SPACING, 0, 0)
        self._wide(heading)

    def _fact(self, name: str, value: str) -> None:
        row = self._grid.rowCount()
        words = label(name, small=True, quiet=True)
        self._grid.addWidget(words, row, 0, Qt.AlignmentFlag.AlignTop)
        number = label(value, small=True, wrap=True)
        number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(number, row, 1)

    def _line(self, text: str, quiet: bool = False) -> None:
        self._wide(label(text, small=True, wrap=True, quiet=quiet))


def _intrinsics_words(intrinsics: Intrinsics) -> str:
    return (
        f"f {intrinsics.fx:.1f}, {intrinsics.fy:.1f}\nc {intrinsics.cx:.1f}, {intrinsics.cy:.1f} px"
    )
