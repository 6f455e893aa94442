"""Anchors, assignment and region pooling of R-C3D, each by itself."""

import numpy as np
import pytest
import torch

from fsamt_engine.detection.r_c3d_anchors import (
    anchor_lengths,
    anchors,
    moved,
    offsets,
    overlaps,
    shares_in,
)
from fsamt_engine.detection.r_c3d_assignment import (
    NEITHER,
    assign_anchors,
    assign_regions,
    sample,
)
from fsamt_engine.detection.r_c3d_regions import pool_regions, region_weights
from fsamt_engine.detection.r_c3d_settings import RC3DSettings, settings_for
from fsamt_engine.evaluation.detections import overlap
from fsamt_engine.modalities.clips import ClipShape

NOTHING = torch.zeros(0, 2)


def spans_of(*pairs: tuple[float, float]) -> torch.Tensor:
    return torch.tensor(pairs, dtype=torch.float32)


def test_every_length_between_the_segments_has_an_anchor_like_it() -> None:
    lengths = np.array(anchor_lengths([1.0, 1.3, 4.0]))
    assert lengths[0] < 1.0
    assert lengths[-1] > 4.0
    for segment in np.linspace(1.0, 4.0, 50):
        assert max(np.minimum(segment, lengths) / np.maximum(segment, lengths)) > 0.88


def test_segments_of_one_length_have_a_few_anchors_and_very_different_ones_not_too_many() -> None:
    assert len(anchor_lengths([2.0])) == 3
    assert len(anchor_lengths([0.2, 400.0])) == 20


def test_anchors_lie_around_the_step_that_their_cell_looks_at() -> None:
    found = anchors(3, 4, torch.tensor([2.0, 6.0]))
    wanted = spans_of((-1, 1), (-3, 3), (3, 5), (1, 7), (7, 9), (5, 11))
    torch.testing.assert_close(found, wanted)


def test_moving_by_the_offsets_gives_the_span() -> None:
    spans, references = spans_of((3, 9), (10, 11)), spans_of((2, 10), (9, 14))
    torch.testing.assert_close(moved(references, offsets(spans, references)), spans)
    centre, length = offsets(spans_of((4, 8)), spans_of((0, 8)))[0]
    assert centre == pytest.approx(0.25)
    assert length == pytest.approx(np.log(0.5))


def test_a_wild_offset_gives_no_endless_span() -> None:
    start, end = moved(spans_of((0, 8)), torch.tensor([[0.0, 99.0]]))[0]
    assert end - start == pytest.approx(32.0)


def test_overlaps_are_those_that_detections_are_scored_by() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.rand(n, 2, generator=generator).cumsum(1) * 10 for n in (20, 7))
    wanted = overlap(*(x.numpy()[:, None] for x in a.T), *(x.numpy()[None] for x in b.T))
    np.testing.assert_allclose(overlaps(a, b).numpy(), wanted, atol=1e-5)


def test_share_is_of_the_span_itself() -> None:
    assert shares_in(spans_of((0, 10)), spans_of((-5, 2), (9, 30))).item() == pytest.approx(0.3)


def test_anchors_are_actions_from_seven_tenths_on_and_none_below_three() -> None:
    truth = spans_of((10, 20))
    given = spans_of((10, 20), (10, 17.1), (10, 16), (10, 12.9), (30, 40))
    labels, owners = assign_anchors(given, truth, NOTHING, 50)
    assert labels.tolist() == [1, 1, NEITHER, 0, 0]
    assert owners[:4].tolist() == [0, 0, 0, 0]


def test_the_best_anchor_of_a_segment_is_an_action_even_if_it_overlaps_less() -> None:
    labels, owners = assign_anchors(
        spans_of((0, 4), (3, 9), (20, 24)), spans_of((4, 14), (20, 24)), NOTHING, 50
    )
    assert labels.tolist() == [0, 1, 1]
    assert owners.tolist()[1:] == [0, 1]


def test_anchors_beyond_the_window_and_in_ignored_stretches_teach_nothing() -> None:
    given = spans_of((-1, 5), (44, 51), (10, 20), (11, 14), (25, 35))
    labels, _ = assign_anchors(given, NOTHING, spans_of((12, 22)), 50)
    assert labels.tolist() == [NEITHER, NEITHER, NEITHER, NEITHER, 0]


def test_a_segment_beside_an_ignored_stretch_is_learned_all_the_same() -> None:
    labels, _ = assign_anchors(spans_of((10, 21)), spans_of((10, 20)), spans_of((20, 30)), 50)
    assert labels.tolist() == [1]


def test_proposals_are_the_action_that_they_half_overlap_or_background() -> None:
    labels, owners = assign_regions(
        spans_of((10, 20), (15, 25), (12, 22), (40, 48), (30, 36)),
        spans_of((10, 20), (50, 60)),
        torch.tensor([2, 0]),
        spans_of((29, 37)),
        3,
    )
    assert labels.tolist() == [2, 3, 2, 3, NEITHER]
    assert owners[0] == 0


def test_sample_takes_the_ratio_and_fills_up_with_what_there_is() -> None:
    positive = torch.arange(100) < 40
    for n_positive, wanted in ((40, 16), (5, 5), (0, 0)):
        torch.manual_seed(0)
        some = torch.arange(100) < n_positive
        taken = sample(some, ~positive, 64, 3)
        assert len(taken) == len(taken.unique()) == min(64, 60 + wanted)
        assert some[taken].sum() == wanted
    torch.manual_seed(1)
    first = sample(positive, ~positive, 10, 1)
    torch.manual_seed(1)
    assert torch.equal(first, sample(positive, ~positive, 10, 1))


def test_pooled_parts_are_means_over_time_in_which_a_half_cell_counts_half() -> None:
    maps = torch.arange(6.0).reshape(1, 1, 6)
    pooled = pool_regions(maps, torch.tensor([0]), spans_of((0.5, 4.5)), 2)
    torch.testing.assert_close(pooled, torch.tensor([[[1.0, 3.0]]]))


def test_regions_are_pooled_from_their_own_window_and_keep_their_place_in_space() -> None:
    maps = torch.randn(3, 5, 8, 2, 4)
    owners, regions = torch.tensor([0, 2, 2]), spans_of((0, 8), (2, 3), (1, 5))
    pooled = pool_regions(maps, owners, regions, 1)
    assert pooled.shape == (3, 5, 1, 2, 4)
    torch.testing.assert_close(pooled[0, :, 0], maps[0].mean(1))
    torch.testing.assert_close(pooled[1, :, 0], maps[2, :, 2])
    torch.testing.assert_close(pooled[2, :, 0], maps[2, :, 1:5].mean(1))


def test_what_lies_outside_the_window_counts_for_nothing() -> None:
    weights = region_weights(spans_of((-4, 4), (20, 30)), 8, 2)
    torch.testing.assert_close(weights.sum(-1), torch.tensor([[0.0, 1.0], [0.0, 0.0]]))


def test_gradient_of_pooling_is_that_of_its_formula() -> None:
    maps = torch.randn(2, 2, 5, 2, dtype=torch.float64, requires_grad=True)
    owners = torch.tensor([0, 1, 1])
    regions = torch.tensor([(0.3, 4.2), (1.0, 2.0), (-1.0, 3.7)], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: pool_regions(x, owners, regions, 3), (maps,))


def test_settings_follow_from_the_segments() -> None:
    student = ClipShape(n_frames=16, step=4, size=64)
    settings = settings_for([48, 61, 94], 30.0, student)
    assert settings.lengths[0] < 48
    assert settings.lengths[-1] > 94
    assert settings.n_steps * 4 > 1.4 * settings.lengths[-1]
    assert settings.stride * 4 * 2 <= settings.lengths[0]
    assert settings_for([480, 900], 30.0, student).stride == 32
    assert settings_for([5, 6], 30.0, student).stride == 1
    assert RC3DSettings.from_dict(settings.to_dict()) == settings
