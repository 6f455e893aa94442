"""What is known of the chosen take, for the inspector."""

import re
from datetime import datetime

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.pages.library.pieces import Pieces
from app.pages.library.verdict import Verdict
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.skew_histogram import SkewHistogram
from app.widgets.take_frames import OpenedTake, TakeFiles
from fsamt_engine.library import Intrinsics, Recording, Segment, Stream, StreamKind
from fsamt_engine.library.completeness import StreamQuality
from fsamt_engine.library.compositions import Piece
from fsamt_engine.library.quality import TakeQuality
from fsamt_engine.units import format_bytes

_MAY_BREAK = "\u200b"
"""Takes no room; a line can end there."""


class TakeFacts(QWidget):
    """Facts in groups: verdict, take, pieces, pairs, recording, streams, labels, calibration."""

    clip_wanted = Signal(str, int, int)
    """A take and an interval of it, that a composed take shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self._missing = label(small=True, wrap=True)
        self._missing.hide()
        self._tells_elsewhere = False
        self._content = QWidget()
        self._grid = QGridLayout(self._content)
        self._place.addWidget(self._missing)
        self._place.addWidget(self._content)
        self._place.addStretch(1)
        self.show_take(None, None, ())

    def show_take(
        self,
        files: TakeFiles | None,
        quality: TakeQuality | None,
        segments: tuple[Segment, ...],
        composition: tuple[Piece, ...] = (),
    ) -> None:
        """Show one take's facts; None asks for a take to be chosen."""
        self._clear()
        if files is None or quality is None:
            self._line(self.tr("Choose a take to see what is known of it."), quiet=True)
            return
        take = files.take
        self._heading(
            self.tr("{participant} · take {number}").format(
                participant=take.participant, number=take.number
            )
        )
        self._wide(Verdict(quality))
        self._fact(self.tr("Session"), take.session)
        if take.started_at_us > 0:
            started = datetime.fromtimestamp(take.started_at_us / 1e6)
            self._fact(self.tr("Recorded"), f"{started:%Y-%m-%d %H:%M:%S}")
        self._fact(self.tr("Length"), f"{take.duration_us / 1e6:.2f} s")
        self._fact(self.tr("Source"), take.source)
        self._fact(self.tr("Id"), take.id)
        if composition:
            pieces = Pieces(composition, take.main.rate_hz)
            pieces.clip_wanted.connect(self.clip_wanted)
            self._wide(pieces)
        self._heading(self.tr("Pairs"))
        self._pairs(files, quality)
        if take.recording is not None:
            self._heading(self.tr("Recording"))
            self._recording(take.recording)
        names = self._names()
        for stream in take.streams:
            self._heading(names[stream.kind])
            self._stream(stream, quality.stream(stream.kind))
        self._heading(self.tr("Labels"))
        for segment in segments:
            self._fact(segment.action, f"{segment.start}–{segment.end - 1}")
        if not segments:
            self._line(self.tr("no label"), quiet=True)
        self._heading(self.tr("Calibration"))
        self._calibration(files)

    def show_opened(self, opened: OpenedTake) -> None:
        """Say how many frames the files lack, and which of them lie outside the library."""
        self._missing.setVisible(opened.n_missing > 0)
        self._missing.setText(
            self.tr(
                "A file of this take is gone, cut short or damaged. Frames missing: {count}."
            ).format(count=f"{opened.n_missing:,}")
        )
        if opened.elsewhere and not self._tells_elsewhere:
            self._tells_elsewhere = True
            self._heading(self.tr("Outside the library"))
            for kind, place, n_bytes in opened.elsewhere:
                self._fact(self._names()[kind], format_bytes(n_bytes))
                self._place_of(place)

    def texts(self) -> str:
        """Everything that is shown, line by line."""
        shown = [self._missing, *self._content.findChildren(QLabel)]
        texts = "\n".join(found.text() for found in shown if not found.isHidden())
        return texts.replace(_MAY_BREAK, "")

    def _recording(self, recording: Recording) -> None:
        self._fact(self.tr("Camera"), recording.device or recording.camera)
        for name, value in (
            (self.tr("Serial"), recording.serial),
            (self.tr("Firmware"), recording.firmware),
            (self.tr("USB"), recording.usb_type),
        ):
            if value:
                self._fact(name, value)
        ends = {
            "stopped": self.tr("stopped"),
            "unplugged": self.tr("the camera was unplugged"),
            "disk full": self.tr("the disk was nearly full"),
            "file ended": self.tr("the file ended"),
            "killed": self.tr("recovered: the program ended while it recorded"),
        }
        self._fact(self.tr("Ended"), ends[recording.ended])
        if recording.part > 1:
            self._fact(self.tr("Part"), f"{recording.part}")
        if recording.marks:
            texts = dict.fromkeys(text for text, _ in recording.marks)
            self._fact(self.tr("Marks"), ", ".join(texts))

    def _stream(self, stream: Stream, quality: StreamQuality | None) -> None:
        if stream.kind is not StreamKind.SKELETON:
            self._fact(self.tr("Size"), f"{stream.width} × {stream.height}")
        self._fact(self.tr("Frames"), f"{stream.n_frames:,}")
        if quality is None or quality.rate_hz is None:
            self._fact(self.tr("Rate"), f"{stream.rate_hz:.4g} Hz")
        else:
            rate = self.tr("{real} of {nominal} Hz").format(
                real=f"{quality.rate_hz:.2f}", nominal=f"{stream.rate_hz:.4g}"
            )
            self._fact(self.tr("Rate"), rate)
            self._fact(self.tr("Longest gap"), f"{quality.longest_gap_us / 1000:.0f} ms")
        if quality is not None:
            self._losses(quality)
        if stream.unit_m is not None:
            self._fact(self.tr("Unit"), f"{stream.unit_m * 1000:.4g} mm")
        domains = {
            "device": self.tr("camera's clock"),
            "host": self.tr("computer's clock"),
            "nominal": self.tr("from the rate"),
        }
        domain = domains.get(stream.timestamp_domain, stream.timestamp_domain)
        self._fact(self.tr("Times"), domain)
        size = self.tr("outside") if stream.is_elsewhere else format_bytes(stream.n_bytes)
        self._fact(self.tr("File"), f"{stream.codec}, {size}")

    def _names(self) -> dict[StreamKind, str]:
        return {
            StreamKind.COLOUR: self.tr("Colour"),
            StreamKind.DEPTH: self.tr("Depth"),
            StreamKind.INFRARED: self.tr("Infrared"),
            StreamKind.SKELETON: self.tr("Skeleton"),
        }

    def _losses(self, quality: StreamQuality) -> None:
        """What was lost is said also where it is nothing, what is odd only where it happened."""
        self._fact(self.tr("Missing"), f"{quality.n_missing:,}")
        self._fact(self.tr("Dropped"), f"{quality.n_dropped:,}")
        if quality.n_alone:
            self._fact(self.tr("Unpaired"), f"{quality.n_alone:,}")
        if quality.n_twice:
            self._fact(self.tr("Came twice"), f"{quality.n_twice:,}")

    def _pairs(self, files: TakeFiles, quality: TakeQuality) -> None:
        timeline = files.timeline
        has_both = files.depth_path is not None and files.colour_path is not None
        skews_ms = timeline.skews_us[timeline.colour_frames >= 0] / 1000
        if not has_both or not len(skews_ms):
            if has_both:
                why = self.tr("None: this take cannot serve transfer.")
            elif files.colour_path is None:
                why = self.tr("None: this take has no colour, so it cannot serve transfer.")
            else:
                why = self.tr("None: there is no depth. Colour goes with the rest by its times.")
            self._line(why, quiet=True)
            return
        self._fact(self.tr("Count"), f"{len(skews_ms):,}")
        if quality.skew_95_us is None:
            self._fact(self.tr("Skew"), self.tr("not known"))
            return
        self._fact(self.tr("Skew, median"), f"{np.median(skews_ms):.1f} ms".replace("-", "−"))
        sizes_ms = np.abs(skews_ms)
        self._fact(self.tr("Skew, 95 %"), f"{np.percentile(sizes_ms, 95):.1f} ms")
        self._fact(self.tr("Skew, largest"), f"{sizes_ms.max():.1f} ms")
        if quality.clock == "host":
            self._fact(self.tr("Clock"), self.tr("arrival at this computer"))
        histogram = SkewHistogram()
        histogram.show_skews(timeline.skews_us[timeline.colour_frames >= 0])
        self._wide(histogram)

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
        self._tells_elsewhere = False
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

    def _place_of(self, path: str) -> None:
        """A path of any length in the width that is there."""
        shown = label(re.sub(r"([/\\_.-])", rf"\1{_MAY_BREAK}", path), small=True, wrap=True)
        shown.setToolTip(path)
        shown.setAccessibleName(path)
        # Not even a name without a single mark in it makes the inspector wider than it is.
        shown.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._wide(shown)

    def _line(self, text: str, quiet: bool = False) -> None:
        self._wide(label(text, small=True, wrap=True, quiet=quiet))


def _intrinsics_words(intrinsics: Intrinsics) -> str:
    return (
        f"f {intrinsics.fx:.1f}, {intrinsics.fy:.1f}\nc {intrinsics.cx:.1f}, {intrinsics.cy:.1f} px"
    )
