"""The first step: which table is filled in."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
)

from app.icons import pixmap
from app.pages.experiments.kind_picture import KindPicture, PictureRow
from app.pages.experiments.kinds import KindWords, words_of
from app.pages.experiments.offers import Offer
from app.theme import RADIUS, SPACING, theme
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep

_N_COLUMNS = 3
_MARK_PX = 16


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


class KindCard(QAbstractButton):
    """A table: its title, its picture, what it asks; where it cannot be had, why not."""

    def __init__(self, words: KindWords, offer: Offer) -> None:
        super().__init__()
        self.setText(words.title)
        self.setCheckable(True)
        self.setEnabled(offer.settings is not None)
        self.setAccessibleName(words.title)
        self.setAccessibleDescription(offer.reason or words.question)
        self.setToolTip(offer.reason or self.tr("Choose this table (Space)"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._mark = QLabel()
        self._mark.setFixedSize(_MARK_PX, _MARK_PX)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(label(words.title, name="heading"), 1)
        top.addWidget(self._mark)
        self.picture = _picture(words, offer)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.picture)
        if self.picture.has_numbers:
            source = self.tr("The paper’s numbers in %, 100 labels")
            column.addWidget(label(source, quiet=True, small=True))
        column.addWidget(label(offer.reason or words.question, wrap=True))
        column.addStretch(1)
        for part in self.findChildren(QLabel):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._draw)
        self._draw()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as its words need."""
        return self._column.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as a third of a step."""
        return QSize(216, self._column.minimumSize().height())

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Its words break."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Of the words at this width."""
        return self._column.totalHeightForWidth(width)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_column"):
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """A card; the chosen one has a line in the accent's colour, and a mark."""
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colours.surface if self.isEnabled() else colours.ground
        if self.isChecked():
            ground = colours.mixed("accent", "surface", 0.12)
        elif self.underMouse() and self.isEnabled():
            ground = colours.mixed("text", "surface", 0.06)
        painter.setBrush(QColor(ground))
        is_marked = self.isChecked() or self.hasFocus()
        colour = colours.colour("accent" if is_marked else "line")
        painter.setPen(QPen(colour, 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def _draw(self) -> None:
        if self.isChecked():
            self._mark.setPixmap(pixmap("check", theme().palette.accent, _MARK_PX))
        else:
            self._mark.clear()


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
