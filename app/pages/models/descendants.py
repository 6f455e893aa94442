"""What was made from a model, as buttons that lead there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from app.model_words import kind_name, result_line
from app.theme import SPACING
from app.widgets.buttons import label
from fsamt_engine.library import ModelRecord


class Descendants(QWidget):
    """One button that says how many, and lists them."""

    model_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setProperty("menu", True)
        self.button.setToolTip(self.tr("List the models that were made from this one"))
        self.menu = QMenu(self)
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.button)
        row.addWidget(
            label(
                self.tr(
                    "A test of them is fair only while this one is there: it says whom it saw."
                ),
                quiet=True,
                small=True,
                wrap=True,
            ),
            1,
            Qt.AlignmentFlag.AlignVCenter,
        )

    def show_models(self, models: Sequence[ModelRecord]) -> None:
        """Offer these; nothing is shown where there are none."""
        self.setVisible(bool(models))
        self.menu.clear()
        for one in models:
            text = f"{kind_name(one.kind)} · {one.name} · {result_line(one)}"
            action = self.menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(
                lambda checked=False, wanted=one.id: self.model_wanted.emit(wanted)
            )
        words = self.tr("1 model was made from it")
        if len(models) != 1:
            words = self.tr("{n} models were made from it").format(n=len(models))
        self.button.setText(words)
