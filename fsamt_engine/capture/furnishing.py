"""Drawing a room and its furniture from a seed."""

import numpy as np

from fsamt_engine.capture.rendering import Light
from fsamt_engine.capture.room import Box, Room
from fsamt_engine.capture.surfaces import Colour, Surface, SurfaceKind

_STOOL_HEIGHT_M = 0.44
_STOOL_BEHIND_M = 0.44
"""From the participant's feet to the middle of the seat."""

_WALLS: tuple[Colour, ...] = (
    (0.62, 0.60, 0.55), (0.48, 0.56, 0.58), (0.60, 0.52, 0.42),
    (0.45, 0.52, 0.44), (0.66, 0.66, 0.66), (0.40, 0.44, 0.54),
)  # fmt: skip
_WOODS: tuple[Colour, ...] = (
    (0.38, 0.24, 0.13), (0.22, 0.13, 0.08), (0.55, 0.42, 0.28),
    (0.70, 0.68, 0.64), (0.10, 0.09, 0.09),
)  # fmt: skip
_FABRICS: tuple[Colour, ...] = (
    (0.10, 0.18, 0.30), (0.32, 0.08, 0.08), (0.10, 0.25, 0.18),
    (0.35, 0.33, 0.30), (0.45, 0.28, 0.10),
)  # fmt: skip


def draw_room(rng: np.random.Generator, distance: float, facing: float) -> Room:
    """A furnished room; the participant is at the world's origin, the camera towards +z.

    Args:
        rng: Of the session.
        distance: From the participant to the camera, metres; the room reaches beyond it.
        facing: Of the participant, radians from +z to their left; the stool is behind them.
    """
    turn = float(rng.uniform(-0.3, 0.3))
    low = np.array([-rng.uniform(1.7, 3.2), 0.0, -rng.uniform(1.1, 2.4)])
    high = np.array([rng.uniform(1.7, 3.2), rng.uniform(2.4, 3.0), distance + 1.5])
    wall = _shade(rng, _WALLS)
    pattern = SurfaceKind.STRIPES if rng.random() < 0.33 else SurfaceKind.PAINT
    accent = Surface(
        pattern,
        wall,
        _times(wall, 0.8),
        loss=0.002,
        scale=float(rng.uniform(0.1, 0.3)),
        seed=_seed(rng),
    )
    plain = Surface(
        SurfaceKind.PAINT, _times(wall, 1.08), _times(wall, 0.92), loss=0.004, seed=_seed(rng)
    )
    ceiling = Surface(SurfaceKind.PAINT, (0.75, 0.75, 0.74), (0.68, 0.68, 0.67), loss=0.008)
    walls = ((plain, plain), (_floor(rng), ceiling), (accent, plain))
    boxes = [
        _stool(rng, facing - turn),
        *_along_back_wall(rng, low, high),
        *_along_side_walls(rng, low, high),
    ]
    if rng.random() < 0.5:
        half = rng.uniform((0.8, 0.6), (1.4, 1.0))
        carpet = Surface(
            SurfaceKind.CARPET, _shade(rng, _FABRICS), _shade(rng, _WALLS), seed=_seed(rng)
        )
        boxes.append(_box((-half[0], 0.0, -half[1]), (half[0], 0.012, half[1]), carpet))
    lamp = np.array([rng.uniform(-1.6, 1.6), rng.uniform(2.0, 2.35), rng.uniform(0.4, 1.8)])
    return Room(turn, low, high, walls, tuple(boxes), lamp, _light(rng, lamp))


def _light(rng: np.random.Generator, lamp: np.ndarray) -> Light:
    towards = lamp - (0.0, 0.9, 0.0)
    warmth = float(rng.uniform(-0.12, 0.12))
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    ambient = float(rng.uniform(0.26, 0.44))
    return Light(
        towards=towards / np.linalg.norm(towards),
        key=tint * rng.uniform(0.55, 0.85),
        sky=tint[::-1] * ambient,
        ground=tint * ambient * 0.5,
    )


def _floor(rng: np.random.Generator) -> Surface:
    kind, palette, scale, loss = (
        (SurfaceKind.PLANKS, _WOODS[:3], 0.13, 0.004),
        (SurfaceKind.TILES, _WALLS, 0.4, 0.02),
        (SurfaceKind.CARPET, _FABRICS, 0.3, 0.003),
    )[rng.integers(3)]
    first = _shade(rng, palette)
    return Surface(kind, first, _times(first, 0.62), loss=loss, scale=scale, seed=_seed(rng))


def _stool(rng: np.random.Generator, facing: float) -> Box:
    x, z = -_STOOL_BEHIND_M * np.sin(facing), -_STOOL_BEHIND_M * np.cos(facing)
    surface = Surface(
        SurfaceKind.PAINT, _shade(rng, _FABRICS), _shade(rng, _WOODS), seed=_seed(rng)
    )
    return _box((x - 0.18, 0.0, z - 0.18), (x + 0.18, _STOOL_HEIGHT_M, z + 0.18), surface)


def _along_back_wall(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> list[Box]:
    boxes: list[Box] = []
    left = low[0] + rng.uniform(0.05, 0.5)
    while left < high[0] - 0.5:
        width = min(float(rng.uniform(0.5, 1.3)), high[0] - left - 0.05)
        boxes += _piece(rng, left, width, low[2])
        left += width + rng.uniform(0.1, 0.9)
    return boxes


def _piece(rng: np.random.Generator, left: float, width: float, back: float) -> list[Box]:
    """One thing on or against the back wall."""
    wood = Surface(
        SurfaceKind.PLANKS, _shade(rng, _WOODS), _shade(rng, _WOODS), scale=0.4, seed=_seed(rng)
    )
    right = left + width
    match rng.choice(("cabinet", "shelf", "picture", "window", "desk", "screen")):
        case "cabinet":
            height = float(rng.uniform(0.6, 2.0))
            return [_box((left, 0.0, back), (right, height, back + rng.uniform(0.3, 0.5)), wood)]
        case "shelf":
            books = Surface(
                SurfaceKind.BOOKS, wood.first, wood.second, scale=0.33, seed=_seed(rng), loss=0.008
            )
            return [_box((left, 0.0, back), (right, 1.98, back + 0.3), books)]
        case "picture":
            art = Surface(
                SurfaceKind.PICTURE,
                _shade(rng, _FABRICS),
                (0.8, 0.78, 0.7),
                scale=width,
                seed=_seed(rng),
            )
            return [_box((left, 1.2, back), (right, 1.2 + 0.7 * width, back + 0.03), art)]
        case "window":
            outside = Surface(
                SurfaceKind.WINDOW, (1.9, 2.1, 2.4), (0.7, 0.95, 0.6), loss=0.93, scale=width / 2,
                seed=_seed(rng), origin=(left, 1.0),
            )  # fmt: skip
            return [_box((left, 1.0, back), (right, min(1.0 + width, 2.3), back + 0.02), outside)]
        case "desk":
            top = _box((left, 0.70, back), (right, 0.74, back + 0.65), wood)
            legs = [
                _box((x, 0.0, z), (x + 0.05, 0.70, z + 0.05), wood)
                for x in (left, right - 0.05)
                for z in (back + 0.02, back + 0.58)
            ]
            thing = Surface(
                SurfaceKind.PAINT, _shade(rng, _FABRICS), _shade(rng, _FABRICS), seed=_seed(rng)
            )
            middle = (left + right) / 2
            return [
                top,
                *legs,
                _box((middle - 0.12, 0.74, back + 0.1), (middle + 0.1, 1.0, back + 0.3), thing),
            ]
        case _:
            glass = Surface(
                SurfaceKind.PAINT, (0.012, 0.012, 0.015), (0.03, 0.03, 0.035), loss=0.75
            )
            return [
                _box((left, 0.0, back), (right, 0.5, back + 0.4), wood),
                _box((left, 0.6, back + 0.1), (right, 0.6 + 0.56 * width, back + 0.14), glass),
            ]


def _along_side_walls(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> list[Box]:
    boxes = []
    for side in (-1, 1):
        if rng.random() < 0.35:
            continue
        fabric = Surface(
            SurfaceKind.CARPET, _shade(rng, _FABRICS), _shade(rng, _FABRICS), seed=_seed(rng)
        )
        deep, tall, long = rng.uniform((0.35, 0.4, 0.8), (0.75, 1.3, 1.6))
        start = rng.uniform(low[2] + 0.5, 0.2)
        near, far = (low[0], low[0] + deep) if side < 0 else (high[0] - deep, high[0])
        boxes.append(_box((near, 0.0, start), (far, tall, start + long), fabric))
    return boxes


def _box(low: tuple[float, ...], high: tuple[float, ...], surface: Surface) -> Box:
    return Box(np.asarray(low, np.float64), np.asarray(high, np.float64), surface)


def _shade(rng: np.random.Generator, palette: tuple[Colour, ...]) -> Colour:
    colour = np.asarray(palette[rng.integers(len(palette))]) * np.exp(rng.normal(0.0, 0.12, 3))
    red, green, blue = np.clip(colour, 0.01, 0.9).tolist()
    return red, green, blue


def _times(colour: Colour, factor: float) -> Colour:
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 30))
