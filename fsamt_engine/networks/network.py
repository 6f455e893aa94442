"""What every network of the program can do: embed a clip, and classify the embedding."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError


class ActionNetwork(nn.Module):
    """A clip network with one embedding and, where it has actions, a linear classifier on it.

    The classifier is kept under the name `fc`, so that the published state dicts whose layout a
    network follows load key by key.

    Attributes:
        embedding_dim: Length D of an embedding.
        in_channels: Channels C of a clip: 3 for rgb and skeletons, 2 for flow, 1 for depth and
            infrared.
        first_convolution: Key in the state dict of the weight that sees the clip.
        published_names: What keys of published weights begin with, and what ours do in its place,
            where a network follows a published layout but for these.
    """

    first_convolution: ClassVar[str]
    published_names: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, in_channels: int, embedding_dim: int) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.embedding_dim = embedding_dim
        self.fc: nn.Linear | None = None

    @abstractmethod
    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings of clips.

        Args:
            clips: (B, C, T, H, W) float32, normalised as the modality says; of skeletons
                (B, 3, T, J, 2).

        Returns:
            (B, D) float32, not below 0: the mean over time and space of the last ReLU's output.
        """

    def maps(self, clips: Tensor) -> Tensor:
        """What `embed` averages: where and when in the clips something is.

        Args:
            clips: (B, C, T, H, W) float32, of any length T.

        Returns:
            (B, D, T', H', W') float32; its mean over time and space is the embedding.

        Raises:
            FsamtError: The network has no such maps: it looks at skeletons, or is a transformer
                made for one length.
        """
        raise FsamtError(
            "This network has no feature maps over time, which R-C3D looks for actions in.",
            "Choose a student with a convolutional network (r3d_tiny, r3d_18), or the anchor-free "
            "detector, which works with any network.",
        )

    def forward(self, clips: Tensor) -> Tensor:
        """Logits (B, A) of clips (B, C, T, H, W), in the order of the actions.

        Raises:
            RuntimeError: The network has no classifier; call `set_actions` first.
        """
        if self.fc is None:
            raise RuntimeError("this network has no classifier: call set_actions first")
        return cast(Tensor, self.fc(self.embed(clips)))

    @property
    def classifier(self) -> nn.Linear | None:
        """The layer from embedding to logits, None where the network has no actions."""
        return self.fc

    def set_actions(self, n_actions: int, seed: int | None = None) -> None:
        """Put a fresh classifier of `n_actions` on the embedding, in place of any other.

        Weights are drawn from N(0, 0.01) and biases are 0, so that all actions start out equally
        likely. The same seed gives the same weights; the global generator is left alone.
        """
        like = next(self.parameters())
        with seeded(seed):
            classifier = nn.Linear(self.embedding_dim, n_actions)
            nn.init.normal_(classifier.weight, std=0.01)
        nn.init.zeros_(classifier.bias)
        self.fc = classifier.to(like.device, like.dtype)


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Draw what is drawn inside from `seed` alone, and restore torch's CPU generator after it.

    With `seed` None nothing is changed: numbers come from the global generator.
    """
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        yield


def initialise_convolutions(module: nn.Module) -> None:
    """Kaiming normal for convolutions (He et al. 2015, fan out, ReLU), 1 and 0 for batch norms."""
    for part in module.modules():
        if isinstance(part, nn.Conv3d):
            nn.init.kaiming_normal_(part.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(part, nn.BatchNorm3d):
            nn.init.ones_(part.weight)
            nn.init.zeros_(part.bias)


def convolution(
    inputs: int,
    outputs: int,
    kernel: int | tuple[int, int, int],
    stride: int | tuple[int, int, int] = 1,
    groups: int = 1,
) -> nn.Conv3d:
    """A 3D convolution without bias (a batch norm follows), padded to keep the size at stride 1."""
    edges = (kernel, kernel, kernel) if isinstance(kernel, int) else kernel
    padding = (edges[0] // 2, edges[1] // 2, edges[2] // 2)
    return nn.Conv3d(inputs, outputs, edges, stride, padding, groups=groups, bias=False)


def shortcut(inputs: int, outputs: int, stride: int | tuple[int, int, int]) -> nn.Module | None:
    """The way round a residual block: None for the identity, else 1x1x1 convolution and norm."""
    if inputs == outputs and stride in (1, (1, 1, 1)):
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm3d(outputs))
