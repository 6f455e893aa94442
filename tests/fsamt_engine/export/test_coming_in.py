"""A bundle comes into another library: with whom it has seen, and without harm."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fsamt_engine.cli import main
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.seen import refuse_seen, seen_participants, unknown_whom
from fsamt_engine.export.export import export_model
from fsamt_engine.export.files import pack, write_manifest
from fsamt_engine.export.settings import Exported, ExportFormat
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.model_import import import_model
from fsamt_engine.learning.store import load_model
from fsamt_engine.library import Library, SnapshotItem
from fsamt_engine.library.lineage import lineage
from fsamt_engine.library.models import list_models
from fsamt_engine.library.snapshots import snapshot
from fsamt_engine.recognition.thresholds import suggest_thresholds
from tests.fsamt_engine.conftest import add_square_take
from tests.fsamt_engine.export.leaving import House

Alter = Callable[..., Path]


@pytest.fixture
def altered(bundle: Exported, tmp_path: Path) -> Alter:
    """Packs the bundle again with other values in its model.json, or other weights."""

    def alter(weights: bytes | None = None, **fields: Any) -> Path:
        folder = tmp_path / "opened"
        with zipfile.ZipFile(bundle.path) as archive:
            archive.extractall(folder)
        (folder / "manifest.json").unlink()
        path = folder / "model.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | fields))
        if weights is not None:
            (folder / "weights.safetensors").write_bytes(weights)
        write_manifest(folder, "recogniser-00000000")
        pack(folder, tmp_path / "altered.zip")
        return tmp_path / "altered.zip"

    return alter


def nothing_came_in(library: Library) -> bool:
    left = [*library.models_folder.iterdir(), *library.cache_folder.glob("bundle-*")]
    return not list_models(library) and not left


def test_a_bundle_is_a_model_of_another_library(
    house: House, bundle: Exported, elsewhere: Library
) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    assert (brought.id, brought.actions) == (house.recogniser.id, house.recogniser.actions)
    assert [one.id for one in list_models(elsewhere)] == [brought.id]
    loaded = load_model(elsewhere, brought, choose_device("cpu"))
    assert loaded.network.classifier is not None
    assert {path.name for path in elsewhere.models_folder.iterdir()} == {brought.id}
    assert import_model(elsewhere, bundle.path) == (brought,)
    assert import_model(house.library, bundle.path)[0].id == house.recogniser.id
    assert len(list_models(house.library)) == 3


def test_it_brings_whom_those_before_it_have_seen(
    house: House, elsewhere: Library, tmp_path: Path
) -> None:
    done = house.export(tmp_path / "moves.zip", ExportFormat.SAFETENSORS, names_included=True)
    (brought,) = import_model(elsewhere, done.path)
    assert seen_participants(elsewhere, brought) == {"P1", "P2"}
    for who in ("P1", "P2"):
        with pytest.raises(FsamtError, match=f"has seen {who}"):
            refuse_seen(elsewhere, brought, [SnapshotItem("other", who, 0, 9, "down")])
    refuse_seen(elsewhere, brought, [SnapshotItem("other", "P3", 0, 9, "down")])
    assert "came without the models that it was made from; they had seen P1, P2" in " ".join(
        lineage(elsewhere, brought.id).missing
    )


def test_without_names_a_library_with_the_takes_still_knows_who_was_seen(
    house: House, bundle: Exported, elsewhere: Library
) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    assert all(name.startswith("person ") for name in seen_participants(elsewhere, brought))
    learned = snapshot(house.library, str(house.recogniser.snapshot_id)).train[0]
    with pytest.raises(FsamtError, match="has seen"):
        refuse_seen(elsewhere, brought, [SnapshotItem(learned.take_id, "Ada", 0, 9, "down")])


def test_without_names_nobody_else_is_claimed_to_be_unseen(
    house: House,
    bundle: Exported,
    elsewhere: Library,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    for number in (7, 8):
        add_square_take(elsewhere, "P3", "across", number)
    done = export_model(elsewhere, brought, tmp_path / "again", ExportFormat.SAFETENSORS)
    assert "whether its training has seen them is not known" in done.parity.words
    assert "people whom the training has not seen" not in done.card
    assert "whether it has seen people of this library is not known" in done.card
    command = ["evaluate", brought.id, "--library", str(elsewhere.root), "--participants", "P3"]
    assert main(command) == 0
    assert "whether it has seen people of this library is not known" in capsys.readouterr().out
    found = suggest_thresholds(elsewhere, brought, false_alarms_per_minute=10, device="cpu")
    assert unknown_whom(elsewhere, brought) in found.words
    assert unknown_whom(house.library, house.recogniser) == ""


def test_what_came_in_can_leave_again(bundle: Exported, elsewhere: Library, tmp_path: Path) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    out = tmp_path / "again"
    with pytest.raises(FsamtError, match="no clip in this library"):
        export_model(elsewhere, brought, out, ExportFormat.SAFETENSORS)
    add_square_take(elsewhere, "P3", "across", 0)
    done = export_model(elsewhere, brought, out, ExportFormat.SAFETENSORS)
    said = json.loads((done.path / "model.json").read_text())
    assert [one["kind"] for one in said["made_from"]] == ["student", "teacher"]
    assert "No test on people" in done.card
    assert "Finetuned on 4 labels of 1 participant, how long they are is not known here" in (
        done.card
    )
    made_from = [line for line in bundle.card.splitlines() if line.startswith("- Made from")]
    assert len(made_from) == 2
    for line in made_from:
        assert line.split(" (")[0].rstrip(".") in done.card
    assert "0 s" not in done.card


def test_a_folder_of_weights_comes_in_too(house: House, elsewhere: Library, tmp_path: Path) -> None:
    done = house.export(tmp_path / "moves", ExportFormat.SAFETENSORS)
    (brought,) = import_model(elsewhere, done.path)
    assert brought.id == house.recogniser.id


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "../../elsewhere"},
        {"id": "recogniser-0000000g"},
        {"in_channels": 10**9},
        {"in_channels": "1"},
        {"shape": {"n_frames": 10**9, "step": 1, "size": 16}},
        {"shape": {"n_frames": 8, "step": 1, "size": 10**6}},
        {"network": "os.system"},
        {"actions": ["across"]},
        {"actions": ["across", "\x1b[2J"]},
        {"name": "x" * 10_000},
        {"shape": {"n_frames": 1024, "step": 1, "size": 1024}},
        {"shape": {"n_frames": 8, "step": 2, "size": 24}},
        {"embedding_dim": 10**30},
        {"created_at_us": "now"},
        {"created_at_us": 10**18},
        {"created_at_us": -1},
        {"created_at_us": float("inf")},
        {"metrics": {"test_accuracy": float("inf")}},
        {"made_from": [{"snapshot": "nobody"}]},
        {"made_from": 7},
        {"metrics": {"loss": "low"}},
        {"preparation": None},
        {"snapshot": {"description": "", "actions": [], "train": [], "validation": []}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_description_that_was_altered_is_refused(
    altered: Alter, elsewhere: Library, fields: dict[str, Any]
) -> None:
    with pytest.raises(FsamtError):
        import_model(elsewhere, altered(**fields))
    assert nothing_came_in(elsewhere)


@pytest.mark.parametrize(
    "weights", [b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR.", b"", b"\xff" * 64]
)
def test_weights_that_are_none_are_refused_and_never_executed(
    altered: Alter,
    elsewhere: Library,
    weights: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FsamtError, match="not a whole safetensors file"):
        import_model(elsewhere, altered(weights))
    assert nothing_came_in(elsewhere)
    assert not (tmp_path / "pwned").exists()


def test_a_model_never_takes_the_place_of_another(
    house: House, altered: Alter, elsewhere: Library, bundle: Exported
) -> None:
    (brought,) = import_model(elsewhere, bundle.path)
    kept = elsewhere.absolute(brought.path) / "weights.safetensors"
    before = kept.read_bytes()
    with pytest.raises(FsamtError, match="another model of the id"):
        import_model(elsewhere, altered(key="0" * 64))
    assert kept.read_bytes() == before


def test_a_full_disk_leaves_nothing_of_a_bundle(
    bundle: Exported, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(3000)
    with Library.create(disk / "library") as library:
        (disk / "filler").write_bytes(bytes(disk_left(disk) - 200_000))
        with pytest.raises(FsamtError, match="full"):
            import_model(library, bundle.path)
        assert nothing_came_in(library)


def disk_left(folder: Path) -> int:
    return shutil.disk_usage(folder).free
