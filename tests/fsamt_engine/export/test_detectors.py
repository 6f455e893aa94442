"""Detectors that leave the house: their graphs and their runner find what they find."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import load_detector
from fsamt_engine.detection.options import DetectionHead
from fsamt_engine.detection.search import detect
from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.export import detector_export, detector_parity
from fsamt_engine.export.detector_parity import OriginalDetector, compared
from fsamt_engine.export.export import export_model
from fsamt_engine.export.runner import detect as runner_module
from fsamt_engine.export.settings import Exported, ExportFormat, ParityRefusedError
from fsamt_engine.export.takes import RealTake
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.library import Library, ModelKind
from fsamt_engine.progress import Progress, Stop

from .finding import ACTIONS, LICENCE, Search, saved, trained

GRAPHS = {
    DetectionHead.ANCHOR_FREE: {"embed.onnx", "head.onnx"},
    DetectionHead.R_C3D: {"features.onnx", "regions.onnx"},
}
FILES = {
    "prepare.onnx",
    "detector.json",
    "detect.py",
    "weights.safetensors",
    "model.json",
    "labels.json",
    "CARD.md",
    "LICENCE",
    "manifest.json",
}


@pytest.fixture(scope="module", params=list(DetectionHead))
def search(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Search]:
    made = trained(tmp_path_factory.mktemp("search") / "library", request.param)
    yield made
    made.library.close()


@pytest.fixture(scope="module")
def bundle(search: Search, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return search.export(tmp_path_factory.mktemp("bundle") / "finds.zip", licence=LICENCE)


@pytest.fixture(scope="module")
def folder(bundle: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, unpacked."""
    made = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extractall(made)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Library]:
    with Library.create(tmp_path / "elsewhere") as library:
        yield library


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The runner by itself; it may import nothing but numpy and ONNX Runtime."""
    program = (
        "import runpy, sys\n"
        "class Nothing:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in ('torch', 'fsamt_engine', 'onnx', 'scipy', 'cv2'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Nothing())\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    command = [sys.executable, "-I", "-c", program, str(folder / "detect.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_a_bundle_holds_graphs_runner_and_all_that_is_said(
    search: Search, bundle: Exported, folder: Path
) -> None:
    assert {path.name for path in folder.iterdir()} == FILES | GRAPHS[search.loaded.head]
    said = json.loads((folder / "model.json").read_text())
    assert said["exported"]["parity"]["n_agreeing"] == bundle.parity.n_agreeing >= 2
    assert said["detector"]["head"] == search.loaded.head
    assert bundle.parity.is_kept
    assert bundle.parity.n_watched == 1
    assert bundle.parity.takes_of == "people whom the training has not seen"
    assert "P3" not in (folder / "model.json").read_text()


def test_the_runner_finds_in_a_recording_what_the_program_finds(
    search: Search, folder: Path, tmp_path: Path
) -> None:
    one = search.take
    done = run(folder, saved(tmp_path / "take.npz", one), "--threshold", 0)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Open: depth")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    ours = detect(search.library, search.detector, [one.take_id], device="cpu")[one.take_id]
    assert len(ours) == len(rows) > 0
    for theirs in rows:
        start, end = float(theirs["start_frame"]), float(theirs["end_frame"])
        (same,) = (
            own
            for own in ours
            if (own.action, own.start, own.end)
            == (theirs["action"], pytest.approx(start, abs=0.02), pytest.approx(end, abs=0.02))
        )
        assert float(theirs["score"]) == pytest.approx(same.score, abs=1e-4)
        assert float(theirs["start_s"]) == pytest.approx(same.start / one.rate_hz, abs=0.01)
    starts = [float(row["start_s"]) for row in rows]
    assert starts == sorted(starts)


def test_lines_of_pku_mmd_number_the_actions(search: Search, folder: Path, tmp_path: Path) -> None:
    path = saved(tmp_path / "take.npz", search.take)
    done = run(folder, path, "--threshold", 0, "--form", "pku-mmd")
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        label, start, end, score = line.split(",")
        assert int(label) in range(1, len(ACTIONS) + 1)
        assert int(start) < int(end)
        assert 0 <= float(score) <= 1


def test_the_runner_tells_while_frames_come_what_the_program_tells(
    search: Search, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, loaded = search.take, search.loaded
    object.__setattr__(loaded, "threshold", 0.01)
    ours = OriginalDetector(search.library, loaded).told(one, None)
    at_us = np.rint(np.arange(one.n_frames) * 1e6 / one.rate_hz).astype(int)
    path = saved(tmp_path / "take.npz", one, at_us)
    done = run(folder, path, "--stream", "--threshold", 0.01)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["action"] for one in told] == [loaded.actions[place] for place in ours.actions]
    for theirs, (start, end), score in zip(told, ours.spans, ours.scores, strict=True):
        assert theirs["start_s"] == pytest.approx(start / one.rate_hz, abs=0.01)
        assert theirs["end_s"] == pytest.approx(end / one.rate_hz, abs=0.01)
        assert theirs["score"] == pytest.approx(score, abs=1e-4)
        assert theirs["known_s"] > theirs["end_s"]


def test_what_cannot_be_read_is_said_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("hello")
    done = run(folder, tmp_path / "text.npz")
    assert done.returncode == 1
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_card_says_what_it_finds_and_what_it_rests_on(bundle: Exported, folder: Path) -> None:
    card = (folder / "CARD.md").read_text()
    assert card == bundle.card
    for said in (
        "Finetuned on 8 labelled segments of 2 participants",
        "From scratch: nothing else was learned before",
        "No test on people whom its training has not seen is known",
        "How long after an action's end it is known was not measured",
        "Depth, and nothing else",
        "python detect.py recording.db3",
        bundle.parity.words,
        LICENCE,
    ):
        assert said in card


def test_weights_go_into_another_library_and_find_the_same(
    search: Search, elsewhere: Library, tmp_path: Path
) -> None:
    done = search.export(tmp_path / "finds.zip", ExportFormat.SAFETENSORS)
    assert done.parity.max_difference == 0
    (brought,) = import_model(elsewhere, done.path)
    assert brought.kind is ModelKind.DETECTOR
    other = load_detector(elsewhere, brought, choose_device("cpu"))
    assert (other.threshold, other.actions) == (search.loaded.threshold, search.loaded.actions)


def test_a_bundle_comes_into_another_library(bundle: Exported, elsewhere: Library) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    assert brought.kind is ModelKind.DETECTOR


@pytest.mark.parametrize("format", ["onnx", "onnx-fp16", "onnx-int8", "pt2"])
def test_a_single_file_is_refused_with_what_there_is(
    search: Search, tmp_path: Path, format: str
) -> None:
    kind = ExportFormat(format)
    with pytest.raises(FsamtError, match="holds one network") as refused:
        search.export(tmp_path / f"finds{kind.suffix}", kind)
    assert "bundle" in refused.value.hint
    assert "safetensors" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_finds_otherwise_is_refused_and_nothing_is_left(
    search: Search, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = runner_module.Model.search
    graphs = {path.name: onnx.load(path) for path in folder.glob("*.onnx")}

    def later(self: runner_module.Model, *given: object) -> runner_module.Found:
        found = right(self, *given)
        return found._replace(spans=found.spans + 5)

    monkeypatch.setattr(detector_export, "detector_graphs", lambda *_: graphs)
    monkeypatch.setattr(runner_module.Model, "search", later)
    with pytest.raises(ParityRefusedError, match="does not answer as the model does") as refused:
        search.export(tmp_path / "finds.zip")
    assert refused.value.parity.n_agreeing < refused.value.parity.n_detections
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_stopped_leaves_nothing(search: Search, tmp_path: Path) -> None:
    said: list[Progress] = []
    with pytest.raises(Cancelled):
        export_model(
            search.library,
            search.detector,
            tmp_path / "finds",
            ExportFormat.SAFETENSORS,
            on_progress=said.append,
            should_stop=lambda: Stop.CANCEL if said else None,
        )
    assert list(tmp_path.iterdir()) == []


def candidates(*rows: tuple[float, float, float, int]) -> Candidates:
    spans = [row[:2] for row in rows]
    return Candidates.of(spans, [row[2] for row in rows], [row[3] for row in rows], 2)


def test_each_detection_needs_one_of_its_own_at_the_same_time() -> None:
    ours = candidates((0, 100, 0.9, 0), (200, 300, 0.8, 1))
    same = compared(ours, ours, 0.5, 0.01)
    assert (same.n_ours, same.n_theirs, same.n_agreeing) == (2, 2, 2)
    for theirs, n_agreeing in (
        (candidates((0, 100, 0.9, 0)), 1),
        (candidates((0, 100, 0.9, 0), (200, 300, 0.8, 0)), 1),
        (candidates((0, 100, 0.9, 0), (210, 300, 0.8, 1)), 1),
        (candidates((0, 100, 0.9, 0), (200, 300, 0.7, 1)), 1),
        (candidates((0, 100, 0.9, 0), (0, 100, 0.9, 0), (200, 300, 0.8, 1)), 2),
    ):
        found = compared(ours, theirs, 0.5, 0.01)
        assert found.n_agreeing == n_agreeing
        assert max(found.n_ours, found.n_theirs) > n_agreeing


def test_a_score_at_the_threshold_may_fall_to_either_side() -> None:
    above, below = candidates((0, 100, 0.501, 0)), candidates((0, 100, 0.499, 0))
    found = compared(above, below, 0.5, 0.01)
    assert (found.n_ours, found.n_theirs, found.n_agreeing) == (1, 1, 1)
    cut = compared(above, candidates(), 0.5, 0.01, is_cut=True)
    assert (cut.n_ours, cut.n_theirs, cut.n_agreeing) == (0, 0, 0)
    assert compared(above, candidates(), 0.5, 0.01).n_ours == 1


def test_damaged_takes_are_left_out_and_said(
    search: Search, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = OriginalDetector.prepared
    first = search.take.take_id

    def damaged(self: OriginalDetector, one: RealTake, is_live: bool = False) -> object:
        if one.take_id == first:
            raise FsamtError("A frame is damaged.", "")
        return right(self, one, is_live)

    monkeypatch.setattr(detector_parity.OriginalDetector, "prepared", damaged)
    done = search.export(tmp_path / "finds", ExportFormat.SAFETENSORS)
    assert done.parity.n_left_out == 1
    assert "Damaged and left out: 1." in done.parity.words
