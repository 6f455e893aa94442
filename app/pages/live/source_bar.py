"""Above the picture: what is watched, and which recogniser watches."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QWidget

from app import model_words
from app.pages.live.take_picker import TakePicker
from app.theme import SPACING
from fsamt_engine.capture.camera import CameraInfo
from fsamt_engine.capture.simulated import ACTIONS
from fsamt_engine.capture.simulated_camera import SIMULATED
from fsamt_engine.library import ModelRecord
from fsamt_engine.library.records import BACKGROUND
from fsamt_engine.recognition.kinds import is_detector

_TAKE, _ASK = "take:", "ask"
_WIDEST_MODEL_PX = 400
_PERSON = 99
"""The simulated figure is a person whom no simulated library holds."""


class SourceBar(QWidget):
    """Tells what is to be watched, and by which recogniser."""

    source_changed = Signal()
    model_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cameras: tuple[CameraInfo, ...] = ()
        self._files: list[Path] = []
        self._chosen = SIMULATED
        self._was_chosen = False
        self._models: tuple[ModelRecord, ...] = ()
        self.source = _field(self.tr("Source"), 208)
        self.source.setToolTip(
            self.tr("A depth camera, the simulated figure, a take, or a recording of a camera")
        )
        self.takes = TakePicker()
        self.model = _field(self.tr("Recogniser or detector"), 240)
        self.model.setMaximumWidth(_WIDEST_MODEL_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        row.addWidget(self.source)
        row.addWidget(self.takes)
        row.addWidget(self.model, 1)
        row.addStretch(0)
        self._fill_sources()
        self.source.activated.connect(self._source_picked)
        self.takes.changed.connect(self.source_changed)
        self.model.currentIndexChanged.connect(self._model_picked)

    @property
    def is_take(self) -> bool:
        """Whether takes of the library are watched."""
        return self._chosen == _TAKE

    @property
    def is_simulated(self) -> bool:
        """Whether the simulated figure is watched."""
        return self._chosen == SIMULATED

    @property
    def source_id(self) -> str:
        """As the engine names what is chosen; "" where no take is there."""
        if self._chosen == SIMULATED:
            return _simulated(self.chosen_model)
        if self.is_take:
            take = self.takes.take
            return f"{_TAKE}{take.id}" if take is not None else ""
        return self._chosen

    @property
    def chosen_model(self) -> ModelRecord | None:
        """Which recogniser."""
        place = self.model.currentIndex()
        return self._models[place] if 0 <= place < len(self._models) else None

    def show_cameras(self, cameras: Sequence[CameraInfo]) -> None:
        """Offer other cameras; the first is chosen where nobody chose something else."""
        real = [camera for camera in cameras if camera.id != SIMULATED]
        here = {camera.id for camera in real}
        gone = [c for c in self._cameras if c.id == self._chosen and c.id not in here]
        self._cameras = (*real, *gone)
        if real and not self._was_chosen:
            self._chosen = real[0].id
        self._fill_sources(here)
        self.source_changed.emit()

    def show_models(self, models: Sequence[ModelRecord]) -> None:
        """Offer other recognisers; the chosen one stays, or else the first is."""
        before = self.chosen_model
        self._models = tuple(models)
        with QSignalBlocker(self.model):
            self.model.clear()
            for one, said in zip(models, _told_apart(models), strict=True):
                self.model.addItem(said)
                place = self.model.count() - 1
                tip = f"{one.name}\n{model_words.made_line(one)}\n{model_words.result_line(one)}"
                self.model.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
            ids = [one.id for one in models]
            self.model.setCurrentIndex(ids.index(before.id) if before and before.id in ids else 0)
        self._say_model()
        if self.chosen_model != before:
            self.model_changed.emit()

    def choose_model(self, model_id: str) -> None:
        """Choose a recogniser if it is offered."""
        ids = [one.id for one in self._models]
        if model_id in ids:
            self.model.setCurrentIndex(ids.index(model_id))

    def choose_source(self, source_id: str) -> None:
        """Choose a source: a camera's id, "simulated", "file:PATH", or "take:" and perhaps its id.

        Where a take is named, it is chosen among the takes.
        """
        self._was_chosen = True
        if source_id.startswith("file:"):
            path = Path(source_id.partition(":")[2])
            if path not in self._files:
                self._files.append(path)
        is_take = source_id.startswith(_TAKE)
        self._chosen = _TAKE if is_take else source_id
        self._fill_sources({camera.id for camera in self._cameras})
        if not (is_take and source_id != _TAKE and self.takes.choose(source_id[len(_TAKE) :])):
            self.source_changed.emit()

    def _fill_sources(self, here: set[str] | None = None) -> None:
        with QSignalBlocker(self.source):
            self.source.clear()
            for camera in self._cameras:
                name = camera.name
                if here is not None and camera.id not in here:
                    name = self.tr("{name} · unplugged").format(name=name)
                self.source.addItem(name, camera.id)
            self.source.addItem(self.tr("Simulated figure"), SIMULATED)
            self.source.addItem(self.tr("Takes of the library"), _TAKE)
            for path in self._files:
                self.source.addItem(path.name, f"file:{path}")
            self.source.addItem(self.tr("A recording (.db3, .bag)…"), _ASK)
            self.source.setCurrentIndex(max(0, self.source.findData(self._chosen)))
        self.takes.setVisible(self.is_take)

    def _source_picked(self, place: int) -> None:
        wanted = self.source.itemData(place)
        if wanted == _ASK:
            path, _ = QFileDialog.getOpenFileName(
                self,
                self.tr("A recording of a depth camera"),
                "",
                self.tr("Recordings (*.db3 *.bag)"),
            )
            wanted = f"file:{path}" if path else self._chosen
        if wanted == self._chosen:
            self._fill_sources({camera.id for camera in self._cameras})
        else:
            self.choose_source(wanted)

    def _model_picked(self) -> None:
        self._say_model()
        self.model_changed.emit()

    def _say_model(self) -> None:
        tip = self.model.itemData(self.model.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        about = self.tr(
            "Which recogniser or detector answers; it can be changed while it runs. A recogniser "
            "says at once what goes on; a detector tells later exactly when it began and ended."
        )
        self.model.setToolTip(f"{tip}\n\n{about}" if tip else about)


def _field(name: str, width: int) -> QComboBox:
    field = QComboBox()
    field.setAccessibleName(name)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    field.setMinimumContentsLength(8)
    field.setMinimumWidth(width)
    return field


def _told_apart(models: Sequence[ModelRecord]) -> list[str]:
    """Name and result of each; where two say the same, the id as well."""
    said = [" · ".join(filter(None, (one.name, _result(one)))) for one in models]
    counts = Counter(said)
    return [
        words if counts[words] == 1 else f"{words} · {one.id.rpartition('-')[2]}"
        for words, one in zip(said, models, strict=True)
    ]


def _result(model: ModelRecord) -> str:
    """Accuracy of a recogniser, mean average precision of a detector; "" where none was tested."""
    if is_detector(model):
        precision = model.metrics.get("test_map_50")
        return "" if precision is None else f"mAP {100 * precision:.1f} %"
    tested = model_words.tested(model)
    return "" if tested is None else f"{100 * tested[0]:.1f} %"


def _simulated(model: ModelRecord | None) -> str:
    """The figure performs what the recogniser knows, as far as it can."""
    known = model.actions if model is not None else ()
    names = [action for action in known if action in ACTIONS and action != BACKGROUND]
    return f"{SIMULATED}:{_PERSON}/{','.join(names)}" if names else f"{SIMULATED}:{_PERSON}"
