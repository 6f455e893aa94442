"""Where takes go, and what of them goes along."""

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app import words
from app.theme import SPACING
from app.widgets.buttons import dialog_buttons, label, primary_button

_WIDTH = 480


class ExportDialog(QDialog):
    """Before an export begins."""

    def __init__(self, n_takes: int, parent: QWidget) -> None:
        super().__init__(parent)
        takes = words.takes(n_takes)
        self.setWindowTitle(self.tr("Export takes"))
        self.setFixedWidth(_WIDTH)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("An empty folder, or a library"))
        self.field.setAccessibleName(self.tr("Folder"))
        self.field.setToolTip(
            self.tr("An empty or new folder becomes a library; takes are added to an existing one")
        )
        choose = QPushButton(self.tr("Choose…"))
        choose.setToolTip(self.tr("Choose the folder"))
        choose.clicked.connect(self._choose)
        self.colour_box = QCheckBox(self.tr("With colour, where its consent allows it"))
        self.colour_box.setChecked(True)
        self.colour_box.setToolTip(self.tr("Without it the takes go as depth alone, without pairs"))
        self.labels_box = QCheckBox(self.tr("With labels"))
        self.labels_box.setChecked(True)
        self.labels_box.setToolTip(self.tr("Segments, and what is known of their actions"))
        self.export_button = primary_button(self.tr("Export {takes}").format(takes=takes))
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.field, 1)
        row.addWidget(choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACING, 2 * SPACING, 2 * SPACING, 2 * SPACING)
        column.setSpacing(SPACING)
        sentence = self.tr(
            "{takes} are copied into a library of their own, which this program opens. Nothing "
            "changes in the library that is open now."
        )
        column.addWidget(label(sentence.format(takes=takes), wrap=True))
        column.addLayout(row)
        column.addWidget(self.colour_box)
        column.addWidget(self.labels_box)
        column.addLayout(dialog_buttons(self, self.export_button))
        self.field.textChanged.connect(self._allow)
        self._allow()

    @property
    def folder(self) -> Path:
        """Where the takes go."""
        return Path(self.field.text().strip()).expanduser()

    @property
    def with_colour(self) -> bool:
        """Whether colour goes along."""
        return self.colour_box.isChecked()

    @property
    def with_labels(self) -> bool:
        """Whether labels go along."""
        return self.labels_box.isChecked()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Where the takes go"))
        if chosen:
            self.field.setText(chosen)

    def _allow(self) -> None:
        is_named = bool(self.field.text().strip())
        self.export_button.setEnabled(is_named)
        self.export_button.setToolTip("" if is_named else self.tr("Choose a folder first"))
