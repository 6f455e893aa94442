import pytest
import torch
from torch import nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import build, network_names
from fsamt_engine.networks.dense import temporal_stride, with_temporal_stride
from fsamt_engine.networks.network import ActionNetwork

CONVOLUTIONAL = ("r3d_tiny", "r3d_18", "mc3_18", "r2plus1d_18", "s3d", "tsm_mobilenet")


def lively(name: str) -> ActionNetwork:
    """A network in which every block and every norm has a say."""
    network = build(name, 1, seed=0).eval()
    generator = torch.Generator().manual_seed(1)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm3d):
            for numbers in (part.weight.data, part.running_var, part.bias.data, part.running_mean):
                assert numbers is not None
                numbers.uniform_(0.5, 1.5, generator=generator)
    return network


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_embedding_is_the_mean_of_the_maps(name: str) -> None:
    network = lively(name)
    clips = torch.randn(2, 1, 16, 32, 32)
    with torch.no_grad():
        maps = network.maps(clips)
        embeddings = network.embed(clips)
    assert maps.ndim == 5
    torch.testing.assert_close(maps.mean((2, 3, 4)), embeddings)


@pytest.mark.parametrize(
    ("name", "native", "wanted"),
    [
        ("r3d_tiny", 8, 4),
        ("r3d_tiny", 8, 2),
        ("r3d_tiny", 8, 1),
        ("r3d_18", 8, 2),
        ("r2plus1d_18", 8, 4),
        ("resnext3d_101", 16, 4),
        ("resnet3d_18", 16, 2),
    ],
)
def test_cells_between_are_added_and_those_that_were_there_stay(
    name: str, native: int, wanted: int
) -> None:
    network = lively(name)
    keys = list(network.state_dict())
    clips = torch.randn(1, 1, 32, 32, 32)
    assert temporal_stride(network) == native
    with torch.no_grad():
        sparse = network.maps(clips)
        with_temporal_stride(network, wanted)
        dense = network.maps(clips)
    assert temporal_stride(network) == wanted
    assert list(network.state_dict()) == keys
    assert dense.shape[2] == 32 // wanted
    scale = sparse.abs().max()
    torch.testing.assert_close(dense[:, :, :: native // wanted] / scale, sparse / scale)
    between = dense[:, :, 1]
    assert not torch.allclose(between, dense[:, :, 0])


def test_a_network_without_strides_over_time_stays_as_it_is() -> None:
    network = lively("mc3_18")
    clips = torch.randn(1, 1, 8, 32, 32)
    with torch.no_grad():
        before = network.maps(clips)
        with_temporal_stride(network, 2)
        assert torch.equal(network.maps(clips), before)


@pytest.mark.parametrize("name", [network_names("skeleton")[0], "mvit_v1_b"])
def test_networks_without_maps_are_refused_with_a_sentence(name: str) -> None:
    with torch.device("meta"):
        network = build(name, 3)
    with pytest.raises(FsamtError, match="no feature maps"):
        with_temporal_stride(network, 2)


def test_a_network_that_cannot_be_spread_is_refused_and_left_as_it_is() -> None:
    network = build("s3d", 1, seed=0).eval()
    strides = [part.stride for part in network.modules() if isinstance(part, nn.Conv3d)]
    with pytest.raises(FsamtError, match="cannot be made 2 frames apart"):
        with_temporal_stride(network, 2)
    assert strides == [part.stride for part in network.modules() if isinstance(part, nn.Conv3d)]
