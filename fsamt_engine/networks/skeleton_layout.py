"""Which joint is which in the skeletons that cameras and data sets give."""

from dataclasses import dataclass

from fsamt_engine.errors import FsamtError


@dataclass(frozen=True)
class SkeletonLayout:
    """The joints of one body in the order of their numbers, and how bones join them.

    Attributes:
        name: For a person who reads it.
        joints: Their names, left and right as the person's own.
        parents: For every joint the one next to it towards `centre`, the centre's own being itself:
            a tree, whose J - 1 edges are the bones.
        centre: The joint that a graph network measures distances from.
        hip: Between the two hips.
        spine: The middle of the back, where a clip's origin lies (2s-AGCN's preparation).
        trunk: From and to which joint the line goes that is turned to z.
        shoulders: Left and right; the line from right to left is turned to x.
        swapped: Pairs (left, right) that change places in a mirrored body.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    centre: int
    hip: int
    spine: int
    trunk: tuple[int, int]
    shoulders: tuple[int, int]
    swapped: tuple[tuple[int, int], ...]

    @property
    def n_joints(self) -> int:
        """Joints of one body, J."""
        return len(self.joints)

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """The edges (joint, parent), J - 1 of them."""
        return tuple((joint, up) for joint, up in enumerate(self.parents) if joint != up)


def layout_of(n_joints: int) -> SkeletonLayout:
    """The layout of skeletons with so many joints.

    Raises:
        FsamtError: Skeletons of this kind are not known.
    """
    try:
        return SKELETON_LAYOUTS[n_joints]
    except KeyError:
        known = " or ".join(str(number) for number in sorted(SKELETON_LAYOUTS))
        raise FsamtError(
            f"A skeleton of {n_joints} joints is of no kind that is known here.",
            f"Use skeletons of {known} joints: those of the two Kinect cameras.",
        ) from None


def _layout(name: str, parent_of: dict[str, str], trunk: tuple[str, str]) -> SkeletonLayout:
    joints = tuple(parent_of)
    number = {joint: i for i, joint in enumerate(joints)}
    return SkeletonLayout(
        name=name,
        joints=joints,
        parents=tuple(number[parent] for parent in parent_of.values()),
        centre=next(number[joint] for joint, parent in parent_of.items() if joint == parent),
        hip=number["hip centre"],
        spine=number["spine"],
        trunk=(number[trunk[0]], number[trunk[1]]),
        shoulders=(number["left shoulder"], number["right shoulder"]),
        swapped=tuple(
            (number[joint], number[joint.replace("left", "right")])
            for joint in joints
            if joint.startswith("left")
        ),
    )


def _limb(side: str, joints: tuple[str, ...], start: str) -> dict[str, str]:
    names = [start, *(f"{side} {joint}" for joint in joints)]
    return dict(zip(names[1:], names, strict=False))


_ARM = ("shoulder", "elbow", "wrist", "hand")
_LEG = ("hip", "knee", "ankle", "foot")

_KINECT_1 = _layout(
    "Kinect v1, 20 joints",
    {
        "head": "shoulder centre",
        "shoulder centre": "shoulder centre",
        "spine": "shoulder centre",
        "hip centre": "spine",
        **_limb("left", _ARM, "shoulder centre"),
        **_limb("right", _ARM, "shoulder centre"),
        **_limb("left", _LEG, "hip centre"),
        **_limb("right", _LEG, "hip centre"),
    },
    # The spine lies only some 6 cm above the hip here: a line between them would sway.
    trunk=("hip centre", "shoulder centre"),
)

_KINECT_2 = _layout(
    "Kinect v2, 25 joints",
    {
        "hip centre": "spine",
        "spine": "shoulder centre",
        "neck": "shoulder centre",
        "head": "neck",
        **_limb("left", _ARM, "shoulder centre"),
        **_limb("right", _ARM, "shoulder centre"),
        **_limb("left", _LEG, "hip centre"),
        **_limb("right", _LEG, "hip centre"),
        "shoulder centre": "shoulder centre",
        "left hand tip": "left thumb",
        "left thumb": "left hand",
        "right hand tip": "right thumb",
        "right thumb": "right hand",
    },
    trunk=("hip centre", "spine"),
)

SKELETON_LAYOUTS: dict[int, SkeletonLayout] = {
    layout.n_joints: layout for layout in (_KINECT_1, _KINECT_2)
}
"""By number of joints.

20: the order of UTD-MHAD (head, shoulder centre, spine, hip centre, arms, legs), which simulated
takes have too. The Kinect for Windows SDK 1.8 and NW-UCLA have the first four the other way round
(hip centre, spine, shoulder centre, head): a reader brings them into this order.
25: the order of NTU RGB+D and PKU-MMD (Kinect for Windows SDK 2.0, `JointType`), with the edges of
ST-GCN and 2s-AGCN.
"""
