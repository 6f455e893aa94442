"""The loss of a training while it runs: training, validation, and the best point so far."""

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label

_AXIS_WIDTH = 52
_LINE_PX = 2


class LossCurve(QWidget):
    """Collects points, and draws all of them when it is told to.

    A drawing takes 10 ms or so; there is no grid, since that alone would double it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[float] = []
        self._losses: list[float] = []
        self._mean_steps: list[float] = []
        self._means: list[float] = []
        self._validation_steps: list[float] = []
        self._validations: list[float] = []
        self._total = 0
        self._drawn_best: tuple[float, float] | None = None
        self._has_values = True
        self._plot = pg.PlotWidget()
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setAccessibleName(self.tr("Loss over steps"))
        self._each = self._plot.plot()
        self._mean = self._plot.plot()
        self._validation = self._plot.plot(symbol="o", symbolSize=6)
        self._best = self._plot.plot(symbol="star", symbolSize=16, pen=None)
        self._each.setDownsampling(auto=True, method="mean")
        self._each.setClipToView(True)
        self.what = label(name="heading")
        self.training = label(small=True)
        self.validation = label(small=True)
        self.best = label(small=True)
        self._swatches = {role: QLabel() for role in ("accent", "caution", "good")}
        self._build()
        self._paint()
        self.clear("")

    def _build(self) -> None:
        legend = QHBoxLayout()
        legend.setSpacing(6)
        legend.addWidget(self.what)
        legend.addStretch(1)
        for swatch, words in zip(
            self._swatches.values(), (self.training, self.validation, self.best), strict=True
        ):
            swatch.setFixedSize(14, 4)
            legend.addWidget(swatch)
            legend.addWidget(words)
            legend.addSpacing(SPACING)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(legend)
        layout.addWidget(self._plot, 1)

    def clear(self, what: str) -> None:
        """Begin a new training; `what` is the loss in words."""
        for points in (
            self._steps,
            self._losses,
            self._mean_steps,
            self._means,
            self._validation_steps,
            self._validations,
        ):
            points.clear()
        self.what.setText(what)
        self._total = 0
        self.draw()

    def add_training(self, step: float, total: int, loss: float) -> None:
        """The loss of one step of `total`."""
        if total != self._total:
            self._total = total
            self._plot.setXRange(0, total, padding=0.01)
        self._steps.append(step)
        self._losses.append(loss)

    def add_epoch(self, step: float, mean_loss: float, validation: float | None) -> None:
        """The mean loss of an epoch that ended, and its validation loss where there is one."""
        self._mean_steps.append(step)
        self._means.append(mean_loss)
        if validation is not None and math.isfinite(validation):
            self._validation_steps.append(step)
            self._validations.append(validation)

    @property
    def n_points(self) -> int:
        """Steps that have been added."""
        return len(self._steps)

    @property
    def steps(self) -> list[float]:
        """The steps that have been added, in that order."""
        return list(self._steps)

    @property
    def n_epochs(self) -> int:
        """Epochs that have been added."""
        return len(self._means)

    @property
    def best_point(self) -> tuple[float, float] | None:
        """Step and validation loss of the best epoch so far."""
        if not self._validations:
            return None
        value = min(self._validations)
        return self._validation_steps[self._validations.index(value)], value

    def draw(self) -> None:
        """Show all points that were added."""
        self._each.setData(self._steps, self._losses)
        self._mean.setData(self._mean_steps, self._means)
        self._validation.setData(self._validation_steps, self._validations)
        best = self.best_point
        if best != self._drawn_best:
            self._drawn_best = best
            self._best.setData(*([[best[0]], [best[1]]] if best else [[], []]))
        nothing = "–"
        newest = self._means or self._losses
        if bool(self._steps) != self._has_values:
            self._has_values = bool(self._steps)
            for side in ("left", "bottom"):
                self._plot.getAxis(side).setStyle(showValues=self._has_values)
        training = f"{newest[-1]:.4f}" if newest else nothing
        validation = f"{self._validations[-1]:.4f}" if self._validations else nothing
        self.training.setText(self.tr("training {loss}").format(loss=training))
        self.validation.setText(self.tr("validation {loss}").format(loss=validation))
        self.best.setText(
            self.tr("★ best {loss}").format(loss=f"{best[1]:.4f}" if best else nothing)
        )
        # A training that holds nothing out has no validation, and so no best by it.
        for widget in (
            self._swatches["caution"],
            self.validation,
            self._swatches["good"],
            self.best,
        ):
            widget.setVisible(bool(self._validations))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_swatches"):
            self._paint()

    def _paint(self) -> None:
        colours = theme().palette
        self._plot.setBackground(colours.surface)
        faint = colours.mixed("accent", "surface", 0.35)
        self._each.setPen(pg.mkPen(faint, width=1))
        self._mean.setPen(pg.mkPen(colours.accent, width=_LINE_PX))
        self._validation.setPen(pg.mkPen(colours.caution, width=_LINE_PX))
        self._validation.setSymbolBrush(colours.caution)
        self._validation.setSymbolPen(None)
        self._best.setSymbolBrush(colours.good)
        self._best.setSymbolPen(pg.mkPen(colours.surface))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(colours.line)
            axis.setTextPen(colours.quiet)
            axis.setTickFont(interface_font(12))
        self._plot.getAxis("left").setWidth(_AXIS_WIDTH)
        self._plot.setLabel("bottom", self.tr("step"), color=colours.quiet)
        for role, swatch in self._swatches.items():
            swatch.setStyleSheet(f"background: {getattr(colours, role)}; border-radius: 2px;")
