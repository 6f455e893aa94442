"""Optical flow of single moments, as a teacher of flow sees it, in colours."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.widgets.take_frames import TakeFiles
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import StreamKind
from fsamt_engine.library.takes import pairs
from fsamt_engine.media import ColourReader
from fsamt_engine.modalities.boxes import View
from fsamt_engine.modalities.flow import FlowPreparer, decode_flow
from fsamt_engine.modalities.matching import partners
from fsamt_engine.modalities.preparation import Preparation
from fsamt_engine.modalities.rgb import colour_view

_STILL_SHARE = 0.06
_FULL_SHARE = 0.5
"""Shares of the largest speed that the code holds: below the one nothing is drawn."""


class FlowPictures:
    """Computes the flow of any moment. For one thread at a time; close it at the end.

    Args:
        files: Of a take with colour, depth and pairs.
        views: What is seen of each depth frame.

    Raises:
        FsamtError: The take has no pairs, or its colour cannot be read.
    """

    def __init__(self, files: TakeFiles, views: list[View]) -> None:
        take = files.take
        depth, colour = take.stream(StreamKind.DEPTH), take.stream(StreamKind.COLOUR)
        paired = pairs(files.library, take.id)
        if depth is None or colour is None or files.colour_path is None or not len(paired):
            raise FsamtError("There is no flow without pairs of colour and depth.")
        sizes = (depth.width, depth.height), (colour.width, colour.height)
        self._partner = partners(paired, len(views))
        self._views = [colour_view(view, take.calibration, *sizes) for view in views]
        self._preparation = Preparation()
        self._preparer = FlowPreparer(self._preparation)
        self._reader = ColourReader(files.colour_path, colour.n_frames)

    def picture(self, index: int) -> QImage:
        """The flow that leads to a moment (the first one's is that of the second).

        Returns:
            The teacher's square: hue is direction, opacity is speed.
        """
        partner = self._partner
        same = np.flatnonzero(partner == partner[index])
        later = int(same[0])
        if later == 0:
            others = np.flatnonzero(partner != partner[0])
            if not len(others):
                return coloured(np.zeros((1, 1, 2), np.float32), 1.0)
            later = int(others[0])
        earlier_frame = self._reader[int(partner[later - 1])]
        later_frame = self._reader[int(partner[later])]
        coded = self._preparer.between(earlier_frame, later_frame, self._views[later])
        bound_px = self._preparation.bound_px
        return coloured(decode_flow(coded, bound_px), bound_px)

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()


def coloured(vectors: NDArray[np.float32], bound_px: float) -> QImage:
    """Flow as a picture: hue is direction (right red, down yellow-green), opacity is speed.

    Args:
        vectors: (H, W, 2) float32, x to the right and y down, pixels.
        bound_px: The largest speed.
    """
    height, width = vectors.shape[:2]
    speed, angle = cv2.cartToPolar(vectors[..., 0], vectors[..., 1], angleInDegrees=True)
    hsv = np.full((height, width, 3), 255, np.uint8)
    hsv[..., 0] = np.round(angle / 2).astype(np.uint16) % 180
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3] = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    share = (speed / bound_px - _STILL_SHARE) / (_FULL_SHARE - _STILL_SHARE)
    pixels[..., 3] = np.round(np.clip(share, 0, 1) * 230)
    form = QImage.Format.Format_RGBA8888
    return QImage(pixels.data, width, height, pixels.strides[0], form).copy()
