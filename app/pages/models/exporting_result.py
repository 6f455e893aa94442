"""What came of an export: whether it answers as the original, how large and fast it is, its use."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.icons import pixmap
from app.pages.models.exporting_card_text import CardText
from app.pages.models.exporting_choice import ExportChoice
from app.pages.models.exporting_command import Command
from app.pages.models.exporting_parts import card, facts_grid, show_facts
from app.pages.models.exporting_words import (
    checked_on,
    how_to_use,
    parity_line,
    parity_words,
    size_and_speed,
    speed_remark,
)
from app.theme import SPACING, theme
from app.widgets.buttons import label
from fsamt_engine.export.settings import DetectionParity, Exported

_MARK_PX = 20


class ExportResult(QWidget):
    """One file that was handed over: what was found out on the left, its card on the right."""

    another_wanted = Signal()
    """The same model is to be exported for something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(_MARK_PX, _MARK_PX))
        self.heading = label(name="bigNumber", wrap=True)
        self.path = label(quiet=True, wrap=True)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.another = QPushButton(self.tr("Export for something else…"))
        self.another.setToolTip(self.tr("The same model once more, from the first step"))
        self.another.clicked.connect(self.another_wanted)
        self.agreement = label(name="bigNumber", wrap=True)
        self.clips_of = label(quiet=True, wrap=True)
        self.parity = label(wrap=True)
        self._sizes = facts_grid()
        self.remark = label(wrap=True)
        self.use = label(wrap=True)
        self.command = Command(self.tr("How it is used"))
        self.model_card = CardText()
        self._build()
        self._draw()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACING)
        top.addWidget(self._mark)
        top.addWidget(self.heading, 1)
        top.addWidget(self.another)
        parity, inside = card(self.tr("Does it answer as the original?"))
        for line in (self.agreement, self.clips_of, self.parity):
            inside.addWidget(line)
        sizes, inside = card(self.tr("Size and speed"))
        inside.addLayout(self._sizes)
        inside.addWidget(self.remark)
        use, inside = card(self.tr("How it is used"))
        inside.addWidget(self.use)
        inside.addWidget(self.command)
        found = QWidget()
        left = QVBoxLayout(found)
        left.setContentsMargins(0, 0, SPACING, 0)
        left.setSpacing(SPACING)
        for part in (parity, sizes, use):
            left.addWidget(part)
        left.addStretch(1)
        self._left = QScrollArea(widgetResizable=True)
        self._left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._left.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._left.setWidget(found)
        told, inside = card(self.tr("What its card says"))
        inside.addWidget(self.model_card, 1)
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self._left, 1)
        row.addWidget(told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(top)
        column.addWidget(self.path)
        column.addLayout(row, 1)

    def show_exported(self, exported: Exported, choice: ExportChoice) -> None:
        """Show what was handed over."""
        self.heading.setText(self.tr("{name} is ready").format(name=exported.path.name))
        self.path.setText(self.tr("In {folder}").format(folder=exported.path.parent))
        self.agreement.setText(parity_line(exported.parity))
        self.clips_of.setText(checked_on(exported.parity))
        self.parity.setText(parity_words(exported.parity))
        show_facts(self._sizes, size_and_speed(exported))
        self.remark.setText(speed_remark(exported))
        self.remark.setVisible(bool(self.remark.text()))
        is_detector = isinstance(exported.parity, DetectionParity)
        words, lines = how_to_use(choice, is_detector)
        self.use.setText(words)
        self.command.show_lines(lines)
        self.model_card.show_card(exported.card)
        self._left.verticalScrollBar().setValue(0)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw()

    def _draw(self) -> None:
        self._mark.setPixmap(pixmap("good", theme().palette.good, _MARK_PX))
