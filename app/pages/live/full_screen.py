"""For demonstrations: the whole screen shows what is recognised, and nothing else."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.live.face import Face
from app.pages.live.stage_row import StageRow
from app.theme import SPACING

_LEAST_WORD_PX = 96
_POINTER_MS = 1500
_GAP_PX = 56


class FullScreen(QWidget):
    """A window over the whole screen; Escape or F11 leaves it, the pointer hides by itself.

    Args:
        parent: The page, whose keys work here, too.
    """

    left = Signal()
    """It is shown no more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._page = parent
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAutoFillBackground(True)
        self.setWindowTitle(self.tr("Live recognition"))
        self.face = Face(self, word_px=_LEAST_WORD_PX, text_px=18, has_foot=False)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(3 * SPACING)
        self._column.addWidget(StageRow(self.face.stage, self.face.bars, _GAP_PX), 7)
        self._column.addWidget(self.face.answer, 3)
        self._column.addWidget(self.face.streams)
        for keys in ("Esc", "F11"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)
        self._pointer = QTimer(self, singleShot=True, interval=_POINTER_MS)
        self._pointer.timeout.connect(self._hide_pointer)
        for part in (self, *self.findChildren(QWidget)):
            part.setMouseTracking(True)
            part.installEventFilter(self)
            part.setToolTip("")

    def show_over(self, window: QWidget) -> None:
        """Fill the screen on which a window is."""
        self.setGeometry(window.screen().geometry())
        self.showFullScreen()
        self._hide_pointer()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Whoever moves the pointer sees it for a while."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._show_pointer()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """The page's keys work here, too."""
        QCoreApplication.sendEvent(self._page, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The margin grows with the screen."""
        super().resizeEvent(event)
        margin = max(3 * SPACING, self.height() // 30)
        self._column.setContentsMargins(margin, margin, margin, margin)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Back to the page."""
        super().closeEvent(event)
        self._pointer.stop()
        self.left.emit()

    def _show_pointer(self) -> None:
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.face.stage.view.setCursor(Qt.CursorShape.CrossCursor)
        self._pointer.start()

    def _hide_pointer(self) -> None:
        for part in (self, self.face.stage.view):
            part.setCursor(Qt.CursorShape.BlankCursor)
