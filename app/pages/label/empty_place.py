"""What the page says while there is nothing to label."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.widgets.buttons import label


class EmptyPlace(QWidget):
    """Two sentences, and the one thing to do."""

    page_wanted = Signal(str)
    """The key of the page on which takes come from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page = "open"
        self.words = label(wrap=True)
        self.words.setMaximumWidth(560)
        self.button = QPushButton()
        self.button.clicked.connect(lambda: self.page_wanted.emit(self._page))
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def explain(self, *, has_library: bool) -> None:
        """Say why there is nothing."""
        self._page = "capture" if has_library else "open"
        if has_library:
            self.words.setText(
                self.tr(
                    "This library has no takes to label yet. Record some, or bring some in on the "
                    "page Library."
                )
            )
            self.button.setText(self.tr("Record takes"))
            self.button.setToolTip(self.tr("Go to the page Capture"))
        else:
            self.words.setText(
                self.tr(
                    "No library is open. Labels say which action is seen where in a take, and are "
                    "kept in a library together with the takes."
                )
            )
            self.button.setText(self.tr("Open or create a library…"))
            self.button.setToolTip(self.tr("Choose its folder, or an empty one for a new library"))
