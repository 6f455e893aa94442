"""On a take: how recognition does on its labels, and whether its person was in training."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.icons import pixmap
from app.pages.live import sayings
from app.theme import SPACING, theme
from app.widgets.buttons import label
from fsamt_engine.library import TakeRow
from fsamt_engine.recognition.truth import Truth

_MARK_PX = 16


class TruthLine(QWidget):
    """A line that is there only where takes are watched."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = QLabel()
        self._mark.setFixedSize(_MARK_PX, _MARK_PX)
        self.words = label(quiet=True)
        self.caution = label()
        for part in (self.words, self.caution):
            part.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.words)
        row.addStretch(1)
        row.addWidget(self._mark)
        row.addWidget(self.caution)
        self.setToolTip(
            self.tr("What is recognised, compared with what a person labelled in this take")
        )
        self._draw()
        self.show_source(None, is_seen=False)

    def show_source(self, take: TakeRow | None, *, is_seen: bool) -> None:
        """Another source: a take, or None for what has no labels."""
        self.setVisible(take is not None)
        if take is None:
            return
        labelled = ", ".join(take.actions)
        self.words.setText(
            self.tr("Labelled: {actions}").format(actions=labelled)
            if labelled
            else self.tr("Nobody labelled this take: right and wrong are not known.")
        )
        for part in (self._mark, self.caution):
            part.setVisible(is_seen)
        if is_seen:
            self.caution.setText(self.tr("Training has seen {who}").format(who=take.participant))
            self.caution.setToolTip(
                self.tr("It recognises people whom it was trained on better than others.")
            )

    def show_truth(self, truth: Truth | None) -> None:
        """How it does so far."""
        said = sayings.truth_line(truth)
        if said:
            self.words.setText(said)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self._mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))
