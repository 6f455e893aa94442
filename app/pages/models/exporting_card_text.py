"""The model card as it is read on the page: Markdown in the measures and colours of the program."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QBrush, QFont, QTextCursor, QTextFormat, QTextFrameFormat, QTextTable
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from app.theme import SPACING, interface_font, theme

_HEADING_PX = {1: 16}
_PX = 13


class CardText(QTextBrowser):
    """Headings as large as the page's own, thin lines around tables, no link that opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card = ""
        self.setAccessibleName(self.tr("Model card"))
        self.setToolTip(self.tr("What whoever gets the file is told of the model"))
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_card(self, card: str) -> None:
        """Show a card.

        Args:
            card: Markdown.
        """
        self._card = card
        document = self.document()
        document.setDefaultFont(interface_font(_PX))
        document.setDocumentMargin(0)
        document.setMarkdown(card)
        self._measure_headings()
        self._draw_tables()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the tables anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_card"):
            self.show_card(self._card)

    def _measure_headings(self) -> None:
        cursor = QTextCursor(self.document())
        block = self.document().begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            if level:
                cursor.setPosition(block.position())
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                cursor.movePosition(
                    QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
                )
                words = cursor.charFormat()
                words.clearProperty(QTextFormat.Property.FontSizeAdjustment)
                words.setFont(interface_font(_HEADING_PX.get(level, _PX)))
                words.setFontWeight(QFont.Weight.DemiBold)
                cursor.setCharFormat(words)
                room = block.blockFormat()
                room.setTopMargin(0 if block.blockNumber() == 0 else 2 * SPACING)
                room.setBottomMargin(4)
                cursor.setPosition(block.position())
                cursor.setBlockFormat(room)
            block = block.next()

    def _draw_tables(self) -> None:
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                form = frame.format()
                form.setBorder(1)
                form.setBorderCollapse(True)
                form.setBorderBrush(QBrush(theme().palette.colour("line")))
                form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                form.setCellPadding(4)
                form.setTopMargin(SPACING)
                frame.setFormat(form)
