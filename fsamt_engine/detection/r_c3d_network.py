"""R-C3D's two networks on the maps of a window: proposals, and what each proposal shows.

Xu, Das and Saenko, "R-C3D: Region Convolutional 3D Network for Temporal Activity Detection", ICCV
2017; numbers that the paper leaves open are those of github.com/VisionLearningGroup/R-C3D.

As published: features of a whole window, computed once; a 3x3x3 convolution and a maximum over
space; for each anchor a score and how the action lies relative to it; proposals without those that
overlap a better one by more than 0.7; pooling of the same features over each proposal; a class with
background among them, and ends for each class by itself; first weights from N(0, 0.01), of the last
regression N(0, 0.001).

What departs, and why:

- The backbone is the student, and its strides over time are dilations from a point on (`dense`).
- The class is told from the mean over the proposal and over space, through a steady norm and one
  linear layer. The paper takes maxima of 1 x 4 x 4 parts through two layers of 4096. The mean is
  what the student has learned to make alike to its teacher's; and two labels an action cannot teach
  33 million weights.
- The ends are told from 8 parts in time of the proposal and half its length on either side, so that
  what begins just before it and ends just after it is seen.
- A candidate's score is its class's probability times that of its proposal. The second network
  judges intervals that the first has taken for actions; the first has seen all of the take.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fsamt_engine.detection.nms import nms
from fsamt_engine.detection.r_c3d_anchors import anchors, moved
from fsamt_engine.detection.r_c3d_regions import pool_regions
from fsamt_engine.detection.r_c3d_settings import RC3DSettings

PROPOSAL_OVERLAP = 0.7
"""Above which only the better of two proposals stays."""
REGION_SCALE = (0.1, 0.2)
"""What offsets of the second network are in, as in the published code."""

_BEFORE_SUPPRESSION = 200
_SHORTEST = 1.0
"""Steps; what a wild offset makes shorter is no proposal."""
_HIDDEN = 128
_DROPOUT = 0.3


@dataclass(frozen=True, eq=False)
class Proposed:
    """What the proposal network says of windows.

    Attributes:
        anchors: (N, 2) steps.
        scores: (B, N) logits that an anchor is an action.
        offsets: (B, N, 2) how the action lies relative to the anchor.
    """

    anchors: Tensor
    scores: Tensor
    offsets: Tensor


class SteadyNorm(nn.Module):
    """Takes away mean and spread as seen so far, in training as in use.

    A recogniser's norm before its classifier (see `NamingModule`) sees as many actions as clips. A
    batch of windows shows four or so: its own mean would hide just what tells them apart.

    Args:
        dim: Length D of what is normalised.
    """

    _MOMENTUM = 0.1
    _LEAST = 1e-5

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.mean: Tensor
        self.variance: Tensor
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("variance", torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(N, D) float32 of (N, D)."""
        x = x.float()
        if self.training and len(x) > 1:
            with torch.no_grad():
                self.mean.lerp_(x.mean(0), self._MOMENTUM)
                self.variance.lerp_(x.var(0), self._MOMENTUM)
        return (x - self.mean) / torch.sqrt(self.variance + self._LEAST)


class RC3DNetwork(nn.Module):
    """Proposal network and region network.

    Args:
        dim: D, channels of the maps.
        n_actions: A, without background.
        settings: Numbers of this detector.
        stride: Steps between two cells of the maps.
        step: Main frames between two frames of a window.
    """

    def __init__(
        self, dim: int, n_actions: int, settings: RC3DSettings, stride: int, step: int
    ) -> None:
        super().__init__()
        self.n_actions = n_actions
        self.settings = settings
        self.stride = stride
        self.lengths: Tensor
        self.register_buffer("lengths", torch.tensor(settings.lengths) / step, persistent=False)
        n_lengths = len(settings.lengths)
        self.conv = nn.Conv3d(dim, settings.width, 3, padding=1)
        self.objectness = nn.Conv1d(settings.width, n_lengths, 1)
        self.shifts = nn.Conv1d(settings.width, 2 * n_lengths, 1)
        self.norm = SteadyNorm(dim)
        self.dropout = nn.Dropout(_DROPOUT)
        self.classifier = nn.Linear(dim, n_actions + 1)
        self.hidden = nn.Linear(dim * settings.n_parts, _HIDDEN)
        self.regressor = nn.Linear(_HIDDEN, 2 * n_actions)
        for part in (self.conv, self.objectness, self.shifts, self.classifier, self.regressor):
            assert part.bias is not None
            nn.init.normal_(part.weight, std=0.001 if part is self.regressor else 0.01)
            nn.init.zeros_(part.bias)

    def propose(self, maps: Tensor) -> Proposed:
        """What each anchor shows, of maps (B, D, T', H', W')."""
        x = F.relu(self.conv(maps)).amax((3, 4))
        scores = self.objectness(x).transpose(1, 2).flatten(1)
        by = self.shifts(x).unflatten(1, (-1, 2)).permute(0, 3, 1, 2).flatten(1, 2)
        places = anchors(maps.shape[2], self.stride, self.lengths)
        return Proposed(places, scores.float(), by.float())

    @torch.no_grad()
    def best(self, proposed: Proposed) -> list[tuple[Tensor, Tensor]]:
        """The proposals of each window that remain: spans (P, 2) in steps and scores (P,) 0..1."""
        found = []
        for scores, by in zip(proposed.scores, proposed.offsets, strict=True):
            top = scores.topk(min(_BEFORE_SUPPRESSION, len(scores)))
            spans = moved(proposed.anchors[top.indices], by[top.indices])
            spans = spans.clamp(0, self.settings.n_steps)
            is_long = spans[:, 1] - spans[:, 0] > _SHORTEST
            spans, kept = spans[is_long], top.values[is_long].sigmoid()
            # Rounded, so that the last bits of a sum decide nothing.
            places = nms(
                spans.double().cpu().numpy().round(3),
                kept.double().cpu().numpy().round(6),
                PROPOSAL_OVERLAP,
            )
            chosen = torch.as_tensor(places[: self.settings.n_proposals], device=spans.device)
            found.append((spans[chosen], kept[chosen]))
        return found

    def classify(self, maps: Tensor, owners: Tensor, regions: Tensor) -> tuple[Tensor, Tensor]:
        """What regions show, and where it really lies.

        Args:
            maps: (B, D, T', H', W').
            owners: (N,) int64, the window of each region, in rising order.
            regions: (N, 2) steps.

        Returns:
            Logits (N, A + 1), background last; and offsets (N, A, 2) in `REGION_SCALE`.
        """
        cells = regions / self.stride + 0.5  # Cell i looks at the steps around i * stride.
        halves = (cells[:, 1:] - cells[:, :1]) / 2
        around = torch.cat([cells[:, :1] - halves, cells[:, 1:] + halves], 1)
        over_space = maps.mean((3, 4))
        whole = pool_regions(over_space, owners, cells, 1).flatten(1)
        parts = pool_regions(over_space, owners, around, self.settings.n_parts).flatten(1)
        return self.judged(whole, parts)

    def judged(self, whole: Tensor, parts: Tensor) -> tuple[Tensor, Tensor]:
        """What `classify` says of regions whose features are pooled already.

        Args:
            whole: (N, D), means over the regions.
            parts: (N, D * n_parts), means over the parts of each with its surroundings.
        """
        logits = self.classifier(self.dropout(self.norm(whole)))
        by = self.regressor(self.dropout(F.relu(self.hidden(parts))))
        return logits.float(), by.float().unflatten(1, (self.n_actions, 2))

    @torch.no_grad()
    def found(self, maps: Tensor) -> list[tuple[Tensor, Tensor]]:
        """What windows may show, in eval mode.

        Args:
            maps: (B, D, T', H', W').

        Returns:
            For each window spans (P, A, 2) in steps and scores (P, A), 0..1.
        """
        proposals = self.best(self.propose(maps))
        owners = torch.cat([torch.full((len(p),), b) for b, (p, _) in enumerate(proposals)])
        regions = torch.cat([spans for spans, _ in proposals])
        logits, by = self.classify(maps, owners.to(regions.device), regions)
        of_proposal = torch.cat([score for _, score in proposals])
        scores = logits.softmax(1)[:, :-1] * of_proposal[:, None]
        spans = moved(regions[:, None], by * by.new_tensor(REGION_SCALE))
        spans = spans.clamp(0, self.settings.n_steps)
        sizes = [len(p) for p, _ in proposals]
        return list(zip(torch.split(spans, sizes), torch.split(scores, sizes), strict=True))
