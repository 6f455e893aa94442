"""What is worth a label: clips in clusters to be named in one go, and the next ones to look at.

The names below are found when they are asked for: they need PyTorch, and label files, which are
read and written in this room too, do not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fsamt_engine.labelling.clusters import Cluster, cluster, name_items
    from fsamt_engine.labelling.embedding import ClipEmbeddings, clip_embeddings
    from fsamt_engine.labelling.suggesting import suggest

__all__ = [
    "ClipEmbeddings",
    "Cluster",
    "clip_embeddings",
    "cluster",
    "name_items",
    "suggest",
]

_PLACES = {
    "ClipEmbeddings": "embedding",
    "Cluster": "clusters",
    "clip_embeddings": "embedding",
    "cluster": "clusters",
    "name_items": "clusters",
    "suggest": "suggesting",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
