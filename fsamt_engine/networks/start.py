"""Starting a network from the weights of another, and taking up stored ones."""

from collections.abc import Mapping

from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.network import ActionNetwork

_CLASSIFIER = ("fc.weight", "fc.bias")


def start_from(network: ActionNetwork, state: Mapping[str, Tensor]) -> None:
    """Copy all weights but the classifier's from a network of the same kind.

    Where the other network took a different number of channels, its first convolution is averaged
    over them and repeated for ours, times old over new channels, in the way of temporal segment
    networks' flow stream (Wang et al. ECCV 2016, 3.2): an input whose channels are all alike gives
    the response that it gave before.

    Args:
        network: Its classifier, if it has one, stays as it is.
        state: State dict of the other network, with or without a classifier; also as published,
            where the network follows a published layout.

    Raises:
        FsamtError: The weights are of another kind of network. The network is unchanged.
    """
    backbone = _backbone(_own_names(network, state))
    first = backbone.get(network.first_convolution)
    if first is not None and first.ndim >= 4 and first.shape[1] != network.in_channels:
        mean = first.sum(dim=1, keepdim=True) / network.in_channels
        backbone[network.first_convolution] = mean.repeat_interleave(network.in_channels, dim=1)
    _check(network, backbone)
    network.load_state_dict(backbone, strict=False)


def restore(network: ActionNetwork, state: Mapping[str, Tensor]) -> None:
    """Make `network` what was saved, classifier included.

    The network ends with a classifier exactly if the saved one had one.

    Args:
        network: Built under the same name with the same channels.
        state: What `load_weights` gave, or weights as they were published.

    Raises:
        FsamtError: The weights are of another kind of network. The network is unchanged.
    """
    state = _own_names(network, state)
    _check(network, _backbone(state))
    classifier = [state[key] for key in _CLASSIFIER if key in state]
    if not classifier:
        network.fc = None
    elif [part.shape[1:] for part in classifier] == [(network.embedding_dim,), ()]:
        network.set_actions(len(classifier[0]))
    else:
        raise _misfit(1, len(state), _CLASSIFIER[0])
    network.load_state_dict(dict(state))


def _own_names(network: ActionNetwork, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Published weights under the names of our network; our own stay as they are.

    `module.`, which a training over several GPUs leaves behind, is taken off. A classifier that is
    a convolution with a kernel of 1 becomes the linear one that it is.
    """
    own = {}
    for key, value in state.items():
        key = key.removeprefix("module.")
        for published, name in network.published_names:
            if key.startswith(published):
                key = name + key.removeprefix(published)
                break
        own[key] = value.flatten(1) if key == _CLASSIFIER[0] else value
    return own


def _backbone(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: value for key, value in state.items() if key not in _CLASSIFIER}


def _check(network: ActionNetwork, backbone: Mapping[str, Tensor]) -> None:
    """Refuse weights that are not all and only those of the network's backbone, in its shapes."""
    own = _backbone(network.state_dict())
    wrong = own.keys() ^ backbone.keys()
    wrong |= {key for key in own.keys() - wrong if own[key].shape != backbone[key].shape}
    if wrong:
        raise _misfit(len(wrong), len(own), min(wrong))


def _misfit(n_wrong: int, n_parts: int, example: str) -> FsamtError:
    return FsamtError(
        f"These weights do not fit the network: {n_wrong} of its {n_parts} parts differ "
        f"({example}, for one).",
        "Choose the network and the modality that the weights were trained with.",
    )
