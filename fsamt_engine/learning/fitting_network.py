"""Which network a training gets: one that takes what its clips are made of."""

from collections.abc import Sequence
from typing import Literal

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, StreamKind
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import network_names, skeleton_network, spec


def clips_of(modality: Modality) -> Literal["video", "skeleton"]:
    """What clips of a modality are, as networks name it."""
    return "skeleton" if modality is Modality.SKELETON else "video"


def usual_network(modality: Modality, like: str) -> str:
    """The network for a modality where nobody has named one.

    Args:
        modality: What it receives.
        like: Preferred where it can be trained on clips of this kind, a teacher's for instance.
    """
    names = network_names(clips_of(modality))
    return like if like in names else names[0]


def fitting_network(
    library: Library, modality: Modality, network: str, take_ids: Sequence[str]
) -> str:
    """The network itself; of skeleton networks the one for the joints that these takes have.

    Raises:
        FsamtError: The network takes other clips, the takes have skeletons of several kinds, or no
            network is called so.
    """
    known = spec(network)
    wanted = clips_of(modality)
    n_joints = _joints(library, take_ids) if wanted == "skeleton" else None
    if known.takes != wanted:
        fitting = [
            name
            for name in network_names(wanted)
            if n_joints is None or spec(name).n_joints == n_joints
        ]
        raise FsamtError(
            f"The network {network} takes {known.takes}, and this training sees {modality}.",
            f"Choose one of {', '.join(fitting)}.",
        )
    return network if n_joints is None else skeleton_network(network, n_joints)


def _joints(library: Library, take_ids: Sequence[str]) -> int | None:
    """Of the skeletons of these takes; None where none has any."""
    n_joints = {
        stream.width
        for take_id in dict.fromkeys(take_ids)
        if (stream := take(library, take_id).stream(StreamKind.SKELETON))
    }
    if len(n_joints) > 1:
        kinds = " and ".join(str(n) for n in sorted(n_joints))
        raise FsamtError(
            f"These takes have skeletons of {kinds} joints, and a network takes one kind.",
            "Choose takes of one camera.",
        )
    return n_joints.pop() if n_joints else None
