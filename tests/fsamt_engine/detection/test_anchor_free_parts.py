"""The parts of the anchor-free head on made embeddings: points, targets, losses, learning."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fsamt_engine.detection.anchor_free_lesson import HeadLesson, balanced
from fsamt_engine.detection.anchor_free_losses import distance_loss, focal_loss
from fsamt_engine.detection.anchor_free_network import AnchorFreeHead, HeadShape
from fsamt_engine.detection.anchor_free_targets import Points, Targets, head_shape, targets
from fsamt_engine.detection.embeddings import Moments, TakeEmbeddings
from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.library import BACKGROUND, SnapshotItem
from fsamt_engine.modalities.clips import ClipShape

MOMENTS = Moments.of(ClipShape(16, 4, 64))
DIM = 6


def segment(start: int, end: int, action: str = "wave", take_id: str = "made") -> SnapshotItem:
    return SnapshotItem(take_id, "P1", start, end, action)


def targets_of(items: list[SnapshotItem], n_moments: int = 100, n_levels: int = 1) -> Targets:
    return targets(Points.of(n_moments, n_levels), items, MOMENTS, n_levels)


def test_moments_lie_where_a_camera_has_them() -> None:
    assert MOMENTS.every == 4
    for n_frames in (1, 4, 61, 400, 401, 402, 403):
        frames = MOMENTS.frames(np.arange(MOMENTS.count(n_frames)))
        assert frames[0] < 4
        assert len(frames) == 1 or n_frames - 4 <= frames[-1] < n_frames
        np.testing.assert_allclose(MOMENTS.places(frames), np.arange(len(frames)))
    window = MOMENTS.window("a", 400, 20)
    assert (window.start + MOMENTS.shape.span) % MOMENTS.every == 0


def test_a_take_of_all_frames_is_embedded_from_its_first_to_its_last() -> None:
    first, last = MOMENTS.window("a", 400, 0), MOMENTS.window("a", 400, MOMENTS.count(400) - 1)
    assert first.start == MOMENTS.first - 30
    assert last.start + 30 <= 399


def test_the_middle_of_a_segment_is_positive_and_knows_both_ends() -> None:
    said = targets_of([segment(100, 180), segment(180, 300, BACKGROUND)])
    at = MOMENTS.frames(np.arange(100))
    np.testing.assert_array_equal(said.is_middle, (at >= 120) & (at <= 160))
    np.testing.assert_array_equal(said.is_known, (at >= 100) & (at < 300))
    places = np.flatnonzero(said.is_middle)
    np.testing.assert_allclose(at[places] - 4 * said.distances[0, places], 100, atol=1e-4)
    np.testing.assert_allclose(at[places] + 4 * said.distances[1, places], 180, atol=1e-4)


def test_a_segment_shorter_than_two_moments_has_a_positive_point() -> None:
    frame = int(MOMENTS.frames(10))
    assert targets_of([segment(frame - 1, frame + 2)]).is_middle.sum() == 1


def test_levels_and_the_usual_length_come_from_the_segments() -> None:
    one = head_shape([segment(0, 48), segment(0, 100)], MOMENTS, DIM)
    assert one.n_levels == 1
    assert one.half_length == pytest.approx(np.sqrt(6 * 12.5), abs=1e-3)
    assert head_shape([segment(0, 48), segment(0, 900)], MOMENTS, DIM).n_levels == 4


def test_each_segment_is_found_by_one_level() -> None:
    points = Points.of(300, 3)
    said = targets_of([segment(40, 120), segment(400, 800)], 300, 3)
    assert set(points.levels[said.is_middle & (points.places < 60)]) == {0}
    assert set(points.levels[said.is_middle & (points.places > 60)]) == {2}


def test_points_of_a_level_are_those_that_the_head_answers_for() -> None:
    shape = HeadShape(DIM, 3, 8.0)
    told = AnchorFreeHead(shape).eval()(torch.zeros(2, DIM, 37))
    points = Points.of(37, 3)
    assert told.logits.shape == (2, len(points.places))
    assert told.distances.shape == (2, 2, len(points.places))
    assert (told.distances > 0).all()


def test_what_a_head_says_depends_on_its_reach_alone() -> None:
    head = AnchorFreeHead(HeadShape(DIM, 1, 8.0)).eval()
    values = torch.randn(1, DIM, 101)
    changed = values.clone()
    changed[..., : 50 - head.shape.reach] += 5
    with torch.no_grad():
        before, after = head(values), head(changed)
    assert torch.allclose(before.logits[0, 50:], after.logits[0, 50:], atol=1e-5)
    assert not torch.allclose(before.logits[0, :30], after.logits[0, :30], atol=1e-3)


def test_a_shape_is_the_same_after_json() -> None:
    shape = HeadShape(DIM, 2, 7.5)
    assert HeadShape.from_dict(shape.to_dict()) == shape
    with pytest.raises(TypeError):
        HeadShape.from_dict(shape.to_dict() | {"colour": 1})


def test_the_focal_loss_is_that_of_the_paper() -> None:
    logits, truth = torch.tensor([0.0, 2.0, -1.0]), torch.tensor([1.0, 0.0, 1.0])
    p = torch.sigmoid(logits)
    by_hand = torch.stack(
        [
            -0.25 * (1 - p[0]) ** 2 * p[0].log(),
            -0.75 * p[1] ** 2 * (1 - p[1]).log(),
            -0.25 * (1 - p[2]) ** 2 * p[2].log(),
        ]
    )
    torch.testing.assert_close(focal_loss(logits, truth), by_hand)


def test_the_distance_loss_is_one_minus_the_overlap_and_the_distance_of_middles() -> None:
    # 4..16 and 10..20 around 12: 6 of 16 shared, middles 10 and 15.
    told, truth = torch.tensor([8.0, 4.0]), torch.tensor([2.0, 8.0])
    assert distance_loss(told, truth).item() == pytest.approx(1 - 6 / 16 + (5 / 16) ** 2)
    assert distance_loss(truth, truth).item() == pytest.approx(0, abs=1e-6)


def test_background_is_neither_rare_nor_drowns_the_actions() -> None:
    drawn = [segment(10 * n, 10 * n + 9, f"action {n % 5}") for n in range(10)]
    still = [segment(1000 + n, 1001 + n, BACKGROUND) for n in range(500)]
    items = balanced(drawn + still, 5, seed=0)
    n_still = sum(item.action == BACKGROUND for item in items)
    assert n_still == pytest.approx(3 * (len(items) - n_still) / 5, abs=1)
    assert 100 <= len(items) <= 160
    assert balanced(drawn + still, 5, seed=0) == items
    assert balanced(drawn, 5, seed=0) == drawn * 13


def made_take(seed: int, take_id: str = "made") -> tuple[TakeEmbeddings, list[SnapshotItem]]:
    """Noise, in which the first number is high while something is done."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 0.3, (2, 150, DIM)).astype(np.float32)
    at = MOMENTS.frames(np.arange(150))
    items, end = [], 20
    while end < 500:
        start, before = end + int(rng.integers(20, 60)), end
        end = start + int(rng.integers(48, 100))
        items += [segment(before, start, BACKGROUND, take_id), segment(start, end, "wave", take_id)]
        values[:, (at >= start) & (at < end), 0] += 2
    return TakeEmbeddings(take_id, values), items


def made_lesson(items: list[SnapshotItem], embeddings: TakeEmbeddings) -> HeadLesson:
    torch.manual_seed(0)
    head = AnchorFreeHead(HeadShape(DIM, 1, 9.0, width=16), dropout=0.0)
    fit = FitSettings(batch_size=4)
    return HeadLesson(head, [embeddings], items, MOMENTS, 64, fit, mirrored=True)


def test_a_step_depends_on_its_number_alone() -> None:
    embeddings, items = made_take(0)
    lesson, again = made_lesson(items, embeddings), made_lesson(items, embeddings)
    again.batch(3)
    for one, other in zip(lesson.batch(7), again.batch(7), strict=True):
        torch.testing.assert_close(one, other)


def test_what_is_in_no_item_gives_no_loss() -> None:
    embeddings, items = made_take(0)
    lesson = made_lesson(items, embeddings)
    values, known, middle, distances, weight = lesson.batch(0)
    values.requires_grad_()
    told = lesson.module(values)
    told.logits.retain_grad()
    naming = focal_loss(told.logits, middle.float()) * known
    naming.sum().backward()
    assert (told.logits.grad[~known] == 0).all()
    nothing = torch.zeros_like(known)
    assert lesson.loss((values, nothing, middle, distances, weight)).item() == 0
    without = [item for item in items if item.action != BACKGROUND]
    assert made_lesson(without, embeddings).batch(0)[1].sum() < known.sum()


def test_micro_batches_add_up_to_the_loss_of_the_batch() -> None:
    embeddings, items = made_take(0)
    lesson = made_lesson(items, embeddings)
    lesson.module.eval()
    batch = lesson.batch(0)
    parts = [lesson.loss(tuple(t[i : i + 2] for t in batch)) for i in (0, 2)]
    torch.testing.assert_close(lesson.loss(batch), torch.stack(parts).mean())


def test_beyond_a_take_nothing_is_learned() -> None:
    embeddings, _ = made_take(0)
    short = replace(embeddings, values=embeddings.values[:, :20])
    known = made_lesson([segment(10, 60), segment(0, 5000, BACKGROUND)], short).batch(0)[1]
    assert (known.sum(1) <= 20).all()
    assert known.any()


def test_after_few_steps_the_ends_in_another_take_are_found() -> None:
    embeddings, items = made_take(0)
    lesson = made_lesson(items, embeddings)
    optimizer = torch.optim.AdamW(lesson.module.parameters(), lr=3e-3)
    for step in range(80):
        optimizer.zero_grad()
        lesson.loss(lesson.batch(step)).backward()
        optimizer.step()
    other, truth = made_take(1)
    lesson.module.eval()
    with torch.no_grad():
        told = lesson.module(torch.from_numpy(other.values[:1].transpose(0, 2, 1).copy()))
    likely = told.logits[0].sigmoid().numpy()
    for item in truth:
        at = MOMENTS.frames(np.arange(150))
        own = np.flatnonzero((at >= item.start) & (at < item.end))
        best = own[likely[own].argmax()]
        if item.action == BACKGROUND:
            continue
        start = at[best] - 4 * told.distances[0, 0, best].item()
        end = at[best] + 4 * told.distances[0, 1, best].item()
        shared = min(end, item.end) - max(start, item.start)
        assert shared / (max(end, item.end) - min(start, item.start)) > 0.6


def test_processes_that_share_a_batch_have_the_loss_of_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings, items = made_take(0)
    lesson = made_lesson(items, embeddings)
    batch = lesson.batch(0)
    of_all = lesson.loss(batch)
    told = lesson.module(batch[0])
    whole = {part.shape[1:]: part for part in (told.logits, told.distances)}
    monkeypatch.setattr(
        "fsamt_engine.detection.anchor_free_lesson.together", lambda own: whole[own.shape[1:]]
    )
    torch.testing.assert_close(lesson.loss((batch[0][:3], *batch[1:])), of_all)
