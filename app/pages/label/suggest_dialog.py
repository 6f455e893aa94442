"""Which network suggests what to label next, or puts clips that look alike together."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.model_words import kind_name
from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.fields import Choice
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models

SUGGEST, GROUPS = "suggest", "groups"
N_SUGGESTED = 48


def able_to_suggest(library: Library) -> list[ModelRecord]:
    """Students, recognisers and detectors, the newest first."""
    return [model for model in list_models(library) if model.kind is not ModelKind.TEACHER]


class SuggestDialog(QDialog):
    """Asks for a network and for what it is to do.

    Args:
        models: Students, recognisers and detectors, at least one.
    """

    def __init__(self, models: Sequence[ModelRecord], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What to label next"))
        self.setMinimumWidth(480)
        self.kind = Choice(
            self.tr("What is wanted"),
            (
                (
                    SUGGEST,
                    self.tr("Suggest the next clips"),
                    self.tr(
                        "The clips whose labels teach most: those that a recogniser is unsure of, "
                        "or of which a student has seen nothing alike with a label. They are "
                        "suggestions until you accept them."
                    ),
                ),
                (
                    GROUPS,
                    self.tr("Group clips that look alike"),
                    self.tr(
                        "All clips without a label, in groups of what looks alike to the network. "
                        "Name a group with one key, after leaving out what does not belong."
                    ),
                ),
            ),
        )
        self.kind.setMinimumHeight(100)
        self.model = QComboBox()
        self.model.setAccessibleName(self.tr("Network"))
        self.model.setToolTip(
            self.tr(
                "A recogniser also guesses the action; a detector also says where it starts and "
                "ends; a student does neither"
            )
        )
        for model in models:
            made = datetime.fromtimestamp(model.created_at_us / 1e6)
            kind = kind_name(model.kind).lower()
            self.model.addItem(f"{model.name} · {kind} · {made:%Y-%m-%d %H:%M}", model)
        self.number = QSpinBox(minimum=1, maximum=1000, value=N_SUGGESTED)
        self.number.setAccessibleName(self.tr("How many"))
        self.number.setToolTip(self.tr("Clips to suggest; older suggestions make way for them"))
        self.number.lineEdit().setTextMargins(6, 0, 0, 0)
        self.go = primary_button("")
        self.go.clicked.connect(self.accept)
        self.go.setDefault(True)
        cancel = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        cancel.rejected.connect(self.reject)
        self._number_title = label(self.tr("How many"))
        self.about = label(
            self.tr(
                "The detector looks through all takes from beginning to end. The segments of which "
                "it is surest are suggested with their action, start and end: accept what is right."
            ),
            quiet=True,
            wrap=True,
        )
        form = QGridLayout()
        form.setHorizontalSpacing(2 * SPACING)
        form.setVerticalSpacing(SPACING)
        form.setColumnStretch(1, 1)
        for row, (title, field) in enumerate(
            ((label(self.tr("Network")), self.model), (self._number_title, self.number))
        ):
            title.setBuddy(field)
            form.addWidget(title, row, 0)
            form.addWidget(field, row, 1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(cancel)
        below.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(2 * SPACING)
        column.addWidget(self.kind)
        column.addLayout(form)
        column.addWidget(self.about)
        column.addLayout(below)
        self.kind.changed.connect(self._tell)
        self.model.currentIndexChanged.connect(self._suit_model)
        self.number.valueChanged.connect(self._tell)
        self._suit_model()

    @property
    def chosen(self) -> ModelRecord:
        """The network."""
        model: ModelRecord = self.model.currentData()
        return model

    @property
    def finds_segments(self) -> bool:
        """Whether the network is a detector: it suggests where actions start and end."""
        return self.chosen.kind is ModelKind.DETECTOR

    def _suit_model(self) -> None:
        """A detector finds segments; it has no clips to put into groups."""
        if self.finds_segments:
            self.kind.choose(SUGGEST)
            why_not = self.tr("A detector finds segments. A student or a recogniser makes groups.")
            self.kind.offer((SUGGEST,), why_not)
        else:
            self.kind.offer((SUGGEST, GROUPS), "")
        self._tell()

    def _tell(self) -> None:
        is_suggesting = self.kind.value == SUGGEST
        self.about.setVisible(self.finds_segments)
        self.kind.setVisible(not self.finds_segments)
        for widget in (self._number_title, self.number):
            widget.setEnabled(is_suggesting)
        said = self.tr("Suggest {n} clips") if is_suggesting else self.tr("Group the clips")
        if self.finds_segments:
            said = self.tr("Suggest {n} segments")
        self.go.setText(said.format(n=self.number.value()))
