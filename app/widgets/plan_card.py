"""What a step will start, said beside its settings."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.theme import SPACING
from app.widgets.buttons import label


def beside_what_will_happen(settings: QWidget, *said: QWidget) -> QHBoxLayout:
    """The settings on the left; on the right a card that says what comes of them.

    Args:
        settings: Half of the step.
        said: From top to bottom of the card.
    """
    card = QFrame()
    card.setObjectName("card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
    inside.setSpacing(SPACING)
    title = QCoreApplication.translate("PlanCard", "What will happen")
    inside.addWidget(label(title, name="heading"))
    for one in said:
        inside.addWidget(one)
    right = QVBoxLayout()
    right.addWidget(card)
    right.addStretch(1)
    row = QHBoxLayout()
    row.setSpacing(2 * SPACING)
    row.addWidget(settings, 1)
    row.addLayout(right, 1)
    return row
