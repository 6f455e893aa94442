"""In which form labels leave, and which of them."""

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from app.theme import SPACING
from app.widgets.buttons import primary_button
from app.widgets.fields import Choice

CSV, JSON, ELAN, BORIS = "csv", "json", "eaf", "boris"


class ExportDialog(QDialog):
    """Asks for a form of file.

    Args:
        has_take: Whether a take is shown, which can be exported alone.
    """

    def __init__(self, has_take: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export labels"))
        self.setMinimumWidth(520)
        self.form = Choice(
            self.tr("Form"),
            (
                (
                    CSV,
                    self.tr("CSV"),
                    self.tr("A table for spreadsheets and scripts, a line for each label."),
                ),
                (
                    JSON,
                    self.tr("JSON"),
                    self.tr("Everything, with actions, colours and keys; comes back as it was."),
                ),
                (
                    ELAN,
                    self.tr("ELAN"),
                    self.tr("A file for each take, which opens with its video in ELAN."),
                ),
                (
                    BORIS,
                    self.tr("BORIS"),
                    self.tr("A project with an observation for each take, for BORIS."),
                ),
            ),
        )
        self.form.setMinimumHeight(72)
        self.only_this = QCheckBox(self.tr("Only the take that is shown"))
        self.only_this.setToolTip(self.tr("Otherwise all takes that have a label"))
        self.only_this.setEnabled(has_take)
        go = primary_button(self.tr("Choose where to write…"))
        go.clicked.connect(self.accept)
        go.setDefault(True)
        cancel = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        cancel.rejected.connect(self.reject)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(cancel)
        below.addWidget(go)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(12)
        column.addWidget(self.form)
        column.addWidget(self.only_this)
        column.addLayout(below)
