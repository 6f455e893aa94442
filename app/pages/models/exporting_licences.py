"""Licences that are offered for a model that leaves, and a field for another one."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label

translate = QCoreApplication.translate

_TEXT_PX = 88


@dataclass(frozen=True)
class Licence:
    """One that is offered.

    Attributes:
        meaning: What it allows, in a sentence.
        text: As it is written into the files; the same in every language.
    """

    name: str
    meaning: str
    text: str


def licences() -> tuple[Licence, ...]:
    """From "nothing is said" to the most generous."""
    return (
        Licence(
            translate("Export", "No licence given"),
            translate("Export", "Whoever gets it has to ask before passing it on or publishing."),
            "",
        ),
        Licence(
            "CC BY-NC 4.0",
            translate("Export", "May be used and changed, not for money; you have to be named."),
            "Creative Commons Attribution-NonCommercial 4.0 International (CC-BY-NC-4.0)\n"
            "https://creativecommons.org/licenses/by-nc/4.0/",
        ),
        Licence(
            "CC BY 4.0",
            translate("Export", "May be used and changed by everybody; you have to be named."),
            "Creative Commons Attribution 4.0 International (CC-BY-4.0)\n"
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        Licence(
            "Apache 2.0",
            translate("Export", "May be used and changed by everybody, also in products."),
            "Apache License 2.0 (Apache-2.0)\nhttps://www.apache.org/licenses/LICENSE-2.0",
        ),
    )


class LicenceField(QWidget):
    """A list of licences, and the text that goes along, which can be written anew."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered = licences()
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Licence"))
        self.choice.setToolTip(
            self.tr("What whoever gets the model may do with it; your institution may have rules")
        )
        for one in self._offered:
            self.choice.addItem(one.name)
        self.choice.addItem(self.tr("In own words"))
        self.meaning = label(quiet=True, small=True, wrap=True)
        self.text_field = QPlainTextEdit()
        self.text_field.setAccessibleName(self.tr("Text of the licence"))
        self.text_field.setToolTip(self.tr("This text is written into the file and the card"))
        self.text_field.setPlaceholderText(self.tr("Nothing is said about a licence."))
        self.text_field.setTabChangesFocus(True)
        self.text_field.setFixedHeight(_TEXT_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(self.choice)
        column.addWidget(self.meaning)
        column.addWidget(self.text_field)
        self.choice.activated.connect(self._chosen)
        self.text_field.textChanged.connect(self._written)
        self._show_meaning()

    @property
    def text(self) -> str:
        """What is written into the files, "" where nothing is said."""
        return self.text_field.toPlainText().strip()

    @property
    def name(self) -> str:
        """Of the chosen licence."""
        return self.choice.currentText()

    def show_text(self, text: str) -> None:
        """Take over a text, as it was given the last time."""
        self.text_field.setPlainText(text)

    def _chosen(self, number: int) -> None:
        if number < len(self._offered):
            self.text_field.setPlainText(self._offered[number].text)
        else:
            self.text_field.setFocus()
        self._show_meaning()

    def _written(self) -> None:
        texts = [one.text for one in self._offered]
        place = texts.index(self.text) if self.text in texts else len(texts)
        self.choice.setCurrentIndex(place)
        self._show_meaning()
        self.changed.emit()

    def _show_meaning(self) -> None:
        place = self.choice.currentIndex()
        self.meaning.setText(
            self._offered[place].meaning
            if place < len(self._offered)
            else self.tr("Write what whoever gets it may do with it.")
        )
