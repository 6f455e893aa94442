"""A picture of a simulated scene: room and figure put together, as colour and as depth."""

import cv2
import numpy as np
from numpy.typing import NDArray

from fsamt_engine.capture.appearance import Floats32, Look
from fsamt_engine.capture.depth_noise import StereoSensor
from fsamt_engine.capture.rendering import FAR_M, FigureImage, FigureRenderer, View
from fsamt_engine.capture.room import Room, draw_room_image
from fsamt_engine.capture.shape import RoundCones

_ROUGH_ROWS = 320
"""Smaller pictures get smoothed edges; larger ones look well without, and take the time."""
_TONES = 2048
_NOISE_MARGIN = 48


class Photographer:
    """Takes colour and depth of a participant in a room; the room is drawn once.

    Args:
        view: The camera.
        room: Around the participant.
        look: The participant's.
        unit_m: Metres a step of depth.
        seed: Of the noise that stays.
        with_colour: Whether colour is drawn. Depth is the same without, to the bit.
    """

    def __init__(
        self,
        view: View,
        room: Room,
        look: Look,
        unit_m: float,
        seed: int,
        with_colour: bool = True,
    ) -> None:
        self._view = view
        self._with_colour = with_colour
        self._towards = room.light.towards
        shape = (view.intrinsics.height, view.intrinsics.width)
        self._sensor = StereoSensor(shape, view.intrinsics.fy, unit_m, seed)
        fine = 2 if shape[0] <= _ROUGH_ROWS else 1
        self._figure = FigureRenderer(view, room.light, look, fine, with_colour)
        image = draw_room_image(room, view, 2, with_colour)
        self._room_depth = image.depth
        self._room_disparity = self._sensor.disparity(image.depth)
        self._room_loss = np.maximum(image.loss, self._sensor.hidden(self._room_disparity))
        self._floor = image.floor.astype(np.float32)
        if with_colour:
            self._expose(image.colour)
            self._grain = self._draw_grain(shape, seed)

    def _expose(self, room_light: Floats32) -> None:
        """Choose the exposure by the room, and develop its picture."""
        luma = room_light.mean(axis=2)
        self._exposure = np.float32(0.26 / max(float(np.clip(luma, 0, 1).mean()), 0.05))
        tones = np.linspace(0.0, 1.0, _TONES)
        curve = np.where(tones < 0.0031308, 12.92 * tones, 1.055 * tones ** (1 / 2.4) - 0.055)
        self._tone = np.round(curve * 255).astype(np.uint8)
        self._room_colour = self._developed(room_light)

    @staticmethod
    def _draw_grain(shape: tuple[int, int], seed: int) -> NDArray[np.int8]:
        size = (shape[0] + _NOISE_MARGIN, shape[1] + _NOISE_MARGIN, 3)
        return np.round(np.random.default_rng([seed, 1]).normal(0.0, 2.0, size)).astype(np.int8)

    def take(
        self, cones: RoundCones, frame: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
        """One frame of a figure.

        Args:
            cones: The dressed body.
            frame: Which of its frames.
            rng: Of this frame's noise.

        Returns:
            Colour (H, W, 3) uint8 RGB, (0, 0, 3) where it is not drawn; and depth (H, W) uint16 in
            units.
        """
        figure = self._figure.draw(cones, frame)
        disparity, loss = self._room_disparity.copy(), self._room_loss
        colour, busy = np.empty((0, 0, 3), np.uint8), None
        if self._with_colour:
            colour = self._room_colour.copy()
            self._cast_shadow(colour, cones, frame)
        if figure is not None:
            loss = loss.copy()
            busy = self._put_in(figure, colour, disparity, loss)
        y, x = rng.integers(0, _NOISE_MARGIN, 2)
        if self._with_colour:
            grain = self._grain[y : y + colour.shape[0], x : x + colour.shape[1]]
            colour = np.asarray(cv2.add(colour, grain, dtype=cv2.CV_8U), np.uint8)
        return colour, self._sensor.read(disparity, loss, rng, busy)

    def true_depth(self, cones: RoundCones, frame: int) -> Floats32:
        """(H, W) float32 metres as a sensor without errors would read it."""
        depth = self._room_depth.copy()
        figure = self._figure.draw(cones, frame)
        if figure is not None:
            _, true, _ = self._reduced(figure)
            here = depth[figure.rows, figure.columns]
            np.minimum(here, true, out=here)
        return depth

    def _reduced(self, figure: FigureImage) -> tuple[Floats32, Floats32, Floats32]:
        """Coverage, depth (FAR_M where less than half is covered) and loss, pixel by pixel."""
        size = (figure.columns.stop - figure.columns.start, figure.rows.stop - figure.rows.start)
        cover = figure.mask.astype(np.float32)
        loss = np.zeros(cover.shape, np.float32)
        loss[figure.mask] = figure.loss
        planes = [cover, np.where(figure.mask, figure.depth, np.float32(0.0)), loss]
        share, depth, lost = (
            np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
            for plane in planes
        )
        most = np.maximum(share, np.float32(1e-3))
        depth /= most
        depth[share < 0.5] = FAR_M
        return share, depth, np.asarray(lost / most)

    def _put_in(
        self, figure: FigureImage, colour: NDArray[np.uint8], disparity: Floats32, loss: Floats32
    ) -> tuple[slice, slice]:
        """Put the figure into the room where it is nearer; returns the window that it disturbs."""
        rows, columns = window = figure.rows, figure.columns
        cover, depth, figure_loss = self._reduced(figure)
        hidden = self._room_depth[window] <= np.where(cover < 0.5, 0.0, depth)
        nearer = (cover >= 0.5) & ~hidden
        np.copyto(disparity[window], self._sensor.disparity(depth), where=nearer)
        np.copyto(loss[window], figure_loss, where=nearer)
        if self._with_colour:
            self._paint_in(figure, colour[window], cover, hidden)
        height, width = self._room_depth.shape
        margin = 2 + width // 60
        return (
            slice(max(rows.start - 2, 0), min(rows.stop + 2, height)),
            slice(max(columns.start - margin, 0), min(columns.stop + 2, width)),
        )

    def _paint_in(
        self,
        figure: FigureImage,
        colour: NDArray[np.uint8],
        cover: Floats32,
        hidden: NDArray[np.bool_],
    ) -> None:
        """Put the figure's light into its window of a picture, but for what is hidden."""
        light = np.zeros((*figure.mask.shape, 3), np.uint8)
        light[figure.mask] = self._developed(figure.colour)
        light = cv2.resize(light, cover.shape[::-1], interpolation=cv2.INTER_AREA)
        light[hidden], cover[hidden] = 0, 0.0
        behind = cv2.multiply(colour, cv2.merge([1.0 - cover] * 3), dtype=cv2.CV_8U)
        cv2.add(behind, light, dst=colour)

    def _developed(self, light: Floats32) -> NDArray[np.uint8]:
        """Linear light as sRGB."""
        tone = np.minimum(light * (self._exposure * np.float32(_TONES - 1)), np.float32(_TONES - 1))
        return np.asarray(self._tone[tone.astype(np.uint16)])

    def _cast_shadow(self, colour: NDArray[np.uint8], cones: RoundCones, frame: int) -> None:
        """Darken the floor where the figure stands in the light, softly, at half resolution."""
        ends = cones.ends[frame]
        fallen = ends - self._towards * (ends[..., 1:2] / self._towards[1])
        seen = self._view.to_camera(fallen)
        i = self._view.intrinsics
        z = np.maximum(seen[..., 2], 0.3)
        points = np.stack([seen[..., 0] / z * i.fx + i.cx, seen[..., 1] / z * i.fy + i.cy], axis=-1)
        width = cones.radii.min(axis=1) * i.fx / z.mean(axis=1)
        mask = np.zeros(((i.height + 1) // 2, (i.width + 1) // 2), np.uint8)
        ways = np.round(np.clip(points, -2000, 4000) * 4).astype(int).tolist()
        for (start, end), thick in zip(
            ways, np.maximum(width, 1).astype(int).tolist(), strict=True
        ):
            cv2.line(mask, start, end, 255, thick, cv2.LINE_8, 3)
        x, y, w, h = cv2.boundingRect(mask)
        if w == 0:
            return
        soft = max(1.0, i.height / 130)
        pad = int(3 * soft)
        x0, y0 = max(x - pad, 0), max(y - pad, 0)
        x1, y1 = min(x + w + pad, i.width // 2), min(y + h + pad, i.height // 2)
        if x0 >= x1 or y0 >= y1:
            return
        part = cv2.GaussianBlur(mask[y0:y1, x0:x1], (0, 0), soft)
        part = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
        rows, columns = slice(2 * y0, 2 * y1), slice(2 * x0, 2 * x1)
        shade = 1.0 - part * (self._floor[rows, columns] * np.float32(0.42 / 255))
        under = colour[rows, columns]
        under[:] = cv2.multiply(under, cv2.merge([shade] * 3), dtype=cv2.CV_8U)
