"""Export of a model: made beside its place, checked on real clips or takes, then handed over."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from fsamt_engine.detection.detector import load_detector
from fsamt_engine.errors import Cancelled
from fsamt_engine.export.card import model_card
from fsamt_engine.export.clips import (
    ChosenClips,
    RealClip,
    choose_clips,
    training_clips,
    whole_clip,
)
from fsamt_engine.export.description import graph_metadata, models_before
from fsamt_engine.export.detector_export import DetectorJob, refuse_single_file
from fsamt_engine.export.detector_graphs import refuse_other_modality
from fsamt_engine.export.files import bytes_of, hand_over, refuse_ending, workshop
from fsamt_engine.export.graph import whole_graph
from fsamt_engine.export.graph_file import GraphFile, measure
from fsamt_engine.export.made import Made
from fsamt_engine.export.packing import describe_folder, put_runner, put_weights, zipped
from fsamt_engine.export.parity import (
    Candidate,
    Original,
    PreparedClip,
    compare,
    run_torch,
)
from fsamt_engine.export.pytorch import from_pt2, trace, write_pt2
from fsamt_engine.export.settings import (
    DetectionParity,
    Exported,
    ExportFormat,
    ExportSettings,
    Parity,
    Speed,
)
from fsamt_engine.export.takes import choose_takes
from fsamt_engine.export.variants import to_8_bits, to_16_bits
from fsamt_engine.learning.clips import Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.portable import onnx_file, prepared_network
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.learning.training_rate import training_rate_hz
from fsamt_engine.library import Library, ModelKind, ModelRecord
from fsamt_engine.networks import build, load_weights, restore
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

GRAPH = "model.onnx"
_BITS = {
    ExportFormat.ONNX: "32-bit",
    ExportFormat.BUNDLE: "32-bit",
    ExportFormat.ONNX_FP16: "16-bit",
    ExportFormat.ONNX_INT8: "8-bit",
}
_N_CALIBRATION = 32


def export_model(
    library: Library,
    record: ModelRecord,
    out: Path,
    format: ExportFormat,
    settings: ExportSettings | None = None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Exported:
    """Export a recogniser or a detector of depth; nothing is at `out` before it was checked.

    Args:
        library: Where the model is, and the takes that the file is checked on.
        record: The model.
        out: The file; with safetensors, a .zip or a folder.
        format: As what it leaves.
        settings: Licence, names, tolerance.
        on_progress: Told while clips are compared, and before everything else that takes seconds.
        should_stop: Asked between two clips.

    Raises:
        ParityRefusedError: The file does not answer as the model does.
        FsamtError: It is no recogniser or detector of depth, or a detector that is asked for as a
            single file; the library has nothing to check it on; or `out` cannot be written.
        Cancelled: `should_stop` asked for it.
    """
    began = time.monotonic()
    out = out.expanduser().absolute()
    refuse_ending(out, format)
    settings = settings or ExportSettings()
    make = _detector_maker if record.kind is ModelKind.DETECTOR else _recogniser_maker
    job = make(library, record, format, settings)
    with workshop(out, settings.replace) as folder:
        made = job(folder, out, on_progress, should_stop)
        n_bytes = bytes_of(made.path)
        hand_over(made.path, out)
    seconds = time.monotonic() - began
    return Exported(out, format, record.id, n_bytes, made.parity, made.speeds, made.card, seconds)


_Maker = Callable[[Path, Path, OnProgress | None, ShouldStop | None], Made]
"""Makes the file in a folder, for a place, and checks it."""


def _recogniser_maker(
    library: Library, record: ModelRecord, format: ExportFormat, settings: ExportSettings
) -> _Maker:
    loaded = load_model(library, record, choose_device("cpu"))
    original = Original(loaded, prepared_network(loaded))
    models_before(library, record)
    chosen = choose_clips(library, record, loaded.shape, settings.participants)

    def make(
        folder: Path, out: Path, on_progress: OnProgress | None, should_stop: ShouldStop | None
    ) -> Made:
        job = _Job(
            library, loaded, original, chosen, format, settings, folder, on_progress, should_stop
        )
        return job.make(out)

    return make


def _detector_maker(
    library: Library, record: ModelRecord, format: ExportFormat, settings: ExportSettings
) -> _Maker:
    refuse_single_file(record, format)
    loaded = load_detector(library, record, choose_device("cpu"))
    refuse_other_modality(loaded)
    models_before(library, record)
    chosen = choose_takes(library, record, settings.participants)

    def make(
        folder: Path, out: Path, on_progress: OnProgress | None, should_stop: ShouldStop | None
    ) -> Made:
        job = DetectorJob(
            library, loaded, chosen, format, settings, folder, on_progress, should_stop
        )
        return job.make(out)

    return make


@dataclass(frozen=True)
class _Job:
    library: Library
    loaded: LoadedModel
    original: Original
    chosen: ChosenClips
    format: ExportFormat
    settings: ExportSettings
    folder: Path
    on_progress: OnProgress | None
    should_stop: ShouldStop | None

    def make(self, out: Path) -> Made:
        match self.format:
            case ExportFormat.PT2:
                return self._pt2()
            case ExportFormat.SAFETENSORS:
                return self._safetensors(out)
            case ExportFormat.BUNDLE:
                return self._bundle()
            case _:
                return self._graph()

    @property
    def _rate_hz(self) -> float:
        return training_rate_hz(self.library, self.loaded.record)

    def _graph(self) -> Made:
        """One .onnx file, with what was measured in its metadata."""
        path = self.folder / GRAPH
        model = self._write_graph(path)
        file = GraphFile(path)
        parity = self._compare(Candidate(lambda clip, _: file.whole(clip), file.streamed))
        self._say("Measuring the speed")
        clip = next(self._clips(self.chosen.windows))
        speeds = measure(self._beside_original(file), clip)
        card = self._card(parity, speeds)
        before = file.whole(clip)
        _describe(model, graph_metadata(self.loaded.record, self.settings, parity, card))
        self._save(path, model)
        if (GraphFile(path).whole(clip) != before).any():
            raise RuntimeError("the file answers otherwise since it was described")
        return Made(path, parity, card, speeds)

    def _beside_original(self, file: GraphFile) -> dict[str, GraphFile]:
        """What is measured: the file, after the 32-bit one where it is another."""
        name, usual = _BITS[self.format], _BITS[ExportFormat.ONNX]
        if name == usual:
            return {name: file}
        path = self.folder / "original.onnx"
        self._save(path, self._whole(onnx.load(onnx_file(self.library, self.loaded))))
        return {usual: GraphFile(path), name: file}

    def _write_graph(self, path: Path) -> onnx.ModelProto:
        self._say("Writing the network as ONNX")
        network = onnx.load(onnx_file(self.library, self.loaded))
        if self.format is ExportFormat.ONNX_FP16:
            network = to_16_bits(network)
        elif self.format is ExportFormat.ONNX_INT8:
            self._say("Choosing 8-bit scales on clips of the training")
            network = to_8_bits(network, self._calibration(), self.folder)
        model = self._whole(network)
        self._save(path, model)
        return model

    def _whole(self, network: onnx.ModelProto) -> onnx.ModelProto:
        metadata = graph_metadata(self.loaded.record, self.settings)
        return whole_graph(self.loaded, self._rate_hz, metadata, network=network)

    def _calibration(self) -> list[PreparedClip]:
        windows = training_clips(self.library, self.loaded.record, self.loaded.shape)
        few = windows[:: max(1, -(-len(windows) // _N_CALIBRATION))]
        return [self.original.prepared(clip) for clip in self._clips(few)]

    def _clips(self, windows: Sequence[Window]) -> Iterator[RealClip]:
        """Those that are not damaged."""
        for window in windows:
            self._ask()
            clip = whole_clip(self.library, window, self.loaded.shape)
            if clip is not None:
                yield clip

    def _bundle(self) -> Made:
        graph = self._graph()
        content = self.folder / "content"
        content.mkdir()
        graph.path.rename(content / GRAPH)
        put_runner(content, "recognise.py")
        path = self._zipped(content, graph.parity, graph.card)
        return replace(graph, path=path)

    def _safetensors(self, out: Path) -> Made:
        content = self.folder / "content"
        content.mkdir()
        parity = self._compare_weights(content)
        card = self._card(parity)
        if out.suffix.lower() == ".zip":
            return Made(self._zipped(content, parity, card), parity, card)
        self._describe_folder(content, parity, card)
        return Made(content, parity, card)

    def _compare_weights(self, content: Path) -> Parity:
        """Copy the weights, and run the network that is built anew from the copy."""
        record = self.loaded.record
        weights = put_weights(self.library, record, content)
        network = build(record.network, self.loaded.network.in_channels)
        restore(network, load_weights(weights))
        again = prepared_network(replace(self.loaded, network=network))
        return self._compare(Candidate(lambda _, prepared: run_torch(again, prepared)))

    def _pt2(self) -> Made:
        self._say("Writing the network for PyTorch")
        path = self.folder / "network.pt2"
        program = trace(prepared_network(self.loaded), self.loaded.shape)
        write_pt2(path, program, {})
        again = from_pt2(path)
        parity = self._compare(Candidate(lambda _, prepared: run_torch(again, prepared)))
        card = self._card(parity)
        self._describe_folder(self.folder, parity, card)
        said = {
            file.name: file.read_text(encoding="utf-8")
            for file in self.folder.iterdir()
            if file.name in ("model.json", "labels.json", "CARD.md", "LICENCE")
        }
        write_pt2(path, program, said)
        from_pt2(path)
        return Made(path, parity, card)

    def _zipped(self, content: Path, parity: Parity | DetectionParity, card: str) -> Path:
        self._say("Packing")
        put_weights(self.library, self.loaded.record, content)
        self._describe_folder(content, parity, card)
        return zipped(content, self.folder)

    def _describe_folder(self, content: Path, parity: Parity | DetectionParity, card: str) -> None:
        record = self.loaded.record
        describe_folder(self.library, record, self.settings, content, self._rate_hz, parity, card)

    def _compare(self, candidate: Candidate) -> Parity:
        return compare(
            self.library,
            self.loaded,
            self.original,
            candidate,
            self.chosen,
            self.settings.tolerance or self.format.tolerance,
            on_progress=self.on_progress,
            should_stop=self.should_stop,
        )

    def _card(self, parity: Parity, speeds: tuple[Speed, ...] = ()) -> str:
        return model_card(
            self.library,
            self.loaded,
            self.settings,
            self.format,
            self._rate_hz,
            parity,
            speeds,
        )

    def _save(self, path: Path, model: onnx.ModelProto) -> None:
        path.write_bytes(model.SerializeToString())

    def _say(self, what: str) -> None:
        self._ask()
        if self.on_progress:
            self.on_progress(Progress(what, 0, 1))

    def _ask(self) -> None:
        if self.should_stop and self.should_stop():
            raise Cancelled


def _describe(model: onnx.ModelProto, metadata: Mapping[str, str]) -> None:
    """Add to an ONNX model's metadata, over what has the same name."""
    props = {one.key: one.value for one in model.metadata_props} | dict(metadata)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, props)
