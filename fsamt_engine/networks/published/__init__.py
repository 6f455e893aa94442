"""Weights that others have published: whose they are, read from what is in the file."""

from fsamt_engine.networks.published.conventions import Convention
from fsamt_engine.networks.published.fitting import PublishedWeights
from fsamt_engine.networks.published.recognise import recognise_weights

__all__ = ["Convention", "PublishedWeights", "recognise_weights"]
