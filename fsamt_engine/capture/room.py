"""The room around a simulated participant: walls, floor and furniture, drawn once a view."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import Floats32
from fsamt_engine.capture.rendering import Light, View
from fsamt_engine.capture.surfaces import Surface, paint

_FLOOR = 2


@dataclass(frozen=True)
class Box:
    """A block in the room's axes.

    Attributes:
        low, high: (3,) opposite corners, metres.
        surface: Of all faces.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    surface: Surface


@dataclass(frozen=True)
class Room:
    """A furnished room. Its axes are the world's, turned about the vertical.

    Attributes:
        turn: Radians from the world's axes to the room's.
        low, high: (3,) inner corners in the room's axes, metres.
        walls: Surfaces of (left/right walls, floor and ceiling, back and front), low side first.
        boxes: The furniture.
        lamp: (3,) where the light is, in the world.
        light: What lights a figure.
    """

    turn: float
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    walls: tuple[tuple[Surface, Surface], ...]
    boxes: tuple[Box, ...]
    lamp: NDArray[np.float64]
    light: Light


@dataclass(frozen=True)
class RoomImage:
    """A room in one view.

    Attributes:
        depth: (H, W) float32 metres.
        colour: (H, W, 3) float32 linear light; (0, 0, 3) where it was not drawn.
        loss: (H, W) float32 share of no readings.
        floor: (H, W) bool.
    """

    depth: Floats32
    colour: Floats32
    loss: Floats32
    floor: NDArray[np.bool_]


@dataclass(frozen=True)
class _Hits:
    """What rays hit first: its distance in depths of the ray, the axis of its face, its surface."""

    distance: Floats32
    axis: NDArray[np.int8]
    surface: NDArray[np.int16]

    def keep(self, nearer: NDArray[np.bool_], distance: Floats32, axis: int, surface: int) -> None:
        np.copyto(self.distance, distance, where=nearer)
        np.copyto(self.axis, axis, where=nearer)
        np.copyto(self.surface, surface, where=nearer)


def draw_room_image(
    room: Room, view: View, supersampling: int, with_colour: bool = True
) -> RoomImage:
    """The empty room as the camera sees it.

    Args:
        room: What there is.
        view: The camera.
        supersampling: Rays a pixel of colour, in each direction.
        with_colour: Whether colour is drawn.
    """
    colour = np.empty((0, 0, 3), np.float32)
    if with_colour:
        origin, rays = _rays(room, view, supersampling)
        fine, _ = _light(room, origin, rays, _shoot(room, origin, rays))
        size = (view.intrinsics.width, view.intrinsics.height)
        colour = np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.float32)
    origin, rays = _rays(room, view, 1)
    hits = _shoot(room, origin, rays)
    _, loss = _light(room, origin, rays, hits)
    return RoomImage(
        depth=hits.distance,
        colour=colour,
        loss=loss,
        floor=hits.surface == _FLOOR,
    )


def _rays(room: Room, view: View, scale: int) -> tuple[NDArray[np.float64], Floats32]:
    """The camera's place and its rays (3, H, W) of depth 1, in the room's axes."""
    to_room = _about_vertical(-room.turn)
    xs, ys = view.rays(scale)
    turn = (to_room @ view.rotation.T).astype(np.float32)
    columns, rows = xs[None, None, :], ys[None, :, None]
    axes = turn[:, :, None, None]
    return to_room @ view.position, axes[:, 0] * columns + (axes[:, 1] * rows + axes[:, 2])


def _shoot(room: Room, origin: NDArray[np.float64], rays: Floats32) -> _Hits:
    """Slab method (Kay and Kajiya, 1986), from within for the room and from without for boxes."""
    inverse = 1.0 / np.where(np.abs(rays) < 1e-6, np.float32(1e-6), rays)
    shape = rays.shape[1:]
    hits = _Hits(
        np.full(shape, 100.0, np.float32), np.zeros(shape, np.int8), np.zeros(shape, np.int16)
    )
    for k in range(3):
        for high, corner in ((0, room.low), (1, room.high)):
            distance = np.float32(corner[k] - origin[k]) * inverse[k]
            nearer = (distance > 0.01) & (distance < hits.distance)
            hits.keep(nearer, distance, k, 2 * k + high)
    for index, box in enumerate(room.boxes):
        low, high_corner = ((c - origin).astype(np.float32) for c in (box.low, box.high))
        near, far = [], []
        for k in range(3):
            first, second = low[k] * inverse[k], high_corner[k] * inverse[k]
            near.append(np.minimum(first, second))
            far.append(np.maximum(first, second))
        entry = np.maximum(np.maximum(near[0], near[1]), near[2])
        leave = np.minimum(np.minimum(far[0], far[1]), far[2])
        nearer = (entry < leave) & (entry > 0.01) & (entry < hits.distance)
        for k in range(3):
            hits.keep(nearer & (near[k] == entry), entry, k, 6 + index)
    return hits


def _light(
    room: Room, origin: NDArray[np.float64], rays: Floats32, hits: _Hits
) -> tuple[Floats32, Floats32]:
    """Colour (H, W, 3) linear and loss (H, W) of what was hit."""
    points = origin.astype(np.float32)[:, None, None] + rays * hits.distance
    lamp = (_about_vertical(-room.turn) @ room.lamp).astype(np.float32)
    to_lamp = lamp[:, None, None] - points
    away = np.sqrt(to_lamp[0] ** 2 + to_lamp[1] ** 2 + to_lamp[2] ** 2)
    ray_along = np.choose(hits.axis, rays)
    sign = -np.sign(ray_along)
    lit = np.maximum(np.choose(hits.axis, to_lamp) * sign / away, 0.0)
    lit *= 0.75 * 14.0 / (8.0 + away * away)
    up = np.where(hits.axis == 1, sign, 0.0) * 0.5 + 0.5
    shade = _corners(room, points, hits)
    colour = np.empty((*away.shape, 3), np.float32)
    loss = np.empty(away.shape, np.float32)
    across = np.where(hits.axis == 0, points[2], points[0])
    along = np.where(hits.axis == 1, points[2], points[1])
    surfaces = [s for pair in room.walls for s in pair] + [box.surface for box in room.boxes]
    for index in np.unique(hits.surface):
        here = hits.surface == index
        colour[here], loss[here] = paint(surfaces[index], across[here], along[here])
    for k in range(3):
        sky, ground = room.light.sky[k], room.light.ground[k]
        colour[..., k] *= shade * (room.light.key[k] * lit + (ground + (sky - ground) * up))
    length = np.sqrt(rays[0] ** 2 + rays[1] ** 2 + rays[2] ** 2)
    loss += 0.7 * np.maximum(0.22 - np.abs(ray_along) / length, 0.0)
    return colour, loss


def _corners(room: Room, points: Floats32, hits: _Hits) -> Floats32:
    """Less light where surfaces meet, and under and beside furniture."""
    shade = np.ones(points.shape[1:], np.float32)
    for k in range(3):
        gap = np.minimum(np.abs(points[k] - room.low[k]), np.abs(points[k] - room.high[k]))
        shade *= np.where(hits.axis == k, 1.0, 1.0 - 0.35 * np.exp(-gap / 0.28))
    floor = hits.surface == _FLOOR
    x, z = points[0][floor], points[2][floor]
    for box in room.boxes:
        if box.low[1] > 0.6 or box.high[1] < 0.05:
            continue
        right = np.maximum(np.maximum(box.low[0] - x, x - box.high[0]), 0.0)
        ahead = np.maximum(np.maximum(box.low[2] - z, z - box.high[2]), 0.0)
        shade[floor] *= 1.0 - 0.5 * np.exp(-np.hypot(right, ahead) / 0.16)
    return shade


def _about_vertical(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
