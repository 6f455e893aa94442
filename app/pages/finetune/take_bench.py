"""Takes that a detector has searched: the player, its bands below, and what to look into beside."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.lookup import Lookup
from app.pages.finetune.accept_bar import AcceptBar
from app.pages.finetune.accepting import Accepting
from app.pages.finetune.found_list import FoundRow
from app.pages.finetune.found_panel import FoundPanel
from app.pages.finetune.judging import Evidence, Judged, judge, only_found
from app.pages.finetune.searching import SearchedTake
from app.pages.finetune.shown_takes import open_take
from app.studio import Studio
from app.tasks import Problem, Work
from app.theme import SPACING
from app.widgets.action_colours import colours_of
from app.widgets.bands import Bands
from app.widgets.buttons import IconButton, label
from app.widgets.player import Player
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detection_test import DetectionTest
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.library import Segment
from fsamt_engine.library.labels import segments
from fsamt_engine.library.records import Action
from fsamt_engine.progress import OnProgress, ShouldStop

translate = QCoreApplication.translate

_SETTLED_MS = 60
_STARTS_AT = 0.3


class TakeBench(QWidget):
    """One take at a time; a threshold that hides what is less sure; labels made of what is right.

    E and Shift+E go from error to error, A accepts what is chosen, Shift+A all that is shown of the
    take; Space plays, the arrows go from frame to frame.

    Attributes:
        judged: The test from the threshold on; None before it was judged, and without a test.
        evidence: Of the shown take.
    """

    clip_wanted = Signal(str, int, int)
    """An interval is to be seen in the library."""
    label_wanted = Signal(str)
    """A take is to be seen where takes are labelled."""
    failed = Signal(object)
    """A `Problem`."""
    accepted = Signal(int)
    """So many found segments are labels now."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._test: DetectionTest | None = None
        self._titles: Mapping[str, str] = {}
        self._actions: Sequence[Action] = ()
        self._searched: dict[str, SearchedTake] = {}
        self._labels: dict[str, list[Segment]] = {}
        self._wanted: tuple[str, int] | None = None
        self.judged: Judged | None = None
        self.evidence: Evidence | None = None
        self.takes = QComboBox()
        self.takes.setAccessibleName(self.tr("Take"))
        self.takes.setToolTip(self.tr("Which take is shown, with its labels and errors"))
        self.takes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.back_button = IconButton(
            "chevron-left", self.tr("To the error before"), shortcut="Shift+E"
        )
        self.next_button = IconButton("chevron-right", self.tr("To the next error"), shortcut="E")
        self.search_button = QPushButton(self.tr("Search takes…"))
        self.player = Player()
        self.player.scrub.hide()
        self.about = label(wrap=True, quiet=True)
        self.bands = Bands()
        self.bar = AcceptBar()
        self.threshold = self.bar.threshold
        self.accept_button, self.accept_all_button = self.bar.one_button, self.bar.all_button
        self.panel = FoundPanel()
        self.accepting = Accepting(studio, self)
        self.judging = Lookup(self.tr("Judging"), self)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._build()
        self._connect()
        self.bar.show_threshold(_STARTS_AT, None)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.takes, 1)
        top.addWidget(self.back_button)
        top.addWidget(self.next_button)
        top.addSpacing(4)
        top.addWidget(self.search_button)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(top)
        left.addWidget(self.about)
        left.addWidget(self.player, 1)
        left.addWidget(self.bands)
        left.addWidget(self.bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addLayout(left, 1)
        row.addWidget(self.panel)

    def _connect(self) -> None:
        self.takes.currentIndexChanged.connect(self._take_chosen)
        self.player.moment_changed.connect(self.bands.show_playhead)
        self.player.failed.connect(self.failed)
        self.bands.frame_wanted.connect(self._go_to)
        self.bands.item_chosen.connect(self._item_chosen)
        self.bands.menu_wanted.connect(lambda _, at: self._show_menu(at))
        self.panel.row_chosen.connect(self._row_chosen)
        self.panel.selection_changed.connect(self._show_accepting)
        self.panel.menu_wanted.connect(self._show_menu)
        self.bar.threshold_changed.connect(self._settled.start)
        self._settled.timeout.connect(self._judge)
        self.judging.found.connect(self._show_judged)
        self.judging.failed.connect(self.failed)
        self.accept_button.clicked.connect(self.accept_chosen)
        self.accept_all_button.clicked.connect(self.accept_all)
        self.accepting.failed.connect(self.failed)
        self.accepting.accepted.connect(self.accepted)
        self.back_button.clicked.connect(lambda: self.go_to_error(-1))
        self.next_button.clicked.connect(lambda: self.go_to_error(1))
        for keys, act in (
            ("E", self.next_button.click),
            ("Shift+E", self.back_button.click),
            ("A", self.accept_button.click),
            ("Shift+A", self.accept_all_button.click),
        ):
            key = QShortcut(QKeySequence(keys), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(act)

    def show_test(
        self,
        test: DetectionTest | None,
        titles: Mapping[str, str],
        actions: Sequence[Action],
        threshold: float,
    ) -> None:
        """Show a detector's test, from its first take.

        Args:
            test: None for a detector that was not tested: only what it has searched is shown.
            titles: Of the takes of the test.
            actions: For their colours.
            threshold: The least score at first.
        """
        self._test, self._titles, self._actions = test, titles, actions
        self._searched, self._wanted = {}, None
        self.judged = self.evidence = None
        has_truth = test is not None and bool(test.truth)
        self.bar.show_threshold(threshold, test.scores.f1_at(0.5) if test and has_truth else None)
        self.panel.show_judged(None, {})
        self._list_takes()
        self._judge()

    def show_searched(self, searched: Sequence[SearchedTake]) -> None:
        """Show takes that were searched besides, the first of them now."""
        self._searched |= {one.span.take_id: one for one in searched}
        self._titles = {**self._titles, **{one.span.take_id: one.title for one in searched}}
        self._read_labels()
        self._list_takes(searched[0].span.take_id if searched else None)

    def read_labels(self, actions: Sequence[Action]) -> None:
        """Labels have changed: those of a take that was only searched are read anew."""
        self._actions = actions
        self._read_labels()
        self._name_takes()
        self._show_evidence()

    def let_go(self) -> None:
        """The library closes: nothing is shown, and no file stays open."""
        self._settled.stop()
        self.judging.drop()
        self.accepting.let_go()
        self._test, self._searched = None, {}
        self.judged = None
        self._list_takes()
        self.player.close_files()

    @property
    def take_id(self) -> str:
        """The take that is shown, "" for none."""
        return str(self.takes.currentData() or "")

    @property
    def least_score(self) -> float:
        """The threshold."""
        return self.bar.least_score

    @property
    def is_test(self) -> bool:
        """Whether the shown take is one of the test."""
        return self.evidence is not None and self.evidence.is_test

    def show_item(self, take_id: str, item_id: int) -> None:
        """Show an item of a take: go there, and mark it."""
        if take_id != self.take_id:
            self._wanted = (take_id, item_id)
            self.takes.setCurrentIndex(self.takes.findData(take_id))
            self._wanted = None
        if self.evidence is not None and item_id in self.evidence.items:
            self.bands.choose(item_id)
            self._go_to_item(item_id)
            self.panel.mark((take_id, item_id))

    def go_to_error(self, step: int) -> None:
        """Go to the next error (or the one before) by time, through all takes."""
        if self.judged is None:
            return
        order = [
            (number, one.items[item_id].start, item_id)
            for number, one in enumerate(self.judged.takes.values())
            for item_id in one.items
            if one.items[item_id].verdict.is_error
        ]
        ids = list(self.judged.takes)
        here = ids.index(self.take_id) if self.take_id in ids else -1
        chosen = self.bands.chosen
        at = (here, float(self.bands.playhead), -1)
        if chosen is not None:
            at = (here, chosen.start, chosen.id)
        order.sort()
        later = [one for one in order if one > at] if step > 0 else [o for o in order if o < at]
        if not order:
            return
        number, _, item_id = (later or order)[0 if step > 0 else -1]
        self.show_item(ids[number], item_id)

    def accept_chosen(self) -> None:
        """Make labels of what is chosen."""
        self.accepting.accept(self._chosen())

    def accept_all(self) -> None:
        """Make labels of all that is shown of this take."""
        if self.evidence is not None:
            self.accepting.accept(self.evidence.above)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The player's keys, where nothing else took them."""
        if not self.player.handle_key(event):
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Stop playing what nobody sees."""
        self.player.pause()
        super().hideEvent(event)

    def _read_labels(self) -> None:
        """Of the takes that were only searched, as they are now."""
        self._labels = {}
        library = self._studio.library
        if library is None or not self._searched:
            return
        try:
            for one in segments(library, take_ids=list(self._searched)):
                self._labels.setdefault(one.take_id, []).append(one)
        except FsamtError as error:
            self.failed.emit(Problem.of(error))

    def _list_takes(self, chosen: str | None = None) -> None:
        """Fill the chooser; the chosen take stays, unless another one is asked for."""
        before = self.take_id if chosen is None else chosen
        tested = [one.take_id for one in self._test.takes] if self._test else []
        others = [take_id for take_id in self._searched if take_id not in tested]
        with QSignalBlocker(self.takes):
            self.takes.clear()
            for take_id in (*tested, *others):
                self.takes.addItem(self._titles.get(take_id, take_id), take_id)
            if tested and others:
                self.takes.insertSeparator(len(tested))
            place = self.takes.findData(before)
            self.takes.setCurrentIndex(max(0, place))
        self.takes.setEnabled(self.takes.count() > 0)
        self._name_takes()
        self._take_chosen()

    def _name_takes(self) -> None:
        """Say of each take how it went, at the threshold of now."""
        for place in range(self.takes.count()):
            take_id = self.takes.itemData(place)
            evidence = self._evidence_of(take_id) if take_id else None
            if evidence is not None:
                self.takes.setItemText(place, _summary(evidence))

    def _evidence_of(self, take_id: str) -> Evidence | None:
        if self.judged is not None and take_id in self.judged.takes:
            return self.judged.takes[take_id]
        if take_id not in self._searched:
            return None
        one, labels = self._searched[take_id], self._labels.get(take_id, [])
        return only_found(one.span, one.title, self.least_score, one.found, labels)

    def _take_chosen(self) -> None:
        take_id = self.take_id
        tested = {one.take_id: one for one in self._test.takes} if self._test else {}
        searched = self._searched.get(take_id)
        span = tested.get(take_id) or (searched.span if searched else None)
        if span is None:
            self.player.show_take(None)
            self.bands.show_take(0)
            self.about.hide()
        else:
            opened = open_take(self._studio.library, span)
            self.player.show_take(opened.files)
            self.bands.show_take(span.n_frames, opened.times_us)
            self.about.setText(opened.problem)
            self.about.setVisible(bool(opened.problem))
        self._show_evidence()
        if self._wanted is None and self.evidence is not None:
            self.panel.show_take(self.evidence, only_here=not self.evidence.is_test)

    def _show_evidence(self) -> None:
        """The bands and the list, at the threshold and with the labels of now."""
        self.evidence = evidence = self._evidence_of(self.take_id)
        names = (self.tr("Truth"), self.tr("Found"))
        if evidence is not None and not evidence.is_test:
            names = (self.tr("Labels"), self.tr("Found"))
        items = evidence.items.values() if evidence else ()
        words_of = evidence.words if evidence else (lambda item_id: "")
        self.bands.show_items(items, self._actions, names, words_of)
        self.panel.show_take(evidence)
        self._show_accepting()

    def _judge(self) -> None:
        if self._test is not None:
            self.judging.ask(_judging(self._test, self.least_score, self._titles))
        else:
            self._name_takes()
            self._show_evidence()

    def _show_judged(self, judged: Judged) -> None:
        self.judged = judged
        self.panel.show_judged(judged, colours_of(self._actions))
        self._name_takes()
        self._show_evidence()
        has_errors = bool(judged.misses or judged.alarms)
        for button in (self.back_button, self.next_button):
            button.setEnabled(has_errors)

    def _go_to(self, frame: int) -> None:
        if self.player.n_moments:
            self.player.go_to(frame)
        else:
            self.bands.show_playhead(frame)

    def _go_to_item(self, item_id: int) -> None:
        assert self.evidence is not None
        item = self.evidence.items[item_id]
        self.player.show_interval(round(item.start), round(item.end))
        self._go_to(max(0, round(item.start)))
        self._show_accepting()

    def _item_chosen(self, item_id: int) -> None:
        if item_id < 0:
            self.player.show_interval(None)
            self.panel.mark(None)
            self._show_accepting()
        else:
            self._go_to_item(item_id)
            self.panel.mark((self.take_id, item_id))

    def _row_chosen(self, row: FoundRow) -> None:
        if row.place is None:
            return
        take_id, item_id = row.place
        if take_id != self.take_id:
            self._wanted = row.place
            self.takes.setCurrentIndex(self.takes.findData(take_id))
            self._wanted = None
        if self.evidence is not None and item_id in self.evidence.items:
            self.bands.choose(item_id)
            self._go_to_item(item_id)

    def _chosen(self) -> list[Detection]:
        """What Accept is about: the selected rows, or what is chosen on the bands."""
        if self.panel.detections:
            return self.panel.detections
        chosen = self.bands.chosen
        found = None
        if chosen is not None and self.evidence is not None:
            found = self.evidence.detections.get(chosen.id)
        return [] if found is None else [found]

    def _show_accepting(self) -> None:
        n_shown = len(self.evidence.detections) if self.evidence else 0
        self.bar.show_counts(len(self._chosen()), n_shown)

    def _show_menu(self, at: QPoint) -> None:
        chosen, take_id = self.bands.chosen, self.take_id
        menu = QMenu(self)
        accept = menu.addAction(self.accept_button.text(), self.accept_chosen)
        accept.setEnabled(self.accept_button.isEnabled())
        menu.addAction(self.accept_all_button.text(), self.accept_all).setEnabled(
            self.accept_all_button.isEnabled()
        )
        menu.addSeparator()
        is_there = self.player.n_moments > 0
        if chosen is not None:
            start, end = round(chosen.start), round(chosen.end)
            see = menu.addAction(
                self.tr("Open in the library"),
                lambda: self.clip_wanted.emit(take_id, start, end),
            )
            see.setEnabled(is_there)
        desk = menu.addAction(
            self.tr("Open where takes are labelled"), lambda: self.label_wanted.emit(take_id)
        )
        desk.setEnabled(is_there)
        menu.exec(at)
        menu.deleteLater()


def _summary(evidence: Evidence) -> str:
    """A take in a line, for the chooser."""
    if evidence.is_test:
        said = translate("TakeBench", "{title} · {missed} of {n} missed, {wrong} wrong")
    else:
        said = translate("TakeBench", "{title} · searched: {found} found, {n} labels")
    return said.format(
        title=evidence.title,
        n=evidence.n_true,
        missed=evidence.n_missed,
        wrong=evidence.n_wrong,
        found=len(evidence.detections),
    )


def _judging(test: DetectionTest, threshold: float, titles: Mapping[str, str]) -> Work:
    def work(on_progress: OnProgress, should_stop: ShouldStop) -> Judged:
        return judge(test, threshold, titles)

    return work
