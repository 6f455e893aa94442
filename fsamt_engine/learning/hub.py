"""A network's folder from the Hugging Face Hub: configuration and weights of one commit."""

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.fetching import fetch
from fsamt_engine.progress import OnProgress, ShouldStop

_WANTED = re.compile(
    r"config\.json|(video_)?preprocessor_config\.json|model.*\.safetensors(\.index\.json)?"
)
_REPOSITORY = re.compile(r"\w[\w.-]*/\w[\w.-]*")
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class HubFolder:
    """What was fetched.

    Attributes:
        path: With config.json and the weights.
        licence: As the repository's card says, "" where it says nothing.
    """

    path: Path
    licence: str


def fetch_hub_folder(
    repository: str,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> HubFolder:
    """Fetch the files of a network that are needed here, at the newest commit.

    They are kept in torch's folder for downloads, by commit. Files that are there are not fetched
    again, interrupted ones go on. `HF_ENDPOINT` names a mirror, as for the Hub's own programs.

    Args:
        repository: "owner/name".

    Raises:
        Cancelled: Asked to stop; what has come stays.
        FsamtError: There is no such repository, no connection, or no weights as safetensors.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise FsamtError(
            f'"{repository}" is no repository of the Hugging Face Hub.',
            "Its name has two parts, owner/name.",
        )
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    described = _describe(endpoint, repository)
    try:
        commit = str(described["sha"])
        files = [one for one in described["siblings"] if _WANTED.fullmatch(one["rfilename"])]
        names = [str(one["rfilename"]) for one in files]
        hashes = [str((one.get("lfs") or {}).get("sha256", "")) for one in files]
    except (KeyError, TypeError, AttributeError) as error:
        raise FsamtError(
            f"The answer of {endpoint} about {repository} was not understood.", "Try again later."
        ) from error
    if "config.json" not in names or not any(name.endswith(".safetensors") for name in names):
        raise FsamtError(
            f"{repository} has no config.json with weights as .safetensors.",
            "Choose another repository: older formats (.bin) can hold code and are not read.",
        )
    if not re.fullmatch(r"[0-9a-f]{6,64}", commit):
        raise FsamtError(f"{repository} names no commit.", "Try again later.")
    kept = Path(torch.hub.get_dir()) / "hub" / repository.replace("/", "--") / commit
    for name, sha256 in zip(names, hashes, strict=True):
        fetch(
            f"{endpoint}/{repository}/resolve/{commit}/{name}",
            kept / name,
            sha256,
            what=f"Fetching {repository}: {name}",
            on_progress=on_progress,
            should_stop=should_stop,
        )
    return HubFolder(kept, _licence(described))


def _describe(endpoint: str, repository: str) -> dict[str, Any]:
    """The Hub's description of a repository, with the hashes of its large files."""
    url = f"{endpoint}/api/models/{repository}?blobs=true"
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            described = json.load(answer)
    except urllib.error.HTTPError as error:
        raise FsamtError(
            f"There is no {repository} on the Hugging Face Hub that is open to everybody (the "
            f"server answers {error.code}).",
            "Look the name up there. Of one that asks for an account, fetch the folder with an "
            "account of yours, and import it: fsamt models import FOLDER --library LIBRARY",
        ) from error
    except (OSError, ValueError) as error:
        raise FsamtError(
            f"{endpoint} cannot be reached.",
            "Without a connection, fetch config.json, preprocessor_config.json and "
            f"model.safetensors of {endpoint}/{repository} elsewhere into one folder, and run: "
            "fsamt models import FOLDER --library LIBRARY",
        ) from error
    return described if isinstance(described, dict) else {}


def _licence(described: Mapping[str, Any]) -> str:
    card = described.get("cardData")
    licence = card.get("license") if isinstance(card, Mapping) else None
    return licence if isinstance(licence, str) else ""
