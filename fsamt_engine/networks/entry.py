"""What a family of networks enters in the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from fsamt_engine.networks.network import ActionNetwork


@dataclass(frozen=True)
class NetworkSpec:
    """What is known of a network without building it.

    Attributes:
        embedding_dim: Length D of its embedding.
        n_frames: Frames of the clips that it was designed for; others work too.
        size: Height and width, in pixels, of the clips that it was designed for; skeletons have
            none, and it says nothing for them.
        n_parameters: Trained numbers with one input channel (skeletons: three) and without a
            classifier.
        summary: One line for a person who chooses.
        takes: Whether a clip is (B, C, T, H, W) or, of skeletons, (B, 3, T, J, 2).
        n_joints: Joints J of the skeletons that it takes; None for video.
        is_published_only: It is known so that published weights load; nobody is offered it for a
            training of his own.
    """

    name: str
    embedding_dim: int
    n_frames: int
    size: int
    n_parameters: int
    summary: str
    takes: Literal["video", "skeleton"] = "video"
    n_joints: int | None = None
    is_published_only: bool = False


@dataclass(frozen=True)
class NetworkEntry:
    """One network of a family.

    Attributes:
        spec: What is known of it; its name is the one that models are stored with.
        make: From the number of input channels to a network with fresh weights.
    """

    spec: NetworkSpec
    make: Callable[[int], ActionNetwork]
