"""Buttons and labels with the program's measures."""

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.icons import icon
from app.theme import SPACING, interface_font


class IconButton(QToolButton):
    """A button that is an icon; its name is its tooltip and what a screen reader says.

    Args:
        name: Of the icon.
        text: What it does, for the tooltip and the accessible name.
        shortcut: Named in the tooltip; the page that owns the key acts on it.
        checkable: Whether it stays pressed.
        size: Of the icon, in pixels.
    """

    def __init__(
        self,
        name: str,
        text: str,
        parent: QWidget | None = None,
        *,
        shortcut: str = "",
        checkable: bool = False,
        size: int = 20,
    ) -> None:
        super().__init__(parent)
        self._icon_name = name
        self._shortcut = shortcut
        self.setCheckable(checkable)
        self.setIconSize(QSize(size, size))
        self.setMinimumSize(28, 28)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.say(text)
        self._draw()

    def say(self, text: str) -> None:
        """Change what it does, in words."""
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({self._shortcut})" if self._shortcut else text)

    def show_icon(self, name: str) -> None:
        """Change the icon."""
        if name != self._icon_name:
            self._icon_name = name
            self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icon anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _draw(self) -> None:
        checked = "accent" if self.isCheckable() else None
        self.setIcon(icon(self._icon_name, "text", checked))


def primary_button(text: str, parent: QWidget | None = None) -> QPushButton:
    """The one button of a page that says what comes next."""
    button = QPushButton(text, parent)
    button.setProperty("primary", True)
    button.setMinimumHeight(32)
    return button


def label(
    text: str = "", *, quiet: bool = False, small: bool = False, wrap: bool = False, name: str = ""
) -> QLabel:
    """A line of text with figures of equal width.

    Args:
        text: Plain text; never taken for markup.
        quiet: In the quiet colour.
        small: One pixel smaller.
        wrap: Break lines where the place ends.
        name: Of the style sheet: "heading", "pageTitle", "bigNumber".
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(interface_font())
    made.setProperty("quiet", quiet)
    made.setProperty("small", small)
    made.setWordWrap(wrap)
    if name:
        made.setObjectName(name)
    return made


def separator() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setObjectName("separator")
    line.setFixedHeight(1)
    return line


def dialog_buttons(dialog: QDialog, do: QPushButton) -> QHBoxLayout:
    """The last row of a dialog: Cancel, and the button that does it, which Enter presses."""
    do.setDefault(True)
    do.clicked.connect(dialog.accept)
    cancel = QPushButton(QCoreApplication.translate("Buttons", "Cancel"))
    cancel.setToolTip(QCoreApplication.translate("Buttons", "Leave everything as it is"))
    cancel.clicked.connect(dialog.reject)
    row = QHBoxLayout()
    row.setSpacing(SPACING)
    row.addStretch(1)
    row.addWidget(cancel)
    row.addWidget(do)
    return row
