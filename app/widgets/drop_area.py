"""Files and folders that are dropped on a page."""

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.theme import SPACING


class DropArea(QObject):
    """Lets a page take files, and says so while something is held over it.

    Args:
        page: What they are dropped on.
        words: What can be dropped there.
    """

    dropped = Signal(list)
    """The `Path`s that were dropped."""

    def __init__(self, page: QWidget, words: str) -> None:
        super().__init__(page)
        self._page = page
        self.overlay = QLabel(words, page)
        self.overlay.setObjectName("dropArea")
        self.overlay.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.overlay.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.overlay.hide()
        page.setAcceptDrops(True)
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow a drag over the page."""
        if isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            self.overlay.hide()
            if paths := _paths(event.mimeData()):
                event.acceptProposedAction()
                self.dropped.emit(paths)
            return True
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if _paths(event.mimeData()):
                event.acceptProposedAction()
                self._show()
            else:
                event.ignore()
            return True
        if event.type() is QEvent.Type.DragLeave:
            self.overlay.hide()
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        margins = SPACING, SPACING, -SPACING, -SPACING
        self.overlay.setGeometry(self._page.rect().adjusted(*margins))
        self.overlay.raise_()
        self.overlay.show()


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
