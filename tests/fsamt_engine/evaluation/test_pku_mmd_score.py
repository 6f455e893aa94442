import numpy as np
import pytest

from fsamt_engine.datasets.pku_mmd import ACTIONS
from fsamt_engine.errors import FsamtError
from fsamt_engine.evaluation.detections import Detection
from fsamt_engine.evaluation.pku_mmd_score import official_actions, pku_mmd_score
from fsamt_engine.library import SnapshotItem

Row = tuple[int, int, int, float]
"""Label, start, end, confidence."""
Video = tuple[list[Row], list[Row]]
"""Truth and predictions."""

RANDOM = {
    0: (
        (0.7049180327868853, 0.7154294240626479, 0.1907051282051282, 0.542094017094017),
        (0.6721311475409837, 0.6994389964038698, 0.18589743589743588, 0.5094017094017095),
        0.5559399892351814,
    ),
    5: (
        (0.7889908256880733, 0.5384615384615384, 0.1171474358974359, 0.41888763410502533),
        (0.7155963302752293, 0.4871794871794871, 0.10993589743589743, 0.3797773654916512),
        0.4397575827470878,
    ),
    8: (
        (0.8965517241379313, 0.7255996691480561, 0.15611888111888111, 0.5426971579145492),
        (0.8448275862068964, 0.6153846153846152, 0.13898601398601398, 0.4434217955957086),
        0.5280826259196378,
    ),
    14: (
        (1.0769230769230769, 0.6666666666666666, 0.057692307692307696, 0.6363636363636364),
        (1.0, 0.5833333333333334, 0.04807692307692308, 0.5714285714285714),
        0.6050000000000009,
    ),
    20: (
        (0.787878787878788, 0.553446261682243, 0.06562130177514792, 0.5150462962962964),
        (0.7727272727272726, 0.5456580996884735, 0.06562130177514792, 0.5133661887694145),
        0.4904889747174314,
    ),
}
"""By seed what the official script gave: F1, AP and both mAP at 0.1, the same at 0.5; and 2D-AP."""

ASKED: list[Row] = [(3, 100, 160, 2.0), (3, 300, 350, 2.0), (7, 500, 580, 2.0)]
HALF_MAP = 0.009615384615384616
ONE_OF_52 = 0.019230769230769232

CORNERS: dict[str, tuple[list[Video], tuple[float, float, float, float, float]]] = {
    "nothing found": ([(ASKED, [])], (0, 0, 0, 0, 0)),
    "nothing to find": ([([], [(3, 1, 20, 0.5)])], (0, 0, 0, 0, 0)),
    "neither": ([([], [])], (0, 0, 0, 0, 0)),
    "one detection, and right": ([(ASKED, [(3, 100, 160, 0.9)])], (0.5, 0, 0, 0, 0)),
    "all right": (
        [(ASKED, [(3, 100, 160, 0.9), (3, 300, 350, 0.8), (7, 500, 580, 0.7)])],
        (1, 1, ONE_OF_52, 1, 1),
    ),
    "all right and equally sure": (
        [(ASKED, [(3, 100, 160, 0.5), (3, 300, 350, 0.5), (7, 500, 580, 0.5)])],
        (1, 1, ONE_OF_52, 1, 1),
    ),
    "all wrong": ([(ASKED, [(4, 100, 160, 0.9), (3, 700, 750, 0.8)])], (0, 0, 0, 0, 0)),
    "one segment five times": ([(ASKED, [(3, 100, 160, 0.9)] * 5)], (1.25, 1, ONE_OF_52, 1, 1)),
    "more right than there are segments": (
        [(ASKED[:1], [(3, 100, 160, 0.9), (3, 101, 160, 0.8), (3, 102, 160, 0.7)])],
        (1.5, 1, ONE_OF_52, 1, 0.98),
    ),
    "neighbours that touch": (
        [(ASKED, [(3, 160, 220, 0.9), (3, 40, 100, 0.8)])],
        (0, 0, 0, 0, 0),
    ),
    "an overlap of exactly a half": (
        [([(1, 0, 100, 2.0)], [(1, 0, 50, 0.4), (1, 50, 100, 0.6), (1, 0, 49, 0.7)])],
        (1, 0.5, HALF_MAP, 0.5, 0.495),
    ),
    "equally sure, the right one first": (
        [(ASKED, [(3, 100, 160, 0.5), (3, 700, 760, 0.5), (9, 1, 9, 0.5)])],
        (1 / 3, 0, 0, 0, 0),
    ),
    "equally sure, the right one last": (
        [(ASKED, [(3, 700, 760, 0.5), (9, 1, 9, 0.5), (3, 100, 160, 0.5)])],
        (1 / 3, 0, 0, 0, 0),
    ),
    "an action without a segment": (
        [(ASKED, [(9, 100, 160, 0.9), (3, 100, 160, 0.8), (3, 300, 350, 0.7)])],
        (2 / 3, 1 / 3, ONE_OF_52, 1 / 3, 1 / 3),
    ),
    "a video with an empty file": (
        [(ASKED, [(3, 100, 160, 0.9), (7, 500, 580, 0.6)]), (ASKED, [])],
        (0.5, 1 / 3, 0, 1 / 3, 1 / 3),
    ),
    "a video without a segment": (
        [(ASKED, [(3, 100, 160, 0.9), (7, 500, 580, 0.6)]), ([], [(7, 1, 30, 0.95)])],
        (2 / 3, 1 / 3, 0, 1 / 3, 1 / 3),
    ),
    "equally sure in two videos": (
        [
            (ASKED, [(3, 100, 160, 0.5), (7, 10, 20, 0.5)]),
            (ASKED, [(3, 10, 16, 0.5), (7, 500, 580, 0.5)]),
        ],
        (0.4, 1 / 9, 0, 0, 1 / 9),
    ),
}
"""What the official script gave at 0.5; 0 where it divides by zero."""


def random_videos(seed: int) -> list[Video]:
    """Made for the official script with this very code; draws must keep their order."""
    random = np.random.default_rng(seed)
    n_videos, n_labels = int(random.integers(1, 7)), int(random.integers(1, 52))
    has_ties = bool(random.integers(2))
    videos = []
    for _ in range(n_videos):
        truth: list[Row] = []
        for _ in range(int(random.integers(0, 9))):
            start = int(random.integers(0, 900))
            label = int(random.integers(1, n_labels + 1))
            truth.append((label, start, start + int(random.integers(10, 120)), 2.0))
        found: list[Row] = []
        for _ in range(int(random.integers(0, 30))):
            if truth and random.random() < 0.6:
                label, first, last, _ = truth[int(random.integers(len(truth)))]
                start = first + int(random.integers(-15, 16))
                end = max(start + 1, last + int(random.integers(-15, 16)))
                if random.random() < 0.3:
                    start, end = first, last
            else:
                label = int(random.integers(1, n_labels + 1))
                start = int(random.integers(0, 900))
                end = start + int(random.integers(1, 120))
            sure = float(random.integers(1, 6)) / 5 if has_ties else float(random.random())
            found.append((label, start, end, sure))
            if random.random() < 0.1:
                found.append(found[-1])
        videos.append((truth, found))
    return videos


def scored(videos: list[Video], theta: float) -> tuple[float, float, float, float, float]:
    truth = [
        SnapshotItem(f"{number:04d}-L", "P", start, end, ACTIONS[label - 1])
        for number, (rows, _) in enumerate(videos)
        for label, start, end, _ in rows
    ]
    found = {
        f"{number:04d}-L": [
            Detection(f"{number:04d}-L", "P", ACTIONS[label - 1], start, end, sure)
            for label, start, end, sure in rows
        ]
        for number, (_, rows) in enumerate(videos)
    }
    one = pku_mmd_score(truth, found, theta=theta)
    assert one.n_takes == len(videos)
    return one.f1, one.ap, one.map_actions, one.map_videos, one.ap_2d


@pytest.mark.parametrize("seed", RANDOM)
def test_random_predictions_score_as_in_the_official_script(seed: int) -> None:
    """evaluate.py of github.com/ECHO960/PKU-MMD (ab9f3d2) under Python 2.7, files by name."""
    at_tenth, at_half, ap_2d = RANDOM[seed]
    videos = random_videos(seed)
    assert scored(videos, 0.1) == pytest.approx((*at_tenth, ap_2d), abs=1e-9, rel=0)
    assert scored(videos, 0.5) == pytest.approx((*at_half, ap_2d), abs=1e-9, rel=0)


@pytest.mark.parametrize("corner", CORNERS)
def test_corner_cases_score_as_in_the_official_script(corner: str) -> None:
    videos, expected = CORNERS[corner]
    assert scored(videos, 0.5) == pytest.approx(expected, abs=1e-9, rel=0)


def test_a_take_that_was_not_searched_does_not_count_and_one_without_findings_does() -> None:
    truth = [SnapshotItem(take, "P", 0, 10, "bow") for take in ("a", "b")]
    right = [Detection("a", "P", "bow", 0, 10, score) for score in (0.9, 0.8)]
    assert pku_mmd_score(truth, {"a": right}).map_videos == 1
    assert pku_mmd_score(truth, {"a": right, "b": []}).map_videos == 0.5


def test_other_actions_are_counted_in_their_own_number() -> None:
    truth = [SnapshotItem("a", "P", 0, 10, "wave"), SnapshotItem("a", "P", 10, 99, "background")]
    right = [Detection("a", "P", "wave", 0, 10, score) for score in (0.9, 0.8)]
    assert pku_mmd_score(truth, {"a": right}, ["wave"]).map_actions == 0.5
    with pytest.raises(ValueError, match="wave"):
        pku_mmd_score(truth, {"a": right})
    with pytest.raises(FsamtError, match="nothing to test"):
        pku_mmd_score(truth, {})


def test_a_detector_of_some_of_the_official_actions_is_scored_over_all_of_them() -> None:
    assert official_actions(("bow", "writing")) == ACTIONS
    assert official_actions(("bow", "fall down")) == ("bow", "fall down")
