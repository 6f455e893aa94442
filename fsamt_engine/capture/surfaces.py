"""What walls, floors and furniture are made of: albedo, and how well depth reads on it."""

from dataclasses import dataclass, field
from enum import Enum

import cv2
import numpy as np
from numpy.typing import ArrayLike

from fsamt_engine.capture.appearance import Floats32

Colour = tuple[float, float, float]


class SurfaceKind(Enum):
    """How a surface's albedo is made."""

    PAINT = "paint"
    PLANKS = "planks"
    TILES = "tiles"
    CARPET = "carpet"
    STRIPES = "stripes"
    BOOKS = "books"
    PICTURE = "picture"
    WINDOW = "window"


@dataclass(frozen=True)
class Surface:
    """A material of the room.

    Attributes:
        first, second: Linear albedo; a window's are what is seen through it, above and below.
        loss: Share of no readings a depth sensor has on it.
        scale: Size of its pattern, metres.
        seed: Of its irregularities.
        origin: Metres across and along at which its pattern begins.
    """

    kind: SurfaceKind
    first: Colour
    second: Colour
    loss: float = 0.0
    scale: float = 0.3
    seed: int = 0
    origin: tuple[float, float] = field(default=(0.0, 0.0))


def paint(surface: Surface, across: Floats32, along: Floats32) -> tuple[Floats32, Floats32]:
    """Albedo (n, 3) and loss (n,) at places of a surface, in metres across and along it."""
    u = (across - np.float32(surface.origin[0])) / np.float32(surface.scale)
    v = (along - np.float32(surface.origin[1])) / np.float32(surface.scale)
    first, second = (np.asarray(c, np.float32) for c in (surface.first, surface.second))
    grain = _noise(surface.seed, across * 9.0, along * 9.0)
    loss = np.full(len(u), surface.loss, np.float32)
    match surface.kind:
        case SurfaceKind.PAINT:
            mix = 0.25 * grain
        case SurfaceKind.PLANKS:
            row = np.floor(v)
            shifted = u * 0.18 + _hash(row, surface.seed)
            tone = _hash(row * 17.0 + np.floor(shifted), surface.seed)
            joint = (np.minimum(v - row, (shifted - np.floor(shifted)) * 5.0) < 0.05) * 0.6
            fibre = _noise(surface.seed, across * 4.0, along * 60.0)
            mix = 0.45 * tone + 0.3 * fibre + joint
        case SurfaceKind.TILES:
            joint = (u - np.floor(u) < 0.05) | (v - np.floor(v) < 0.05)
            mix = 0.2 * _hash(np.floor(u) * 31.0 + np.floor(v), surface.seed) + 0.7 * joint
        case SurfaceKind.CARPET:
            mix = 0.5 * grain + 0.5 * _noise(surface.seed + 1, across * 40.0, along * 40.0)
        case SurfaceKind.STRIPES:
            mix = 0.75 * (u - np.floor(u) < 0.5) + 0.2 * grain
        case SurfaceKind.BOOKS:
            return _books(surface, u, v), loss
        case SurfaceKind.PICTURE:
            mix = _noise(surface.seed, u * 6.0, v * 6.0)
            colours = np.stack([np.roll(first, k) for k in range(3)] + [second])
            band = np.clip((mix * 4).astype(np.int64), 0, 3)
            return np.asarray(colours[band]), loss
        case SurfaceKind.WINDOW:
            frame = (np.abs(u - np.round(u)) < 0.07) | (np.abs(v - np.round(v)) < 0.07)
            mix = np.clip(0.5 - v + 0.3 * grain, 0.0, 1.0)
            seen = first + (second - first) * mix[:, None]
            seen[frame] = 0.7
            loss[frame] = 0.05
            return seen, loss
    return first + (second - first) * np.clip(mix, 0.0, 1.0)[:, None].astype(np.float32), loss


def _books(surface: Surface, u: Floats32, v: Floats32) -> Floats32:
    """Backs of books on boards: `scale` is the height of a shelf."""
    shelf = np.floor(v)
    place = np.floor(u * 9.0 + 0.6 * np.sin(u * 5.0 + shelf * 2.0))
    pick = place * 13.0 + shelf * 7.0
    channels = [_hash(pick, surface.seed + k) for k in range(3)]
    tall = 0.55 + 0.35 * _hash(pick, surface.seed + 3)
    colour = np.stack(channels, axis=1) ** 2 * 0.5 + 0.03
    colour[(v - shelf) > tall] = 0.02
    board = (v - shelf < 0.07) | (v - shelf > 0.96)
    colour[board] = np.asarray(surface.first, np.float32)
    return colour.astype(np.float32)


def _hash(values: ArrayLike, seed: int) -> Floats32:
    """A number in 0..1 of each whole number, the same every time."""
    mixed = np.sin(np.asarray(values) * 12.9898 + (seed % 1000) * 78.233) * 43758.547
    return np.asarray(mixed - np.floor(mixed), np.float32)


def _noise(seed: int, x: Floats32, y: Floats32) -> Floats32:
    """Smooth noise in 0..1 with features of about one unit."""
    n, fine = 16, 16
    cells = np.random.default_rng(seed).random((n, n), np.float32)
    wrapped = np.pad(cells, 2, mode="wrap")
    tile = cv2.resize(wrapped, None, fx=fine, fy=fine, interpolation=cv2.INTER_CUBIC)
    tile = tile[2 * fine : -2 * fine, 2 * fine : -2 * fine]
    rows, columns = (np.floor(c * fine).astype(np.int64) % (n * fine) for c in (y, x))
    return np.asarray(np.clip(tile[rows, columns], 0.0, 1.0), np.float32)
