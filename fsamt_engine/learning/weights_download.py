"""Published weights from where they are published: torchvision's, and those for `transformers`."""

from dataclasses import dataclass
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
from fsamt_engine.networks.embedder import EMBEDDERS, check_transformers
from fsamt_engine.networks.published.conventions import TORCHVISION_NAMES
from fsamt_engine.progress import OnProgress, ShouldStop


@dataclass(frozen=True)
class Offered:
    """Weights that can be fetched by a short name.

    Attributes:
        name: As `download` takes it.
        summary: One line for a person who chooses.
        megabytes: To be fetched, about.
        repository: On the Hugging Face Hub; "" for torchvision's.
        licence: Under which terms they are published.
    """

    name: str
    summary: str
    megabytes: int
    repository: str = ""
    licence: str = ""


_NON_COMMERCIAL = "CC BY-NC 4.0: not for commercial use"
_TORCHVISION = (
    ("r3d_18", "3D ResNet-18: small, the usual first choice", 127),
    ("mc3_18", "ResNet-18, 3D in its first layers only", 45),
    ("r2plus1d_18", "ResNet-18 in space, then time", 120),
    ("s3d", "Separable 3D Inception: the smallest", 32),
    ("mvit_v1_b", "Multiscale vision transformer, B", 140),
    ("mvit_v2_s", "Multiscale vision transformer 2, S: strong for its size", 132),
    ("swin3d_t", "Video Swin transformer, T", 122),
    ("swin3d_s", "Video Swin transformer, S", 218),
    ("swin3d_b", "Video Swin transformer, B: strong, wants a GPU", 364),
)

OFFERED: tuple[Offered, ...] = (
    *(Offered(name, f"{summary}; Kinetics-400, rgb", size) for name, summary, size in _TORCHVISION),
    Offered(
        "videomae:base",
        "VideoMAE B, finetuned on Kinetics-400; wants a GPU",
        346,
        "MCG-NJU/videomae-base-finetuned-kinetics",
        _NON_COMMERCIAL,
    ),
    Offered(
        "videomae:large",
        "VideoMAE L, finetuned on Kinetics-400; wants a GPU",
        1220,
        "MCG-NJU/videomae-large-finetuned-kinetics",
        _NON_COMMERCIAL,
    ),
    Offered(
        "vjepa2:large",
        "V-JEPA 2 L, never saw a label; wants a GPU",
        1300,
        "facebook/vjepa2-vitl-fpc64-256",
        "MIT",
    ),
    Offered(
        "vjepa2:large-ssv2",
        "V-JEPA 2 L, with a classifier of Something-Something v2; wants a GPU",
        1500,
        "facebook/vjepa2-vitl-fpc16-256-ssv2",
        "as its model card says",
    ),
)
"""What is offered by name; any other repository of the two kinds goes by `videomae:owner/name`."""


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
