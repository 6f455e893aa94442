"""What a stereo depth sensor makes of the true depth.

A stereo sensor measures disparity, focal length times baseline over depth, in whole steps of a part
of a pixel. So its error grows with the square of the depth; what only one of its eyes sees has no
reading, a band on one side of whatever is near; neighbouring disparities mix at edges into points
that fly between two surfaces; and where it cannot match (dark, shining, seen edge-on) it reads
nothing. Figures are those of a RealSense D435: baseline 50 mm, 1/32 pixel at 848x480, a subpixel
error of some hundredths.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import Floats32

_TILE_MARGIN = 48


@dataclass(frozen=True)
class StereoSettings:
    """A stereo sensor.

    Attributes:
        baseline_m: Between its eyes.
        rows: Of the picture in which it matches; a smaller stored picture is taken from it.
        steps: Of disparity a pixel.
        noise_px: Standard deviation of the disparity, temporal.
        bias_px: Standard deviation of the disparity error that stays (calibration, texture).
        edge_px: Difference of disparity that counts as an edge.
        flying: Share of edge pixels that fly.
        lost: Share of edge pixels without reading.
        near_m, far_m: Range; outside it, no reading.
    """

    baseline_m: float = 0.05
    rows: int = 480
    steps: int = 32
    noise_px: float = 0.045
    bias_px: float = 0.04
    edge_px: float = 0.6
    flying: float = 0.25
    lost: float = 0.25
    near_m: float = 0.3
    far_m: float = 10.0


class StereoSensor:
    """Reads depth of one size of picture; the same seed makes the same errors.

    Args:
        shape: (H, W) of the stored picture.
        focal_px: Of the stored picture.
        unit_m: Metres a step of the stored depth.
        seed: Of its errors.
        settings: Of the sensor.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        focal_px: float,
        unit_m: float,
        seed: int,
        settings: StereoSettings | None = None,
    ) -> None:
        self._settings = settings = settings or StereoSettings()
        rng = np.random.default_rng(seed)
        self._shape = shape
        scale = settings.rows / shape[0]
        self._stored_px = np.float32(1.0 / scale)
        self._focal_baseline = np.float32(focal_px * scale * settings.baseline_m)
        steps = np.arange(int(self._focal_baseline / settings.near_m * settings.steps) + 2)
        depth = self._focal_baseline * settings.steps / np.maximum(steps, 1) / unit_m
        depth[depth * unit_m > settings.far_m] = 0.0
        depth[[0, -1]] = 0.0
        self._depth_of_step = np.round(np.minimum(depth, 65535)).astype(np.uint16)
        self._columns = np.arange(shape[1], dtype=np.float32)
        self._noise = self._tile(rng, 1.6 / scale + 0.5) * np.float32(settings.noise_px)
        self._bias = self._window(self._tile(rng, 3.0 / scale + 0.5)) * np.float32(settings.bias_px)
        self._stays = _ranks(self._window(self._tile(rng, 2.4 / scale + 0.6)))
        self._flickers = 0.65 + 0.8 * _ranks(self._tile(rng, 1.6 / scale + 0.6))
        self._chance = rng.random(self._flickers.shape, np.float32)

    def disparity(self, depth: Floats32) -> Floats32:
        """Disparity in pixels of the matching picture, of depth in metres."""
        return self._focal_baseline / depth

    def read(
        self,
        disparity: Floats32,
        loss: Floats32,
        rng: np.random.Generator,
        busy: tuple[slice, slice] | None = None,
    ) -> NDArray[np.uint16]:
        """One frame.

        Args:
            disparity: (H, W) float32 true disparity, as `disparity` gives it.
            loss: (H, W) float32 share of no readings of each pixel's surface.
            rng: Of this frame's errors.
            busy: Rows and columns in which edges are looked for; the whole picture if None.

        Returns:
            (H, W) uint16 depth in units, 0 = no reading.
        """
        seen = disparity + self._bias
        seen += _part(self._noise, self._shape, rng)
        chance = _part(self._chance, self._shape, rng)
        window = busy or (slice(None), slice(None))
        lost = self._mix_edges(disparity, seen, chance, window)
        np.multiply(seen, np.float32(self._settings.steps), out=seen)
        np.add(seen, np.float32(0.5), out=seen)
        np.clip(seen, 0, len(self._depth_of_step) - 1, out=seen)
        frame = self._depth_of_step[seen.astype(np.uint16)]
        # Most of a hole stays where it is; its rim flickers. On average the share is the loss.
        hold = self._stays * _part(self._flickers, self._shape, rng)
        frame[(hold < loss) | (loss >= 1.0)] = 0
        frame[window][lost] = 0
        return frame

    def _mix_edges(
        self, true: Floats32, seen: Floats32, chance: Floats32, window: tuple[slice, slice]
    ) -> NDArray[np.bool_]:
        """Let edge pixels of `seen` fly, and say which pixels of the window have no reading."""
        settings = self._settings
        here = true[window]
        mixed = cv2.blur(here, (3, 3))
        edge = np.abs(here - mixed) > np.float32(settings.edge_px * 0.3)
        chances = chance[window]
        flying = edge & (chances > 1.0 - settings.flying)
        np.copyto(seen[window], mixed, where=flying)
        hidden = self.hidden(here, int(self._columns[window[1]][0]))
        return np.asarray((edge & (chances < settings.lost)) | hidden, np.bool_)

    def hidden(self, disparity: Floats32, first_column: int = 0) -> NDArray[np.bool_]:
        """What the second eye does not see: something nearer, to the right, lies over it there.

        Args:
            disparity: (h, w) float32 as `disparity` gives it, of whole rows or a part of them.
            first_column: Where the part begins.
        """
        columns = self._columns[first_column : first_column + disparity.shape[1]]
        place = columns - disparity * self._stored_px
        nearest = np.minimum.accumulate(place[:, ::-1], axis=1)[:, ::-1]
        hidden = np.zeros(place.shape, np.bool_)
        np.less(nearest[:, 1:], place[:, :-1] + np.float32(0.2), out=hidden[:, :-1])
        hidden |= place < 0.0
        return hidden

    def _tile(self, rng: np.random.Generator, sigma: float) -> Floats32:
        """Noise of unit variance, smooth over `sigma` pixels, larger than the picture."""
        rows, columns = (n + _TILE_MARGIN for n in self._shape)
        noise = rng.standard_normal((rows, columns), np.float32)
        smooth = cv2.GaussianBlur(noise, (0, 0), sigma)
        return np.asarray(smooth / smooth.std(), np.float32)

    def _window(self, tile: Floats32) -> Floats32:
        return np.ascontiguousarray(tile[: self._shape[0], : self._shape[1]])


def _part(tile: Floats32, shape: tuple[int, int], rng: np.random.Generator) -> Floats32:
    """A picture-sized part of a tile, somewhere else each time."""
    y, x = rng.integers(0, _TILE_MARGIN, 2)
    return tile[y : y + shape[0], x : x + shape[1]]


def _ranks(values: Floats32) -> Floats32:
    """Values as their share of smaller ones, uniform in 0..1."""
    ranks = np.empty(values.size, np.float32)
    ranks[np.argsort(values, axis=None)] = np.linspace(0.0, 1.0, values.size, dtype=np.float32)
    return ranks.reshape(values.shape)
