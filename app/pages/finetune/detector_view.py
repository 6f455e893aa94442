"""What came of a detector: how much it finds, where it errs, and what it finds elsewhere."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app import words
from app.icons import pixmap
from app.pages.finetune.detector_sayings import (
    against_scratch,
    delay_words,
    f1_words,
    map_words,
    size_words,
    untested_words,
)
from app.pages.finetune.loading import Loaded
from app.pages.finetune.searching import SearchedTake, Searching
from app.pages.finetune.snapshot_card import SnapshotCard
from app.pages.finetune.take_bench import TakeBench
from app.studio import Studio
from app.theme import SPACING, theme
from app.widgets.accuracy_bars import AccuracyBars, AccuracyRow
from app.widgets.action_colours import colours_of
from app.widgets.buttons import label
from app.widgets.cards import card
from app.widgets.clip_strip import ShownClip
from app.widgets.overlap_table import OverlapTable
from fsamt_engine.evaluation.detection_scores import DetectionScores
from fsamt_engine.library import SnapshotItem
from fsamt_engine.library.labels import actions

_MARK_PX = 16
_LEAST_BENCH_PX = 440


class DetectorView(QScrollArea):
    """The number with its interval, takes with truth and prediction, then the tables."""

    clips_wanted = Signal(object, str)
    """A list of `ShownClip`, and what they have in common."""
    failed = Signal(object)
    """A `Problem`."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._studio = studio
        self.loaded: Loaded | None = None
        self.title = label(quiet=True, wrap=True)
        self.number = label(name="bigNumber", wrap=True)
        self.size_words = label(wrap=True)
        self.f1 = label(wrap=True, quiet=True)
        self._remark_mark = QLabel()
        self._remark_mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.remarks = label(wrap=True)
        self.more_button = QToolButton()
        self.more_button.setCheckable(True)
        self.more_button.setAccessibleName(self.tr("Further remarks"))
        self.more_button.toggled.connect(self._show_remarks)
        self._remark_place = QWidget()
        self.bench = TakeBench(studio)
        self.searching = Searching(studio)
        self.searching.found.connect(self._show_searched)
        self.searching.changed.connect(self._show_search)
        self.searching.failed.connect(self.failed)
        self.bench.failed.connect(self.failed)
        self.bench.accepted.connect(self._labels_changed)
        self.bench.search_button.clicked.connect(self._search)
        self.table = OverlapTable()
        self.bars = AccuracyBars()
        self.bars.setAccessibleName(self.tr("mAP at 0.5"))
        self.against = label(wrap=True, quiet=True)
        self.snapshot = SnapshotCard()
        self.snapshot.clip_chosen.connect(self._show_item)
        studio.undoing.stepped.connect(self._labels_changed)
        studio.engine.loaded.connect(self._show_search)
        self._build()

    def _build(self) -> None:
        remark = QHBoxLayout(self._remark_place)
        remark.setContentsMargins(0, 0, 0, 0)
        remark.setSpacing(SPACING)
        remark.addWidget(self._remark_mark, 0, Qt.AlignmentFlag.AlignTop)
        remark.addWidget(self.remarks, 1, Qt.AlignmentFlag.AlignTop)
        remark.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignTop)
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        for part in (self.title, self.number, self.size_words, self._remark_place):
            head.addWidget(part)
        self._table_card, inside = card(self.tr("Average precision, by action and overlap"))
        inside.addWidget(self.table)
        inside.addWidget(self.f1)
        inside.addStretch(1)
        self._scratch_card, inside = card(self.tr("mAP at 0.5"))
        inside.addWidget(self.bars)
        inside.addWidget(self.against)
        inside.addStretch(1)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        column.addWidget(self._head)
        column.addWidget(self.searching)
        column.addWidget(self.bench)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self._table_card, 5)
        row.addWidget(self._scratch_card, 3)
        column.addLayout(row)
        column.addWidget(self.snapshot)
        column.addStretch(1)
        self.setWidget(content)

    def show_result(self, loaded: Loaded) -> None:
        """Show a detector, with its test where there is one."""
        self.loaded = loaded
        result = loaded.detection
        self.title.setText(loaded.title)
        for part in (self.size_words, self._table_card, self._scratch_card):
            part.setVisible(result is not None)
        if result is not None:
            scores = result.scores
            self.number.setText(map_words(scores))
            self.size_words.setText(f"{size_words(scores)} {delay_words(result.test)}")
            self.f1.setText(f1_words(scores))
            self.table.show_scores(scores)
            self._show_bars(scores, result.scratch_scores)
            self.against.setText(against_scratch(result))
            self.bench.show_test(
                result.test, loaded.titles, loaded.actions, result.test.usual_threshold
            )
        else:
            self.number.setText(self.tr("Not tested yet"))
            self.bench.show_test(None, {}, loaded.actions, 0.3)
        with QSignalBlocker(self.more_button):
            self.more_button.setChecked(False)
        self._show_remarks()
        self._remark_mark.setPixmap(pixmap("caution", theme().palette.caution, _MARK_PX))
        self.snapshot.setVisible(loaded.snapshot is not None)
        if loaded.snapshot is not None:
            tested = result.test.truth if result is not None else ()
            self.snapshot.show_snapshot(loaded.line, loaded.snapshot, tested)
        self._show_search()
        self.verticalScrollBar().setValue(0)
        self._fit_bench()

    def let_go(self) -> None:
        """The library closes."""
        self.bench.let_go()
        self.loaded = None

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The takes fill what the numbers above them leave."""
        super().resizeEvent(event)
        self._fit_bench()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Labels may have changed on another page."""
        super().showEvent(event)
        self._labels_changed()

    def _fit_bench(self) -> None:
        width = self.viewport().width() - SPACING
        head = max(self._head.heightForWidth(width), self._head.minimumSizeHint().height())
        room = self.viewport().height() - head - 2 * SPACING
        self.bench.setFixedHeight(max(_LEAST_BENCH_PX, room))

    def _show_remarks(self) -> None:
        """The first one, and all of them on demand: the takes are what is looked at."""
        loaded = self.loaded
        if loaded is None:
            return
        all_of_them = loaded.detection.remarks if loaded.detection else ()
        if loaded.detection is None:
            all_of_them = (untested_words(loaded.testable, loaded.why_not),)
        is_open = self.more_button.isChecked()
        shown = all_of_them if is_open else all_of_them[:1]
        self.remarks.setText("\n".join(shown))
        self._remark_place.setVisible(bool(shown))
        n_more = len(all_of_them) - 1
        self.more_button.setVisible(n_more > 0)
        self.more_button.setText(
            self.tr("fewer") if is_open else self.tr("{n} more").format(n=n_more)
        )
        self.more_button.setToolTip("" if is_open else "\n".join(all_of_them[1:]))
        self._fit_bench()

    def _show_bars(self, scores: DetectionScores, scratch: DetectionScores | None) -> None:
        rows = [_bar(self.tr("This one"), scores, "accent")]
        if scratch is not None:
            rows.append(_bar(self.tr("From scratch"), scratch, "quiet"))
        self.bars.show_rows(rows)

    def _show_search(self) -> None:
        button = self.bench.search_button
        has_engine = self._studio.engine.facts is not None
        button.setEnabled(has_engine and not self.searching.is_busy)
        if not has_engine:
            button.setToolTip(self.tr("PyTorch is still being loaded"))
        elif self.searching.is_busy:
            button.setToolTip(self.tr("Takes are being searched already."))
        else:
            button.setToolTip(
                self.tr("Find these actions in takes without labels, and accept what is right")
            )

    def _search(self) -> None:
        if self.loaded is not None:
            tested = self.loaded.detection.test.takes if self.loaded.detection else ()
            self.searching.ask(self.loaded.model, {one.take_id for one in tested})

    def _show_searched(self, model_id: str, searched: Sequence[SearchedTake]) -> None:
        """What was found meanwhile, unless another detector is shown by now."""
        if self.loaded is not None and self.loaded.model.id == model_id:
            self.bench.show_searched(searched)

    def _labels_changed(self) -> None:
        library = self._studio.library
        if library is not None and self.loaded is not None and self.isVisible():
            self.bench.read_labels(actions(library))

    def _show_item(self, item: SnapshotItem) -> None:
        colour = colours_of(self.loaded.actions).get(str(item.action), "") if self.loaded else ""
        said = f"{item.action}\n{item.participant}"
        clip = ShownClip(item.take_id, item.start, item.end, said, colour)
        self.clips_wanted.emit([clip], str(item.action))


def _bar(name: str, scores: DetectionScores, role: str) -> AccuracyRow:
    share = scores.map_at(0.5)
    said = words.share_with_interval(share, scores.interval)
    return AccuracyRow(name, said, share, scores.interval, role)
