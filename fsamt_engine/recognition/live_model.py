"""A recogniser of the library, opened to answer live."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.store import load_model
from fsamt_engine.learning.training_rate import training_rate_hz
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.library.records import Segment
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import DepthPreparation
from fsamt_engine.progress import OnProgress, Progress
from fsamt_engine.recognition.backends import Backend, Clip, Probabilities, fastest_backend
from fsamt_engine.recognition.decider import Decider
from fsamt_engine.recognition.kinds import refuse_what_cannot_watch
from fsamt_engine.recognition.pipeline import Look
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.state import Measured
from fsamt_engine.recognition.truth import Judge
from fsamt_engine.recognition.watcher import Seen


@dataclass(frozen=True)
class LiveModel:
    """A recogniser that is ready to answer, a `Watcher`. One thread at a time asks its backend.

    Attributes:
        actions: In the order of its probabilities.
        rate_hz: Of the takes that it was trained on.
        measured: What was tried to compute it.
    """

    record: ModelRecord
    actions: tuple[str, ...]
    preparation: DepthPreparation
    shape: ClipShape
    rate_hz: float
    backend: Backend = field(compare=False)
    measured: tuple[Measured, ...] = ()

    @property
    def look(self) -> Look:
        """What it is to see."""
        return Look(self.preparation, self.shape, self.rate_hz)

    @property
    def computed_by(self) -> str:
        """What computes it, for people."""
        return self.backend.name

    def sight(self) -> "LiveModel":
        """Begin to watch: it remembers nothing, so it is its own `Sight`."""
        return self

    def see(self, clip: Clip, at_frame: int) -> Seen:
        """As `Sight` says."""
        return Seen(self.probabilities(clip))

    def decider(self, settings: RecognitionSettings, first_number: int = 1) -> Decider:
        """As `Watcher` says."""
        return Decider(self.actions, settings, first_number)

    def judge(self, segments: Sequence[Segment]) -> Judge:
        """As `Watcher` says."""
        return Judge(segments, self.actions, self.shape)

    def probabilities(self, clip: Clip) -> Probabilities:
        """Of one clip, as `Backend` says.

        Raises:
            FsamtError: They are no numbers: one such answer would stay in every mean after it.
        """
        found = self.backend.probabilities(clip)
        if not np.isfinite(found).all():
            raise FsamtError(
                f"{self.backend.name} gave an answer that is no number.",
                "Let the CPU compute it, or choose another recogniser.",
            )
        return found


def open_live_model(
    library: Library,
    record: ModelRecord,
    device: str = "auto",
    *,
    on_progress: OnProgress | None = None,
) -> LiveModel:
    """Open a recogniser, with the fastest way to compute it on this computer.

    It takes a second or two; some seconds more the first time, when the network is written for ONNX
    Runtime.

    Args:
        device: "auto", "cpu" or "cuda".

    Raises:
        FsamtError: It recognises no actions, or not from depth; its files are broken; there is no
            such device.
    """
    refuse_what_cannot_watch(record)
    if on_progress:
        on_progress(Progress("Loading the model", 0, 1))
    chosen = choose_device(device)
    loaded = load_model(library, record, choose_device("cpu"))
    backend, measured = fastest_backend(library, loaded, chosen, on_progress=on_progress)
    return LiveModel(
        record,
        record.actions,
        loaded.preparation.depth,
        loaded.shape,
        training_rate_hz(library, record),
        backend,
        measured,
    )
