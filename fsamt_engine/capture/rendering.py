"""Drawing bodies: analytic rays against round cones, nearest first, then light.

The intersection is Inigo Quilez' "rounded cone" (iquilezles.org/articles/intersectors), written for
rays that start at the camera and have depth 1, so that their length is the depth z itself, and for
cones that are round in an affine space of their own.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import TEXEL_M, TEXTURE_SIZE, Floats32, Look
from fsamt_engine.capture.shape import RoundCones
from fsamt_engine.library.records import Intrinsics

FAR_M = np.float32(100.0)
_NEAREST_M = 0.05


@dataclass(frozen=True)
class View:
    """A camera in the world: x right, y down, z ahead.

    Attributes:
        rotation: (3, 3), from world to camera.
        position: (3,) in the world, metres.
    """

    intrinsics: Intrinsics
    rotation: NDArray[np.float64]
    position: NDArray[np.float64]

    def to_camera(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (..., 3) of the world in the camera's axes, metres."""
        return np.asarray((points - self.position) @ self.rotation.T)

    def rays(self, scale: int = 1) -> tuple[Floats32, Floats32]:
        """X and y of the rays (depth 1) of the columns (W * scale,) and rows (H * scale,)."""
        i = self.intrinsics
        columns = (np.arange(i.width * scale) + 0.5) / scale - 0.5
        rows = (np.arange(i.height * scale) + 0.5) / scale - 0.5
        return (
            ((columns - i.cx) / i.fx).astype(np.float32),
            ((rows - i.cy) / i.fy).astype(np.float32),
        )


@dataclass(frozen=True)
class Light:
    """What lights a figure.

    Attributes:
        towards: (3,) unit vector to the key light, world.
        key: (3,) its colour and strength.
        sky, ground: (3,) light from above and from below.
    """

    towards: NDArray[np.float64]
    key: NDArray[np.float64]
    sky: NDArray[np.float64]
    ground: NDArray[np.float64]


@dataclass(frozen=True)
class FigureImage:
    """A figure in a window of the picture, perhaps finer than the picture.

    Attributes:
        rows, columns: The window, in pixels of the picture.
        depth: (h, w) float32 metres, FAR_M where there is no figure.
        mask: (h, w) bool.
        colour: (n, 3) float32 linear light of the mask's pixels, in row order; (0, 3) where colour
            is not drawn.
        loss: (n,) float32 share of no readings.
    """

    rows: slice
    columns: slice
    depth: Floats32
    mask: NDArray[np.bool_]
    colour: Floats32
    loss: Floats32


class FigureRenderer:
    """Draws one participant in one view.

    Args:
        view: The camera.
        light: In the world.
        look: The participant's materials.
        supersampling: Rays a pixel, in each direction.
        with_colour: Whether colour is drawn. Depth is the same without.
    """

    def __init__(
        self, view: View, light: Light, look: Look, supersampling: int, with_colour: bool = True
    ) -> None:
        self._view, self._with_colour = view, with_colour
        self._look = look
        self._fine = supersampling
        self._xs, self._ys = view.rays(supersampling)
        self._towards = (view.rotation @ light.towards).astype(np.float32)
        self._up = view.rotation[:, 1].astype(np.float32)
        self._key, self._sky, self._ground = (
            np.asarray(c, np.float32) for c in (light.key, light.sky, light.ground)
        )

    def draw(self, cones: RoundCones, frame: int) -> FigureImage | None:
        """One frame of the figure, None where it is out of the picture."""
        rotation = self._view.rotation
        ends = self._view.to_camera(cones.ends[frame])
        to_own = np.swapaxes(rotation @ cones.axes[frame], 1, 2) / cones.scales[:, :, None]
        reach = cones.radii * cones.scales.max(axis=1, keepdims=True)
        windows = self._windows(ends, reach)
        ahead = (ends[:, :, 2] - reach).min(axis=1)
        seen = [
            p
            for p, (x0, x1, y0, y1) in enumerate(windows)
            if x0 < x1 and y0 < y1 and ahead[p] > _NEAREST_M
        ]
        if not seen:
            return None
        x0, y0 = (min(windows[p][k] for p in seen) for k in (0, 2))
        x1, y1 = (max(windows[p][k] for p in seen) for k in (1, 3))
        depth = np.full((y1 - y0, x1 - x0), FAR_M, np.float32)
        part = np.full(depth.shape, -1, np.int16)
        a = np.einsum("pij,pj->pi", to_own, ends[:, 0])
        ba = np.einsum("pij,pj->pi", to_own, ends[:, 1] - ends[:, 0])
        for p in seen:
            left, right, top, bottom = windows[p]
            z = _round_cone(
                self._xs[left:right], self._ys[top:bottom], to_own[p], a[p], ba[p], cones.radii[p]
            )
            window = (slice(top - y0, bottom - y0), slice(left - x0, right - x0))
            nearer = z < depth[window]
            np.copyto(depth[window], z, where=nearer)
            np.copyto(part[window], p, where=nearer)
        mask = part >= 0
        if not mask.any():
            return None
        colour, loss = self._shade(cones, depth, part, mask, (x0, y0), to_own, a, ba)
        rows, columns = (slice(a // self._fine, b // self._fine) for a, b in ((y0, y1), (x0, x1)))
        return FigureImage(rows, columns, depth, mask, colour, loss)

    def _windows(
        self, ends: NDArray[np.float64], radii: NDArray[np.float64]
    ) -> list[tuple[int, int, int, int]]:
        """First and last columns and rows (in rays) that can show each cone, of whole pixels."""
        i = self._view.intrinsics
        z = np.maximum(ends[:, :, 2], _NEAREST_M)
        around = radii / np.maximum(z - radii, _NEAREST_M) * 1.12
        windows = []
        for axis, focal, centre, size in ((0, i.fx, i.cx, i.width), (1, i.fy, i.cy, i.height)):
            middle = ends[:, :, axis] / z
            first = np.floor((middle - around).min(axis=1) * focal + centre)
            last = np.ceil((middle + around).max(axis=1) * focal + centre) + 1
            windows += [np.clip(n, 0, size).astype(int) * self._fine for n in (first, last)]
        return list(zip(*(w.tolist() for w in windows), strict=True))

    def _shade(
        self,
        cones: RoundCones,
        depth: Floats32,
        part: NDArray[np.int16],
        mask: NDArray[np.bool_],
        corner: tuple[int, int],
        to_own: NDArray[np.float64],
        a: NDArray[np.float64],
        ba: NDArray[np.float64],
    ) -> tuple[Floats32, Floats32]:
        """Light and loss of the mask's pixels."""
        rows, columns = np.nonzero(mask)
        z, parts = depth[rows, columns], part[rows, columns]
        x, y = self._xs[columns + corner[0]] * z, self._ys[rows + corner[1]] * z
        # Per pixel, the numbers of its cone; one row each, so that arithmetic runs along memory.
        table = np.concatenate(
            [to_own.reshape(-1, 9), a, ba, (ba * ba).sum(1)[:, None], cones.radii,
             cones.split[:, None], cones.scales[:, :2], cones.texture_origin], axis=1,
        )  # fmt: skip
        rows_of = np.take(table.T.astype(np.float32), parts, axis=1)
        m, a_own, ba_own = rows_of[:9], rows_of[9:12], rows_of[12:15]
        length2, ra, rb, split = rows_of[15:19]
        local = [m[3 * k] * x + m[3 * k + 1] * y + m[3 * k + 2] * z - a_own[k] for k in range(3)]
        taper = ra - rb
        along = ba_own[0] * local[0] + ba_own[1] * local[1] + ba_own[2] * local[2] - ra * taper
        share = np.clip(along / (length2 - taper * taper), 0.0, 1.0)
        n_own = [local[k] - share * ba_own[k] for k in range(3)]
        normal = [m[k] * n_own[0] + m[3 + k] * n_own[1] + m[6 + k] * n_own[2] for k in range(3)]
        scale = 1.0 / np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
        material = cones.materials[parts, (share > split).astype(np.int64)]
        head_on = -(x * normal[0] + y * normal[1] + z * normal[2]) * scale
        head_on = np.clip(head_on / np.sqrt(x * x + y * y + z * z), 0.0, 1.0)
        loss = self._look.loss[material] + 0.5 * np.maximum(0.45 - head_on, 0.0)
        if not self._with_colour:
            return np.empty((0, 3), np.float32), loss
        u = (local[0] * rows_of[19] + rows_of[21]) * np.float32(1 / TEXEL_M)
        v = (local[1] * rows_of[20] + rows_of[22]) * np.float32(1 / TEXEL_M)
        light = self._light_on(normal, scale) * _openness(depth, mask)[:, None]
        return self._albedo(material, u, v) * light, loss

    def _albedo(self, material: NDArray[np.int64], u: Floats32, v: Floats32) -> Floats32:
        """What share of light each point throws back, by its place (in texels) on its cloth."""
        look, wrap = self._look, TEXTURE_SIZE - 1
        mix = look.textures[
            look.cloth[material], v.astype(np.int32) & wrap, u.astype(np.int32) & wrap
        ]
        first, second = look.colours[0][material], look.colours[1][material]
        return np.asarray(first + (second - first) * mix[:, None])

    def _light_on(self, normal: list[Floats32], scale: Floats32) -> Floats32:
        """Light that falls on points, by their normals and one over the length of those."""

        def facing(direction: Floats32) -> Floats32:
            dot = normal[0] * direction[0] + normal[1] * direction[1] + normal[2] * direction[2]
            return np.asarray(dot * scale)

        lit = np.maximum(facing(self._towards), 0.0)[:, None]
        above = (0.5 + 0.5 * facing(self._up))[:, None]
        return np.asarray(self._key * lit + (self._ground + (self._sky - self._ground) * above))


def _round_cone(
    xs: Floats32,
    ys: Floats32,
    to_own: NDArray[np.float64],
    a: NDArray[np.float64],
    ba: NDArray[np.float64],
    radii: NDArray[np.float64],
) -> Floats32:
    """Depth (h, w) at which the rays of these columns and rows enter a cone, FAR_M where they miss.

    Args:
        to_own: (3, 3), from camera axes to those in which the cone is round.
        a: First centre in its own axes.
        ba: From the first to the second centre.
    """
    ra, rb = radii
    taper = ra - rb
    gram = to_own.T @ to_own
    along, towards = to_own.T @ ba, to_own.T @ -a
    m0, m1, m5 = ba @ ba, -(ba @ a), a @ a
    b = a + ba
    x, y = xs[None, :], ys[:, None]

    def linear(c: NDArray[np.float64]) -> Floats32:
        c = c.astype(np.float32)
        return np.asarray((c[0] * x + c[2]) + c[1] * y)

    g = gram.astype(np.float32)
    square = (x * (g[0, 0] * x + 2 * g[0, 2]) + g[2, 2]) + (y * (g[1, 1] * y + 2 * g[1, 2]))
    square += (2 * g[0, 1] * y) * x
    m2, m3 = linear(along), linear(towards)
    d2 = np.float32(m0 - taper * taper)

    k2 = d2 * square - m2 * m2
    k1 = d2 * m3 + m2 * np.float32(taper * ra - m1)
    k0 = np.float32((m0 - taper * taper) * m5 - m1 * m1 + 2 * m1 * taper * ra - m0 * ra * ra)
    h = k1 * k1 - k0 * k2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -(k1 + np.sqrt(np.maximum(h, 0.0))) / k2
    place = np.float32(m1 - ra * taper) + z * m2
    # So that a ray along the side, where z is no number, counts as a miss.
    z[~((h >= 0.0) & (place > 0.0) & (place < d2) & (z > 0.0))] = FAR_M
    m6 = m3 - m2
    for towards_end, rest in ((m3, m5 - ra * ra), (m6, b @ b - rb * rb)):
        h = towards_end * towards_end - np.float32(rest) * square
        cap = -(towards_end + np.sqrt(np.maximum(h, 0.0))) / square
        cap[h < 0.0] = FAR_M
        np.minimum(z, cap, out=z)
    return np.asarray(z)


def _openness(depth: Floats32, mask: NDArray[np.bool_]) -> Floats32:
    """How much light reaches each pixel of the mask: less beside nearer parts.

    Unsharp masking of the depth buffer (Luft, Colditz and Deussen, 2006).
    """
    reach = max(3, depth.shape[0] // 14) | 1
    flat = np.minimum(depth, depth[mask].max() + np.float32(0.1))
    behind = (flat - cv2.blur(flat, (reach, reach)))[mask]
    return np.asarray(1.0 - 2.2 * np.clip(behind, 0.0, 0.16))
