"""Published weights are known by what is in the file; whatever else it is is refused in words."""

import math
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import build, restore
from fsamt_engine.networks.published import PublishedWeights, recognise_weights
from tests.fsamt_engine.networks.layouts import (
    mars_shapes,
    resnet3d_shapes,
    slowonly_shapes,
    small,
)


def mars_file(path: Path, in_channels: int, n_classes: int = 400) -> Path:
    """A checkpoint as MARS' `train.py` saves it: `DataParallel`, with its optimiser."""
    state = small(mars_shapes(in_channels, n_classes))
    content = {
        "epoch": 251,
        "arch": "resnext-101",
        "state_dict": OrderedDict((f"module.{key}", value) for key, value in state.items()),
        "optimizer": {"state": {}, "param_groups": [{"lr": 0.1, "params": [0, 1]}]},
    }
    torch.save(content, path)
    return path


def read(path: Path, state: object) -> PublishedWeights:
    torch.save(state, path)
    return recognise_weights(path)


@pytest.mark.parametrize(("in_channels", "modality"), [(2, "flow"), (3, "rgb")])
def test_mars_is_known_by_its_keys(tmp_path: Path, in_channels: int, modality: str) -> None:
    found = recognise_weights(mars_file(tmp_path / "called anything.bin", in_channels))
    assert (found.network, found.modality, found.n_classes) == ("resnext3d_101", modality, 400)
    assert (found.in_channels, found.licence) == (in_channels, "MIT")
    assert "MARS" in found.source
    assert {k: tuple(v.shape) for k, v in found.state.items()} == mars_shapes(in_channels, 400)
    convention = found.convention
    assert (convention.n_frames, convention.step, convention.size) == (16, 1, 112)
    if modality == "flow":
        # A byte b stands for (b - 127.5) / 127.5 of the bound; the network wants b - 127.5.
        assert convention.mean == (0, 0)
        assert [1 / s for s in convention.std] == pytest.approx([127.5] * 2)
        assert convention.bound_share == 20 / 256
    else:
        assert [255 * m for m in convention.mean] == pytest.approx([114.7748, 107.7354, 99.4750])
        assert [1 / s for s in convention.std] == pytest.approx([255] * 3)


def test_files_of_before_batch_norms_counted_are_filled_in(tmp_path: Path) -> None:
    state = small(mars_shapes(3, 400))
    old = {f"module.{k}": v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    found = read(tmp_path / "old.pth", {"arch": "resnext-101", "state_dict": old})
    assert found.state.keys() == state.keys()


@pytest.mark.parametrize("depth", [18, 34, 50, 101])
def test_3d_resnets_of_2020_are_known_by_their_blocks(tmp_path: Path, depth: int) -> None:
    found = read(tmp_path / "w.pth", {"state_dict": small(resnet3d_shapes(depth, 3, 700))})
    assert (found.network, found.source) == (f"resnet3d_{depth}", "3D-ResNets-PyTorch (2020)")
    assert (found.modality, found.n_classes) == ("rgb", 700)
    assert found.convention.mean == (0.4345, 0.4051, 0.3775)
    assert found.convention.std == (0.2768, 0.2713, 0.2737)


def test_the_prefix_of_2018_means_the_numbers_of_2018(tmp_path: Path) -> None:
    state = {f"module.{key}": v for key, v in small(resnet3d_shapes(50, 3, 400)).items()}
    found = read(tmp_path / "resnet-50-kinetics.pth", {"arch": "resnet-50", "state_dict": state})
    assert found.source == "3D-ResNets-PyTorch (2018)"
    assert 255 * found.convention.mean[0] == pytest.approx(114.7748)


@pytest.mark.parametrize(("in_channels", "modality"), [(2, "flow"), (3, "rgb")])
def test_slowonly_is_known_and_renamed(tmp_path: Path, in_channels: int, modality: str) -> None:
    state = small(slowonly_shapes(in_channels, 400))
    config = "train_pipeline = [dict(type='SampleFrames', clip_len=4, frame_interval=16)]"
    content = {"meta": {"mmcv_version": "0.5", "config": config}, "state_dict": state}
    found = read(tmp_path / "w.pth", content)
    assert (found.network, found.modality, found.n_classes) == ("slowonly_50", modality, 400)
    assert (found.convention.n_frames, found.convention.step) == (4, 16)
    assert found.convention.size == 224
    without = read(tmp_path / "w.pth", state)
    assert (without.convention.n_frames, without.convention.step) == (8, 8)
    restore(build("slowonly_50", in_channels), found.state)


def test_slowonlys_flow_is_bytes_minus_128_over_128(tmp_path: Path) -> None:
    convention = read(tmp_path / "w.pth", small(slowonly_shapes(2, 400))).convention
    stored = (200 - 127.5) / 127.5
    assert (stored - convention.mean[0]) / convention.std[0] == pytest.approx((200 - 128) / 128)
    # 20 px where the short side has 320, of which the middle 7/8 are seen.
    assert convention.bound_share == pytest.approx(20 / 280)


@pytest.mark.parametrize(
    ("name", "frames", "step", "size"),
    [
        ("r3d_18", 16, 2, 112),
        ("mc3_18", 16, 2, 112),
        ("r2plus1d_18", 16, 2, 112),
        ("s3d", 128, 2, 224),
        ("mvit_v1_b", 16, 4, 224),
        ("mvit_v2_s", 16, 4, 224),
        ("swin3d_t", 32, 2, 224),
        ("swin3d_s", 32, 2, 224),
        ("swin3d_b", 32, 2, 224),
    ],
)
def test_torchvisions_networks_are_known_from_their_own_state_dict(
    tmp_path: Path, name: str, frames: int, step: int, size: int
) -> None:
    from torchvision.models import get_model_weights, video

    with torch.device("meta"):
        published = getattr(video, name)(num_classes=400)
    state = small({key: tuple(value.shape) for key, value in published.state_dict().items()})
    state |= {
        key: torch.zeros(state[key].shape, dtype=torch.long) for key in state if "batches" in key
    }
    found = read(tmp_path / "w.pth", state)
    assert (found.network, found.source, found.n_classes) == (name, "torchvision", 400)
    convention = found.convention
    assert (convention.n_frames, convention.step, convention.size) == (frames, step, size)
    transform = get_model_weights(name).DEFAULT.transforms()
    assert convention.mean == tuple(transform.mean)
    assert convention.std == tuple(transform.std)


def test_what_was_read_answers_as_torchvision_does(tmp_path: Path) -> None:
    from torchvision.models import video

    torch.manual_seed(0)
    published = video.s3d(num_classes=400).eval()
    found = read(tmp_path / "s3d.pth", published.state_dict())
    network = build(found.network, 3)
    restore(network, found.state)
    clips = torch.randn(1, 3, 16, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(clips), published(clips), rtol=1e-5, atol=1e-5)


def test_weights_of_16_bits_get_32(tmp_path: Path) -> None:
    state = small(resnet3d_shapes(18, 3, 4)) | {"fc.weight": torch.zeros(4, 512).half()}
    assert read(tmp_path / "w.pth", state).state["fc.weight"].dtype is torch.float32


def refused(path: Path) -> FsamtError:
    with pytest.raises(FsamtError) as caught:
        recognise_weights(path)
    assert caught.value.hint
    return caught.value


def test_another_network_is_refused_by_its_keys(tmp_path: Path) -> None:
    torch.save({"encoder.weight": torch.zeros(2), "decoder.weight": torch.zeros(2)}, tmp_path / "w")
    assert "decoder.weight, encoder.weight" in refused(tmp_path / "w").message


def test_a_network_with_a_part_too_many_is_refused_with_its_key(tmp_path: Path) -> None:
    state = small(slowonly_shapes(3, 400)) | {
        "backbone.layer2.1.non_local.g.weight": torch.zeros(1)
    }
    torch.save(state, tmp_path / "w.pth")
    assert "it has layer2.1.non_local.g.weight besides" in refused(tmp_path / "w.pth").message


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    state = small(mars_shapes(3, 400))
    del state["layer3.7.bn2.running_var"]
    torch.save(state, tmp_path / "w.pth")
    assert "it lacks layer3.7.bn2.running_var" in refused(tmp_path / "w.pth").message


def test_another_shape_is_named(tmp_path: Path) -> None:
    state = small(resnet3d_shapes(50, 3, 400)) | {
        "layer1.0.conv2.weight": torch.zeros(128, 64, 1, 1, 1)
    }
    torch.save(state, tmp_path / "w.pth")
    said = refused(tmp_path / "w.pth").message
    assert "layer1.0.conv2.weight is 128x64x1x1x1 and not 64x64x3x3x3" in said


@pytest.mark.parametrize(
    ("stages", "said"), [("3, 8, 36, 3", "3, 8, 36, 3"), ("1, 1, 1, 1", "1, 1, 1, 1")]
)
def test_a_resnet_of_another_depth_is_refused_by_its_blocks(
    tmp_path: Path, stages: str, said: str
) -> None:
    state = {"conv1.weight": torch.zeros(64, 3, 7, 7, 7)}
    for layer, n_blocks in enumerate(stages.split(", "), 1):
        for block in range(int(n_blocks)):
            state[f"layer{layer}.{block}.conv1.weight"] = torch.zeros(1)
    torch.save(state, tmp_path / "w.pth")
    assert said in refused(tmp_path / "w.pth").message


def test_shortcuts_without_weights_are_refused_as_such(tmp_path: Path) -> None:
    shapes = resnet3d_shapes(18, 3, 400)
    state = small({k: v for k, v in shapes.items() if "downsample" not in k})
    torch.save(state, tmp_path / "resnet-18-kinetics.pth")
    assert "type A" in refused(tmp_path / "resnet-18-kinetics.pth").message


@pytest.mark.parametrize("channels", [1, 5])
def test_channels_that_no_modality_has_are_refused(tmp_path: Path, channels: int) -> None:
    torch.save(small(mars_shapes(channels, 400)), tmp_path / "w.pth")
    assert f"conv1.weight is 64x{channels}x7x7x7" in refused(tmp_path / "w.pth").message


def test_a_network_for_pictures_is_refused_as_one(tmp_path: Path) -> None:
    from torchvision.models import resnet50

    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in resnet50().state_dict().items()}
    torch.save(small(shapes), tmp_path / "resnet50.pth")
    assert "pictures, not for video" in refused(tmp_path / "resnet50.pth").message


class Executed:
    """Would leave a trace if a file were executed."""

    def __reduce__(self):
        return (Path.write_text, (Path("executed"), "yes"))


def test_a_file_that_needs_pickle_is_refused_and_nothing_is_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {}, "trainer": Executed()}, tmp_path / "w.pth")
    error = refused(tmp_path / "w.pth")
    assert "executed" in error.message
    assert "besides weights it holds" in error.message
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_file_that_is_cut_short_is_refused_as_such(tmp_path: Path, share: float) -> None:
    whole = tmp_path / "whole.pth"
    torch.save({"stem.0.weight": torch.randn(64, 64)}, whole)
    content = whole.read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[: math.floor(share * len(content))])
    assert "cut short or damaged" in refused(tmp_path / "cut.pth").message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n<!DOCTYPE html><html>Google Drive - Virus scan warning", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12", "Git LFS"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "no file of weights at all"),
        (b"hello world", "no file of weights at all"),
    ],
)
def test_what_lies_where_weights_should_be_is_named(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "RGB_Kinetics_16f.pth").write_bytes(content)
    assert said in refused(tmp_path / "RGB_Kinetics_16f.pth").message


def test_a_zip_of_something_else_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(tmp_path / "x.pth")
    assert "No such file" in refused(tmp_path / "nowhere.pth").message


def test_a_program_instead_of_weights_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as archive:  # What torch.jit.save leaves.
        archive.writestr("w/data.pkl", b"")
        archive.writestr("w/constants.pkl", b"")
    assert "TorchScript" in refused(tmp_path / "w.pt").message
