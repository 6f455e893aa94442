"""What R-C3D learns in a step: which anchors are actions, and what and where its proposals are.

As published: 64 anchors a window, half of them actions where there are as many; 1 action to 3
background among the proposals, the segments themselves among them; cross-entropy and smooth L1,
summed with equal weight. What departs: label smoothing, as in every finetuning here; 64
proposals a window instead of 128, of windows a tenth as long; and 16 intervals drawn around each
segment are added to the proposals, since the first proposals of a short training hit nothing. The
loop gives AdamW, a warm-up and a cosine instead of SGD at a fixed 1e-4: the paper has hours.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.detection.r_c3d_anchors import offsets
from fsamt_engine.detection.r_c3d_assignment import assign_anchors, assign_regions, sample
from fsamt_engine.detection.r_c3d_detector import RC3D
from fsamt_engine.detection.r_c3d_network import REGION_SCALE, Proposed
from fsamt_engine.detection.r_c3d_windows import TrainingWindows
from fsamt_engine.learning.clips import ClipReader, step_items, step_rng, steps_per_epoch
from fsamt_engine.learning.lessons import mirrored
from fsamt_engine.learning.loop import Batch
from fsamt_engine.learning.settings import Augmentation, FitSettings
from fsamt_engine.learning.spread import together
from fsamt_engine.modalities.tensors import to_tensor

ANCHORS = 64
REGIONS = 64
_ANCHOR_RATIO, _REGION_RATIO = 1, 3
_NEAR = 16
_NEAR_SPREAD = 0.3
"""How far the ends of added intervals lie from a segment's, at most, as a share of its length."""
_ANCHOR_BETA = 1 / 9
"""Where smooth L1 turns straight, of anchors: sigma 3 in the published code."""
_LABEL_SMOOTHING = 0.1
_FEWEST_STEPS = 5


class RC3DLesson:
    """Windows around the drawn segments.

    An epoch has as many steps as two labels an action give, however many labels there are: a
    detector of more labels is not one of more training.

    Args:
        detector: All of it learns.
        reader: Of the detector's windows.
    """

    def __init__(
        self,
        detector: RC3D,
        reader: ClipReader,
        windows: TrainingWindows,
        fit: FitSettings,
        augmentation: Augmentation,
    ) -> None:
        self.module: nn.Module = detector
        per_epoch = steps_per_epoch(2 * detector.n_actions, fit.batch_size)
        self.steps_per_epoch = max(_FEWEST_STEPS, per_epoch)
        self._detector = detector
        self._network = detector.network
        self._reader = reader
        self._windows = windows
        self._fit = fit
        self._augmentation = augmentation

    def batch(self, step: int) -> Batch:
        """(Windows as stored, segments, their actions, ignored stretches)."""
        rng = step_rng(self._fit.seed, step)
        n_segments = len(self._windows.segments)
        chosen = step_items(n_segments, self._fit.batch_size, self._fit.seed, step)
        taught = self._windows.drawn(chosen, rng)
        flipped = mirrored(len(chosen), self._augmentation, rng)
        clips = self._reader.stored(taught.windows, flipped, self._augmentation, rng)
        known = (taught.truth, taught.actions, taught.ignored)
        return (clips, *(torch.from_numpy(part) for part in known))

    def loss(self, batch: Batch) -> Tensor:
        """Proposal and region network together, mean over what was sampled."""
        clips, truth, actions, ignored = batch
        network = self._network
        inputs = to_tensor(clips, self._reader.modality, self._reader.normalisation)
        maps = together(self._detector.maps(inputs))
        proposed = network.propose(maps)
        proposals = network.best(proposed)
        losses: list[Tensor] = []
        regions, owners, labels, wanted = [], [], [], []
        for row, (spans, _) in enumerate(proposals):
            is_there = actions[row] >= 0
            own, names = truth[row, is_there], actions[row, is_there]
            lost = ignored[row, ~ignored[row, :, 0].isnan()]
            losses.append(self._proposal_loss(proposed, row, own, lost))
            offered = torch.cat([spans, _near(own), own]).clamp(0, network.settings.n_steps)
            of_region, whose = assign_regions(offered, own, names, lost, network.n_actions)
            is_action = (of_region >= 0) & (of_region < network.n_actions)
            is_background = of_region == network.n_actions
            taken = sample(is_action, is_background, REGIONS, _REGION_RATIO)
            regions.append(offered[taken])
            owners.append(torch.full_like(taken, row))
            labels.append(of_region[taken])
            # Of background nothing is asked where it lies; without a segment there is no other.
            wanted.append(own[whose[taken]] if len(own) else offered[taken])
        placed, targets = torch.cat(regions), torch.cat(wanted)
        logits, by = network.classify(maps, torch.cat(owners), placed)
        return torch.stack(losses).mean() + _region_loss(
            logits, by, torch.cat(labels), offsets(targets, placed)
        )

    def validate(self) -> dict[str, float] | None:
        """Nothing is held out: with few labels the last weights are kept."""
        return None

    def _proposal_loss(
        self, proposed: Proposed, row: int, truth: Tensor, ignored: Tensor
    ) -> Tensor:
        n_steps = self._network.settings.n_steps
        labels, whose = assign_anchors(proposed.anchors, truth, ignored, n_steps)
        taken = sample(labels == 1, labels == 0, ANCHORS, _ANCHOR_RATIO)
        if not len(taken):
            return proposed.scores[row].sum() * 0.0
        is_action = labels[taken] == 1
        scores = proposed.scores[row, taken]
        loss = F.binary_cross_entropy_with_logits(scores, is_action.float())
        hits = taken[is_action]
        if not len(hits):
            return loss
        wanted = offsets(truth[whose[hits]], proposed.anchors[hits])
        by = proposed.offsets[row, hits]
        apart = F.smooth_l1_loss(by, wanted, beta=_ANCHOR_BETA, reduction="sum")
        return loss + apart / len(taken)


def _near(truth: Tensor) -> Tensor:
    """Intervals around each segment, drawn by torch's generator: (G, 2) to (16 * G, 2)."""
    many = truth.repeat(_NEAR, 1)
    lengths = many[:, 1:] - many[:, :1]
    return many + (2 * torch.rand_like(many) - 1) * _NEAR_SPREAD * lengths


def _region_loss(logits: Tensor, by: Tensor, labels: Tensor, wanted: Tensor) -> Tensor:
    if not len(labels):
        return logits.sum() * 0.0
    naming = F.cross_entropy(logits, labels, label_smoothing=_LABEL_SMOOTHING)
    rows = (labels < by.shape[1]).nonzero()[:, 0]
    told = by[rows, labels[rows]]
    scaled = wanted[rows] / wanted.new_tensor(REGION_SCALE)
    return naming + F.smooth_l1_loss(told, scaled, reduction="sum") / len(labels)
