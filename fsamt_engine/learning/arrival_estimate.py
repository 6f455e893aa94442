"""What takes that are not in the library yet will cost: their import, their flow, their embeddings.

At the scale of NTU RGB+D 120 each of the three takes hours or days, and none can be guessed.
"""

from dataclasses import dataclass
from pathlib import Path

from fsamt_engine.datasets.estimate import ImportEstimate, tried_out
from fsamt_engine.datasets.importing import ImportChoice
from fsamt_engine.datasets.reader import DataSetReader
from fsamt_engine.learning.device import choose_device
from fsamt_engine.learning.inference import BATCH
from fsamt_engine.learning.pace import MadeUpReader, clip_seconds, without_chance
from fsamt_engine.learning.settings import TransferSettings
from fsamt_engine.library import Library
from fsamt_engine.library.takes import list_takes, take
from fsamt_engine.modalities.available import has
from fsamt_engine.modalities.clips import ClipShape, clip_starts
from fsamt_engine.modalities.pace import missing_takes, preparing_seconds
from fsamt_engine.modalities.preparation import Modality, Preparation
from fsamt_engine.networks import build, spec
from fsamt_engine.progress import OnProgress, ShouldStop

TEACHER = "resnext3d_101"
"""The network of the published flow teacher (MARS), whose embeddings are counted."""
_FLOAT32, _UINT8 = 4, 1


@dataclass(frozen=True)
class ArrivalEstimate:
    """What takes to come will cost on this machine, as busy as it is now.

    Attributes:
        arrival: Their import.
        flow_s, flow_bytes: Computing and keeping their optical flow; 0 without colour.
        embeddings_s, embeddings_bytes: Caching the embeddings of a flow teacher; 0 without colour.
        teacher: Network of that teacher.
        device: What it was measured on.
    """

    arrival: ImportEstimate
    flow_s: float
    flow_bytes: int
    embeddings_s: float
    embeddings_bytes: int
    teacher: str
    device: str


def estimate_arrival(
    library: Library,
    reader: DataSetReader,
    source: Path,
    choice: ImportChoice,
    *,
    workers: int | None = None,
    device: str = "auto",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> ArrivalEstimate:
    """Measures on a few takes what an import will cost, and what comes after it.

    Args:
        library: Where the takes are to go; nothing in it changes.
        reader: Knows the data set's layout.
        source: The data set's folder.
        choice: Which takes, and whether they are copied.
        workers: Of the import; None for as many as processors.
        device: Where the teacher runs.
        on_progress: Gets the progress of the trial.
        should_stop: Asked often; any answer but None stops.

    Raises:
        Cancelled: `should_stop` said so.
        FsamtError: There is nothing to import, no room for a few takes, or no such device.
    """
    chosen = choose_device(device)
    shape = ClipShape(n_frames=spec(TEACHER).n_frames, size=spec(TEACHER).size)
    preparation = Preparation().with_size(shape.size)
    with tried_out(
        library,
        reader,
        source,
        choice,
        workers=workers,
        on_progress=on_progress,
        should_stop=should_stop,
    ) as (arrival, trial):
        tried = [take(trial, row.id) for row in list_takes(trial)]
        seen = [one for one in tried if has(one, Modality.FLOW)]
        if not seen:
            return ArrivalEstimate(arrival, 0.0, 0, 0.0, 0, TEACHER, chosen.name)
        missing = missing_takes(trial, [one.id for one in seen], [Modality.FLOW], preparation)
        tried_frames = sum(one.main.n_frames for one in seen)
        flow_s = preparing_seconds(missing, should_stop) / tried_frames
        network = without_chance(lambda: build(TEACHER, 2))
        made_up = MadeUpReader(trial, Modality.FLOW, preparation, shape, TEACHER)
        n_at_once = BATCH if chosen.is_gpu else 1
        clip_s = clip_seconds(network, network.embed, made_up, n_at_once, chosen)
    n_frames = arrival.n_colour_frames
    windows = clip_starts(0, tried_frames // len(seen), shape, TransferSettings().window_stride)
    # Each window and its mirrored twin, as a transfer asks for them.
    n_clips = 2 * len(windows) * round(arrival.n_takes * len(seen) / len(tried))
    return ArrivalEstimate(
        arrival,
        flow_s * n_frames,
        n_frames * 2 * preparation.size**2 * _UINT8,
        n_clips * clip_s,
        n_clips * network.embedding_dim * _FLOAT32,
        TEACHER,
        chosen.name,
    )
