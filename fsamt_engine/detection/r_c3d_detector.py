"""R-C3D as a detector of the library."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from fsamt_engine.detection.candidates import Candidates
from fsamt_engine.detection.detector import Detector, TakeSpan
from fsamt_engine.detection.r_c3d_found import candidates_of
from fsamt_engine.detection.r_c3d_network import RC3DNetwork
from fsamt_engine.detection.r_c3d_settings import RC3DSettings
from fsamt_engine.detection.r_c3d_stream import RC3DStream
from fsamt_engine.detection.streaming import DetectionStream
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.device import Device
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.modalities.tensors import Normalisation
from fsamt_engine.networks import ActionNetwork
from fsamt_engine.networks.dense import temporal_stride, with_temporal_stride
from fsamt_engine.progress import OnProgress, ShouldStop


class RC3D(Detector):
    """R-C3D (Xu, Das, Saenko, ICCV 2017) on a student; see `RC3DNetwork`.

    Args:
        backbone: The student; its maps become as dense as the settings say, in place.
        step: Main frames between two frames of a window.
        size: Side of a frame, pixels.

    Raises:
        FsamtError: The backbone has no maps over time.
    """

    def __init__(
        self, backbone: ActionNetwork, n_actions: int, settings: RC3DSettings, step: int, size: int
    ) -> None:
        shape = ClipShape(settings.n_steps, step, size)
        super().__init__(backbone, n_actions, shape, settings.lengths[-1])
        self.settings = settings
        with_temporal_stride(backbone, settings.stride)
        stride = temporal_stride(backbone)
        self.network = RC3DNetwork(backbone.embedding_dim, n_actions, settings, stride, step)

    def maps(self, clips: Tensor) -> Tensor:
        """(B, D, T', H', W') float32 of windows (B, C, T, H, W) float32."""
        return self.backbone.maps(clips).float()

    def forward(self, clips: Tensor) -> list[tuple[Tensor, Tensor]]:
        """What windows (B, C, T, H, W) float32 may show; see `RC3DNetwork.found`."""
        return self.network.found(self.maps(clips))

    def config(self) -> dict[str, Any]:
        """The head's numbers."""
        return self.settings.to_dict() | {"longest": self.longest}

    @property
    def reach(self) -> int:
        """A window: nothing outside counts."""
        return self.shape.n_frames * self.shape.step

    def search(
        self,
        reader: ClipReader,
        take: TakeSpan,
        device: Device,
        *,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Candidates]:
        """See `Detector.search`."""
        return candidates_of(self, reader, take, device, on_progress, should_stop)

    def stream(
        self, modality: Modality, normalisation: Normalisation, device: Device
    ) -> DetectionStream:
        """See `Detector.stream`."""
        return RC3DStream(self, self.network, self.shape, modality, normalisation, device)
