"""The steps of an export, and how what is chosen in one is seen in the others."""

from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.model_words import result_line
from app.pages.models.exporting_choice import (
    ExportChoice,
    Precision,
    Purpose,
    file_name,
    precision_name,
)
from app.pages.models.exporting_contents import ContentsStep
from app.pages.models.exporting_place import PlaceStep
from app.pages.models.exporting_purpose import PurposeStep
from app.widgets.wizard import Wizard
from fsamt_engine.export.settings import ExportSettings
from fsamt_engine.library import Library, ModelKind, ModelRecord


class ExportWizard(Wizard):
    """What for, what goes along, where to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._model: ModelRecord | None = None
        self.purpose_step = PurposeStep()
        self.contents_step = ContentsStep()
        self.place_step = PlaceStep()
        super().__init__((self.purpose_step, self.contents_step, self.place_step), parent)
        self.purpose_step.changed.connect(self._kind_chosen)
        self.contents_step.changed.connect(self._kind_chosen)
        self._kind_chosen()

    def begin(self, library: Library, model: ModelRecord, folder: Path, licence: str) -> None:
        """Begin at the first step with a recogniser or a detector.

        Args:
            folder: Where the file goes unless another one is chosen.
            licence: Text that was given the last time.
        """
        self._model = model
        self.purpose_step.show_kind(self._is_detector)
        weights = library.absolute(model.path) / "weights.safetensors"
        n_bytes = weights.stat().st_size if weights.is_file() else 0
        self.contents_step.begin(model.name, licence)
        self.place_step.begin(model, folder, library.root, n_bytes)
        self._kind_chosen()
        self.restart()

    @property
    def _is_detector(self) -> bool:
        return self._model is not None and self._model.kind is ModelKind.DETECTOR

    @property
    def choice(self) -> ExportChoice:
        """What is chosen now."""
        return ExportChoice(
            self.purpose_step.chosen,
            self.contents_step.chosen_precision,
            self.place_step.out,
            ExportSettings(
                licence=self.contents_step.licence.text,
                note=self.contents_step.note.text().strip(),
                names_included=self.contents_step.names_included,
                tolerance=self.contents_step.chosen_tolerance,
            ),
        )

    def _kind_chosen(self) -> None:
        self.contents_step.show_purpose(self.purpose_step.chosen)
        self.place_step.show_kind(self.purpose_step.chosen, self.contents_step.chosen_precision)
        self.place_step.show_facts(self.facts)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What will be written, line by line."""
        model, choice = self._model, self.choice
        if model is None:
            return ()
        kind = file_name(choice.purpose)
        if choice.precision is not Precision.AS_TRAINED:
            kind += f", {precision_name(choice.precision)}"
        rows = [
            (self.tr("Model"), f"{model.name} ({model.id})"),
            (self.tr("Tested"), result_line(model)),
            (
                self.tr("Finds") if self._is_detector else self.tr("Recognises"),
                ", ".join(model.actions),
            ),
            (self.tr("File"), kind),
            (self.tr("Inside"), self._inside(choice.purpose)),
            (self.tr("Licence"), self.contents_step.licence.name),
        ]
        names = self.tr("stay here; the file says person 1, person 2")
        if choice.settings.names_included:
            names = self.tr("go along")
        rows += [
            (self.tr("Names"), names),
            (
                self.tr("Checked on"),
                self.tr("real untrimmed takes, of people it has not seen first")
                if self._is_detector
                else self.tr("real clips, of people it has not seen first"),
            ),
        ]
        return tuple(rows)

    def _inside(self, purpose: Purpose) -> str:
        if purpose is Purpose.COLLEAGUE and self._is_detector:
            return self.tr(
                "the model, its actions, a card, checksums, the licence, a program that finds them"
            )
        return {
            Purpose.COLLEAGUE: self.tr(
                "the model, its actions, a card, checksums, the licence, a program that recognises"
            ),
            Purpose.SOFTWARE: self.tr(
                "preparation of depth, network, probabilities; actions, pace and card as metadata"
            ),
            Purpose.PYTORCH: self.tr("network and probabilities; actions and card as metadata"),
            Purpose.WEIGHTS: self.tr("the weights, and model.json with what it was trained on"),
        }[purpose]
