"""Torchvision's video transformers behind the program's interface, with their own keys."""

from functools import partial
from typing import cast

from torch import Tensor, nn

from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import ActionNetwork
from fsamt_engine.networks.torchvision_networks import torchvision_video, with_channels


class TorchvisionMViT(ActionNetwork):
    """MViT v1 B (Fan et al. ICCV 2021) or MViT v2 S (Li et al. CVPR 2022) with torchvision's keys.

    The embedding is the class token after the last norm: its numbers can be below 0. Clips have 16
    frames of 224x224, because its positions are counted.

    Args:
        in_channels: Channels of a clip.
        name: "mvit_v1_b" or "mvit_v2_s".

    Raises:
        FsamtError: torchvision is not installed or does not fit torch.
    """

    first_convolution = "conv_proj.weight"

    def __init__(self, in_channels: int, name: str) -> None:
        network = getattr(torchvision_video(), name)(weights=None)
        super().__init__(in_channels, network.norm.normalized_shape[0])
        self.conv_proj = with_channels(network.conv_proj, in_channels)
        self.pos_encoding = network.pos_encoding
        self.blocks: nn.ModuleList = network.blocks
        self.norm: nn.LayerNorm = network.norm

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 768) float32 of clips (B, C, 16, 224, 224) float32."""
        x = self.pos_encoding(self.conv_proj(clips).flatten(2).transpose(1, 2))
        size = (self.pos_encoding.temporal_size, *self.pos_encoding.spatial_size)
        for block in self.blocks:
            x, size = block(x, size)
        return cast(Tensor, self.norm(x)[:, 0])


class TorchvisionSwin(ActionNetwork):
    """Video Swin Transformer T, S or B (Liu et al. CVPR 2022) with torchvision's keys.

    The embedding is the mean over time and space after the last norm: its numbers can be below 0.

    Args:
        in_channels: Channels of a clip.
        name: "swin3d_t", "swin3d_s" or "swin3d_b".

    Raises:
        FsamtError: torchvision is not installed or does not fit torch.
    """

    first_convolution = "patch_embed.proj.weight"

    def __init__(self, in_channels: int, name: str) -> None:
        network = getattr(torchvision_video(), name)(weights=None)
        super().__init__(in_channels, network.num_features)
        self.patch_embed = network.patch_embed
        self.patch_embed.proj = with_channels(network.patch_embed.proj, in_channels)
        self.features: nn.Sequential = network.features
        self.norm: nn.LayerNorm = network.norm

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 768 or 1024) float32 of clips (B, C, T, H, W) float32."""
        x = self.norm(self.features(self.patch_embed(clips)))
        return cast(Tensor, x.mean((1, 2, 3)))


def _entries() -> tuple[NetworkEntry, ...]:
    mvit = (
        ("mvit_v1_b", 768, 16, 36_274_848, "Torchvision's multiscale vision transformer, B."),
        ("mvit_v2_s", 768, 16, 34_201_920, "Torchvision's multiscale vision transformer 2, S."),
    )
    swin = (
        ("swin3d_t", 768, 32, 27_844_326, "Torchvision's video Swin transformer, T."),
        ("swin3d_s", 768, 32, 49_502_934, "Torchvision's video Swin transformer, S."),
        ("swin3d_b", 1024, 32, 87_630_792, "Torchvision's video Swin transformer, B."),
    )
    return tuple(
        NetworkEntry(
            NetworkSpec(name, dim, frames, 224, n, summary, is_published_only=True),
            partial(family, name=name),
        )
        for family, rows in ((TorchvisionMViT, mvit), (TorchvisionSwin, swin))
        for name, dim, frames, n, summary in rows
    )


NETWORKS = _entries()
