"""How well a transfer went: histograms, retrieval, pairs with their neighbours, and what to do."""

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.icons import pixmap
from app.pages.transfer.health_report import HealthReport
from app.pages.transfer.histogram import CosineHistogram
from app.pages.transfer.pair_list import PairList
from app.pages.transfer.retrieval_bars import RetrievalBars
from app.studio import Studio
from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label, primary_button
from app.widgets.clip_viewer import ClipViewer, ShownClip

_MARK_PX = 20
_LIST_WIDTH = 344
_FEW = 10
_TONES = {
    "go on to labelling": "good",
    "more pairs": "caution",
    "more epochs": "caution",
    "check these takes": "caution",
}


class HealthView(QWidget):
    """One student's transfer health.

    Args:
        studio: For the clips' player.
    """

    advice_taken = Signal(object)
    """The primary button was pressed: the `HealthReport` whose advice is followed."""
    clip_wanted = Signal(str, int, int)
    """Take, first frame, end: to be shown in the library."""
    steps_wanted = Signal()
    """Back to the steps of a transfer."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: HealthReport | None = None
        self.primary = primary_button("")
        self.primary.clicked.connect(lambda: self.advice_taken.emit(self._report))
        self.back = QPushButton(self.tr("To the steps"))
        self.back.setToolTip(self.tr("Back to choosing a transfer"))
        self.back.clicked.connect(self.steps_wanted)
        self.heading = label(name="bigNumber")
        self.about = label(quiet=True, wrap=True)
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.advice = label(wrap=True)
        self.advice.setFont(interface_font(semibold=True))
        self.caution = label(small=True, quiet=True, wrap=True)
        self.histogram = CosineHistogram()
        self.retrieval = RetrievalBars()
        self.pairs = PairList()
        self.clips = ClipViewer(studio)
        self.pairs.chosen_changed.connect(self._show_clips)
        self.clips.clip_wanted.connect(self.clip_wanted)
        self._build()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self.heading, 1)
        top.addWidget(self.back)
        advice = QHBoxLayout()
        advice.setSpacing(SPACING)
        advice.addWidget(self._mark)
        advice.addWidget(self.advice, 1)
        measures = QHBoxLayout()
        measures.setSpacing(SPACING)
        measures.addWidget(_card(self.tr("Cosine on held-out pairs"), self.histogram), 1)
        measures.addWidget(_card(self.tr("Finding the right partner"), self.retrieval), 1)
        clips = QHBoxLayout()
        clips.setSpacing(SPACING)
        self.pairs.setFixedWidth(_LIST_WIDTH)
        clips.addWidget(self.pairs)
        clips.addWidget(self.clips, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.about)
        column.addLayout(advice)
        column.addLayout(measures, 2)
        column.addWidget(self.caution)
        column.addLayout(clips, 3)

    def show_report(self, report: HealthReport) -> None:
        """Show what was measured of a student."""
        self._report = report
        health = report.health
        self.heading.setText(report.student.name)
        self.about.setText(
            self.tr(
                "{held_out} of {all} takes or parts of takes were held out of the transfer; "
                "everything here is measured on one clip of each, on {device}. No label was read."
            ).format(held_out=health.n_held_out, all=health.n_videos, device=health.device)
        )
        self.advice.setText(health.advice.words)
        self.caution.setText(
            self.tr(
                "Only {n} clips were held out: these numbers say little. With more takes in the "
                "transfer more are held out."
            ).format(n=health.n_held_out)
            if health.n_held_out < _FEW
            else ""
        )
        self.caution.setVisible(bool(self.caution.text()))
        self.histogram.show_cosines(health.matched, health.random)
        self.retrieval.show_retrieval(health.retrieval)
        self.primary.setText(report.button_text)
        self.primary.setToolTip(self.tr("What follows from these numbers (Ctrl+Enter)"))
        self.pairs.show_report(report)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw()

    def _draw(self) -> None:
        if self._report is not None:
            tone = _TONES[str(self._report.health.advice.code)]
            self._mark.setPixmap(pixmap(tone, getattr(theme().palette, tone), _MARK_PX))

    def _show_clips(self) -> None:
        """The chosen pair, and what the teacher sees as the student sees it."""
        report, pair = self._report, self.pairs.chosen
        if report is None or pair is None:
            return
        own = pair.item
        clips = [
            ShownClip(
                own.take_id,
                own.start,
                own.end,
                self.tr("This clip\ncosine {cosine:.2f}").format(cosine=pair.cosine),
            )
        ]
        for neighbour in pair.neighbours:
            item = neighbour.item
            text = self.tr("{name}\ncosine {cosine:.2f}").format(
                name=report.name_of(item.take_id), cosine=neighbour.cosine
            )
            if neighbour.is_partner:
                text += "\n" + self.tr("✓ the right one")
            clips.append(ShownClip(item.take_id, item.start, item.end, text))
        title = self.tr("{name}: what it is nearest to").format(name=report.name_of(own.take_id))
        self.clips.show_clips(clips, title)


def _card(title: str, content: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(2 * SPACING, SPACING, 2 * SPACING, SPACING)
    inside.setSpacing(4)
    inside.addWidget(label(title, name="heading"))
    inside.addWidget(content, 1)
    return card
