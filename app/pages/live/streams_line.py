"""Which streams are open: what the driver says, never what it was asked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.icons import pixmap
from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label

if TYPE_CHECKING:
    from fsamt_engine.recognition.opened import OpenStreams


class StreamsLine(QWidget):
    """A shield where depth alone is open, and a sentence that says so.

    Args:
        text_px: How large the sentence is.
    """

    def __init__(self, text_px: int = 13, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = "quiet"
        self._icon_px = round(text_px * 1.4)
        self._mark = QLabel()
        self._mark.setFixedSize(self._icon_px, self._icon_px)
        self.words = label()
        self.words.setFont(interface_font(text_px))
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self._mark)
        row.addWidget(self.words, 1)
        self.setToolTip(
            self.tr(
                "Read back from the driver several times a second. Recognition needs depth alone: "
                "no colour picture of anybody is taken, and no frame is stored unless you keep one."
            )
        )
        self.show_streams(None)

    @property
    def tone(self) -> str:
        """Says "good" where depth alone is open, "bad" where more is, "quiet" for nothing."""
        return self._tone

    def show_streams(self, opened: "OpenStreams | None") -> None:
        """Say what is open; None before anything was opened."""
        if opened is None or not opened.streams:
            self._say("quiet", self.tr("No stream is open."))
        else:
            self._say("good" if opened.is_depth_only else "bad", opened.words)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the mark anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()

    def _say(self, tone: str, text: str) -> None:
        if (tone, text) == (self._tone, self.words.text()):
            return
        self._tone = tone
        self.words.setText(text)
        self.setAccessibleName(text)
        self._draw()

    def _draw(self) -> None:
        name = "bad" if self._tone == "bad" else "shield"
        self._mark.setPixmap(pixmap(name, getattr(theme().palette, self._tone), self._icon_px))
