"""Small words in a row, each of which can be taken away by a click."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app.icons import icon
from app.widgets.flow_layout import FlowLayout

_LONGEST = 40


@dataclass(frozen=True)
class Chip:
    """A word and what it stands for.

    Attributes:
        key: Told when it is taken away.
        purpose: What taking it away does, for the tooltip and a screen reader.
    """

    key: str
    text: str
    purpose: str


class Chips(QWidget):
    """A row of chips that breaks where the place ends; hidden while there is none."""

    removed = Signal(str)
    """The key of the chip that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = FlowLayout(self)
        self._buttons: dict[str, _ChipButton] = {}

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these in their order."""
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._buttons.clear()
        for chip in chips:
            button = _ChipButton(chip)
            button.clicked.connect(lambda _=False, key=chip.key: self.removed.emit(key))
            self._buttons[chip.key] = button
            self._flow.addWidget(button)
        self.setVisible(bool(chips))
        self.updateGeometry()

    @property
    def texts(self) -> list[str]:
        """What the chips say."""
        return [button.text() for button in self._buttons.values()]

    def button(self, key: str) -> QToolButton:
        """The chip with this key."""
        return self._buttons[key]


class _ChipButton(QToolButton):
    def __init__(self, chip: Chip) -> None:
        super().__init__()
        self.setObjectName("chip")
        text = chip.text if len(chip.text) <= _LONGEST else f"{chip.text[: _LONGEST - 1]}…"
        self.setText(text)
        self.setToolTip(chip.purpose)
        self.setAccessibleName(chip.purpose)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setIconSize(QSize(12, 12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(28)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the cross anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(icon("close", "quiet"))
