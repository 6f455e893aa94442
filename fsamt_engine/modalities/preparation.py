"""How frames become what a network receives: frozen settings, stored with every model."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from fsamt_engine.errors import FsamtError

_Enum = TypeVar("_Enum", bound=StrEnum)

VERSION = 1
"""Part of every key. Raised when the same settings give other arrays than before."""


class Modality(StrEnum):
    """What a network receives."""

    RGB = "rgb"
    FLOW = "flow"
    DEPTH = "depth"
    INFRARED = "infrared"
    SKELETON = "skeleton"


class CropMode(StrEnum):
    """Which part of a depth frame a network sees."""

    FRAME = "frame"
    REGION = "region"
    PERSON = "person"
    CENTRE = "centre"


@dataclass(frozen=True)
class Crop:
    """Which part of a depth frame a network sees. It is carried over to colour.

    Attributes:
        mode: The whole frame, letterboxed to a square; a region that the user drew, letterboxed,
            with everything outside left out; or a square of fixed size in metres around the person,
            found from depth alone (see `person.py`); or the square in the frame's middle, as
            published networks saw theirs.
        region: (x0, y0, x1, y1) as shares of the frame, for `region` only.
        side_m: Side of the square around the person, metres at the person's distance.
        centre_share: Side of the square in the middle, as a share of the frame's short side.
    """

    mode: CropMode = CropMode.PERSON
    region: tuple[float, float, float, float] | None = None
    side_m: float = 2.4
    centre_share: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", _choice(CropMode, self.mode, "crop"))
        if (self.region is not None) != (self.mode is CropMode.REGION):
            raise FsamtError(
                "A region goes with the crop mode 'region', and only with it.",
                "Give the region as four shares of the frame: left, top, right, bottom.",
            )
        if self.region is not None:
            object.__setattr__(self, "region", tuple(float(v) for v in self.region))
            x0, y0, x1, y1 = self.region
            if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
                raise FsamtError(
                    f"The region {self.region} is not a part of the frame.",
                    "Give left < right and top < bottom, each between 0 and 1.",
                )
        if self.side_m <= 0:
            raise FsamtError("The side of the person's square has to be more than 0 m.")
        if not 0 < self.centre_share <= 1:
            raise FsamtError("The square in the middle is a share of the frame, from 0 to 1.")


@dataclass(frozen=True)
class DepthPreparation:
    """From a depth frame in sensor units to values in 0..1; `depth.py` says how.

    Attributes:
        size: Side of the prepared square, pixels.
        crop: Which part of the frame.
        relative: Code distance relative to the person (only with the person crop).
        range_m: With `relative`, the metres that the values 0..1 span, the person in their middle.
        near_m: Without `relative`, or before a person was found, the distance that becomes 1.
        far_m: The distance that becomes 0.
    """

    size: int = 64
    crop: Crop = field(default_factory=Crop)
    relative: bool = True
    range_m: float = 1.6
    near_m: float = 0.5
    far_m: float = 5.0

    def __post_init__(self) -> None:
        if self.size < 8:
            raise FsamtError(f"A prepared frame of {self.size} pixels is too small.", "Use 64.")
        if self.relative and self.crop.mode is not CropMode.PERSON:
            raise FsamtError(
                f"Depth relative to the person needs the person crop, not '{self.crop.mode}'.",
                "Choose an absolute range (relative=False), or the person crop.",
            )
        if not 0 <= self.near_m < self.far_m or self.range_m <= 0:
            raise FsamtError("The depth range is empty.", "Give near_m < far_m and range_m > 0.")


class FlowMethod(StrEnum):
    """How optical flow is computed. Further methods are added here and in `flow.py`."""

    DIS = "dis"
    """Quick, on any computer."""
    TVL1 = "tv-l1"
    """What published flow teachers were trained on."""
    RAFT = "raft"
    """The most exact; wants a GPU."""


class FlowPreset(StrEnum):
    """OpenCV's presets of DIS, from fast to thorough."""

    ULTRAFAST = "ultrafast"
    FAST = "fast"
    MEDIUM = "medium"


@dataclass(frozen=True)
class FlowSettings:
    """How flow is computed and coded; `flow.py` says how.

    Attributes:
        preset: Of DIS alone.
        bound_share: The largest displacement that the code holds, as a share of the square's side.
            Published flow is clipped to 20 pixels where the short side has 256.
        of_frames_alone: A clip has the flow of its own frames alone, as published clips with frames
            between them have; by default the mean with that of the frames between them.
    """

    method: FlowMethod = FlowMethod.DIS
    preset: FlowPreset = FlowPreset.MEDIUM
    bound_share: float = 1 / 16
    of_frames_alone: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", _choice(FlowMethod, self.method, "flow method"))
        object.__setattr__(self, "preset", _choice(FlowPreset, self.preset, "flow preset"))
        if self.bound_share <= 0:
            raise FsamtError("The bound of the flow has to be more than 0.")


@dataclass(frozen=True)
class Preparation:
    """Everything that fixes what networks receive; the size is the same for every modality."""

    depth: DepthPreparation = field(default_factory=DepthPreparation)
    flow: FlowSettings = field(default_factory=FlowSettings)

    @property
    def size(self) -> int:
        """Side of the prepared squares, pixels."""
        return self.depth.size

    @property
    def bound_px(self) -> float:
        """The displacement, in pixels of the prepared square, that flow codes as 255 (or 0)."""
        return self.flow.bound_share * self.size

    def with_size(self, size: int) -> "Preparation":
        """The same preparation for a network of another input size."""
        return replace(self, depth=replace(self.depth, size=size))

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; what came after version 1 only where it is not as it ever was."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        if self.depth.crop.centre_share == 1:
            del plain["depth"]["crop"]["centre_share"]
        if not self.flow.of_frames_alone:
            del plain["flow"]["of_frames_alone"]
        return plain | {"version": VERSION}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Preparation":
        """The preparation that `to_dict` wrote.

        Raises:
            FsamtError: It was written by another version of the preparation, or is not one.
        """
        if values.get("version") != VERSION:
            raise FsamtError(
                f"This model's preparation of depth has version {values.get('version')}, "
                f"and this program has version {VERSION}.",
                "Use the model with the program version that made it, or train it again.",
            )
        try:
            depth = dict(values["depth"])
            crop = dict(depth.pop("crop"))
            region = crop.pop("region")
            crop["region"] = None if region is None else tuple(region)
            return cls(
                depth=DepthPreparation(crop=Crop(**crop), **depth),
                flow=FlowSettings(**values["flow"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise FsamtError(
                f"The stored preparation cannot be read ({error}).", "Train the model again."
            ) from error

    def key(self, modality: Modality | None = None) -> str:
        """A short hash of everything, or of what `modality` (of pictures) depends on."""
        values = self.to_dict()
        if modality is not None and modality is not Modality.FLOW:
            del values["flow"]
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _choice(kind: type[_Enum], value: str, what: str) -> _Enum:
    try:
        return kind(value)
    except ValueError:
        raise FsamtError(
            f"There is no {what} called '{value}'.", f"Choose one of: {', '.join(kind)}."
        ) from None
