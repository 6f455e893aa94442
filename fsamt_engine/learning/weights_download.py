"""Published weights from where they are published: torchvision's, and those for `transformers`."""

from pathlib import Path
from urllib.parse import urlsplit

import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.embedder_import import import_embedder
from fsamt_engine.learning.fetching import fetch
from fsamt_engine.learning.hub import fetch_hub_folder
from fsamt_engine.learning.published_import import import_published
from fsamt_engine.learning.published_model import PublishedOptions
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.offered_weights import OFFERED
from fsamt_engine.networks.embedder import EMBEDDERS, check_transformers
from fsamt_engine.networks.published.conventions import TORCHVISION_NAMES
from fsamt_engine.progress import OnProgress, ShouldStop


def download(
    library: Library,
    name: str,
    options: PublishedOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ModelRecord:
    """Fetch published weights and bring them in as a teacher.

    What was fetched before is not fetched again, and what was interrupted goes on where it was.

    Args:
        name: One of torchvision's video networks ("r3d_18"), or "videomae:" or "vjepa2:" with a
            short name of `OFFERED`, or with a repository of the Hugging Face Hub.

    Raises:
        Cancelled: Asked to stop; what is there stays for the next time.
        FsamtError: There is no such name, or the address cannot be reached: the hint says how to
            bring the file in without a connection.
    """
    if name in TORCHVISION_NAMES:
        path = _torchvision_file(name, on_progress, should_stop)
        return import_published(library, path, options)
    kind, _, asked = name.partition(":")
    if kind not in EMBEDDERS or not asked:
        names = ", ".join(offered.name for offered in OFFERED)
        raise FsamtError(f'There are no weights called "{name}".', f"Choose one of {names}.")
    check_transformers()
    found = next((offered for offered in OFFERED if offered.name == name), None)
    repository = found.repository if found else asked
    if "/" not in repository:
        short = ", ".join(one.name for one in OFFERED if one.repository)
        raise FsamtError(
            f'There are no weights called "{name}".',
            f"Choose one of {short}, or {kind}:owner/name of the Hugging Face Hub.",
        )
    fetched = fetch_hub_folder(repository, on_progress=on_progress, should_stop=should_stop)
    return import_embedder(
        library, fetched.path, options, origin=repository, licence=fetched.licence
    )


def _torchvision_file(
    name: str, on_progress: OnProgress | None, should_stop: ShouldStop | None
) -> Path:
    """The file of torchvision's default weights, where torchvision itself keeps it."""
    try:
        from torchvision.models import get_model_weights
    except (ImportError, RuntimeError, OSError) as error:
        raise FsamtError(
            "These weights come from torchvision, which cannot be loaded here.",
            'Install it with "pip install torchvision", in the version made for your torch.',
        ) from error
    url: str = get_model_weights(name).DEFAULT.url
    file = Path(urlsplit(url).path).name
    beginning = file.removesuffix(".pth").rpartition("-")[2]
    target = Path(torch.hub.get_dir()) / "checkpoints" / file
    fetch(
        url,
        target,
        beginning,
        what=f"Fetching {name}",
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return target
