"""TSM-MobileNetV2 beside torchvision's MobileNetV2 with shifts as the paper describes them."""

import pytest
import torch
from torch import Tensor, nn

from fsamt_engine.networks import build, restore, start_from

# Inputs, outputs, widening and stride of MobileNetV2's blocks (Sandler et al. 2018, table 2).
BLOCKS = [(32, 16, 1, 1), (16, 24, 6, 2), (24, 24, 6, 1), (24, 32, 6, 2)]
BLOCKS += [(32, 32, 6, 1)] * 2 + [(32, 64, 6, 2)] + [(64, 64, 6, 1)] * 3 + [(64, 96, 6, 1)]
BLOCKS += [(96, 96, 6, 1)] * 2 + [(96, 160, 6, 2)] + [(160, 160, 6, 1)] * 2 + [(160, 320, 6, 1)]


def published_shapes(in_channels: int) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of TSM's mobilenetv2 (mit-han-lab/temporal-shift-module, archs/) without
    `module.base_model.` and the classifier; `net` is the shift's."""
    shapes: dict[str, tuple[int, ...]] = {}

    def both(convolution: str, norm: str, shape: tuple[int, ...]) -> None:
        shapes[f"{convolution}.weight"] = shape
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{norm}.{part}"] = shape[:1]
        shapes[f"{norm}.num_batches_tracked"] = ()

    both("features.0.0", "features.0.1", (32, in_channels, 3, 3))
    for number, (inputs, outputs, widening, stride) in enumerate(BLOCKS, start=1):
        at, middle, first = f"features.{number}.conv", inputs * widening, 0
        if widening > 1:
            net = ".net" if stride == 1 and inputs == outputs else ""
            both(f"{at}.0{net}", f"{at}.1", (middle, inputs, 1, 1))
            first = 3
        both(f"{at}.{first}", f"{at}.{first + 1}", (middle, 1, 3, 3))
        both(f"{at}.{first + 3}", f"{at}.{first + 4}", (outputs, middle, 1, 1))
    both("features.18.0", "features.18.1", (1280, 320, 1, 1))
    return shapes


class NaiveShift(nn.Module):
    """What the paper's figure 1 shows, frame by frame."""

    def __init__(self, net: nn.Module, n_frames: int) -> None:
        super().__init__()
        self.net, self.n_frames = net, n_frames

    def forward(self, x: Tensor) -> Tensor:
        share = x.shape[1] // 8
        shifted = x.clone()
        for frame in range(len(x)):
            place = frame % self.n_frames
            last = place == self.n_frames - 1
            shifted[frame, :share] = 0 if last else x[frame + 1, :share]
            shifted[frame, share : 2 * share] = 0 if not place else x[frame - 1, share : 2 * share]
        return self.net(shifted)


@pytest.mark.parametrize("in_channels", [1, 3])
def test_keys_and_shapes_are_those_that_were_published(in_channels: int) -> None:
    with torch.device("meta"):
        state = build("tsm_mobilenet", in_channels).state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == published_shapes(
        in_channels
    )


def test_answer_is_that_of_torchvisions_network_with_shifts() -> None:
    from torchvision.models import mobilenet_v2

    torch.manual_seed(0)
    n_frames = 4
    theirs = mobilenet_v2(weights=None).features
    for part in theirs.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_var.fill_(0.1)  # or numbers vanish on the way
            nn.init.normal_(part.bias, std=0.2)
    ours = build("tsm_mobilenet", 3, seed=1).eval()
    # Both have the same parts in the same order, only under other names.
    start_from(ours, dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    for block in theirs:
        if getattr(block, "use_res_connect", False):
            block.conv[0] = NaiveShift(block.conv[0], n_frames)
    clips = torch.randn(2, 3, n_frames, 64, 64)
    with torch.no_grad():
        maps = theirs.eval()(clips.transpose(1, 2).flatten(0, 1))
        expected = maps.mean((2, 3)).unflatten(0, (2, n_frames)).mean(1)
        found = ours.embed(clips)
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_published_weights_are_taken_up_with_their_classifier() -> None:
    source = build("tsm_mobilenet", 3, n_actions=400, seed=0)
    published = {}
    for key, value in source.state_dict().items():
        own = key.replace("fc.", "new_fc.") if key.startswith("fc.") else f"base_model.{key}"
        published[f"module.{own}"] = value
    assert "module.base_model.features.3.conv.0.net.weight" in published
    network = build("tsm_mobilenet", 3, seed=1)
    restore(network, published)
    for key, value in source.state_dict().items():
        assert torch.equal(network.state_dict()[key], value), key


def test_order_of_the_frames_matters() -> None:
    network = build("tsm_mobilenet", 1, seed=0)
    clips = torch.randn(2, 1, 8, 64, 64)
    network.train()
    network.embed(clips)
    with torch.no_grad():
        found, reversed_ = network.embed(clips), network.embed(clips.flip(2))
    assert (found >= 0).all()
    assert not torch.allclose(found, reversed_, atol=1e-3)
