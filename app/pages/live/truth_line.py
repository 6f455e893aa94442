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
    """A line that is there only where takes are watched; it counts on from take to take."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before, self._now = Truth(None), Truth(None)
        self._n_takes = 0
        self._is_labelled = False
        self._model_id = ""
        self._mark = QLabel()
        self._mark.setFixedSize(_MARK_PX, _MARK_PX)
        self.words = label(quiet=True)
        self.caution = label()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.words, 1)
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
        self._is_labelled = bool(take.actions)
        self._write()
        for part in (self._mark, self.caution):
            part.setVisible(is_seen)
        if is_seen:
            self.caution.setText(self.tr("Training has seen {who}").format(who=take.participant))
            self.caution.setToolTip(
                self.tr("It recognises people whom it was trained on better than others.")
            )

    def begin(self, model_id: str) -> None:
        """Another take begins; with another recogniser the count begins anew."""
        if model_id != self._model_id:
            self._model_id, self._n_takes = model_id, 0
            self._before = Truth(None)
        else:
            self._before = _sum(self._before, self._now)
        self._now = Truth(None)
        self._n_takes += 1
        self._write()

    def show_truth(self, truth: Truth | None) -> None:
        """How it does in this take so far."""
        if truth is not None and truth != self._now:
            self._now = truth
            self._write()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _write(self) -> None:
        said = sayings.truth_line(_sum(self._before, self._now), self._n_takes)
        if not self._is_labelled:
            unknown = self.tr("Nobody labelled this take: right and wrong are not known.")
            said = f"{unknown} {said}".strip()
        self.words.setText(said or self.tr("Labelled: right and wrong are shown as it goes."))

    def _draw(self) -> None:
        self._mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))


def _sum(one: Truth, other: Truth) -> Truth:
    """What two takes come to."""
    return Truth(
        None,
        None,
        one.n_right + other.n_right,
        one.n_answers + other.n_answers,
        one.n_found + other.n_found,
        one.n_segments + other.n_segments,
        one.n_false_alarms + other.n_false_alarms,
        other.overlap,
    )
