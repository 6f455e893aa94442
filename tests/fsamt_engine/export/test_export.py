"""What leaves the house: whole, checked on real clips, described; or nothing at all."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.export import export as exporting
from fsamt_engine.export.clips import choose_clips, read_clip, training_clips
from fsamt_engine.export.export import export_model
from fsamt_engine.export.graph_file import GraphFile
from fsamt_engine.export.parity import Original
from fsamt_engine.export.settings import Exported, ExportFormat, ParityRefusedError
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.portable import PreparedNetwork, prepared_network
from fsamt_engine.learning.store import load_model
from fsamt_engine.networks import load_weights
from fsamt_engine.progress import Progress, Stop
from tests.fsamt_engine.export.leaving import LICENCE, SHAPE, House

FILES = {
    "model.onnx",
    "weights.safetensors",
    "model.json",
    "labels.json",
    "CARD.md",
    "LICENCE",
    "recognise.py",
    "manifest.json",
}


def original(house: House) -> Original:
    loaded = load_model(house.library, house.recogniser, choose_device("cpu"))
    return Original(loaded, prepared_network(loaded))


def texts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if not name.endswith((".onnx", ".safetensors"))
        }


def test_a_bundle_holds_the_model_with_all_that_belongs_to_it(bundle: Exported) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        assert set(archive.namelist()) == FILES
    said = texts(bundle.path)
    assert said["LICENCE"].strip() == LICENCE
    labels = json.loads(said["labels.json"])["actions"]
    assert [one["name"] for one in labels] == ["across", "down"]
    assert bundle.n_bytes == bundle.path.stat().st_size


def test_a_graph_takes_raw_depth_and_answers_as_the_program_does(
    house: House, bundle: Exported, tmp_path: Path
) -> None:
    with zipfile.ZipFile(bundle.path) as archive:
        archive.extract("model.onnx", tmp_path)
    file = GraphFile(tmp_path / "model.onnx")
    ours = original(house)
    window = choose_clips(house.library, house.recogniser, SHAPE).windows[-1]
    clip = read_clip(house.library, window, SHAPE)
    assert clip.frames.dtype == np.uint16
    np.testing.assert_allclose(file.whole(clip), ours.probabilities(ours.prepared(clip)), atol=1e-5)
    np.testing.assert_allclose(
        file.streamed(clip), ours.probabilities(ours.prepared_live(clip)), atol=1e-5
    )


def test_what_was_measured_stands_in_the_file_itself(house: House, tmp_path: Path) -> None:
    done = house.export(tmp_path / "moves.onnx", ExportFormat.ONNX, licence=LICENCE)
    said = {one.key: one.value for one in onnx.load(done.path).metadata_props}
    assert json.loads(said["actions"]) == ["across", "down"]
    assert json.loads(said["parity"])["n_clips"] == done.parity.n_clips
    assert said["licence"] == LICENCE
    assert said["model_card"] == done.card
    assert done.parity.n_streamed > 0
    assert [path.name for path in tmp_path.iterdir()] == ["moves.onnx"]


def test_clips_of_people_whom_the_training_has_not_seen_come_first(house: House) -> None:
    chosen = choose_clips(house.library, house.recogniser, SHAPE)
    takes = {row[0]: row[1] for row in house.library.rows("SELECT id, participant FROM takes")}
    assert {takes[one.take_id] for one in chosen.windows} == {"P3"}
    assert chosen.of == "people whom the training has not seen"
    learned = {takes[one.take_id] for one in training_clips(house.library, house.recogniser, SHAPE)}
    assert learned == {"P2"}


def test_a_card_says_what_it_rests_on(house: House, bundle: Exported) -> None:
    said = bundle.card
    assert "Finetuned on 4 labels of 1 participant" in said
    assert "Made from a student: transfer on" in said
    assert "Made from a teacher: flow" in said
    assert re.search(r"% of 4 clips of 1 person whom no part of its training has seen", said)
    assert "95 % interval" in said
    assert "Depth, and nothing else" in said
    assert bundle.parity.words in said
    assert LICENCE in said
    assert said == texts(bundle.path)["CARD.md"]


def test_a_card_without_a_test_does_not_claim_one(house: House, tmp_path: Path) -> None:
    test = house.library.absolute(house.recogniser.path) / "test.json"
    kept = test.rename(tmp_path / "test.json")
    cache = house.library.cache_folder / "evaluations"
    moved = cache.rename(tmp_path / "evaluations") if cache.exists() else None
    try:
        done = house.export(tmp_path / "moves", ExportFormat.SAFETENSORS)
    finally:
        kept.rename(test)
        if moved is not None:
            moved.rename(cache)
    assert "No test on people whom its training has not seen is known" in done.card
    assert "interval" not in done.card


def test_names_stay_in_the_house(house: House, bundle: Exported, tmp_path: Path) -> None:
    for name, text in texts(bundle.path).items():
        assert not re.search(r"\bP[123]\b", text), name
    content = json.loads(texts(bundle.path)["model.json"])
    people = {item[1] for item in content["snapshot"]["train"]}
    assert people == {f"person 1 of {house.recogniser.id}"}
    assert [one["kind"] for one in content["made_from"]] == ["student", "teacher"]
    done = house.export(tmp_path / "named", ExportFormat.SAFETENSORS, names_included=True)
    assert "Participants of the labels: P2." in done.card
    assert '"P2"' in (done.path / "model.json").read_text()


def test_no_file_says_where_it_was_made(bundle: Exported, pt2: Exported) -> None:
    for path in (bundle.path, pt2.path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                content = archive.read(name)
                for place in (str(Path(__file__).parents[3]), str(Path(torch.__file__).parent)):
                    assert place.encode() not in content, name


def test_pytorch_reads_the_network_with_its_card_and_nothing_pickled(
    house: House, pt2: Exported
) -> None:
    beside = {"CARD.md": "", "model.json": ""}
    network = torch.export.load(pt2.path, extra_files=beside).module()
    assert beside["CARD.md"] == pt2.card
    clips = torch.rand(3, SHAPE.n_frames, SHAPE.size, SHAPE.size)
    loaded = load_model(house.library, house.recogniser, choose_device("cpu"))
    with torch.no_grad():
        torch.testing.assert_close(network(clips), prepared_network(loaded)(clips))
    with zipfile.ZipFile(pt2.path) as archive:
        for name in archive.namelist():
            assert archive.read(name)[:2] not in (b"PK", b"\x80\x02"), name


def test_weights_leave_as_a_folder_that_can_be_read(house: House, tmp_path: Path) -> None:
    done = house.export(tmp_path / "moves", ExportFormat.SAFETENSORS)
    assert {path.name for path in done.path.iterdir()} == FILES - {"model.onnx", "recognise.py"}
    kept = house.library.absolute(house.recogniser.path) / "weights.safetensors"
    left = load_weights(done.path / "weights.safetensors")
    assert all(torch.equal(value, left[key]) for key, value in load_weights(kept).items())
    assert done.parity.max_difference == 0


@pytest.mark.parametrize(
    ("format", "name"), [(ExportFormat.ONNX_FP16, "16-bit"), (ExportFormat.ONNX_INT8, "8-bit")]
)
def test_a_variant_stands_beside_the_original(
    house: House, tmp_path: Path, format: ExportFormat, name: str
) -> None:
    done = house.export(tmp_path / "moves.onnx", format)
    original, own = done.speeds
    assert (original.name, own.name) == ("32-bit", name)
    assert own.n_bytes < original.n_bytes
    assert f"{own.ms:.1f} ms" in done.speed_words
    assert f"| {name} |" in done.card


def test_a_file_that_answers_otherwise_is_refused_and_nothing_is_left(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(network: torch.nn.Module, *_: object) -> torch.export.ExportedProgram:
        assert isinstance(network, PreparedNetwork)
        network.offset += 0.5
        return traced(network, SHAPE)

    traced = exporting.trace
    monkeypatch.setattr(exporting, "trace", other)
    with pytest.raises(ParityRefusedError, match="does not answer as the model does") as refused:
        house.export(tmp_path / "moves.pt2", ExportFormat.PT2)
    assert refused.value.parity.max_difference > 0.001
    assert list(tmp_path.iterdir()) == []


def test_a_difference_beyond_the_tolerance_asked_for_is_refused(
    house: House, tmp_path: Path
) -> None:
    with pytest.raises(ParityRefusedError, match="1e-09 is allowed"):
        house.export(tmp_path / "moves.onnx", ExportFormat.ONNX_FP16, tolerance=1e-9)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_stopped_leaves_nothing(house: House, tmp_path: Path) -> None:
    said: list[Progress] = []
    with pytest.raises(Cancelled):
        export_model(
            house.library,
            house.recogniser,
            tmp_path / "moves",
            ExportFormat.SAFETENSORS,
            on_progress=said.append,
            should_stop=lambda: Stop.CANCEL if said else None,
        )
    assert said
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_replaced_only_if_asked(house: House, tmp_path: Path) -> None:
    out = tmp_path / "moves.zip"
    out.write_text("of great worth")
    with pytest.raises(FsamtError, match="is there already"):
        house.export(out, ExportFormat.SAFETENSORS)
    assert out.read_text() == "of great worth"
    house.export(out, ExportFormat.SAFETENSORS, replace=True)
    assert zipfile.is_zipfile(out)
    with pytest.raises(FsamtError, match="is not empty"):
        house.export(tmp_path, ExportFormat.SAFETENSORS, replace=True)


def test_a_missing_folder_and_a_full_disk_are_said_in_words(
    house: House, tmp_path: Path, small_disk
) -> None:
    with pytest.raises(FsamtError, match="There is no folder"):
        house.export(tmp_path / "nowhere" / "moves", ExportFormat.SAFETENSORS)
    disk = small_disk(500)
    with pytest.raises(FsamtError, match="is full; nothing was written"):
        house.export(disk / "moves", ExportFormat.SAFETENSORS)
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize(("which", "words"), [("teacher", "not depth"), ("student", "no actions")])
def test_what_is_no_recogniser_of_depth_does_not_leave(
    house: House, tmp_path: Path, which: str, words: str
) -> None:
    with pytest.raises(FsamtError, match=words):
        export_model(
            house.library, getattr(house, which), tmp_path / "moves", ExportFormat.SAFETENSORS
        )
    assert list(tmp_path.iterdir()) == []
