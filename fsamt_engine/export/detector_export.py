"""Export of a detector: its graphs with a runner, or its weights; checked on real takes."""

from dataclasses import dataclass, replace
from pathlib import Path

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import LoadedDetector
from fsamt_engine.detection.heads import head
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.export.description import graph_metadata
from fsamt_engine.export.detector_card import detector_card
from fsamt_engine.export.detector_description import FILE_NAME, detector_json
from fsamt_engine.export.detector_graphs import detector_graphs
from fsamt_engine.export.detector_parity import (
    DetectorCandidate,
    Frames,
    OriginalDetector,
    RunnerFiles,
    compare_detections,
)
from fsamt_engine.export.files import write_text
from fsamt_engine.export.graph_file import N_THREADS
from fsamt_engine.export.made import Made
from fsamt_engine.export.packing import describe_folder, put_runner, put_weights, zipped
from fsamt_engine.export.settings import DetectionParity, ExportFormat, ExportSettings, Speed
from fsamt_engine.export.takes import ChosenTakes, RealTake
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.networks.weights import load_weights
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

RUNNER = "detect.py"
FORMATS = (ExportFormat.BUNDLE, ExportFormat.SAFETENSORS)
"""What a detector leaves as: it is several graphs with a search around them, no single file."""


def refuse_single_file(record: ModelRecord, format: ExportFormat) -> None:
    """Refuse the formats that are one file.

    Raises:
        FsamtError: It is one of them.
    """
    if format not in FORMATS:
        raise FsamtError(
            f"{record.id} is a detector, and {format} holds one network: a detector is several, "
            "with a search around them.",
            "Choose bundle, which has them with a program that runs them, or safetensors.",
        )


@dataclass(frozen=True)
class DetectorJob:
    """One export of a detector; see `export_model`."""

    library: Library
    loaded: LoadedDetector
    chosen: ChosenTakes
    format: ExportFormat
    settings: ExportSettings
    folder: Path
    on_progress: OnProgress | None
    should_stop: ShouldStop | None

    def make(self, out: Path) -> Made:
        """The file or folder, checked.

        Raises:
            ParityRefusedError, FsamtError, Cancelled: As `export_model` says.
        """
        content = self.folder / "content"
        content.mkdir()
        make = self._bundle if self.format is ExportFormat.BUNDLE else self._weights
        parity, speeds = make(content)
        card = detector_card(self.library, self.loaded, self.settings, self.format, parity, speeds)
        self._say("Packing")
        record = self.loaded.record
        put_weights(self.library, record, content)
        rate_hz = self.loaded.rate_hz
        describe_folder(self.library, record, self.settings, content, rate_hz, parity, card)
        is_folder = self.format is ExportFormat.SAFETENSORS and out.suffix.lower() != ".zip"
        path = content if is_folder else zipped(content, self.folder)
        return Made(path, parity, card, speeds)

    def _bundle(self, content: Path) -> tuple[DetectionParity, tuple[Speed, ...]]:
        """Graphs and runner, compared with the detector."""
        self._say("Writing the networks as ONNX")
        n_bytes = 0
        metadata = graph_metadata(self.loaded.record, self.settings)
        for name, model in detector_graphs(self.loaded, metadata).items():
            n_bytes += (content / name).write_bytes(model.SerializeToString())
        write_text(content / FILE_NAME, detector_json(self.loaded))
        put_runner(content, RUNNER)
        files = RunnerFiles(content, N_THREADS, self.should_stop)
        parity = self._compare(DetectorCandidate(files.found, files.told))
        return parity, (Speed("32-bit", files.ms_a_frame, n_bytes),)

    def _weights(self, content: Path) -> tuple[DetectionParity, tuple[Speed, ...]]:
        """The weights, compared by a detector that is built anew from them."""
        record = self.loaded.record
        detector = head(self.loaded.head).restore(read_description(self.library, record))
        detector.load_state_dict(load_weights(put_weights(self.library, record, content)))
        again = OriginalDetector(self.library, replace(self.loaded, detector=detector.eval()))

        def found(one: RealTake, prepared: Frames) -> Candidates:
            return again.found(one, prepared, self.should_stop)

        return self._compare(DetectorCandidate(found)), ()

    def _compare(self, candidate: DetectorCandidate) -> DetectionParity:
        return compare_detections(
            OriginalDetector(self.library, self.loaded),
            candidate,
            self.chosen,
            self.loaded.threshold,
            self.settings.tolerance or self.format.tolerance,
            on_progress=self.on_progress,
            should_stop=self.should_stop,
        )

    def _say(self, what: str) -> None:
        if self.should_stop and self.should_stop():
            raise Cancelled
        if self.on_progress:
            self.on_progress(Progress(what, 0, 1))
