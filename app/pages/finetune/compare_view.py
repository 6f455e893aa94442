"""Several recognisers side by side on the same test."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.accuracy_bars import AccuracyBars, AccuracyRow
from app.widgets.buttons import label
from fsamt_engine.evaluation.compare import Comparison, PairedDifference

_ROW_PX = 28
_MOST_ROWS = 14


class CompareView(QScrollArea):
    """Bars for all, what the test can tell of every two, and each action beside each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.title = label(name="bigNumber", wrap=True)
        self.about = label(wrap=True)
        self.bars = AccuracyBars()
        self.pairs = _Table(self.tr("Every two of them"))
        self.recalls = _Table(self.tr("Recall of each action"))
        self._cards = QWidget()
        cards = QVBoxLayout(self._cards)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(SPACING)
        for title, shown in (
            (self.tr("Accuracy"), self.bars),
            (self.tr("Every two of them, clip by clip"), self.pairs),
            (self.tr("Recall of each action"), self.recalls),
        ):
            cards.addWidget(_card(title, shown))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACING, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addWidget(self._cards)
        column.addStretch(1)
        self.setWidget(content)

    def show_asked(self, n_models: int) -> None:
        """Several are chosen, and not compared yet."""
        self.title.setText(self.tr("{n} recognisers").format(n=n_models))
        self.about.setText(
            self.tr(
                "They are compared on all labelled clips of people whom none of them has seen: "
                "the same clips for each. Those that were not tested on them yet are tested first."
            )
        )
        self._cards.hide()

    def show_comparison(self, found: Comparison) -> None:
        """What the test says of them."""
        items = found.items
        people = {item.participant for item in items}
        self.title.setText(
            self.tr("{n} recognisers on the same {clips} of {people}").format(
                n=len(found.models),
                clips=words.clips(len(items)),
                people=words.people(len(people)),
            )
        )
        self.about.setText("\n".join(found.remarks))
        self.about.setVisible(bool(found.remarks))
        names = {model.id: f"{model.method} · {model.id}" for model in found.models}
        rows = [
            AccuracyRow(
                names[test.model_id],
                words.share_with_interval(test.scores.accuracy, test.scores.interval),
                test.scores.accuracy,
                test.scores.interval,
            )
            for test in found.tests
        ]
        self.bars.show_rows(rows)
        self.pairs.show_rows(
            [
                self.tr("This one"),
                self.tr("against this one"),
                self.tr("Points (95 %)"),
                self.tr("p"),
                self.tr("The test says"),
            ],
            [self._pair(one) for one in found.differences],
        )
        actions = [a for a in found.tests[0].actions if any(i.action == a for i in items)]
        recalls = [{s.action: s.recall for s in test.scores.per_action} for test in found.tests]
        self.recalls.show_rows(
            [self.tr("Action"), *(test.model_id for test in found.tests)],
            [[a, *(f"{100 * recall[a]:.0f} %" for recall in recalls)] for a in actions],
        )
        self._cards.show()

    def _pair(self, one: PairedDifference) -> list[str]:
        # The better one first, so that the points are not negative.
        better, worse, sign = one.second, one.first, 1
        if one.difference < 0:
            better, worse, sign = one.first, one.second, -1
        low, high = sorted(100 * sign * bound for bound in one.interval)
        points = f"{100 * abs(one.difference):+.1f} ({low:+.1f} to {high:+.1f})"
        said = self.tr("is better") if one.is_sure else self.tr("cannot be told apart")
        return [better, worse, points, f"{one.p:.2g}", said]


class _Table(QTableWidget):
    """Rows of texts, as high as they are many."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setObjectName("scoresTable")
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def show_rows(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self.setColumnCount(len(titles))
        self.setHorizontalHeaderLabels(titles)
        self.setRowCount(len(rows))
        for place, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(place, column, item)
        self.setFixedHeight(_ROW_PX * (min(len(rows), _MOST_ROWS) + 1) + SPACING)


def _card(title: str, content: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
    inside.setSpacing(SPACING)
    inside.addWidget(label(title, name="heading"))
    inside.addWidget(content)
    return card
