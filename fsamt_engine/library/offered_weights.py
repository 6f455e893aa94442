"""Published weights, as facts: what models of them say, and which can be fetched by name."""

from dataclasses import dataclass

PUBLISHED_WEIGHTS = "published weights"
"""How a model came about whose weights were brought in from elsewhere."""


@dataclass(frozen=True)
class Offered:
    """Weights that can be fetched by a short name.

    Attributes:
        name: As `download` takes it.
        summary: One line for a person who chooses.
        megabytes: To be fetched, about.
        repository: On the Hugging Face Hub; "" for torchvision's.
        licence: Under which terms they are published.
    """

    name: str
    summary: str
    megabytes: int
    repository: str
    licence: str


_NON_COMMERCIAL = "CC BY-NC 4.0: not for commercial use"
_TORCHVISION = (
    ("r3d_18", "3D ResNet-18: small, the usual first choice", 127),
    ("mc3_18", "ResNet-18, 3D in its first layers only", 45),
    ("r2plus1d_18", "ResNet-18 in space, then time", 120),
    ("s3d", "Separable 3D Inception: the smallest", 32),
    ("mvit_v1_b", "Multiscale vision transformer, B", 140),
    ("mvit_v2_s", "Multiscale vision transformer 2, S: strong for its size", 132),
    ("swin3d_t", "Video Swin transformer, T", 122),
    ("swin3d_s", "Video Swin transformer, S", 218),
    ("swin3d_b", "Video Swin transformer, B: strong, wants a GPU", 364),
)

OFFERED: tuple[Offered, ...] = (
    *(
        Offered(name, f"{summary}; Kinetics-400, rgb", size, "", "BSD-3-Clause")
        for name, summary, size in _TORCHVISION
    ),
    Offered(
        "videomae:base",
        "VideoMAE B, finetuned on Kinetics-400; wants a GPU",
        346,
        "MCG-NJU/videomae-base-finetuned-kinetics",
        _NON_COMMERCIAL,
    ),
    Offered(
        "videomae:large",
        "VideoMAE L, finetuned on Kinetics-400; wants a GPU",
        1220,
        "MCG-NJU/videomae-large-finetuned-kinetics",
        _NON_COMMERCIAL,
    ),
    Offered(
        "vjepa2:large",
        "V-JEPA 2 L, never saw a label; wants a GPU",
        1300,
        "facebook/vjepa2-vitl-fpc64-256",
        "MIT",
    ),
    Offered(
        "vjepa2:large-ssv2",
        "V-JEPA 2 L, with a classifier of Something-Something v2; wants a GPU",
        1500,
        "facebook/vjepa2-vitl-fpc16-256-ssv2",
        "as its model card says",
    ),
)
"""What is offered by name; any other repository of the two kinds goes by `videomae:owner/name`."""
