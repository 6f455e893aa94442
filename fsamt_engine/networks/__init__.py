"""Backbones by name, each from a clip to an embedding and, with a classifier, to logits."""

from fsamt_engine.networks.entry import NetworkSpec
from fsamt_engine.networks.network import ActionNetwork
from fsamt_engine.networks.registry import (
    build,
    network_names,
    skeleton_network,
    spec,
)
from fsamt_engine.networks.skeleton_layout import SKELETON_LAYOUTS, SkeletonLayout, layout_of
from fsamt_engine.networks.start import restore, start_from
from fsamt_engine.networks.weights import load_weights, save_weights

__all__ = [
    "SKELETON_LAYOUTS",
    "ActionNetwork",
    "NetworkSpec",
    "SkeletonLayout",
    "build",
    "layout_of",
    "load_weights",
    "network_names",
    "restore",
    "save_weights",
    "skeleton_network",
    "spec",
    "start_from",
]
