"""What is to run, and what runs then."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress
from fsamt_engine.recognition.settings import RecognitionSettings
from fsamt_engine.recognition.take_camera import TAKE

if TYPE_CHECKING:
    from fsamt_engine.capture.feed import CameraFeed
    from fsamt_engine.recognition.recogniser import Recogniser
    from fsamt_engine.recognition.watcher import Watcher


@dataclass(frozen=True)
class Wanted:
    """What is to run.

    Attributes:
        library: Where the model is, and the take if it is one.
        source_id: "realsense:SERIAL", "file:PATH", "simulated…" or "take:TAKE_ID".
        model: Which recogniser.
        settings: How its answers become actions.
        device: As the engine names it, "" for the fastest.
        turn: Counts up, so that the same source can be begun anew.
    """

    library: Library
    source_id: str
    model: ModelRecord
    settings: RecognitionSettings
    device: str = ""
    turn: int = 0

    @property
    def is_take(self) -> bool:
        """Whether a take of the library is watched."""
        return self.source_id.startswith(f"{TAKE}:")

    def is_same_source(self, other: "Wanted") -> bool:
        """Whether the camera can stay open."""
        return (self.source_id, self.turn) == (other.source_id, other.turn)


@dataclass
class Running:
    """What a background thread opened."""

    wanted: Wanted
    feed: "CameraFeed"
    recogniser: "Recogniser"
    model: "Watcher"

    def close(self) -> None:
        """Stop recognising, and close the source; it may take a moment."""
        self.recogniser.close()
        self.feed.close()


def open_model(wanted: Wanted, on_progress: OnProgress) -> "Watcher":
    """Open the recogniser or the detector that is wanted.

    Raises:
        FsamtError: It knows no action, its files are broken, or it does not see depth.
    """
    from fsamt_engine.recognition.opening import open_watcher

    if not wanted.model.actions:
        raise FsamtError(f"{wanted.model.name} knows no action.", "Finetune it first.")
    return open_watcher(
        wanted.library, wanted.model, wanted.device or "auto", on_progress=on_progress
    )
