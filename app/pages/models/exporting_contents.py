"""The second step of an export: what goes along, and how exactly numbers are kept."""

from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QLineEdit, QWidget

from app.pages.models.exporting_choice import Precision, Purpose, precision_name
from app.pages.models.exporting_licences import LicenceField
from app.pages.models.exporting_parts import card
from app.theme import SPACING
from app.widgets.buttons import label
from app.widgets.fields import Choice
from app.widgets.wizard import WizardStep
from fsamt_engine.export.settings import ExportFormat


class ContentsStep(WizardStep):
    """Licence, names, a word of one's own; of an ONNX file, its precision."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.describe(
            self.tr("What goes along"),
            self.tr("What is said of the model to whoever gets it, and what stays here."),
        )
        self._purpose = Purpose.COLLEAGUE
        meanings = {
            Precision.AS_TRAINED: self.tr(
                "The numbers as they are here: the largest file, and the same answers."
            ),
            Precision.HALF: self.tr(
                "Half as large, and faster on most GPUs; on a CPU often not. Handed over only if "
                "it answers as the original; size and speed are measured."
            ),
            Precision.BYTE: self.tr(
                "A quarter as large, and faster on some CPUs. Set up on clips of the training; "
                "handed over only if it answers as the original; size and speed are measured."
            ),
        }
        self.precision = Choice(
            self.tr("Numbers of the network"),
            tuple((str(one), precision_name(one), meanings[one]) for one in Precision),
        )
        self.precision.changed.connect(self._precision_chosen)
        self.tolerance = QDoubleSpinBox()
        self.tolerance.setRange(0.001, 0.5)
        self.tolerance.setSingleStep(0.01)
        self.tolerance.setDecimals(3)
        self.tolerance.setAccessibleName(self.tr("Allowed difference"))
        self.tolerance.setToolTip(
            self.tr(
                "How far any probability may be from the original’s on the clips that are compared"
            )
        )
        self.tolerance.valueChanged.connect(self.changed)
        self._tolerance_place = QWidget()
        self.licence = LicenceField()
        self.licence.changed.connect(self.changed)
        self.note = QLineEdit()
        self.note.setAccessibleName(self.tr("A word of your own"))
        self.note.setToolTip(self.tr("Stands in the card; who to ask, which camera it hung on"))
        self.note.setPlaceholderText(self.tr("Who to ask, where the camera hung…"))
        self.note.setMaxLength(500)
        self.names = QCheckBox(self.tr("With participants’ names"))
        self.names.setToolTip(self.tr("Leave it off unless everybody in it has agreed"))
        self.names.toggled.connect(self.changed)
        self._names_words = label(quiet=True, small=True, wrap=True)
        self._model_name = label(quiet=True, small=True, wrap=True)
        self.names.toggled.connect(self._show_names_words)
        self._build()
        self._show_names_words()
        self._precision_chosen()
        self.show_purpose(self._purpose)

    def _build(self) -> None:
        self._precision_card, inside = card(self.tr("Numbers of the network"))
        inside.addWidget(self.precision)
        allowed = QHBoxLayout(self._tolerance_place)
        allowed.setContentsMargins(0, 0, 0, 0)
        allowed.setSpacing(SPACING)
        title = label(self.tr("Allowed difference of a probability"))
        title.setBuddy(self.tolerance)
        allowed.addWidget(title)
        allowed.addWidget(self.tolerance)
        allowed.addWidget(
            label(
                self.tr("Beyond it, nothing is handed over."),
                quiet=True,
                small=True,
            )
        )
        allowed.addStretch(1)
        inside.addWidget(self._tolerance_place)
        licence, inside = card(self.tr("Licence"))
        inside.addWidget(self.licence)
        inside.addStretch(1)
        people, inside = card(self.tr("Who was recorded"))
        inside.addWidget(self.names)
        inside.addWidget(self._names_words)
        inside.addWidget(self._model_name)
        inside.addSpacing(SPACING)
        inside.addWidget(label(self.tr("A word of your own"), name="heading"))
        inside.addWidget(self.note)
        inside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACING)
        row.addWidget(licence, 1)
        row.addWidget(people, 1)
        self.body.addWidget(self._precision_card)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def begin(self, model_name: str, licence: str) -> None:
        """Begin anew: names stay here, whatever was chosen before."""
        self._model_name.setText(
            self.tr(
                "The model itself is called “{name}” in the file, too. Rename it first if that "
                "tells more than it should."
            ).format(name=model_name)
        )
        self.names.setChecked(False)
        self.note.clear()
        self.precision.choose(str(Precision.AS_TRAINED))
        self.licence.show_text(licence)

    def show_purpose(self, purpose: Purpose) -> None:
        """Ask only what makes a difference for this kind of file."""
        self._purpose = purpose
        self._precision_card.setVisible(purpose is Purpose.SOFTWARE)

    @property
    def chosen_precision(self) -> Precision:
        """Of the numbers; as trained where there is no choice."""
        if self._purpose is not Purpose.SOFTWARE:
            return Precision.AS_TRAINED
        return Precision(self.precision.value)

    @property
    def chosen_tolerance(self) -> float | None:
        """Largest difference that is allowed; None for the usual one."""
        if self.chosen_precision is Precision.AS_TRAINED:
            return None
        return round(self.tolerance.value(), 3)

    @property
    def names_included(self) -> bool:
        """Whether participants keep their names."""
        return self.names.isChecked()

    @property
    def summary(self) -> str:
        """Precision, licence, names."""
        said = [self.licence.name]
        if self._purpose is Purpose.SOFTWARE:
            said.append(precision_name(self.chosen_precision))
        said.append(self.tr("with names") if self.names_included else self.tr("without names"))
        return ", ".join(said)

    def _precision_chosen(self) -> None:
        precision = Precision(self.precision.value)
        self._tolerance_place.setVisible(precision is not Precision.AS_TRAINED)
        self.tolerance.setValue(ExportFormat(f"{Purpose.SOFTWARE}{precision}").tolerance)
        self.changed.emit()

    def _show_names_words(self) -> None:
        self._names_words.setText(
            self.tr(
                "The names of everybody who was trained on leave this house with the file. Only "
                "with the consent of each of them."
            )
            if self.names.isChecked()
            else self.tr(
                "Names stay in this library; the file says person 1, person 2. The ids of takes "
                "go along, so a library that holds those takes still knows who was seen, and "
                "refuses an unfair test."
            )
        )
