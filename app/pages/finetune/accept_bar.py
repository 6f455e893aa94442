"""Below the bands: from which score on detections are shown, and the buttons that accept them."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.evaluation.detection_scores import F1

_STEPS = 100


class AcceptBar(QWidget):
    """A threshold, what is accepted alone, and what is accepted at once."""

    threshold_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(0, _STEPS)
        self.threshold.setAccessibleName(self.tr("Least score that is shown"))
        self.threshold.valueChanged.connect(self._moved)
        self.words = label()
        self.one_button = QPushButton("")
        self.all_button = QPushButton("")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.words)
        row.addWidget(self.threshold, 1)
        row.addWidget(self.one_button)
        row.addWidget(self.all_button)

    @property
    def least_score(self) -> float:
        """The threshold."""
        return self.threshold.value() / _STEPS

    def show_threshold(self, least_score: float, best: F1 | None) -> None:
        """Set the threshold without telling of it.

        Args:
            least_score: In 0..1.
            best: Where F1 is best on the test; None without a test.
        """
        with QSignalBlocker(self.threshold):
            # Rounded down: what has the best threshold's own score is shown.
            self.threshold.setValue(int(least_score * _STEPS))
        about = self.tr("Hides what the detector is less sure of; nothing is lost by it.")
        if best is not None:
            about += "\n" + self.tr(
                "On this test F1 is best from {score:.2f} on: precision {precision:.0f} %, recall "
                "{recall:.0f} %."
            ).format(score=best.threshold, precision=100 * best.precision, recall=100 * best.recall)
        for widget in (self.threshold, self.words):
            widget.setToolTip(about)
        self._write()

    def show_counts(self, n_chosen: int, n_shown: int) -> None:
        """Say what the buttons would accept, or why they cannot.

        Args:
            n_chosen: Detections that are chosen.
            n_shown: Detections of the take from the threshold on.
        """
        self.one_button.setEnabled(n_chosen > 0)
        self.one_button.setText(
            self.tr("Accept {n} as labels").format(n=n_chosen)
            if n_chosen > 1
            else self.tr("Accept as a label")
        )
        self.one_button.setToolTip(
            self.tr("What is labelled there is cut back; Ctrl+Z takes it back (A)")
            if n_chosen
            else self.tr("Choose something that was found: on the lower band, or in the list.")
        )
        self.all_button.setText(self.tr("Accept all {n}…").format(n=f"{n_shown:,}"))
        self.all_button.setEnabled(n_shown > 0)
        self.all_button.setToolTip(
            self.tr(
                "All that was found in this take with a score from {score:.2f} on; what it would "
                "replace is shown first (Shift+A)"
            ).format(score=self.least_score)
            if n_shown
            else self.tr("Nothing was found in this take with such a score.")
        )

    def _moved(self) -> None:
        self._write()
        self.threshold_changed.emit()

    def _write(self) -> None:
        self.words.setText(self.tr("Score from {score:.2f}").format(score=self.least_score))
