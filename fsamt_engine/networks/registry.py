"""The networks by name. Every family lists its own in its module, under `NETWORKS`."""

from typing import Literal

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import (
    agcn,
    r3d_tiny,
    resnet3d,
    resnext3d,
    slowonly,
    stgcn,
    torchvision_networks,
    torchvision_transformers,
    tsm,
)
from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import ActionNetwork, seeded
from fsamt_engine.networks.skeleton_layout import layout_of

# The first network of the first family is the default.
_FAMILIES: tuple[tuple[NetworkEntry, ...], ...] = (
    r3d_tiny.NETWORKS,
    resnext3d.NETWORKS,
    tsm.NETWORKS,
    torchvision_networks.NETWORKS,
    stgcn.NETWORKS,
    agcn.NETWORKS,
    resnet3d.NETWORKS,
    slowonly.NETWORKS,
    torchvision_transformers.NETWORKS,
)

_NETWORKS = {entry.spec.name: entry for family in _FAMILIES for entry in family}


def network_names(takes: Literal["video", "skeleton"] = "video") -> tuple[str, ...]:
    """Networks to choose from for a training, by what their clips are; the default first.

    `build` knows more: those that are there for published weights.
    """
    return tuple(
        name
        for name, entry in _NETWORKS.items()
        if entry.spec.takes == takes and not entry.spec.is_published_only
    )


def spec(name: str) -> NetworkSpec:
    """What is known of a network.

    Raises:
        FsamtError: There is no network of this name.
    """
    return _entry(name).spec


def skeleton_network(kind: str, n_joints: int) -> str:
    """Name of a network of a kind for skeletons with so many joints.

    Args:
        kind: A name of `network_names("skeleton")`; of which number of joints does not matter.
        n_joints: Joints of a body.

    Raises:
        FsamtError: No such kind of network, or of skeleton.
    """
    layout_of(n_joints)
    wanted = kind.removesuffix("_20")
    for name in network_names("skeleton"):
        if name.removesuffix("_20") == wanted and spec(name).n_joints == n_joints:
            return name
    raise FsamtError(
        f'There is no network for skeletons called "{kind}".',
        f"Choose one of {', '.join(network_names('skeleton'))}.",
    )


def build(
    name: str, in_channels: int, n_actions: int | None = None, seed: int | None = None
) -> ActionNetwork:
    """A network with fresh weights, on the CPU, in training mode.

    Args:
        name: Of a network, with whatever it takes.
        in_channels: Channels of a clip: 3 for rgb and skeletons, 2 for flow, 1 for depth and
            infrared.
        n_actions: Outputs of the classifier; None for a network that only embeds.
        seed: The same seed gives the same weights, and the global generator is left alone; None
            draws from the global generator.

    Raises:
        FsamtError: There is no network of this name, or torchvision is needed and missing.
    """
    make = _entry(name).make
    with seeded(seed):
        network = make(in_channels)
        if n_actions is not None:
            network.set_actions(n_actions)
    return network


def _entry(name: str) -> NetworkEntry:
    try:
        return _NETWORKS[name]
    except KeyError:
        raise FsamtError(
            f'There is no network called "{name}".',
            f"Choose one of {', '.join((*network_names(), *network_names('skeleton')))}.",
        ) from None
