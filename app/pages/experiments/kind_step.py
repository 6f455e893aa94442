"""The first step: which table is filled in."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QButtonGroup, QGridLayout

from app.pages.experiments.kind_picture import KindPicture, PictureRow
from app.pages.experiments.kinds import KindWords, words_of
from app.pages.experiments.offers import Offer
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.card_button import CardButton
from app.widgets.wizard import WizardStep

_N_COLUMNS = 3
_THIRD_OF_A_STEP_PX = 216


class KindStep(WizardStep):
    """A card for each table."""

    def __init__(self) -> None:
        super().__init__()
        self.describe(
            self.tr("Table"),
            self.tr(
                "Each of these tables of the paper is filled in on the takes of this library, with "
                "several seeds, and stands beside the paper’s own numbers where they are known."
            ),
        )
        self.offers: Mapping[str, Offer] = {}
        self.cards: dict[str, KindCard] = {}
        self._waiting = label(self.tr("Looking at what this library can fill in…"), quiet=True)
        self._group = QButtonGroup(self)
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACING)
        for column in range(_N_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        self.body.addWidget(self._waiting)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self._group.buttonClicked.connect(lambda: self.changed.emit())

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Offer these tables; the one that was chosen stays chosen where it still can be."""
        before = self.chosen
        self.offers = {offer.kind: offer for offer in offers}
        self._waiting.setVisible(not offers)
        for card in self.cards.values():
            self._group.removeButton(card)
            card.hide()
            card.deleteLater()
        self.cards = {}
        for number, offer in enumerate(offers):
            card = KindCard(words_of(offer.kind), offer)
            self.cards[offer.kind] = card
            self._group.addButton(card, number)
            self._grid.addWidget(card, *divmod(number, _N_COLUMNS))
        possible = [kind for kind, card in self.cards.items() if card.isEnabled()]
        if possible:
            self.choose(before if before in possible else possible[0])
        self.changed.emit()

    def choose(self, kind: str) -> None:
        """Choose a table."""
        self.cards[kind].setChecked(True)
        self.changed.emit()

    @property
    def chosen(self) -> str:
        """The kind that is chosen; "" while none is."""
        return next((kind for kind, card in self.cards.items() if card.isChecked()), "")

    @property
    def offer(self) -> Offer | None:
        """What fits this library for the chosen table."""
        return self.offers.get(self.chosen)

    @property
    def summary(self) -> str:
        """Its title."""
        return words_of(self.chosen).title if self.chosen else ""

    @property
    def obstacle(self) -> str:
        """A table has to be chosen, and possible."""
        if not self.offers:
            return self.tr("This library is still being looked at.")
        if not self.chosen:
            reasons = {offer.reason for offer in self.offers.values() if offer.reason}
            return next(iter(sorted(reasons)), self.tr("Choose a table."))
        return ""


class KindCard(CardButton):
    """A table: its title, its picture, what it asks; where it cannot be had, why not."""

    def __init__(self, words: KindWords, offer: Offer) -> None:
        super().__init__(words.title, _THIRD_OF_A_STEP_PX)
        self.setEnabled(offer.settings is not None)
        self.setAccessibleDescription(offer.reason or words.question)
        self.setToolTip(offer.reason or self.tr("Choose this table (Space)"))
        self.picture = _picture(words, offer)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(6)
        self.column.addWidget(self.picture)
        if self.picture.has_numbers:
            source = self.tr("The paper’s numbers in %, 100 labels")
            self.column.addWidget(label(source, quiet=True, small=True))
        self.column.addWidget(label(offer.reason or words.question, wrap=True))
        self.column.addStretch(1)
        self.finish()


def _picture(words: KindWords, offer: Offer) -> KindPicture:
    """The paper's numbers with its most labels, or what teaches whom."""
    paper = offer.paper
    if paper is not None and paper.cells:
        most = max(paper.labels)
        names = dict.fromkeys(method for method, _ in paper.cells)
        rows = [
            PictureRow(name, paper.cells[name, most].mean)
            for name in names
            if (name, most) in paper.cells
        ]
    else:
        rows = [PictureRow(name) for name in words.rows]
    return KindPicture(rows, words.student)
