"""The step that shows what the teacher sees, and why that matters."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep
from fsamt_engine.library import ModelRecord


class ModalityStep(WizardStep):
    """Flow or RGB: said by the teacher; the other one is a click away where there is a teacher."""

    teacher_wanted = Signal(str)
    """The id of a teacher of the other modality."""
    new_wanted = Signal(str)
    """A teacher of this modality is to be trained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Source modality"),
            self.tr(
                "The teacher says what is seen of colour: how the picture moves (flow), or the "
                "picture itself (rgb). The student sees depth in either case."
            ),
        )
        self._teacher: ModelRecord | None = None
        self.cards = {
            "flow": ModalityCard(
                "flow",
                (
                    self.tr("How every part of the picture moves between two frames."),
                    self.tr(
                        "Clothes, light and background are gone; what is left is motion, and that "
                        "is what depth shows as well. Usually the better teacher."
                    ),
                    self.tr(
                        "Measured on UTD-MHAD with 2 labels an action: students of a flow teacher "
                        "are right on 78.8 ± 5.8 % of the clips of a person never seen (docs, "
                        "results)."
                    ),
                ),
            ),
            "rgb": ModalityCard(
                "rgb",
                (
                    self.tr("The colours themselves, frame by frame."),
                    self.tr(
                        "Nothing has to be computed, so getting ready is faster. But a teacher of "
                        "few people learns their clothes and rooms along with the actions."
                    ),
                    self.tr("Measured in the same way, with an rgb teacher: 72.4 ± 7.8 %."),
                ),
            ),
        }
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        for card in self.cards.values():
            row.addWidget(card, 1)
            card.teacher_wanted.connect(self.teacher_wanted)
            card.new_wanted.connect(self.new_wanted)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_teacher(self, teacher: ModelRecord | None, teachers: Sequence[ModelRecord]) -> None:
        """Mark what this teacher sees; offer the newest of the others for the other modality."""
        self._teacher = teacher
        for modality, card in self.cards.items():
            of_it = [one for one in teachers if one.modality == modality]
            is_chosen = teacher is not None and teacher.modality == modality
            card.show_state(is_chosen=is_chosen, other=of_it[0] if of_it else None)
        self.changed.emit()

    @property
    def summary(self) -> str:
        """The teacher's modality."""
        return self._teacher.modality if self._teacher else ""


class ModalityCard(QFrame):
    """What a modality is, and whether the chosen teacher sees it.

    Args:
        modality: "flow" or "rgb".
        paragraphs: What it is, what it means, what was measured.
    """

    teacher_wanted = Signal(str)
    new_wanted = Signal(str)

    def __init__(self, modality: str, paragraphs: Sequence[str]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._modality = modality
        self._other: ModelRecord | None = None
        self.state = label(small=True)
        self.button = QPushButton()
        self.button.clicked.connect(self._pressed)
        top = QHBoxLayout()
        top.addWidget(label(modality, name="bigNumber"))
        top.addStretch(1)
        top.addWidget(self.state)
        foot = QHBoxLayout()
        foot.addWidget(self.button)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        column.setSpacing(SPACING)
        column.addLayout(top)
        for number, paragraph in enumerate(paragraphs):
            column.addWidget(label(paragraph, wrap=True, quiet=number > 0))
        column.addStretch(1)
        column.addLayout(foot)

    def show_state(self, *, is_chosen: bool, other: ModelRecord | None) -> None:
        """Say that the chosen teacher sees it, or offer one that does."""
        self._other = other
        self.state.setText(self.tr("✓ the chosen teacher sees this") if is_chosen else "")
        self.setProperty("chosen", is_chosen)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{self._modality} {self.state.text()}".strip())
        self.button.setVisible(not is_chosen)
        if other is not None:
            self.button.setText(self.tr("Take a teacher that sees {m}").format(m=self._modality))
            self.button.setToolTip(other.name)
        else:
            self.button.setText(self.tr("Train a teacher that sees {m}…").format(m=self._modality))
            self.button.setToolTip(self.tr("This library has none yet"))

    def _pressed(self) -> None:
        if self._other is not None:
            self.teacher_wanted.emit(self._other.id)
        else:
            self.new_wanted.emit(self._modality)
