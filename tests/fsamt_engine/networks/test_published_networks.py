"""Networks that exist for published weights: their layouts, counted by hand, and their answers.

Layouts: `models/resnet.py` of kenshohara/3D-ResNets-PyTorch (2020) and `resnet3d.py` with
`configs/recognition/slowonly` of open-mmlab/mmaction2 0.x.
"""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from fsamt_engine.networks import build, network_names, spec, start_from
from tests.fsamt_engine.networks.layouts import (
    TORCHVISION_TRANSFORMERS,
    resnet3d_shapes,
    slowonly_shapes,
    values,
)

DEPTHS = (18, 34, 50, 101)


@pytest.mark.parametrize("depth", DEPTHS)
def test_resnet3d_has_the_keys_and_shapes_of_3d_resnets(depth: int) -> None:
    with torch.device("meta"):
        network = build(f"resnet3d_{depth}", 3, n_actions=700)
    own = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert own == resnet3d_shapes(depth, 3, 700)


@pytest.mark.parametrize("in_channels", [2, 3])
def test_slowonly_has_the_keys_and_shapes_of_mmaction2(in_channels: int) -> None:
    with torch.device("meta"):
        network = build("slowonly_50", in_channels, n_actions=400)
    own = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    published = slowonly_shapes(in_channels, 400)
    assert own == {
        key.removeprefix("backbone.").replace("cls_head.fc_cls", "fc"): shape
        for key, shape in published.items()
    }


@pytest.mark.parametrize(
    "name", [*(f"resnet3d_{depth}" for depth in DEPTHS), "slowonly_50", *TORCHVISION_TRANSFORMERS]
)
def test_what_is_known_of_a_published_network_is_true(name: str) -> None:
    with torch.device("meta"):
        network = build(name, 1)
    assert network.embedding_dim == spec(name).embedding_dim
    assert sum(weight.numel() for weight in network.parameters()) == spec(name).n_parameters
    assert name not in network_names(), "nobody is asked to train it"


@pytest.mark.parametrize("depth", [18, 50])
def test_resnet3d_gives_what_its_description_says(depth: int) -> None:
    state = values(resnet3d_shapes(depth, 3, 5))
    network = build(f"resnet3d_{depth}", 3, 5).eval()
    network.load_state_dict(state)
    clips = torch.randn(1, 3, 8, 48, 48, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(
            network(clips), _resnet3d(state, depth, clips), rtol=1e-5, atol=1e-5
        )


def test_slowonly_gives_what_its_description_says() -> None:
    published = values(slowonly_shapes(2, 5))
    network = build("slowonly_50", 2, 5).eval()
    network.load_state_dict(
        {
            key.removeprefix("backbone.").replace("cls_head.fc_cls", "fc"): value
            for key, value in published.items()
        }
    )
    clips = torch.randn(1, 2, 4, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(
            network(clips), _slowonly(published, clips), rtol=1e-5, atol=1e-5
        )


@pytest.mark.parametrize("name", ["mvit_v2_s", "swin3d_t"])
def test_torchvisions_transformers_give_torchvisions_own_answer(name: str) -> None:
    from torchvision.models import video

    torch.manual_seed(0)
    published = getattr(video, name)(num_classes=4).eval()
    network = build(name, 3, n_actions=4, seed=1).eval()
    start_from(network, {k: v for k, v in published.state_dict().items() if "head" not in k})
    head = published.head[1] if name.startswith("mvit") else published.head
    for part in (*published.modules(), *network.modules()):
        if isinstance(part, video.mvit.PositionalEncoding):
            part.spatial_size = (16, 16)  # Its patches are told, not seen: 64 pixels are enough.
    clips = torch.randn(1, 3, *((16, 64, 64) if name.startswith("mvit") else (8, 64, 64)))
    with torch.no_grad():
        torch.testing.assert_close(
            head(network.embed(clips)), published(clips), rtol=1e-5, atol=1e-5
        )


def _norm(state: dict[str, Tensor], key: str, x: Tensor) -> Tensor:
    """Batch norm in eval mode, from its definition."""
    shape = (1, -1, 1, 1, 1)
    mean, var = (state[f"{key}.running_{part}"].view(shape) for part in ("mean", "var"))
    normed = (x - mean) / torch.sqrt(var + 1e-5)
    return normed * state[f"{key}.weight"].view(shape) + state[f"{key}.bias"].view(shape)


def _resnet3d(state: dict[str, Tensor], depth: int, clips: Tensor) -> Tensor:
    """3D ResNet as functions of its state dict."""
    x = F.conv3d(clips, state["conv1.weight"], stride=(1, 2, 2), padding=3)
    x = F.max_pool3d(F.relu(_norm(state, "bn1", x)), 3, 2, 1)
    for layer in range(1, 5):
        block = 0
        while f"layer{layer}.{block}.conv1.weight" in state:
            at, stride = f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            way_round = x
            if f"{at}.downsample.0.weight" in state:
                way_round = F.conv3d(x, state[f"{at}.downsample.0.weight"], stride=stride)
                way_round = _norm(state, f"{at}.downsample.1", way_round)
            if depth < 50:
                x = F.conv3d(x, state[f"{at}.conv1.weight"], stride=stride, padding=1)
                x = F.relu(_norm(state, f"{at}.bn1", x))
                x = _norm(state, f"{at}.bn2", F.conv3d(x, state[f"{at}.conv2.weight"], padding=1))
            else:
                x = F.relu(_norm(state, f"{at}.bn1", F.conv3d(x, state[f"{at}.conv1.weight"])))
                x = F.conv3d(x, state[f"{at}.conv2.weight"], stride=stride, padding=1)
                x = F.relu(_norm(state, f"{at}.bn2", x))
                x = _norm(state, f"{at}.bn3", F.conv3d(x, state[f"{at}.conv3.weight"]))
            x = F.relu(x + way_round)
            block += 1
    return F.linear(x.mean((2, 3, 4)), state["fc.weight"], state["fc.bias"])


def _slowonly(state: dict[str, Tensor], clips: Tensor) -> Tensor:
    """SlowOnly as functions of MMAction2's state dict."""

    def convolve(key: str, x: Tensor, stride: int = 1) -> Tensor:
        weight = state[f"{key}.conv.weight"]
        padding = tuple((edge - 1) // 2 for edge in weight.shape[2:])
        convolved = F.conv3d(x, weight, stride=(1, stride, stride), padding=padding)
        return _norm(state, f"{key}.bn", convolved)

    x = F.relu(convolve("backbone.conv1", clips, 2))
    x = F.max_pool3d(x, (1, 3, 3), (1, 2, 2), (0, 1, 1))
    for layer in range(1, 5):
        block = 0
        while f"backbone.layer{layer}.{block}.conv1.conv.weight" in state:
            at, stride = f"backbone.layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1
            way_round = x
            if f"{at}.downsample.conv.weight" in state:
                way_round = convolve(f"{at}.downsample", x, stride)
            x = F.relu(convolve(f"{at}.conv1", x))
            x = F.relu(convolve(f"{at}.conv2", x, stride))
            x = F.relu(convolve(f"{at}.conv3", x) + way_round)
            block += 1
    return F.linear(
        x.mean((2, 3, 4)), state["cls_head.fc_cls.weight"], state["cls_head.fc_cls.bias"]
    )
