"""A card that is chosen by a click: an icon, a title, what it is, and what comes of it."""

from PySide6.QtWidgets import QLabel

from app.icons import pixmap
from app.theme import SPACING, theme
from app.widgets.buttons import label
from app.widgets.card_button import CardButton

_ICON_PX = 24
_HALF_A_STEP_PX = 240


class ChoiceCard(CardButton):
    """One of the ways out.

    Args:
        icon: Its name.
        title: In a few words.
        what: What one gets, in a sentence or two.
        needs: What is needed to use it, in a short line.
    """

    def __init__(self, icon: str, title: str, what: str, needs: str) -> None:
        self._icon = icon
        self._picture = QLabel()
        super().__init__(title, _HALF_A_STEP_PX, self._picture)
        self.column.setContentsMargins(2 * SPACING, 12, 2 * SPACING, 12)
        self.column.setSpacing(SPACING)
        self._what, self._needs = label(wrap=True), label(quiet=True, small=True, wrap=True)
        self.column.addWidget(self._what)
        self.column.addStretch(1)
        self.column.addWidget(self._needs)
        self.say(what, needs)
        self.finish()

    def say(self, what: str, needs: str, why_not: str = "") -> None:
        """Say anew what one gets and needs.

        Args:
            why_not: Why it cannot be chosen; "" where it can.
        """
        self._what.setText(what)
        self._needs.setText(why_not or needs)
        self.setAccessibleDescription(f"{what} {why_not or needs}")
        self.setEnabled(not why_not)
        self.setToolTip(why_not or self.tr("Choose this (Space); the arrow keys go to the others"))

    def draw(self) -> None:
        """The mark, and the icon in the colour of what is chosen."""
        super().draw()
        role = "accent" if self.isChecked() else "quiet"
        self._picture.setPixmap(pixmap(self._icon, getattr(theme().palette, role), _ICON_PX))
