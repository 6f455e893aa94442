"""Nominal lenses of the Kinect sensors that data sets were recorded with.

No data set tells the calibration of its own sensors. These are good for a crop, not for a point.
"""

from fsamt_engine.datasets.reader import FrameSource
from fsamt_engine.library.records import Calibration, Intrinsics

_V2_DEPTH = Intrinsics(512, 424, 365.5, 365.5, 256.4, 208.4)
"""Fits the places of joints in depth pictures that NTU RGB+D's skeleton files give."""
_V2_COLOUR = Intrinsics(1920, 1080, 1060.0, 1060.0, 960.0, 568.0)
"""Likewise in colour; the centre lies 28 pixels low in place of a tilt of 1.5 degrees."""
_V2_BASELINE_M = 0.055
_V1_DEPTH = Intrinsics(320, 240, 285.6, 285.6, 160.0, 120.0)


def kinect_v2(depth: FrameSource | None, colour: FrameSource | None) -> Calibration:
    """Calibration of a Kinect v2.

    Args:
        depth: Depth (or infrared, which has the same lens), None without it.
        colour: Likewise.
    """
    return Calibration(
        _of(_V2_DEPTH, depth),
        _of(_V2_COLOUR, colour),
        depth_to_colour_translation=(_V2_BASELINE_M, 0, 0),
    )


def kinect_v1(depth: FrameSource | None, colour: FrameSource | None) -> Calibration:
    """Calibration of a Kinect v1, whose two lenses are taken for one.

    The 2.5 cm between them are neglected, and so is that colour sees a little wider.

    Args:
        depth: None without it.
        colour: Likewise.
    """
    return Calibration(_of(_V1_DEPTH, depth), _of(_V1_DEPTH, colour))


def _of(lens: Intrinsics, seen: FrameSource | None) -> Intrinsics | None:
    return None if seen is None else lens.scaled(seen.width, seen.height)
