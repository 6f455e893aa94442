"""The user guide in a window of its own, opened where the present page is explained."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut, QTextBlock, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING, interface_font, theme
from app.widgets.buttons import label

GUIDE = Path(__file__).parent.parent / "docs" / "guide.md"
_LIST_WIDTH = 264
_PICTURE_WIDTH = 640


class HelpWindow(QWidget):
    """The guide's headings on the left, its text on the right, and a search.

    Args:
        guide: A Markdown file; its pictures are found beside it.
    """

    def __init__(self, guide: Path = GUIDE, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("User guide – FSAMT Studio"))
        self.resize(1040, 720)
        self._guide = guide
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search the guide"))
        self.search.setAccessibleName(self.tr("Search the guide"))
        self.search.setToolTip(self.tr("Enter goes to the next place (Ctrl+F)"))
        self.search.returnPressed.connect(self._find_next)
        self.headings = QListWidget()
        self.headings.setAccessibleName(self.tr("Headings"))
        self.headings.setWordWrap(True)
        self.headings.currentRowChanged.connect(self._go_to_row)
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.tr("User guide"))
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(self._follow)
        self._found = label(quiet=True, small=True)
        left = QVBoxLayout()
        left.setSpacing(SPACING)
        left.addWidget(self.search)
        left.addWidget(self._found)
        left.addWidget(self.headings, 1)
        place = QWidget()
        place.setFixedWidth(_LIST_WIDTH)
        place.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        row.setSpacing(2 * SPACING)
        row.addWidget(place)
        row.addWidget(self.text, 1)
        self._blocks: list[QTextBlock] = []
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self.search.setFocus)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)
        self._read()
        theme().changed.connect(self._read)

    def show_section(self, title: str) -> None:
        """Go to the first heading that begins with these words; to the beginning without one."""
        wanted = title.casefold()
        rows = [row for row, block in enumerate(self._blocks) if _says(block, wanted)]
        self.headings.setCurrentRow(rows[0] if rows else 0)

    def _read(self) -> None:
        row = max(0, self.headings.currentRow())
        try:
            words = self._guide.read_text(encoding="utf-8")
        except OSError:
            words = self.tr(
                "# User guide\n\nThe guide is not here: it is the file docs/guide.md of the "
                "program's source, and on its home page."
            )
        document = self.text.document()
        document.setDefaultFont(interface_font(14))
        document.setBaseUrl(QUrl.fromLocalFile(f"{self._guide.parent}/"))
        document.setMarkdown(words)
        self._shrink_pictures()
        self._blocks.clear()
        self.headings.clear()
        block = document.begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            if level in (1, 2, 3):
                self._blocks.append(block)
                self.headings.addItem("    " * (level - 2) + block.text())
            block = block.next()
        self.headings.setCurrentRow(row)

    def _shrink_pictures(self) -> None:
        """A window's picture is as wide as a window; here it has to fit into one."""
        document = self.text.document()
        block = document.begin()
        while block.isValid():
            at = block.begin()
            while not at.atEnd():
                fragment = at.fragment()
                if fragment.charFormat().isImageFormat():
                    form = fragment.charFormat().toImageFormat()
                    form.setWidth(_PICTURE_WIDTH)
                    cursor = QTextCursor(document)
                    cursor.setPosition(fragment.position())
                    cursor.setPosition(
                        fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor
                    )
                    cursor.setCharFormat(form)
                at += 1
            block = block.next()

    def _go_to_row(self, row: int) -> None:
        if 0 <= row < len(self._blocks):
            top = self.text.document().documentLayout().blockBoundingRect(self._blocks[row]).top()
            self.text.verticalScrollBar().setValue(round(top))

    def _find_next(self) -> None:
        wanted = self.search.text()
        found = bool(wanted) and self.text.find(wanted)
        if wanted and not found:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            found = self.text.find(wanted)
        self._found.setText("" if found or not wanted else self.tr("Not in the guide."))

    def _follow(self, link: QUrl) -> None:
        """A link within the guide scrolls; another one opens where links open."""
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
        elif link.hasFragment():
            self.show_section(link.fragment().replace("-", " "))
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._guide.parent / link.path())))


def _says(block: QTextBlock, wanted: str) -> bool:
    return block.text().casefold().startswith(wanted)
