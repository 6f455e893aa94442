"""The person finder in simulated rooms: furniture, floor, stereo noise, and a known truth."""

import numpy as np
import pytest

from fsamt_engine.capture.simulated import SceneSettings, SimulatedScene
from fsamt_engine.modalities.depth import DepthPreparer, warm_up_indices
from fsamt_engine.modalities.preparation import DepthPreparation

SCENES = [(0, "wave"), (1, "kick"), (4, "raise arms"), (3, "sit down")]


@pytest.fixture(scope="module")
def outcomes():
    """Per frame: is every joint inside the box, how far off is its middle, was anybody found?"""
    inside, off_m, found = [], [], []
    for participant, action in SCENES:
        settings = SceneSettings(seed=5, participant=participant, rate_hz=10)
        scene = SimulatedScene(settings)
        camera = scene.calibration.depth
        pairs = list(scene.frames(action))
        preparer = DepthPreparer(DepthPreparation(), settings.unit_m, camera)
        preparer.warm_up([pairs[i].depth for i in warm_up_indices(len(pairs))])
        for pair in pairs:
            preparer.push(pair.depth)
            box = preparer.box
            x = camera.fx * pair.joints[:, 0] / pair.joints[:, 2] + camera.cx
            y = camera.fy * pair.joints[:, 1] / pair.joints[:, 2] + camera.cy
            across = (x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)
            inside.append(bool(across.all()))
            off_px = np.median(x) - (box.x0 + box.x1) / 2, np.median(y) - (box.y0 + box.y1) / 2
            off_m.append(float(np.hypot(*off_px)) / (box.x1 - box.x0) * 2.4)
            found.append(preparer.view.distance_m is not None)
    return np.array(inside), np.array(off_m), np.array(found)


def test_nearly_every_frame_has_the_whole_person_inside(outcomes):
    inside, _, found = outcomes
    assert (inside & found).mean() >= 0.97


def test_the_person_is_in_the_middle(outcomes):
    _, off_m, found = outcomes
    assert found.mean() >= 0.97
    assert np.median(off_m) < 0.2
    assert np.percentile(off_m, 95) < 0.5
