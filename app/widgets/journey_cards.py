"""The way from takes to a recogniser, as cards."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import words
from app.icons import pixmap
from app.journey import Mark, Standing
from app.theme import SPACING, theme
from app.widgets.buttons import label


class JourneyCards(QWidget):
    """The way from takes to a recogniser in five steps, and how far a library has come."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = {
            "capture": JourneyCard(
                "library", self.tr("Takes"), self.tr("Colour and depth of the same moments.")
            ),
            "teacher": JourneyCard(
                "teacher", self.tr("Teacher"), self.tr("Learns some actions from colour.")
            ),
            "transfer": JourneyCard(
                "transfer",
                self.tr("Transfer"),
                self.tr("Depth learns from the teacher, without a label."),
            ),
            "label": JourneyCard(
                "label", self.tr("Labels"), self.tr("A few examples of your own actions.")
            ),
            "finetune": JourneyCard(
                "live", self.tr("Recogniser"), self.tr("From then on, depth is enough.")
            ),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for card in self.cards.values():
            row.addWidget(card, 1)

    def show_standing(self, standing: Standing | None) -> None:
        """Show how far a library has come; None for the steps alone."""
        if standing is None:
            for card in self.cards.values():
                card.show_fact("", Mark.NONE)
            return
        takes = self.tr("{takes} of {people}").format(
            takes=words.takes(standing.n_takes), people=words.participants(standing.n_participants)
        )
        facts = {
            "capture": (standing.n_takes, takes),
            "teacher": (standing.n_teachers, words.teachers(standing.n_teachers)),
            "transfer": (standing.n_students, words.students(standing.n_students)),
            "label": (standing.n_labelled_actions, words.actions(standing.n_labelled_actions)),
            "finetune": (standing.n_recognisers + standing.n_detectors, _finetuned(standing)),
        }
        marks = standing.marks()
        for key, card in self.cards.items():
            n, fact = facts[key]
            card.show_fact(fact if n else self.tr("none yet"), marks[key])


def _finetuned(standing: Standing) -> str:
    counted = (
        words.recognisers(standing.n_recognisers) if standing.n_recognisers else "",
        words.detectors(standing.n_detectors) if standing.n_detectors else "",
    )
    return ", ".join(filter(None, counted))


class JourneyCard(QFrame):
    """One step: what it is, what there is of it, and whether it is done or comes next."""

    def __init__(self, icon_name: str, title: str, sentence: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.mark = Mark.NONE
        self._icon_name = icon_name
        self._picture = QLabel()
        self._tick = QLabel()
        self.fact = label(small=True)
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._picture)
        top.addWidget(label(title, name="heading"))
        top.addStretch(1)
        bottom = QHBoxLayout()
        bottom.setSpacing(4)
        bottom.addWidget(self._tick)
        bottom.addWidget(self.fact)
        bottom.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(label(sentence, quiet=True, wrap=True))
        column.addStretch(1)
        column.addLayout(bottom)
        self._draw()

    def show_fact(self, fact: str, mark: Mark) -> None:
        """Show what there is of it; "" where no library is open."""
        self.mark = mark
        following = self.tr("comes next")
        self.fact.setText(f"{fact} · {following}" if mark is Mark.NEXT else fact)
        self.fact.setVisible(bool(fact))
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_tick"):
            self._draw()

    def _draw(self) -> None:
        colours = theme().palette
        self._picture.setPixmap(pixmap(self._icon_name, colours.accent, 20))
        drawn = {Mark.DONE: ("check", colours.good), Mark.NEXT: ("chevron-right", colours.accent)}
        self._tick.setVisible(self.mark in drawn)
        if self.mark in drawn:
            self._tick.setPixmap(pixmap(*drawn[self.mark], 14))
