"""Clips through a network without learning: embeddings and probabilities of intervals of takes."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from fsamt_engine.errors import Cancelled
from fsamt_engine.learning.clips import ClipReader, Window
from fsamt_engine.learning.device import Device
from fsamt_engine.library.records import SnapshotItem
from fsamt_engine.modalities.clips import ClipShape, evaluation_starts
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stop, Stopwatch

BATCH = 32
"""Clips at once, where they are of the usual size."""

_USUAL_PIXELS = 16 * 112 * 112


def run_windows(
    network: nn.Module,
    function: Callable[[Tensor], Tensor],
    reader: ClipReader,
    windows: Sequence[Window],
    device: Device,
    *,
    flipped: bool = False,
    what: str = "",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> npt.NDArray[np.float32]:
    """Apply `function` (embed, forward) to windows in batches, in eval mode.

    Returns:
        (len(windows), ...) float32.

    Raises:
        Cancelled: `should_stop` asked for it; whether it may be resumed is up to the caller.
    """
    outputs = list(
        windows_in_batches(
            network,
            function,
            reader,
            windows,
            device,
            flipped=flipped,
            what=what,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    )
    return np.concatenate(outputs) if outputs else np.zeros((0, 0), np.float32)


def windows_in_batches(
    network: nn.Module,
    function: Callable[[Tensor], Tensor],
    reader: ClipReader,
    windows: Sequence[Window],
    device: Device,
    *,
    flipped: bool = False,
    what: str = "",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Iterator[npt.NDArray[np.float32]]:
    """As `run_windows`, batch by batch: (batch, ...) float32 each."""
    network.eval()
    stopwatch = Stopwatch(len(windows))
    for at, part in _batches(windows, clips_at_once(reader.modality, reader.shape)):
        asked = should_stop() if should_stop else None
        if asked:
            raise Cancelled(resumable=asked is not Stop.CANCEL)
        clips = reader.tensor(part, [flipped] * len(part)).to(device.torch_device)
        with torch.no_grad(), device.autocast():
            answers = function(clips).float().cpu().numpy()
        yield answers
        if on_progress:
            done = at + len(part)
            left = stopwatch.seconds_left(done)
            on_progress(Progress(what, done, len(windows), seconds_left=left))


def clips_at_once(modality: Modality, shape: ClipShape) -> int:
    """How many clips go through a network at once: fewer of those that are large.

    Published transformers see up to 64 frames of 256 x 256; 32 of these would fill most GPUs.
    """
    if modality is Modality.SKELETON:
        return BATCH
    return max(1, min(BATCH, BATCH * _USUAL_PIXELS // (shape.n_frames * shape.size**2)))


def _batches(windows: Sequence[Window], size: int) -> Iterator[tuple[int, Sequence[Window]]]:
    for at in range(0, len(windows), size):
        yield at, windows[at : at + size]


def clip_probabilities(
    network: nn.Module,
    reader: ClipReader,
    items: Sequence[SnapshotItem],
    n_clips: int,
    device: Device,
    *,
    what: str = "Testing",
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Softmax of `n_clips` clips spread over each item.

    Returns:
        Probabilities (N, A) of all clips, and for each clip the index of its item (N,).
    """
    windows, owners = [], []
    for index, item in enumerate(items):
        for start in evaluation_starts(item.start, item.end, reader.shape, n_clips):
            windows.append(Window(item.take_id, start, item.end))
            owners.append(index)

    def probabilities(clips: Tensor) -> Tensor:
        logits: Tensor = network(clips)
        return logits.float().softmax(1)

    values = run_windows(
        network,
        probabilities,
        reader,
        windows,
        device,
        what=what,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return values, np.asarray(owners, np.int64)


def item_means(
    values: npt.NDArray[np.float32], owners: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """Mean over the clips of each item: (N clips, A) with owners (N clips,) to (N items, A)."""
    sums = np.zeros((int(owners.max(initial=-1)) + 1, values.shape[1]), np.float32)
    np.add.at(sums, owners, values)
    sums /= np.bincount(owners)[:, None]
    return sums
