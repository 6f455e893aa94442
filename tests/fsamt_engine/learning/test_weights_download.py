"""Teachers by name: torchvision's own address and hash, and folders of the Hub."""

import hashlib
import json
from pathlib import Path

import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.hub import fetch_hub_folder
from fsamt_engine.learning.weights_download import download
from fsamt_engine.library import Library
from fsamt_engine.library.offered_weights import OFFERED
from tests.fsamt_engine.learning.serving import serving

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def hub_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    torch.hub.set_dir(str(tmp_path / "torch" / "hub"))
    return tmp_path / "torch" / "hub"


@pytest.fixture
def empty(tmp_path: Path):
    with Library.create(tmp_path / "empty") as library:
        yield library


def test_torchvisions_weights_come_from_its_own_address(
    empty: Library, tmp_path: Path, hub_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.models import video

    weights = video.S3D_Weights.KINETICS400_V1
    assert weights.url == "https://download.pytorch.org/models/s3d-d76dad2f.pth"
    torch.save(video.s3d(num_classes=400).state_dict(), tmp_path / "made.pth")
    content = (tmp_path / "made.pth").read_bytes()
    beginning = hashlib.sha256(content).hexdigest()[:8]
    with serving({f"/models/s3d-{beginning}.pth": content}) as server:
        url = f"{server.address}/models/s3d-{beginning}.pth"
        monkeypatch.setattr(weights.value, "url", url)
        model = download(empty, "s3d")
        assert download(empty, "s3d") == model
    assert (model.network, model.modality, len(model.actions)) == ("s3d", "rgb", 400)
    # Where torchvision itself looks, so that neither fetches what the other has.
    assert [path.name for path in (hub_dir / "checkpoints").iterdir()] == [f"s3d-{beginning}.pth"]
    assert len(server.asked) == 1


def test_every_offered_network_of_torchvision_has_weights_with_a_hash() -> None:
    from torchvision.models import get_model_weights

    named = [one.name for one in OFFERED if not one.repository]
    assert len(named) == 9
    for name in named:
        url = get_model_weights(name).DEFAULT.url
        assert len(url.removesuffix(".pth").rpartition("-")[2]) == 8


@pytest.mark.parametrize("name", ["resnet50", "videomae", "videomae:", "other:base", ""])
def test_a_name_that_nobody_knows_is_answered_with_those_that_are(
    empty: Library, name: str
) -> None:
    with pytest.raises(FsamtError, match="no weights called") as caught:
        download(empty, name)
    assert "r3d_18" in caught.value.hint
    assert "vjepa2:large" in caught.value.hint


def hub_files(files: dict[str, bytes], licence: str = "mit") -> dict[str, bytes]:
    """What the Hub's programming interface answers for a repository of these files."""
    siblings = []
    for name, content in files.items():
        lfs = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        siblings.append({"rfilename": name} | ({"lfs": lfs} if "safetensors" in name else {}))
    described = {"sha": SHA, "siblings": siblings, "cardData": {"license": licence}}
    served = {f"/o/n/resolve/{SHA}/{name}": content for name, content in files.items()}
    return served | {"/api/models/o/n?blobs=true": json.dumps(described).encode()}


def test_of_a_repository_only_what_is_needed_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "config.json": b"{}",
        "preprocessor_config.json": b"{}",
        "model.safetensors": b"weights",
        "pytorch_model.bin": b"code",
        "README.md": b"words",
        "onnx/model.safetensors": b"other",
    }
    with serving(hub_files(files)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        found = fetch_hub_folder("o/n")
    names = sorted(path.name for path in found.path.iterdir())
    assert names == ["config.json", "model.safetensors", "preprocessor_config.json"]
    assert found.licence == "mit"
    assert found.path.name == SHA


def test_a_file_that_is_not_the_published_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    served = hub_files({"config.json": b"{}", "model.safetensors": b"weights"})
    served[f"/o/n/resolve/{SHA}/model.safetensors"] = b"changed"
    with serving(served) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        with pytest.raises(FsamtError, match="not what was published"):
            fetch_hub_folder("o/n")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config.json": b"{}", "pytorch_model.bin": b""}, "no config.json with weights"),
        ({"model.safetensors": b""}, "no config.json with weights"),
    ],
)
def test_a_repository_without_safe_weights_is_refused(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], said: str
) -> None:
    with serving(hub_files(files)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        with pytest.raises(FsamtError, match=said):
            fetch_hub_folder("o/n")


def test_a_repository_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        with pytest.raises(FsamtError, match="answers 404"):
            fetch_hub_folder("o/n")
    with pytest.raises(FsamtError, match="cannot be reached") as caught:
        fetch_hub_folder("o/n")
    assert "models import FOLDER" in caught.value.hint
    with pytest.raises(FsamtError, match="no repository"):
        fetch_hub_folder("../..")
