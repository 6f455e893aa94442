"""The graph on real recordings of people, where they are at hand."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.depth import DepthPreparer, prepare_depth
from fsamt_engine.modalities.preparation import DepthPreparation
from tests.fsamt_engine.export.graph.running import Running, lens

KINECT = lens(320, 240, float(np.float32(285.6)))
UNIT_M = float(np.float32(0.001))


@pytest.fixture(scope="module")
def graph() -> Running:
    return Running(DepthPreparation(), ClipShape())


@pytest.mark.parametrize("name", ["a1_s1_t1", "a9_s3_t2", "a22_s5_t1", "a27_s7_t3"])
def test_utd_mhad_is_prepared_as_the_program_prepares_it(graph, shared_data: Path, name):
    path = shared_data / "utd-mhad" / "Depth" / f"{name}_depth.mat"
    if not path.exists():
        pytest.skip("no UTD-MHAD among the real data")
    depth = scipy.io.loadmat(path)["d_depth"]
    frames = np.ascontiguousarray(np.moveaxis(depth, 2, 0)).astype(np.uint16)
    whole = graph(frames, camera=KINECT)["next_prepared"][0]
    expected = prepare_depth(frames, DepthPreparation(), UNIT_M, KINECT)[-len(whole) :]
    np.testing.assert_allclose(whole[-len(expected) :], expected, atol=0.0005)
    live = DepthPreparer(DepthPreparation(), UNIT_M, KINECT)
    answers = graph.frame_by_frame(frames[:24], camera=KINECT)
    for frame, answer in zip(frames, answers, strict=False):
        newest = answer["next_prepared"][0, -1]
        np.testing.assert_allclose(newest, live.push(frame), atol=0.0005)
    assert answers[-1]["person_found"].all()
