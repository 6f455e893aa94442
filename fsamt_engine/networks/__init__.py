"""Backbones by name, each from a clip to an embedding and, with a classifier, to logits."""

from fsamt_engine.networks.network import ActionNetwork
from fsamt_engine.networks.registry import NetworkSpec, build, network_names, spec
from fsamt_engine.networks.start import restore, start_from
from fsamt_engine.networks.weights import load_weights, save_weights

__all__ = [
    "ActionNetwork",
    "NetworkSpec",
    "build",
    "load_weights",
    "network_names",
    "restore",
    "save_weights",
    "spec",
    "start_from",
]
