"""Which published network a file holds: told by its keys and shapes, never by its name."""

from pathlib import Path

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.published.checkpoint_file import read_checkpoint
from fsamt_engine.networks.published.families import FAMILIES
from fsamt_engine.networks.published.fitting import KNOWN, N_NAMED, PublishedWeights


def recognise_weights(path: Path) -> PublishedWeights:
    """Find out what a file of published weights is.

    Raises:
        FsamtError: It cannot be read safely, or holds another network: the reason names keys.
    """
    checkpoint = read_checkpoint(path)
    for mark, read in FAMILIES:
        if mark in checkpoint.state:
            return read(checkpoint)
    named = ", ".join(sorted(checkpoint.state)[:N_NAMED])
    raise FsamtError(
        f"{path.name} holds a network that is not known here: its {len(checkpoint.state)} parts "
        f"are called {named} and so on.",
        KNOWN,
    )
