"""What the page says while there is no table."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.widgets.buttons import label, primary_button

_WORDS_PX = 640


class EmptyPlace(QWidget):
    """Two sentences; the one thing to do is the page's primary button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = label(wrap=True)
        self.words.setMaximumWidth(_WORDS_PX)
        self.button = primary_button("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)
        column.addStretch(1)

    def explain(self, *, has_library: bool) -> None:
        """Say why there is nothing."""
        if has_library:
            self.words.setText(
                self.tr(
                    "This library has no table yet. A table trains every method on the same few "
                    "labels, several times with other ones, and shows how far each gets on people "
                    "whom no training has seen, beside the paper’s own numbers."
                )
            )
            self.button.setText(self.tr("New table…"))
            self.button.setToolTip(self.tr("Choose what to compare, step by step (Ctrl+N)"))
        else:
            self.words.setText(
                self.tr(
                    "No library is open. Experiments fill in the tables of the paper on the takes "
                    "of a library: which teacher, which way of transfer, how many labels."
                )
            )
            self.button.setText(self.tr("Open or create a library…"))
            self.button.setToolTip(self.tr("Choose a library’s folder, or an empty one (Ctrl+O)"))
