"""What the library holds, as frozen records. Times are in microseconds, paths relative to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, Self


class StreamKind(StrEnum):
    """One modality of a take, as it is stored."""

    COLOUR = "colour"
    DEPTH = "depth"
    INFRARED = "infrared"
    SKELETON = "skeleton"


@dataclass(frozen=True)
class Intrinsics:
    """Pinhole intrinsics of one stream, in pixels of its stored resolution."""

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion_model: str = "none"
    distortion: tuple[float, ...] = ()

    def scaled(self, width: int, height: int) -> "Intrinsics":
        """Of the same camera's pictures in another size."""
        x, y = width / self.width, height / self.height
        return replace(
            self,
            width=width,
            height=height,
            fx=x * self.fx,
            fy=y * self.fy,
            cx=x * self.cx,
            cy=y * self.cy,
        )


@dataclass(frozen=True)
class Calibration:
    """Geometry of a take's camera.

    Attributes:
        depth: Intrinsics of depth, None where unknown.
        colour: Intrinsics of colour, None where unknown or where there is no colour.
        depth_to_colour_rotation: 3x3 row-major, applied to points in depth camera metres.
        depth_to_colour_translation: Metres.
    """

    depth: Intrinsics | None = None
    colour: Intrinsics | None = None
    depth_to_colour_rotation: tuple[float, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    depth_to_colour_translation: tuple[float, ...] = (0, 0, 0)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """What became a mapping by `dataclasses.asdict`, and JSON perhaps."""

        def intrinsics(fields: Mapping[str, Any] | None) -> Intrinsics | None:
            if fields is None:
                return None
            return Intrinsics(**{**fields, "distortion": tuple(fields["distortion"])})

        return cls(
            intrinsics(fields["depth"]),
            intrinsics(fields["colour"]),
            tuple(fields["depth_to_colour_rotation"]),
            tuple(fields["depth_to_colour_translation"]),
        )


ELSEWHERE = ".elsewhere"
"""Ending of the file that stands for frames that lie outside the library; see `media.elsewhere`."""


@dataclass(frozen=True)
class Stream:
    """One stored stream of a take.

    Attributes:
        unit_m: Metres per step of a depth stream, None for other kinds.
        timestamp_domain: "device", "host" or "nominal" (made from the rate; none was recorded).
        sha256: Of the whole file, hex. Where the frames lie elsewhere, `n_bytes` and this are of
            the small file that says where.
    """

    kind: StreamKind
    path: str
    width: int
    height: int
    n_frames: int
    rate_hz: float
    codec: str
    n_bytes: int
    sha256: str
    unit_m: float | None = None
    timestamp_domain: str = "nominal"

    @property
    def is_elsewhere(self) -> bool:
        """Whether its frames lie outside the library, in files of a data set."""
        return self.path.endswith(ELSEWHERE)


RecordingEnd = Literal["stopped", "unplugged", "disk full", "file ended", "killed"]
"""Why a recording ended; "killed": the program did not live to end it."""


@dataclass(frozen=True)
class Recording:
    """How a take was recorded. A data set's takes have none.

    Attributes:
        camera: What opened it: "realsense:SERIAL", "file:PATH", "simulated".
        device: Name of the camera.
        usb_type: As the SDK says it ("3.2"); empty where there is no USB or it is not known.
        settings: What the camera was asked for, as JSON holds it (no tuples).
        n_dropped: Frames that arrived but could not be kept, by kind of stream.
        group: Shared by the parts of one recording, and by cameras that record together.
        part: From 1; an unplugged camera that is back begins the next.
        marks: Text and time of each, in microseconds since 1970 UTC.
    """

    camera: str
    device: str = ""
    serial: str = ""
    firmware: str = ""
    usb_type: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    n_dropped: Mapping[str, int] = field(default_factory=dict)
    ended: RecordingEnd = "stopped"
    group: str = ""
    part: int = 1
    marks: tuple[tuple[str, int], ...] = ()


Region = tuple[float, float, float, float]
"""A part of a picture: left, top, right and bottom as shares of its width and height, in 0..1."""

BACKGROUND = "background"
"""The action of an interval in which nothing of interest happens; an unlabelled one has none."""

COMPOSED = "composed"
"""Source of a take that was made by joining pieces of other takes; see `library.compositions`."""


class QualityLevel(StrEnum):
    """Whether a take can be trusted, in one word."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


MAIN_FIRST = (
    StreamKind.DEPTH,
    StreamKind.INFRARED,
    StreamKind.COLOUR,
    StreamKind.SKELETON,
)
"""What numbers the frames of a take: the first of these that it has."""

MAIN_ORDER = f"instr('{' '.join(MAIN_FIRST)}', streams.kind)"
"""The same for SQL, to order a take's streams by."""


def main_of(streams: Iterable[Stream]) -> Stream:
    """Of the streams of a take, at least one, that which numbers its frames."""
    return min(streams, key=lambda stream: MAIN_FIRST.index(stream.kind))


@dataclass(frozen=True)
class Take:
    """One uninterrupted recording by one camera.

    Attributes:
        source: Where it came from ("utd-mhad", "simulated", "realsense", ...).
        source_key: Unique within the library ("utd-mhad/a1_s1_t1"): an import can be repeated.
        n_pairs: Pairs of depth and colour; 0 for a depth-only take.
        title: A name that a person gave it, or empty.
        tags: Sorted.
        region: The part of every picture in which the participant is, where a person drew one.
    """

    id: str
    session: str
    participant: str
    number: int
    started_at_us: int
    duration_us: int
    source: str
    source_key: str
    n_pairs: int
    streams: tuple[Stream, ...]
    calibration: Calibration = field(default_factory=Calibration)
    recording: Recording | None = None
    title: str = ""
    tags: tuple[str, ...] = ()
    region: Region | None = None

    def stream(self, kind: StreamKind) -> Stream | None:
        """The stream of this kind, or None."""
        return next((s for s in self.streams if s.kind == kind), None)

    @property
    def main(self) -> Stream:
        """The stream whose frames number everything in the take: segments, clips, what is prepared.

        Depth, or where there is none the first of infrared, colour and skeleton.
        """
        return main_of(self.streams)

    @property
    def is_nominal(self) -> bool:
        """Whether a stream's times were made from its rate: then no skew is known."""
        return any(
            s.timestamp_domain == "nominal"
            for s in self.streams
            if s.kind in (StreamKind.DEPTH, StreamKind.COLOUR)
        )


@dataclass(frozen=True)
class TakeRow:
    """What a list of takes shows of one take; cheap to read for any number of them.

    Attributes:
        level: Of its quality; None for a take that was added before qualities were kept.
        is_composed: Whether it was joined of pieces of other takes.
    """

    id: str
    session: str
    participant: str
    number: int
    started_at_us: int
    duration_us: int
    has_colour: bool
    n_pairs: int
    actions: tuple[str, ...]
    level: QualityLevel | None = None
    title: str = ""
    tags: tuple[str, ...] = ()
    is_composed: bool = False


@dataclass(frozen=True)
class TakeFilter:
    """Which takes to list. Empty tuples and None mean "all". `text` matches any name, in part.

    Attributes:
        actions: Takes with any of these; so it is with `tags`.
        levels: A take that was never assessed has none, and passes only where all do.
        labelled: Whether a take has a segment of any action.
        started_from_us: The first moment that passes, in microseconds since 1970 UTC.
        started_before_us: The first moment that does not.
        has_depth: Only takes with depth.
    """

    sessions: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    has_colour: bool | None = None
    text: str = ""
    levels: tuple[QualityLevel, ...] = ()
    labelled: bool | None = None
    tags: tuple[str, ...] = ()
    started_from_us: int | None = None
    started_before_us: int | None = None
    has_depth: bool = False


@dataclass(frozen=True)
class Action:
    """A class to recognise. `n_segments` counts the segments that carry it.

    Attributes:
        colour: "#RRGGBB".
        key: The character that a person presses to give it, or empty.
    """

    name: str
    description: str = ""
    n_segments: int = 0
    colour: str = ""
    key: str = ""


@dataclass(frozen=True)
class Segment:
    """An interval of a take labelled with an action, in main frames, `end` not included."""

    id: int
    take_id: str
    participant: str
    action: str
    start: int
    end: int


class ModelKind(StrEnum):
    """What a model is for."""

    TEACHER = "teacher"
    STUDENT = "student"
    RECOGNISER = "recogniser"
    DETECTOR = "detector"
    """Says where in a take an action starts and ends."""


@dataclass(frozen=True)
class ModelRecord:
    """A trained network of the library.

    Attributes:
        key: SHA-256 over everything that made it; the same key is the same model.
        modality: What it receives: rgb, flow, depth, infrared, skeleton.
        actions: The classifier's actions in order; empty for a student that has none yet.
        path: Folder with weights.safetensors and model.json.
        method: How it came about: "teacher", "transfer", "scratch", "flow pretraining", "finetune".
        settings: As stored in model.json.
        metrics: Results by name, in 0..1 unless the name carries a unit.
    """

    id: str
    key: str
    kind: ModelKind
    name: str
    network: str
    modality: str
    embedding_dim: int
    actions: tuple[str, ...]
    path: str
    method: str
    created_at_us: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    snapshot_id: str | None = None
    parent_id: str | None = None


class RunStatus(StrEnum):
    """Where a run is."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FAILED = "failed"
    FINISHED = "finished"


@dataclass(frozen=True)
class Run:
    """One training, evaluation, export or import, with its settings, progress and result."""

    id: int
    key: str
    kind: str
    status: RunStatus
    settings: Mapping[str, Any]
    done: int
    total: int
    started_at_us: int
    finished_at_us: int | None
    message: str
    model_id: str | None


@dataclass(frozen=True)
class SnapshotItem:
    """One labelled (or, with `action` None, unlabelled) interval in main frames of a take."""

    take_id: str
    participant: str
    start: int
    end: int
    action: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """A frozen list of what a model was trained and tested on. `id` is a hash of the content.

    Attributes:
        protocol: The official split that divided it (`datasets.protocols`); "" for none.
    """

    id: str
    description: str
    actions: tuple[str, ...]
    train: tuple[SnapshotItem, ...]
    validation: tuple[SnapshotItem, ...] = ()
    test: tuple[SnapshotItem, ...] = ()
    protocol: str = ""
