"""The list of keys."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from app.pages.label.key_map import key_words
from app.theme import SPACING
from app.widgets.buttons import label, separator


class KeysDialog(QDialog):
    """Shows which key does what, until it is closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys of this page"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACING)
        grid.setVerticalSpacing(4)
        row = 0
        for title, lines in key_words():
            if row:
                grid.addWidget(separator(), row, 0, 1, 2)
                row += 1
            grid.addWidget(label(title, name="heading"), row, 0)
            for line in lines:
                row += 1
                grid.addWidget(label(line.keys), row, 0)
                grid.addWidget(label(line.does, quiet=True), row, 1)
            row += 1
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(2 * SPACING)
        column.addLayout(grid)
        column.addWidget(close)
