"""The last step of an export: where the file goes, and what will be written."""

import os
import re
import shutil
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.pages.models.exporting_choice import Precision, Purpose
from app.pages.models.exporting_parts import card, facts_grid, show_facts
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.wizard import WizardStep
from fsamt_engine.library import ModelRecord
from fsamt_engine.units import format_bytes

_ROOM_FOR = 4
"""Times the weights: the file, the original beside it while they are compared, and some more."""
_LEAST_BYTES = 16 * 1024 * 1024
_LONGEST_ON_BUTTON = 40
_BAD_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class PlaceStep(WizardStep):
    """Folder and name; why it cannot go there is said before anything is begun."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("Where to"),
            self.tr(
                "The file appears there in one piece when everything is checked; until then, and "
                "if it is cancelled, there is nothing."
            ),
        )
        self._forbidden: Path | None = None
        self._needed = _LEAST_BYTES
        self._purpose, self._precision = Purpose.COLLEAGUE, Precision.AS_TRAINED
        self._model_id = ""
        self._obstacle = ""
        self.folder = QLineEdit()
        self.folder.setAccessibleName(self.tr("Folder"))
        self.folder.setToolTip(self.tr("The folder that the file goes to; it has to be there"))
        self.choose_button = QPushButton(self.tr("Choose…"))
        self.choose_button.setToolTip(self.tr("Choose the folder"))
        self.choose_button.clicked.connect(self._choose)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the file"))
        self.name.setToolTip(self.tr("Its ending says what it is, and is added where it misses"))
        self.room = label(quiet=True, small=True, wrap=True)
        self._facts = facts_grid()
        for field in (self.folder, self.name):
            field.textChanged.connect(self._look)
        self._build()

    def _build(self) -> None:
        where, inside = card(self.tr("File"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACING)
        grid.setVerticalSpacing(SPACING)
        grid.setColumnStretch(1, 1)
        folder = QHBoxLayout()
        folder.setSpacing(SPACING)
        folder.addWidget(self.folder, 1)
        folder.addWidget(self.choose_button)
        for row, (words, field) in enumerate(
            ((self.tr("Folder"), self.folder), (self.tr("Name"), self.name))
        ):
            title = label(words)
            title.setBuddy(field)
            grid.addWidget(title, row, 0)
        grid.addLayout(folder, 0, 1)
        grid.addWidget(self.name, 1, 1)
        grid.addWidget(self.room, 2, 1)
        inside.addLayout(grid)
        what, inside = card(self.tr("What will be written"))
        inside.addLayout(self._facts)
        self.body.addWidget(where)
        self.body.addWidget(what)
        self.body.addStretch(1)

    def begin(self, model: ModelRecord, folder: Path, forbidden: Path, n_bytes: int) -> None:
        """Begin with a model.

        Args:
            folder: Offered at first.
            forbidden: The library's own folder: what is in there belongs to the program.
            n_bytes: Of its weights.
        """
        self._model_id = model.id
        self._forbidden = forbidden
        self._needed = max(_LEAST_BYTES, _ROOM_FOR * n_bytes)
        self.folder.setText(str(folder))
        self.name.setText(self._usual_name())

    def show_kind(self, purpose: Purpose, precision: Precision) -> None:
        """Let the name end as this kind of file does; a name of one's own keeps its beginning."""
        before, own = self._usual_name(), self.name.text().strip()
        stem = own.removesuffix(self._purpose.ending)
        self._purpose, self._precision = purpose, precision
        if own in ("", before):
            self.name.setText(self._usual_name())
        else:
            self.name.setText(f"{stem}{purpose.ending}")
        self._look()

    def show_facts(self, rows: tuple[tuple[str, str], ...]) -> None:
        """What will be written, line by line."""
        show_facts(self._facts, rows)

    @property
    def out(self) -> Path:
        """Where the file goes."""
        name = self.name.text().strip()
        if not name.endswith(self._purpose.ending):
            name += self._purpose.ending
        return Path(self.folder.text().strip()).expanduser() / name

    @property
    def summary(self) -> str:
        """The whole path."""
        return str(self.out)

    @property
    def obstacle(self) -> str:
        """Why it cannot be written there."""
        return self._obstacle

    @property
    def next_text(self) -> str:
        """What the primary button makes."""
        name = self.out.name
        if len(name) > _LONGEST_ON_BUTTON:
            name = f"{name[: _LONGEST_ON_BUTTON - 12]}…{name[-11:]}"
        return self.tr("Export {name}").format(name=name)

    def entered(self) -> None:
        """The disk may be another than before."""
        self._look()

    def _usual_name(self) -> str:
        return f"{self._model_id}{self._precision}{self._purpose.ending}"

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("Where the file goes"), self.folder.text()
        )
        if chosen:
            self.folder.setText(chosen)

    def _look(self) -> None:
        """Look at the folder once, not whenever somebody asks."""
        self._obstacle = self._why_not()
        self.changed.emit()

    def _why_not(self) -> str:
        self.room.setText("")
        name, folder = self.name.text().strip(), self.out.parent
        if not self.folder.text().strip():
            return self.tr("Choose a folder.")
        if not name.removesuffix(self._purpose.ending):
            return self.tr("Give the file a name.")
        if _BAD_IN_NAMES.search(name):
            return self.tr("The name holds a character that names of files cannot have.")
        try:
            if not folder.is_dir():
                return self.tr("There is no folder {path}. Choose another one.").format(path=folder)
            if self._forbidden and folder.resolve().is_relative_to(self._forbidden.resolve()):
                return self.tr("The library keeps its own files there. Choose a folder outside it.")
            if self.out.exists():
                return self.tr(
                    "{name} is there already, and would be lost. Choose another name."
                ).format(name=self.out.name)
            if not os.access(folder, os.W_OK):
                return self.tr("You may not write into {path}. Choose another folder.").format(
                    path=folder
                )
            free = shutil.disk_usage(folder).free
        except OSError as error:
            return self.tr("{path} cannot be looked at: {why}.").format(
                path=folder, why=error.strerror or error
            )
        if free < self._needed:
            return self.tr(
                "Only {free} are free there, and {needed} are needed meanwhile. Make room, or "
                "choose another disk."
            ).format(free=format_bytes(free), needed=format_bytes(self._needed))
        self.room.setText(self.tr("{free} are free there.").format(free=format_bytes(free)))
        return ""
