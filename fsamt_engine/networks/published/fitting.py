"""Whether weights are all and only those of a network, and what is then known of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.published.checkpoint_file import Checkpoint, as_float
from fsamt_engine.networks.published.conventions import Convention
from fsamt_engine.networks.registry import build

KNOWN = (
    "Known are: MARS, 3D-ResNets-PyTorch (ResNeXt-101, ResNet-18 to 101), torchvision's video "
    "networks, and MMAction2's SlowOnly-R50."
)
_MODALITIES = {3: "rgb", 2: "flow"}
N_NAMED = 3
"""Keys that a sentence names."""


@dataclass(frozen=True)
class PublishedWeights:
    """What was found in a file.

    Attributes:
        source: Who published weights of this layout.
        licence: Under which terms, in words.
        network: Name for `build`.
        modality: "rgb" or "flow".
        n_classes: Outputs of the classifier.
        convention: How the network wants its input.
        state: The weights under the keys of our network, classifier under `fc`, float32.
    """

    source: str
    licence: str
    network: str
    modality: str
    n_classes: int
    convention: Convention
    state: Mapping[str, Tensor] = field(repr=False)

    @property
    def in_channels(self) -> int:
        """Channels of a clip."""
        return next(n for n, modality in _MODALITIES.items() if modality == self.modality)


def fit(
    checkpoint: Checkpoint,
    network: str,
    first: str,
    state: dict[str, Tensor],
    *,
    or_flow: bool = False,
) -> str:
    """Refuse weights that are not all and only a network's; counters of steps may be missing.

    Before 0.4.1, torch did not count the steps of batch norms. They are of no use for answers, so
    they are filled in.

    Args:
        first: Key of the convolution that sees the clip.
        or_flow: Whether weights for flow are published in this layout, beside those for rgb.

    Returns:
        The modality.
    """
    classifier = state.get("fc.weight")
    seen = shape(state, first)
    if len(seen) == 4:
        raise FsamtError(
            f"{checkpoint.name} holds a network for pictures, not for video: its {first} is "
            f"{words(seen)}, without an edge in time.",
            KNOWN,
        )
    channels = seen[1] if len(seen) == 5 else 0
    if channels != 3 and not (or_flow and channels == 2):
        wanted = "rgb (3 channels) nor flow (2)" if or_flow else "rgb (3 channels)"
        raise FsamtError(
            f"{checkpoint.name} holds a network like {network} whose {first} is {words(seen)}: it "
            f"sees {'neither' if or_flow else 'no'} {wanted}.",
            KNOWN,
        )
    if classifier is None or classifier.ndim != 2 or "fc.bias" not in state:
        raise FsamtError(
            f"{checkpoint.name} holds a network like {network} without its classifier.",
            "Choose the weights as they were published, with the classifier.",
        )
    with torch.device("meta"):
        own = build(network, channels, n_actions=classifier.shape[0]).state_dict()
    for key in own.keys() - state.keys():
        if key.endswith("num_batches_tracked"):
            state[key] = torch.zeros((), dtype=torch.long)
    missing, more = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    other = sorted(k for k in own.keys() & state.keys() if own[k].shape != state[k].shape)
    said = [f"it lacks {some(missing)}"] if missing else []
    said += [f"it has {some(more)} besides"] if more else []
    said += [
        f"{key} is {words(tuple(state[key].shape))} and not {words(tuple(own[key].shape))}"
        for key in other[:1]
    ]
    if said:
        raise FsamtError(
            f"{checkpoint.name} looks like {network}, but is another network: {'; '.join(said)}.",
            KNOWN,
        )
    return _MODALITIES[channels]


def published(
    source: str,
    licence: str,
    network: str,
    modality: str,
    convention: Convention,
    state: Mapping[str, Tensor],
) -> PublishedWeights:
    """What is known of weights that `fit` has let pass."""
    n_classes = state["fc.weight"].shape[0]
    return PublishedWeights(
        source, licence, network, modality, n_classes, convention, as_float(state)
    )


def renamed(state: Mapping[str, Tensor], old: str, new: str) -> dict[str, Tensor]:
    """The same weights with another name for one layer."""
    return {
        new + key.removeprefix(old) if key.startswith(f"{old}.") else key: value
        for key, value in state.items()
    }


def count(state: Mapping[str, Tensor], pattern: str) -> int:
    """How many blocks have a key like this."""
    return sum(re.fullmatch(pattern, key) is not None for key in state)


def shape(state: Mapping[str, Tensor], key: str) -> tuple[int, ...]:
    """Of one part; empty where it is missing."""
    return tuple(state[key].shape) if key in state else ()


def words(edges: tuple[int, ...]) -> str:
    """A shape in a sentence."""
    return "x".join(str(edge) for edge in edges) or "missing"


def some(keys: list[str]) -> str:
    """The first keys, and how many more there are."""
    more = f" and {len(keys) - N_NAMED} more" if len(keys) > N_NAMED else ""
    return ", ".join(keys[:N_NAMED]) + more
