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

from app.theme import SPACING
from app.widgets.buttons import label, primary_button
from app.widgets.fields import Choice
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.library.models import list_models

SUGGEST, GROUPS = "suggest", "groups"
N_SUGGESTED = 48


def able_to_suggest(library: Library) -> list[ModelRecord]:
    """Students and recognisers, the newest first."""
    able = (ModelKind.STUDENT, ModelKind.RECOGNISER)
    return [model for model in list_models(library) if model.kind in able]


class SuggestDialog(QDialog):
    """Asks for a network and for what it is to do.

    Args:
        models: Students and recognisers, at least one.
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
        self.model.setToolTip(self.tr("A recogniser also guesses the action; a student does not"))
        for model in models:
            made = datetime.fromtimestamp(model.created_at_us / 1e6)
            kind = self.tr("recogniser") if model.actions else self.tr("student")
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
        column.addLayout(below)
        self.kind.changed.connect(self._tell)
        self.number.valueChanged.connect(self._tell)
        self._tell()

    @property
    def chosen(self) -> ModelRecord:
        """The network."""
        model: ModelRecord = self.model.currentData()
        return model

    def _tell(self) -> None:
        is_suggesting = self.kind.value == SUGGEST
        for widget in (self._number_title, self.number):
            widget.setEnabled(is_suggesting)
        self.go.setText(
            self.tr("Suggest {n} clips").format(n=self.number.value())
            if is_suggesting
            else self.tr("Group the clips")
        )
