import sys

import pytest
import torch
import torch.nn.functional as F

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import ActionNetwork, build, network_names, spec

SMALL = ("r3d_tiny", "mc3_18")


@pytest.mark.parametrize("name", network_names())
def test_spec_tells_the_true_embedding_length_and_number_of_parameters(name: str) -> None:
    with torch.device("meta"):
        network = build(name, in_channels=1)
        embeddings = network.embed(torch.empty(2, 1, 16, 64, 64))
    assert embeddings.shape == (2, spec(name).embedding_dim)
    assert network.embedding_dim == spec(name).embedding_dim
    assert sum(weight.numel() for weight in network.parameters()) == spec(name).n_parameters


@pytest.mark.parametrize("name", network_names())
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_takes_clips_of_any_modality_and_gives_a_logit_an_action(name: str, channels: int) -> None:
    with torch.device("meta"):
        network = build(name, channels, n_actions=7)
        assert network(torch.empty(2, channels, 16, 112, 112)).shape == (2, 7)
    assert network.in_channels == channels
    assert network.state_dict()[network.first_convolution].shape[1] == channels


@pytest.mark.parametrize("name", network_names())
def test_key_of_the_first_convolution_is_the_first_weight(name: str) -> None:
    with torch.device("meta"):
        network = build(name, 1)
    assert next(iter(network.state_dict())) == network.first_convolution


@pytest.mark.parametrize("name", SMALL)
def test_embedding_is_a_pooled_relu_and_the_classifier_is_linear_on_it(name: str) -> None:
    network = build(name, 1, n_actions=3, seed=1).eval()
    clips = torch.randn(2, 1, 16, 32, 32)
    with torch.no_grad():
        embeddings = network.embed(clips)
        logits = network(clips)
    assert embeddings.dtype == torch.float32
    assert (embeddings >= 0).all()
    assert embeddings.std() > 0
    assert network.classifier is not None
    torch.testing.assert_close(logits, network.classifier(embeddings))


def test_one_network_runs_on_clips_of_64_and_of_112_pixels() -> None:
    network = build("r3d_tiny", 1, n_actions=5, seed=0).eval()
    with torch.no_grad():
        for size in (64, 112):
            assert network(torch.zeros(1, 1, 16, size, size)).shape == (1, 5)


def test_r3d_tiny_has_less_than_a_million_parameters_with_colour_and_120_actions() -> None:
    network = build("r3d_tiny", 3, n_actions=120)
    assert sum(weight.numel() for weight in network.parameters()) < 1_000_000


@pytest.mark.parametrize("name", SMALL)
def test_same_seed_gives_the_same_weights_and_leaves_the_global_generator_alone(name: str) -> None:
    before = torch.random.get_rng_state()
    first, second, other = (build(name, 2, n_actions=4, seed=seed) for seed in (5, 5, 6))
    assert torch.equal(torch.random.get_rng_state(), before)
    for key, weight in first.state_dict().items():
        assert torch.equal(weight, second.state_dict()[key]), key
    assert not torch.equal(
        first.state_dict()[first.first_convolution], other.state_dict()[other.first_convolution]
    )
    assert first.classifier is not None
    assert other.classifier is not None
    assert not torch.equal(first.classifier.weight, other.classifier.weight)


def test_classifier_does_not_change_the_backbone_of_a_seed() -> None:
    bare, with_actions = build("r3d_tiny", 1, seed=3), build("r3d_tiny", 1, n_actions=9, seed=3)
    for key, weight in bare.state_dict().items():
        assert torch.equal(weight, with_actions.state_dict()[key]), key


def test_set_actions_puts_a_fresh_seeded_classifier_on() -> None:
    network = build("r3d_tiny", 1, n_actions=9, seed=3)
    network.set_actions(4, seed=1)
    first = network.classifier
    network.set_actions(4, seed=1)
    second = network.classifier
    assert first is not None
    assert second is not None
    assert first is not second
    assert torch.equal(first.weight, second.weight)
    assert first.weight.shape == (4, 256)
    assert not second.bias.any()


@pytest.mark.parametrize("name", [*SMALL, "resnext3d_101", "r2plus1d_18"])
def test_residual_blocks_start_as_their_shortcuts(name: str) -> None:
    network = build(name, 1)
    blocks = [part for part in network.modules() if hasattr(part, "downsample")]
    assert len(blocks) >= 4
    for block in blocks:
        norms = [part for part in block.modules() if isinstance(part, torch.nn.BatchNorm3d)]
        assert sum(not norm.weight.any() for norm in norms) == 1


def test_network_without_classifier_says_so_when_asked_for_logits() -> None:
    with pytest.raises(RuntimeError, match="set_actions"):
        build("r3d_tiny", 1)(torch.zeros(1, 1, 16, 32, 32))


def test_a_few_steps_learn_a_handful_of_clips() -> None:
    network = build("r3d_tiny", 1, n_actions=2, seed=0).train()
    clips = torch.randn(8, 1, 8, 32, 32, generator=torch.Generator().manual_seed(0))
    truth = torch.tensor([0, 1] * 4)
    clips[1::2] *= torch.linspace(0.2, 2, 8).view(1, 1, 8, 1, 1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    losses = [_step(network, optimiser, clips, truth) for _ in range(12)]
    assert losses[-1] < losses[0] / 4


def _step(
    network: ActionNetwork,
    optimiser: torch.optim.Optimizer,
    clips: torch.Tensor,
    truth: torch.Tensor,
) -> float:
    loss = F.cross_entropy(network(clips), truth)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach())


def test_unknown_network_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(FsamtError, match=r'no network called "resnet".*r3d_tiny.*s3d'):
        build("resnet", 1)
    with pytest.raises(FsamtError, match="no network called"):
        spec("resnet")


def test_missing_torchvision_is_told_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(FsamtError, match=r"comes from torchvision.*pip install"):
        build("r3d_18", 1)
    build("r3d_tiny", 1)
