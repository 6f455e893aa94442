"""Torchvision's video networks behind the program's interface, with their own state dict keys."""

from typing import Any, cast

from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.entry import NetworkEntry, NetworkSpec
from fsamt_engine.networks.network import ActionNetwork


class TorchvisionResNet(ActionNetwork):
    """R3D-18, MC3-18 or R(2+1)D-18 (Tran et al. CVPR 2018) with torchvision's keys.

    Args:
        in_channels: Channels of a clip; the first convolution is replaced where it is not 3.
        name: Name in `torchvision.models.video`: "r3d_18", "mc3_18" or "r2plus1d_18".

    Raises:
        FsamtError: torchvision is not installed or does not fit torch.
    """

    first_convolution = "stem.0.weight"

    def __init__(self, in_channels: int, name: str) -> None:
        super().__init__(in_channels, embedding_dim=512)
        network = getattr(torchvision_video(), name)(weights=None)
        self.stem: nn.Sequential = network.stem
        self.layer1: nn.Sequential = network.layer1
        self.layer2: nn.Sequential = network.layer2
        self.layer3: nn.Sequential = network.layer3
        self.layer4: nn.Sequential = network.layer4
        self.stem[0] = with_channels(cast(nn.Conv3d, self.stem[0]), in_channels)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            for block in layer:
                # A block that starts as its shortcut trains better (Goyal et al. 2017, 5.1).
                last_norm = cast(nn.Sequential, block.conv2)[-1]
                nn.init.zeros_(cast(nn.BatchNorm3d, last_norm).weight)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 512) float32 of clips (B, C, T, H, W) float32."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 512, T / 8, H / 16, W / 16) float32, rounded up; T as it is of mc3_18."""
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.stem(clips)))))
        return cast(Tensor, x)


class TorchvisionS3D(ActionNetwork):
    """S3D (Xie et al. ECCV 2018) with torchvision's keys for everything but the classifier.

    torchvision pools with a window that fits 224x224; the mean over time and space that stands
    here gives the same for 16 frames of that size, and works for any other.

    Args:
        in_channels: Channels of a clip; the first convolution is replaced where it is not 3.

    Raises:
        FsamtError: torchvision is not installed or does not fit torch.
    """

    first_convolution = "features.0.0.0.weight"

    def __init__(self, in_channels: int) -> None:
        super().__init__(in_channels, embedding_dim=1024)
        self.features: nn.Sequential = torchvision_video().s3d(weights=None).features
        stem = cast(nn.Sequential, cast(nn.Sequential, self.features[0])[0])
        stem[0] = with_channels(cast(nn.Conv3d, stem[0]), in_channels)
        for part in self.modules():
            if isinstance(part, nn.BatchNorm3d):
                # torchvision's 0.001 needs many thousands of steps before evaluation is of any use.
                part.momentum = 0.1

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, 1024) float32 of clips (B, C, T, H, W) float32, T at least 14."""
        return self.maps(clips).mean((2, 3, 4))

    def maps(self, clips: Tensor) -> Tensor:
        """(B, 1024, T / 8, H / 32, W / 32) float32, T at least 14."""
        return cast(Tensor, self.features(clips))


def torchvision_video() -> Any:
    """The module with torchvision's video networks; importing it takes seconds, so only here."""
    try:
        from torchvision.models import video
    except (ImportError, RuntimeError, OSError) as error:
        # RuntimeError is what a torchvision built for another torch raises.
        raise FsamtError(
            "This network comes from torchvision, which cannot be loaded here.",
            'Install it with "pip install torchvision", in the version made for your torch, '
            "or choose r3d_tiny or resnext3d_101.",
        ) from error
    return video


def with_channels(old: nn.Conv3d, in_channels: int) -> nn.Conv3d:
    """`old`, or a fresh convolution like it that takes `in_channels`."""
    if old.in_channels == in_channels:
        return old
    new = nn.Conv3d(
        in_channels,
        old.out_channels,
        cast(tuple[int, int, int], old.kernel_size),
        cast(tuple[int, int, int], old.stride),
        cast(tuple[int, int, int], old.padding),
        bias=old.bias is not None,
    )
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    return new


NETWORKS = (
    NetworkEntry(
        NetworkSpec("r3d_18", 512, 16, 112, 33_147_456, "Torchvision's 3D ResNet-18."),
        lambda channels: TorchvisionResNet(channels, "r3d_18"),
    ),
    NetworkEntry(
        NetworkSpec(
            "mc3_18",
            512,
            16,
            112,
            11_471_424,
            "Torchvision's ResNet-18, 3D in its first layers only.",
        ),
        lambda channels: TorchvisionResNet(channels, "mc3_18"),
    ),
    NetworkEntry(
        NetworkSpec(
            "r2plus1d_18",
            512,
            16,
            112,
            31_295_715,
            "Torchvision's ResNet-18 in space, then time.",
        ),
        lambda channels: TorchvisionResNet(channels, "r2plus1d_18"),
    ),
    NetworkEntry(
        NetworkSpec("s3d", 1024, 16, 224, 7_903_776, "Torchvision's separable 3D Inception."),
        TorchvisionS3D,
    ),
)
