"""Whether a file answers as the model does: on real clips, before it is handed over."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from fsamt_engine.errors import Cancelled, FsamtError
from fsamt_engine.export.clips import ChosenClips, RealClip, whole_clip
from fsamt_engine.export.settings import Parity, ParityRefusedError
from fsamt_engine.learning.store import LoadedModel
from fsamt_engine.library import Library
from fsamt_engine.modalities.clips import frame_indices
from fsamt_engine.modalities.depth import DepthPreparer, prepare_depth
from fsamt_engine.progress import OnProgress, Progress, ShouldStop, Stopwatch

STREAMED_EVERY = 8
"""Of the clips, each so many-th goes through the file frame by frame too."""

Probabilities = npt.NDArray[np.float32]
PreparedClip = npt.NDArray[np.float16]


class Original:
    """The model as the program runs it: `DepthPreparer`, then the network in PyTorch.

    Args:
        loaded: The model.
        network: From (B, T, S, S) prepared depth to (B, A) probabilities.
    """

    def __init__(self, loaded: LoadedModel, network: nn.Module) -> None:
        self._shape = loaded.shape
        self._preparation = loaded.preparation.depth
        self._network = network

    def prepared(self, clip: RealClip) -> PreparedClip:
        """What the network sees of a clip that is given whole: (T, S, S), 0..1."""
        frames = prepare_depth(clip.frames, self._preparation, clip.unit_m, clip.intrinsics)
        return self._newest(frames)

    def prepared_live(self, clip: RealClip) -> PreparedClip:
        """What it sees where the frames come one by one, and nothing is known before."""
        preparer = DepthPreparer(self._preparation, clip.unit_m, clip.intrinsics)
        return self._newest(np.stack([preparer.push(frame) for frame in clip.frames]))

    def probabilities(self, prepared: PreparedClip) -> Probabilities:
        """(A,) of a prepared clip."""
        return run_torch(self._network, prepared)

    def _newest(self, frames: PreparedClip) -> PreparedClip:
        start = max(0, len(frames) - self._shape.span)
        return frames[frame_indices(start, self._shape, len(frames))]


@torch.no_grad()
def run_torch(network: nn.Module, prepared: PreparedClip) -> Probabilities:
    """Probabilities (A,) of one prepared clip (T, S, S), by a module that lies on the CPU."""
    clips = torch.from_numpy(prepared.astype(np.float32))[None]
    return np.asarray(network(clips)[0].float().numpy())


@dataclass(frozen=True)
class Candidate:
    """What is compared with the original.

    Attributes:
        whole: Probabilities (A,) of a clip, from its raw frames or from what was prepared of them.
        streamed: From raw frames that come one by one; None where it takes no raw frames.
    """

    whole: Callable[[RealClip, PreparedClip], Probabilities]
    streamed: Callable[[RealClip], Probabilities] | None = None


def compare(
    library: Library,
    loaded: LoadedModel,
    original: Original,
    candidate: Candidate,
    chosen: ChosenClips,
    tolerance: float,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Parity:
    """Compare the answers on real clips.

    Raises:
        ParityRefusedError: They differ by more than the tolerance, or are no probabilities.
        FsamtError: Every clip is damaged.
        Cancelled: `should_stop` asked for it.
    """
    watch = Stopwatch(len(chosen.windows))
    differences: list[Probabilities] = []
    n_agreeing = n_streamed = n_left_out = 0
    for number, window in enumerate(chosen.windows):
        if should_stop and should_stop():
            raise Cancelled
        clip = whole_clip(library, window, loaded.shape)
        if clip is None:
            n_left_out += 1
            continue
        prepared = original.prepared(clip)
        pairs = [(original.probabilities(prepared), candidate.whole(clip, prepared))]
        if candidate.streamed is not None and number % STREAMED_EVERY == 0:
            live = original.probabilities(original.prepared_live(clip))
            pairs.append((live, candidate.streamed(clip)))
            n_streamed += 1
        n_agreeing += all(_agree(*pair) for pair in pairs)
        differences += [_difference(*pair) for pair in pairs]
        if on_progress:
            done = number + 1
            left = watch.seconds_left(done)
            on_progress(Progress("Comparing clips", done, len(chosen.windows), seconds_left=left))
    if not differences:
        raise FsamtError(
            f"All {n_left_out} clips on which the file would be checked are damaged.",
            "See which takes with the command fsamt library verify, and restore them from a copy.",
        )
    every = np.stack(differences)
    parity = Parity(
        len(chosen.windows) - n_left_out,
        n_streamed,
        n_agreeing,
        float(every.max()),
        float(every.mean()),
        tolerance,
        chosen.of,
        n_left_out,
    )
    if not parity.is_kept:
        raise ParityRefusedError(parity)
    return parity


def _agree(ours: Probabilities, theirs: Probabilities) -> bool:
    return bool(ours.argmax() == theirs.argmax())


def _difference(ours: Probabilities, theirs: Probabilities) -> Probabilities:
    """Of each action; 1, the largest that there is, where an answer is no probability."""
    difference = np.abs(ours - theirs)
    return np.where(np.isfinite(difference), difference, np.float32(1)).astype(np.float32)
