import builtins
import errno
import io
import os
from pathlib import Path

import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import build, load_weights, restore, save_weights, start_from


def test_saved_network_comes_back_to_the_bit(tmp_path: Path) -> None:
    network = build("r3d_tiny", 1, n_actions=4, seed=1)
    network(torch.randn(2, 1, 8, 32, 32))
    save_weights(tmp_path / "weights.safetensors", network)
    again = build("r3d_tiny", 1, seed=2)
    restore(again, load_weights(tmp_path / "weights.safetensors"))
    assert again.state_dict().keys() == network.state_dict().keys()
    for key, weight in network.state_dict().items():
        assert torch.equal(weight, again.state_dict()[key]), key
    assert os.listdir(tmp_path) == ["weights.safetensors"]


def test_restored_student_without_actions_has_no_classifier() -> None:
    network = build("r3d_tiny", 1, n_actions=4, seed=1)
    restore(network, build("r3d_tiny", 1, seed=2).state_dict())
    assert network.classifier is None


def test_start_from_copies_all_but_the_classifier() -> None:
    teacher = build("r3d_tiny", 2, n_actions=14, seed=1)
    student = build("r3d_tiny", 2, n_actions=5, seed=2)
    assert student.classifier is not None
    classifier = student.classifier.weight.clone()
    start_from(student, teacher.state_dict())
    for key, weight in student.state_dict().items():
        if not key.startswith("fc."):
            assert torch.equal(weight, teacher.state_dict()[key]), key
    assert torch.equal(student.classifier.weight, classifier)


@pytest.mark.parametrize("name", ["r3d_tiny", "tsm_mobilenet"])
@pytest.mark.parametrize(("old", "new"), [(3, 1), (2, 1), (3, 2), (1, 3)])
def test_start_from_keeps_the_response_to_an_input_whose_channels_are_alike(
    name: str, old: int, new: int
) -> None:
    teacher = build(name, old, seed=1).eval()
    student = build(name, new, seed=2).eval()
    start_from(student, teacher.state_dict())
    grey = torch.randn(1, 1, 8, 32, 32)
    with torch.no_grad():
        theirs = teacher.embed(grey.expand(-1, old, -1, -1, -1))
        ours = student.embed(grey.expand(-1, new, -1, -1, -1))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("take_up", [start_from, restore])
def test_weights_of_another_network_are_refused_and_change_nothing(take_up) -> None:
    network = build("r3d_tiny", 1, n_actions=3, seed=1)
    before = {key: weight.clone() for key, weight in network.state_dict().items()}
    foreign = build("mc3_18", 1, n_actions=6).state_dict()
    cut = build("r3d_tiny", 1, n_actions=6).state_dict()
    del cut["conv5.weight"]
    for state in (foreign, cut):
        with pytest.raises(FsamtError, match="do not fit the network"):
            take_up(network, state)
    assert all(torch.equal(before[key], weight) for key, weight in network.state_dict().items())


def test_restore_refuses_a_classifier_of_another_shape() -> None:
    network = build("r3d_tiny", 1, n_actions=3, seed=1)
    state = network.state_dict()
    state["fc.weight"] = torch.zeros(3, 99)
    with pytest.raises(FsamtError, match=r"do not fit.*fc\.weight"):
        restore(network, state)
    with pytest.raises(FsamtError, match="do not fit"):
        restore(network, build("r3d_tiny", 2).state_dict())


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x80\x02}q\x00.", b"half"])
def test_broken_or_foreign_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    if content == b"half":
        save_weights(path, build("r3d_tiny", 1))
        content = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(content)
    with pytest.raises(FsamtError, match=r"weights\.safetensors is not a whole safetensors file"):
        load_weights(path)


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match=r"gone\.safetensors cannot be read"):
        load_weights(tmp_path / "gone.safetensors")


class _FullDisk(io.BytesIO):
    def write(self, content: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_full_disk_keeps_the_old_weights_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "weights.safetensors"
    old = {"weight": torch.ones(3)}
    save_weights(path, old)

    def open_full(self: Path, mode: str = "r") -> io.BytesIO:
        builtins.open(self, mode).close()
        return _FullDisk()

    with monkeypatch.context() as full:
        full.setattr(Path, "open", open_full)
        with pytest.raises(FsamtError, match="disk is full"):
            save_weights(path, {"weight": torch.zeros(3)})
    assert torch.equal(load_weights(path)["weight"], old["weight"])
    assert os.listdir(tmp_path) == ["weights.safetensors"]


def test_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(FsamtError, match="could not be written"):
        save_weights(tmp_path / "nowhere" / "weights.safetensors", {"weight": torch.ones(1)})
