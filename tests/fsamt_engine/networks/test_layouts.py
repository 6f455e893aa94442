"""The layouts of published weights, counted by hand and loaded key by key."""

import subprocess
import sys

import pytest
import torch

from fsamt_engine.networks import build, start_from
from tests.fsamt_engine.networks.layouts import mars_shapes


@pytest.mark.parametrize("in_channels", [2, 3])
def test_resnext3d_101_has_the_keys_and_shapes_of_mars(in_channels: int) -> None:
    with torch.device("meta"):
        network = build("resnext3d_101", in_channels, n_actions=400)
    own = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert own == mars_shapes(in_channels, 400)


def test_resnext3d_101_starts_from_a_stripped_mars_checkpoint() -> None:
    shapes = mars_shapes(in_channels=2, n_actions=400)
    published = {f"module.{key}": torch.full(shape, 0.5) for key, shape in shapes.items()}
    stripped = {key.removeprefix("module."): value for key, value in published.items()}
    network = build("resnext3d_101", 2, n_actions=5, seed=0)
    start_from(network, stripped)
    own = network.state_dict()
    assert all(
        (own[key] == 0.5).all() for key in shapes if not key.startswith("fc.") and shapes[key]
    )
    assert network.classifier is not None
    assert network.classifier.weight.shape == (5, 2048)


def test_resnext3d_101_maps_shrink_as_published() -> None:
    with torch.device("meta"):
        network = build("resnext3d_101", 3)
        shapes = {}
        for name in ("conv1", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            network.get_submodule(name).register_forward_hook(
                lambda _module, _inputs, output, name=name: shapes.update({name: output.shape[1:]})
            )
        network.embed(torch.empty(1, 3, 16, 112, 112))
    assert {name: tuple(shape) for name, shape in shapes.items()} == {
        "conv1": (64, 16, 56, 56),
        "maxpool": (64, 8, 28, 28),
        "layer1": (256, 8, 28, 28),
        "layer2": (512, 4, 14, 14),
        "layer3": (1024, 2, 7, 7),
        "layer4": (2048, 1, 4, 4),
    }


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18", "r2plus1d_18", "s3d"])
def test_torchvision_weights_give_torchvisions_own_answer(name: str) -> None:
    from torchvision.models import video

    size, frames = (224, 16) if name == "s3d" else (64, 8)
    torch.manual_seed(0)
    published = getattr(video, name)(num_classes=4).eval()
    network = build(name, 3, n_actions=4, seed=1).eval()
    start_from(network, {k: v for k, v in published.state_dict().items() if "classifier" not in k})
    clips = torch.randn(1, 3, frames, size, size)
    with torch.no_grad():
        theirs = published(clips)
        if name == "s3d":
            ours = published.classifier(network.embed(clips)[..., None, None, None]).flatten(1)
        else:
            ours = published.fc(network.embed(clips))
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_importing_the_networks_does_not_import_torchvision() -> None:
    code = "import sys, fsamt_engine.networks; sys.exit('torchvision' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
