"""What a participant looks like: skin, hair and clothes, as materials of the body's parts."""

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

TEXEL_M = 0.004
"""Size of a texture's element on the body."""
TEXTURE_SIZE = 128

_SKINS = (
    (0.80, 0.56, 0.43),
    (0.72, 0.47, 0.34),
    (0.55, 0.34, 0.23),
    (0.36, 0.21, 0.14),
    (0.86, 0.64, 0.52),
)
_HAIRS = (
    (0.03, 0.025, 0.02),
    (0.10, 0.06, 0.035),
    (0.25, 0.15, 0.07),
    (0.55, 0.40, 0.20),
    (0.45, 0.44, 0.43),
)
_TOPS = (
    (0.62, 0.08, 0.09), (0.07, 0.22, 0.50), (0.08, 0.38, 0.22),
    (0.75, 0.55, 0.10), (0.80, 0.80, 0.78),
    (0.35, 0.10, 0.40), (0.10, 0.42, 0.46), (0.42, 0.58, 0.10),
    (0.10, 0.10, 0.12), (0.42, 0.44, 0.47),
)  # fmt: skip
_BOTTOMS = (
    (0.06, 0.10, 0.22), (0.05, 0.05, 0.06), (0.27, 0.28, 0.16),
    (0.25, 0.26, 0.28), (0.14, 0.20, 0.14), (0.20, 0.30, 0.45),
)  # fmt: skip
_SHOES = (
    (0.04, 0.04, 0.04),
    (0.75, 0.75, 0.75),
    (0.30, 0.16, 0.08),
    (0.55, 0.08, 0.08),
    (0.10, 0.15, 0.35),
)


class Cloth(IntEnum):
    """Textures, by their place in `textures`."""

    PLAIN = 0
    ACROSS = 1
    ALONG = 2
    CHECKS = 3
    BLOTCHES = 4
    PRINT = 5
    FACE = 6


class Material(IntEnum):
    """Materials, by their place in a look's tables."""

    SKIN = 0
    FACE = 1
    HAIR = 2
    TOP = 3
    BOTTOM = 4
    SHOES = 5


@dataclass(frozen=True)
class Look:
    """A participant's materials and the cut of their clothes.

    Attributes:
        colours: (2, materials, 3) float32 linear albedo; the texture mixes first and second.
        cloth: (materials,) int, texture of each material.
        loss: (materials,) float32, share of no readings a depth sensor has on it.
        textures: (7, 128, 128) float32 in 0..1.
        sleeve: Share of the arm that the top covers, 0..2: upper arm, then forearm.
        trouser: Share of the leg that the bottom covers, 0..2: thigh, then shin.
        long_hair: Whether the hair falls to the shoulders.
        loose: How much thicker clothes make a body, metres.
    """

    colours: Floats32
    cloth: NDArray[np.int64]
    loss: Floats32
    textures: Floats32
    sleeve: float
    trouser: float
    long_hair: bool
    loose: float


def draw_look(rng: np.random.Generator) -> Look:
    """A participant's skin, hair and clothes."""

    def pick(palette: tuple[tuple[float, ...], ...], spread: float = 0.15) -> Floats32:
        colour = np.asarray(palette[rng.integers(len(palette))])
        return np.asarray(
            np.clip(colour * np.exp(rng.normal(0, spread, 3)), 0.015, 0.88), np.float32
        )

    skin, hair, top, bottom, shoes = (
        pick(_SKINS, 0.06), pick(_HAIRS), pick(_TOPS), pick(_BOTTOMS), pick(_SHOES),
    )  # fmt: skip
    cloth = Cloth(rng.choice(6, p=(0.16, 0.2, 0.12, 0.16, 0.18, 0.18)))
    contrast = pick(_TOPS)
    second = [skin * 0.78, skin * 0.16, hair * 0.5, contrast, bottom * 0.6, shoes * 0.5]
    if cloth == Cloth.PLAIN:
        second[Material.TOP] = top * 0.62
    first = np.stack([skin, skin, hair, top, bottom, shoes])
    colours = np.stack([first, np.stack(second)]).astype(np.float32)
    darkness = np.clip(1.0 - colours.mean(axis=(0, 2)) / 0.12, 0.0, 1.0)
    loss = 0.002 + 0.18 * darkness**2
    loss[Material.HAIR] += 0.05
    return Look(
        colours=colours,
        cloth=np.array([Cloth.PLAIN, Cloth.FACE, Cloth.PLAIN, cloth, Cloth.PLAIN, Cloth.PLAIN]),
        loss=loss.astype(np.float32),
        textures=_textures(rng),
        sleeve=float(rng.choice((0.55, 0.8, 1.9, 1.9))),
        trouser=float(rng.choice((0.9, 1.95, 1.95, 1.95))),
        long_hair=bool(rng.random() < 0.4),
        loose=float(rng.uniform(0.0, 0.016)),
    )


def _textures(rng: np.random.Generator) -> Floats32:
    """Tiles that repeat every 0.512 m."""
    n = TEXTURE_SIZE
    rows, columns = np.mgrid[:n, :n]
    period = int(rng.choice((16, 32)))
    edge = period * rng.uniform(0.35, 0.6)
    folds = _smooth_noise(rng, 5.0)
    across = (rows % period < edge).astype(np.float64)
    along = (columns % period < edge).astype(np.float64)
    blotches = (_smooth_noise(rng, 4.0) > 0.55).astype(np.float64)
    centre = n // 2
    chest = (abs(columns - centre) < 22) & (abs(rows - centre - 6) < 20)
    printed = chest & (_smooth_noise(rng, 2.5) > 0.45)
    face = np.zeros((n, n))
    for x in (centre - 8, centre + 8):
        face[centre + 2 : centre + 5, x - 2 : x + 3] = 1.0
        face[centre + 8 : centre + 10, x - 4 : x + 5] = 0.6
    face[centre - 14 : centre - 12, centre - 6 : centre + 7] = 0.6
    face[centre - 7 : centre - 4, centre - 2 : centre + 3] = 0.3
    tiles = np.stack([folds, across, along, (across + along) / 2, blotches, printed, face])
    tiles[1:6] = np.clip(tiles[1:6] + 0.16 * (folds - 0.5), 0.0, 1.0)
    return np.stack([cv2.GaussianBlur(t, (0, 0), 0.8) for t in tiles]).astype(np.float32)


def _smooth_noise(rng: np.random.Generator, sigma: float) -> NDArray[np.float64]:
    """Noise in 0..1 that repeats without a seam."""
    n = TEXTURE_SIZE
    tiled = np.tile(rng.normal(size=(n, n)), (3, 3))
    blurred = cv2.GaussianBlur(tiled, (0, 0), sigma)[n : 2 * n, n : 2 * n]
    ranks = (blurred - blurred.mean()) / blurred.std()
    return np.asarray(np.clip(0.5 + 0.3 * ranks, 0.0, 1.0), np.float64)
