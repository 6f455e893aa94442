"""Whether live recognition keeps up: rates, latency and its parts, what computes the network."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.pages.live.latency_bar import LatencyBar, part_colours
from app.pages.live.measured_list import MeasuredList
from app.theme import SPACING, interface_font
from app.widgets.buttons import IconButton, label
from app.widgets.number_cell import Number, NumberCell
from fsamt_engine.recognition.state import LiveState, Percentiles, Rates

_WRITTEN_US = 250_000
_SWATCH_PX = 10
_KEEPS_UP = 0.9
_OLD_MS = 250.0


class NumbersPanel(QWidget):
    """Written four times a second: numbers that are read have to stand still for a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._written_at_us = 0
        self.camera = NumberCell(self.tr("Camera"))
        self.answers = NumberCell(self.tr("Answers a second"))
        self.skipped = NumberCell(self.tr("Skipped"))
        self.age = NumberCell(self.tr("On the screen"))
        self.latency = label()
        self.latency.setFont(interface_font(16, semibold=True))
        self.slowest = label(small=True, quiet=True)
        self.bar = LatencyBar()
        self._swatches: list[QLabel] = []
        self._values: list[tuple[QLabel, QLabel]] = []
        self._parts = self._table()
        self.backend = label(wrap=True)
        self.unfold = IconButton("chevron-down", self.tr("Show what was measured"), checkable=True)
        self.unfold.toggled.connect(self._show_measured)
        self._measured = MeasuredList()
        self._build()
        self.clear()

    def _build(self) -> None:
        cells = QGridLayout()
        cells.setHorizontalSpacing(SPACING)
        cells.setVerticalSpacing(SPACING)
        for place, cell in enumerate((self.camera, self.answers, self.age, self.skipped)):
            cells.addWidget(cell, *divmod(place, 2))
            cells.setColumnStretch(place % 2, 1)
        computing = QHBoxLayout()
        computing.setSpacing(4)
        computing.addWidget(self.backend, 1)
        computing.addWidget(self.unfold, 0, Qt.AlignmentFlag.AlignTop)
        latency = QHBoxLayout()
        latency.setSpacing(SPACING)
        latency.addWidget(self.latency)
        latency.addWidget(self.slowest, 1, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(cells)
        column.addSpacing(4)
        column.addWidget(label(self.tr("Latency"), name="heading"))
        column.addLayout(latency)
        column.addWidget(self.bar)
        column.addWidget(self._parts)
        column.addSpacing(4)
        column.addWidget(label(self.tr("Computed by"), name="heading"))
        column.addLayout(computing)
        column.addWidget(self._measured)
        self._measured.hide()

    def show_state(self, state: LiveState, now_us: int) -> None:
        """What is known now; what comes sooner than a quarter of a second later is left out.

        Args:
            now_us: The computer's clock, microseconds since 1970 UTC.
        """
        if 0 <= now_us - self._written_at_us < _WRITTEN_US:
            return
        self._written_at_us = now_us
        age_ms = (now_us - state.answer.host_at_us) / 1e3 if state.answer else None
        self._show_rates(state.rates, age_ms)
        self._show_latency(state.timings_p50, state.timings_p95)
        self.backend.setText(state.backend_name)
        self._measured.show_measured(state.measured)
        self.unfold.setEnabled(bool(state.measured))

    def clear(self) -> None:
        """Nothing runs."""
        self._written_at_us = 0
        for cell in (self.camera, self.answers, self.age, self.skipped):
            cell.show_number(Number(words=self.tr("Nothing is being recognised.")))
        self._show_latency(None, None)
        self.backend.setText(self.tr("Measured and chosen when recognition starts."))
        self.unfold.setEnabled(bool(self._measured.measured))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the marks anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_swatches()

    def _show_rates(self, rates: Rates, age_ms: float | None) -> None:
        hz = self.tr("{rate:.1f} fps")
        self.camera.show_number(
            Number(
                hz.format(rate=rates.camera_hz),
                words=self.tr("Depth frames that came in a second. Lost on the way: {n:,}.").format(
                    n=rates.dropped
                ),
            )
        )
        lags = rates.answers_hz < _KEEPS_UP * rates.camera_hz / rates.every
        said = self.tr("There is one for every frame where it keeps up.")
        if rates.every > 1:
            said = self.tr("A detector looks at every {n}th frame where it keeps up.").format(
                n=rates.every
            )
        if lags:
            said = self.tr(
                "Fewer answers than frames: the newest frame is always the one that is looked at, "
                "and those in between are skipped."
            )
        self.answers.show_number(
            Number(
                f"{rates.answers_hz:.1f}",
                "caution" if lags else "",
                said,
            )
        )
        self.skipped.show_number(
            Number(
                f"{rates.skipped:,}",
                words=self.tr(
                    "Frames without an answer of their own, because a newer one was there already."
                ),
            )
        )
        between_ms = 1e3 * (rates.every - 1) / rates.camera_hz if rates.camera_hz else 0.0
        self.age.show_number(_age(self, age_ms, between_ms))

    def _show_latency(self, p50: Percentiles | None, p95: Percentiles | None) -> None:
        self.bar.show_timings(p50, p95)
        if p50 is None or p95 is None:
            self.latency.setText("–")
            self.slowest.clear()
            values: list[tuple[float | None, float | None]] = [(None, None)] * 4
        else:
            self.latency.setText(self.tr("{ms:.0f} ms").format(ms=p50.total_ms))
            self.slowest.setText(self.tr("95 of 100 within {ms:.0f} ms").format(ms=p95.total_ms))
            values = [
                (p50.waiting_ms, p95.waiting_ms),
                (p50.preparing_ms, p95.preparing_ms),
                (p50.network_ms, p95.network_ms),
                (p50.display_ms, p95.display_ms),
            ]
        for cells, pair in zip(self._values, values, strict=True):
            for cell, ms in zip(cells, pair, strict=True):
                cell.setText("–" if ms is None else f"{ms:.1f}")
        self.bar.setToolTip(self._bar_words())
        self.bar.setAccessibleDescription(f"{self.latency.text()}, {self.slowest.text()}")

    def _bar_words(self) -> str:
        return self.tr(
            "From the exposure of the newest frame until its answer is on the screen: the median "
            "of the last ten seconds in its parts. The upright line: 95 of 100 answers are faster."
        )

    def _table(self) -> QWidget:
        rows = (
            (
                self.tr("Waiting"),
                self.tr("The way through the camera and its cable, and the time until its turn."),
            ),
            (self.tr("Preparing"), self.tr("Finding the person, cutting, shrinking.")),
            (self.tr("Network"), self.tr("The network, smoothing, and the thresholds.")),
            (self.tr("Display"), self.tr("From the answer until it is painted.")),
        )
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACING)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for column, (word, said) in enumerate(
            (
                (self.tr("median"), self.tr("Half of the answers of the last ten seconds")),
                (self.tr("95 %"), self.tr("95 of 100 answers of the last ten seconds are faster")),
            ),
            start=2,
        ):
            head = label(word, quiet=True, small=True)
            head.setToolTip(said)
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
            grid.setColumnMinimumWidth(column, 48)
        for row, (word, said) in enumerate(rows, start=1):
            swatch = QLabel()
            swatch.setFixedSize(QSize(_SWATCH_PX, _SWATCH_PX))
            name = label(word, small=True)
            name.setToolTip(said)
            cells = (label("–", small=True), label("–", small=True))
            grid.addWidget(swatch, row, 0)
            grid.addWidget(name, row, 1)
            for column, cell in enumerate(cells, start=2):
                cell.setToolTip(said)
                grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
            self._swatches.append(swatch)
            self._values.append(cells)
        grid.addWidget(label("ms", quiet=True, small=True), 0, 1)
        self._draw_swatches()
        return table

    def _draw_swatches(self) -> None:
        for swatch, colour in zip(self._swatches, part_colours(), strict=True):
            ratio = swatch.devicePixelRatioF()
            drawn = QPixmap(round(_SWATCH_PX * ratio), round(_SWATCH_PX * ratio))
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(0, 0, _SWATCH_PX, _SWATCH_PX, 3, 3)
            painter.end()
            swatch.setPixmap(drawn)

    def _show_measured(self, unfolded: bool) -> None:
        self.unfold.show_icon("chevron-up" if unfolded else "chevron-down")
        self.unfold.say(
            self.tr("Hide what was measured") if unfolded else self.tr("Show what was measured")
        )
        self._measured.setVisible(unfolded)


def _age(panel: NumbersPanel, age_ms: float | None, between_ms: float) -> Number:
    """How old what is shown is; between two looks of a detector nothing newer can be shown."""
    if age_ms is None:
        return Number(words=panel.tr("There is no answer yet."))
    is_old = age_ms > _OLD_MS + between_ms
    said = panel.tr("How long ago the frame was exposed whose answer is on the screen now.")
    if age_ms >= 10_000:
        return Number(panel.tr("{s:.0f} s old").format(s=age_ms / 1e3), "caution", said)
    text = panel.tr("{ms:.0f} ms old").format(ms=age_ms)
    return Number(text, "caution" if is_old else "", said)
