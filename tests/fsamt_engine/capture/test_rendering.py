"""The drawn figure against its definition: every surface point is on the nearest round cone."""

import numpy as np
import pytest

from fsamt_engine.capture.appearance import draw_look
from fsamt_engine.capture.rendering import FAR_M, FigureRenderer, Light, View
from fsamt_engine.capture.shape import RoundCones
from fsamt_engine.library.records import Intrinsics

LENS = Intrinsics(96, 72, 70.0, 70.0, 47.5, 35.5)
VIEW = View(LENS, np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 3.0]))
LIGHT = Light(np.array([0.0, 1.0, 0.0]), np.ones(3), np.full(3, 0.5), np.full(3, 0.2))


def cones(ends, radii, scales=(1.0, 1.0, 1.0)):
    """One round cone."""
    return RoundCones(
        ends=np.asarray(ends, float)[None, None],
        radii=np.asarray([radii], float),
        axes=np.eye(3)[None, None],
        scales=np.asarray([scales], float),
        materials=np.zeros((1, 2), np.int64),
        split=np.ones(1),
        texture_origin=np.zeros((1, 2)),
    )


def signed_distance(points, ends, radii, scales):
    """Distance (n,) of points to a round cone, in its own space: spheres along the segment."""
    a, b = np.asarray(ends, float) / scales
    share = np.linspace(0, 1, 400)[:, None]
    centres, sizes = a + share * (b - a), radii[0] + share[:, 0] * (radii[1] - radii[0])
    away = np.linalg.norm(points[:, None] / scales - centres[None], axis=2)
    return (away - sizes).min(axis=1)


@pytest.mark.parametrize(
    ("ends", "radii", "scales"),
    [
        (((-0.4, 0.1, 0.0), (0.3, -0.2, 0.2)), (0.2, 0.1), (1, 1, 1)),
        (((0.0, 0.0, 0.0), (0.05, 0.02, 1.2)), (0.1, 0.06), (1, 1, 1)),  # points at the camera
        (((0.0, -0.3, 0.0), (0.0, 0.3, 0.1)), (0.22, 0.3), (1, 1, 0.6)),  # flat, as a chest is
        (((0.1, 0.0, 0.0), (0.1001, 0.0, 0.0)), (0.3, 0.3), (1, 1, 1)),
    ],
)
def test_drawn_depth_lies_on_the_surface(ends, radii, scales):
    look = draw_look(np.random.default_rng(0))
    image = FigureRenderer(VIEW, LIGHT, look, 1).draw(cones(ends, radii, scales), 0)
    rows, columns = np.nonzero(image.mask)
    assert len(rows) > 20
    z = image.depth[rows, columns]
    x = (columns + image.columns.start - LENS.cx) / LENS.fx * z
    y = (rows + image.rows.start - LENS.cy) / LENS.fy * z
    world = np.stack([x, -y, 3.0 - z], axis=1)
    assert np.abs(signed_distance(world, ends, radii, scales)).max() < 0.004
    assert (image.depth[~image.mask] == FAR_M).all()


def test_a_sphere_is_as_large_as_the_lens_says():
    look = draw_look(np.random.default_rng(0))
    image = FigureRenderer(VIEW, LIGHT, look, 1).draw(
        cones(((0, 0, 0), (0.001, 0, 0)), (0.5, 0.5)), 0
    )
    true_radius_px = LENS.fx * 0.5 / np.sqrt(9 - 0.25)
    assert image.mask.sum() == pytest.approx(np.pi * true_radius_px**2, rel=0.03)


def test_what_is_out_of_the_picture_is_not_drawn():
    look = draw_look(np.random.default_rng(0))
    renderer = FigureRenderer(VIEW, LIGHT, look, 1)
    assert renderer.draw(cones(((50, 0, 0), (51, 0, 0)), (0.2, 0.2)), 0) is None
    assert renderer.draw(cones(((0, 0, 9), (0, 0, 9.5)), (0.2, 0.2)), 0) is None


def test_light_from_above_lights_the_upper_side():
    look = draw_look(np.random.default_rng(0))
    image = FigureRenderer(VIEW, LIGHT, look, 1).draw(
        cones(((0, 0, 0), (0.001, 0, 0)), (0.5, 0.5)), 0
    )
    rows, _ = np.nonzero(image.mask)
    upper, lower = rows < np.median(rows) - 5, rows > np.median(rows) + 5
    assert image.colour[upper].mean() > 1.5 * image.colour[lower].mean()
