"""The first step of an export: what the file is for."""

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from app.pages.models.exporting_card import ChoiceCard
from app.pages.models.exporting_choice import Purpose, file_name, purpose_name
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep

_ICONS = {
    Purpose.COLLEAGUE: "models",
    Purpose.SOFTWARE: "device",
    Purpose.PYTORCH: "play",
    Purpose.WEIGHTS: "experiments",
}
_FOR_DETECTORS = (Purpose.COLLEAGUE, Purpose.WEIGHTS)


class PurposeStep(WizardStep):
    """Four kinds of file, by what somebody wants to do with them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("What for"),
            self.tr(
                "What the other side has decides what leaves. Whatever it is, it opens depth "
                "alone: no colour, no takes and no pictures of anybody go along."
            ),
        )
        self.cards: dict[Purpose, ChoiceCard] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setSpacing(2 * SPACING)
        for number, purpose in enumerate(Purpose):
            card = ChoiceCard(_ICONS[purpose], purpose_name(purpose), *self._words()[purpose])
            self.cards[purpose] = card
            self._group.addButton(card, number)
            grid.addWidget(card, *divmod(number, 2))
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self.body.addLayout(grid)
        self._checked_words = label(quiet=True, wrap=True)
        self.body.addWidget(self._checked_words)
        self.body.addStretch(1)
        self._group.idToggled.connect(self._toggled)
        self.choose(Purpose.COLLEAGUE)
        self.show_kind(is_detector=False)

    def show_kind(self, is_detector: bool) -> None:
        """Offer what a recogniser or a detector can leave as."""
        words = self._words() | (self._words_of_detectors() if is_detector else {})
        for purpose, card in self.cards.items():
            why_not = ""
            if is_detector and purpose not in _FOR_DETECTORS:
                why_not = self.tr("A detector is several networks with a search: no single file.")
            card.say(*words[purpose], why_not)
        if is_detector and self.chosen not in _FOR_DETECTORS:
            self.choose(Purpose.COLLEAGUE)
        self._checked_words.setText(
            self.tr(
                "Before a file is handed over, it searches real untrimmed takes of this library "
                "beside the original. Where it finds something else, nothing leaves."
            )
            if is_detector
            else self.tr(
                "Before a file is handed over, it answers real clips of this library beside "
                "the original. Where they differ too much, nothing leaves."
            )
        )

    def _words_of_detectors(self) -> dict[Purpose, tuple[str, str]]:
        return {
            Purpose.COLLEAGUE: (
                self.tr(
                    "One bundle with the model, a card that says what it can and cannot do, "
                    "checksums, and a small program that finds when actions start and end: in a "
                    "recording, or while a camera runs."
                ),
                self.tr("Runs with onnxruntime and numpy, or is brought into another library."),
            ),
        }

    def _words(self) -> dict[Purpose, tuple[str, str]]:
        return {
            Purpose.COLLEAGUE: (
                self.tr(
                    "One bundle with the model, a card that says what it can and cannot do, "
                    "checksums, and a small program that recognises from a camera or a file."
                ),
                self.tr("Runs with onnxruntime and numpy, or is brought into another library."),
            ),
            Purpose.SOFTWARE: (
                self.tr(
                    "One ONNX file with everything in its graph: raw depth frames go in as the "
                    "sensor gives them, probabilities come out. Nothing has to be prepared."
                ),
                self.tr("Runs wherever ONNX Runtime does: Python, C++, C#, Java."),
            ),
            Purpose.PYTORCH: (
                self.tr(
                    "One program of torch.export: loaded with torch.export.load, it runs, can be "
                    "compiled and built into a larger network, without code of ours."
                ),
                self.tr("Needs PyTorch, and depth that was prepared as its metadata say."),
            ),
            Purpose.WEIGHTS: (
                self.tr(
                    "The numbers of the network as safetensors, and model.json with all that is "
                    "needed to build it and to know whom it has seen."
                ),
                self.tr("For whoever builds the network; can be brought into another library."),
            ),
        }

    @property
    def chosen(self) -> Purpose:
        """What is chosen."""
        return list(Purpose)[self._group.checkedId()]

    def choose(self, purpose: Purpose) -> None:
        """Choose one."""
        self.cards[purpose].setChecked(True)

    @property
    def summary(self) -> str:
        """What it is for, and what comes of it."""
        return f"{purpose_name(self.chosen)}: {file_name(self.chosen)}"

    def _toggled(self, number: int, is_chosen: bool) -> None:
        if is_chosen:
            # The keyboard begins at what is chosen.
            self.setFocusProxy(self.cards[self.chosen])
            self.changed.emit()
