"""The networks by name."""

from collections.abc import Callable
from dataclasses import dataclass

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.network import ActionNetwork, seeded
from fsamt_engine.networks.r3d_tiny import R3DTiny
from fsamt_engine.networks.resnext3d import ResNeXt3D101
from fsamt_engine.networks.torchvision_networks import TorchvisionResNet, TorchvisionS3D


@dataclass(frozen=True)
class NetworkSpec:
    """What is known of a network without building it.

    Attributes:
        embedding_dim: Length D of its embedding.
        n_frames: Frames of the clips that it was designed for; others work too.
        size: Height and width, in pixels, of the clips that it was designed for.
        n_parameters: Trained numbers with one input channel and without a classifier.
        summary: One line for a person who chooses.
    """

    name: str
    embedding_dim: int
    n_frames: int
    size: int
    n_parameters: int
    summary: str


def network_names() -> tuple[str, ...]:
    """Names that `build` knows, the default first."""
    return tuple(_NETWORKS)


def spec(name: str) -> NetworkSpec:
    """What is known of a network.

    Raises:
        FsamtError: There is no network of this name.
    """
    return _entry(name)[0]


def build(
    name: str, in_channels: int, n_actions: int | None = None, seed: int | None = None
) -> ActionNetwork:
    """A network with fresh weights, on the CPU, in training mode.

    Args:
        name: One of `network_names()`.
        in_channels: Channels of a clip: 3 for rgb, 2 for flow, 1 for depth and infrared.
        n_actions: Outputs of the classifier; None for a network that only embeds.
        seed: The same seed gives the same weights, and the global generator is left alone; None
            draws from the global generator.

    Raises:
        FsamtError: There is no network of this name, or torchvision is needed and missing.
    """
    make = _entry(name)[1]
    with seeded(seed):
        network = make(in_channels)
        if n_actions is not None:
            network.set_actions(n_actions)
    return network


def _entry(name: str) -> tuple[NetworkSpec, Callable[[int], ActionNetwork]]:
    try:
        return _NETWORKS[name]
    except KeyError:
        raise FsamtError(
            f'There is no network called "{name}".', f"Choose one of {', '.join(_NETWORKS)}."
        ) from None


_NETWORKS: dict[str, tuple[NetworkSpec, Callable[[int], ActionNetwork]]] = {
    entry[0].name: entry
    for entry in (
        (
            NetworkSpec("r3d_tiny", 256, 16, 64, 852_584, "Small and quick: trains without a GPU."),
            R3DTiny,
        ),
        (
            NetworkSpec(
                "resnext3d_101",
                2048,
                16,
                112,
                47_477_312,
                "The paper's likely backbone; wants a GPU.",
            ),
            ResNeXt3D101,
        ),
        (
            NetworkSpec("r3d_18", 512, 16, 112, 33_147_456, "Torchvision's 3D ResNet-18."),
            lambda channels: TorchvisionResNet(channels, "r3d_18"),
        ),
        (
            NetworkSpec(
                "mc3_18",
                512,
                16,
                112,
                11_471_424,
                "Torchvision's ResNet-18, 3D in its first layers only.",
            ),
            lambda channels: TorchvisionResNet(channels, "mc3_18"),
        ),
        (
            NetworkSpec(
                "r2plus1d_18",
                512,
                16,
                112,
                31_295_715,
                "Torchvision's ResNet-18 in space, then time.",
            ),
            lambda channels: TorchvisionResNet(channels, "r2plus1d_18"),
        ),
        (
            NetworkSpec("s3d", 1024, 16, 224, 7_903_776, "Torchvision's separable 3D Inception."),
            TorchvisionS3D,
        ),
    )
}
