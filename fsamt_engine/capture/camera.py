"""What every kind of camera can do. The kinds are found and opened through `cameras`."""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from numpy.typing import NDArray

from fsamt_engine.errors import FsamtError
from fsamt_engine.library.records import Calibration, StreamKind


@dataclass(frozen=True)
class StreamMode:
    """A stream as it is asked for, or as it is offered."""

    kind: StreamKind
    width: int
    height: int
    rate_hz: float


@dataclass(frozen=True)
class CameraSettings:
    """What a camera is asked for.

    Attributes:
        streams: One of each kind at most. Depth alone never opens colour.
        emitter: Whether the infrared projector is on; None leaves it as it is.
        visual_preset: By name, as `Capabilities` lists them; None leaves it as it is.
        exposure_us: Of colour; None for automatic exposure.
        exposure_priority: Whether automatic exposure may lower the frame rate in dim rooms.
    """

    streams: tuple[StreamMode, ...] = (
        StreamMode(StreamKind.DEPTH, 848, 480, 30.0),
        StreamMode(StreamKind.COLOUR, 848, 480, 30.0),
    )
    emitter: bool | None = None
    visual_preset: str | None = None
    exposure_us: float | None = None
    exposure_priority: bool = False

    @property
    def kinds(self) -> frozenset[StreamKind]:
        """The streams that are asked for."""
        return frozenset(mode.kind for mode in self.streams)


@dataclass(frozen=True)
class Capabilities:
    """What a camera can be asked for.

    Attributes:
        modes: The streams it offers.
        is_live: Whether moments pass that are not read; otherwise every frame waits for its reader.
        can_set_emitter, can_set_exposure, can_set_exposure_priority: Whether it obeys the setting.
        visual_presets: Names of them.
    """

    modes: tuple[StreamMode, ...]
    is_live: bool
    can_set_emitter: bool = False
    can_set_exposure: bool = False
    can_set_exposure_priority: bool = False
    visual_presets: tuple[str, ...] = ()


@dataclass(frozen=True)
class CameraInfo:
    """Which camera it is.

    Attributes:
        id: What opens it: "realsense:SERIAL", "file:PATH", "simulated".
        usb_type: As the SDK says it ("3.2"); empty where there is no USB or it is not known.
    """

    id: str
    name: str
    serial: str = ""
    firmware: str = ""
    usb_type: str = ""


@dataclass(frozen=True)
class OpenStream:
    """A stream that is open, as the camera itself says.

    Attributes:
        unit_m: Metres a step of depth; None for other kinds.
        timestamp_domain: "device" (the camera's clock) or "host".
    """

    mode: StreamMode
    timestamp_domain: str
    unit_m: float | None = None


@dataclass(frozen=True)
class ActiveStream:
    """A stream that runs now, as the driver says when it is asked, whoever started it.

    Attributes:
        name: In our words where there is one ("depth"), otherwise in the driver's ("gyro").
        kind: None for what the engine has no use for.
        width, height: Pixels; 0 for what is no picture.
        rate_hz: As the driver says.
    """

    name: str
    kind: StreamKind | None
    width: int
    height: int
    rate_hz: float

    @classmethod
    def of(cls, mode: StreamMode) -> Self:
        """A stream of ours."""
        return cls(str(mode.kind), mode.kind, mode.width, mode.height, mode.rate_hz)


@dataclass(frozen=True)
class Frame:
    """One picture of one stream. `pixels` belongs to whoever holds the frame.

    Attributes:
        pixels: (H, W) uint16 depth, 0 = no reading; (H, W, 3) uint8 RGB; (H, W) uint8 infrared.
        at_us: When it was exposed, by the clock of `domain`.
        domain: "device" or "host"; it can change between frames when a driver loses its clock.
        number: As the camera counts; None where it does not.
        arrived_at_us: When it came to this computer, microseconds since 1970 UTC.
    """

    kind: StreamKind
    pixels: NDArray[Any]
    at_us: int
    domain: str
    number: int | None
    arrived_at_us: int


class CameraGoneError(FsamtError):
    """The camera was unplugged, or does not answer any more."""


class ColourOpenError(FsamtError):
    """Colour runs on a camera of which it was not asked. Nothing more is read from it."""


@dataclass
class LostFrames:
    """Frames that a camera gave, but that could not be taken over, by kind."""

    by_kind: dict[StreamKind, int] = field(default_factory=dict)

    def count(self, kind: StreamKind, n: int = 1) -> None:
        """Count `n` more."""
        self.by_kind[kind] = self.by_kind.get(kind, 0) + n


class Camera(Protocol):
    """A camera. One thread uses it; `close` may be called from any other thread.

    `start` may follow `stop`. `close` twice is fine; after it `read` raises CameraGoneError.
    """

    @property
    def info(self) -> CameraInfo:
        """Which camera it is."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can be asked for."""
        ...

    @property
    def streams(self) -> tuple[OpenStream, ...]:
        """The streams that are open now, read back from the camera; empty while it is stopped."""
        ...

    def active_streams(self) -> tuple[ActiveStream, ...]:
        """What runs now on any of its sensors, asked of the driver and not of our own settings.

        Raises:
            FsamtError: The driver does not answer.
        """
        ...

    @property
    def calibration(self) -> Calibration:
        """Geometry of the open streams."""
        ...

    @property
    def lost(self) -> LostFrames:
        """What was lost before it could be read, since `start`."""
        ...

    @property
    def has_ended(self) -> bool:
        """Whether a recording was played to its end. A live camera never ends."""
        ...

    def start(self, settings: CameraSettings) -> None:
        """Open exactly the streams of `settings`.

        Raises:
            FsamtError: The camera does not offer that, is in use elsewhere, or is gone.
        """
        ...

    def read(self, timeout_s: float = 1.0) -> Frame | None:
        """The next frame of any stream, in the order of their arrival.

        Returns:
            None when nothing came in time, or after the end of a recording.

        Raises:
            CameraGoneError: The camera is gone, or was closed.
        """
        ...

    def stop(self) -> None:
        """Close the streams; the camera stays."""
        ...

    def close(self) -> None:
        """Let go of the camera."""
        ...
