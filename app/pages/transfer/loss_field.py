"""How the student is made to agree with its teacher: the paper's way, its rivals', and others."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.model_words import loss_name
from app.theme import SPACING
from app.widgets.buttons import label

PAPERS = "cosine"
_WITH_TEMPERATURE = ("infonce", "infonce+cosine", "soft targets")
_OF_ANSWERS = ("soft targets", "hard labels")


class LossField(QWidget):
    """The loss and its temperature, behind "More": the paper's is right for nearly everybody."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentences = {
            PAPERS: self.tr("The embeddings point the same way: the method of the paper."),
            "mse": self.tr(
                "The embeddings are equal, by the mean square of their difference: MARS, a rival."
            ),
            "infonce": self.tr(
                "Each clip finds its own teacher embedding among those of the batch; larger "
                "batches ask harder questions."
            ),
            "infonce+cosine": self.tr("Both: find the own embedding, and point the same way."),
            "relational": self.tr(
                "Distances and angles between the clips of a batch are as the teacher’s are; the "
                "embeddings themselves may be others."
            ),
            "soft targets": self.tr(
                "The student gives the teacher’s answers with all their doubts: knowledge "
                "distillation, a rival."
            ),
            "hard labels": self.tr(
                "The teacher’s first answer is the label, and two students teach each other: a "
                "rival. It takes twice as long."
            ),
        }
        self.more = QPushButton(self.tr("More"))
        self.more.setCheckable(True)
        self.more.setFlat(True)
        self.more.setToolTip(self.tr("How the student is made to agree with its teacher"))
        self.loss = QComboBox()
        self.loss.setAccessibleName(self.tr("Loss"))
        for name, sentence in self._sentences.items():
            self.loss.addItem(loss_name(name), name)
            self.loss.setItemData(self.loss.count() - 1, sentence, Qt.ItemDataRole.ToolTipRole)
        self.temperature = QDoubleSpinBox(minimum=0.0, maximum=100.0, singleStep=0.05)
        self.temperature.setSpecialValueText(self.tr("usual"))
        self.temperature.setAccessibleName(self.tr("Temperature"))
        self.temperature.lineEdit().setTextMargins(6, 0, 0, 0)
        self.sentence = label(small=True, quiet=True, wrap=True)
        self._inside = QWidget()
        self._build()
        self.more.toggled.connect(self._inside.setVisible)
        self.loss.currentIndexChanged.connect(self._loss_chosen)
        self.temperature.valueChanged.connect(self.changed)
        self._inside.hide()
        self._loss_chosen()

    def _build(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(SPACING)
        for field in (self.loss, self.temperature):
            title = label(field.accessibleName())
            title.setBuddy(field)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(field)
            fields.addLayout(column, 1)
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addLayout(fields)
        inside.addWidget(self.sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.more, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._inside)
        column.addStretch(1)

    @property
    def value(self) -> str:
        """As the engine names it."""
        return str(self.loss.currentData())

    @property
    def given_temperature(self) -> float | None:
        """None for the loss's own."""
        return (self.temperature.isEnabled() and self.temperature.value()) or None

    def choose(self, loss: str, temperature: float | None) -> None:
        """Choose both; whatever is not the paper's is shown."""
        self._select(loss)
        self.temperature.setValue(temperature or 0.0)
        self.more.setChecked(self.more.isChecked() or loss != PAPERS)

    def show_answers(self, has_answers: bool) -> None:
        """Offer losses of answers only where the teacher gives any."""
        items = self.loss.model()
        assert isinstance(items, QStandardItemModel)
        for place in range(self.loss.count()):
            name = self.loss.itemData(place)
            is_offered = has_answers or name not in _OF_ANSWERS
            why_not = self.tr("This teacher has embeddings and names no actions")
            items.item(place).setEnabled(is_offered)
            items.item(place).setToolTip(self._sentences[name] if is_offered else why_not)
        if not has_answers and self.value in _OF_ANSWERS:
            self._select(PAPERS)

    def _select(self, loss: str) -> None:
        self.loss.setCurrentIndex(self.loss.findData(loss))

    def _loss_chosen(self) -> None:
        self.sentence.setText(self._sentences[self.value])
        self.loss.setToolTip(self._sentences[self.value])
        has_one = self.value in _WITH_TEMPERATURE
        self.temperature.setEnabled(has_one)
        self.temperature.setToolTip(
            self.tr("Lower asks for finer differences; the usual one is 0.1, of soft targets 4")
            if has_one
            else self.tr("This loss has none")
        )
        self.changed.emit()
