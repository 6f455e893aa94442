"""Masks in the graph, against OpenCV."""

import cv2
import numpy as np
import pytest

from fsamt_engine.export.graph import masks
from tests.fsamt_engine.export.graph.running import computed


def spiral(size: int) -> np.ndarray:
    """One winding line: the longest way there is from one end of a part to the other."""
    mask = np.zeros((size, size), bool)
    y, x, dy, dx, length = 0, 0, 0, 1, size - 1
    mask[0, 0] = True
    turns = 0
    while length > 0:
        for _ in range(length):
            y, x = y + dy, x + dx
            mask[y, x] = True
        dy, dx = dx, -dy
        turns += 1
        if turns >= 3 and turns % 2:
            length -= 2
    return mask


def random_mask(seed: int, density: float, shape: tuple[int, int] = (37, 53)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < density


MASKS = {
    "spiral": spiral(41),
    "single pixel": np.pad(np.ones((1, 1), bool), ((3, 9), (20, 0))),
    "everything": np.ones((7, 11), bool),
    "one row": random_mask(1, 0.7, (1, 60)),
    "sparse": random_mask(2, 0.05),
    "at the threshold of 8": random_mask(3, 0.41),
    "at the threshold of 4": random_mask(4, 0.59),
    "dense": random_mask(5, 0.9),
    "teeth": np.indices((30, 40)).sum(0) % 2 == 0,
}


@pytest.mark.parametrize("corners", [True, False], ids=["8 neighbours", "4 neighbours"])
@pytest.mark.parametrize("name", MASKS)
def test_parts_are_those_that_opencv_finds(name, corners):
    mask = MASKS[name]
    connectivity = 8 if corners else 4
    n_labels, expected = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    found = computed(lambda value: masks.parts(value, corners=corners), mask)
    assert found.shape == mask.shape
    assert ((found > 0) == mask).all()
    together = {(int(a), int(b)) for a, b in zip(found[mask], expected[mask], strict=True)}
    assert len(together) == n_labels - 1
    assert len({label for label, _ in together}) == n_labels - 1


def test_a_part_that_begins_further_up_has_the_larger_label():
    mask = np.zeros((9, 9), bool)
    mask[1, 5], mask[4, 0], mask[8, 8] = True, True, True
    found = computed(lambda value: masks.parts(value, corners=True), mask)
    assert found[1, 5] > found[4, 0] > found[8, 8] > 0


@pytest.mark.parametrize("name", MASKS)
def test_opening_is_that_of_opencv(name):
    mask = MASKS[name]
    expected = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    assert np.array_equal(computed(masks.opened, mask), expected > 0)


@pytest.mark.parametrize("shape", [(37, 53), (3, 3), (5, 40)])
def test_blurring_is_that_of_opencv(shape):
    values = np.random.default_rng(0).random(shape).astype(np.float32) * 5
    np.testing.assert_allclose(computed(masks.blurred, values), cv2.blur(values, (5, 5)), rtol=1e-5)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("n", [1, 2, 3, 50, 1001])
def test_a_ranked_value_is_that_of_the_person_finder(share, n):
    values = np.random.default_rng(n).normal(size=n).astype(np.float32)
    expected = np.sort(values)[int(share * (n - 1))]
    assert computed(lambda value: masks.ranked(value, share), values) == expected
