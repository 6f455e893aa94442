"""Export of a recogniser: made beside its place, checked on real clips, then handed over."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

import onnx

from fsamt_engine.errors import Cancelled
from fsamt_engine.export.card import NO_LICENCE, model_card
from fsamt_engine.export.clips import (
    ChosenClips,
    RealClip,
    choose_clips,
    training_clips,
    whole_clip,
)
from fsamt_engine.export.description import graph_metadata, labels_json, model_json, models_before
from fsamt_engine.export.files import (
    bytes_of,
    hand_over,
    pack,
    refuse_ending,
    workshop,
    write_manifest,
    write_text,
)
from fsamt_engine.export.graph import whole_graph
from fsamt_engine.export.graph_file import GraphFile, measure
from fsamt_engine.export.parity import (
    Candidate,
    Original,
    PreparedClip,
    compare,
    run_torch,
)
from fsamt_engine.export.pytorch import from_pt2, trace, write_pt2
from fsamt_engine.export.settings import Exported, ExportFormat, ExportSettings, Parity, Speed
from fsamt_engine.export.variants import to_8_bits, to_16_bits
from fsamt_engine.learning.bundles import unpack_bundle
from fsamt_engine.learning.clips import Window
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.portable import onnx_file, prepared_network
from fsamt_engine.learning.store import LoadedModel, load_model
from fsamt_engine.learning.training_rate import training_rate_hz
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.models import NEEDED_FILES
from fsamt_engine.networks import build, load_weights, restore
from fsamt_engine.progress import OnProgress, Progress, ShouldStop

GRAPH, WEIGHTS = "model.onnx", "weights.safetensors"
_BITS = {
    ExportFormat.ONNX: "32-bit",
    ExportFormat.BUNDLE: "32-bit",
    ExportFormat.ONNX_FP16: "16-bit",
    ExportFormat.ONNX_INT8: "8-bit",
}
_N_CALIBRATION = 32


@dataclass(frozen=True)
class _Made:
    """What lies in the workshop, checked."""

    path: Path
    parity: Parity
    card: str
    speeds: tuple[Speed, ...] = ()


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
    """Export a recogniser of depth; nothing is at `out` before it was checked.

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
        FsamtError: It is no recogniser of depth, the library has no clip to check it on, or `out`
            cannot be written.
        Cancelled: `should_stop` asked for it.
    """
    began = time.monotonic()
    out = out.expanduser().absolute()
    refuse_ending(out, format)
    loaded = load_model(library, record, choose_device("cpu"))
    original = Original(loaded, prepared_network(loaded))
    settings = settings or ExportSettings()
    models_before(library, record)
    chosen = choose_clips(library, record, loaded.shape, settings.participants)
    with workshop(out, settings.replace) as folder:
        job = _Job(
            library, loaded, original, chosen, format, settings, folder, on_progress, should_stop
        )
        made = job.make(out)
        n_bytes = bytes_of(made.path)
        hand_over(made.path, out)
    seconds = time.monotonic() - began
    return Exported(out, format, record.id, n_bytes, made.parity, made.speeds, made.card, seconds)


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

    def make(self, out: Path) -> _Made:
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

    def _graph(self) -> _Made:
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
        return _Made(path, parity, card, speeds)

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

    def _bundle(self) -> _Made:
        graph = self._graph()
        content = self.folder / "content"
        content.mkdir()
        graph.path.rename(content / GRAPH)
        runner = resources.files("fsamt_engine.export.runner").joinpath("recognise.py")
        (content / "recognise.py").write_bytes(runner.read_bytes())
        path = self._zipped(content, graph.parity, graph.card)
        return replace(graph, path=path)

    def _safetensors(self, out: Path) -> _Made:
        content = self.folder / "content"
        content.mkdir()
        parity = self._compare_weights(content)
        card = self._card(parity)
        if out.suffix.lower() == ".zip":
            return _Made(self._zipped(content, parity, card), parity, card)
        self._describe_folder(content, parity, card)
        return _Made(content, parity, card)

    def _compare_weights(self, content: Path) -> Parity:
        """Copy the weights, and run the network that is built anew from the copy."""
        record = self.loaded.record
        source = self.library.absolute(record.path)
        shutil.copyfile(source / WEIGHTS, content / WEIGHTS)
        network = build(record.network, self.loaded.network.in_channels)
        restore(network, load_weights(content / WEIGHTS))
        again = prepared_network(replace(self.loaded, network=network))
        return self._compare(Candidate(lambda _, prepared: run_torch(again, prepared)))

    def _pt2(self) -> _Made:
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
        return _Made(path, parity, card)

    def _zipped(self, content: Path, parity: Parity, card: str) -> Path:
        """Pack a folder, and read the archive as whoever gets it will."""
        self._say("Packing")
        weights = self.library.absolute(self.loaded.record.path) / WEIGHTS
        if not (content / WEIGHTS).exists():
            shutil.copyfile(weights, content / WEIGHTS)
        self._describe_folder(content, parity, card)
        path, read = self.folder / "model.zip", self.folder / "read"
        pack(content, path)
        read.mkdir()
        unpack_bundle(path, read)
        if any((read / n).read_bytes() != (content / n).read_bytes() for n in NEEDED_FILES):
            raise RuntimeError("the archive does not hold what was put into it")
        return path

    def _describe_folder(self, content: Path, parity: Parity, card: str) -> None:
        record = self.loaded.record
        said = model_json(self.library, record, self.settings, self._rate_hz, parity)
        write_text(content / "model.json", said)
        write_text(content / "labels.json", labels_json(self.library, record))
        write_text(content / "CARD.md", card)
        write_text(content / "LICENCE", (self.settings.licence.strip() or NO_LICENCE) + "\n")
        write_manifest(content, record.id)

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
