"""What is worth a label: clips in clusters to be named in one go, and the next ones to look at."""

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
