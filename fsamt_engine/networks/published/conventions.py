"""How published networks want their input: what was done to a clip when they were trained."""

from dataclasses import dataclass

_ACTIVITYNET_MEAN = (114.7748, 107.7354, 99.4750)
_IMAGENET_MEAN, _IMAGENET_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_BOUND_PX = 20.0


@dataclass(frozen=True)
class Convention:
    """What a published network expects of its clips.

    Attributes:
        mean: Of each channel, in the modality's own range: 0..1 for rgb, -1..1 for flow, where 1
            is the largest displacement that the code holds.
        std: Of each channel, in the same range.
        n_frames: Frames of a clip.
        step: From one of them to the next, in frames at 30 a second.
        size: Side of the square, pixels.
        crop_share: Side of the square as a share of the frame's short side. It was cut out of the
            middle.
        bound_share: Of flow, the largest displacement as a share of the square's side.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    n_frames: int
    step: int
    size: int
    crop_share: float = 1.0
    bound_share: float | None = None


MARS_RGB = Convention(
    tuple(value / 255 for value in _ACTIVITYNET_MEAN), (1 / 255,) * 3, n_frames=16, step=1, size=112
)
"""0..255 minus ActivityNet's mean. MARS, `dataset/preprocess_data.py`; 3D-ResNets-PyTorch of 2018
has the same in `main.py` (`norm_value` 1, `mean_dataset` activitynet, no `std_norm`)."""

MARS_FLOW = Convention(
    (0.0, 0.0), (1 / 127.5,) * 2, n_frames=16, step=1, size=112, bound_share=_BOUND_PX / 256
)
"""TV-L1 on frames whose short side is 256, clipped to 20 px, as bytes minus 127.5 (MARS,
`utils1/extract_frames_flows.py` and `dataset/preprocess_data.py`)."""

RESNETS_2020 = Convention(
    (0.4345, 0.4051, 0.3775), (0.2768, 0.2713, 0.2737), n_frames=16, step=1, size=112
)
"""3D-ResNets-PyTorch of 2020, `mean.py` and `opts.py` (`value_scale` 1)."""


def slowonly(in_channels: int, n_frames: int, step: int) -> Convention:
    """MMAction2 0.x, `configs/recognition/slowonly`: 224 out of a short side of 256.

    Flow is TV-L1 on frames whose short side is 320 (`metafile.yml`), clipped to 20 px, as bytes
    minus 128 over 128.
    """
    crop_share = 224 / 256
    if in_channels == 2:
        middle, spread = 128 / 127.5 - 1, 128 / 127.5
        bound_share = _BOUND_PX / (320 * crop_share)
        return Convention(
            (middle,) * 2, (spread,) * 2, n_frames, step, 224, crop_share, bound_share
        )
    mean, std = (tuple(v / 255 for v in values) for values in (_IMAGENET_MEAN, _IMAGENET_STD))
    return Convention(mean, std, n_frames, step, 224, crop_share)


_TORCHVISION_CLIPS = {
    "r3d_18": (16, 2),
    "mc3_18": (16, 2),
    "r2plus1d_18": (16, 2),
    "s3d": (128, 2),
    "mvit_v1_b": (16, 4),
    "mvit_v2_s": (16, 4),
    "swin3d_t": (32, 2),
    "swin3d_s": (32, 2),
    "swin3d_b": (32, 2),
}
"""`clip_len` and 30 over `frame_rate`, from the documentation of the weights."""


def torchvision(name: str) -> Convention:
    """What the weights' own transform says, with the clips that they were measured with."""
    from torchvision.models import get_model_weights

    transform = get_model_weights(name).DEFAULT.transforms()
    n_frames, step = _TORCHVISION_CLIPS[name]
    (size, _), short_side = transform.crop_size, transform.resize_size[0]
    return Convention(
        tuple(transform.mean), tuple(transform.std), n_frames, step, size, size / short_side
    )


TORCHVISION_NAMES = tuple(_TORCHVISION_CLIPS)
"""Torchvision's video networks that have weights."""
