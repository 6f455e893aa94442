"""What detectors there are, and how they search; read without PyTorch."""

from dataclasses import dataclass
from enum import StrEnum


class DetectionHead(StrEnum):
    """What finds the actions in the features of a network."""

    R_C3D = "r-c3d"
    """Proposals from anchors over long windows, trained end to end (Xu, Das, Saenko, ICCV 2017)."""
    ANCHOR_FREE = "anchor-free"
    """Ends told from every moment of embedded clips (Zhang et al., ECCV 2022)."""


@dataclass(frozen=True)
class SearchSettings:
    """What becomes of the candidates of a take.

    Attributes:
        overlap: Of two candidates of one action that overlap more than this (temporal IoU) only the
            one with the higher score stays. With `is_soft` it is Gaussian Soft-NMS's sigma instead.
        is_soft: Lower the scores of overlapping candidates instead of dropping them (Bodla et al.,
            ICCV 2017).
        least_score: Candidates below it are left out.
        most: Detections of a take and action at most, the best ones; 0 for no limit.
    """

    overlap: float = 0.3
    is_soft: bool = False
    least_score: float = 0.01
    most: int = 0


_USUAL_SEARCHES = {
    DetectionHead.R_C3D: SearchSettings(overlap=0.4),
    DetectionHead.ANCHOR_FREE: SearchSettings(overlap=0.5, is_soft=True),
}


def usual_search(head: DetectionHead) -> SearchSettings:
    """How a detector with this head searches where nothing else is asked for."""
    return _USUAL_SEARCHES[head]
