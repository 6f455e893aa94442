import pytest

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks import SKELETON_LAYOUTS, layout_of

# ST-GCN's and 2s-AGCN's edges of NTU RGB+D's skeleton, counted from 1 as they publish them.
NTU_EDGES = (
    *((1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9)),
    *((11, 10), (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18)),
    *((20, 19), (22, 23), (23, 8), (24, 25), (25, 12)),
)


def test_25_joints_have_the_published_edges_and_centre() -> None:
    layout = layout_of(25)
    assert {(joint + 1, parent + 1) for joint, parent in layout.bones} == set(NTU_EDGES)
    assert layout.centre == 20
    assert (layout.hip, layout.spine, layout.trunk) == (0, 1, (0, 1))
    assert layout.shoulders == (4, 8)


def test_20_joints_are_in_the_order_of_utd_mhad() -> None:
    layout = layout_of(20)
    assert layout.joints[:5] == ("head", "shoulder centre", "spine", "hip centre", "left shoulder")
    assert layout.joints[11:13] == ("right hand", "left hip")
    assert layout.joints[19] == "right foot"
    assert layout.parents[0] == layout.centre == 1
    assert layout.trunk == (3, 1)


@pytest.mark.parametrize("n_joints", SKELETON_LAYOUTS)
def test_bones_are_a_tree_that_hangs_from_the_centre(n_joints: int) -> None:
    layout = layout_of(n_joints)
    assert layout.n_joints == n_joints
    assert len(layout.bones) == n_joints - 1
    for joint in range(n_joints):
        steps = 0
        while joint != layout.centre:
            joint, steps = layout.parents[joint], steps + 1
            assert steps < n_joints


@pytest.mark.parametrize("n_joints", SKELETON_LAYOUTS)
def test_a_mirrored_body_is_the_same_body(n_joints: int) -> None:
    layout = layout_of(n_joints)
    mirrored = list(range(n_joints))
    for left, right in layout.swapped:
        assert layout.joints[left].replace("left", "right") == layout.joints[right]
        mirrored[left], mirrored[right] = right, left
    bones = set(layout.bones)
    assert {(mirrored[joint], mirrored[parent]) for joint, parent in bones} == bones
    middle = [joint for joint in range(n_joints) if mirrored[joint] == joint]
    assert all(not layout.joints[joint].startswith(("left", "right")) for joint in middle)


def test_another_skeleton_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(FsamtError, match=r"17 joints.*20 or 25"):
        layout_of(17)
