"""Framed places with a heading."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.theme import SPACING
from app.widgets.buttons import label


def card(title: str) -> tuple[QFrame, QVBoxLayout]:
    """A card with a heading, and the column into which its content goes."""
    made = QFrame()
    made.setObjectName("card")
    inside = QVBoxLayout(made)
    inside.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
    inside.setSpacing(SPACING)
    inside.addWidget(label(title, name="heading"))
    return made, inside
