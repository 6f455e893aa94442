"""What came of a finetuning: how good it is, where it errs, and whether more labels would help."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.icons import pixmap
from app.pages.finetune.clips import answer_of, clips_of_action, clips_of_cell
from app.pages.finetune.loading import Loaded
from app.pages.finetune.sayings import against_scratch, no_better_than_guessing
from app.pages.finetune.snapshot_card import SnapshotCard
from app.theme import SPACING, theme
from app.widgets.accuracy_bars import AccuracyBars, AccuracyRow
from app.widgets.action_colours import colours_of
from app.widgets.action_scores import ActionScores
from app.widgets.buttons import label
from app.widgets.cards import card
from app.widgets.clip_strip import ShownClip
from app.widgets.confusion import ConfusionMatrix
from app.widgets.label_curve import LabelCurveChart, LabelPoint
from fsamt_engine.evaluation.label_curve import LabelCurve
from fsamt_engine.evaluation.result import FinetuneResult
from fsamt_engine.evaluation.scores import Scores
from fsamt_engine.library import SnapshotItem

_MARK_PX = 16
_MATRIX_PX = 120
_ROW_PX = 24


class ResultView(QScrollArea):
    """One recogniser; what is chosen in it asks for clips."""

    clips_wanted = Signal(object, str)
    """A list of `ShownClip`, and what they have in common."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.loaded: Loaded | None = None
        self._colours: dict[str, str] = {}
        self.title = label(quiet=True, wrap=True)
        self.accuracy = label(name="bigNumber", wrap=True)
        self._remark_mark = QLabel()
        self._remark_mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.remarks = label(wrap=True)
        self._remark_place = QWidget()
        self.bars = AccuracyBars()
        self.against = label(wrap=True, quiet=True)
        self.curve = LabelCurveChart()
        self.verdict = label(wrap=True, quiet=True)
        self.matrix = ConfusionMatrix()
        self.matrix.cell_chosen.connect(self._show_cell)
        self.scores = ActionScores()
        self.scores.action_chosen.connect(self._show_action)
        self.snapshot = SnapshotCard()
        self.snapshot.clip_chosen.connect(self._show_item)
        self._build()

    def _build(self) -> None:
        remark = QHBoxLayout(self._remark_place)
        remark.setContentsMargins(0, 0, 0, 0)
        remark.setSpacing(SPACING)
        remark.addWidget(self._remark_mark, 0, Qt.AlignmentFlag.AlignTop)
        remark.addWidget(self.remarks, 1)
        accuracy, inside = card(self.tr("Accuracy"))
        inside.addWidget(self.bars)
        inside.addWidget(self.against)
        inside.addStretch(1)
        curve, inside = card(self.tr("With fewer labels"))
        inside.addWidget(self.curve, 1)
        inside.addWidget(self.verdict)
        inside.addStretch(0)
        matrix, inside = card(self.tr("What was taken for what"))
        inside.addWidget(self.matrix, 1)
        scores, inside = card(self.tr("Each action"))
        inside.addWidget(self.scores, 1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.title)
        column.addWidget(self.accuracy)
        column.addWidget(self._remark_place)
        for left, right, shares in ((accuracy, curve, (1, 1)), (matrix, scores, (4, 3))):
            row = QHBoxLayout()
            row.setSpacing(SPACING)
            row.addWidget(left, shares[0])
            row.addWidget(right, shares[1])
            column.addLayout(row)
        column.addWidget(self.snapshot)
        self.setWidget(content)

    def show_result(self, loaded: Loaded) -> None:
        """Show a recogniser with its test."""
        result = loaded.result
        assert result is not None
        self.loaded = loaded
        self._colours = colours_of(loaded.actions)
        scores, n_people = result.scores, len(result.tested_on)
        self.title.setText(loaded.title)
        self.accuracy.setText(words.accuracy(scores.accuracy, scores.interval, scores.n, n_people))
        said = [*no_better_than_guessing(scores), *result.remarks]
        self.remarks.setText("\n".join(said))
        self._remark_place.setVisible(bool(said))
        self._remark_mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))
        self._show_bars(result)
        self._show_curve(result)
        self.matrix.show_counts(scores.actions, scores.confusion)
        self.matrix.setMinimumHeight(_MATRIX_PX + _ROW_PX * len(scores.actions) + 48)
        self.scores.show_scores(scores.per_action)
        tested = [one.item for one in result.predictions]
        self.snapshot.show_snapshot(loaded.line, result.snapshot, tested)
        self.verticalScrollBar().setValue(0)

    def _show_bars(self, result: FinetuneResult) -> None:
        rows = [_bar(self.tr("This one"), result.scores, "accent")]
        if result.scratch_scores is not None:
            rows.append(_bar(self.tr("From scratch"), result.scratch_scores, "quiet"))
        self.bars.show_rows(rows, 1 / len(result.scores.actions))
        self.against.setText(against_scratch(result))

    def _show_curve(self, result: FinetuneResult) -> None:
        curve, scratch = result.curve, result.scratch_scores
        self.curve.setVisible(curve is not None)
        if curve is None:
            self.verdict.setText(
                self.tr(
                    "It was not found out how good it is with fewer labels. Finetune with "
                    "“How good it is with fewer labels” to see whether more labels would help."
                )
            )
            return
        level = []
        if scratch is not None:
            level = [LabelPoint(curve.steps[-1].n_labels, (scratch.accuracy,), scratch.interval)]
        self.curve.show_points(_points(curve), level, 1 / len(result.scores.actions))
        self.verdict.setText(curve.verdict.words)

    def _show_cell(self, true: str, answer: str) -> None:
        if self.loaded is None or self.loaded.result is None:
            return
        clips = clips_of_cell(self.loaded.result.test, true, answer, self._colours)
        if true == answer:
            title = self.tr("{action}, recognised").format(action=true)
        else:
            title = self.tr("{action}, taken for {answer}").format(action=true, answer=answer)
        self.clips_wanted.emit(clips, title)

    def _show_action(self, action: str) -> None:
        if self.loaded is not None and self.loaded.result is not None:
            clips = clips_of_action(self.loaded.result.test, action, self._colours)
            if clips:
                self.clips_wanted.emit(clips, action)

    def _show_item(self, item: SnapshotItem) -> None:
        said = f"{item.action}\n{item.participant}"
        result = self.loaded.result if self.loaded else None
        for one in result.predictions if result else ():
            if one.item == item and result is not None:
                said += self.tr(", taken for {answer}").format(answer=answer_of(result.test, one))
        colour = self._colours.get(str(item.action), "")
        clip = ShownClip(item.take_id, item.start, item.end, said, colour)
        self.clips_wanted.emit([clip], str(item.action))


def _bar(name: str, scores: Scores, role: str) -> AccuracyRow:
    said = words.share_with_interval(scores.accuracy, scores.interval)
    return AccuracyRow(name, said, scores.accuracy, scores.interval, role)


def _points(curve: LabelCurve) -> list[LabelPoint]:
    return [
        LabelPoint(step.n_labels, step.accuracies, step.interval, step.name) for step in curve.steps
    ]
